import History
import Model

/// What whoever adds to a history does for it afterwards.
enum HistoryUpkeep {
  /// Rolls up what is older than the file keeps in detail. What was added is committed already, so a failure is only
  /// said: the next command tries again.
  static func rollUp(_ store: HistoryStore) {
    do {
      guard let result = try store.rollUp(now: .now), result.minuteRows + result.hourRows + result.intervals > 0 else {
        return
      }
      Diagnostics.note(
        "rolled up in \(store.path): before \(HistoryWindow.text(result.fineFrom)) minutes became hours, before "
          + "\(HistoryWindow.text(result.hoursFrom)) hours became days (sums and percentiles stay exact; "
          + "pgassay history prune --help says how to keep more)")
    } catch {
      Diagnostics.warning("what is old could not be rolled up: \(error.sentence)")
    }
  }
}

import Foundation
import History
import Model

/// The stretch of a history that a command is about, and how to say it.
struct HistoryWindow {
  /// What is read.
  let window: TimeWindow
  let bounds: Range<Timestamp>
  /// Everything recorded.
  let extent: Range<Timestamp>
  /// How the window came about, for people.
  let origin: String
  /// Whether less is kept than was asked for.
  let isMoved: Bool

  /// `compares`: where no window is asked for, the later half of what is recorded, so that there is one before it.
  ///
  /// - Throws: `HistoryError` for an empty history or an unknown snapshot.
  init(_ store: HistoryStore, _ options: WindowOptions, between: [String] = [], compares: Bool = false) throws {
    guard let span = try store.span(), let first = span.from, let last = span.to else {
      throw HistoryError.notFound(path: store.path, what: "observations yet; run pgassay ingest first")
    }
    extent = first..<max(last, first + Microseconds(1))
    let bounds: Range<Timestamp>
    let origin: String
    if between.count == 2 {
      let snapshots = try store.snapshots()
      let ends = try between.map { id in
        guard let found = snapshots.first(where: { $0.id == id || id.count >= 4 && $0.id.hasPrefix(id) }) else {
          if try store.catalogs().contains(where: { $0.id == id || id.count >= 4 && $0.id.hasPrefix(id) }) {
            throw HistoryError.notFound(
              path: store.path,
              what:
                "statement counters in snapshot \(id), only a catalog: pg_stat_statements was not there to be read; "
                + "`pgassay history list` prints the snapshots that have them")
          }
          throw HistoryError.notFound(
            path: store.path, what: "snapshot \(id); `pgassay history list` prints those that it has")
        }
        return found
      }
      let (low, high) = (min(ends[0].at, ends[1].at), max(ends[0].at, ends[1].at))
      guard low < high else {
        throw HistoryError.notFound(
          path: store.path, what: "time between \(between[0]) and \(between[1]): they were taken at the same instant")
      }
      bounds = low..<high
      origin = "between snapshots \(between[0]) and \(between[1])"
    } else if compares, !options.isGiven {
      let length = Microseconds((extent.upperBound - extent.lowerBound).value / 2)
      bounds = Timestamp(microseconds: extent.upperBound.microseconds - length.value)..<extent.upperBound
      origin = "the later half of what is recorded"
    } else {
      bounds = options.window(in: extent)
      origin = options.isGiven ? "as asked for" : "everything recorded"
    }
    let asked = TimeWindow(from: bounds.lowerBound, to: bounds.upperBound)
    let (window, why) = try Self.kept(asked, store)
    self.window = window
    self.bounds = (window.from ?? bounds.lowerBound)..<(window.to ?? bounds.upperBound)
    isMoved = why != nil
    self.origin = why.map { "what is kept of \(Self.text(asked)): \($0)" } ?? origin
  }

  /// The stretch of the same length just before.
  func previous(_ store: HistoryStore) throws -> TimeWindow {
    try Self.kept(window.previous ?? window, store).window
  }

  /// What a history still tells of a window, and why it is less.
  private static func kept(_ window: TimeWindow, _ store: HistoryStore) throws -> (window: TimeWindow, why: String?) {
    var window = window
    var deleted: String?
    // Snapshots are listed for longer than what happened between them is kept.
    if let begin = try store.span()?.from, let from = window.from, from < begin,
      let first = try store.snapshots().first?.at, first < begin
    {
      deleted = "nothing from before \(text(begin)) is kept"
      guard let to = window.to, to > begin else {
        throw HistoryError.notFound(
          path: store.path, what: "counts from \(text(window)): nothing from before \(text(begin)) is kept")
      }
      window = TimeWindow(from: begin, to: to)
    }
    let resolved = try store.resolved(window)
    guard let unit = resolved.unit else { return (window, deleted) }
    guard let inside = resolved.window else {
      throw HistoryError.notFound(
        path: store.path,
        what: "whole \(unit) from \(text(window)): only whole \(unit)s are kept of that time; ask for a longer window")
    }
    return (inside, "only whole \(unit)s are kept of that time")
  }

  var days: Double { bounds.upperBound.seconds / 86_400 - bounds.lowerBound.seconds / 86_400 }

  /// Says on standard error that less is kept than was asked for.
  func sayWhereMoved() {
    if isMoved { Diagnostics.note(sentence) }
  }

  /// The bounds, once it is said where they are not as asked for.
  func boundsSaidWhereMoved() -> Range<Timestamp> {
    sayWhereMoved()
    return bounds
  }

  /// What a reader must know of sums that reach over a window's ends.
  static func crossing(_ window: Range<Timestamp>) -> String {
    "only sums of hours or days are kept of that time, and their snapshots were not taken at the window's ends, "
      + text(TimeWindow(from: window.lowerBound, to: window.upperBound))
  }

  var sentence: String { HistoryWindow.text(window) + ", " + origin }

  static func text(_ window: TimeWindow) -> String {
    "\(window.from.map(text) ?? "the beginning") to \(window.to.map(text) ?? "now")"
  }

  /// `2026-03-09 14:05` with seconds where there are any, always UTC.
  static func text(_ time: Timestamp) -> String {
    let text = time.description
    let date = text.prefix(10)
    let clock = text.dropFirst(11).prefix(8)
    return "\(date) \(clock.hasSuffix(":00") ? clock.prefix(5) : clock) UTC"
  }
}

import History
import Model
import Report

/// What `pgassay history prune` did, and what the file keeps from now on.
struct Pruning {
  /// Nil: the file keeps everything.
  let policy: RetentionPolicy?
  /// Nil where nothing was to be done.
  let result: PruneResult?
  let freeBytes: Int64

  /// `minutes for 14 days, hours for 92 days, days for ever`
  static func words(_ policy: RetentionPolicy) -> String {
    "minutes for \(days(policy.fineDays)), hours for \(days(policy.hourDays)), days "
      + (policy.totalDays.map { "for " + days($0) } ?? "for ever")
  }

  private static func days(_ count: Int) -> String { "\(count) day\(count == 1 ? "" : "s")" }

  var lines: [String] {
    guard let policy else { return ["this history keeps everything as it was recorded"] }
    guard let result else { return ["the history is empty; it will keep " + Self.words(policy)] }
    let removed =
      result.minuteRows + result.hourRows + result.dayRows + result.intervals + result.otherRows
      + result.catalogs
    var lines = [
      "kept: " + Self.words(policy),
      "minutes from \(HistoryWindow.text(result.fineFrom)), hours from \(HistoryWindow.text(result.hoursFrom))"
        + (result.daysFrom.map { ", days from \(HistoryWindow.text($0))" } ?? ""),
      removed == 0
        ? "nothing was older"
        : "rolled up: \(Quantity.count(result.minuteRows)) rows of minutes, \(Quantity.count(result.hourRows)) of hours, "
          + "\(Quantity.count(result.dayRows)) of days, \(Quantity.count(result.intervals)) snapshot intervals, "
          + "\(Quantity.count(result.otherRows)) others"
          + (result.catalogs > 0 ? ", \(Quantity.count(result.catalogs)) catalogs between others" : ""),
    ]
    if freeBytes >= 1 << 20 {
      lines.append("\(Quantity.bytes(freeBytes)) of the file are free; pgassay history vacuum gives them back")
    }
    return lines
  }

  var json: JSONValue {
    .document([
      "command": "history prune", "keeps_everything": .bool(policy == nil),
      "minutes_kept_days": .count(policy?.fineDays), "hours_kept_days": .count(policy?.hourDays),
      "days_kept_days": .count(policy?.totalDays), "minutes_from": .text(result?.fineFrom.description),
      "hours_from": .text(result?.hoursFrom.description), "days_from": .text(result?.daysFrom?.description),
      "minute_rows": .count(result?.minuteRows), "hour_rows": .count(result?.hourRows),
      "day_rows": .count(result?.dayRows), "intervals": .count(result?.intervals),
      "other_rows": .count(result?.otherRows), "catalogs": .count(result?.catalogs),
      "free_bytes": .count(freeBytes),
    ])
  }
}

import GRDB
import Model

/// The part of a window that a history can tell of, where only hours or days are kept at its ends.
public struct ResolvedWindow: Sendable, Hashable {
  /// What to read; nil where no whole hour or day lies inside.
  public var window: TimeWindow?
  /// `hour` or `day`, where an end had to move; nil where the window is read as it is.
  public var unit: String?
}

extension HistoryStore {
  /// Moves an end that lies inside a rolled-up hour or day inwards, to where that hour or day ends or begins, so that
  /// nothing is counted of which nobody knows whether it happened inside.
  ///
  /// Hours and days of snapshots end where their last interval does, which need not be on the stroke: an end that
  /// coincides with one stays, as does one that is on the stroke.
  public func resolved(_ window: TimeWindow) throws(HistoryError) -> ResolvedWindow {
    guard let from = window.from, let to = window.to, let span = try span(), let first = span.from, let last = span.to
    else { return ResolvedWindow(window: window) }
    return try read { db in
      let logs = LogReader(db: db)
      let kept = try logs.keptLevels()
      let log = try logs.span()
      let servers = try SnapshotReader(db: db).servers().map(\.id)
      var coarsest = CellLevel.minute
      func moved(_ end: Timestamp, isUpper: Bool) throws -> Timestamp {
        let level = kept.level(ofMinute: end.minute)
        // Observations are after 1970.
        let width = level.minutes * 60_000_000
        let rest = end.microseconds % width
        guard level != .minute, rest != 0, end > first, end < last else { return end }
        var result = end
        if let log, log.from < end, end < log.to {
          result = Timestamp(microseconds: end.microseconds - rest + (isUpper ? 0 : width))
        } else {
          for server in servers {
            guard let row = try SnapshotReader(db: db).row(around: end, level == .day ? .day : .hour, server: server)
            else { continue }
            result = isUpper ? min(result, row.from) : max(result, row.to)
          }
        }
        if result != end { coarsest = max(coarsest, level) }
        return result
      }
      let (low, high) = (try moved(from, isUpper: false), try moved(to, isUpper: true))
      return ResolvedWindow(
        window: low < high ? TimeWindow(from: low, to: high) : nil,
        unit: coarsest == .minute ? nil : coarsest == .hour ? "hour" : "day")
    }
  }
}

extension SnapshotReader {
  /// The ends of the hour's or day's sum that this instant lies inside.
  fileprivate func row(around time: Timestamp, _ level: IntervalLevel, server: Int64) throws -> (
    from: Timestamp, to: Timestamp
  )? {
    // An hour's sum may begin before the hour and end before it does: that of this instant is its own or the next.
    try Row.fetchAll(
      db,
      sql: """
        SELECT from_at, to_at FROM statements_interval
        WHERE server_id = ? AND level = ? AND bucket >= ? AND chosen ORDER BY bucket LIMIT 2
        """, arguments: [server, level.rawValue, level.bucket(time)]
    ).map { (Timestamp(microseconds: $0[0]), Timestamp(microseconds: $0[1])) }
      .first { $0.0 < time && time < $0.1 }
  }
}

internal import GRDB
internal import Model
internal import Statements

/// How much of the time that a server's sessions were active (`pg_stat_database.active_time`, all databases) the
/// statements between its snapshots account for.
///
/// What is missing was spent on statements that were evicted, reset or not tracked, on parsing and planning, on sending
/// rows, and in sessions that have not ended their statement. Execution in background workers (of pg_cron, of
/// extensions) is counted with the statements and not as activity, so the share can exceed one.
public struct StatementsCoverage: Sendable, Hashable {
  /// Why the share is not known.
  public enum Obstacle: String, Sendable, Hashable {
    /// pg_stat_database counts active time since PostgreSQL 14.
    case version
    /// The source has no pg_stat_database: an export of pg_stat_statements.
    case export
    /// A database's statistics were reset, it was dropped, the server crashed, or another one answered.
    case statisticsLost
    /// The server says that nothing was active: `track_activities` is off, or nobody did anything.
    case nothingActive
    /// The extension does not tell nested statements from others, and they are tracked: they would count twice.
    case nestedNotTold
  }

  /// Execution time of statements that clients sent, in nanoseconds.
  public var explained: Int64
  /// In nanoseconds; nil where nobody knows.
  public var active: Int64?
  /// Whether every difference is exact: else the share is a lower bound.
  public var isExact: Bool
  /// Nil where the share is known.
  public var obstacle: Obstacle?

  /// 1 is all.
  public var fraction: Double? {
    guard obstacle == nil, let active, active > 0 else { return nil }
    return Double(explained) / Double(active)
  }
}

extension SnapshotReader {
  func coverage(
    _ explained: Int64, isExact: Bool, _ interval: StatementsInterval, server: Int64
  ) throws -> StatementsCoverage {
    var coverage = StatementsCoverage(explained: explained, active: interval.activeTime, isExact: isExact)
    let context = try String.fetchOne(
      db,
      sql: """
        SELECT c.context FROM statements_snapshot x JOIN statements_context c ON c.id = x.context_id
        WHERE x.server_id = ? AND x.at <= ? ORDER BY x.at DESC LIMIT 1
        """, arguments: [server, interval.to.microseconds]
    ).map { try JSON.value(StatementsContext.self, $0) }
    if context?.countsNestedTwice == true {
      coverage.obstacle = .nestedNotTold
    } else if let active = interval.activeTime {
      coverage.obstacle = active == 0 ? .nothingActive : nil
    } else if let version = context?.serverVersion {
      coverage.obstacle = version.major < 14 ? .version : .statisticsLost
    } else {
      coverage.obstacle = .export
    }
    return coverage
  }
}

import Model
import Statements

/// What statements are ranked by.
public enum WorkloadOrder: String, CaseIterable, Sendable {
  case total, mean, p95, p99, calls, rows, io, temp, wal, planning, jit, errors

  /// The number that ranks a statement, larger first; nil where no source tells it. Milliseconds for times, bytes for
  /// `io`, `temp` and `wal` (blocks taken as 8 kB).
  public func value(of statement: StatementSummary) -> Double? {
    func sum(_ list: [StatementCounter], _ scale: Double) -> Double? {
      statement.snapshots?.sum(list).map { Double($0) * scale }
    }
    switch self {
    case .total: return statement.totalMilliseconds
    case .mean: return statement.meanMilliseconds
    case .p95: return statement.quantile(0.95)?.milliseconds
    case .p99: return statement.quantile(0.99)?.milliseconds
    case .calls: return Double(statement.calls)
    case .rows: return statement.rows.map(Double.init)
    case .io: return sum([.sharedRead, .sharedWritten, .localRead, .localWritten], 8_192)
    case .temp: return sum([.tempRead, .tempWritten], 8_192)
    case .wal: return sum([.walBytes], 1)
    // A log tells nothing of planning where parse and bind steps are not logged.
    case .planning:
      return sum([.planTime], 1e-6)
        ?? statement.log.map { ($0.parse + $0.bind).milliseconds }.flatMap { $0 > 0 ? $0 : nil }
    case .jit: return sum(StatementCounter.jitTimes, 1e-6)
    case .errors: return statement.errors.map(Double.init)
    }
  }

  /// The statements in this order, those without a value left out; ties by total time, then by fingerprint.
  public func sorted(_ statements: [StatementSummary]) -> [StatementSummary] {
    statements.compactMap { statement in value(of: statement).map { (value: $0, statement: statement) } }
      .filter { self == .total || self == .calls || $0.value > 0 }
      .sorted { a, b in
        if a.value != b.value { return a.value > b.value }
        if a.statement.totalMilliseconds != b.statement.totalMilliseconds {
          return a.statement.totalMilliseconds > b.statement.totalMilliseconds
        }
        return (a.statement.fingerprint ?? Fingerprint(.max)) < (b.statement.fingerprint ?? Fingerprint(.max))
      }
      .map(\.statement)
  }
}

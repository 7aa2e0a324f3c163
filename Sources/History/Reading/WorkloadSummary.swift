public import Model
public import Statements

/// Where a statement's calls and times come from: never the sum of both, which would count executions twice.
public enum CountSource: String, Sendable, Hashable, Codable {
  /// Server logs, which hold every execution as far as one can tell.
  case log
  /// Differences of pg_stat_statements snapshots.
  case snapshots
}

/// One statement's part in a window.
public struct StatementSummary: Sendable, Hashable {
  /// Nil for an entry of pg_stat_statements whose text nobody could read.
  public var fingerprint: Fingerprint?
  public var statement: StatementText?
  public var source: CountSource
  public var log: LogTotals?
  public var snapshots: SnapshotTotals?
  /// Where no snapshot counts the statement and the log looks as if it held only slower executions: the fastest one
  /// that it holds of any statement. Calls and times are then lower bounds.
  public var logThreshold: Microseconds?
  /// Whether the log is of all the time that the snapshots count.
  public var logCovers: Bool

  public init(
    fingerprint: Fingerprint?, statement: StatementText?, source: CountSource, log: LogTotals? = nil,
    snapshots: SnapshotTotals? = nil, logThreshold: Microseconds? = nil,
    logCovers: Bool = true
  ) {
    self.fingerprint = fingerprint
    self.statement = statement
    self.source = source
    self.log = log
    self.snapshots = snapshots
    self.logThreshold = logThreshold
    self.logCovers = logCovers
  }

  /// Executions; from the log those with a known duration.
  public var calls: Int64 {
    switch source {
    case .log: log?.calls ?? 0
    case .snapshots: snapshots?.counters[.calls] ?? 0
    }
  }

  /// Execution time in milliseconds.
  public var totalMilliseconds: Double {
    switch source {
    case .log: log?.total.milliseconds ?? 0
    case .snapshots: Double(snapshots?.counters[.execTime] ?? 0) / 1e6
    }
  }

  public var meanMilliseconds: Double? { calls > 0 ? totalMilliseconds / Double(calls) : nil }

  /// Rows returned or affected; only pg_stat_statements counts them.
  public var rows: Int64? { snapshots?.value(.rows) }

  /// Only logs count errors.
  public var errors: Int64? { log?.errors }

  /// False where a difference of snapshots is only a lower bound, where the log holds only slower executions, and where
  /// it is a sample.
  public var isExact: Bool {
    switch source {
    case .log: logThreshold == nil && !isSampled
    case .snapshots: snapshots?.isExact ?? true
    }
  }

  /// Whether the numbers are estimates from a sample (`log_statement_sample_rate`).
  public var isSampled: Bool { source == .log && log?.weight ?? 1 > 1 }

  /// Whether calls and times may be larger than what is known.
  public var isLowerBound: Bool { !isExact && !isSampled }

  /// A quantile of the executions' durations in milliseconds, where every execution is in the log or the slower ones
  /// are (`LatencyEstimate`).
  public func quantile(_ q: Double) -> LatencyEstimate? {
    LatencyEstimate(
      q, log: log, calls: calls, isComplete: source == .log, moments: snapshots, isBound: logThreshold != nil,
      covers: logCovers)
  }
}

/// The workload of a window, statement by statement.
public struct WorkloadSummary: Sendable {
  /// What was asked for.
  public var window: TimeWindow
  /// What there is of it in logs and in snapshots.
  public var logSpan: TimeWindow?
  public var intervals: [ServerIdentity: StatementsInterval]
  /// How much of each server's active time its statements account for, whatever part of them is asked for.
  public var coverage: [ServerIdentity: StatementsCoverage] = [:]
  public var statements: [StatementSummary]
  /// Statements that functions and procedures ran, as pg_stat_statements counts them with `track = all`: their time is
  /// part of their callers', and of one another's where they call again, so it is in no sum.
  public var nested: [StatementSummary] = []
  /// Whether hours or days of snapshots cross the window's edges of which nothing finer is kept: `intervals` says what
  /// is counted.
  public var crossesEdges = false

  /// Execution time of all statements in milliseconds: what shares are shares of.
  public var totalMilliseconds: Double { statements.reduce(0) { $0 + $1.totalMilliseconds } }
  public var calls: Int64 { statements.reduce(0) { $0 + $1.calls } }

  /// Whether these two are neither lower bounds nor estimates.
  public var isExact: Bool { statements.allSatisfy(\.isExact) }
  /// Whether they are lower bounds, because some statement's are.
  public var isLowerBound: Bool { statements.contains(where: \.isLowerBound) }

  /// The workload with its nested statements in the place of the others.
  public var ofNested: WorkloadSummary {
    var result = self
    result.statements = nested
    result.nested = []
    result.logSpan = nil
    return result
  }

  /// Something may be missing between snapshots.
  public var interruptions: [StatementsDifference.Interruption] {
    intervals.sorted { $0.key < $1.key }.flatMap(\.value.interruptions)
  }
}

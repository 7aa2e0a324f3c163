public import Model
import Sketch
import Statements

/// What can be said of a quantile of a statement's durations, in microseconds.
public enum LatencyEstimate: Sendable, Hashable {
  /// From a histogram of all executions: within 1/32.
  case known(Microseconds)
  /// Only slower executions were logged, and fewer than the quantile needs, or nobody knows how many there were in all:
  /// it is at most this.
  case atMost(Microseconds)

  /// - Parameters:
  ///   - calls: all executions, by whichever source counts them.
  ///   - isComplete: the log holds all of them. Otherwise it is taken to hold the slowest (`log_min_duration_statement`
  ///     above zero), which is checked against the mean that pg_stat_statements tells.
  ///   - isBound: faster executions are missing, and nobody counted them: they can only make the quantile smaller.
  ///   - covers: the log is of all the time in which `calls` were counted.
  init?(
    _ q: Double, log: LogTotals?, calls: Int64, isComplete: Bool, moments: SnapshotTotals?, isBound: Bool = false,
    covers: Bool = true
  ) {
    guard let log, log.calls > 0 else { return nil }
    if isComplete || log.calls >= calls {
      guard let middle = log.sketch.quantile(q) else { return nil }
      // The middle of the last bucket may lie above the longest duration, which is known exactly.
      let value = log.longest > .zero ? min(middle, log.longest) : middle
      self = isBound ? .atMost(value) : .known(value)
      return
    }
    guard covers, moments?.isExact ?? true else { return nil }
    // The slowest executions are logged: ranks are counted from the top.
    let fromTop = calls - LatencySketch.rank(q, of: calls)
    guard let fastest = log.sketch.quantile(0) else { return nil }
    // A log that is a sample, or of another stretch of time, is no list of the slowest: its fastest would lie below
    // the mean of all executions.
    if let mean = moments?.moments?.mean, fastest.milliseconds < mean { return nil }
    if fromTop < log.calls {
      let rank = log.calls - fromTop
      guard let value = log.sketch.value(atRank: rank) else { return nil }
      self = .known(log.longest > .zero ? min(value, log.longest) : value)
    } else {
      self = .atMost(fastest)
    }
  }

  public var milliseconds: Double {
    switch self {
    case .known(let value), .atMost(let value): value.milliseconds
    }
  }

  public var known: Microseconds? {
    if case .known(let value) = self { value } else { nil }
  }
}

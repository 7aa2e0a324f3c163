public import Model
import Sketch
import Statements

/// Whether 95 % of a statement's executions stay at or below a target, as far as what was recorded can tell.
///
/// With a full log it is a count. With a log of the slow executions (threshold at or below the target) and the number of
/// calls from pg_stat_statements it is one too: the 95th percentile is at most the target exactly if at most 5 % of the
/// calls are longer. With pg_stat_statements alone there are only certificates that hold for every distribution:
///
/// - *meets*, by the longest duration, by Cantelli's inequality (p95 ≤ mean + √19 · deviation) or by Markov's
///   (p95 ≤ 20 · mean);
/// - *misses*, where the mean could not be as large if 95 % were at or below the target and none above the longest
///   (mean > 0.95 · target + 0.05 · longest).
///
/// Everything else is *cannot tell*: a distribution assumed in its place is off by tens to hundreds of per cent.
public enum LatencyVerdict: Sendable, Hashable {
  case meets(Evidence)
  case misses(Evidence)
  case cannotTell(Obstacle)

  public enum Evidence: String, Sendable, Hashable, Codable {
    /// Every execution was logged.
    case fullLog
    /// Every execution longer than the target was logged, and the calls are counted.
    case slowLog
    /// The longest duration is below the target.
    case longest
    /// Mean and standard deviation, by Cantelli's inequality.
    case deviation
    /// The mean alone, by Markov's inequality, or too large for the target.
    case mean
  }

  public enum Obstacle: String, Sendable, Hashable, Codable {
    /// The share above the target is within the target's own histogram bucket of 5 %.
    case tooClose
    /// Only pg_stat_statements counted it.
    case noLog
    /// Too few executions are logged, and those only above the target.
    case thresholdTooHigh
    /// Executions were lost between snapshots.
    case incomplete
    case noCalls
  }

  public init(_ statement: StatementSummary, target: Microseconds) {
    self = LatencyVerdict.decide(statement, target)
  }

  public var isKnown: Bool {
    if case .cannotTell = self { false } else { true }
  }

  /// What would tell, as a sentence; nil where the verdict is known or nothing would.
  public func advice(target: Microseconds) -> String? {
    guard case .cannotTell(let obstacle) = self else { return nil }
    switch obstacle {
    case .noLog, .thresholdTooHigh:
      return "log_min_duration_statement = '\(Int64(target.milliseconds.rounded(.down)))ms' (or lower) would tell"
    case .incomplete: return "more frequent snapshots, or a larger pg_stat_statements.max, would tell"
    case .tooClose, .noCalls: return nil
    }
  }

  private static func decide(_ statement: StatementSummary, _ target: Microseconds) -> LatencyVerdict {
    let calls = statement.calls
    guard calls > 0 else { return .cannotTell(.noCalls) }
    let allowed = calls - LatencySketch.rank(0.95, of: calls)
    if let log = statement.log, log.calls > 0 {
      let above = log.sketch.countAbove(target)
      let isFull = statement.source == .log || log.calls >= calls
      if above.lowerBound > allowed { return .misses(isFull ? .fullLog : .slowLog) }
      if isFull { return above.upperBound <= allowed ? .meets(.fullLog) : .cannotTell(.tooClose) }
      let fastest = log.sketch.quantile(0) ?? .zero
      let mean = statement.snapshots?.moments?.mean
      // A log whose fastest entry is below the mean of all calls is no list of the slowest: it is a sample.
      let isThreshold = mean.map { fastest.milliseconds >= $0 } ?? false
      if isThreshold, fastest <= target {
        return above.upperBound <= allowed ? .meets(.slowLog) : .cannotTell(.tooClose)
      }
    }
    return certificate(statement, target)
      ?? .cannotTell((statement.log?.calls ?? 0) > 0 ? .thresholdTooHigh : .noLog)
  }

  /// What mean, deviation and extremes alone prove.
  private static func certificate(_ statement: StatementSummary, _ target: Microseconds) -> LatencyVerdict? {
    guard let snapshots = statement.snapshots else { return nil }
    guard snapshots.isExact else { return .cannotTell(.incomplete) }
    guard let moments = snapshots.moments else { return nil }
    let limit = target.milliseconds
    if let longest = snapshots.longest {
      let longest = Double(longest) / 1e6
      if longest <= limit { return .meets(.longest) }
      if moments.mean > 0.95 * limit + 0.05 * longest { return .misses(.mean) }
    }
    if let deviation = moments.deviation, moments.mean + 19.0.squareRoot() * deviation <= limit {
      return .meets(.deviation)
    }
    if 20 * moments.mean <= limit { return .meets(.mean) }
    return nil
  }
}

extension WorkloadSummary {
  /// The verdict for all statements taken together: executions above the target, as far as they are known, against 5 %
  /// of all calls.
  public func verdict(target: Microseconds) -> LatencyVerdict {
    var certain: Int64 = 0
    var possible: Int64 = 0
    for statement in statements where statement.calls > 0 {
      let calls = statement.calls
      if let log = statement.log, log.calls > 0 {
        let above = log.sketch.countAbove(target)
        certain += above.lowerBound
        let isFull = statement.source == .log || log.calls >= calls
        if isFull {
          possible += above.upperBound
          continue
        }
        if case .meets = LatencyVerdict(statement, target: target) {
          possible += min(calls, max(above.upperBound, calls - LatencySketch.rank(0.95, of: calls)))
          continue
        }
      } else if let snapshots = statement.snapshots, snapshots.isExact, let moments = snapshots.moments,
        let bound = statement.mostAbove(target, moments)
      {
        possible += bound
        continue
      }
      possible += calls
    }
    guard calls > 0 else { return .cannotTell(.noCalls) }
    let allowed = calls - LatencySketch.rank(0.95, of: calls)
    let isLogged = statements.allSatisfy { $0.source == .log }
    if certain > allowed { return .misses(isLogged ? .fullLog : .slowLog) }
    if possible <= allowed { return .meets(isLogged ? .fullLog : .slowLog) }
    return .cannotTell(isLogged ? .tooClose : .noLog)
  }
}

extension StatementSummary {
  /// The most executions that can have been longer than the target, by the longest duration, Cantelli or Markov.
  fileprivate func mostAbove(_ target: Microseconds, _ moments: DurationMoments) -> Int64? {
    let limit = target.milliseconds
    if let longest = snapshots?.longest, Double(longest) / 1e6 <= limit { return 0 }
    var share = min(1, moments.mean / limit)
    if let deviation = moments.deviation, limit > moments.mean {
      let variance = deviation * deviation
      share = min(share, variance / (variance + (limit - moments.mean) * (limit - moments.mean)))
    }
    return Int64((Double(calls) * share).rounded(.up))
  }
}

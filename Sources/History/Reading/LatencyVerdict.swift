public import Model
import Sketch
import Statements

/// Whether 95 % of a statement's executions stay at or below a target, as far as what was recorded can tell.
///
/// With a full log it is a count. With a log of the slow executions (threshold at or below the target) and the number of
/// calls from pg_stat_statements it is one too: the 95th percentile is at most the target exactly if at most 5 % of the
/// calls are longer. With a sample it is a count with a chance of error, taken at 2.5 % on either side. With
/// pg_stat_statements alone there are only certificates that hold for every distribution:
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
    /// A random part of the executions was logged, and enough of them.
    case sampledLog
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
    /// The log holds only slower executions, and nothing counted the others.
    case callsNotCounted
    /// Too few executions were drawn.
    case sampleTooSmall
    /// Executions were lost between snapshots.
    case incomplete
    /// The log is of a part of the time that the snapshots count.
    case logTooShort
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
    case .noLog, .thresholdTooHigh: return "\(Self.setting(target)) (or lower) would tell"
    case .callsNotCounted:
      return "pg_stat_statements (pgassay capture) beside \(Self.setting(target)) would tell, "
        + "or log_min_duration_statement = 0"
    case .sampleTooSmall: return "a higher log_statement_sample_rate, or a longer window, would tell"
    case .incomplete: return "more frequent snapshots, or a larger pg_stat_statements.max, would tell"
    case .logTooShort: return "the server logs of the whole window would tell"
    case .tooClose, .noCalls: return nil
    }
  }

  /// The threshold at which a log and counted calls tell; whole milliseconds, at or below the target.
  static func setting(_ target: Microseconds) -> String {
    let milliseconds = target.value / 1_000
    return "log_min_duration_statement = \(milliseconds == 0 ? "0" : "'\(milliseconds)ms'")"
  }

  private static func decide(_ statement: StatementSummary, _ target: Microseconds) -> LatencyVerdict {
    let calls = statement.calls
    guard calls > 0 else { return .cannotTell(.noCalls) }
    let allowed = calls - LatencySketch.rank(0.95, of: calls)
    if let log = statement.log, log.calls > 0 {
      if statement.logThreshold != nil { return .cannotTell(.callsNotCounted) }
      let above = log.sketch.countAbove(target)
      let isFull = statement.source == .log || log.calls >= calls
      if log.weight > 1 {
        // Where a sample cannot tell, the moments of all calls may.
        return BinomialShare(log, above).verdict ?? certificate(statement, target) ?? .cannotTell(.sampleTooSmall)
      }
      if above.lowerBound > allowed {
        // Of more calls than are known these might be few.
        return isFull || statement.snapshots?.isExact ?? true
          ? .misses(isFull ? .fullLog : .slowLog) : .cannotTell(.incomplete)
      }
      if isFull { return above.upperBound <= allowed ? .meets(.fullLog) : .cannotTell(.tooClose) }
      let fastest = log.sketch.quantile(0) ?? .zero
      let mean = statement.snapshots?.moments?.mean
      // A log whose fastest entry is below the mean of all calls is no list of the slowest: it is a sample.
      let isThreshold = mean.map { fastest.milliseconds >= $0 } ?? false
      if isThreshold, fastest <= target {
        guard statement.logCovers else { return certificate(statement, target) ?? .cannotTell(.logTooShort) }
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
    var sample = BinomialShare()
    for statement in statements where statement.calls > 0 {
      let calls = statement.calls
      if let log = statement.log, log.calls > 0 {
        let above = log.sketch.countAbove(target)
        if log.weight > 1 { sample.add(log, above) }
        certain += above.lowerBound
        let isFull = statement.source == .log || log.calls >= calls
        if isFull {
          possible += above.upperBound
          continue
        }
        if case .meets(let evidence) = LatencyVerdict(statement, target: target) {
          possible +=
            evidence == .slowLog
            ? above.upperBound : min(calls, max(above.upperBound, calls - LatencySketch.rank(0.95, of: calls)))
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
    if statements.contains(where: { $0.logThreshold != nil }) { return .cannotTell(.callsNotCounted) }
    let allowed = calls - LatencySketch.rank(0.95, of: calls)
    let isLogged = statements.allSatisfy { $0.source == .log || $0.calls == 0 }
    if sample.count > 0 {
      guard isLogged else { return .cannotTell(.noLog) }
      return sample.verdict ?? .cannotTell(.sampleTooSmall)
    }
    let isLossy = statements.contains { $0.source == .snapshots && !$0.isExact }
    if certain > allowed { return isLossy ? .cannotTell(.incomplete) : .misses(isLogged ? .fullLog : .slowLog) }
    if possible <= allowed {
      let hasLog = statements.contains { $0.log?.calls ?? 0 > 0 }
      return .meets(isLogged ? .fullLog : hasLog ? .slowLog : .deviation)
    }
    if isLogged { return .cannotTell(.tooClose) }
    return .cannotTell(isLossy ? .incomplete : .noLog)
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

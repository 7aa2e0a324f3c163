import Foundation

/// How many of the executions that were drawn at random were longer than a target, tested against a share of 5 %.
///
/// One-sided exact binomial tests (Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case
/// of the binomial", Biometrika 26, 1934), each at 2.5 %.
struct BinomialShare {
  static let share = 0.05
  static let error = 0.025

  /// Executions drawn.
  var count: Int64 = 0
  /// Of them certainly and possibly longer.
  var certain: Int64 = 0
  var possible: Int64 = 0

  init() {}

  init(_ log: LogTotals, _ above: ClosedRange<Int64>) { add(log, above) }

  /// - Parameter above: as the histogram has it, where each execution counts as many times as it stands for.
  mutating func add(_ log: LogTotals, _ above: ClosedRange<Int64>) {
    count += log.logged
    certain += above.lowerBound / log.weight
    possible += above.upperBound / log.weight
  }

  /// Nil where chance alone explains either.
  var verdict: LatencyVerdict? {
    // More than 5 % are longer: as many as these would hardly be drawn if they were 5 %.
    if 1 - Self.cumulative(certain - 1, of: count) <= Self.error { return .misses(.sampledLog) }
    if Self.cumulative(possible, of: count) <= Self.error { return .meets(.sampledLog) }
    return nil
  }

  /// The probability of at most `k` of `n` at a share of 5 %.
  /// - Complexity: O(k), at most some thousand terms: beyond that the normal distribution is as good.
  static func cumulative(_ k: Int64, of n: Int64) -> Double {
    guard k >= 0 else { return 0 }
    guard k < n else { return 1 }
    let (n, p) = (Double(n), share)
    if n > 20_000 {
      // With the continuity correction.
      return 0.5 * erfc((n * p - 0.5 - Double(k)) / (2 * n * p * (1 - p)).squareRoot())
    }
    var term = n * log(1 - p)
    var sum = exp(term)
    if k > 0 {
      for i in 1...k {
        term += log((n - Double(i) + 1) / Double(i)) + log(p / (1 - p))
        sum += exp(term)
      }
    }
    return min(1, sum)
  }
}

public import Model

/// Which part of the executions a server logs, as its settings say; nothing in the log does.
///
/// An execution that is logged with the probability p stands for 1/p (the estimator of Horvitz and Thompson, "A
/// Generalization of Sampling Without Replacement From a Finite Universe", 1952).
public struct Sampling: Sendable, Equatable {
  /// `log_statement_sample_rate`: the share logged of the executions over `log_min_duration_sample`.
  public var statementRate: Double?
  /// `log_transaction_sample_rate`: the share of the transactions all of whose statements are logged.
  public var transactionRate: Double?
  /// `log_min_duration_statement`: what takes at least as long is logged in any case.
  public var alwaysOver: Microseconds?

  public init() {}

  /// What the executions stand for that are logged most rarely: 1 for a log of all.
  public var largestWeight: Int64 { Int64((1 / max(probability(0), 1e-6)).rounded(.up)) }

  var isSampled: Bool { (statementRate ?? 1) < 1 || (transactionRate ?? 1) < 1 }

  /// The probability that an execution of this duration is logged.
  func probability(_ duration: Int64) -> Double {
    if let alwaysOver, duration >= alwaysOver.value { return 1 }
    // Without a rate for statements none is logged for its own sake; without any rate all are.
    let statement = statementRate ?? (transactionRate == nil ? 1 : 0)
    return 1 - (1 - statement) * (1 - (transactionRate ?? 0))
  }
}

/// Turns probabilities into whole numbers of executions: what rounding leaves is carried on to the next execution, so
/// sums are right to one.
struct SampleWeights {
  let sampling: Sampling
  let isSampled: Bool
  /// Millionths of an execution.
  var rest: Int64 = 0

  init(_ sampling: Sampling) {
    self.sampling = sampling
    isSampled = sampling.isSampled
  }

  /// How many executions a logged one stands for.
  @inline(__always)
  mutating func weight(_ duration: Int64) -> Int64 { isSampled ? sampled(duration) : 1 }

  private mutating func sampled(_ duration: Int64) -> Int64 {
    let probability = sampling.probability(duration)
    guard probability < 1 else { return 1 }
    rest += Int64((1_000_000 / max(probability, 1e-6)).rounded())
    let whole = rest / 1_000_000
    rest %= 1_000_000
    return whole
  }
}

import Glibc

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): the same numbers in
/// every run, so that the same index always gets the same size.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Uniform in [0, 1).
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// How often a value occurs that is known to occur: a Poisson count that is not zero.
struct Occurrences {
  private let mean: Double
  /// Of the Poisson distribution, and its probability of 1 given that it is not 0; for small means.
  private let rate: Double
  private let once: Double

  /// Above, the chance of a zero is gone and the normal distribution does.
  private static let largeMean = 40.0

  init(mean: Double) {
    self.mean = mean
    rate = mean > 1.000_001 && mean <= Self.largeMean ? Self.rate(forTruncatedMean: mean) : 0
    once = rate > 0 ? rate * exp(-rate) / (1 - exp(-rate)) : 1
  }

  func draw(_ generator: inout SeededGenerator) -> Int {
    guard mean > 1.000_001 else { return 1 }
    if mean > Self.largeMean {
      // Box–Muller.
      let radius = (-2 * log(max(generator.unit(), 1e-300))).squareRoot()
      return max(1, Int((mean + mean.squareRoot() * radius * cos(2 * .pi * generator.unit())).rounded()))
    }
    // Inversion.
    var term = once
    var rest = generator.unit()
    var count = 1
    while rest > term, count < 400 {
      rest -= term
      count += 1
      term *= rate / Double(count)
    }
    return count
  }

  /// Solves lambda / (1 - e^-lambda) = mean by Newton's method: the left side is convex and grows, so that from the right
  /// each step comes nearer.
  private static func rate(forTruncatedMean mean: Double) -> Double {
    var lambda = mean
    for _ in 0..<50 {
      let zero = exp(-lambda)
      let some = -expm1(-lambda)
      let step = (lambda / some - mean) / ((some - lambda * zero) / (some * some))
      lambda = max(1e-9, lambda - step)
      if abs(step) <= 1e-12 * lambda { break }
    }
    return lambda
  }
}

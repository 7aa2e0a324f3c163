/// Small statistics over arrays. Empty input gives NaN where a number must come out.
enum Statistics {
  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The unbiased sample variance; zero for fewer than two values.
  static func variance(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }

  static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

  /// Linear between order statistics (Hyndman & Fan 1996, type 7).
  static func quantile(_ values: [Double], _ probability: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let position = probability * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[below] + (position - Double(below)) * (sorted[below + 1] - sorted[below])
  }

  /// The probability of a difference of means at least this large by chance: Welch's test (Biometrika 34, 1947), two
  /// sided. Values that do not vary at all cannot be tested and give 1.
  static func welch(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count > 1, b.count > 1 else { return 1 }
    let (va, vb) = (variance(a) / Double(a.count), variance(b) / Double(b.count))
    guard va + vb > 0 else { return 1 }
    let t = (mean(b) - mean(a)) / (va + vb).squareRoot()
    let degrees = (va + vb) * (va + vb) / (va * va / Double(a.count - 1) + vb * vb / Double(b.count - 1))
    return StudentT.twoSided(t, degrees: degrees)
  }

  /// Which of the hypotheses to reject so that at most `rate` of the rejections are expected to be wrong (Benjamini &
  /// Hochberg, Journal of the Royal Statistical Society B 57, 1995), as the adjusted probability of each.
  static func adjusted(_ probabilities: [Double]) -> [Double] {
    let order = probabilities.indices.sorted { (probabilities[$0], $0) > (probabilities[$1], $1) }
    var result = probabilities
    var least = 1.0
    for (place, index) in order.enumerated() {
      let rank = Double(probabilities.count - place)
      least = min(least, probabilities[index] * Double(probabilities.count) / rank)
      result[index] = least
    }
    return result
  }
}

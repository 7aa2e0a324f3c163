import Glibc
import IndexSize

/// How many values a column has, and how frequent those are that are too rare for the list of common values.
///
/// ANALYZE reckons the number of distinct values from a sample (Haas and Stokes, IBM Research Report RJ 10025, 1998, the
/// "Duj1" estimator; `compute_scalar_stats`). Where values are seen once or not at all that is too low: by a tenth where
/// the rows chose their values evenly and by chance, by half where some values are more frequent than others. What
/// ANALYZE writes down says which: values that the sample has often enough are listed as common (`analyze_mcv_list`), so
/// their number tells how skewed the column is.
///
/// The rows that have a value are taken as a Poisson count, whose mean varies from value to value by a lognormal
/// distribution (Bulmer, "On fitting the Poisson lognormal distribution to species-abundance data", Biometrics 30, 1974).
/// Its two parameters are those by which such a sample is expected to give ANALYZE's estimate and as many common values.
struct RareValues {
  /// Shares of the rows and number of the values that are not listed as common, in classes.
  var classes: [IndexedColumn.FrequencyClass]
  /// All values, the common ones too.
  var distinct: Double

  /// - Parameters:
  ///   - common: shares of the rows, largest first.
  ///   - limit: the longest list of common values that ANALYZE makes of the column.
  ///   - nullFraction: of the rows.
  ///   - estimate: distinct values according to ANALYZE.
  ///   - sample: rows that ANALYZE read, nulls too.
  /// - Returns: nil where the estimate needs no correction: all rows or all values are known.
  init?(common: [Double], limit: Double, nullFraction: Double, estimate: Double, rows: Double, sample: Double) {
    let rest = 1 - nullFraction - common.reduce(0, +)
    guard rest > 1e-6, sample < rows, estimate > Double(common.count) + 1, nullFraction < 1 else { return nil }
    let counts = common.map { ($0 * sample).rounded() }
    let unlisted = rest * sample / (estimate - Double(common.count))
    // Every value has been seen many times: there is nothing to correct.
    guard unlisted < 12 else { return nil }

    // Every value that is seen as often as this is listed.
    var least = 2.0
    let isFull = Double(counts.count) >= limit
    if isFull {
      least = counts.last ?? least
    } else {
      // A value stays listed while its count exceeds the average of the others by two standard errors of its own.
      while least <= unlisted + 0.5 + 2 * (least * (1 - sample / rows)).squareRoot(), least < 10_000 { least += 1 }
      if let last = counts.last { least = min(least, last) }
    }
    // Values far more frequent than the next ones are exceptions, not the end of a distribution.
    var exceptions = counts.last.map { $0 >= 3 * least } == true ? counts.count : 0
    if exceptions == 0 {
      for place in counts.indices.dropLast() where counts[place] >= 3 * counts[place + 1] { exceptions = place + 1 }
    }
    let rows = rows * (1 - nullFraction)
    let sample = sample * (1 - nullFraction)
    let fit = Fit(
      sample: sample - counts.prefix(exceptions).reduce(0, +), exceptions: Double(exceptions), wholeSample: sample,
      rows: rows, least: Int(max(2, least)))
    guard let solution = fit.solve(estimate: estimate, listed: Double(counts.count - exceptions)) else { return nil }
    let unlistedClasses = fit.unlisted(solution)
    let mass = unlistedClasses.reduce(0) { $0 + $1.share * $1.values }
    guard mass > 0 else { return nil }
    // Shares are of all rows, nulls among them.
    let scale = rest / mass
    classes = unlistedClasses.map { .init(share: $0.share * scale, values: $0.values) }
    distinct = Double(common.count) + classes.reduce(0) { $0 + $1.values }
    guard distinct.isFinite, distinct > 0 else { return nil }
  }

  private struct Fit {
    /// Rows of the sample that are not of an exceptional value.
    var sample: Double
    var exceptions: Double
    var wholeSample: Double
    var rows: Double
    /// Rows of the sample from which on a value is listed.
    var least: Int

    struct Solution {
      var deviation: Double
      /// Rows of the sample that a value has on average.
      var mean: Double
    }

    /// Standard normal deviates with their weights: sums over so smooth a function converge fast.
    private static let nodes: [(z: Double, weight: Double)] = {
      let list = stride(from: -5.0, through: 5, by: 0.25).map { ($0, exp(-$0 * $0 / 2)) }
      let total = list.reduce(0) { $0 + $1.1 }
      return list.map { (z: $0.0, weight: $0.1 / total) }
    }()

    private func means(_ solution: Solution) -> [(rows: Double, weight: Double)] {
      Self.nodes.map {
        (solution.mean * exp(solution.deviation * $0.z - solution.deviation * solution.deviation / 2), $0.weight)
      }
    }

    /// - Parameter listed: common values that are no exceptions.
    /// - Returns: nil where no mean gives the estimate.
    func solve(estimate: Double, listed: Double) -> Solution? {
      let even = Solution(deviation: 0, mean: mean(deviation: 0, estimate: estimate))
      // As many as may come by chance from values that are all alike say nothing of a skew.
      let byChance = self.listed(even)
      guard listed > byChance + 2 * byChance.squareRoot() else { return even }
      var (low, high) = (0.0, 4.0)
      for _ in 0..<24 {
        let middle = (low + high) / 2
        let solution = Solution(deviation: middle, mean: mean(deviation: middle, estimate: estimate))
        if self.listed(solution) < listed { low = middle } else { high = middle }
      }
      return Solution(deviation: low, mean: mean(deviation: low, estimate: estimate))
    }

    /// The mean by which ANALYZE is expected to reckon this many distinct values.
    private func mean(deviation: Double, estimate: Double) -> Double {
      var (low, high) = (log(sample / rows) - 6, log(4 * Double(least) + 64))
      for _ in 0..<36 {
        let middle = (low + high) / 2
        if expectedEstimate(Solution(deviation: deviation, mean: exp(middle))) > estimate {
          low = middle
        } else {
          high = middle
        }
      }
      return exp((low + high) / 2)
    }

    private func expectedEstimate(_ solution: Solution) -> Double {
      var (seen, once) = (0.0, 0.0)
      for (mean, weight) in means(solution) {
        seen -= weight * expm1(-mean)
        once += weight * mean * exp(-mean)
      }
      let values = sample / solution.mean
      once *= values
      return wholeSample * (exceptions + values * seen) / (wholeSample - once + once * wholeSample / rows)
    }

    /// Values that are expected to be listed.
    private func listed(_ solution: Solution) -> Double {
      sample / solution.mean
        * means(solution).reduce(0) { $0 + $1.weight * (1 - Self.poisson(upTo: least - 1, mean: $1.rows)) }
    }

    /// The values that exist and are not listed; shares of the rows that are not null.
    func unlisted(_ solution: Solution) -> [IndexedColumn.FrequencyClass] {
      let values = sample / solution.mean
      return means(solution).compactMap { mean, weight in
        let inTable = mean * rows / wholeSample
        let exists = Self.poisson(upTo: least - 1, mean: mean) - exp(-inTable)
        guard exists * weight * values > 1e-6 else { return nil }
        return .init(share: inTable / -expm1(-inTable) / rows, values: values * weight * exists)
      }
    }

    /// The chance of no more than so many.
    private static func poisson(upTo count: Int, mean: Double) -> Double {
      if count > 40 {
        // Wilson and Hilferty, "The distribution of chi-square", PNAS 17, 1931.
        let n = Double(count + 1)
        let z = (cbrt(mean / n) - 1 + 1 / (9 * n)) * 3 * n.squareRoot()
        return erfc(z / 2.0.squareRoot()) / 2
      }
      var term = exp(-mean)
      var sum = term
      for number in stride(from: 1, through: count, by: 1) {
        term *= mean / Double(number)
        sum += term
      }
      return min(1, sum)
    }
  }
}

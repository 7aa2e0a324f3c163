import Glibc
import IndexSize

/// The values of a column that are too rare for the list of common values, when the column is skewed.
///
/// ANALYZE reckons the number of distinct values from a sample (Haas and Stokes, IBM Research Report RJ 10025, 1998, the
/// "Duj1" estimator; `compute_scalar_stats`). For skewed columns that is too low, often by half: the rarest values are
/// seen neither once nor twice. Where the list of common values is full, the frequencies are taken to go on falling as a
/// power of the rank, and the number of values is the one for which such a sample is expected to give the estimate that
/// ANALYZE gave.
struct TailFit {
  /// Shares of the rows and number of values, in classes of values that are about equally frequent.
  var classes: [IndexedColumn.FrequencyClass]
  /// All values, the common ones too.
  var distinct: Double

  /// - Parameters:
  ///   - common: shares of the rows, largest first; as many as the list may hold.
  ///   - nullFraction: of the rows.
  ///   - estimate: distinct values according to ANALYZE.
  ///   - sample: rows that ANALYZE read.
  /// - Returns: nil where the estimate needs no correction.
  init?(common: [Double], nullFraction: Double, estimate: Double, rows: Double, sample: Double) {
    let rest = 1 - nullFraction - common.reduce(0, +)
    guard let least = common.last, rest > 1e-6, sample < rows, estimate > Double(common.count) else { return nil }
    // The last of the most common values in a sample owes its place to chance in part: it is taken at one standard
    // error less.
    let frequency = max(least - (least / sample).squareRoot(), rest / (estimate - Double(common.count)))
    let tail = Tail(
      rank: Double(common.count), frequency: frequency, mass: rest, rows: rows,
      sample: sample * (1 - nullFraction), notNull: rows * (1 - nullFraction))
    var low = tail.rank + rest / frequency
    var high = max(low, rest * rows)
    guard tail.expectedEstimate(low) < estimate else { return nil }
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if tail.expectedEstimate(middle) < estimate { low = middle } else { high = middle }
    }
    distinct = low
    classes = tail.classes(distinct: low, exponent: tail.exponent(distinct: low))
  }

  private struct Tail {
    /// Number of common values, and what the value at this rank has of the rows.
    var rank: Double
    var frequency: Double
    /// Share of the rows that all values behind it have.
    var mass: Double
    var rows: Double
    var sample: Double
    var notNull: Double

    func classes(distinct: Double, exponent: Double) -> [IndexedColumn.FrequencyClass] {
      var list: [IndexedColumn.FrequencyClass] = []
      var from = rank
      while from < distinct {
        let to = min(distinct, from * 1.15 + 0.5)
        let share = max(frequency * pow((from + to) / 2 / rank, -exponent), 1 / rows)
        list.append(.init(share: share, values: to - from))
        from = to
      }
      return list
    }

    /// The power at which the classes make up the mass.
    func exponent(distinct: Double) -> Double {
      var (low, high) = (0.0, 8.0)
      for _ in 0..<40 {
        let middle = (low + high) / 2
        let mass = classes(distinct: distinct, exponent: middle).reduce(0) { $0 + $1.share * $1.values }
        if mass > self.mass { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }

    /// What ANALYZE would reckon from a sample of such a column.
    func expectedEstimate(_ distinct: Double) -> Double {
      var (seen, once) = (rank, 0.0)
      for item in classes(distinct: distinct, exponent: exponent(distinct: distinct)) {
        let share = min(item.share, 1)
        seen += item.values * -expm1(sample * log1p(-share))
        once += item.values * sample * share * exp((sample - 1) * log1p(-share))
      }
      return sample * seen / ((sample - once) + once * sample / notNull)
    }
  }
}

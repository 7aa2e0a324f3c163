import Glibc

/// What ANALYZE would write of an expression, from what it makes of values that stand for a table's rows.
struct DerivedStatistics {
  /// What an expression made of a sample.
  struct Results {
    struct Group {
      var value: String
      /// Share of the rows.
      var weight: Double
      /// Of it, that of values that are not among the column's common ones, and their number.
      var otherWeight: Double
      var others: Double
      var commons: Double
      /// As stored.
      var bytes: Int
    }

    /// How many results the points of a window have, or of all windows of a level together.
    struct Window {
      var level: Int
      var isWholeLevel: Bool
      var results: Double
      var points: Double
    }

    /// In the order of the results.
    var groups: [Group] = []
    var windows: [Window] = []
    var nullWeight = 0.0
    /// How far the order of the results follows that of the column's values, −1…1.
    var correlation: Double?
    /// Of several columns: different combinations that the expression was run on.
    var combinations = 0.0
  }

  var nullFraction: Double
  /// Bytes.
  var width: Int
  /// As `stadistinct`: negative for a share of the rows.
  var distinct: Double
  var common: [(value: String, share: Double)]
  var bounds: [String]
  var correlation: Double?
  /// Whether the number of values is a guess.
  var isRough: Bool
  /// Different values.
  var number: Double
  /// Those that were seen, and as many as there are combinations of the columns' values, or rows.
  var range: ClosedRange<Double>

  /// Results that keep this share of their values' letters are taken to tell as many values apart as the column has.
  private static let keptLetters = 0.75
  private static let longResult = 16.0

  /// - Parameters:
  ///   - samples: of the columns that the expression reads.
  ///   - rows: of the table.
  ///   - target: the longest list of common values.
  ///   - typeLength: `pg_type.typlen`.
  init?(_ results: Results, of samples: [ColumnSample], rows: Double, target: Int, typeLength: Int) {
    let notNull = results.groups.reduce(0) { $0 + $1.weight }
    let whole = notNull + results.nullWeight
    guard notNull > 0, whole > 0 else { return nil }
    let covered = rows * min(1, whole)
    nullFraction = results.nullWeight / whole
    // ANALYZE sees the results of expressions in memory: with a length word of 4 bytes, where a short one is stored
    // with 1.
    func inMemory(_ bytes: Int) -> Int { typeLength == -1 && bytes <= 127 ? bytes + 3 : bytes }
    width =
      typeLength > 0
      ? typeLength
      : Int((results.groups.reduce(0) { $0 + $1.weight * Double(inMemory($1.bytes)) } / notNull).rounded(.down))

    let values = Self.distinct(results, of: samples, rows: rows)
    isRough = values.isRough
    let known = Double(results.groups.count)
    let number = min(max(values.number, 1), max(1, covered * notNull / whole))
    self.number = number
    let most = min(samples.reduce(1.0) { $0 * ($1.distinct + 1) }, max(1, covered * notNull / whole))
    range = min(known, number)...max(number, most)
    // ANALYZE takes more than a tenth of the rows for a share of them (`compute_scalar_stats`).
    distinct = number > 0.1 * covered ? -number / covered : number.rounded()

    // Common values: all where no others are left; else those well above the average, as in `analyze_mcv_list`.
    let isWhole = number <= known * 1.01 && results.groups.count <= target
    let average = notNull / max(1, number)
    let enough: Double = samples.count > 1 || samples[0].isDense ? 6 : 3
    let listed = results.groups.indices.filter { place in
      let group = results.groups[place]
      return isWhole || group.commons > 0 || (group.others >= enough && group.weight > 1.25 * average)
    }.sorted {
      (results.groups[$0].weight, $1) > (results.groups[$1].weight, $0)
    }.prefix(target)
    common = listed.map { (results.groups[$0].value, results.groups[$0].weight / whole) }
    // A value that is as rare as the rest is none.
    if !isWhole, number > 1 { common = common.filter { $0.share * whole > average } }
    let names = Set(common.map(\.value))
    var rest: [String] = []
    for group in results.groups where !names.contains(group.value) {
      // The points are equally many rows each.
      rest.append(contentsOf: repeatElement(group.value, count: max(1, Int(group.others))))
    }
    bounds = []
    if let first = rest.first, rest.contains(where: { $0 != first }) {
      let count = min(target + 1, rest.count)
      bounds = (0..<count).map { rest[$0 * (rest.count - 1) / max(1, count - 1)] }
    }
    if samples.count == 1, let own = samples[0].correlation, let kept = results.correlation, kept.isFinite {
      correlation = own * kept
    }
  }

  /// Distinct results among the table's rows.
  private static func distinct(
    _ results: Results, of samples: [ColumnSample], rows: Double
  ) -> (number: Double, isRough: Bool) {
    let common = Double(results.groups.count { $0.commons > 0 })
    let fresh = results.groups.filter { $0.commons == 0 }
    let seen = Double(fresh.count)
    let once = Double(fresh.count { $0.others == 1 })
    let twice = Double(fresh.count { $0.others == 2 })
    let drawn = fresh.reduce(0) { $0 + $1.others }
    let mass = fresh.reduce(0) { $0 + $1.otherWeight } * rows
    // A function has no more results than arguments.
    let bound = samples.reduce(1.0) { $0 * ($1.distinct + ($1.points.contains { $0.value == nil } ? 1 : 0)) }
    /// The estimate of Haas and Stokes, as ANALYZE reckons it from its own sample.
    func estimated() -> Double {
      guard mass > drawn, drawn > 0 else { return seen }
      return drawn * seen / max(1e-9, drawn - once + once * drawn / mass)
    }
    guard seen > 0 else { return (min(common, bound), samples.contains { !$0.isComplete } && samples.count > 1) }
    if samples.count > 1 {
      // Where nearly every combination has a result of its own there are as many as combinations among the rows; values
      // that the statistics do not name are not among those that the expression was run on.
      guard results.combinations > 0, seen >= 0.9 * results.combinations else {
        return (min(bound, common + estimated()), true)
      }
      return (min(bound, bound * -expm1(-rows / bound)) * seen / results.combinations, true)
    }
    let sample = samples[0]
    if sample.isDense {
      let number =
        sample.isComplete || once <= seen * 0.02 ? seen : inSteps(results, of: sample, rows: mass) ?? estimated()
      return (min(bound, common + number), false)
    }
    if once == 0 { return (min(bound, common + seen), false) }
    // A hundred values say little of thousands. Where nothing is shortened, all are taken to differ.
    let before = sample.points.reduce(0) { $0 + Double($1.isCommon ? 0 : $1.value?.utf8.count ?? 0) }
    let after = fresh.reduce(0) { $0 + $1.others * Double($1.value.utf8.count) }
    if after >= keptLetters * before { return (min(bound, once == drawn ? bound : common + estimated()), false) }
    // As many letters as a digest or an address has are seldom few different ones.
    if once == drawn, after >= longResult * drawn { return (bound, true) }
    // Else the least that there are likely to be (Chao, "Nonparametric estimation of the number of classes in a
    // population", Scandinavian Journal of Statistics 11, 1984).
    let least = seen + once * (once - 1) / (2 * (twice + 1))
    return (min(bound, common + min(least, max(seen, mass))), true)
  }

  /// The number of results where each stands for a stretch of the column's range, as a day does for its times: as many
  /// as lie in small windows, times the number of such windows.
  ///
  /// - Parameter rows: of all values that are not common.
  /// - Returns: nil where results come again in other parts of the range, as the hours of days do.
  private static func inSteps(_ results: Results, of sample: ColumnSample, rows: Double) -> Double? {
    for level in Set(results.windows.map(\.level)).sorted() {
      let windows = results.windows.filter { $0.level == level && !$0.isWholeLevel }
      guard windows.count >= 4, let all = results.windows.first(where: { $0.level == level && $0.isWholeLevel }) else {
        continue
      }
      let found = windows.reduce(0) { $0 + $1.results }
      if all.results < 0.8 * found { return nil }
      // While nearly every point has a result of its own the windows are too large to count in.
      guard found <= 0.5 * windows.reduce(0, { $0 + $1.points }) else { continue }
      let steps = windows.reduce(0) { $0 + max(0, $1.results - 1) } / Double(windows.count)
      guard steps > 0 else { return nil }
      let number = steps * sample.intervals * pow(ColumnSample.zoom, Double(level))
      // Stretches that no row falls into do not count.
      return number * -expm1(-rows / number)
    }
    return .infinity
  }
}

import Model
import Report

/// Which parameters make a statement slow, by the executions that are kept of it: its slowest ones, and ordinary ones
/// that were drawn at random.
struct ParameterInfluence {
  /// A value that most of the slowest executions have and few of the ordinary ones.
  struct SlowValue {
    /// Counted from one, as in `$1`.
    var parameter: Int
    /// Nil for NULL.
    var value: String?
    var slowestWith: Int
    var slowest: Int
    var ordinaryWith: Int
    var ordinary: Int
    /// Milliseconds.
    var medianWith: Double
    var medianWithout: Double
  }

  /// A number that durations follow.
  struct Trend {
    var parameter: Int
    /// Spearman's.
    var correlation: Double
    var samples: Int
  }

  /// Executions below which nothing is said, and how clear it must be.
  private static let leastSamples = 8
  private static let leastSlow = 3
  private static let leastCorrelation = 0.7

  private(set) var values: [SlowValue] = []
  private(set) var trends: [Trend] = []

  var isEmpty: Bool { values.isEmpty && trends.isEmpty }

  init(_ samples: [ExecutionSample]) {
    let slow = samples.filter { $0.reason == .slow && !$0.parameters.isEmpty }
    let slowest = Set(slow.map(Occasion.init))
    // One that was drawn and is among the slowest counts as one of these.
    let ordinary = samples.filter {
      $0.reason == .ordinary && !$0.parameters.isEmpty && !slowest.contains(Occasion($0))
    }
    guard let count = slow.first?.parameters.count, slow.count + ordinary.count >= Self.leastSamples else { return }
    for index in 0..<count {
      values += Self.values(index, slow, ordinary)
      if let trend = Self.trend(index, slow + ordinary) { trends.append(trend) }
    }
    // A number whose size explains it needs no single values.
    let explained = Set(trends.map(\.parameter))
    values = values.filter { !explained.contains($0.parameter) }
  }

  private struct Occasion: Hashable {
    var at: Timestamp
    var duration: Microseconds
    init(_ sample: ExecutionSample) { (at, duration) = (sample.at, sample.duration) }
  }

  private static func values(
    _ index: Int, _ slow: [ExecutionSample], _ ordinary: [ExecutionSample]
  ) -> [SlowValue] {
    let slowValues = slow.compactMap { value(index, $0) }
    guard slowValues.count >= leastSlow, ordinary.count >= leastSlow else { return [] }
    return Set(slowValues).sorted { ($0 ?? "") < ($1 ?? "") }.compactMap { candidate in
      let with = slowValues.count { $0 == candidate }
      let without = ordinary.count { value(index, $0) == .some(candidate) }
      let (slowShare, share) = (Double(with) / Double(slow.count), Double(without) / Double(ordinary.count))
      guard with >= leastSlow, slowShare >= 0.5, slowShare >= 2 * share else { return nil }
      let all = slow + ordinary
      let times = { (isWith: Bool) in
        all.filter { (value(index, $0) == .some(candidate)) == isWith }.map(\.duration.milliseconds)
      }
      guard let medianWith = median(times(true)), let medianWithout = median(times(false)),
        medianWith >= 2 * medianWithout
      else { return nil }
      return SlowValue(
        parameter: index + 1, value: candidate, slowestWith: with, slowest: slow.count, ordinaryWith: without,
        ordinary: ordinary.count, medianWith: medianWith, medianWithout: medianWithout)
    }
  }

  /// Outer nil: there is no such parameter, or it was cut.
  private static func value(_ index: Int, _ sample: ExecutionSample) -> String?? {
    guard index < sample.parameters.count else { return .none }
    switch sample.parameters[index] {
    case .null: return .some(nil)
    case .text(let text): return .some(text)
    // Equal values have equal hashes; those of cut ones tell nothing.
    case .hashed(let hash): return hash.hasPrefix("…") ? .none : .some("#" + hash)
    case .truncated: return .none
    }
  }

  private static func trend(_ index: Int, _ samples: [ExecutionSample]) -> Trend? {
    var pairs: [(value: Double, time: Double)] = []
    for sample in samples {
      guard let text = value(index, sample) ?? nil, let number = Double(text), number.isFinite else { continue }
      pairs.append((number, sample.duration.milliseconds))
    }
    guard pairs.count >= leastSamples, pairs.count * 10 >= samples.count * 9, Set(pairs.map(\.value)).count >= 4,
      let (slowest, fastest) = Optional((pairs.map(\.time).max() ?? 0, pairs.map(\.time).min() ?? 0)),
      slowest >= 2 * fastest
    else { return nil }
    let a = ranks(pairs.map(\.value))
    let b = ranks(pairs.map(\.time))
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      ab += (x - meanA) * (y - meanB)
      aa += (x - meanA) * (x - meanA)
      bb += (y - meanB) * (y - meanB)
    }
    guard aa > 0, bb > 0 else { return nil }
    let correlation = ab / (aa * bb).squareRoot()
    guard abs(correlation) >= leastCorrelation else { return nil }
    return Trend(parameter: index + 1, correlation: correlation, samples: pairs.count)
  }

  /// Equal values share the mean of their ranks.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }

  private static func median(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }

  func lines(showsValues: Bool) -> [String] {
    values.map { slow in
      let name =
        !showsValues
        ? "one value of $\(slow.parameter)" : "$\(slow.parameter) " + (slow.value.map { "= '\($0)'" } ?? "IS NULL")
      return
        "\(name): \(slow.slowestWith) of the \(slow.slowest) slowest, \(slow.ordinaryWith) of \(slow.ordinary) ordinary "
        + "executions; median \(Quantity.milliseconds(slow.medianWith)) with it, "
        + "\(Quantity.milliseconds(slow.medianWithout)) without"
    }
      + trends.map { trend in
        let word = trend.correlation > 0 ? "larger" : "smaller"
        let rho = String(Int((abs(trend.correlation) * 100).rounded()))
        return
          "the \(word) $\(trend.parameter), the slower (rank correlation 0.\(rho.count == 1 ? "0" + rho : rho == "100" ? "99" : rho) over \(trend.samples) executions)"
      }
  }
}

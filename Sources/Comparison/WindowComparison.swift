import Foundation
public import Model

/// Which queries became slower or faster from one window to the next, told apart from noise.
///
/// The steps, in order:
/// 1. Both windows are cut into blocks of equal length. A block is the unit of the tests: single executions are far
///    from independent, and tests on them call an unchanged workload changed more often than not.
/// 2. A query's value in a block is the logarithm of its mean time there.
/// 3. What all the *other* queries did in the same block, the common mode, is subtracted: a slower machine is not a
///    slower query. Both changes are reported, with and without it.
/// 4. Welch's test compares the blocks of the two windows; Benjamini and Hochberg's procedure keeps the share of false
///    alarms among all reported changes at 5 %.
/// 5. A change must also be larger than the workload's own noise, learned from comparing the first half of the earlier
///    window with its second half, and large enough to matter.
public struct WindowComparison: Sendable {
  /// One query's executions in one block.
  public struct Block: Hashable, Sendable {
    public var calls: Int64
    public var totalMs: Double

    public init(calls: Int64, totalMs: Double) {
      self.calls = calls
      self.totalMs = totalMs
    }
  }

  /// One query's blocks in both windows, nil or no calls where it did not run. All queries have as many.
  public struct Query: Sendable {
    public var fingerprint: Fingerprint
    public var before: [Block?]
    public var now: [Block?]

    public init(fingerprint: Fingerprint, before: [Block?], now: [Block?]) {
      self.fingerprint = fingerprint
      self.before = before
      self.now = now
    }
  }

  public struct Options: Sendable {
    /// Blocks with fewer calls tell nothing about the mean.
    public var leastCalls: Int64 = 3
    /// Blocks that each window must have of a query.
    public var leastBlocks = 4
    /// The share of false alarms among the reported changes.
    public var falseDiscoveryRate = 0.05
    /// The least relative change that is worth reporting.
    public var leastChange = 0.10
    /// The least change of a query's total time, as a share of the workload's, that is worth reporting.
    public var leastShare = 0.001
    /// Queries that a common mode needs.
    public var leastOthers = 4

    public init() {}
  }

  public enum Verdict: Hashable, Sendable {
    case slower, faster
    /// No change that stands out.
    case same
    /// Too few blocks with enough calls to tell.
    case undecided
  }

  public struct Result: Hashable, Sendable {
    public var fingerprint: Fingerprint
    public var verdict: Verdict
    /// Mean time now ÷ before: over all calls, as measured.
    public var ratio: Double
    /// The same after the common mode was taken out; nil where it could not be told.
    public var ownRatio: Double?
    /// The probability of such a change by chance, adjusted for the number of queries compared; nil where untested.
    public var probability: Double?
  }

  /// One for each query that ran in both windows, in the order they were given.
  public var results: [Result]
  /// How much slower (above 1) or faster all queries together became; nil where too few ran to tell.
  public var commonRatio: Double?
  /// Relative changes below this are within the workload's own noise.
  public var noise: Double
  public var options: Options

  public init(_ queries: [Query], options: Options = Options()) {
    self.options = options
    var series = queries.map { Series($0, leastCalls: options.leastCalls) }
    let blocks = series.map { $0.logs.count }.max() ?? 0
    let split = queries.map(\.before.count).max() ?? 0

    let shifts = Self.commonMode(series, blocks: blocks, options: options)
    for index in series.indices { series[index].subtract(shifts[index]) }

    let halves = series.compactMap { series -> Double? in
      let before = series.corrected(in: 0..<split)
      guard before.count >= options.leastBlocks else { return nil }
      let half = before.count / 2
      return abs(Statistics.mean(Array(before[half...])) - Statistics.mean(Array(before[..<half])))
    }
    // A half holds half as many blocks as a window, so its mean is noisier by the root of two.
    let learned = halves.count >= 5 ? Statistics.quantile(halves, 0.9) / 2.0.squareRoot() : 0
    let noise = exp(learned) - 1
    self.noise = noise

    let workload = queries.reduce(0) { $0 + Self.total($1.now) }
    let tests = series.map { series -> Double? in
      let before = series.corrected(in: 0..<split)
      let now = series.corrected(in: split..<blocks)
      guard before.count >= options.leastBlocks, now.count >= options.leastBlocks else { return nil }
      return Statistics.welch(before, now)
    }
    let adjusted = Statistics.adjusted(tests.compactMap { $0 })
    var place = 0
    results = []
    var common: [Double] = []
    for (index, query) in queries.enumerated() {
      var probability: Double?
      if tests[index] != nil {
        probability = adjusted[place]
        place += 1
      }
      let (before, now) = (Self.sums(query.before), Self.sums(query.now))
      guard before.calls > 0, now.calls > 0, before.totalMs > 0 else { continue }
      let (meanBefore, meanNow) = (before.totalMs / Double(before.calls), now.totalMs / Double(now.calls))
      var result = Result(
        fingerprint: query.fingerprint, verdict: .undecided, ratio: meanNow / meanBefore, ownRatio: nil,
        probability: probability)
      if let probability {
        let own = exp(
          Statistics.mean(series[index].corrected(in: split..<blocks))
            - Statistics.mean(series[index].corrected(in: 0..<split)))
        result.ownRatio = own
        if let shift = series[index].meanShift(split: split) { common.append(shift) }
        let moved = abs(meanNow - meanBefore) * Double(now.calls)
        let isLarge =
          abs(log(own)) >= log(1 + max(options.leastChange, noise)) && moved >= options.leastShare * workload
        // Both must point the same way: a query that merely kept its time while all others gained has not changed.
        let agrees = (own > 1) == (result.ratio > 1)
        result.verdict =
          probability <= options.falseDiscoveryRate && isLarge && agrees ? (own > 1 ? .slower : .faster) : .same
      }
      results.append(result)
    }
    commonRatio = common.isEmpty ? nil : exp(Statistics.median(common))
  }

  // MARK: Parts

  /// A query's blocks of both windows, one after the other, as logarithms of its mean.
  private struct Series {
    var logs: [Double?]
    var shift: [Double?]

    init(_ query: Query, leastCalls: Int64) {
      logs = (query.before + query.now).map { block in
        guard let block, block.calls >= leastCalls, block.totalMs > 0 else { return nil }
        return log(block.totalMs / Double(block.calls))
      }
      shift = logs.map { _ in nil }
    }

    /// Around the query's own level: its median.
    var centred: [Double?] {
      let level = Statistics.median(logs.compactMap { $0 })
      return logs.map { $0.map { $0 - level } }
    }

    mutating func subtract(_ common: [Double?]) { shift = common }

    func corrected(in range: Range<Int>) -> [Double] {
      range.compactMap { index in index < logs.count ? logs[index].map { $0 - (shift[index] ?? 0) } : nil }
    }

    /// How much the common mode of this query's blocks moved from one window to the next.
    func meanShift(split: Int) -> Double? {
      let before = shift[..<min(split, shift.count)].compactMap { $0 }
      let now = shift[min(split, shift.count)...].compactMap { $0 }
      guard !before.isEmpty, !now.isEmpty else { return nil }
      return Statistics.mean(now) - Statistics.mean(before)
    }
  }

  /// For each query and block, how far the other queries were from their usual level: the median over them, so that a
  /// few that really changed do not count. O(blocks × queries × log queries).
  private static func commonMode(_ series: [Series], blocks: Int, options: Options) -> [[Double?]] {
    let centred = series.map(\.centred)
    var shifts = series.map { [Double?](repeating: nil, count: $0.logs.count) }
    for block in 0..<blocks {
      let present = centred.indices.compactMap { query in
        block < centred[query].count ? centred[query][block].map { (query: query, value: $0) } : nil
      }.sorted { ($0.value, $0.query) < ($1.value, $1.query) }
      guard present.count > options.leastOthers else { continue }
      // The median of the others: the sorted values without the one at `place`.
      func other(_ place: Int, _ rank: Int) -> Double { present[rank < place ? rank : rank + 1].value }
      let count = present.count - 1
      for (place, own) in present.enumerated() {
        shifts[own.query][block] = (other(place, (count - 1) / 2) + other(place, count / 2)) / 2
      }
    }
    return shifts
  }

  private static func sums(_ blocks: [Block?]) -> Block {
    blocks.reduce(into: Block(calls: 0, totalMs: 0)) { sum, block in
      sum.calls += block?.calls ?? 0
      sum.totalMs += block?.totalMs ?? 0
    }
  }

  private static func total(_ blocks: [Block?]) -> Double { sums(blocks).totalMs }
}

public import Model

/// A mergeable histogram of durations: quantiles of any union of sketches are within 3.2 % of the exact ones.
///
///     var sketch = LatencySketch()
///     sketch.record(Microseconds(1_250))
///     sketch.merge(other)
///     sketch.quantile(0.95)
///
/// It holds one counter for each bucket of `LatencyBucket` between the shortest and the longest duration recorded.
/// Recording and merging add counters, so neither the order nor the grouping of the parts shows in the result: equal
/// multisets of durations are equal sketches with equal bytes.
public struct LatencySketch: Hashable, Sendable {
  /// The bucket of `counters[0]`.
  @usableFromInline var base: Int
  /// Executions for each bucket from `base` on. The first and the last are never zero, which makes the form canonical.
  @usableFromInline var counters: [Int64]

  public init() {
    base = 0
    counters = []
  }

  /// A sketch of dense counters, one for each bucket of `LatencyBucket` from zero on. Negative counters count as zero.
  public init(counters dense: some Collection<Int64>) {
    self.init()
    for (index, count) in dense.enumerated().prefix(LatencyBucket.count) { add(count, to: index) }
  }

  public var isEmpty: Bool { counters.isEmpty }

  /// Durations recorded.
  /// - Complexity: O(buckets)
  public var count: Int64 { counters.reduce(0, LatencySketch.sum) }

  /// Sums stop at the highest number: damaged bytes may claim any count.
  @inlinable
  @inline(__always)
  static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  /// Counts a duration, once or several times (a sampled execution stands for several). `count` below one is ignored.
  @inlinable
  public mutating func record(_ duration: Microseconds, count: Int64 = 1) { record(duration.value, count: count) }

  /// Counts a duration given in microseconds.
  @inlinable
  public mutating func record(_ microseconds: Int64, count: Int64 = 1) {
    add(count, to: LatencyBucket.index(of: microseconds))
  }

  /// Adds executions to a bucket. Does nothing for a count below one or a bucket that does not exist.
  @inlinable
  public mutating func add(_ count: Int64, to bucket: Int) {
    let offset = bucket &- base
    if count > 0, offset >= 0, offset < counters.count {
      counters[offset] = LatencySketch.sum(counters[offset], count)
    } else if count > 0 {
      addOutside(count, bucket)
    }
  }

  @usableFromInline
  mutating func addOutside(_ count: Int64, _ bucket: Int) {
    guard bucket >= 0, bucket < LatencyBucket.count else { return }
    if counters.isEmpty {
      base = bucket
      counters = [count]
    } else if bucket < base {
      counters.insert(contentsOf: repeatElement(0, count: base - bucket), at: 0)
      base = bucket
      counters[0] = count
    } else {
      counters.append(contentsOf: repeatElement(0, count: bucket - base - counters.count))
      counters.append(count)
    }
  }

  public mutating func merge(_ other: LatencySketch) {
    guard let last = other.counters.last else { return }
    // The far ends first, so that the loop below never has to grow the storage.
    add(last, to: other.base + other.counters.count - 1)
    for offset in 0..<(other.counters.count - 1) { add(other.counters[offset], to: other.base + offset) }
  }

  /// The buckets that hold something, in order.
  public var buckets: [(index: Int, count: Int64)] {
    counters.indices.filter { counters[$0] != 0 }.map { (base + $0, counters[$0]) }
  }

  /// The duration at rank `ceil(q · count)` (the nearest-rank definition; rank one for `q = 0`), as the middle of its
  /// bucket: within 1/32 of the exact duration at that rank, and exact below 32 µs. Nil for an empty sketch.
  /// - Parameter q: 0 … 1; 0.95 asks for the 95th percentile. Values outside are taken as the nearer end.
  /// - Complexity: O(buckets)
  public func quantile(_ q: Double) -> Microseconds? {
    guard let bucket = bucket(atRank: LatencySketch.rank(q, of: count)) else { return nil }
    return Microseconds(LatencyBucket.middle(of: bucket))
  }

  /// The duration at a rank, counted from one, as the middle of its bucket; nil beyond the count.
  public func value(atRank rank: Int64) -> Microseconds? {
    bucket(atRank: max(1, rank)).map { Microseconds(LatencyBucket.middle(of: $0)) }
  }

  /// The interval that certainly holds the duration `quantile` speaks of, in whole microseconds.
  public func bounds(ofQuantile q: Double) -> ClosedRange<Int64>? {
    guard let bucket = bucket(atRank: LatencySketch.rank(q, of: count)) else { return nil }
    return LatencyBucket.lowerBound(of: bucket)...LatencyBucket.upperBound(of: bucket)
  }

  /// How many durations were certainly longer than `target`, and how many may have been: those that share its bucket
  /// are known only to within the bucket.
  public func countAbove(_ target: Microseconds) -> ClosedRange<Int64> {
    let edge = LatencyBucket.index(of: target.value)
    var certain: Int64 = 0
    for (bucket, count) in buckets where bucket > edge { certain = LatencySketch.sum(certain, count) }
    // A target that is the largest value of its bucket has nothing of that bucket above it.
    let sharing =
      target.value >= LatencyBucket.upperBound(of: edge) || edge < base || edge >= base + counters.count
      ? 0 : counters[edge - base]
    return certain...LatencySketch.sum(certain, sharing)
  }

  /// The rank that stands for a quantile of `count` values: `ceil(q · count)`, at least 1. A product that only floating
  /// point keeps from being whole (0.07 · 100) counts as whole.
  public static func rank(_ q: Double, of count: Int64) -> Int64 {
    let exact = min(max(q.isNaN ? 0 : q, 0), 1) * Double(count)
    let near = exact.rounded()
    let rank = abs(exact - near) <= 1e-9 * max(1, exact) ? near : exact.rounded(.up)
    // The highest count is no exact double; what it is rounded to does not fit.
    guard rank < 0x1p63 else { return max(1, count) }
    return min(max(1, Int64(rank)), max(1, count))
  }

  private func bucket(atRank rank: Int64) -> Int? {
    var seen: Int64 = 0
    for (offset, count) in counters.enumerated() {
      seen = LatencySketch.sum(seen, count)
      if seen >= rank, count > 0 { return base + offset }
    }
    return nil
  }
}

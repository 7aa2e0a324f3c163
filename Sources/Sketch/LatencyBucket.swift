/// The fixed grid of a `LatencySketch`: sixteen buckets of equal width in each octave of whole microseconds.
///
/// Values below 32 µs have a bucket each. From there a bucket of the octave `[2^k, 2^(k+1))` is `2^(k-4)` wide, so its
/// middle is never farther than 1/32 (3.125 %) from any value in it. This is the "log-linear" layout of HdrHistogram
/// (Gil Tene) with four significant bits. Only integer operations: the same value lands in the same bucket everywhere.
public enum LatencyBucket {
  /// Buckets that cover 0 … 2^63 - 1 µs.
  public static let count = 960

  /// The bucket of a duration in microseconds, in `0 ..< count`. A negative duration (a clock set back) counts as zero.
  @inlinable
  @inline(__always)
  public static func index(of microseconds: Int64) -> Int {
    let value = microseconds < 0 ? 0 : microseconds
    // The shift that leaves five significant bits; zero for the values that have a bucket of their own.
    let shift = max(0, 59 - value.leadingZeroBitCount)
    return shift &<< 4 &+ Int(truncatingIfNeeded: value &>> Int64(shift))
  }

  /// The smallest duration of a bucket, in microseconds.
  @inlinable
  public static func lowerBound(of index: Int) -> Int64 {
    index < 32 ? Int64(index) : Int64(index & 15 | 16) << Int64(index >> 4 - 1)
  }

  /// The largest duration of a bucket, in microseconds.
  @inlinable
  public static func upperBound(of index: Int) -> Int64 {
    index < 32 ? Int64(index) : lowerBound(of: index) + (Int64(1) << Int64(index >> 4 - 1) - 1)
  }

  /// The duration that stands for a bucket: its middle, in microseconds.
  @inlinable
  public static func middle(of index: Int) -> Int64 {
    let low = lowerBound(of: index)
    return low + (upperBound(of: index) - low) / 2
  }
}

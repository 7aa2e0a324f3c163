import Glibc

/// Size of a hash index: buckets for the rows at the fill factor, doubled in four steps at a time, and overflow pages
/// where a bucket gets more than a page takes.
///
/// Sources: PostgreSQL `hash.c`, `hashpage.c` (`_hash_init`), `hash.h`, `hashutil.c` (`_hash_spareindex`,
/// `_hash_get_totalbuckets`).
public enum HashSize {
  /// Tuple of 16 bytes (header and hash value) and its line pointer.
  private static let itemBytes = 20
  private static let itemsPerPage = Double((8192 - 24 - 16) / itemBytes)
  private static let defaultFillFactor = 75

  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    // Null is not in a hash index, but the buckets are laid out for all rows.
    let nulls = shape.keys.first?.nullFraction ?? 0
    let entries = shape.rows * (1 - nulls)
    let perBucket = Double(max(10, 8192 * (shape.fillFactor ?? defaultFillFactor) / 100 / itemBytes))
    let buckets = Double(totalBuckets(atLeast: (shape.rows / perBucket).rounded(.up)))

    // Rows of one value share a bucket; the rest spread as by chance.
    let common = (shape.keys.first?.commonFrequencies ?? []).map { $0 * shape.rows }
    let rest = max(0, entries - common.reduce(0, +))
    let distinct = max(1, (shape.keys.first?.distinct ?? 1) - Double(common.count))
    var overflow = common.reduce(0) { $0 + max(0, (($1 + rest / buckets) / itemsPerPage).rounded(.up) - 1) }
    overflow += buckets * overflowPages(values: distinct / buckets, rowsPerValue: rest / distinct)
    // A bitmap page tells of 32,768 overflow pages.
    let bitmaps = max(1, (overflow / 32_768).rounded(.up))
    let pages = 1 + buckets + overflow + bitmaps
    return IndexSizeEstimate(pages: Int64(pages.rounded(.up)), height: 0, entries: entries, isRough: false)
  }

  /// Expected overflow pages of a bucket whose number of values is Poisson distributed.
  private static func overflowPages(values mean: Double, rowsPerValue: Double) -> Double {
    let average = mean * rowsPerValue
    // Variance of a compound Poisson sum; a normal distribution is near enough for the tail that matters.
    let deviation = (average * rowsPerValue).squareRoot()
    var expected = 0.0
    let steps = 64
    for step in 0..<steps {
      let z = -3.2 + 6.4 * (Double(step) + 0.5) / Double(steps)
      let rows = max(0, average + z * deviation)
      expected += exp(-z * z / 2) * max(0, (rows / itemsPerPage).rounded(.up) - 1)
    }
    return expected * 6.4 / Double(steps) / (2 * Double.pi).squareRoot()
  }

  /// Up to 512 buckets the number is a power of two; from there each doubling comes in four equal steps.
  static func totalBuckets(atLeast wanted: Double) -> Int {
    guard wanted > 2 else { return 2 }
    var power = 2
    while Double(power) < wanted { power *= 2 }
    guard power > 512 else { return power }
    let half = power / 2
    let step = half / 4
    return half + step * Int(((wanted - Double(half)) / Double(step)).rounded(.up))
  }
}

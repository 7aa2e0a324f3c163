internal import Bytes

/// The entries of a source with the smallest hashes: enough to tell, without a second look at it, whether another
/// source holds the same entries in another format.
///
/// A bottom-k sketch (Cohen, Kaplan: "Summarizing Data using Bottom-k Sketches", 2007). An entry's hash is of what all
/// formats say alike: its time to the second (`%t` says no more), process, severity and duration.
public struct EntrySketch: Sendable, Equatable {
  /// Hashes kept.
  public static let size = 1_024

  private var hashes: [UInt64] = []
  /// Hashes at or above this are not kept; the highest value while all are.
  public private(set) var threshold = UInt64.max

  public init() {}

  @inline(__always)
  static func hash(_ entry: borrowing LogEntry) -> UInt64 {
    let first = ByteHash.combine(UInt64(bitPattern: entry.time / 1_000_000), entry.session & 0xFFFF_FFFF)
    return ByteHash.combine(
      first, UInt64(entry.severity.rawValue) << 56 | UInt64(bitPattern: entry.duration) & 0xFF_FFFF_FFFF_FFFF)
  }

  @inline(__always)
  mutating func insert(_ hash: UInt64) {
    if hash < threshold {
      hashes.append(hash)
      if hashes.count >= 2 * EntrySketch.size { prune() }
    }
  }

  private mutating func prune() {
    hashes = Set(hashes).sorted()
    guard hashes.count > EntrySketch.size else { return }
    hashes.removeLast(hashes.count - EntrySketch.size)
    threshold = hashes[EntrySketch.size - 1] &+ 1
  }

  /// The hashes in ascending order, eight bytes each, little endian.
  public var encoded: [UInt8] {
    var copy = self
    copy.prune()
    let sorted = Set(copy.hashes).sorted()
    return sorted.flatMap { hash in (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64($0 * 8)) } }
  }

  /// Reads what `encoded` gave.
  public init(encoded bytes: [UInt8]) {
    var i = 0
    while i + 8 <= bytes.count {
      hashes.append((0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[i + $1]) << UInt64($1 * 8) })
      i += 8
    }
    if hashes.count >= EntrySketch.size, let last = hashes.last { threshold = last &+ 1 }
  }

  /// Of the hashes that the sketch would hold if its source had the entries, how many it does hold.
  public func overlap(with other: [UInt64]) -> (eligible: Int, held: Int) {
    let set = Set(hashes)
    var eligible = 0
    var held = 0
    for hash in Set(other) where hash < threshold {
      eligible += 1
      if set.contains(hash) { held += 1 }
    }
    return (eligible, held)
  }
}

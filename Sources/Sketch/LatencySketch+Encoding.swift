public import Model

extension LatencySketch {
  /// Why bytes are no sketch.
  public struct DecodingError: UserError, Equatable {
    /// Where in the bytes, from zero.
    public let offset: Int
    public let reason: String

    public var sentence: String { "latency histogram damaged at byte \(offset): \(reason)" }
  }

  /// The sketch as bytes; none for an empty sketch. Some 1.5 bytes for each bucket that holds something.
  ///
  /// For each such bucket in ascending order one variable-length integer (LEB128) `gap · 2 + several`, where `gap` is
  /// the number of empty buckets before it, and, if `several`, another one that holds the bucket's count minus two; a
  /// bucket that is not `several` counts one.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(counters.count * 2)
    LatencySketch.encode(counters, base: base, into: &bytes)
    return bytes
  }

  /// Appends the bytes of dense counters whose first stands for bucket `base`, without making a sketch of them.
  /// Counters below one count as zero.
  public static func encode(_ counters: some Sequence<Int64>, base: Int = 0, into bytes: inout [UInt8]) {
    func append(_ value: UInt64) {
      var rest = value
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(truncatingIfNeeded: rest))
    }
    var gap = UInt64(base)
    for count in counters {
      guard count > 0 else {
        gap += 1
        continue
      }
      append(gap << 1 | (count > 1 ? 1 : 0))
      if count > 1 { append(UInt64(count - 2)) }
      gap = 0
    }
  }

  public init(decoding bytes: some Sequence<UInt8>) throws(DecodingError) {
    self.init()
    try merge(decoding: bytes)
  }

  /// Adds an encoded sketch. On an error what precedes the damage has been added.
  public mutating func merge(decoding bytes: some Sequence<UInt8>) throws(DecodingError) {
    var iterator = bytes.makeIterator()
    var offset = 0
    /// Nil at the end of the bytes.
    func next() throws(DecodingError) -> UInt64? {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while let byte = iterator.next() {
        offset += 1
        let part = UInt64(byte & 0x7F)
        guard shift < 63 || shift == 63 && part <= 1 else {
          throw DecodingError(offset: offset - 1, reason: "number too large")
        }
        value |= part << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      guard shift == 0 else { throw DecodingError(offset: offset, reason: "ends inside a number") }
      return nil
    }
    var bucket = -1
    while let head = try next() {
      let gap = head >> 1
      guard gap < UInt64(LatencyBucket.count - bucket - 1) else {
        throw DecodingError(offset: offset, reason: "bucket out of range")
      }
      bucket += 1 + Int(gap)
      var count: Int64 = 1
      if head & 1 == 1 {
        guard let stored = try next() else { throw DecodingError(offset: offset, reason: "count missing") }
        guard stored <= UInt64(Int64.max - 2) else {
          throw DecodingError(offset: offset, reason: "count too large")
        }
        count = Int64(stored) + 2
      }
      add(count, to: bucket)
    }
  }

  /// The lower end of the first bucket of an encoded sketch, in microseconds: no duration in it is shorter. Nil for an
  /// empty one.
  public static func fastest(in bytes: some Sequence<UInt8>) throws(DecodingError) -> Int64? {
    var head: [UInt8] = []
    for byte in bytes {
      head.append(byte)
      if byte < 0x80 || head.count > 9 { break }
    }
    guard let last = head.last else { return nil }
    guard last < 0x80 else { throw DecodingError(offset: 0, reason: "ends inside a number") }
    let value = head.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element & 0x7F) << UInt64(7 * $1.offset) }
    guard value >> 1 < UInt64(LatencyBucket.count) else {
      throw DecodingError(offset: 0, reason: "bucket out of range")
    }
    return LatencyBucket.lowerBound(of: Int(value >> 1))
  }
}

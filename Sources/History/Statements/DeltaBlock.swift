import Model
import Statements

/// What all entries of a server did in one interval, packed by column: some 25 bytes for each entry that did anything.
///
/// Layout: a format byte; the number of entries; the entries' ids as ascending gaps; a byte of flags each; a mask of
/// the columns that hold anything, then these columns; the sums of squares; the extremes that are known. A packed block
/// is a format byte of its own and the deflated plain block.
struct DeltaBlock {
  /// The first byte of a plain and of a packed block.
  static let plain: UInt8 = 1
  private static let packed: UInt8 = 2

  /// An entry's id in the history, and what it did.
  typealias Item = (entry: Int64, delta: StatementDelta)

  /// - Parameter items: ascending by entry.
  static func encode(_ items: [Item]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(byte: plain)
    writer.write(UInt64(items.count))
    var previous: Int64 = 0
    for item in items {
      writer.write(UInt64(bitPattern: item.entry - previous))
      previous = item.entry
    }
    for item in items { writer.write(byte: flags(item.delta)) }
    var mask: UInt64 = 0
    for index in 0..<StatementCounter.count where items.contains(where: { $0.delta.counters.values[index] != 0 }) {
      mask |= 1 << UInt64(index)
    }
    if items.contains(where: { $0.delta.counters.planSquares != 0 }) { mask |= 1 << 63 }
    writer.write(mask)
    for index in 0..<StatementCounter.count where mask & 1 << UInt64(index) != 0 {
      writer.write(column: items.lazy.map { $0.delta.counters.values[index] })
    }
    for item in items { writer.write(wide: item.delta.counters.execSquares) }
    if mask & 1 << 63 != 0 { for item in items { writer.write(wide: item.delta.counters.planSquares) } }
    for item in items {
      if let value = item.delta.shortest.value { writer.write(signed: value) }
      if let value = item.delta.longest.value { writer.write(signed: value) }
    }
    return writer.bytes
  }

  private static func flags(_ delta: StatementDelta) -> UInt8 {
    delta.life.rawValue | (delta.isExact ? 4 : 0) | (delta.hasReliableSquares ? 8 : 0) | kind(delta.shortest) << 4
      | kind(delta.longest) << 6
  }

  private static func kind(_ extremum: WindowExtremum) -> UInt8 {
    switch extremum {
    case .withinEarlier: 0
    case .moved: 1
    case .began: 2
    case .partly: 3
    }
  }

  static func extremum(_ kind: UInt8, _ reader: inout ByteReader) throws(ByteReader.Damage) -> WindowExtremum {
    switch kind & 3 {
    case 1: .moved(try reader.signed())
    case 2: .began(try reader.signed())
    case 3: .partly(try reader.signed())
    default: .withinEarlier
    }
  }

  /// The block as a file keeps it for long and seldom reads it: a sixth smaller.
  static func pack(_ items: [Item]) throws -> [UInt8] {
    let bytes = encode(items)
    let deflated = try Deflate.pack(bytes, level: 1)
    return deflated.count + 1 < bytes.count ? [packed] + deflated : bytes
  }

  /// Hands on the plain block that these bytes are or hold.
  static func unpacked<T>(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
    guard bytes.first == packed else { return try body(bytes) }
    let block = try Deflate.unpack(UnsafeRawBufferPointer(rebasing: bytes[1...]))
    return try block.withUnsafeBytes(body)
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) throws -> [Item] {
    var sum = DeltaSum()
    try sum.add(bytes)
    return sum.items
  }

  /// The calls and the execution time (in nanoseconds) of each entry, without reading the rest.
  static func times(
    _ bytes: UnsafeRawBufferPointer, _ body: (_ entry: Int64, _ calls: Int64, _ time: Int64) -> Void
  ) throws {
    try unpacked(bytes) { bytes in
      var reader = ByteReader(bytes)
      guard try reader.byte() == plain else { throw ByteReader.Damage(offset: 0) }
      let count = try reader.count(atMost: bytes.count)
      var entries: [Int64] = []
      entries.reserveCapacity(count)
      var entry: Int64 = 0
      for _ in 0..<count {
        entry &+= Int64(bitPattern: try reader.number())
        entries.append(entry)
      }
      for _ in 0..<count { _ = try reader.byte() }
      let mask = try reader.number()
      var calls = [Int64](repeating: 0, count: count)
      var times = [Int64](repeating: 0, count: count)
      for column in 0...StatementCounter.execTime.rawValue where mask & 1 << UInt64(column) != 0 {
        try reader.column(count) { index, value throws(ByteReader.Damage) in
          if column == StatementCounter.calls.rawValue { calls[index] = value }
          if column == StatementCounter.execTime.rawValue { times[index] = value }
        }
      }
      for index in 0..<count { body(entries[index], calls[index], times[index]) }
    }
  }
}

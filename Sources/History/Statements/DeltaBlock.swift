import Model
import Statements

/// What all entries of a server did in one interval, packed by column: some 25 bytes for each entry that did anything.
///
/// Layout: a format byte; the number of entries; the entries' ids as ascending gaps; a byte of flags each; a mask of
/// the columns that hold anything, then these columns; the sums of squares; the extremes that are known.
struct DeltaBlock {
  private static let format: UInt8 = 1

  /// An entry's id in the history, and what it did.
  typealias Item = (entry: Int64, delta: StatementDelta)

  /// - Parameter items: ascending by entry.
  static func encode(_ items: [Item]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(byte: format)
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

  private static func extremum(_ kind: UInt8, _ reader: inout ByteReader) throws(ByteReader.Damage) -> WindowExtremum {
    switch kind & 3 {
    case 1: .moved(try reader.signed())
    case 2: .began(try reader.signed())
    case 3: .partly(try reader.signed())
    default: .withinEarlier
    }
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) throws(ByteReader.Damage) -> [Item] {
    var reader = ByteReader(bytes)
    guard try reader.byte() == format else { throw ByteReader.Damage(offset: 0) }
    let count = try reader.count(atMost: bytes.count)
    var items: [Item] = []
    items.reserveCapacity(count)
    var entry: Int64 = 0
    let key = StatementKey(databaseID: 0, userID: 0, queryID: .init(0))
    for _ in 0..<count {
      entry &+= Int64(bitPattern: try reader.number())
      items.append((entry, StatementDelta(key: key, life: .continued, counters: .init(), isExact: true)))
    }
    var flags: [UInt8] = []
    flags.reserveCapacity(count)
    for index in 0..<count {
      let flag = try reader.byte()
      flags.append(flag)
      items[index].delta.life = StatementDelta.Life(rawValue: flag & 3) ?? .continued
      items[index].delta.isExact = flag & 4 != 0
      items[index].delta.hasReliableSquares = flag & 8 != 0
    }
    let mask = try reader.number()
    for column in 0..<StatementCounter.count where mask & 1 << UInt64(column) != 0 {
      try reader.column(count) { index, value throws(ByteReader.Damage) in
        items[index].delta.counters.values[column] = value
      }
    }
    for index in 0..<count { items[index].delta.counters.execSquares = try reader.wide() }
    if mask & 1 << 63 != 0 {
      for index in 0..<count { items[index].delta.counters.planSquares = try reader.wide() }
    }
    for index in 0..<count {
      items[index].delta.shortest = try extremum(flags[index] >> 4, &reader)
      items[index].delta.longest = try extremum(flags[index] >> 6, &reader)
    }
    guard reader.isAtEnd else { throw ByteReader.Damage(offset: reader.offset) }
    return items
  }

  /// Two neighbouring intervals as one.
  static func joined(_ a: [Item], _ b: [Item]) -> [Item] {
    var result: [Item] = []
    result.reserveCapacity(max(a.count, b.count))
    var i = 0
    var j = 0
    while i < a.count || j < b.count {
      if j == b.count || i < a.count && a[i].entry < b[j].entry {
        result.append(a[i])
        i += 1
      } else if i == a.count || b[j].entry < a[i].entry {
        result.append(b[j])
        j += 1
      } else {
        result.append((a[i].entry, a[i].delta.followed(by: b[j].delta)))
        i += 1
        j += 1
      }
    }
    return result
  }
}

import Model
import Statements

/// The sum of what lies in blocks of neighbouring intervals, which are added in the order of time.
///
/// A year of days has hundreds of blocks with hundreds of entries each: the counters lie in one array, so that adding a
/// block makes no values of its own.
///
/// - Complexity: O(what the blocks hold that is not zero)
struct DeltaSum {
  private struct Entry {
    var id: Int64
    var life: StatementDelta.Life
    var isExact: Bool
    var hasReliableSquares: Bool
    var shortest = WindowExtremum.withinEarlier
    var longest = WindowExtremum.withinEarlier
    var execSquares: Int128 = 0
    var planSquares: Int128 = 0
  }

  private static let columns = StatementCounter.count

  private var entries: [Entry] = []
  /// Row by row, in the order of `entries`.
  private var counters: [Int64] = []
  private var places: [Int64: Int] = [:]

  var isEmpty: Bool { entries.isEmpty }

  /// Adds the next interval.
  mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
    try DeltaBlock.unpacked(bytes) { try add(block: $0) }
  }

  mutating func add(_ items: [DeltaBlock.Item]) {
    for (id, delta) in items {
      let (place, isNew) = place(of: id)
      join(
        place, isNew, delta.life, isExact: delta.isExact, hasReliableSquares: delta.hasReliableSquares)
      entries[place].shortest = isNew ? delta.shortest : entries[place].shortest.followed(by: delta.shortest, min)
      entries[place].longest = isNew ? delta.longest : entries[place].longest.followed(by: delta.longest, max)
      for (column, value) in delta.counters.values.enumerated() where value != 0 {
        counters[place * Self.columns + column] &+= value
      }
      entries[place].execSquares &+= delta.counters.execSquares
      entries[place].planSquares &+= delta.counters.planSquares
    }
  }

  /// What was summed up, ascending by entry.
  var items: [DeltaBlock.Item] {
    let key = StatementKey(databaseID: 0, userID: 0, queryID: .init(0))
    return entries.indices.sorted { entries[$0].id < entries[$1].id }.map { place in
      let entry = entries[place]
      var sums = StatementCounters()
      sums.values = Array(counters[place * Self.columns..<(place + 1) * Self.columns])
      sums.execSquares = entry.execSquares
      sums.planSquares = entry.planSquares
      return (
        entry.id,
        StatementDelta(
          key: key, life: entry.life, counters: sums, isExact: entry.isExact,
          hasReliableSquares: entry.hasReliableSquares, shortest: entry.shortest, longest: entry.longest)
      )
    }
  }

  private mutating func place(of id: Int64) -> (place: Int, isNew: Bool) {
    if let place = places[id] { return (place, false) }
    let place = entries.count
    places[id] = place
    entries.append(Entry(id: id, life: .continued, isExact: true, hasReliableSquares: true))
    counters.append(contentsOf: repeatElement(0, count: Self.columns))
    return (place, true)
  }

  private mutating func join(
    _ place: Int, _ isNew: Bool, _ life: StatementDelta.Life, isExact: Bool, hasReliableSquares: Bool
  ) {
    if isNew {
      entries[place].life = life
      entries[place].isExact = isExact
      entries[place].hasReliableSquares = hasReliableSquares
    } else {
      entries[place].life = entries[place].life.followed(by: life)
      entries[place].isExact = entries[place].isExact && isExact
      entries[place].hasReliableSquares = entries[place].hasReliableSquares && hasReliableSquares
    }
  }

  private mutating func add(block bytes: UnsafeRawBufferPointer) throws(ByteReader.Damage) {
    var reader = ByteReader(bytes)
    guard try reader.byte() == DeltaBlock.plain else { throw ByteReader.Damage(offset: 0) }
    let count = try reader.count(atMost: bytes.count)
    var rows: [(place: Int, isNew: Bool, flags: UInt8)] = []
    rows.reserveCapacity(count)
    var id: Int64 = 0
    for _ in 0..<count {
      id &+= Int64(bitPattern: try reader.number())
      let (place, isNew) = place(of: id)
      rows.append((place, isNew, 0))
    }
    for index in 0..<count {
      let flags = try reader.byte()
      rows[index].flags = flags
      join(
        rows[index].place, rows[index].isNew, StatementDelta.Life(rawValue: flags & 3) ?? .continued,
        isExact: flags & 4 != 0, hasReliableSquares: flags & 8 != 0)
    }
    let mask = try reader.number()
    for column in 0..<Self.columns where mask & 1 << UInt64(column) != 0 {
      try reader.column(count) { index, value throws(ByteReader.Damage) in
        counters[rows[index].place * Self.columns + column] &+= value
      }
    }
    for index in 0..<count { entries[rows[index].place].execSquares &+= try reader.wide() }
    if mask & 1 << 63 != 0 {
      for index in 0..<count { entries[rows[index].place].planSquares &+= try reader.wide() }
    }
    for (place, isNew, flags) in rows {
      let shortest = try DeltaBlock.extremum(flags >> 4, &reader)
      let longest = try DeltaBlock.extremum(flags >> 6, &reader)
      entries[place].shortest = isNew ? shortest : entries[place].shortest.followed(by: shortest, min)
      entries[place].longest = isNew ? longest : entries[place].longest.followed(by: longest, max)
    }
    guard reader.isAtEnd else { throw ByteReader.Damage(offset: reader.offset) }
  }
}

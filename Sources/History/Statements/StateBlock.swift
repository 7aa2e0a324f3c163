import Model
import Statements

/// A whole snapshot's rows, packed by column: what the next snapshot is compared with.
struct StateBlock {
  private static let format: UInt8 = 1

  static func encode(_ rows: [StatementRow]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(byte: format)
    writer.write(UInt64(rows.count))
    for row in rows {
      writer.write(UInt64(row.key.databaseID))
      writer.write(UInt64(row.key.userID))
      writer.write(signed: row.key.queryID.value)
      writer.write(byte: row.key.isTopLevel ? 1 : 0)
    }
    for index in 0..<StatementCounter.count { writer.write(column: rows.lazy.map { $0.counters.values[index] }) }
    for row in rows {
      writer.write(wide: row.counters.execSquares)
      writer.write(wide: row.counters.planSquares)
    }
    writer.write(column: rows.lazy.map(\.exec.shortest))
    writer.write(column: rows.lazy.map(\.exec.longest))
    writer.write(column: rows.lazy.map(\.plan.shortest))
    writer.write(column: rows.lazy.map(\.plan.longest))
    // Zero stands for "not told": no entry began in 1970.
    writer.write(column: rows.lazy.map { $0.since?.microseconds ?? 0 })
    writer.write(
      column: rows.lazy.map { row in
        guard let extremes = row.extremesSince else { return 0 }
        return extremes == row.since ? 1 : extremes.microseconds
      })
    return writer.bytes
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) throws(ByteReader.Damage) -> [StatementRow] {
    var reader = ByteReader(bytes)
    guard try reader.byte() == format else { throw ByteReader.Damage(offset: 0) }
    let count = try reader.count(atMost: bytes.count)
    var rows: [StatementRow] = []
    rows.reserveCapacity(count)
    for _ in 0..<count {
      let database = UInt32(truncatingIfNeeded: try reader.number())
      let user = UInt32(truncatingIfNeeded: try reader.number())
      let query = try reader.signed()
      let key = StatementKey(
        databaseID: database, userID: user, queryID: QueryID(query), isTopLevel: try reader.byte() == 1)
      rows.append(StatementRow(key: key, counters: .init()))
    }
    for column in 0..<StatementCounter.count {
      try reader.column(count) { index, value throws(ByteReader.Damage) in rows[index].counters.values[column] = value }
    }
    for index in 0..<count {
      rows[index].counters.execSquares = try reader.wide()
      rows[index].counters.planSquares = try reader.wide()
    }
    try reader.column(count) { index, value throws(ByteReader.Damage) in rows[index].exec.shortest = value }
    try reader.column(count) { index, value throws(ByteReader.Damage) in rows[index].exec.longest = value }
    try reader.column(count) { index, value throws(ByteReader.Damage) in rows[index].plan.shortest = value }
    try reader.column(count) { index, value throws(ByteReader.Damage) in rows[index].plan.longest = value }
    try reader.column(count) { index, value throws(ByteReader.Damage) in
      rows[index].since = Timestamp(microseconds: value)
    }
    try reader.column(count) { index, value throws(ByteReader.Damage) in
      rows[index].extremesSince = value == 1 ? rows[index].since : Timestamp(microseconds: value)
    }
    guard reader.isAtEnd else { throw ByteReader.Damage(offset: reader.offset) }
    return rows
  }
}

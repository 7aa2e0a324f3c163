internal import Bytes

/// csvlog: 23 columns in PostgreSQL 9.0 to 12, 24 in 13 (backend_type), 26 from 14 on (leader_pid, query_id); more are
/// tolerated. Newlines inside quoted values are raw, quotes doubled.
///
/// `write_csvlog` in src/backend/utils/error/csvlog.c.
struct CSVScanner: EntryScanner, ~Copyable {
  private var clock: ZonedClock
  private var finisher: EntryFinisher
  private let tables: [MessageTable]
  /// Ranges of the columns of one record; quotes not included.
  private let columns: UnsafeMutablePointer<ByteSlice>
  private static let room = 40

  init(tables: [MessageTable], zones: ZoneOffsets) {
    clock = ZonedClock(zones)
    finisher = EntryFinisher(escaping: .doubledQuote, messages: MessageReader(tables: tables))
    self.tables = tables
    columns = .allocate(capacity: CSVScanner.room)
    columns.initialize(repeating: .none, count: CSVScanner.room)
  }

  deinit { columns.deallocate() }

  /// Column numbers of a record, from zero (manual, table "csvlog" in "Using CSV-Format Log Output").
  private enum Column {
    static let time = 0, user = 1, database = 2, session = 5, line = 6, tag = 7, start = 8, virtualTransaction = 9
    static let severity = 11, sqlState = 12, message = 13, detail = 14, context = 18, query = 19, application = 22
    static let backend = 23, queryID = 25
    /// What every supported release has.
    static let least = 23
  }

  mutating func scan(_ block: EntryBlock) {
    let p = UnsafeRawPointer(block.bytes)
    let count = block.count
    var position = 0
    while position < count {
      let (found, next) = split(p, position, count)
      if found < Column.least {
        if next > position + 1 { block.skip(.badColumns, at: position) }
      } else {
        var entry = LogEntry.blank
        if let reason = fill(&entry, p, found) {
          block.skip(reason, at: position)
        } else {
          finisher.finish(p, &entry)
          block.entries.append(entry)
        }
      }
      position = next
    }
  }

  /// Finds the columns of the record at `from`. Returns how many there are and where the next record begins.
  @inline(__always)
  private func split(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> (Int, Int) {
    var column = 0
    var i = from
    while true {
      var start = i
      var stop: Int
      if i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "\"") {
        start = i + 1
        i = start
        while true {
          guard let quote = memory(p + i, 0x22, end - i) else {
            i = end
            break
          }
          i = quote - p
          if i + 1 < end, p.load(fromByteOffset: i + 1, as: UInt8.self) == UInt8(ascii: "\"") {
            i += 2
          } else {
            break
          }
        }
        stop = i
        if i < end { i += 1 }
      } else {
        while i < end {
          let byte = p.load(fromByteOffset: i, as: UInt8.self)
          if byte == UInt8(ascii: ",") || byte == 0x0A { break }
          if byte == UInt8(ascii: "\"") { return malformed(p, from, end) }
          i += 1
        }
        stop = i
        if stop > start, i < end, p.load(fromByteOffset: i, as: UInt8.self) == 0x0A,
          p.load(fromByteOffset: stop - 1, as: UInt8.self) == 0x0D
        {
          stop -= 1
        }
      }
      if column < CSVScanner.room {
        columns[column] = ByteSlice(start, stop)
        column += 1
      }
      guard i < end else { return (column, end) }
      let delimiter = p.load(fromByteOffset: i, as: UInt8.self)
      i += 1
      if delimiter == UInt8(ascii: ",") { continue }
      if delimiter == 0x0A { return (column, i) }
      if delimiter == 0x0D, i < end, p.load(fromByteOffset: i, as: UInt8.self) == 0x0A { return (column, i + 1) }
      // Bytes after a closing quote: no record of PostgreSQL's, but the beginning of one and then another.
      return malformed(p, from, end)
    }
  }

  /// Where reading goes on behind a record that is none.
  private func malformed(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> (Int, Int) {
    (0, CSVRecordStart.newlineBefore(p, from, end).map { $0 + 1 } ?? end)
  }

  @inline(__always)
  private mutating func fill(_ entry: inout LogEntry, _ p: UnsafeRawPointer, _ count: Int) -> SkipTally.Reason? {
    var i = Int(columns[Column.session].start)
    guard let session = sessionID(p, &i, columns[Column.session].end), i == columns[Column.session].end else {
      return .badColumns
    }
    i = Int(columns[Column.time].start)
    guard let local = clock.read(p, &i, columns[Column.time].end) else { return .badTime }
    if clock.wants(local) {
      let start = columns[Column.start]
      clock.learn(
        UnsafeRawBufferPointer(start: p + Int(start.start), count: Int(start.count)), epoch: Int64(session >> 32))
    }
    guard let time = clock.utc(local) else { return .badTime }
    guard let severity = severity(p, columns[Column.severity]) else { return .noSeverity }
    entry.time = time
    entry.session = session
    entry.severity = severity
    i = Int(columns[Column.line].start)
    entry.line = integer(p, &i, columns[Column.line].end) ?? -1
    entry.lastLine = entry.line
    let tag = columns[Column.tag]
    entry.tag = CommandTag(p, Int(tag.start), tag.end)
    i = Int(columns[Column.virtualTransaction].start)
    entry.transaction = virtualTransaction(p, &i, columns[Column.virtualTransaction].end)
    if columns[Column.sqlState].count == 5 { entry.sqlState = sqlStateKey(p, Int(columns[Column.sqlState].start)) }
    if count > Column.queryID {
      i = Int(columns[Column.queryID].start)
      entry.queryID = integer(p, &i, columns[Column.queryID].end) ?? 0
    }
    if count > Column.backend { entry.backend = columns[Column.backend] }
    entry.user = columns[Column.user]
    entry.database = columns[Column.database]
    entry.application = columns[Column.application]
    entry.dimensions = dimensionsHash(p, entry.database, entry.user, entry.application)
    entry.message = columns[Column.message]
    entry.detail = columns[Column.detail]
    entry.context = columns[Column.context]
    entry.text = columns[Column.query]
    finisher.readMessage(p, &entry)
    return nil
  }

  @inline(__always)
  private func severity(_ p: UnsafeRawPointer, _ slice: ByteSlice) -> Severity? {
    let start = Int(slice.start)
    if slice.count == 3, p.load(fromByteOffset: start, as: UInt8.self) == UInt8(ascii: "L"),
      p.load(fromByteOffset: start + 1, as: UInt8.self) == UInt8(ascii: "O")
    {
      return .log
    }
    for table in tables {
      for word in table.severityWords.elements
      where word.phrase.count == Int(slice.count) && word.phrase.matches(p, start, slice.end) {
        return word.severity
      }
    }
    return nil
  }
}

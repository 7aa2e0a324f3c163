internal import Bytes

/// jsonlog (PostgreSQL 15 and later): one object a line, keys left out where there is no value, severities in English
/// whatever the server's language.
///
/// `write_jsonlog` in src/backend/utils/error/jsonlog.c.
struct JSONScanner: EntryScanner, ~Copyable {
  private var clock: ZonedClock
  private var finisher: EntryFinisher

  init(tables: [MessageTable], zones: ZoneOffsets) {
    clock = ZonedClock(zones)
    finisher = EntryFinisher(escaping: .json, messages: MessageReader(tables: tables))
  }

  /// The values of one object that an entry is made of.
  private struct Values {
    var time = ByteSlice.none
    var start = ByteSlice.none
    var severity = ByteSlice.none
    var hasMessage = false
  }

  mutating func scan(_ block: EntryBlock) {
    let p = UnsafeRawPointer(block.bytes)
    let count = block.count
    var position = 0
    while true {
      // Before the first object too: a block may begin with what another would have passed after its last line.
      while position < count, p.load(fromByteOffset: position, as: UInt8.self) <= 0x20 { position += 1 }
      guard position < count else { return }
      var entry = LogEntry.blank
      var values = Values()
      var i = position
      // An entry is one line; what goes on in the next is none.
      let lineEnd = memory(p + position, 0x0A, count - position).map { $0 - p } ?? count
      let complete = object(p, &i, lineEnd, &entry, &values)
      if complete, let reason = finish(&entry, p, values) {
        block.skip(reason, at: position)
      } else if complete {
        block.entries.append(entry)
      } else {
        if lineEnd > position { block.skip(.badJSON, at: position) }
        i = lineEnd
      }
      position = i
    }
  }

  /// Reads the members of the object at `i` and leaves `i` behind it. False where it is none.
  @inline(__always)
  private mutating func object(
    _ p: UnsafeRawPointer, _ i: inout Int, _ end: Int, _ entry: inout LogEntry, _ values: inout Values
  ) -> Bool {
    guard i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "{") else { return false }
    i += 1
    while i < end {
      guard p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "\"") else { return false }
      let key = i + 1
      guard let quote = memory(p + key, 0x22, min(end - key, 64)) else { return false }
      let keyEnd = quote - p
      i = keyEnd + 1
      skipBlanks(p, &i, end)
      guard i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: ":") else { return false }
      i += 1
      skipBlanks(p, &i, end)
      guard i < end else { return false }
      let first = p.load(fromByteOffset: i, as: UInt8.self)
      let value: ByteSlice
      if first == UInt8(ascii: "\"") {
        guard let stop = stringEnd(p, i + 1, end) else { return false }
        value = ByteSlice(i + 1, stop)
        i = stop + 1
      } else {
        let start = i
        while i < end {
          let byte = p.load(fromByteOffset: i, as: UInt8.self)
          if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte <= 0x20 { break }
          // PostgreSQL writes no nested values.
          if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"") { return false }
          i += 1
        }
        guard i > start else { return false }
        value = ByteSlice(start, i)
      }
      store(p, key, keyEnd, value, &entry, &values)
      skipBlanks(p, &i, end)
      guard i < end else { return false }
      let delimiter = p.load(fromByteOffset: i, as: UInt8.self)
      i += 1
      if delimiter == UInt8(ascii: "}") { return true }
      guard delimiter == UInt8(ascii: ",") else { return false }
      skipBlanks(p, &i, end)
    }
    return false
  }

  /// Where the string that begins at `from` ends: the next quote that no odd number of backslashes precedes.
  @inline(__always)
  private func stringEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    var i = from
    while let quote = memory(p + i, 0x22, end - i) {
      let at = quote - p
      var slashes = 0
      while at - slashes > from, p.load(fromByteOffset: at - slashes - 1, as: UInt8.self) == 0x5C { slashes += 1 }
      if slashes & 1 == 0 { return at }
      i = at + 1
    }
    return nil
  }

  /// Keys differ in length or in their first bytes, so no key is compared whole but those that could be mistaken.
  @inline(__always)
  private func store(
    _ p: UnsafeRawPointer, _ key: Int, _ keyEnd: Int, _ value: ByteSlice, _ entry: inout LogEntry,
    _ values: inout Values
  ) {
    let first = p.load(fromByteOffset: key, as: UInt8.self)
    switch (keyEnd - key, first) {
    case (2, UInt8(ascii: "p")): entry.tag = CommandTag(p, Int(value.start), value.end)  // ps
    case (4, UInt8(ascii: "u")): entry.user = value
    case (4, UInt8(ascii: "v")):  // vxid
      var i = Int(value.start)
      entry.transaction = virtualTransaction(p, &i, value.end)
    case (6, UInt8(ascii: "d")):
      // dbname, and detail
      if p.load(fromByteOffset: key + 1, as: UInt8.self) == UInt8(ascii: "b") {
        entry.database = value
      } else {
        entry.detail = value
      }
    case (7, UInt8(ascii: "m")):  // message
      entry.message = value
      values.hasMessage = true
    case (7, UInt8(ascii: "c")): entry.context = value
    case (8, UInt8(ascii: "l")):  // line_num
      var i = Int(value.start)
      entry.line = integer(p, &i, value.end) ?? -1
      entry.lastLine = entry.line
    case (8, UInt8(ascii: "q")):  // query_id
      var i = Int(value.start)
      entry.queryID = integer(p, &i, value.end) ?? 0
    case (9, UInt8(ascii: "t")): values.time = value  // timestamp
    case (9, UInt8(ascii: "s")): entry.text = value  // statement
    case (10, UInt8(ascii: "s")):
      // session_id, state_code
      if p.load(fromByteOffset: key + 1, as: UInt8.self) == UInt8(ascii: "e") {
        var i = Int(value.start)
        entry.session = sessionID(p, &i, value.end) ?? 0
      } else if value.count == 5 {
        entry.sqlState = sqlStateKey(p, Int(value.start))
      }
    case (12, UInt8(ascii: "b")): entry.backend = value  // backend_type
    case (13, UInt8(ascii: "s")): values.start = value  // session_start
    case (14, UInt8(ascii: "e")): values.severity = value  // error_severity
    case (16, UInt8(ascii: "a")): entry.application = value  // application_name
    default: break
    }
  }

  @inline(__always)
  private mutating func finish(
    _ entry: inout LogEntry, _ p: UnsafeRawPointer, _ values: Values
  ) -> SkipTally.Reason? {
    guard !values.time.isEmpty, !values.severity.isEmpty else { return .badJSON }
    var i = Int(values.time.start)
    guard let local = clock.read(p, &i, values.time.end) else { return .badTime }
    if clock.wants(local) {
      clock.learn(
        UnsafeRawBufferPointer(start: p + Int(values.start.start), count: Int(values.start.count)),
        epoch: Int64(entry.session >> 32))
    }
    guard let time = clock.utc(local) else { return .badTime }
    entry.time = time
    guard let severity = severity(p, values.severity) else { return .noSeverity }
    entry.severity = severity
    entry.dimensions = dimensionsHash(p, entry.database, entry.user, entry.application)
    finisher.readMessage(p, &entry)
    finisher.finish(p, &entry)
    return nil
  }

  @inline(__always)
  private func severity(_ p: UnsafeRawPointer, _ slice: ByteSlice) -> Severity? {
    let start = Int(slice.start)
    if slice.count == 3, p.load(fromByteOffset: start, as: UInt8.self) == UInt8(ascii: "L") { return .log }
    for word in MessageTable.english.severityWords.elements
    where word.phrase.count == Int(slice.count) && word.phrase.matches(p, start, slice.end) {
      return word.severity
    }
    return nil
  }
}

/// Finds where in a buffer the last whole entry ends, so that a stretch of log can be read by itself.
struct BlockCutter {
  let format: LogFormat
  private var matchers: [PrefixMatcher] = []
  private let tables: [MessageTable]
  private let zones: ZoneOffsets

  init(_ format: LogFormat, tables: [MessageTable], zones: ZoneOffsets) {
    self.format = format
    self.tables = tables
    self.zones = zones
    if case .stderr(let prefix) = format { use([prefix]) }
  }

  /// Takes entries for what they are by these prefixes.
  mutating func use(_ prefixes: [LinePrefix]) {
    matchers = prefixes.map { PrefixMatcher($0, tables: tables, clock: ZonedClock(zones)) }
  }

  /// How many of `count` bytes, which begin with an entry, are whole entries. With `isEnd` the bytes are all there is,
  /// and only a line that does not end is left out. Zero where no entry ends.
  /// With `isDesperate` an end of which it is not certain that it is one is better than none.
  mutating func wholeEntries(_ p: UnsafeRawPointer, _ count: Int, isEnd: Bool, isDesperate: Bool = false) -> Int {
    switch format {
    case .json: return lastNewline(p, count).map { $0 + 1 } ?? 0
    case .csv: return lastRecordEnd(p, count, isEnd: isEnd, isDesperate: isDesperate)
    case .stderr:
      guard let newline = lastNewline(p, count) else { return 0 }
      if isEnd || beginsEntry(p, newline + 1, count) { return newline + 1 }
      return lastEntryStart(p, newline)
    }
  }

  private func lastNewline(_ p: UnsafeRawPointer, _ count: Int) -> Int? {
    var i = count
    while i > 0 {
      i -= 1
      if p.load(fromByteOffset: i, as: UInt8.self) == 0x0A { return i }
    }
    return nil
  }

  /// A newline ends a CSV record when an even number of quotes precedes it (doubled quotes count twice) and what follows
  /// looks like a record. Behind a record that was cut off quotes no longer pair; then looks alone must do, once so much
  /// is waiting that it cannot be one entry in the making.
  private func lastRecordEnd(_ p: UnsafeRawPointer, _ count: Int, isEnd: Bool, isDesperate: Bool) -> Int {
    var quotes = countBytes(p, 0x22, count)
    var i = count
    var look = 0
    while i > 0 {
      i -= 1
      let byte = p.load(fromByteOffset: i, as: UInt8.self)
      if byte == 0x22 {
        quotes -= 1
      } else if byte == 0x0A, CSVRecordStart.matches(p, i + 1, count) {
        if quotes & 1 == 0 {
          guard isEnd, look > 0, count - i > BlockCutter.unfinishedLimit else { return i + 1 }
          return look
        }
        if look == 0, i + 1 < count { look = i + 1 }
      }
    }
    return isDesperate || isEnd && count > BlockCutter.unfinishedLimit ? look : 0
  }

  /// Bytes at the end of a file that may be one record, still being written.
  private static let unfinishedLimit = 64 << 10

  /// Where the last entry begins that is not the first: its parts may go on behind the buffer.
  ///
  /// Behind a change of the prefix that is not known yet, a line that looks like an entry is one.
  private mutating func lastEntryStart(_ p: UnsafeRawPointer, _ lastNewline: Int) -> Int {
    var lineEnd = lastNewline
    var look = 0
    while lineEnd > 0 {
      var start = lineEnd
      while start > 0, p.load(fromByteOffset: start - 1, as: UInt8.self) != 0x0A { start -= 1 }
      if start == 0 { return look }
      if beginsEntry(p, start, lineEnd) { return start }
      if look == 0, PrefixGuess.looksLikeEntry(p, start..<lineEnd, tables) { look = start }
      if look > 0, look - start > BlockCutter.unfinishedLimit { return look }
      lineEnd = start - 1
    }
    return look
  }

  /// Whether an entry begins with the line at `start`, of which `..< end` is there.
  private mutating func beginsEntry(_ p: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
    guard start < end, p.load(fromByteOffset: start, as: UInt8.self) != 0x09 else { return false }
    for i in matchers.indices {
      var fields = PrefixMatcher.Fields()
      if matchers[i].match(p, start, end, &fields), case .severity = fields.word { return true }
    }
    return false
  }
}

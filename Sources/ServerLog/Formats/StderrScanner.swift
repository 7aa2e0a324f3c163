internal import Bytes

/// stderr (also what syslog and the clouds carry): a prefix, a severity, a message; the parts of an entry on lines of
/// their own with a prefix each; a TAB after every newline inside.
///
/// `send_message_to_server_log` in src/backend/utils/error/elog.c.
struct StderrScanner: EntryScanner, ~Copyable {
  private var matcher: PrefixMatcher
  /// Of the prefixes before, which some backends may still write.
  private var older: [PrefixMatcher]
  private let tables: [MessageTable]
  private var finisher: EntryFinisher
  private let atCharacter: [(before: Phrase, behind: Phrase)]
  private let provesZones: Bool

  /// - Parameter prefixes: the newest first, at least one.
  init(prefixes: [LinePrefix], tables: [MessageTable], zones: ZoneOffsets) {
    let prefix = prefixes.first ?? LinePrefix("")
    matcher = PrefixMatcher(prefix, tables: tables, clock: ZonedClock(zones))
    older = prefixes.dropFirst().map { PrefixMatcher($0, tables: tables, clock: ZonedClock(zones)) }
    self.tables = tables
    finisher = EntryFinisher(escaping: .tab, messages: MessageReader(tables: tables))
    atCharacter = tables.map(\.atCharacter)
    provesZones = prefix.contains(.start) && prefix.contains(.session)
  }

  mutating func scan(_ block: EntryBlock) {
    let p = UnsafeRawPointer(block.bytes)
    let count = block.count
    if provesZones { proveZone(p, count) }
    var position = 0
    var current = LogEntry.blank
    var hasCurrent = false
    while position < count {
      let firstEnd = lineEnd(p, position, count)
      var end = firstEnd
      while end + 1 < count, p.load(fromByteOffset: end + 1, as: UInt8.self) == 0x09 {
        end = lineEnd(p, end + 1, count)
      }
      var fields = PrefixMatcher.Fields()
      var start = position
      position = end + 1
      if !matcher.match(p, start, firstEnd, &fields) {
        if firstEnd == start { continue }
        let hasTime = fields.time.microseconds != .min
        if !matchOlder(p, start, firstEnd, &fields) {
          guard joinLines(p, &start, &end, count, hasTime, &fields) else {
            block.skip(hasTime ? .noSeverity : .noPrefix, at: start)
            if PrefixGuess.looksLikeEntry(p, start..<firstEnd, tables) { block.misfits.append(start) }
            continue
          }
          position = end + 1
        }
      }
      let message = ByteSlice(fields.message, end)
      let session = fields.session != 0 ? fields.session : UInt64(truncatingIfNeeded: fields.process)
      switch fields.word {
      case .part(let part):
        if hasCurrent, current.session == session {
          attach(part, message, to: &current)
          current.lastLine = fields.line
        } else {
          var detached = LogEntry.blank
          guard fill(&detached, p, fields, session) else {
            block.skip(.badTime, at: start)
            continue
          }
          detached.kind = .detached
          detached.part = part
          attach(part, message, to: &detached)
          if part == .statement { finisher.finish(p, &detached) }
          block.entries.append(detached)
        }
      case .severity(let severity):
        if hasCurrent {
          finisher.finish(p, &current)
          block.entries.append(current)
        }
        current = .blank
        hasCurrent = fill(&current, p, fields, session)
        guard hasCurrent else {
          block.skip(.badTime, at: start)
          continue
        }
        current.severity = severity
        current.message = message
        stripState(p, &current)
        if severity == .log {
          finisher.readMessage(p, &current)
          if current.kind == .message, let prefix = declaredPrefix(p, current, start, firstEnd) {
            block.declaredPrefixes.append((start, prefix))
          }
        } else {
          stripPosition(p, &current)
        }
      }
    }
    if hasCurrent {
      finisher.finish(p, &current)
      block.entries.append(current)
    }
  }

  /// Behind `%q` background processes do not say when they began: what the first lines' zone is, a later line proves.
  private mutating func proveZone(_ p: UnsafeRawPointer, _ count: Int) {
    var position = 0
    while position < count {
      let end = lineEnd(p, position, count)
      var fields = PrefixMatcher.Fields()
      if matcher.match(p, position, end, &fields) {
        learnZone(p, fields)
        if !matcher.wants(fields.time) { return }
      }
      position = end + 1
    }
  }

  @inline(__always)
  private mutating func learnZone(_ p: UnsafeRawPointer, _ fields: PrefixMatcher.Fields) {
    guard !fields.start.isEmpty, fields.session >> 32 != 0, matcher.wants(fields.time) else { return }
    matcher.learn(
      UnsafeRawBufferPointer(start: p + Int(fields.start.start), count: Int(fields.start.count)),
      epoch: Int64(fields.session >> 32))
  }

  @inline(__always)
  private func lineEnd(_ p: UnsafeRawPointer, _ from: Int, _ count: Int) -> Int {
    guard let found = memory(p + from, 0x0A, count - from) else { return count }
    return found - p
  }

  /// A role, database or application name may hold a newline, which is written as it is: the prefix then goes on in
  /// the next line. Up to three more lines are tried.
  private mutating func joinLines(
    _ p: UnsafeRawPointer, _ start: inout Int, _ end: inout Int, _ count: Int, _ hasTime: Bool,
    _ fields: inout PrefixMatcher.Fields
  ) -> Bool {
    guard hasTime else { return false }
    var last = end
    for _ in 0..<3 {
      guard last + 1 < count else { return false }
      // A line with a prefix of its own is no continuation.
      var other = PrefixMatcher.Fields()
      let next = lineEnd(p, last + 1, count)
      if matcher.match(p, last + 1, next, &other) || other.time.microseconds != .min { return false }
      if matchOlder(p, last + 1, next, &other) { return false }
      // Neither is one that only looks like an entry: blocks may end before it (`BlockCutter.lastEntryStart`).
      if PrefixGuess.looksLikeEntry(p, (last + 1)..<next, tables) { return false }
      last = next
      fields = PrefixMatcher.Fields()
      if matcher.match(p, start, last, &fields) {
        end = last
        while end + 1 < count, p.load(fromByteOffset: end + 1, as: UInt8.self) == 0x09 {
          end = lineEnd(p, end + 1, count)
        }
        return true
      }
    }
    return false
  }

  private mutating func matchOlder(
    _ p: UnsafeRawPointer, _ start: Int, _ end: Int, _ fields: inout PrefixMatcher.Fields
  ) -> Bool {
    for i in older.indices {
      fields = PrefixMatcher.Fields()
      if older[i].match(p, start, end, &fields) { return true }
    }
    return false
  }

  /// What the server says that its prefix is from this entry on, which has it already.
  private func declaredPrefix(_ p: UnsafeRawPointer, _ entry: LogEntry, _ start: Int, _ end: Int) -> String? {
    // Only the postmaster says so, and it is nobody's session.
    guard StderrScanner.setting.find(p, Int(entry.message.start), entry.message.end) != nil, entry.context.isEmpty,
      let text = PrefixDeclaration.read(
        UnsafeRawBufferPointer(start: p + Int(entry.message.start), count: Int(entry.message.count)), tables)
    else { return nil }
    let prefix = LinePrefix(text)
    var fields = PrefixMatcher.Fields()
    var own = PrefixMatcher(prefix, tables: tables, clock: ZonedClock(ZoneOffsets()))
    return prefix.hasTime && own.match(p, start, end, &fields) ? text : nil
  }

  private static let setting = Phrase("log_line_prefix")

  /// Fills what the prefix says; false where the time's zone is unknown.
  @inline(__always)
  private mutating func fill(
    _ entry: inout LogEntry, _ p: UnsafeRawPointer, _ fields: PrefixMatcher.Fields, _ session: UInt64
  ) -> Bool {
    if provesZones { learnZone(p, fields) }
    guard fields.time.microseconds != .min, let time = matcher.utc(fields.time) else { return false }
    entry.time = time
    entry.session = session
    entry.line = fields.line
    entry.lastLine = fields.line
    entry.queryID = fields.queryID
    entry.transaction = fields.transaction
    entry.sqlState = fields.sqlState
    entry.tag = fields.tag
    entry.user = fields.user
    entry.database = fields.database
    entry.application = fields.application
    entry.backend = fields.backend
    entry.dimensions = dimensionsHash(p, fields.database, fields.user, fields.application)
    return true
  }

  @inline(__always)
  private func attach(_ part: EntryPart, _ text: ByteSlice, to entry: inout LogEntry) {
    switch part {
    case .detail: entry.detail = text
    case .context: entry.context = text
    case .statement: entry.text = text
    default: break
    }
  }

  /// `log_error_verbosity = verbose` writes `LOG:  00000: duration: …`.
  @inline(__always)
  private func stripState(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    let start = Int(entry.message.start)
    guard entry.message.count >= 7, p.load(fromByteOffset: start + 5, as: UInt8.self) == UInt8(ascii: ":"),
      p.load(fromByteOffset: start + 6, as: UInt8.self) == 0x20
    else { return }
    for i in 0..<5 {
      let byte = p.load(fromByteOffset: start + i, as: UInt8.self)
      guard byte &- 0x30 < 10 || byte &- 0x41 < 26 else { return }
    }
    entry.sqlState = sqlStateKey(p, start)
    entry.message = ByteSlice(start + 7, entry.message.end)
  }

  /// stderr appends ` at character 15` to the message of a syntax error; the other formats have a column for it.
  private func stripPosition(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    let start = Int(entry.message.start)
    for phrases in atCharacter {
      var i = entry.message.end - phrases.behind.count
      guard i > start, phrases.behind.matches(p, i, entry.message.end) else { continue }
      let digits = i
      while i > start, p.load(fromByteOffset: i - 1, as: UInt8.self) &- 0x30 < 10 { i -= 1 }
      let from = i - phrases.before.count
      guard i < digits, from >= start, phrases.before.matches(p, from, i) else { continue }
      entry.message = ByteSlice(start, from)
      return
    }
  }
}

/// A hash of database, user and application together.
@inline(__always)
func dimensionsHash(
  _ p: UnsafeRawPointer, _ database: ByteSlice, _ user: ByteSlice, _ application: ByteSlice
) -> UInt64 {
  let a = ByteHash.hash(p + Int(database.start), count: Int(database.count))
  let b = ByteHash.hash(p + Int(user.start), count: Int(user.count))
  let c = ByteHash.hash(p + Int(application.start), count: Int(application.count))
  return ByteHash.combine(ByteHash.combine(a, b), c)
}

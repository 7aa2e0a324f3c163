/// Matches one prefix at the start of lines. One matcher serves one thread.
///
/// Names may hold any byte, so the end of a name is found by what follows it: each place where the next literal
/// stands is tried until the rest of the prefix, a severity and its colon included, fits.
struct PrefixMatcher {
  /// What a line's prefix and severity say. Ranges are of the block.
  struct Fields {
    var time = LocalTime(microseconds: Int64.min, zone: ZoneOffsets.utc)
    var process: Int64 = 0
    /// `start << 32 | process` from `%c`; zero where absent.
    var session: UInt64 = 0
    var line: Int64 = -1
    var queryID: Int64 = 0
    var transaction: UInt64 = 0
    var sqlState: UInt64 = 0
    var tag = CommandTag.unknown
    var user = ByteSlice.none
    var database = ByteSlice.none
    var application = ByteSlice.none
    var backend = ByteSlice.none
    var start = ByteSlice.none
    /// The client's host and port.
    var remote = ByteSlice.none
    var host = ByteSlice.none
    var tagText = ByteSlice.none
    /// Whether the line ends its prefix at `%q`.
    var isStopped = false
    var word = LineWord.severity(.log)
    /// Where the message begins.
    var message = 0
  }

  enum LineWord: Equatable {
    case severity(Severity)
    case part(EntryPart)
  }

  private enum Step {
    case literal(Phrase)
    case field(LinePrefix.Field, Int)
    case stop
  }

  /// Frees the steps with the last copy of the matcher: hundreds of prefixes are tried on a log whose own is not known.
  private final class StepOwner {
    private let steps: Immortal<Step>

    init(_ steps: Immortal<Step>) { self.steps = steps }

    deinit {
      for case .literal(let phrase) in steps.elements { phrase.deallocate() }
      steps.deallocate()
    }
  }

  private let steps: Immortal<Step>
  private let owner: StepOwner
  private let tables: Immortal<MessageTable>
  private let memo: PrefixMemo
  /// The first step behind which nothing changes from line to line of a session; beyond the last where there is none.
  private let constantFrom: Int
  private var clock: ZonedClock
  /// Where the severity of the last match begins.
  private var wordStart = 0
  /// Places tried for the ends of names in this line. Several names with nothing certain between them could be split in
  /// millions of ways; a line that takes so many is none of the server's.
  private var attempts = 0
  private static let attemptLimit = 2_000
  /// Bytes of a name at most: hosts have 1,025 (NI_MAXHOST), roles and databases 63, each up to four where escaped.
  private static let nameLimit = 1_100
  private static let log = Phrase("LOG:  ")
  private static let severityEnd = Phrase(":  ")

  /// - Parameter remembers: whether what stood behind a process's number before is compared as a whole; the fields in it
  ///   that tell no entry from another are not filled then.
  init(_ prefix: LinePrefix, tables: [MessageTable], clock: ZonedClock, remembers: Bool = true) {
    steps = Immortal(
      prefix.steps.map { step in
        switch step {
        case .literal(let bytes): .literal(Phrase(String(decoding: bytes, as: UTF8.self)))
        case .field(let field, let padding): .field(field, padding)
        case .stop: .stop
        }
      })
    owner = StepOwner(steps)
    self.tables = MessageTable.shared(tables)
    memo = PrefixMemo()
    constantFrom = remembers ? PrefixMatcher.constantFrom(prefix.steps) : Int.max
    self.clock = clock
  }

  /// Matches the line in `position ..< end`. `fields` is filled as far as the match came.
  @inline(__always)
  mutating func match(_ p: UnsafeRawPointer, _ position: Int, _ end: Int, _ fields: inout Fields) -> Bool {
    attempts = 0
    return match(p, position, end, 0, &fields)
  }

  /// The instant of a local time, or nil where its zone is unknown.
  @inline(__always)
  mutating func utc(_ time: LocalTime) -> Int64? { clock.utc(time) }

  @inline(__always)
  mutating func wants(_ time: LocalTime) -> Bool { clock.wants(time) }

  mutating func learn(_ start: UnsafeRawBufferPointer, epoch: Int64) { clock.learn(start, epoch: epoch) }

  /// Behind the process id and the last of time, line number, query id and their like, the rest of the prefix is the
  /// same for all lines of a session until it changes a setting: names are compared as a whole instead of searched.
  private static func constantFrom(_ steps: [LinePrefix.Step]) -> Int {
    var from = 0
    var hasProcess = false
    for (i, step) in steps.enumerated() {
      guard case .field(let field, _) = step else { continue }
      switch field {
      case .process:
        hasProcess = true
        from = i + 1
      case .time, .timeSeconds, .epoch, .commandTag, .sqlState, .line, .virtualTransaction, .transaction, .queryID,
        .leader:
        from = i + 1
      default: break
      }
    }
    return hasProcess && from < steps.count ? from : Int.max
  }

  private mutating func match(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ first: Int, _ fields: inout Fields
  ) -> Bool {
    guard first == constantFrom else { return matchSteps(p, from, end, first, &fields) }
    let known = memo.match(p, from, end, &fields)
    if known > 0, severity(p, from + known, end, &fields) { return true }
    guard matchSteps(p, from, end, first, &fields) else { return false }
    memo.remember(p, from, wordStart, fields)
    return true
  }

  private mutating func matchSteps(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ first: Int, _ fields: inout Fields
  ) -> Bool {
    var position = from
    var index = first
    while index < steps.count {
      if index == constantFrom, index > first { return match(p, position, end, index, &fields) }
      switch steps[index] {
      case .literal(let phrase):
        guard phrase.matches(p, position, end) else { return false }
        position += phrase.count
      case .stop:
        if match(p, position, end, index + 1, &fields) { return true }
        fields.isStopped = true
        return severity(p, position, end, &fields)
      case .field(let field, let padding):
        switch field {
        case .application, .user, .database, .remoteHost, .remoteHostPort, .localAddress, .backendType, .commandTag:
          return matchText(field, abs(padding), p, position, end, index + 1, &fields)
        default:
          let start = position
          if padding > 0 {
            skipBlanks(p, &position, end)
            // These may be empty: then the blanks are the field, and what follows has its own.
            if field == .leader || field == .virtualTransaction, position < end,
              p.load(fromByteOffset: position, as: UInt8.self) &- 0x30 >= 10 || position - start > padding
            {
              position = min(start + padding, end)
            }
          }
          guard matchToken(field, p, &position, end, &fields) else { return false }
          if padding < 0 {
            // Right padding: a field that is no wider than it is padded to ends there. One whose width was only seen in
            // other lines has the blanks that the next literal does not want.
            let padded = start - padding
            var blanks = position
            while blanks < min(padded, end), p.load(fromByteOffset: blanks, as: UInt8.self) == 0x20 { blanks += 1 }
            if blanks == padded, match(p, padded, end, index + 1, &fields) { return true }
            return matchAfterBlanks(p, position, end, index + 1, &fields)
          }
        }
      }
      index += 1
    }
    return severity(p, position, end, &fields)
  }

  private mutating func matchAfterBlanks(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ index: Int, _ fields: inout Fields
  ) -> Bool {
    var position = from
    while true {
      if match(p, position, end, index, &fields) { return true }
      attempts += 1
      guard attempts < PrefixMatcher.attemptLimit, position < end,
        p.load(fromByteOffset: position, as: UInt8.self) == 0x20
      else { return false }
      position += 1
    }
  }

  /// - Parameter width: bytes that the field has at least, by its padding (`%*s` in elog.c).
  private mutating func matchText(
    _ field: LinePrefix.Field, _ width: Int, _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ next: Int,
    _ fields: inout Fields
  ) -> Bool {
    if next < steps.count, case .literal(let phrase) = steps[next] {
      // Before a client is known the server writes `[unknown]`, which in Russian holds a slash.
      if from < end, p.load(fromByteOffset: from, as: UInt8.self) == UInt8(ascii: "["),
        let stop = unknownEnd(p, from, end), stop - from >= width, phrase.matches(p, stop, end),
        match(p, stop + phrase.count, end, next + 1, &fields)
      {
        store(field, p, from, stop, &fields)
        return true
      }
      if field == .commandTag || field == .backendType, phrase.first == 0x20 {
        // These hold blanks themselves: of the words that can be theirs as many as possible.
        var stop = PrefixWords.end(of: field, p, from, end)
        while stop > from {
          if stop - from >= width, phrase.matches(p, stop, end),
            match(p, stop + phrase.count, end, next + 1, &fields)
          {
            store(field, p, from, stop, &fields)
            return true
          }
          stop -= 1
          while stop > from, p.load(fromByteOffset: stop, as: UInt8.self) != 0x20 { stop -= 1 }
        }
      }
      let last = min(end, from + PrefixMatcher.nameLimit)
      if field == .application, isBeforeName(next), let stop = applicationEnd(p, from + width, last) {
        // Applications have blanks more often than the names behind them: of the places where it may end the last.
        var stop = stop
        while stop >= from + width {
          if phrase.matches(p, stop, end) {
            attempts += 1
            guard attempts < PrefixMatcher.attemptLimit else { return false }
            if match(p, stop + phrase.count, end, next + 1, &fields) {
              store(field, p, from, stop, &fields)
              return true
            }
          }
          stop -= 1
        }
        return false
      }
      var search = from + width
      while attempts < PrefixMatcher.attemptLimit, let found = phrase.find(p, search, last) {
        attempts += 1
        if match(p, found + phrase.count, end, next + 1, &fields) {
          store(field, p, from, found, &fields)
          return true
        }
        search = found + 1
      }
      return false
    }
    // Nothing tells where the text ends but what follows it: try each place, the shortest text first. Names have up to
    // 63 bytes, each up to four characters long where it is escaped.
    var stop = from + width
    let last = min(end, from + width + 256)
    while stop <= last, attempts < PrefixMatcher.attemptLimit {
      attempts += 1
      if match(p, stop, end, next, &fields) {
        store(field, p, from, stop, &fields)
        return true
      }
      stop += 1
    }
    return false
  }

  /// Whether only a blank stands between the application and a name behind it.
  private func isBeforeName(_ next: Int) -> Bool {
    guard next + 1 < steps.count, case .literal(let phrase) = steps[next], phrase.count == 1, phrase.first == 0x20,
      case .field(let field, _) = steps[next + 1]
    else { return false }
    return field == .user || field == .database
  }

  /// The last place before the line's first `:  `, behind which the message is, where an application may end.
  private func applicationEnd(_ p: UnsafeRawPointer, _ from: Int, _ last: Int) -> Int? {
    guard from <= last, let stop = PrefixMatcher.severityEnd.find(p, from, last) else { return nil }
    return stop
  }

  private func unknownEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    for i in 0..<tables.count where tables[i].unknownName.matches(p, from, end) {
      return from + tables[i].unknownName.count
    }
    return nil
  }

  @inline(__always)
  private func store(
    _ field: LinePrefix.Field, _ p: UnsafeRawPointer, _ start: Int, _ stop: Int, _ fields: inout Fields
  ) {
    var from = start
    var to = stop
    // Padding looks like blanks around the text; names with blanks at their ends do not occur in practice.
    while from < to, p.load(fromByteOffset: from, as: UInt8.self) == 0x20 { from += 1 }
    while to > from, p.load(fromByteOffset: to - 1, as: UInt8.self) == 0x20 { to -= 1 }
    let slice = ByteSlice(from, to)
    switch field {
    case .application: fields.application = slice
    case .user: fields.user = slice
    case .database: fields.database = slice
    case .backendType: fields.backend = slice
    case .remoteHost: fields.host = slice
    case .remoteHostPort: fields.remote = slice
    case .commandTag:
      fields.tag = CommandTag(p, from, to)
      fields.tagText = slice
    default: break
    }
  }

  @inline(__always)
  private mutating func matchToken(
    _ field: LinePrefix.Field, _ p: UnsafeRawPointer, _ position: inout Int, _ end: Int, _ fields: inout Fields
  ) -> Bool {
    switch field {
    case .time, .timeSeconds:
      let start = position
      guard let time = clock.read(p, &position, end) else { return false }
      // Only one of the two has a fraction of the second; it stands at the same place in both.
      let hasFraction =
        start + 19 < end && p.load(fromByteOffset: start + 19, as: UInt8.self) == UInt8(ascii: ".")
      guard hasFraction == (field == .time) else { return false }
      fields.time = time
      return true
    case .epoch:
      guard let seconds = integer(p, &position, end) else { return false }
      var microseconds = seconds &* 1_000_000
      if position < end, p.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: ".") {
        position += 1
        let start = position
        guard let fraction = integer(p, &position, end), position - start <= 6 else { return false }
        var scaled = fraction
        for _ in (position - start)..<6 { scaled *= 10 }
        microseconds &+= scaled
      }
      fields.time = LocalTime(microseconds: microseconds, zone: ZoneOffsets.utc)
      return true
    case .start:
      let start = position
      guard clock.read(p, &position, end) != nil else { return false }
      fields.start = ByteSlice(start, position)
      return true
    case .process:
      guard let value = integer(p, &position, end) else { return false }
      fields.process = value
      return true
    case .line:
      guard let value = integer(p, &position, end) else { return false }
      fields.line = value
      return true
    case .leader, .transaction:
      _ = integer(p, &position, end)
      return true
    case .queryID:
      guard let value = integer(p, &position, end) else { return false }
      fields.queryID = value
      return true
    case .session:
      guard let id = sessionID(p, &position, end) else { return false }
      fields.session = id
      return true
    case .virtualTransaction:
      fields.transaction = virtualTransaction(p, &position, end)
      return true
    case .sqlState:
      guard end - position >= 5 else { return false }
      fields.sqlState = sqlStateKey(p, position)
      position += 5
      return true
    default: return false
    }
  }

  @inline(__always)
  private mutating func severity(_ p: UnsafeRawPointer, _ position: Int, _ end: Int, _ fields: inout Fields) -> Bool {
    wordStart = position
    if PrefixMatcher.log.matches(p, position, end) {
      fields.word = .severity(.log)
      fields.message = position + PrefixMatcher.log.count
      return true
    }
    guard position < end else { return false }
    let first = p.load(fromByteOffset: position, as: UInt8.self)
    var i = 0
    while i < tables.count {
      var j = 0
      while j < tables[i].parts.count {
        if tables[i].parts[j].phrase.first == first, tables[i].parts[j].phrase.matches(p, position, end) {
          fields.word = .part(tables[i].parts[j].part)
          fields.message = position + tables[i].parts[j].phrase.count
          return true
        }
        j += 1
      }
      j = 0
      while j < tables[i].severities.count {
        if tables[i].severities[j].phrase.first == first, tables[i].severities[j].phrase.matches(p, position, end) {
          fields.word = .severity(tables[i].severities[j].severity)
          fields.message = position + tables[i].severities[j].phrase.count
          return true
        }
        j += 1
      }
      i += 1
    }
    return false
  }
}

/// Prefixes made from one line: what stands before its severity, with times, numbers in brackets, session ids and
/// `key=value` pairs replaced by the escapes that write them. Words that nothing labels may be names.
struct PrefixGuess {
  /// The likeliest first; none where the line is no server's.
  let texts: [String]

  init(_ p: UnsafeRawPointer, _ line: Range<Int>, _ tables: [MessageTable]) {
    guard let end = PrefixGuess.severity(p, line, tables) else {
      texts = []
      return
    }
    let template = PrefixGuess.template(p, line.lowerBound, end)
    var texts: [String] = []
    for pieces in PrefixGuess.numbered(template) {
      texts += PrefixGuess.named(pieces)
      let plain = pieces.map { piece in
        switch piece {
        case .text(let text), .number(let text): text
        case .word(let word): word.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        }
      }.joined()
      if !texts.contains(plain) { texts.append(plain) }
    }
    self.texts = texts
  }

  private enum Piece {
    case text(String)
    /// A word of the line that is none of the recognised fields.
    case word(String)
    /// A number that nothing labels.
    case number(String)

    /// What stands in the prefix whichever way words and numbers are taken.
    var known: String { if case .text(let text) = self { text } else { "" } }
  }

  /// The pieces with the ways of taking their first two numbers: for the process, the line of the session, the
  /// transaction, or as they are. Which of them holds is seen when many lines are tried.
  private static func numbered(_ pieces: [Piece]) -> [[Piece]] {
    let numbers = pieces.count { if case .number = $0 { true } else { false } }
    guard numbers > 0 else { return [pieces] }
    let known = pieces.map(\.known).joined()
    var choices: [[String]]
    if known.contains("%p") || known.contains("%c") {
      choices = [["%l"], ["%x"]]
      if numbers > 1 { choices += [["%l", "%x"], ["%x", "%l"]] }
    } else {
      choices = [["%p"]]
      if numbers > 1 { choices += [["%p", "%l"], ["%p", "%x"], ["%l", "%p"]] }
    }
    choices = choices.filter { $0.allSatisfy { !known.contains($0) } } + [[]]
    return choices.map { escapes in
      var escapes = escapes[...]
      return pieces.map { piece in
        if case .number(let digits) = piece { .text(escapes.popFirst() ?? digits) } else { piece }
      }
    }
  }

  /// The pieces with every way of taking the words for user, database and application. More than three words are more
  /// than names.
  private static func named(_ pieces: [Piece]) -> [String] {
    let words = pieces.count { if case .word = $0 { true } else { false } }
    let known = pieces.map(\.known).joined()
    let free = ["%u", "%d", "%a"].filter { !known.contains($0) }
    guard words > 0, words <= free.count else { return [] }
    func orders(_ rest: [String], _ count: Int) -> [[String]] {
      guard count > 0 else { return [[]] }
      return rest.flatMap { first in orders(rest.filter { $0 != first }, count - 1).map { [first] + $0 } }
    }
    return orders(free, words).map { names in
      var names = names[...]
      return pieces.map { piece in
        switch piece {
        case .text(let text), .number(let text): text
        case .word: names.popFirst() ?? ""
        }
      }.joined()
    }
  }

  /// Whether a line looks like the first one of an entry: something with a digit, and a severity behind it.
  static func looksLikeEntry(_ p: UnsafeRawPointer, _ line: Range<Int>, _ tables: [MessageTable]) -> Bool {
    guard p.load(fromByteOffset: line.lowerBound, as: UInt8.self) != 0x09 else { return false }
    let head = line.lowerBound..<min(line.upperBound, line.lowerBound + lookLimit)
    guard let start = severity(p, head, tables), !isPart(p, start, line.upperBound, tables) else { return false }
    for i in line.lowerBound..<start where p.load(fromByteOffset: i, as: UInt8.self) &- 0x30 < 10 { return true }
    return false
  }

  /// Bytes of a line in which its severity is looked for.
  private static let lookLimit = 1_024

  private static func isPart(_ p: UnsafeRawPointer, _ start: Int, _ end: Int, _ tables: [MessageTable]) -> Bool {
    tables.contains { table in table.parts.elements.contains { $0.phrase.matches(p, start, end) } }
  }

  /// Where the line's first severity word begins.
  static func severity(_ p: UnsafeRawPointer, _ line: Range<Int>, _ tables: [MessageTable]) -> Int? {
    var from = line.lowerBound
    // Each has `:  ` behind it: found fast, and looked at from there.
    while let colon = memory(p + from, 0x3A, line.upperBound - from).map({ $0 - p }) {
      from = colon + 1
      var found: Int?
      for table in tables {
        for i in 0..<table.severities.count {
          let start = colon + 3 - table.severities[i].phrase.count
          if start >= line.lowerBound, table.severities[i].phrase.matches(p, start, line.upperBound) {
            found = min(found ?? start, start)
          }
        }
        for i in 0..<table.parts.count {
          let start = colon + 3 - table.parts[i].phrase.count
          if start >= line.lowerBound, table.parts[i].phrase.matches(p, start, line.upperBound) {
            found = min(found ?? start, start)
          }
        }
      }
      if let found { return found }
    }
    return nil
  }

  private static func template(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> [Piece] {
    var clock = ClockReader()
    var pieces: [Piece] = []
    /// The text since the last word.
    var result = ""
    var seen = ""
    var hasTime = false
    var i = from
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    func appendLiteral(_ value: UInt8) {
      if value == UInt8(ascii: "%") { result += "%" }
      result += String(decoding: [value], as: UTF8.self)
    }
    while i < end {
      var next = i
      if clock.read(p, &next, end) != nil {
        let hasFraction = next - i > 19
        if byte(next) == 0x20, ClockReader.zoneEnd(p, next + 1, end) > next + 1 {
          next = ClockReader.zoneEnd(p, next + 1, end)
        }
        result += hasTime ? "%s" : hasFraction ? "%m" : "%t"
        hasTime = true
        i = next
        continue
      }
      if !hasTime, i == from || !isWord(byte(i - 1)), let end = epochEnd(p, i, end) {
        result += "%n"
        hasTime = true
        i = end
        continue
      }
      next = i
      if i == from || !isWord(byte(i - 1)), sessionID(p, &next, end) != nil, !isWord(byte(next)), next - i > 10 {
        result += "%c"
        i = next
        continue
      }
      if byte(i) == UInt8(ascii: "[") {
        next = i + 1
        // Padding: `[    8970]`, `[8970    ]`.
        while byte(next) == 0x20 { next += 1 }
        let digits = next
        if integer(p, &next, end) != nil {
          let digitsEnd = next
          while byte(next) == 0x20 { next += 1 }
          if byte(next) == UInt8(ascii: "]"), digits > i + 1 || next > digitsEnd, !(seen + result).contains("p]") {
            result += digits > i + 1 ? "[%\(digitsEnd - i - 1)p]" : "[%-\(next - i - 1)p]"
            i = next + 1
            continue
          }
          next = digitsEnd
          if byte(next) == UInt8(ascii: "]") {
            result += (seen + result).contains("%p") ? "[%l]" : "[%p]"
            i = next + 1
            continue
          }
          if byte(next) == UInt8(ascii: "-"), byte(next + 1) == UInt8(ascii: "1"), byte(next + 2) == UInt8(ascii: "]") {
            result += "[%l-1]"
            i = next + 3
            continue
          }
        }
      }
      if isWord(byte(i)), i == from || !isWord(byte(i - 1)) {
        var stop = i
        while stop < end, isWord(byte(stop)) { stop += 1 }
        if byte(stop) == UInt8(ascii: "=") {
          let key = String(decoding: UnsafeRawBufferPointer(start: p + i, count: stop - i), as: UTF8.self)
          let value = valueEnd(p, stop + 1, end)
          if let escape = escape(key, p, stop + 1, value) {
            result += key + "=" + escape
            i = value
            continue
          }
        }
        if let at = atSign(p, i, end) {
          result += "%u@%d"
          i = at
          continue
        }
        if hasTime, let field = form(p, i, end) {
          result += field.escape
          i = field.end
          continue
        }
        // Before the time only what cannot be a word of the prefix itself.
        if let stop = backendTypeEnd(p, i, end), memory(p + i, 0x20, stop - i) != nil {
          result += "%b"
          i = stop
          continue
        }
        // A name may go on with what names are often made with.
        while stop < end, isWord(byte(stop)) || "-.".utf8.contains(byte(stop)) && isWord(byte(stop + 1)) { stop += 1 }
        let hasLetter = (i..<stop).contains { isWord(byte($0)) && byte($0) &- 0x30 >= 10 }
        if hasTime, hasLetter, stop - i > 1, byte(stop) != UInt8(ascii: "=") {
          pieces += [
            .text(result),
            .word(String(decoding: UnsafeRawBufferPointer(start: p + i, count: stop - i), as: UTF8.self)),
          ]
          seen += result
          result = ""
          i = stop
          continue
        }
      }
      if hasTime, !isWord(byte(i)), let field = form(p, i, end) {
        result += field.escape
        i = field.end
        continue
      }
      if byte(i) &- 0x30 < 10, i == from || !isWord(byte(i - 1)) {
        var stop = i
        while byte(stop) &- 0x30 < 10 { stop += 1 }
        let digits = String(decoding: UnsafeRawBufferPointer(start: p + i, count: stop - i), as: UTF8.self)
        if stop - i > 12 {
          if result.hasSuffix("-") { result.removeLast() }
          result += "%Q"
        } else if !isWord(byte(stop)), !result.hasSuffix("  ") {
          // Behind several blanks it is padded, in other lines with more or fewer.
          pieces += [.text(result), .number(digits)]
          seen += result
          result = ""
        } else {
          result += digits
        }
        i = stop
        continue
      }
      appendLiteral(byte(i))
      i += 1
    }
    return pieces + [.text(result)]
  }

  /// Seconds since 1970 with milliseconds, as `%n` writes them; where they end.
  private static func epochEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    func isDigit(_ at: Int) -> Bool { at < end && p.load(fromByteOffset: at, as: UInt8.self) &- 0x30 < 10 }
    guard from + 14 <= end, (0..<10).allSatisfy({ isDigit(from + $0) }), (11..<14).allSatisfy({ isDigit(from + $0) }),
      p.load(fromByteOffset: from + 10, as: UInt8.self) == UInt8(ascii: "."), !isDigit(from + 14)
    else { return nil }
    return from + 14
  }

  /// A field that its form tells: `[local]`, `10.0.0.7(5432)`, `3/29`, `00000`, `client backend`, `SELECT`.
  private static func form(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> (escape: String, end: Int)? {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    func isDigit(_ at: Int) -> Bool { byte(at) &- 0x30 < 10 }
    let rest = UnsafeRawBufferPointer(start: p + from, count: end - from)
    if rest.starts(with: "[local]".utf8) { return ("%h", from + 7) }
    if let stop = backendTypeEnd(p, from, end) { return ("%b", stop) }
    for tag in commandTags where rest.starts(with: tag.utf8) && !isWord(byte(from + tag.utf8.count)) {
      return ("%i", from + tag.utf8.count)
    }
    var i = from
    var dots = 0
    while isDigit(i) || byte(i) == UInt8(ascii: ".") && isDigit(i + 1) {
      if byte(i) == UInt8(ascii: ".") { dots += 1 }
      i += 1
    }
    if dots == 3 {
      guard byte(i) == UInt8(ascii: "(") else { return isWord(byte(i)) ? nil : ("%h", i) }
      var port = i + 1
      while isDigit(port) { port += 1 }
      return port > i + 1 && byte(port) == UInt8(ascii: ")") ? ("%r", port + 1) : nil
    }
    if dots == 0, i > from, byte(i) == UInt8(ascii: "/"), isDigit(i + 1) {
      var local = i + 1
      while isDigit(local) { local += 1 }
      return isWord(byte(local)) ? nil : ("%v", local)
    }
    // A process id has five digits as well; success is written so, and all errors' codes but few have a letter.
    if end - from > 5, !isWord(byte(from + 5)) {
      let code = (from..<from + 5).map(byte)
      let isCode = code.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x41 < 26 } && code.contains { $0 &- 0x30 < 10 }
      if isCode, code.allSatisfy({ $0 == 0x30 }) || code.contains(where: { $0 &- 0x41 < 26 }) {
        return ("%e", from + 5)
      }
    }
    return nil
  }

  private static func backendTypeEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    let rest = UnsafeRawBufferPointer(start: p + from, count: end - from)
    for type in backendTypes where rest.starts(with: type.utf8) {
      let stop = from + type.utf8.count
      if stop >= end || !isWord(p.load(fromByteOffset: stop, as: UInt8.self)) { return stop }
    }
    return nil
  }

  /// `GetBackendTypeDesc` in src/backend/utils/init/miscinit.c.
  private static let backendTypes = [
    "client backend", "postmaster", "checkpointer", "background writer", "walwriter", "walsender", "walreceiver",
    "startup", "archiver", "logger", "autovacuum launcher", "autovacuum worker", "logical replication launcher",
    "logical replication worker", "parallel worker", "background worker",
  ]

  /// What `%i` shows most: the tags of statements and what a backend does between them.
  private static let commandTags = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK", "PARSE", "BIND", "EXECUTE", "PREPARE", "DO",
    "SET", "SHOW", "COPY", "authentication", "idle in transaction", "idle", "startup",
  ]

  static func isWord(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  /// Where a value ends: before the next `,key=`, ` key=`, `;key=` or `|key=`, or before closing punctuation at the end.
  private static func valueEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    var i = from
    while i < end {
      let current = byte(i)
      if current == UInt8(ascii: ",") || current == 0x20 || current == UInt8(ascii: ";") || current == UInt8(ascii: "|")
      {
        var j = i + 1
        while byte(j) == 0x20 { j += 1 }
        let word = j
        while j < end, isWord(byte(j)) { j += 1 }
        if j > word, byte(j) == UInt8(ascii: "=") { return i }
      }
      i += 1
    }
    // The punctuation at the end belongs to the prefix.
    var last = end
    while last > from, byte(last - 1) == 0x20 || ">]):,;|".utf8.contains(byte(last - 1)) {
      if byte(last - 1) == UInt8(ascii: ")"), last > from + 1, byte(last - 2) &- 0x30 < 10 { break }
      // `[local]`, `[unknown]`
      if byte(last - 1) == UInt8(ascii: "]"), byte(from) == UInt8(ascii: "[") { break }
      last -= 1
    }
    return last
  }

  /// `name@name` that begins at `from`; where it ends.
  private static func atSign(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    var i = from
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    while i < end, byte(i) != UInt8(ascii: "@") {
      if !(isWord(byte(i)) || "-.[]".utf8.contains(byte(i))) { return nil }
      i += 1
    }
    guard i < end, i > from else { return nil }
    i += 1
    let database = i
    while i < end, isWord(byte(i)) || "-.".utf8.contains(byte(i)) { i += 1 }
    return i > database ? i : nil
  }

  private static func escape(_ key: String, _ p: UnsafeRawPointer, _ from: Int, _ to: Int) -> String? {
    switch key.lowercased() {
    case "user", "usr", "u", "username", "role": return "%u"
    case "db", "d", "database", "dbname": return "%d"
    case "app", "a", "application", "appname", "application_name": return "%a"
    case "client", "host", "h", "remote", "r", "rhost", "addr", "ip":
      if to > from, p.load(fromByteOffset: to - 1, as: UInt8.self) == UInt8(ascii: ")") { return "%r" }
      return key == "r" ? "%r" : "%h"
    case "pid", "process": return "%p"
    case "p": return key == "P" ? "%P" : "%p"
    case "leader", "ppid": return "%P"
    case "l": return key == "L" ? "%L" : "%l"
    case "line", "seq", "linenum": return "%l"
    case "c", "session", "sid", "session_id", "sessionid": return "%c"
    case "x", "xid", "txid", "trans", "transaction": return "%x"
    case "v", "vx", "vxid", "vtxid": return "%v"
    case "e", "state", "sqlstate", "code", "error", "err": return "%e"
    case "i", "tag", "cmd", "command", "ps": return "%i"
    case "q", "qid", "queryid", "query_id": return "%Q"
    case "b", "bt", "backend", "type", "backend_type": return "%b"
    case "s", "start", "session_start": return "%s"
    default: return nil
    }
  }
}

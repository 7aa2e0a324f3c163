/// A prefix made from one line: what stands before its severity, with times, numbers in brackets, session ids and
/// `key=value` pairs replaced by the escapes that write them.
struct PrefixGuess {
  let text: String?

  init(_ p: UnsafeRawPointer, _ line: Range<Int>, _ tables: [MessageTable]) {
    guard let end = PrefixGuess.severity(p, line, tables) else {
      text = nil
      return
    }
    text = PrefixGuess.template(p, line.lowerBound, end)
  }

  /// Where the line's first severity word begins.
  private static func severity(_ p: UnsafeRawPointer, _ line: Range<Int>, _ tables: [MessageTable]) -> Int? {
    var i = line.lowerBound
    while i < line.upperBound {
      for table in tables {
        for word in table.severities.elements where word.phrase.matches(p, i, line.upperBound) { return i }
        for word in table.parts.elements where word.phrase.matches(p, i, line.upperBound) { return i }
      }
      i += 1
    }
    return nil
  }

  private static func template(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> String {
    var clock = ClockReader()
    var result = ""
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
          if byte(next) == UInt8(ascii: "]"), digits > i + 1 || next > digitsEnd, !result.contains("p]") {
            result += digits > i + 1 ? "[%\(digitsEnd - i - 1)p]" : "[%-\(next - i - 1)p]"
            i = next + 1
            continue
          }
          next = digitsEnd
          if byte(next) == UInt8(ascii: "]") {
            result += result.contains("%p") ? "[%l]" : "[%p]"
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
      }
      appendLiteral(byte(i))
      i += 1
    }
    return result
  }

  private static func isWord(_ byte: UInt8) -> Bool {
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

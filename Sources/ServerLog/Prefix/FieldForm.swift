/// Fields of a prefix that their form tells, where a line has them.
enum FieldForm {
  /// Seconds since 1970 with milliseconds, as `%n` writes them; where they end.
  static func epochEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    func isDigit(_ at: Int) -> Bool { at < end && p.load(fromByteOffset: at, as: UInt8.self) &- 0x30 < 10 }
    guard from + 14 <= end, (0..<10).allSatisfy({ isDigit(from + $0) }), (11..<14).allSatisfy({ isDigit(from + $0) }),
      p.load(fromByteOffset: from + 10, as: UInt8.self) == UInt8(ascii: "."), !isDigit(from + 14)
    else { return nil }
    return from + 14
  }

  /// A field that its form tells: `[local]`, `10.0.0.7(5432)`, `3/29`, `00000`, `client backend`, `SELECT`.
  static func form(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> (escape: String, end: Int)? {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    func isDigit(_ at: Int) -> Bool { byte(at) &- 0x30 < 10 }
    let rest = UnsafeRawBufferPointer(start: p + from, count: end - from)
    if rest.starts(with: "[local]".utf8) { return ("%h", from + 7) }
    if let stop = backendTypeEnd(p, from, end) { return ("%b", stop) }
    for tag in commandTags where rest.starts(with: tag.utf8) && !PrefixGuess.isWord(byte(from + tag.utf8.count)) {
      return ("%i", from + tag.utf8.count)
    }
    var i = from
    var dots = 0
    while isDigit(i) || byte(i) == UInt8(ascii: ".") && isDigit(i + 1) {
      if byte(i) == UInt8(ascii: ".") { dots += 1 }
      i += 1
    }
    if dots == 3 {
      guard byte(i) == UInt8(ascii: "(") else { return PrefixGuess.isWord(byte(i)) ? nil : ("%h", i) }
      var port = i + 1
      while isDigit(port) { port += 1 }
      return port > i + 1 && byte(port) == UInt8(ascii: ")") ? ("%r", port + 1) : nil
    }
    if dots == 0, i > from, byte(i) == UInt8(ascii: "/"), isDigit(i + 1) {
      var local = i + 1
      while isDigit(local) { local += 1 }
      return PrefixGuess.isWord(byte(local)) ? nil : ("%v", local)
    }
    // A process id has five digits as well; success is written so, and all errors' codes but few have a letter.
    if end - from > 5, !PrefixGuess.isWord(byte(from + 5)) {
      let code = (from..<from + 5).map(byte)
      let isCode = code.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x41 < 26 } && code.contains { $0 &- 0x30 < 10 }
      if isCode, code.allSatisfy({ $0 == 0x30 }) || code.contains(where: { $0 &- 0x41 < 26 }) {
        return ("%e", from + 5)
      }
    }
    return nil
  }

  static func backendTypeEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    let rest = UnsafeRawBufferPointer(start: p + from, count: end - from)
    for type in backendTypes where rest.starts(with: type.utf8) {
      let stop = from + type.utf8.count
      if stop >= end || !PrefixGuess.isWord(p.load(fromByteOffset: stop, as: UInt8.self)) { return stop }
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

  /// Where a value ends: before the next `,key=`, ` key=`, `;key=` or `|key=`, or before closing punctuation at the end.
  static func valueEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    var i = from
    while i < end {
      let current = byte(i)
      if current == UInt8(ascii: ",") || current == 0x20 || current == UInt8(ascii: ";") || current == UInt8(ascii: "|")
      {
        var j = i + 1
        while byte(j) == 0x20 { j += 1 }
        let word = j
        while j < end, PrefixGuess.isWord(byte(j)) { j += 1 }
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
  static func atSign(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    var i = from
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    while i < end, byte(i) != UInt8(ascii: "@") {
      if !(PrefixGuess.isWord(byte(i)) || "-.[]".utf8.contains(byte(i))) { return nil }
      i += 1
    }
    guard i < end, i > from else { return nil }
    i += 1
    let database = i
    while i < end, PrefixGuess.isWord(byte(i)) || "-.".utf8.contains(byte(i)) { i += 1 }
    return i > database ? i : nil
  }

  static func escape(_ key: String, _ p: UnsafeRawPointer, _ from: Int, _ to: Int) -> String? {
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

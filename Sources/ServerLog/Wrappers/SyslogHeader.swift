/// What stands before the message in a line of syslog.
struct SyslogHeader {
  var time = Int64.min
  var isLocal = false
  /// The program's name and, behind it, where the message begins.
  var program = ByteSlice.none
  var process: Int64 = -1
  /// Heroku's own way to name a server's process: `postgres.123`.
  var isLogplex = false
  var message = 0

  /// Reads the header of the line in `from ..< end`; nil where it has none.
  init?(_ p: UnsafeRawPointer, _ from: Int, _ end: Int, reference: Int64) {
    var i = from
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    // RFC 6587: the length of the message in front of it.
    var behindLength = i
    if integer(p, &behindLength, end) != nil, byte(behindLength) == 0x20, byte(behindLength + 1) == UInt8(ascii: "<") {
      i = behindLength + 1
    }
    var hasPriority = false
    if byte(i) == UInt8(ascii: "<") {
      i += 1
      guard integer(p, &i, end) != nil, byte(i) == UInt8(ascii: ">") else { return nil }
      i += 1
      hasPriority = true
    }
    if hasPriority, byte(i) == UInt8(ascii: "1"), byte(i + 1) == 0x20 {
      i += 2
      guard readModern(p, &i, end) else { return nil }
    } else {
      guard readTraditional(p, &i, end, reference) else { return nil }
    }
    message = i
  }

  /// RFC 5424, section 6: TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG.
  private mutating func readModern(_ p: UnsafeRawPointer, _ i: inout Int, _ end: Int) -> Bool {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    if byte(i) == UInt8(ascii: "-") {
      i += 1
    } else if let found = TransportTime.rfc3339(p, &i, end) {
      time = found
    } else {
      return false
    }
    var words: [ByteSlice] = []
    for _ in 0..<4 {
      guard byte(i) == 0x20 else { return false }
      i += 1
      let start = i
      while i < end, byte(i) != 0x20 { i += 1 }
      guard i > start else { return false }
      words.append(ByteSlice(start, i))
    }
    program = words[1]
    readProcess(p, words[2])
    guard byte(i) == 0x20 else { return i == end }
    i += 1
    if byte(i) == UInt8(ascii: "-"), byte(i + 1) == 0x20 || i + 1 == end {
      i += 1
    } else {
      // Elements in brackets. The server's own [5-1] is none: it has a number where an element has a name.
      while byte(i) == UInt8(ascii: "["), byte(i + 1) &- 0x30 >= 10 {
        var inQuotes = false
        while i < end, inQuotes || byte(i) != UInt8(ascii: "]") {
          if byte(i) == 0x5C { i += 1 } else if byte(i) == UInt8(ascii: "\"") { inQuotes.toggle() }
          i += 1
        }
        i += 1
      }
    }
    if byte(i) == 0x20 { i += 1 }
    if byte(i) == 0xEF, byte(i + 1) == 0xBB, byte(i + 2) == 0xBF { i += 3 }
    i = min(i, end)
    return true
  }

  /// RFC 3164, section 4.1: TIMESTAMP HOSTNAME TAG[PID]: CONTENT; rsyslog and journalctl also with RFC 3339's time, and
  /// Logplex without the host.
  private mutating func readTraditional(
    _ p: UnsafeRawPointer, _ i: inout Int, _ end: Int, _ reference: Int64
  ) -> Bool {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    if let found = TransportTime.rfc3164(p, &i, end, reference: reference) {
      time = found
      isLocal = true
    } else if let found = TransportTime.rfc3339(p, &i, end) {
      time = found
    } else {
      return false
    }
    for _ in 0..<2 {
      guard byte(i) == 0x20 else { return false }
      while byte(i) == 0x20 { i += 1 }
      let start = i
      while i < end, byte(i) != 0x20, byte(i) != UInt8(ascii: "["), byte(i) != UInt8(ascii: ":") { i += 1 }
      let name = ByteSlice(start, i)
      guard !name.isEmpty else { return false }
      if byte(i) == UInt8(ascii: "[") {
        let from = i + 1
        i = from
        while i < end, byte(i) != UInt8(ascii: "]"), byte(i) != 0x20 { i += 1 }
        guard byte(i) == UInt8(ascii: "]") else { return false }
        readProcess(p, ByteSlice(from, i))
        i += 1
      }
      if byte(i) == UInt8(ascii: ":"), i + 1 >= end || byte(i + 1) == 0x20 {
        program = name
        i = min(i + 2, end)
        return true
      }
      // An IPv6 address is a host's name too.
      while i < end, byte(i) != 0x20 { i += 1 }
    }
    return false
  }

  private mutating func readProcess(_ p: UnsafeRawPointer, _ word: ByteSlice) {
    var i = Int(word.start)
    if SyslogHeader.logplex.matches(p, i, word.end) {
      isLogplex = true
      i += SyslogHeader.logplex.count
    }
    process = integer(p, &i, word.end) ?? -1
  }

  private static let logplex = Phrase("postgres.")
}

internal import Bytes

/// Opens the envelopes of one wrapper: what a record carries, and what it says of it.
struct EnvelopeReader: ~Copyable {
  private let wrapper: LogWrapper
  /// For times without a year.
  private let reference: Int64
  private let programs: [Phrase]
  private var scratch = ScratchBytes()

  init(_ wrapper: LogWrapper, reference: Int64) {
    self.wrapper = wrapper
    self.reference = reference
    switch wrapper.kind {
    case .syslog(let names), .journal(let names), .labelled(let names): programs = names.map { Phrase($0) }
    default: programs = []
    }
  }

  /// Reads the record in `from ..< end` and appends the text that it carries.
  mutating func read(_ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes) -> Envelope {
    switch wrapper.kind {
    case .syslog, .heroku: readSyslog(p, from, end, &text)
    case .containerRuntime: readContainerRuntime(p, from, end, &text)
    case .timed(let words): readTimed(p, from, end, words, &text)
    case .labelled: readLabelled(p, from, end, &text)
    case .cloudWatchText(let columns): readColumns(p, from, end, columns, &text)
    case .journal: readJournal(p, from, end, &text)
    case .docker: readDocker(p, from, end, &text)
    case .cloudWatch: readCloudWatch(p, from, end, &text)
    case .cloudLogging: readCloudLogging(p, from, end, &text)
    case .azure: readAzure(p, from, end, &text)
    case .cloudNativePG: readCloudNativePG(p, from, end, &text)
    }
  }

  // MARK: syslog

  private func readSyslog(_ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes) -> Envelope {
    guard let header = SyslogHeader(p, from, end, reference: reference) else { return .unreadable }
    var i = header.message
    if case .heroku = wrapper.kind {
      guard header.isLogplex else { return .foreign }
      // [DATABASE]
      if i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "["),
        let close = memory(p + i, Int32(UInt8(ascii: "]")), end - i)
      {
        i = min(close - p + 2, end)
      }
    } else {
      guard programs.contains(where: { header.program.equals(p, $0) }) else { return .foreign }
    }
    var carried = CarriedText()
    carried.time = header.time
    carried.isLocal = header.isLocal
    carried.process = header.process
    carried.stream = UInt64(bitPattern: header.process)
    if let piece = EnvelopeReader.piece(p, &i, end) { (carried.sequence, carried.piece) = piece }
    EnvelopeReader.appendOctal(p, i, end, &text)
    return .text(carried)
  }

  /// `[5-1] `: number of the message, and of the piece in it.
  private static func piece(_ p: UnsafeRawPointer, _ i: inout Int, _ end: Int) -> (Int64, Int64)? {
    var at = i
    while at < end, p.load(fromByteOffset: at, as: UInt8.self) == 0x20 { at += 1 }
    guard at < end, p.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "[") else { return nil }
    at += 1
    guard let sequence = integer(p, &at, end), at < end, p.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "-")
    else { return nil }
    at += 1
    guard let piece = integer(p, &at, end), piece > 0, at < end,
      p.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "]")
    else { return nil }
    at += 1
    if at < end, p.load(fromByteOffset: at, as: UInt8.self) == 0x20 { at += 1 }
    i = at
    return (sequence, piece)
  }

  /// rsyslog writes control characters as `#011` (`$EscapeControlCharactersOnReceive`, on by default).
  private static func appendOctal(_ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes) {
    var position = from
    var search = from
    while let found = memory(p + search, Int32(UInt8(ascii: "#")), end - search) {
      let at = found - p
      search = at + 1
      guard end - at >= 4 else { break }
      var value = 0
      var isOctal = true
      for k in 1...3 {
        let digit = p.load(fromByteOffset: at + k, as: UInt8.self) &- 0x30
        if digit > 7 { isOctal = false }
        value = value * 8 + Int(digit & 7)
      }
      guard isOctal, value > 0, value < 0x20 || value == 0x7F else { continue }
      text.append(p + position, at - position)
      text.append(UInt8(value))
      position = at + 4
      search = position
    }
    if position < end { text.append(p + position, end - position) }
  }

  // MARK: Lines with something in front

  private func readContainerRuntime(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var i = from
    guard let time = TransportTime.rfc3339(p, &i, end), end - i >= 4 else { return .unreadable }
    var carried = CarriedText()
    carried.time = time
    if EnvelopeReader.stderr.matches(p, i, end) {
      i += EnvelopeReader.stderr.count
      carried.stream = 2
    } else if EnvelopeReader.stdout.matches(p, i, end) {
      i += EnvelopeReader.stdout.count
      carried.stream = 1
    } else {
      return .unreadable
    }
    guard i < end else { return .unreadable }
    carried.continues = p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "P")
    // Tags are parted by colons; only the first is in use.
    while i < end, p.load(fromByteOffset: i, as: UInt8.self) != 0x20 { i += 1 }
    if i + 1 < end { text.append(p + i + 1, end - i - 1) }
    return .text(carried)
  }

  private func readTimed(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ words: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var i = from
    guard let time = TransportTime.rfc3339(p, &i, end) else {
      text.append(p + from, end - from)
      return .more
    }
    for _ in 0..<words {
      i += 1
      while i < end, p.load(fromByteOffset: i, as: UInt8.self) != 0x20 { i += 1 }
    }
    var carried = CarriedText()
    carried.time = time
    if i + 1 < end { text.append(p + i + 1, end - i - 1) }
    return .text(carried)
  }

  private func readLabelled(_ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes) -> Envelope {
    guard let (label, start) = EnvelopeReader.label(p, from, end) else { return .unreadable }
    guard programs.contains(where: { label.equals(p, $0) }) else { return .foreign }
    if start < end { text.append(p + start, end - start) }
    return .text(CarriedText())
  }

  /// `db-1  | ` or `[pod/db/postgres] `, and where the text begins.
  static func label(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> (ByteSlice, Int)? {
    func byte(_ at: Int) -> UInt8 { at < end ? p.load(fromByteOffset: at, as: UInt8.self) : 0 }
    var i = from
    if byte(i) == UInt8(ascii: "[") {
      while i < end, byte(i) != UInt8(ascii: "]") {
        if byte(i) == 0x20 { return nil }
        i += 1
      }
      let label = ByteSlice(from + 1, i)
      guard byte(i) == UInt8(ascii: "]"), byte(i + 1) == 0x20, label.text(p).contains("/") else { return nil }
      return (label, i + 2)
    }
    while i < end, byte(i) &- 0x30 < 10 || (byte(i) | 0x20) &- 0x61 < 26 || "_-.".utf8.contains(byte(i)) { i += 1 }
    let label = ByteSlice(from, i)
    while byte(i) == 0x20 { i += 1 }
    guard !label.isEmpty, i > label.end, byte(i) == UInt8(ascii: "|") else { return nil }
    // A blank follows, or nothing where the line is empty.
    return (label, byte(i + 1) == 0x20 ? i + 2 : i + 1)
  }

  /// `aws logs … --output text`: columns parted by TAB, the message the last but one, the time the last; an entry of
  /// several lines has them on several lines.
  private func readColumns(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ columns: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var i = from
    let begins = EnvelopeReader.events.matches(p, from, end)
    if begins {
      for _ in 0..<columns {
        guard let tab = memory(p + i, 0x09, end - i) else { return .unreadable }
        i = tab - p + 1
      }
    } else if EnvelopeReader.isToken(p, from, end) {
      return .foreign
    }
    // The time behind the message.
    var stop = end
    while stop > i, p.load(fromByteOffset: stop - 1, as: UInt8.self) &- 0x30 < 10 { stop -= 1 }
    var carried = CarriedText()
    if end - stop == 13, stop > i, p.load(fromByteOffset: stop - 1, as: UInt8.self) == 0x09 {
      var at = stop
      carried.time = (integer(p, &at, end) ?? 0) * 1_000
      stop -= 1
    } else {
      stop = end
    }
    text.append(p + i, stop - i)
    return begins ? .text(carried) : .more
  }

  /// `b/3123…<TAB>f/3123…`, `NEXTTOKEN<TAB>…`: where the next page begins, and the names of the streams.
  static func isToken(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Bool {
    [tokenBack, tokenForward, tokenNext, searched].contains { $0.matches(p, from, end) }
  }

  // MARK: JSON

  private mutating func readDocker(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var members = JSONMembers(p, from, end)
    var carried = CarriedText()
    var log: ByteSlice?
    while let (key, value) = members.next() {
      if key.equals(p, Key.log) {
        log = value.jsonString(p)
      } else if key.equals(p, Key.stream) {
        carried.stream = UInt64(value.count)
      } else if key.equals(p, Key.time) {
        carried.time = time(p, value)
      }
    }
    guard !members.isBroken, let log else { return .unreadable }
    let before = text.count
    EnvelopeReader.append(p, log, &text)
    carried.continues = true
    if text.count > before, text.bytes[text.count - 1] == 0x0A {
      carried.continues = false
      text.removeLast(1)
    }
    return .text(carried)
  }

  private mutating func readJournal(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var members = JSONMembers(p, from, end)
    var carried = CarriedText()
    var message: ByteSlice?
    var program = ByteSlice.none
    while let (key, value) = members.next() {
      if key.equals(p, Key.journalMessage) {
        message = value
      } else if key.equals(p, Key.identifier) {
        program = value.jsonString(p) ?? .none
      } else if key.equals(p, Key.sourceTime) || key.equals(p, Key.journalTime) && carried.time == .min {
        carried.time = value.jsonInteger(p) ?? .min
      } else if key.equals(p, Key.process) || key.equals(p, Key.syslogProcess) && carried.process < 0 {
        carried.process = value.jsonInteger(p) ?? -1
      } else if key.equals(p, Key.lineBreak) {
        carried.continues = value.jsonString(p).map { $0.equals(p, Key.lineLimit) } ?? false
      }
    }
    guard !members.isBroken else { return .unreadable }
    guard let message, programs.contains(where: { program.equals(p, $0) }) else { return .foreign }
    carried.stream = UInt64(bitPattern: carried.process)
    scratch.removeAll()
    if let string = message.jsonString(p) {
      EnvelopeReader.append(p, string, &scratch)
    } else if !EnvelopeReader.appendNumbers(p, message, &scratch) {
      return .unreadable
    }
    var i = 0
    let base = UnsafeRawPointer(scratch.base)
    if let piece = EnvelopeReader.piece(base, &i, scratch.count) { (carried.sequence, carried.piece) = piece }
    text.append(base + i, scratch.count - i)
    return .text(carried)
  }

  /// Bytes that are no text are written as an array of numbers.
  private static func appendNumbers(_ p: UnsafeRawPointer, _ value: ByteSlice, _ text: inout ScratchBytes) -> Bool {
    var i = Int(value.start)
    guard i < value.end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "[") else { return false }
    i += 1
    while i < value.end {
      let byte = p.load(fromByteOffset: i, as: UInt8.self)
      if byte == UInt8(ascii: "]") { return true }
      if byte <= 0x20 || byte == UInt8(ascii: ",") {
        i += 1
        continue
      }
      guard let number = integer(p, &i, value.end), 0...255 ~= number else { return false }
      text.append(UInt8(number))
    }
    return false
  }

  private mutating func readCloudWatch(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var members = JSONMembers(p, from, end)
    var carried = CarriedText()
    var message: ByteSlice?
    while let (key, value) = members.next() {
      if key.equals(p, Key.message) {
        message = value.jsonString(p)
      } else if key.equals(p, Key.timestamp) {
        carried.time = value.jsonInteger(p).map { $0 * 1_000 } ?? .min
      }
    }
    guard !members.isBroken else { return .unreadable }
    guard let message else { return .foreign }
    EnvelopeReader.append(p, message, &text)
    return .text(carried)
  }

  private mutating func readCloudLogging(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var members = JSONMembers(p, from, end)
    var carried = CarriedText()
    var payload: ByteSlice?
    var isServers = true
    while let (key, value) = members.next() {
      if key.equals(p, Key.textPayload) {
        payload = value.jsonString(p)
      } else if key.equals(p, Key.timestamp) {
        carried.time = time(p, value)
      } else if key.equals(p, Key.logName), let name = value.jsonString(p) {
        // projects/P/logs/cloudsql.googleapis.com%2Fpostgres.log; AlloyDB's is postgres.log too.
        isServers = Key.postgresLog.find(p, Int(name.start), name.end) != nil
      }
    }
    guard !members.isBroken else { return .unreadable }
    guard isServers, let payload else { return .foreign }
    EnvelopeReader.append(p, payload, &text)
    return .text(carried)
  }

  /// Flexible Server keeps the prefix and the severity in the message, Single Server had them in fields of their own;
  /// of an entry's other parts at most the DETAIL arrives.
  private mutating func readAzure(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var members = JSONMembers(p, from, end)
    var carried = CarriedText()
    var properties: ByteSlice?
    while let (key, value) = members.next() {
      if key.equals(p, Key.properties), value.isJSONObject(p) {
        properties = value
      } else if key.equals(p, Key.time) {
        carried.time = time(p, value)
      }
    }
    guard !members.isBroken else { return .unreadable }
    guard let properties else { return .foreign }
    members = JSONMembers(p, properties)
    var values: [ByteSlice?] = [nil, nil, nil, nil]
    let keys = [Key.message, Key.errorLevel, Key.prefix, Key.detail]
    while let (key, value) = members.next() {
      if let place = keys.firstIndex(where: { key.equals(p, $0) }) {
        values[place] = value.jsonString(p)
      } else if key.equals(p, Key.processID) {
        carried.process = value.jsonInteger(p) ?? -1
      }
    }
    guard let message = values[0], let level = values[1], !level.isEmpty else { return .foreign }
    let start = text.count
    scratch.removeAll()
    EnvelopeReader.append(p, message, &scratch)
    let severity = Array((level.text(p) + ":  ").utf8)
    var prefixEnd: Int?
    if let prefix = values[2], !prefix.isEmpty {
      EnvelopeReader.append(p, prefix, &text)
      prefixEnd = text.count
      for byte in severity { text.append(byte) }
      text.append(UnsafeRawPointer(scratch.base), scratch.count)
    } else {
      prefixEnd = scratch.firstRange(of: severity).map { $0 + start }
      text.append(UnsafeRawPointer(scratch.base), scratch.count)
    }
    if let detail = values[3], !detail.isEmpty, let prefixEnd {
      scratch.removeAll()
      scratch.append(UnsafeRawPointer(text.base) + start, prefixEnd - start)
      text.append(0x0A)
      text.append(UnsafeRawPointer(scratch.base), scratch.count)
      for byte in "DETAIL:  ".utf8 { text.append(byte) }
      scratch.removeAll()
      EnvelopeReader.append(p, detail, &scratch)
      for byte in scratch.bytes {
        text.append(byte)
        if byte == 0x0A { text.append(0x09) }
      }
    }
    return .text(carried)
  }

  /// The record's members are csvlog's columns: they become the keys of jsonlog, which hold the same values.
  private func readCloudNativePG(
    _ p: UnsafeRawPointer, _ from: Int, _ end: Int, _ text: inout ScratchBytes
  ) -> Envelope {
    var members = JSONMembers(p, from, end)
    var record: ByteSlice?
    while let (key, value) = members.next() {
      if key.equals(p, Key.record), value.isJSONObject(p) { record = value }
    }
    guard !members.isBroken else { return .unreadable }
    guard let record else { return .foreign }
    members = JSONMembers(p, record)
    var count = 0
    while let (key, value) = members.next() {
      guard value.count > 2, let name = EnvelopeReader.columns.first(where: { key.equals(p, $0.column) })?.key else {
        continue
      }
      text.append(UInt8(ascii: count == 0 ? "{" : ","))
      text.append(name.base, name.count)
      text.append(p + Int(value.start), Int(value.count))
      count += 1
    }
    guard count > 0 else { return .foreign }
    text.append(UInt8(ascii: "}"))
    return .text(CarriedText())
  }

  private func time(_ p: UnsafeRawPointer, _ value: ByteSlice) -> Int64 {
    guard let string = value.jsonString(p) else { return .min }
    var i = Int(string.start)
    return TransportTime.rfc3339(p, &i, string.end) ?? .min
  }

  private static func append(_ p: UnsafeRawPointer, _ string: ByteSlice, _ text: inout ScratchBytes) {
    Escaping.json.decode(UnsafeRawBufferPointer(start: p + Int(string.start), count: Int(string.count)), into: &text)
  }

  // MARK: Words

  private static let stderr = Phrase(" stderr ")
  private static let stdout = Phrase(" stdout ")
  static let events = Phrase("EVENTS\t")
  private static let tokenBack = Phrase("b/")
  private static let tokenForward = Phrase("f/")
  private static let tokenNext = Phrase("NEXTTOKEN")
  private static let searched = Phrase("SEARCHEDLOGSTREAMS")

  enum Key {
    static let log = Phrase("log")
    static let stream = Phrase("stream")
    static let time = Phrase("time")
    static let journalMessage = Phrase("MESSAGE")
    static let identifier = Phrase("SYSLOG_IDENTIFIER")
    static let journalTime = Phrase("__REALTIME_TIMESTAMP")
    static let sourceTime = Phrase("_SOURCE_REALTIME_TIMESTAMP")
    static let process = Phrase("_PID")
    static let syslogProcess = Phrase("SYSLOG_PID")
    static let lineBreak = Phrase("_LINE_BREAK")
    static let lineLimit = Phrase("line-max")
    static let message = Phrase("message")
    static let timestamp = Phrase("timestamp")
    static let textPayload = Phrase("textPayload")
    static let logName = Phrase("logName")
    static let postgresLog = Phrase("postgres")
    static let properties = Phrase("properties")
    static let errorLevel = Phrase("errorLevel")
    static let prefix = Phrase("prefix")
    static let detail = Phrase("detail")
    static let processID = Phrase("processId")
    static let record = Phrase("record")
    static let logTime = Phrase("log_time")
    static let severity = Phrase("error_severity")
  }

  /// Columns of csvlog, as CloudNativePG names them, and the beginnings of jsonlog's members.
  private static let columns: [(column: Phrase, key: Phrase)] = [
    ("log_time", "timestamp"), ("user_name", "user"), ("database_name", "dbname"), ("process_id", "pid"),
    ("connection_from", "remote_host"), ("session_id", "session_id"), ("session_line_num", "line_num"),
    ("command_tag", "ps"), ("session_start_time", "session_start"), ("virtual_transaction_id", "vxid"),
    ("transaction_id", "txid"), ("error_severity", "error_severity"), ("sql_state_code", "state_code"),
    ("message", "message"), ("detail", "detail"), ("hint", "hint"), ("context", "context"), ("query", "statement"),
    ("application_name", "application_name"), ("backend_type", "backend_type"), ("leader_pid", "leader_pid"),
    ("query_id", "query_id"),
  ].map { (Phrase($0.0), Phrase("\"" + $0.1 + "\":")) }
}

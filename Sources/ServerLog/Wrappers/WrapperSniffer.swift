internal import Bytes

extension LogWrapper {
  /// Lines, or objects, of the sample that are looked at.
  private static let sampleRecords = 400

  /// The wrapper that `head` is written in, told by its content; nil where it is none that is known.
  ///
  /// What a server writes itself is no wrapper: a jsonlog, a csvlog, lines with a prefix.
  public static func detect(_ head: [UInt8]) -> LogWrapper? {
    head.withUnsafeBytes { bytes -> LogWrapper? in
      guard let p = bytes.baseAddress else { return nil }
      var i = 0
      while i < bytes.count, bytes[i] <= 0x20 { i += 1 }
      guard i < bytes.count else { return nil }
      if bytes[i] == UInt8(ascii: "{") || bytes[i] == UInt8(ascii: "[") {
        if let found = detectJSON(p, bytes.count) { return found }
      }
      return detectLines(p, bytes.count)
    }
  }

  /// One name in front of each line (`db-1  | `): asked for only where nothing else fits, because a server's own prefix
  /// may look like it.
  public static func detectLabels(_ head: [UInt8]) -> LogWrapper? {
    head.withUnsafeBytes { bytes -> LogWrapper? in
      guard let p = bytes.baseAddress else { return nil }
      let lines = lines(p, bytes.count)
      var labels: [String: Int] = [:]
      var matched = 0
      for line in lines {
        guard let (label, text) = EnvelopeReader.label(p, line.lowerBound, line.upperBound) else { continue }
        matched += 1
        if isServers(p, text, line.upperBound) { labels[label.text(p), default: 0] += 1 }
      }
      guard matched * 10 >= lines.count * 8, !labels.isEmpty else { return nil }
      return LogWrapper(.labelled(labels.keys.sorted()))
    }
  }

  // MARK: Lines

  private static func lines(_ p: UnsafeRawPointer, _ count: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var position = 0
    while position < count, result.count < sampleRecords {
      guard let newline = memory(p + position, 0x0A, count - position) else { break }
      let end = newline - p
      if end > position { result.append(position..<end) }
      position = end + 1
    }
    if result.isEmpty, count > 0 { result = [0..<count] }
    return result
  }

  private static func detectLines(_ p: UnsafeRawPointer, _ count: Int) -> LogWrapper? {
    // Lines that go on have nothing in front in some of the wrappers.
    let lines = lines(p, count).filter { p.load(fromByteOffset: $0.lowerBound, as: UInt8.self) != 0x09 }
    guard !lines.isEmpty else { return nil }
    func most(_ number: Int) -> Bool { number * 10 >= lines.count * 8 }
    if let columns = cloudWatchColumns(p, lines) { return LogWrapper(.cloudWatchText(columns: columns)) }
    var text = ScratchBytes()
    var runtime = EnvelopeReader(LogWrapper(.containerRuntime), reference: 0)
    var containers = 0
    for line in lines {
      text.removeAll()
      if case .text = runtime.read(p, line.lowerBound, line.upperBound, &text) { containers += 1 }
    }
    if most(containers) { return LogWrapper(.containerRuntime) }
    var headers = 0
    var isLogplex = false
    var programs: [String: Int] = [:]
    for line in lines {
      guard let header = SyslogHeader(p, line.lowerBound, line.upperBound, reference: 4_102_444_800_000_000) else {
        continue
      }
      headers += 1
      if header.isLogplex { isLogplex = true }
      if isServers(p, header.message, line.upperBound) { programs[header.program.text(p), default: 0] += 1 }
    }
    if most(headers) {
      if isLogplex { return LogWrapper(.heroku) }
      return programs.isEmpty ? nil : LogWrapper(.syslog(programs: programs.keys.sorted()))
    }
    return timed(p, lines, most)
  }

  /// The number of columns before the message in the output of `aws logs`: GetLogEvents has the time of ingestion,
  /// FilterLogEvents has the event's id (56 digits), that time and the stream's name.
  private static func cloudWatchColumns(_ p: UnsafeRawPointer, _ lines: [Range<Int>]) -> Int? {
    guard
      let line = lines.first(where: { !EnvelopeReader.isToken(p, $0.lowerBound, $0.upperBound) }),
      EnvelopeReader.events.matches(p, line.lowerBound, line.upperBound)
    else { return nil }
    let from = line.lowerBound + EnvelopeReader.events.count
    var i = from
    while i < line.upperBound, p.load(fromByteOffset: i, as: UInt8.self) &- 0x30 < 10 { i += 1 }
    return i - from > 13 ? 4 : 2
  }

  private static func timed(
    _ p: UnsafeRawPointer, _ lines: [Range<Int>], _ most: (Int) -> Bool
  ) -> LogWrapper? {
    var matched = 0
    var labelled = 0
    for line in lines {
      var i = line.lowerBound
      guard TransportTime.rfc3339(p, &i, line.upperBound) != nil, i < line.upperBound,
        p.load(fromByteOffset: i, as: UInt8.self) == 0x20
      else { continue }
      matched += 1
      // `aws logs tail` has the stream's name before the line, which itself begins with a time, a bracket or a brace.
      let first = i + 1
      guard first < line.upperBound, !beginsLine(p, first, line.upperBound),
        let blank = memory(p + first, 0x20, line.upperBound - first)
      else { continue }
      if beginsLine(p, blank - p + 1, line.upperBound) { labelled += 1 }
    }
    // The lines of an event that has several follow it as they are.
    guard matched > 0, most(matched) || matched * 2 >= lines.count else { return nil }
    return LogWrapper(.timed(words: labelled * 10 >= matched * 8 ? 1 : 0))
  }

  private static func beginsLine(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Bool {
    guard from < end else { return false }
    let first = p.load(fromByteOffset: from, as: UInt8.self)
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "<") || first == UInt8(ascii: "[") { return true }
    return end - from > 10 && first &- 0x30 < 10
      && p.load(fromByteOffset: from + 4, as: UInt8.self) == UInt8(ascii: "-")
      && p.load(fromByteOffset: from + 7, as: UInt8.self) == UInt8(ascii: "-")
  }

  /// Whether a server may have written the text: it has a severity, or is an entry in JSON.
  private static func isServers(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Bool {
    let limit = min(end, from + 512)
    for table in MessageTable.all {
      for word in table.severities.elements where word.phrase.find(p, from, limit) != nil { return true }
    }
    return jsonKey.find(p, from, limit) != nil || logTimeKey.find(p, from, limit) != nil
  }

  // MARK: JSON

  private static func detectJSON(_ p: UnsafeRawPointer, _ count: Int) -> LogWrapper? {
    for depth in 0...2 {
      var cutter = ObjectCutter(depth: depth)
      var looked = 0
      var kind: Kind?
      var programs: Set<String> = []
      while looked < sampleRecords, let object = cutter.next(p, count) {
        looked += 1
        guard let found = jsonKind(p, object, &programs) else { continue }
        if case .journal = found {
          kind = .journal(programs: [])
          continue
        }
        kind = found
        break
      }
      guard let kind else { continue }
      let layout: Layout = depth == 0 && isOnePerLine(p, count) ? .lines : .objects(depth: depth)
      if case .journal = kind {
        return programs.isEmpty ? nil : LogWrapper(.journal(programs: programs.sorted()), layout)
      }
      return LogWrapper(kind, layout)
    }
    return nil
  }

  /// What an object is of, by its keys.
  private static func jsonKind(_ p: UnsafeRawPointer, _ object: Range<Int>, _ programs: inout Set<String>) -> Kind? {
    typealias Key = EnvelopeReader.Key
    var members = JSONMembers(p, object.lowerBound, object.upperBound)
    var values: [String: ByteSlice] = [:]
    while let (key, value) = members.next() { values[key.text(p)] = value }
    guard !members.isBroken, values["error_severity"] == nil else { return nil }
    if let record = values["record"], record.isJSONObject(p), has(p, record, Key.logTime) { return .cloudNativePG }
    if values["log"] != nil, values["stream"] != nil || values["time"] != nil { return .docker }
    if values["__REALTIME_TIMESTAMP"] != nil {
      if let message = values["MESSAGE"], let name = values["SYSLOG_IDENTIFIER"]?.jsonString(p) {
        let text = message.jsonString(p)
        // What is no text is likely to be a server's: others hardly write TABs and names in other encodings.
        let name = name.text(p)
        if text.map({ isServers(p, Int($0.start), $0.end) }) ?? name.contains("postgres") { programs.insert(name) }
      }
      return .journal(programs: [])
    }
    if values["textPayload"] != nil, values["timestamp"] != nil || values["insertId"] != nil { return .cloudLogging }
    if let properties = values["properties"], properties.isJSONObject(p), has(p, properties, Key.errorLevel) {
      return .azure
    }
    if values["message"]?.jsonString(p) != nil, let time = values["timestamp"], time.jsonString(p) == nil {
      return .cloudWatch
    }
    return nil
  }

  private static func has(_ p: UnsafeRawPointer, _ object: ByteSlice, _ name: Phrase) -> Bool {
    var members = JSONMembers(p, object)
    while let (key, _) = members.next() { if key.equals(p, name) { return true } }
    return false
  }

  /// Whether the first object fills the first line.
  private static func isOnePerLine(_ p: UnsafeRawPointer, _ count: Int) -> Bool {
    var cutter = ObjectCutter(depth: 0)
    guard let object = cutter.next(p, count) else { return false }
    return memory(p + object.lowerBound, 0x0A, object.count) == nil
  }

  private static let jsonKey = Phrase("\"error_severity\"")
  private static let logTimeKey = Phrase("\"log_time\"")
}

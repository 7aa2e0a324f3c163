/// What the values of a prefix's fields say about the prefix: line numbers count, a host has no blanks, an error has a
/// code. Gathered line by line; a prefix that takes one field for another is found out by it.
struct PrefixEvidence {
  /// Lines about a connection whose names are those of the prefix.
  private(set) var proved = 0
  private var others = 0
  /// Lines whose numbers are what the prefix takes them for.
  private var agreed = 0
  private var disagreed = 0
  /// Lines whose user or database has a blank, which applications have more often.
  private(set) var blankNames = 0
  /// Lines that reach behind `%q`.
  private(set) var beyondStop = 0
  private var several = 0
  private var lines = 0
  private var processSteps = 0
  private var lastProcess: Int64 = 0
  private var lineRepeats = 0
  private var lastLine: Int64 = -1
  /// The number of each session's line before.
  private var lastLines: [Int64: Int64] = [:]
  private let tables: [MessageTable]

  init(_ tables: [MessageTable]) { self.tables = tables }

  /// Lines about a connection whose names are not those of the prefix. Names with a separator in them are cut at the
  /// wrong one by the right prefix too, but they are few.
  var contradicted: Int { others > proved ? others : 0 }

  /// Lines whose values cannot be what the prefix takes them for.
  private(set) var implausible = 0
  /// Lines whose values are seldom what the prefix takes them for; a few are the world's way.
  var unlikely: Int { 50 * several > lines ? several : 0 }

  /// How many lines' numbers speak for the prefix, less those that speak against it. Logs of several servers in one,
  /// with the same process ids, have many that do.
  var agreement: Int {
    var count = agreed - disagreed
    // Nearly every line of a process of its own, each with the next number: these are rather numbers of lines.
    if 2 * processSteps > lines, 2 * lastLines.count > lines { count -= processSteps }
    // A single session's lines have numbers that differ.
    if 2 * lineRepeats > lines { count -= lineRepeats }
    return count
  }

  /// Adds a line that the prefix matches.
  mutating func add(
    _ p: UnsafeRawPointer, _ line: Range<Int>, _ prefix: LinePrefix, _ fields: PrefixMatcher.Fields
  ) {
    lines += 1
    if !fields.isStopped { beyondStop += 1 }
    if isImplausible(p, prefix, fields) { implausible += 1 }
    if isUnlikely(p, prefix, fields) { several += 1 }
    if bytes(p, fields.user).contains(0x20) || bytes(p, fields.database).contains(0x20) { blankNames += 1 }
    addNames(p, line, fields)
    if fields.process != 0 {
      if fields.process == lastProcess + 1 { processSteps += 1 }
      lastProcess = fields.process
    }
    if fields.line >= 0 {
      if fields.line == lastLine { lineRepeats += 1 }
      lastLine = fields.line
      // Every session has a first line; a process with that number is rare.
      if fields.line == 1 { agreed += 1 }
    }
    if fields.process != 0, fields.session != 0 {
      if Int64(fields.session & 0xFFFF_FFFF) == fields.process { agreed += 1 } else { implausible += 1 }
    }
    let key = fields.process != 0 ? fields.process : Int64(truncatingIfNeeded: fields.session)
    guard key != 0 else { return }
    // Each line of a session has a higher number than the one before; the next process of this number begins anew.
    if let last = lastLines.updateValue(fields.line, forKey: key), fields.line >= 0 {
      if fields.line == last + 1 { agreed += 1 }
      if fields.line <= last, fields.line != 1 { disagreed += 1 }
    }
  }

  private func bytes(_ p: UnsafeRawPointer, _ slice: ByteSlice) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: p + Int(slice.start), count: Int(slice.count))
  }

  private func isImplausible(_ p: UnsafeRawPointer, _ prefix: LinePrefix, _ fields: PrefixMatcher.Fields) -> Bool {
    if fields.sqlState != 0 {
      let code = PrefixEvidence.code(fields)
      guard code.allSatisfy({ $0 &- 0x30 < 10 || $0 &- 0x41 < 26 }) else { return true }
      if isError(fields), code.allSatisfy({ $0 == 0x30 }) { return true }
    }
    if !fields.start.isEmpty {
      var clock = ClockReader()
      var at = Int(fields.start.start)
      if let start = clock.read(p, &at, Int(fields.start.end)), start > fields.time.microseconds { return true }
    }
    if prefix.contains(.process), fields.process <= 0 { return true }
    if prefix.contains(.line), fields.line <= 0 { return true }
    if !fields.remote.isEmpty, !isRemote(p, fields.remote, hasPort: true) { return true }
    if !fields.host.isEmpty, !isRemote(p, fields.host, hasPort: false) { return true }
    return false
  }

  private static func code(_ fields: PrefixMatcher.Fields) -> [UInt8] {
    (0..<5).map { UInt8(truncatingIfNeeded: fields.sqlState >> UInt64($0 * 8)) }
  }

  private func isError(_ fields: PrefixMatcher.Fields) -> Bool {
    guard case .severity(let severity) = fields.word else { return false }
    switch severity {
    case .error, .fatal, .panic: return true
    default: return false
    }
  }

  private func isUnlikely(_ p: UnsafeRawPointer, _ prefix: LinePrefix, _ fields: PrefixMatcher.Fields) -> Bool {
    // src/backend/utils/error/elog.c: errors have a code of their own, other messages seldom.
    if fields.sqlState != 0, fields.word == .severity(.log), PrefixEvidence.code(fields).contains(where: { $0 != 0x30 })
    {
      return true
    }
    // Extensions name their own background workers, but not like this.
    if bytes(p, fields.backend).contains(where: { "[]@".utf8.contains($0) || $0 &- 0x30 < 10 }) { return true }
    if !fields.tagText.isEmpty,
      PrefixWords.end(of: .commandTag, p, Int(fields.tagText.start), Int(fields.tagText.end)) != fields.tagText.end
    {
      return true
    }
    // A session has both or none.
    if prefix.contains(.user), prefix.contains(.database), fields.user.isEmpty != fields.database.isEmpty {
      return true
    }
    return [fields.user, fields.database, fields.application].contains { isSeveral(bytes(p, $0)) }
  }

  /// Whether a name begins with a number of its own or has what separates fields: `7 web`, `00000 shop`, `me|shop`.
  private func isSeveral(_ name: UnsafeRawBufferPointer) -> Bool {
    guard let blank = name.firstIndex(of: 0x20) else { return name.contains(UInt8(ascii: "|")) }
    if blank > 0, name[..<blank].allSatisfy({ $0 &- 0x30 < 10 }) { return true }
    return name.indices.dropLast().contains { name[$0] == 0x20 && name[$0 + 1] == 0x20 }
      || name.contains(UInt8(ascii: "|"))
  }

  /// `[local]`, or a host that has no blank, and a port in parentheses where the prefix shows it.
  private func isRemote(_ p: UnsafeRawPointer, _ slice: ByteSlice, hasPort: Bool) -> Bool {
    let text = bytes(p, slice)
    if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") { return true }
    guard let open = text.lastIndex(of: UInt8(ascii: "(")), text.last == UInt8(ascii: ")") else {
      return !hasPort && !text.contains { $0 == 0x20 || $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: "@") }
        && !text.allSatisfy { $0 &- 0x30 < 10 }
    }
    return hasPort && open > 0 && text[(open + 1)..<(text.count - 1)].allSatisfy { $0 &- 0x30 < 10 }
      && !text[..<open].contains(0x20)
  }

  private mutating func addNames(_ p: UnsafeRawPointer, _ line: Range<Int>, _ fields: PrefixMatcher.Fields) {
    guard !fields.user.isEmpty || !fields.database.isEmpty else { return }
    let message = UnsafeRawBufferPointer(start: p + fields.message, count: line.upperBound - fields.message)
    guard let names = ConnectionNames.read(message, tables) else { return }
    func says(_ slice: ByteSlice, _ name: String) -> Bool? {
      slice.isEmpty ? nil : bytes(p, slice).elementsEqual(name.utf8)
    }
    let verdicts = [says(fields.user, names.user), says(fields.database, names.database)]
    if verdicts.contains(false) { others += 1 } else { proved += 1 }
  }
}

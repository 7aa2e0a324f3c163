/// Takes a plan out of what surrounds it: psql's header, borders, continuation marks and footer; a log entry's first
/// line and its tabs; the quotes of a spreadsheet or of pgAdmin.
struct PlanFrame {
  /// The plan's own lines.
  private(set) var lines: [ArraySlice<UInt8>]
  /// Number of the first of them in the file, counted from 1.
  private(set) var firstLine = 1
  /// Whether anything was taken away: then bytes of the plan are not at the file's offsets.
  private(set) var isChanged = false

  init(_ bytes: [UInt8]) {
    lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for index in lines.indices where lines[index].last == 13 { lines[index].removeLast() }
    dropLogPrefix()
    dropExpandedFrame()
    dropTableFrame()
    dropQuotes()
  }

  /// The lines as one text again.
  var joined: [UInt8] { Array(lines.joined(separator: [UInt8(ascii: "\n")])) }

  private mutating func keep(_ range: Range<Int>) {
    firstLine += range.lowerBound
    lines = Array(lines[range])
    isChanged = true
  }

  private static func contains(_ line: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
    TextScanner.lastIndex(of: text, in: line) != nil
  }

  // MARK: Logs

  /// `… LOG:  duration: 12.3 ms  plan:` followed by lines that begin with a tab.
  private mutating func dropLogPrefix() {
    guard
      let start = lines.prefix(50).firstIndex(where: {
        let line = TextScanner.trimmed($0)
        return line.count >= 7 && line.suffix(7).elementsEqual("  plan:".utf8)
      })
    else { return }
    var end = start + 1
    let isTabbed = end < lines.count && lines[end].first == 9
    while end < lines.count, !isTabbed || lines[end].first == 9 || lines[end].isEmpty { end += 1 }
    keep((start + 1)..<end)
    if isTabbed { for index in lines.indices where lines[index].first == 9 { lines[index].removeFirst() } }
  }

  // MARK: psql

  private static let bars = ["|", "│", "║"].map { Array($0.utf8) }
  private static let marks = ["+", "↵", "…"].map { Array($0.utf8) }

  private static func isRule(_ line: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: TextScanner.trimmed(line), as: UTF8.self)
    return text.count >= 3 && text.unicodeScalars.allSatisfy { "-+|─═┌┐└┘├┤┬┴┼╔╗╚╝╠╣╟╢".unicodeScalars.contains($0) }
  }

  private static func isFooter(_ line: ArraySlice<UInt8>) -> Bool {
    TextScanner.starts(line, "(") && line.count < 30
      && (line.suffix(6).elementsEqual(" rows)".utf8) || line.suffix(5).elementsEqual(" row)".utf8))
  }

  /// Removes one of the marks from the end of a line, with the blanks before it.
  private static func dropLast(_ marks: [[UInt8]], of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var line = line
    while let last = line.last, last == UInt8(ascii: " ") { line.removeLast() }
    for mark in marks where line.count >= mark.count && line.suffix(mark.count).elementsEqual(mark) {
      line = line.dropLast(mark.count)
      return line
    }
    return nil
  }

  private static func dropFirst(_ marks: [[UInt8]], of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let line = line.drop { $0 == UInt8(ascii: " ") }
    for mark in marks where line.starts(with: mark) { return line.dropFirst(mark.count) }
    return nil
  }

  private mutating func dropTableFrame() {
    guard
      let header = lines.prefix(200).firstIndex(where: { line in
        var line = TextScanner.trimmed(line)
        if let inner = Self.dropFirst(Self.bars, of: line) { line = TextScanner.trimmed(inner) }
        if let inner = Self.dropLast(Self.bars, of: line) { line = TextScanner.trimmed(inner) }
        return line.elementsEqual("QUERY PLAN".utf8) || line.elementsEqual("\"QUERY PLAN\"".utf8)
      })
    else { return }
    let hasBars = Self.dropFirst(Self.bars, of: lines[header]) != nil
    var start = header + 1
    let hasRule = start < lines.count && Self.isRule(lines[start])
    if hasRule { start += 1 }
    var end = start
    while end < lines.count, !Self.isFooter(lines[end]), !(hasRule && Self.isRule(lines[end])) { end += 1 }
    keep(start..<end)
    while let last = lines.last, TextScanner.trimmed(last).isEmpty { lines.removeLast() }
    for index in lines.indices {
      if hasBars, let inner = Self.dropLast(Self.bars, of: lines[index]) {
        lines[index] = Self.dropFirst(Self.bars, of: inner) ?? inner
      }
      // Aligned output begins every row with a blank.
      if hasRule, lines[index].first == UInt8(ascii: " ") { lines[index].removeFirst() }
    }
    dropContinuationMarks()
  }

  /// A cell of several lines has a mark at the end of each but the last. Rows of a text plan are cells of their own.
  private mutating func dropContinuationMarks() {
    guard lines.count > 1, lines.dropLast().allSatisfy({ Self.dropLast(Self.marks, of: $0) != nil }) else { return }
    for index in lines.indices.dropLast() {
      lines[index] = Self.dropLast(Self.marks, of: lines[index]) ?? lines[index]
    }
  }

  /// `-[ RECORD 1 ]---` and `QUERY PLAN | …`
  private mutating func dropExpandedFrame() {
    func isRecord(_ line: ArraySlice<UInt8>) -> Bool { Self.contains(line.prefix(40), "[ RECORD ") }
    guard lines.prefix(20).contains(where: isRecord) else { return }
    var kept: [ArraySlice<UInt8>] = []
    for line in lines where !isRecord(line) {
      let isFirst = TextScanner.starts(TextScanner.trimmed(line), "QUERY PLAN")
      let rest = isFirst ? TextScanner.trimmed(line).dropFirst(10) : line
      guard var inner = Self.dropFirst(Self.bars, of: rest) else { continue }
      if inner.first == UInt8(ascii: " ") { inner.removeFirst() }
      kept.append(Self.dropLast(Self.marks, of: inner) ?? inner)
    }
    guard !kept.isEmpty else { return }
    lines = kept
    isChanged = true
  }

  // MARK: Quotes

  private mutating func dropQuotes() {
    let quote = UInt8(ascii: "\"")
    let filled = lines.filter { !TextScanner.trimmed($0).isEmpty }
    guard let first = filled.first.map(TextScanner.trimmed), let last = filled.last.map(TextScanner.trimmed),
      first.first == quote, last.last == quote, filled.count > 1 || first.count > 2
    else { return }
    let eachLine = filled.allSatisfy {
      let line = TextScanner.trimmed($0)
      return line.count >= 2 && line.first == quote && line.last == quote
    }
    func unquoted(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
      var out: [UInt8] = []
      var wasQuote = false
      for byte in bytes {
        if byte == quote, wasQuote {
          wasQuote = false
          continue
        }
        wasQuote = byte == quote
        out.append(byte)
      }
      return out[...]
    }
    isChanged = true
    if eachLine {
      lines = lines.map { unquoted(TextScanner.trimmed($0).dropFirst().dropLast()) }
    } else {
      lines = lines.map(unquoted)
      if let index = lines.firstIndex(where: { !TextScanner.trimmed($0).isEmpty }) {
        lines[index] = TextScanner.trimmed(lines[index]).dropFirst()
      }
      if let index = lines.lastIndex(where: { !TextScanner.trimmed($0).isEmpty }) {
        lines[index] = TextScanner.trimmed(lines[index]).dropLast()
      }
    }
  }
}

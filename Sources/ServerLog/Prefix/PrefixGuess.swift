/// What of a line tells its prefix: where the severity begins, and which escapes write what stands before it.
enum PrefixGuess {
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

  static func isWord(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
  }
}

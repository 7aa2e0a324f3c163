/// Records of delimited text with a header, as psql, pgAdmin and consoles export them: RFC 4180 with any of `,`, `;`,
/// tab or `|` between values. A value in quotes (double ones, or pgAdmin's single ones) may hold anything, line ends
/// included; an empty value without quotes is null, as `COPY … CSV` has it. The rule of dashes below psql's aligned
/// header is passed over.
struct DelimitedText {
  struct Record {
    var values: [String?]
    /// The line it begins in, from one.
    var line: Int
  }

  private let bytes: [UInt8]
  private let delimiter: UInt8
  private let quote: UInt8
  private var at = 0
  private var line = 1

  init(_ bytes: [UInt8]) {
    // A byte order mark, as spreadsheets and pgAdmin on Windows write it.
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    self.bytes = Array(bytes[start...])
    delimiter = DelimitedText.delimiter(self.bytes)
    quote = DelimitedText.quote(self.bytes, delimiter)
  }

  /// The one that more values at the beginning open with.
  private static func quote(_ bytes: [UInt8], _ delimiter: UInt8) -> UInt8 {
    let (single, double) = (UInt8(ascii: "'"), UInt8(ascii: "\""))
    var counts = (single: 0, double: 0)
    var previous = delimiter
    for byte in bytes.prefix(4_096) {
      if previous == delimiter || previous == UInt8(ascii: "\n") {
        if byte == single { counts.single += 1 }
        if byte == double { counts.double += 1 }
      }
      previous = byte
    }
    return counts.single > counts.double ? single : double
  }

  /// The one that the header has most of.
  private static func delimiter(_ bytes: [UInt8]) -> UInt8 {
    let header = bytes.drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.prefix { $0 != UInt8(ascii: "\n") }
    let choices: [Character] = [",", ";", "\t", "|"]
    let counts = choices.compactMap(\.asciiValue).map { byte in (byte: byte, count: header.count { $0 == byte }) }
    return counts.max { $0.count < $1.count }?.byte ?? UInt8(ascii: ",")
  }

  /// The next record; nil at the end.
  /// - Throws: `StatementsExport.Problem` for a quote that never closes.
  mutating func next() throws(StatementsExport.Problem) -> Record? {
    while at < bytes.count, bytes[at] == UInt8(ascii: "\n") || bytes[at] == UInt8(ascii: "\r") {
      if bytes[at] == UInt8(ascii: "\n") { line += 1 }
      at += 1
    }
    guard at < bytes.count else { return nil }
    if isRule() {
      while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
      return try next()
    }
    var record = Record(values: [], line: line)
    while true {
      record.values.append(try value())
      guard at < bytes.count else { return record }
      let byte = bytes[at]
      at += 1
      if byte == delimiter { continue }
      if byte == UInt8(ascii: "\r"), at < bytes.count, bytes[at] == UInt8(ascii: "\n") { at += 1 }
      line += 1
      return record
    }
  }

  /// psql's `-----+-----`.
  private func isRule() -> Bool {
    guard bytes[at...].starts(with: "---".utf8) else { return false }
    return bytes[at...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
      .allSatisfy { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
  }

  private mutating func value() throws(StatementsExport.Problem) -> String? {
    // Aligned columns are padded with blanks.
    var first = at
    while first < bytes.count, bytes[first] == UInt8(ascii: " ") { first += 1 }
    guard first < bytes.count, bytes[first] == quote else {
      let start = at
      while at < bytes.count, bytes[at] != delimiter, bytes[at] != UInt8(ascii: "\n"), bytes[at] != UInt8(ascii: "\r") {
        at += 1
      }
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      var trimmed = text.drop { $0 == " " }
      while trimmed.last == " " { trimmed.removeLast() }
      return trimmed.isEmpty || trimmed == "NULL" || trimmed == "null" ? nil : String(trimmed)
    }
    let opened = line
    at = first + 1
    var content: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == quote {
        guard at < bytes.count, bytes[at] == quote else {
          // Blanks between the quote and the delimiter mean nothing.
          while at < bytes.count, bytes[at] == UInt8(ascii: " ") { at += 1 }
          return String(decoding: content, as: UTF8.self)
        }
        at += 1
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      content.append(byte)
    }
    throw StatementsExport.Problem(line: opened, reason: "a quote is never closed: the file was cut off")
  }
}

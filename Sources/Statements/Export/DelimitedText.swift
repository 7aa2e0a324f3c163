/// Records of delimited text with a header, as psql, pgAdmin and consoles export them: RFC 4180 with any of `,`, `;`,
/// tab or `|` between values. A value in quotes may hold anything, line ends included; an empty value without quotes is
/// null, as `COPY … CSV` has it.
struct DelimitedText {
  struct Record {
    var values: [String?]
    /// The line it begins in, from one.
    var line: Int
  }

  private let bytes: [UInt8]
  private let delimiter: UInt8
  private var at = 0
  private var line = 1

  init(_ bytes: [UInt8]) {
    // A byte order mark, as spreadsheets and pgAdmin on Windows write it.
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    self.bytes = Array(bytes[start...])
    delimiter = DelimitedText.delimiter(self.bytes)
  }

  /// The one that the header has most of.
  private static func delimiter(_ bytes: [UInt8]) -> UInt8 {
    let header = bytes.prefix { $0 != UInt8(ascii: "\n") }
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

  private mutating func value() throws(StatementsExport.Problem) -> String? {
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
      let start = at
      while at < bytes.count, bytes[at] != delimiter, bytes[at] != UInt8(ascii: "\n"), bytes[at] != UInt8(ascii: "\r") {
        at += 1
      }
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      let trimmed = text.drop { $0 == " " }
      return trimmed.isEmpty || trimmed == "NULL" || trimmed == "null" ? nil : String(trimmed)
    }
    let opened = line
    at += 1
    var content: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\"") {
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
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

internal import Bytes
internal import Model
internal import SQLText

/// A plan's document without the values in it: literals of its expressions and of its query.
enum PlanValues {
  static func masked(_ document: String, _ format: PlanSample.Format) -> String {
    var document = document
    return document.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      var masker = Masker(format)
      guard let range = PlanDocument.queryRange(bytes, format) else {
        masker.add(bytes)
        return String(decoding: masker.out, as: UTF8.self)
      }
      masker.add(UnsafeRawBufferPointer(rebasing: bytes[..<range.lowerBound]))
      var query = ScratchBytes()
      _ = PlanDocument.queryText(bytes, into: &query)
      masker.out += encoded(StatementValues.split(query.bytes).text, format)
      masker.add(UnsafeRawBufferPointer(rebasing: bytes[range.upperBound...]))
      return String(decoding: masker.out, as: UTF8.self)
    }
  }

  /// A document with nothing but its secrets masked: those of its query as in any other statement. Where a parameter of
  /// the query is a secret (`set_config('app.password', $1, false)`), its value may stand anywhere in the plan, on
  /// whatever it was planned into: no literal of that plan is kept.
  static func withoutSecrets(_ document: String, _ format: PlanSample.Format) -> String {
    var text = document
    let mended = text.withUTF8 { bytes -> String? in
      let bytes = UnsafeRawBufferPointer(bytes)
      guard let range = PlanDocument.queryRange(bytes, format) else { return nil }
      var query = ScratchBytes()
      _ = PlanDocument.queryText(bytes, into: &query)
      let secrets = StatementValues.secrets(in: query.bytes)
      guard secrets.parameters.isEmpty else { return masked(document, format) }
      guard let clean = secrets.masked else { return nil }
      return String(
        decoding: bytes[..<range.lowerBound] + encoded(clean, format) + bytes[range.upperBound...], as: UTF8.self)
    }
    return StatementValues.withoutSecrets(mended ?? document)
  }

  /// As `ExplainPropertyText` writes a text (src/backend/commands/explain.c).
  private static func encoded(_ text: String, _ format: PlanSample.Format) -> [UInt8] {
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch (format, byte) {
      case (.json, 0x22), (.yaml, 0x22), (.json, 0x5C), (.yaml, 0x5C): out += [0x5C, byte]
      case (.json, 0x0A), (.yaml, 0x0A): out += "\\n".utf8
      case (.json, 0x09), (.yaml, 0x09): out += "\\t".utf8
      case (.xml, UInt8(ascii: "<")): out += "&lt;".utf8
      case (.xml, UInt8(ascii: ">")): out += "&gt;".utf8
      case (.xml, UInt8(ascii: "&")): out += "&amp;".utf8
      default: out.append(byte)
      }
    }
    return out
  }

  /// Masks what stands in single quotes, and the numbers of lines that hold expressions. Costs, rows and times stay.
  private struct Masker {
    var out: [UInt8] = []
    private let format: PlanSample.Format

    init(_ format: PlanSample.Format) { self.format = format }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      var i = 0
      var isExpression = false
      var isLineStart = true
      while i < bytes.count {
        if isLineStart {
          isExpression = PlanValues.isExpression(line(bytes, i))
          isLineStart = false
        }
        let byte = bytes[i]
        switch byte {
        case 0x0A:
          isLineStart = true
          out.append(byte)
          i += 1
        case UInt8(ascii: "'"):
          out += "''".utf8
          i = stringEnd(bytes, i + 1)
        case UInt8(ascii: "\\") where format == .json || format == .yaml:
          out += bytes[i..<min(i + 2, bytes.count)]
          i += 2
        case UInt8(ascii: "0")...UInt8(ascii: "9") where isExpression:
          out.append(UInt8(ascii: "0"))
          while i < bytes.count, isNumber(bytes[i]) { i += 1 }
        case _ where isName(byte):
          let start = i
          while i < bytes.count, isName(bytes[i]) || isNumber(bytes[i]) { i += 1 }
          out += bytes[start..<i]
        default:
          out.append(byte)
          i += 1
        }
      }
    }

    private func line(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Substring {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      return String(decoding: bytes[start..<min(end, start + 200)], as: UTF8.self)[...]
    }

    private func stringEnd(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
      var i = start
      while i < bytes.count {
        if bytes[i] == UInt8(ascii: "'") {
          guard i + 1 < bytes.count, bytes[i + 1] == UInt8(ascii: "'") else { return i + 1 }
          i += 1
        }
        i += 1
      }
      return i
    }

    private func isNumber(_ byte: UInt8) -> Bool {
      byte &- 0x30 < 10 || byte == UInt8(ascii: ".")
    }

    private func isName(_ byte: UInt8) -> Bool {
      byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
        || byte == UInt8(ascii: "$") || byte >= 0x80
    }
  }

  /// Whether a line of a plan holds an expression: by its key, or as an item of a list.
  private static func isExpression(_ line: Substring) -> Bool {
    let content = line.drop { $0 == " " || $0 == "-" || $0 == "<" }
    if line.drop(while: { $0 == " " }).hasPrefix("- \"") || content.hasPrefix("Item>") { return true }
    let key = content.drop { $0 == "\"" }.prefix { $0 != ":" && $0 != ">" && $0 != "\"" }.lowercased()
    if key.hasPrefix("rows removed") || key.hasPrefix("rows-removed") || key.contains("(cost=") { return false }
    return ["cond", "filter", "key", "output", "call", "order by", "order-by", "remote", "parameters"]
      .contains { key.contains($0) }
  }
}

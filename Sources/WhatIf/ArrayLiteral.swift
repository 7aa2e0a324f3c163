/// The elements of an array of one dimension as the server prints it: `{a,"b, c",NULL}`.
///
/// Source: PostgreSQL manual, section 8.15.6, "Array Input and Output Syntax".
enum ArrayLiteral {
  /// Nil for each null; nil for the whole where the text is no such array (of several dimensions, with bounds).
  static func elements(_ text: String) -> [String?]? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
    if bytes.count == 2 { return [] }
    var elements: [String?] = []
    var current: [UInt8] = []
    var wasQuoted = false
    var inQuotes = false
    func finished() -> String? {
      let text = String(decoding: current, as: UTF8.self)
      return !wasQuoted && text.uppercased() == "NULL" ? nil : text
    }
    var at = 1
    while at < bytes.count - 1 {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\\"), at + 1 < bytes.count - 1 {
        current.append(bytes[at + 1])
        at += 1
      } else if byte == UInt8(ascii: "\"") {
        inQuotes.toggle()
        wasQuoted = true
      } else if !inQuotes, byte == UInt8(ascii: ",") {
        elements.append(finished())
        current = []
        wasQuoted = false
      } else if !inQuotes, byte == UInt8(ascii: "{") {
        return nil
      } else {
        current.append(byte)
      }
      at += 1
    }
    elements.append(finished())
    return elements
  }

  /// The array of these texts.
  static func text(_ elements: [String]) -> String {
    let quoted = elements.map { element in
      "\"" + element.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    return "{" + quoted.joined(separator: ",") + "}"
  }
}

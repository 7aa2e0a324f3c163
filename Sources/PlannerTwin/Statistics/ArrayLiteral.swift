/// A one-dimensional array as PostgreSQL prints it: `{a,"b, c",NULL}`.
///
/// Source: `array_out`, `ReadArrayStr` in `arrayfuncs.c`.
struct ArrayLiteral: Equatable {
  /// Nil for NULL.
  var elements: [String?]

  /// Nil when the text is no such array.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 2, bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
    elements = []
    guard bytes.count > 2 else { return }
    var at = 1
    let end = bytes.count - 1
    while true {
      var element: [UInt8] = []
      var isQuoted = false
      while at < end, bytes[at] != UInt8(ascii: ",") {
        if bytes[at] == UInt8(ascii: "\"") {
          isQuoted = true
          at += 1
          while at < end, bytes[at] != UInt8(ascii: "\"") {
            if bytes[at] == UInt8(ascii: "\\") { at += 1 }
            guard at < end else { return nil }
            element.append(bytes[at])
            at += 1
          }
          guard at < end else { return nil }
          at += 1
        } else if bytes[at] == UInt8(ascii: "{") || bytes[at] == UInt8(ascii: "}") {
          return nil
        } else {
          if bytes[at] == UInt8(ascii: "\\") { at += 1 }
          guard at < end else { return nil }
          element.append(bytes[at])
          at += 1
        }
      }
      let value = String(decoding: element, as: UTF8.self)
      elements.append(!isQuoted && value.uppercased() == "NULL" ? nil : value)
      if at >= end { return }
      at += 1
    }
  }

  var text: String {
    "{"
      + elements.map { element in
        guard let element else { return "NULL" }
        return "\"" + element.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
      }.joined(separator: ",") + "}"
  }
}

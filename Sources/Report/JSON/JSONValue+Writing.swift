extension JSONValue {
  /// The document indented by two blanks, ended by a newline: for people and for golden files.
  public var pretty: String {
    var output = ""
    write(to: &output, indentation: 0)
    return output + "\n"
  }

  /// The document on one line without blanks or newline: for newline-delimited JSON.
  public var compact: String {
    var output = ""
    write(to: &output, indentation: nil)
    return output
  }

  private func write(to output: inout String, indentation: Int?) {
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .integer(let value): output += String(value)
    case .real(let value): output += value.isFinite ? "\(value)" : "null"
    case .string(let text): Self.write(text, to: &output)
    case .verbatim(let json): output += json
    case .array(let elements):
      Self.writeList(elements, brackets: ("[", "]"), to: &output, indentation: indentation) { element, output, inner in
        element.write(to: &output, indentation: inner)
      }
    case .object(let members):
      Self.writeList(members, brackets: ("{", "}"), to: &output, indentation: indentation) { member, output, inner in
        Self.write(member.key, to: &output)
        output += inner == nil ? ":" : ": "
        member.value.write(to: &output, indentation: inner)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], brackets: (open: String, close: String), to output: inout String, indentation: Int?,
    write: (Element, inout String, Int?) -> Void
  ) {
    output += brackets.open
    let inner = indentation.map { $0 + 1 }
    for (index, element) in elements.enumerated() {
      if index > 0 { output += "," }
      if let inner { output += "\n" + String(repeating: "  ", count: inner) }
      write(element, &output, inner)
    }
    if let indentation, !elements.isEmpty { output += "\n" + String(repeating: "  ", count: indentation) }
    output += brackets.close
  }

  /// RFC 8259, section 7, and also every character that would end a script element or a line of JavaScript, so that a
  /// document can stand inside HTML.
  private static func write(_ text: String, to output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "<", "\u{7F}", "\u{2028}", "\u{2029}": output += escape(scalar)
      case _ where scalar.value < 0x20: output += escape(scalar)
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }
}

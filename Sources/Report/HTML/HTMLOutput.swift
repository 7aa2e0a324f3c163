/// HTML being written. Text and attribute values are escaped, whatever they hold; only `raw` is not.
struct HTMLOutput {
  private(set) var text = ""

  /// Mark-up of our own.
  mutating func raw(_ markup: String) { text += markup }

  /// Text for people.
  mutating func write(_ content: String) { text += Self.escaped(content) }

  /// `<TAG …>BODY</TAG>`; attributes with a nil value are left out, with an empty one they stand alone.
  mutating func element(
    _ tag: String, _ attributes: KeyValuePairs<String, String?> = [:], _ body: (inout HTMLOutput) -> Void
  ) {
    open(tag, attributes)
    body(&self)
    text += "</" + tag + ">"
  }

  /// `<TAG …>TEXT</TAG>`.
  mutating func element(_ tag: String, _ attributes: KeyValuePairs<String, String?> = [:], text content: String) {
    element(tag, attributes) { $0.write(content) }
  }

  /// `<TAG …>` alone.
  mutating func open(_ tag: String, _ attributes: KeyValuePairs<String, String?> = [:]) {
    text += "<" + tag
    for (name, value) in attributes {
      guard let value else { continue }
      text += " " + name
      if !value.isEmpty { text += "=\"" + Self.escaped(value) + "\"" }
    }
    text += ">"
  }

  mutating func newline() { text += "\n" }

  /// `content` as text or attribute value: the five special characters as entities, line ends and tabs as they are,
  /// and every other control character and direction override as a picture.
  static func escaped(_ content: String) -> String {
    let isPlain = content.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x26 && $0 != 0x27 && $0 != 0x3C && $0 != 0x3E
    }
    if isPlain { return content }
    var result = ""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(DisplayWidth.harmless(scalar))
      }
    }
    return result
  }
}

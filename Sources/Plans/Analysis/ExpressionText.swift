/// What can be told from a printed expression without parsing it: its literals, its columns, its operators.
public enum ExpressionText {
  /// The expression with every literal masked: `(status = '…'::text)` stays readable and shows no value. Strings,
  /// numbers and bit strings are values; `$1`, names and type modifiers are not.
  ///
  /// - Complexity: O(length).
  public static func withoutValues(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "'"):
        at += 1
        while at < bytes.count {
          if bytes[at] == UInt8(ascii: "'") {
            guard at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "'") else { break }
            at += 1
          }
          at += 1
        }
        at = min(at + 1, bytes.count)
        out += Array("'…'".utf8)
      case UInt8(ascii: "\""):
        let start = at
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += 1 }
        at = min(at + 1, bytes.count)
        out += bytes[start..<at]
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let start = at
        while at < bytes.count, isWordPart(bytes[at]) || bytes[at] == UInt8(ascii: ".") { at += 1 }
        let isName = start > 0 && (isWordPart(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: "$"))
        // `numeric(10,2)` and `InitPlan 1` are no values.
        if isName || isModifier(bytes, start) || follows(bytes, start, "Plan ") {
          out += bytes[start..<at]
        } else {
          out += Array("…".utf8)
        }
      default:
        if isWordPart(byte) {
          let start = at
          while at < bytes.count, isWordPart(bytes[at]) { at += 1 }
          out += bytes[start..<at]
        } else {
          out.append(byte)
          at += 1
        }
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func isWordPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private static func follows(_ bytes: [UInt8], _ at: Int, _ words: StaticString) -> Bool {
    words.withUTF8Buffer { at >= $0.count && bytes[(at - $0.count)..<at].elementsEqual($0) }
  }

  /// Whether the number at `at` stands in the brackets of a type: `::numeric(10,2)`, `::character varying(20)[]`.
  private static func isModifier(_ bytes: [UInt8], _ at: Int) -> Bool {
    var open = at - 1
    while open >= 0, bytes[open] != UInt8(ascii: "(") {
      let byte = bytes[open]
      guard byte == UInt8(ascii: ",") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return false }
      open -= 1
    }
    var start = open - 1
    while start >= 0, isWordPart(bytes[start]) || bytes[start] == UInt8(ascii: " ") { start -= 1 }
    return open > 0 && start >= 1 && bytes[start] == UInt8(ascii: ":") && bytes[start - 1] == UInt8(ascii: ":")
  }
}

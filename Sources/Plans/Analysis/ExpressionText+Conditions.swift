extension ExpressionText {
  /// One comparison of a printed condition: `(status = 'open'::text)`.
  public struct Comparison: Hashable, Sendable {
    public var left: String
    /// `=`, `<`, `~~`, `@>`, …
    public var `operator`: String
    public var right: String
  }

  /// What a column stands in: itself, a cast that keeps an index usable or not, or a function.
  public enum Operand: Hashable, Sendable {
    case column(String)
    case cast(column: String, type: String)
    case function(String)
    case other
  }

  /// The parts of a condition that must all hold. Source of the form: `get_rule_expr` of ruleutils.c, which puts every
  /// operator and every AND in brackets.
  public static func conjuncts(_ text: String) -> [String] {
    let inner = strip(text)
    let parts = split(inner, at: " AND ")
    return parts.count == 1 ? [inner] : parts.flatMap(conjuncts)
  }

  /// The parts of a condition of which one must hold; the condition itself where there is no OR at its top.
  public static func disjuncts(_ text: String) -> [String] {
    let inner = strip(text)
    let parts = split(inner, at: " OR ")
    return parts.count == 1 ? [inner] : parts.flatMap(disjuncts)
  }

  /// Nil where the condition is no comparison of two operands.
  public static func comparison(_ text: String) -> Comparison? {
    let bytes = Array(strip(text).utf8)
    var depth = 0
    var at = 0
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): at = endOfQuoted(bytes, at) - 1
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: " ") where depth == 0:
        var end = at + 1
        while end < bytes.count, isOperatorCharacter(bytes[end]) { end += 1 }
        if end > at + 1, end < bytes.count, bytes[end] == UInt8(ascii: " "), end + 1 < bytes.count {
          return Comparison(
            left: String(decoding: bytes[..<at], as: UTF8.self),
            operator: String(decoding: bytes[(at + 1)..<end], as: UTF8.self),
            right: String(decoding: bytes[(end + 1)...], as: UTF8.self))
        }
      default: break
      }
      at += 1
    }
    return nil
  }

  /// What the left side of a comparison is.
  public static func operand(_ text: String) -> Operand {
    let text = strip(text)
    if isColumn(text) { return .column(unqualified(text)) }
    let bytes = Array(text.utf8)
    // `(column)::type`
    if bytes.first == UInt8(ascii: "("), let close = closing(bytes, 0), close + 2 < bytes.count,
      bytes[close + 1] == UInt8(ascii: ":"), bytes[close + 2] == UInt8(ascii: ":")
    {
      let inner = String(decoding: bytes[1..<close], as: UTF8.self)
      let type = String(decoding: bytes[(close + 3)...], as: UTF8.self)
      if isColumn(inner) { return .cast(column: unqualified(inner), type: type) }
      return operand(inner)
    }
    if let open = bytes.firstIndex(of: UInt8(ascii: "(")), open > 0, closing(bytes, open) != nil {
      let name = String(decoding: bytes[..<open], as: UTF8.self)
      if isColumn(name) { return .function(name) }
    }
    return .other
  }

  /// The columns that are compared with an operator of `operators`, each once, in the order of the condition.
  public static func columns(in condition: String, comparedBy operators: Set<String>) -> [String] {
    var columns: [String] = []
    for part in conjuncts(condition) {
      guard let comparison = comparison(part), operators.contains(comparison.operator) else { continue }
      let column: String
      switch operand(comparison.left) {
      case .column(let name): column = name
      case .cast(let name, let type) where isRelabelling(type): column = name
      default: continue
      }
      if !columns.contains(column) { columns.append(column) }
    }
    return columns
  }

  /// Whether a cast to the type can be one that changes nothing (varchar and name to text), so that an index on the
  /// column still serves.
  public static func isRelabelling(_ type: String) -> Bool {
    type == "text" || type == "text[]" || type.hasPrefix("bpchar") || type.hasPrefix("character varying")
  }

  // MARK: Text

  /// A name without its alias and quotes: `o."Id"` is `Id`.
  static func unqualified(_ text: String) -> String {
    var scanner = TextScanner(ArraySlice(text.utf8))
    var name = scanner.identifier() ?? text
    while scanner.take("."), let next = scanner.identifier() { name = next }
    return name
  }

  static func isColumn(_ text: String) -> Bool {
    var scanner = TextScanner(ArraySlice(text.utf8))
    repeat {
      guard let first = scanner.rest.first, first == UInt8(ascii: "\"") || isNameStart(first) else { return false }
      if first == UInt8(ascii: "\"") {
        guard scanner.identifier() != nil else { return false }
      } else {
        scanner.rest = scanner.rest.drop(while: isNamePart)
      }
    } while scanner.take(".")
    return scanner.isAtEnd
  }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    isNameStart(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "$")
  }

  private static func isOperatorCharacter(_ byte: UInt8) -> Bool { "+-*/<>=~!@#%^&|`?".utf8.contains(byte) }

  /// The text without brackets that enclose all of it.
  static func strip(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var (start, end) = (0, bytes.count)
    while end - start >= 2, bytes[start] == UInt8(ascii: "("), closing(bytes, start) == end - 1 {
      start += 1
      end -= 1
    }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// Where the bracket opened at `open` is closed.
  private static func closing(_ bytes: [UInt8], _ open: Int) -> Int? {
    var depth = 0
    var at = open
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): at = endOfQuoted(bytes, at) - 1
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 { return at }
      default: break
      }
      at += 1
    }
    return nil
  }

  /// The byte behind the string or quoted name that begins at `at`; a doubled quote reads as two strings, which does
  /// no harm here.
  private static func endOfQuoted(_ bytes: [UInt8], _ at: Int) -> Int {
    var end = at + 1
    while end < bytes.count, bytes[end] != bytes[at] { end += 1 }
    return min(end + 1, bytes.count)
  }

  private static func split(_ text: String, at separator: StaticString) -> [String] {
    let bytes = Array(text.utf8)
    let length = separator.utf8CodeUnitCount
    var parts: [String] = []
    var depth = 0
    var (start, at) = (0, 0)
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): at = endOfQuoted(bytes, at) - 1
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: " ") where depth == 0 && TextScanner.starts(bytes[at...], separator):
        parts.append(String(decoding: bytes[start..<at], as: UTF8.self))
        start = at + length
        at = start - 1
      default: break
      }
      at += 1
    }
    parts.append(String(decoding: bytes[start...], as: UTF8.self))
    return parts
  }
}

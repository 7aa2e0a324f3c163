/// `PREPARE name (types) AS statement`: what the server logs beside `EXECUTE name` and takes for the text of the
/// executions.
public enum PreparedText {
  /// Where the prepared statement begins in `text`, which begins with PREPARE; nil where it does not, or where more than
  /// one statement follows.
  ///
  /// The bytes may still be escaped as csvlog or jsonlog escapes them: only blanks, parentheses and words are looked at.
  public static func body(of text: UnsafeRawBufferPointer) -> Int? {
    guard var i = word("prepare", in: text, at: 0) else { return nil }
    var depth = 0
    var isQuoted = false
    var words = 0
    while i < text.count {
      let byte = text[i]
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case _ where isQuoted: break
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: ";"), UInt8(ascii: "'"): return nil
      case UInt8(ascii: "a"), UInt8(ascii: "A"):
        if depth == 0, words > 0 || i > 8, isBoundary(text, i - 1), let end = word("as", in: text, at: i) {
          return isSingle(text, end) ? start(text, end) : nil
        }
      default: break
      }
      if byte > 0x20, !isQuoted, isBoundary(text, i - 1) { words += 1 }
      i += 1
    }
    return nil
  }

  /// What is executed: the prepared statement of a text that begins with PREPARE, any other text itself.
  /// pg_stat_statements, which counts no PREPARE, shows such texts for the executions.
  public static func executed(_ text: String) -> String {
    var copy = text
    let found = copy.withUTF8 { bytes -> String? in
      let bytes = UnsafeRawBufferPointer(bytes)
      return body(of: bytes).map { String(decoding: bytes[$0...], as: UTF8.self) }
    }
    return found ?? text
  }

  /// Whether `text` begins with EXECUTE.
  public static func isExecute(_ text: UnsafeRawBufferPointer) -> Bool { word("execute", in: text, at: 0) != nil }

  /// The end of a key word that stands at `at`.
  private static func word(_ word: StaticString, in text: UnsafeRawBufferPointer, at: Int) -> Int? {
    let end = at + word.utf8CodeUnitCount
    guard end < text.count else { return nil }
    for i in 0..<word.utf8CodeUnitCount where text[at + i] | 0x20 != word.utf8Start[i] { return nil }
    let next = text[end]
    return next <= 0x20 || next == UInt8(ascii: "(") || next == UInt8(ascii: "\\") || next == UInt8(ascii: "\"")
      ? end : nil
  }

  private static func isBoundary(_ text: UnsafeRawBufferPointer, _ i: Int) -> Bool {
    guard i >= 0 else { return true }
    return text[i] <= 0x20 || text[i] == UInt8(ascii: ")") || text[i] == UInt8(ascii: "\"")
      // The letter of an escaped line end.
      || i > 0 && text[i - 1] == UInt8(ascii: "\\")
  }

  /// Behind blanks, also escaped ones.
  private static func start(_ text: UnsafeRawBufferPointer, _ from: Int) -> Int? {
    var i = from
    while i < text.count {
      if text[i] <= 0x20 {
        i += 1
      } else if text[i] == UInt8(ascii: "\\"), i + 1 < text.count, "nrt".utf8.contains(text[i + 1]) {
        i += 2
      } else {
        return i
      }
    }
    return nil
  }

  /// Whether nothing follows the first semicolon. One inside a string counts too: then the text is left as it is.
  private static func isSingle(_ text: UnsafeRawBufferPointer, _ from: Int) -> Bool {
    guard let semicolon = text[from...].firstIndex(of: UInt8(ascii: ";")) else { return true }
    return text[(semicolon + 1)...].allSatisfy { $0 <= 0x20 || $0 == UInt8(ascii: ";") }
  }
}

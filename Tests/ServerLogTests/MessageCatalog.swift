import Foundation

/// A message catalogue of gettext, as the server itself reads it (GNU gettext manual, "The Format of GNU MO Files").
struct MessageCatalog {
  private var texts: [String: String] = [:]

  /// Where Debian's server has its catalogues; nil where a language is not installed.
  static func installed(_ language: String) -> String? {
    let path = "/usr/share/locale/\(language)/LC_MESSAGES/postgres-15.mo"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  init(path: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    func number(_ at: Int) -> Int {
      Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16 | Int(bytes[at + 3]) << 24
    }
    guard number(0) == 0x9504_12DE else { throw FixtureError(text: "\(path) is no catalogue") }
    func text(_ table: Int, _ index: Int) -> String {
      let length = number(table + 8 * index)
      let start = number(table + 8 * index + 4)
      // Singular and plural are parted by a zero byte.
      return String(decoding: bytes[start..<start + length].prefix { $0 != 0 }, as: UTF8.self)
    }
    for i in 0..<number(8) { texts[text(number(12), i)] = text(number(16), i) }
  }

  /// What the server prints for a text of its source: the translation, or the text itself where there is none.
  func translated(_ text: String) -> String {
    guard let found = texts[text], !found.isEmpty else { return text }
    return found
  }

  /// The texts of the source that begin so.
  func sources(_ prefix: String) -> [String] { texts.keys.filter { $0.hasPrefix(prefix) }.sorted() }

  /// printf(3) as far as messages need it: `%s`, `%d`, `%03d`, `%2$s`, `%%`.
  static func format(_ format: String, _ arguments: [String]) -> String {
    var result = ""
    var next = 0
    var rest = format[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        result.append(character)
        continue
      }
      if rest.first == "%" {
        rest.removeFirst()
        result.append("%")
        continue
      }
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      if rest.dropFirst(digits.count).first == "$", let number = Int(digits) {
        next = number - 1
        rest = rest.dropFirst(digits.count + 1)
      }
      rest = rest.drop { $0.isNumber || "-.lz".contains($0) }
      rest = rest.dropFirst()
      result += next < arguments.count ? arguments[next] : "?"
      next += 1
    }
    return result
  }
}

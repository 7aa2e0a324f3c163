/// Takes a line of a text plan apart from its front. All texts that it compares with are ASCII.
struct TextScanner {
  var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }
  var text: String { String(decoding: rest, as: UTF8.self) }

  static func starts(_ bytes: ArraySlice<UInt8>, _ prefix: StaticString) -> Bool {
    prefix.withUTF8Buffer { bytes.count >= $0.count && bytes.prefix($0.count).elementsEqual($0) }
  }

  func starts(_ prefix: StaticString) -> Bool { Self.starts(rest, prefix) }

  mutating func take(_ prefix: StaticString) -> Bool {
    guard starts(prefix) else { return false }
    rest = rest.dropFirst(prefix.utf8CodeUnitCount)
    return true
  }

  /// Takes `word` where the text ends or a space follows it.
  mutating func takeWord(_ word: String) -> Bool {
    let utf8 = word.utf8
    guard rest.count >= utf8.count, rest.prefix(utf8.count).elementsEqual(utf8) else { return false }
    let after = rest.dropFirst(utf8.count)
    guard after.isEmpty || after.first == UInt8(ascii: " ") else { return false }
    rest = after
    return true
  }

  mutating func skipSpaces() { rest = rest.drop { $0 == UInt8(ascii: " ") } }

  /// A decimal number, with an exponent where there is one.
  mutating func number() -> Double? {
    let digits = rest.prefix {
      switch $0 {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    // `0.00..12.50` is two numbers.
    var end = digits.endIndex
    if let dots = digits.indices.first(where: {
      digits[$0] == UInt8(ascii: ".") && $0 + 1 < digits.endIndex && digits[$0 + 1] == UInt8(ascii: ".")
    }) {
      end = dots
    }
    let own = digits[..<end]
    guard own.count <= 400, let value = Double(String(decoding: own, as: UTF8.self)), value.isFinite else { return nil }
    rest = rest[end...]
    return value
  }

  /// An identifier as `quote_identifier` writes it, unquoted.
  mutating func identifier() -> String? {
    guard let first = rest.first else { return nil }
    if first != UInt8(ascii: "\"") {
      let name = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ".") }
      guard !name.isEmpty else { return nil }
      rest = rest[name.endIndex...]
      return String(decoding: name, as: UTF8.self)
    }
    var name: [UInt8] = []
    var at = rest.startIndex + 1
    while at < rest.endIndex {
      if rest[at] == UInt8(ascii: "\"") {
        guard at + 1 < rest.endIndex, rest[at + 1] == UInt8(ascii: "\"") else {
          rest = rest[(at + 1)...]
          return String(decoding: name, as: UTF8.self)
        }
        at += 1
      }
      name.append(rest[at])
      at += 1
    }
    return nil
  }

  /// Where `needle` last begins, or nil.
  static func lastIndex(of needle: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
    needle.withUTF8Buffer { needle in
      guard bytes.count >= needle.count else { return nil }
      var at = bytes.endIndex - needle.count
      while at >= bytes.startIndex {
        if bytes[at..<(at + needle.count)].elementsEqual(needle) { return at }
        at -= 1
      }
      return nil
    }
  }

  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { $0 == UInt8(ascii: " ") || $0 == 9 }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    return bytes
  }

  /// `Key: value  Key: value`, with two spaces between the pairs.
  static func pairs(_ bytes: ArraySlice<UInt8>) -> [(key: String, value: ArraySlice<UInt8>)] {
    var pairs: [(key: String, value: ArraySlice<UInt8>)] = []
    var start = bytes.startIndex
    while start < bytes.endIndex {
      var end = start
      while end < bytes.endIndex {
        if bytes[end] == UInt8(ascii: " "), end + 1 < bytes.endIndex, bytes[end + 1] == UInt8(ascii: " ") { break }
        end += 1
      }
      let part = bytes[start..<end]
      if let colon = part.firstIndex(of: UInt8(ascii: ":")) {
        pairs.append((String(decoding: part[..<colon], as: UTF8.self), trimmed(part[(colon + 1)...])))
      }
      start = end
      while start < bytes.endIndex, bytes[start] == UInt8(ascii: " ") { start += 1 }
    }
    return pairs
  }

  /// The items of `a, b, c`, where commas inside brackets, strings and quoted names do not count.
  static func list(_ bytes: ArraySlice<UInt8>) -> [String] {
    var items: [String] = []
    var depth = 0
    var quote: UInt8 = 0
    var start = bytes.startIndex
    for at in bytes.indices {
      let byte = bytes[at]
      if quote != 0 {
        if byte == quote { quote = 0 }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ",") where depth == 0:
        items.append(String(decoding: trimmed(bytes[start..<at]), as: UTF8.self))
        start = at + 1
      default: break
      }
    }
    items.append(String(decoding: trimmed(bytes[start...]), as: UTF8.self))
    return items
  }
}

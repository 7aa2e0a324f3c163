/// Cuts SQL text into tokens by the rules of PostgreSQL's `scan.l`, on bytes and without allocating.
///
/// It assumes `standard_conforming_strings = on`, the default since 9.1. Operators are yielded byte by byte: what
/// matters here is only that `--` and `/*` start a comment wherever they stand outside of strings, which is also what
/// the server does.
struct SQLLexer {
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  private let classes: UnsafePointer<UInt8>
  private let lowered: UnsafePointer<UInt8>
  private(set) var position = 0

  /// The text must outlive the lexer.
  init(_ text: UnsafeBufferPointer<UInt8>) {
    bytes = text.baseAddress ?? UnsafePointer(ByteTable.shared.lowered)
    end = text.count
    classes = UnsafePointer(ByteTable.shared.classes)
    lowered = UnsafePointer(ByteTable.shared.lowered)
  }

  /// The next token, nil at the end of the text.
  @inline(__always)
  mutating func next() -> SQLToken? {
    let start = position
    guard start < end else { return nil }
    let byte = bytes[start]
    switch classes[Int(byte)] {
    case ByteTable.space:
      var i = start + 1
      while i < end, classes[Int(bytes[i])] == ByteTable.space { i += 1 }
      return token(.whitespace, start, i)
    case ByteTable.letter:
      return token(.identifier, start, identifierEnd(start + 1))
    case ByteTable.prefixLetter:
      if start + 1 < end, bytes[start + 1] == ascii("'") || bytes[start + 1] == ascii("&"),
        let prefixed = prefixedConstant(start)
      {
        return prefixed
      }
      return token(.identifier, start, identifierEnd(start + 1))
    case ByteTable.digit:
      return number(start)
    case ByteTable.quote:
      return string(.string, start, start + 1)
    case ByteTable.doubleQuote:
      return quotedIdentifier(start, start + 1)
    case ByteTable.dollar:
      return dollar(start)
    case ByteTable.dot:
      if start + 1 < end, classes[Int(bytes[start + 1])] == ByteTable.digit { return number(start) }
      return token(.symbol, start, start + 1)
    case ByteTable.minus:
      if start + 1 < end, bytes[start + 1] == ascii("-") { return token(.lineComment, start, lineEnd(start + 2)) }
      return token(.symbol, start, start + 1)
    case ByteTable.slash:
      if start + 1 < end, bytes[start + 1] == ascii("*") { return blockComment(start) }
      return token(.symbol, start, start + 1)
    case ByteTable.symbol:
      return token(.symbol, start, start + 1)
    default:
      return token(.other, start, start + 1)
    }
  }

  @inline(__always)
  private mutating func token(_ kind: SQLToken.Kind, _ start: Int, _ end: Int) -> SQLToken {
    position = end
    return SQLToken(kind: kind, start: start, end: end)
  }

  private mutating func unterminated(_ kind: SQLToken.Kind, _ start: Int) -> SQLToken {
    position = end
    return SQLToken(kind: kind, start: start, end: end, isTerminated: false)
  }

  @inline(__always)
  private func identifierEnd(_ from: Int) -> Int {
    var i = from
    while i < end, lowered[Int(bytes[i])] != 0 { i += 1 }
    return i
  }

  private func lineEnd(_ from: Int) -> Int {
    var i = from
    while i < end, bytes[i] != ascii("\n"), bytes[i] != ascii("\r") { i += 1 }
    return i
  }

  @inline(__always)
  private func isDigit(_ i: Int) -> Bool { i < end && classes[Int(bytes[i])] == ByteTable.digit }

  // MARK: Constants

  private mutating func prefixedConstant(_ start: Int) -> SQLToken? {
    let quoted = bytes[start + 1] == ascii("'")
    switch bytes[start] | 0x20 {
    case ascii("e") where quoted: return escapeString(start)
    case ascii("n") where quoted: return string(.nationalString, start, start + 2)
    case ascii("b") where quoted: return string(.bitString, start, start + 2)
    case ascii("x") where quoted: return string(.hexString, start, start + 2)
    case ascii("u") where !quoted:
      guard start + 2 < end else { return nil }
      if bytes[start + 2] == ascii("'") { return string(.unicodeString, start, start + 3) }
      if bytes[start + 2] == ascii("\"") { return quotedIdentifier(start, start + 3) }
      return nil
    default: return nil
    }
  }

  @inline(__always)
  private mutating func string(_ kind: SQLToken.Kind, _ start: Int, _ content: Int) -> SQLToken {
    var i = content
    while true {
      while i < end, bytes[i] != ascii("'") { i += 1 }
      guard i < end else { return unterminated(kind, start) }
      i += 1
      if i < end, bytes[i] == ascii("'") {
        i += 1
      } else if let next = continuation(i) {
        i = next
      } else {
        return token(kind, start, i)
      }
    }
  }

  private mutating func escapeString(_ start: Int) -> SQLToken {
    var i = start + 2
    while true {
      while i < end, bytes[i] != ascii("'"), bytes[i] != ascii("\\") { i += 1 }
      guard i < end else { return unterminated(.escapeString, start) }
      if bytes[i] == ascii("\\") {
        i += 2
        continue
      }
      i += 1
      if i < end, bytes[i] == ascii("'") {
        i += 1
      } else if let next = continuation(i) {
        i = next
      } else {
        return token(.escapeString, start, i)
      }
    }
  }

  /// The first byte of a string's next segment, when white space that holds a line end and then a quote follow the
  /// closing quote. Line comments count as white space there, block comments do not (`whitespace_with_newline`).
  @inline(__always)
  private func continuation(_ afterQuote: Int) -> Int? {
    guard afterQuote < end else { return nil }
    let byte = bytes[afterQuote]
    guard classes[Int(byte)] == ByteTable.space || byte == ascii("-") else { return nil }
    return distantContinuation(afterQuote)
  }

  private func distantContinuation(_ afterQuote: Int) -> Int? {
    var i = afterQuote
    var sawLineEnd = false
    while i < end {
      let byte = bytes[i]
      if classes[Int(byte)] == ByteTable.space {
        if byte == ascii("\n") || byte == ascii("\r") { sawLineEnd = true }
        i += 1
      } else if byte == ascii("-"), i + 1 < end, bytes[i + 1] == ascii("-") {
        i = lineEnd(i + 2)
      } else {
        return byte == ascii("'") && sawLineEnd ? i + 1 : nil
      }
    }
    return nil
  }

  private mutating func quotedIdentifier(_ start: Int, _ content: Int) -> SQLToken {
    var i = content
    while i < end {
      if bytes[i] == ascii("\"") {
        guard i + 1 < end, bytes[i + 1] == ascii("\"") else { return token(.quotedIdentifier, start, i + 1) }
        i += 1
      }
      i += 1
    }
    return unterminated(.quotedIdentifier, start)
  }

  @inline(__always)
  private mutating func number(_ start: Int) -> SQLToken {
    var i = start
    while isDigit(i) { i += 1 }
    if i < end {
      let byte = bytes[i]
      if byte == ascii(".") {
        // `1..10` is a range of two integers in PL/pgSQL, not a decimal.
        if i == start || !(i + 1 < end && bytes[i + 1] == ascii(".")) {
          i += 1
          while isDigit(i) { i += 1 }
        }
      } else if byte == ascii("_") || i == start + 1 && bytes[start] == ascii("0"), let newer = newerNumber(start, i) {
        return newer
      }
    }
    if i < end, bytes[i] | 0x20 == ascii("e") {
      let exponent = i + 1 < end && (bytes[i + 1] == ascii("+") || bytes[i + 1] == ascii("-")) ? i + 2 : i + 1
      if isDigit(exponent) {
        i = exponent + 1
        while isDigit(i) { i += 1 }
      }
    }
    return token(.number, start, i)
  }

  /// Radix prefixes and digit separators, which `scan.l` knows since PostgreSQL 16.
  private mutating func newerNumber(_ start: Int, _ afterDigits: Int) -> SQLToken? {
    var i = afterDigits
    if bytes[i] == ascii("_") {
      guard isDigit(i + 1) else { return nil }
      while i < end, isDigit(i) || bytes[i] == ascii("_") && isDigit(i + 1) { i += 1 }
      if i < end, bytes[i] == ascii(".") {
        i += 1
        while i < end, isDigit(i) || bytes[i] == ascii("_") && isDigit(i + 1) { i += 1 }
      }
      return token(.newerNumber, start, i)
    }
    let radix = bytes[i] | 0x20
    guard radix == ascii("x") || radix == ascii("o") || radix == ascii("b") else { return nil }
    func isRadixDigit(_ i: Int) -> Bool {
      guard i < end else { return false }
      switch bytes[i] {
      case ascii("0")...ascii("1"): return true
      case ascii("2")...ascii("7"): return radix != ascii("b")
      case ascii("8")...ascii("9"), ascii("a")...ascii("f"), ascii("A")...ascii("F"): return radix == ascii("x")
      default: return false
      }
    }
    i += 1
    guard isRadixDigit(i) || i < end && bytes[i] == ascii("_") && isRadixDigit(i + 1) else { return nil }
    while isRadixDigit(i) || i < end && bytes[i] == ascii("_") && isRadixDigit(i + 1) { i += 1 }
    return token(.newerNumber, start, i)
  }

  private mutating func dollar(_ start: Int) -> SQLToken {
    var i = start + 1
    if isDigit(i) {
      while isDigit(i) { i += 1 }
      return token(.parameter, start, i)
    }
    // A tag is an identifier without dollar signs.
    while i < end, lowered[Int(bytes[i])] != 0, bytes[i] != ascii("$") { i += 1 }
    guard i < end, bytes[i] == ascii("$") else { return token(.symbol, start, start + 1) }
    let tagLength = i + 1 - start
    i += 1
    while i + tagLength <= end {
      while i < end, bytes[i] != ascii("$") { i += 1 }
      guard i + tagLength <= end else { break }
      var matched = 1
      while matched < tagLength, bytes[i + matched] == bytes[start + matched] { matched += 1 }
      if matched == tagLength { return token(.dollarString, start, i + tagLength) }
      i += 1
    }
    return unterminated(.dollarString, start)
  }

  private mutating func blockComment(_ start: Int) -> SQLToken {
    var depth = 1
    var i = start + 2
    while i + 1 < end {
      if bytes[i] == ascii("*"), bytes[i + 1] == ascii("/") {
        i += 2
        depth -= 1
        if depth == 0 { return token(.blockComment, start, i) }
      } else if bytes[i] == ascii("/"), bytes[i + 1] == ascii("*") {
        i += 2
        depth += 1
      } else {
        i += 1
      }
    }
    return unterminated(.blockComment, start)
  }
}

/// The byte of an ASCII character; folded at compile time.
@inline(__always)
func ascii(_ scalar: Unicode.Scalar) -> UInt8 { UInt8(truncatingIfNeeded: scalar.value) }

/// What each byte can start, and the lower-case form of the bytes that an unquoted identifier may hold.
final class ByteTable: Sendable {
  static let shared = ByteTable()

  static let other: UInt8 = 0
  static let space: UInt8 = 1
  static let letter: UInt8 = 2
  /// b, e, n, u, x: may prefix a constant.
  static let prefixLetter: UInt8 = 3
  static let digit: UInt8 = 4
  static let quote: UInt8 = 5
  static let doubleQuote: UInt8 = 6
  static let dollar: UInt8 = 7
  static let dot: UInt8 = 8
  static let minus: UInt8 = 9
  static let slash: UInt8 = 10
  static let symbol: UInt8 = 11

  /// 256 entries each, written once here and read only ever after.
  nonisolated(unsafe) let classes: UnsafeMutablePointer<UInt8>
  nonisolated(unsafe) let lowered: UnsafeMutablePointer<UInt8>

  private init() {
    classes = .allocate(capacity: 256)
    lowered = .allocate(capacity: 256)
    for byte in UInt8.min...UInt8.max {
      let (byteClass, lower) = Self.describe(byte)
      classes[Int(byte)] = byteClass
      lowered[Int(byte)] = lower
    }
  }

  private static func describe(_ byte: UInt8) -> (UInt8, UInt8) {
    switch byte {
    case ascii(" "), ascii("\t"), ascii("\n"), ascii("\r"), 0x0B, 0x0C: (space, 0)
    case ascii("A")...ascii("Z"), ascii("a")...ascii("z"):
      switch byte | 0x20 {
      case ascii("b"), ascii("e"), ascii("n"), ascii("u"), ascii("x"): (prefixLetter, byte | 0x20)
      default: (letter, byte | 0x20)
      }
    case ascii("_"), 0x80...0xFF: (letter, byte)
    case ascii("0")...ascii("9"): (digit, byte)
    case ascii("'"): (quote, 0)
    case ascii("\""): (doubleQuote, 0)
    case ascii("$"): (dollar, byte)
    case ascii("."): (dot, 0)
    case ascii("-"): (minus, 0)
    case ascii("/"): (slash, 0)
    case ascii("!"), ascii("#"), ascii("%")...ascii("&"), ascii("(")...ascii(","), ascii(":")...ascii("@"),
      ascii("[")...ascii("^"), ascii("`"), ascii("{")...ascii("~"):
      (symbol, 0)
    default: (other, 0)
    }
  }
}

/// A place in JSON text, and how to read what stands there. The text is handed in with every call, so that the cursor
/// needs no unsafe pointer and no lifetime of its own; every read is bounds-checked.
struct PlanJSONCursor {
  var at = 0
  /// Nesting of groups that are skipped or kept unread.
  private static let depthLimit = 256

  func failure(_ bytes: Span<UInt8>, _ what: String) -> PlanError {
    var line = 1
    let end = min(at, bytes.count)
    for index in 0..<end where bytes[index] == UInt8(ascii: "\n") { line += 1 }
    return PlanError(.malformed(what), line: line, byte: at)
  }

  /// The next byte that is not white space, not consumed; 0 at the end.
  @inline(__always)
  mutating func peek(_ bytes: Span<UInt8>) -> UInt8 {
    while at < bytes.count {
      let byte = bytes[at]
      if byte > 0x20 { return byte }
      at += 1
    }
    return 0
  }

  mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(PlanError) {
    guard peek(bytes) == byte else {
      throw failure(bytes, "\"" + String(UnicodeScalar(byte)) + "\" expected" + found(bytes))
    }
    at += 1
  }

  /// After an element: true to go on with the next one, false where the group ended.
  @inline(__always)
  mutating func goesOn(until close: UInt8, _ bytes: Span<UInt8>) throws(PlanError) -> Bool {
    let byte = peek(bytes)
    if byte == UInt8(ascii: ",") {
      at += 1
      return true
    }
    if byte == close {
      at += 1
      return false
    }
    throw failure(bytes, "\",\" or \"" + String(UnicodeScalar(close)) + "\" expected" + found(bytes))
  }

  /// Enters a group; false where it is empty (and left again).
  mutating func enter(_ open: UInt8, _ close: UInt8, _ bytes: Span<UInt8>) throws(PlanError) -> Bool {
    try expect(open, bytes)
    guard peek(bytes) == close else { return true }
    at += 1
    return false
  }

  private func found(_ bytes: Span<UInt8>) -> String {
    guard at < bytes.count else { return ", but the text ends" }
    let byte = bytes[at]
    return byte > 0x20 && byte < 0x7f ? ", found \"" + String(UnicodeScalar(byte)) + "\"" : ""
  }

  /// A key and the colon behind it: its hash and where its bytes stand, quotes not included.
  @inline(__always)
  mutating func key(_ bytes: Span<UInt8>) throws(PlanError) -> (hash: UInt64, range: Range<Int>) {
    try expect(UInt8(ascii: "\""), bytes)
    let start = at
    var hash = PlanKeyTable.seed
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        let range = start..<at
        at += 1
        try expect(UInt8(ascii: ":"), bytes)
        return (hash, range)
      }
      if byte == UInt8(ascii: "\\") { at += 1 }
      hash = PlanKeyTable.step(hash, byte)
      at += 1
    }
    throw failure(bytes, "the text ends inside a key")
  }

  /// A string's bytes as they stand between its quotes, and whether they hold escapes.
  @inline(__always)
  mutating func rawString(_ bytes: Span<UInt8>) throws(PlanError) -> (range: Range<Int>, isEscaped: Bool) {
    try expect(UInt8(ascii: "\""), bytes)
    let start = at
    var isEscaped = false
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        let range = start..<at
        at += 1
        return (range, isEscaped)
      }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        at += 1
      }
      at += 1
    }
    at = min(at, bytes.count)
    throw failure(bytes, "the text ends inside a string")
  }

  mutating func string(_ bytes: Span<UInt8>) throws(PlanError) -> String {
    let (range, isEscaped) = try rawString(bytes)
    return isEscaped ? Self.unescape(bytes, range) : Self.text(bytes, range)
  }

  static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }

  /// Escapes by RFC 8259, section 7; what is no escape is kept as it stands.
  static func unescape(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    var index = range.lowerBound
    func hex(_ from: Int) -> UInt32? {
      guard from + 4 <= range.upperBound else { return nil }
      var value: UInt32 = 0
      for place in from..<(from + 4) {
        guard let digit = UnicodeScalar(bytes[place]).hexDigit else { return nil }
        value = value << 4 | digit
      }
      return value
    }
    while index < range.upperBound {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
        out.append(byte)
        index += 1
        continue
      }
      let escape = bytes[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "n"): out.append(10)
      case UInt8(ascii: "t"): out.append(9)
      case UInt8(ascii: "r"): out.append(13)
      case UInt8(ascii: "b"): out.append(8)
      case UInt8(ascii: "f"): out.append(12)
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(escape)
      case UInt8(ascii: "u"):
        guard var code = hex(index) else {
          out += [UInt8(ascii: "\\"), escape]
          break
        }
        index += 4
        if (0xd800..<0xdc00).contains(code), index + 1 < range.upperBound, bytes[index] == UInt8(ascii: "\\"),
          bytes[index + 1] == UInt8(ascii: "u"), let low = hex(index + 2), (0xdc00..<0xe000).contains(low)
        {
          code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
          index += 6
        }
        out += Array(String(UnicodeScalar(code) ?? "\u{fffd}").utf8)
      default: out += [UInt8(ascii: "\\"), escape]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// A number, and whether it is written with a decimal point.
  @inline(__always)
  mutating func number(_ bytes: Span<UInt8>) throws(PlanError) -> (value: Double, hasPoint: Bool) {
    _ = peek(bytes)
    let start = at
    var mantissa: UInt64 = 0
    var digits = 0
    var decimals = 0
    var hasPoint = false
    var isNegative = false
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") {
      isNegative = true
      at += 1
    }
    scan: while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        mantissa = mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
        digits += 1
        if hasPoint { decimals += 1 }
      case UInt8(ascii: "."):
        if hasPoint { break scan }
        hasPoint = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        return (try slowNumber(bytes, from: start), hasPoint)
      default: break scan
      }
      at += 1
    }
    guard digits > 0 else { throw failure(bytes, "a number expected" + found(bytes)) }
    // Up to 15 digits and 10^22 both operands are exact, so the quotient is correctly rounded.
    if digits > 15 {
      at = start
      return (try slowNumber(bytes, from: start), hasPoint)
    }
    let value = decimals == 0 ? Double(mantissa) : Double(mantissa) / Self.powers[decimals]
    return (isNegative ? -value : value, hasPoint)
  }

  private static let powers: [Double] = (0...22).map { power in (0..<power).reduce(1) { value, _ in value * 10 } }

  private mutating func slowNumber(_ bytes: Span<UInt8>, from start: Int) throws(PlanError) -> Double {
    at = start
    while at < bytes.count, UnicodeScalar(bytes[at]).isNumberPart { at += 1 }
    guard at - start <= 400, let value = Double(Self.text(bytes, start..<at)), value.isFinite else {
      throw failure(bytes, "not a number")
    }
    return value
  }

  mutating func flag(_ bytes: Span<UInt8>) throws(PlanError) -> Bool {
    let range = try skip(bytes)
    switch Self.text(bytes, range) {
    case "true": return true
    case "false", "null": return false
    default: throw failure(bytes, "true or false expected")
    }
  }

  /// Skips any value and says where it stood.
  @discardableResult
  mutating func skip(_ bytes: Span<UInt8>, depth: Int = 0) throws(PlanError) -> Range<Int> {
    guard depth < Self.depthLimit else { throw failure(bytes, "groups are nested too deeply") }
    let first = peek(bytes)
    let start = at
    switch first {
    case UInt8(ascii: "{"):
      if try enter(UInt8(ascii: "{"), UInt8(ascii: "}"), bytes) {
        repeat {
          _ = try key(bytes)
          try skip(bytes, depth: depth + 1)
        } while try goesOn(until: UInt8(ascii: "}"), bytes)
      }
    case UInt8(ascii: "["):
      if try enter(UInt8(ascii: "["), UInt8(ascii: "]"), bytes) {
        repeat { try skip(bytes, depth: depth + 1) } while try goesOn(until: UInt8(ascii: "]"), bytes)
      }
    case UInt8(ascii: "\""): _ = try rawString(bytes)
    default:
      while at < bytes.count, UnicodeScalar(bytes[at]).isNumberPart || UnicodeScalar(bytes[at]).isLowerLetter {
        at += 1
      }
      guard at > start else { throw failure(bytes, "a value expected" + found(bytes)) }
    }
    return start..<at
  }
}

extension UnicodeScalar {
  fileprivate var hexDigit: UInt32? {
    switch self {
    case "0"..."9": value - 0x30
    case "a"..."f": value - 0x61 + 10
    case "A"..."F": value - 0x41 + 10
    default: nil
    }
  }
  fileprivate var isNumberPart: Bool {
    switch self {
    case "0"..."9", "-", "+", ".", "e", "E": true
    default: false
    }
  }
  fileprivate var isLowerLetter: Bool { ("a"..."z").contains(self) }
}

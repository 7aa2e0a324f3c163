/// Reads one JSON document (RFC 8259) front to back, value by value, without building a tree.
///
/// The reader says what it expects and gets it typed:
/// ```swift
/// var json = JSONCursor(bytes)
/// try json.beginObject()
/// while let key = try json.nextKey() {
///   switch key {
///   case "rows": rows = try json.integer()
///   default: try json.skipValue()
///   }
/// }
/// ```
/// Integers are exact; nesting is limited, so hostile documents cannot overrun the stack; every error says at which
/// byte it happened. The bytes must outlive the cursor.
public struct JSONCursor {
  public enum Kind: Sendable { case object, array, string, number, bool, null }

  private let bytes: UnsafeRawBufferPointer
  /// The byte that is read next, counted from the document's start.
  public private(set) var position: Int
  /// One flag for each open object or array: whether no member was read yet.
  private var isFirst: [Bool] = []
  private let depthLimit: Int

  /// - Parameter depthLimit: how many objects and arrays may be open at once.
  public init(_ bytes: UnsafeRawBufferPointer, depthLimit: Int = 1_000) {
    self.bytes = bytes
    self.depthLimit = depthLimit
    position = 0
  }

  // MARK: Structure

  /// What the next value is. Consumes white space only.
  public mutating func peek() throws(JSONError) -> Kind {
    skipSpace()
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw error(.expected("a value"))
    }
  }

  public mutating func beginObject() throws(JSONError) { try begin(UInt8(ascii: "{"), "an object") }
  public mutating func beginArray() throws(JSONError) { try begin(UInt8(ascii: "["), "an array") }

  /// The next member's key, its value to be read next; nil at the object's end, which is consumed.
  public mutating func nextKey() throws(JSONError) -> String? {
    guard try advance(UInt8(ascii: "}")) else { return nil }
    let key = try string()
    skipSpace()
    try expect(UInt8(ascii: ":"), "a colon")
    return key
  }

  /// Whether the array has another element, to be read next; false at its end, which is consumed.
  public mutating func nextElement() throws(JSONError) -> Bool { try advance(UInt8(ascii: "]")) }

  /// Checks that nothing but white space is left.
  public mutating func expectEnd() throws(JSONError) {
    skipSpace()
    guard position == bytes.count else { throw error(.expected("the end of the document")) }
  }

  // MARK: Values

  public mutating func string() throws(JSONError) -> String {
    skipSpace()
    try expect(UInt8(ascii: "\""), "a string")
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      position += 1
    }
    throw error(.unexpectedEnd)
  }

  /// An integer that fits 64 bits, exactly.
  public mutating func integer() throws(JSONError) -> Int64 {
    let literal = try numberLiteral()
    var value: Int64 = 0
    var i = literal.lowerBound
    let isNegative = bytes[i] == UInt8(ascii: "-")
    if isNegative { i += 1 }
    while i < literal.upperBound {
      let byte = bytes[i]
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw error(.expected("an integer")) }
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(byte - UInt8(ascii: "0"))
      let (sum, overflow2) =
        isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      guard !overflow, !overflow2 else { throw error(.numberOutOfRange) }
      value = sum
      i += 1
    }
    return value
  }

  public mutating func double() throws(JSONError) -> Double {
    let literal = try numberLiteral()
    guard let value = Double(String(decoding: bytes[literal], as: UTF8.self)) else { throw error(.numberOutOfRange) }
    return value
  }

  /// A number as it is written.
  public mutating func numberText() throws(JSONError) -> String {
    String(decoding: bytes[try numberLiteral()], as: UTF8.self)
  }

  public mutating func bool() throws(JSONError) -> Bool {
    skipSpace()
    if matches("true") { return true }
    if matches("false") { return false }
    throw error(.expected("true or false"))
  }

  /// Consumes `null` when it is next.
  public mutating func null() throws(JSONError) -> Bool {
    skipSpace()
    return matches("null")
  }

  /// Reads over one value of any kind.
  public mutating func skipValue() throws(JSONError) {
    let depth = isFirst.count
    repeat {
      if isFirst.count > depth {
        // Inside something opened here: step to its next value or close it.
        if isObject[isFirst.count - 1] {
          guard try nextKey() != nil else { continue }
        } else {
          guard try nextElement() else { continue }
        }
      }
      switch try peek() {
      case .object: try beginObject()
      case .array: try beginArray()
      case .string: try skipString()
      case .number: _ = try numberLiteral()
      case .bool: _ = try bool()
      case .null: guard try null() else { throw error(.expected("null")) }
      }
    } while isFirst.count > depth
  }

  // MARK: Scanning

  /// Parallel to `isFirst`: whether the open value is an object.
  private var isObject: [Bool] = []

  @inline(__always)
  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
      default: return
      }
    }
  }

  private mutating func begin(_ byte: UInt8, _ what: String) throws(JSONError) {
    skipSpace()
    try expect(byte, what)
    guard isFirst.count < depthLimit else { throw error(.tooDeep) }
    isFirst.append(true)
    isObject.append(byte == UInt8(ascii: "{"))
  }

  private mutating func advance(_ close: UInt8) throws(JSONError) -> Bool {
    guard let first = isFirst.last, isObject.last == (close == UInt8(ascii: "}")) else {
      throw error(.expected("an open object or array"))
    }
    skipSpace()
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    if bytes[position] == close {
      position += 1
      isFirst.removeLast()
      isObject.removeLast()
      return false
    }
    if first {
      isFirst[isFirst.count - 1] = false
    } else {
      try expect(UInt8(ascii: ","), "a comma")
    }
    return true
  }

  @inline(__always)
  private mutating func expect(_ byte: UInt8, _ what: @autoclosure () -> String) throws(JSONError) {
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    guard bytes[position] == byte else { throw error(.expected(what())) }
    position += 1
  }

  private mutating func matches(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for i in 0..<count where bytes[position + i] != word.utf8Start[i] { return false }
    position += count
    return true
  }

  private mutating func numberLiteral() throws(JSONError) -> Range<Int> {
    skipSpace()
    let start = position
    func isDigit() -> Bool {
      position < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
    guard isDigit() else { throw error(.expected("a number")) }
    while isDigit() { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      guard isDigit() else { throw error(.expected("a digit")) }
      while isDigit() { position += 1 }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      guard isDigit() else { throw error(.expected("a digit")) }
      while isDigit() { position += 1 }
    }
    return start..<position
  }

  private mutating func skipString() throws(JSONError) {
    try expect(UInt8(ascii: "\""), "a string")
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"): position += 2
      default: position += 1
      }
    }
    throw error(.unexpectedEnd)
  }

  /// `position` is at the first backslash.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var out = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: out, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        out.append(byte)
        continue
      }
      guard position < bytes.count else { break }
      let escape = bytes[position]
      position += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(escape)
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "u"):
        var scalar = try hexDigits()
        if (0xD800..<0xDC00).contains(scalar), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
          bytes[position + 1] == UInt8(ascii: "u")
        {
          position += 2
          let low = try hexDigits()
          scalar = (0xDC00..<0xE000).contains(low) ? 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00) : 0xFFFD
        }
        // A lone surrogate is no character: what every decoder puts in its place.
        out += Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
      default: throw error(.expected("an escape"))
      }
    }
    throw error(.unexpectedEnd)
  }

  private mutating func hexDigits() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error(.unexpectedEnd) }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      default: throw error(.expected("four hexadecimal digits"))
      }
      position += 1
    }
    return value
  }

  private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, position: position) }
}

/// A document that is not the JSON that the reader expected.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    case unexpectedEnd
    case expected(String)
    case numberOutOfRange
    case tooDeep
  }

  public var reason: Reason
  /// The byte of the document at which reading stopped.
  public var position: Int

  public init(reason: Reason, position: Int) {
    self.reason = reason
    self.position = position
  }

  public var description: String {
    let what =
      switch reason {
      case .unexpectedEnd: "the JSON ends too early"
      case .expected(let what): "expected \(what) in the JSON"
      case .numberOutOfRange: "a number in the JSON is out of range"
      case .tooDeep: "the JSON is nested too deeply"
      }
    return what + " at byte \(position)"
  }
}

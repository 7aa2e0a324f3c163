/// The members of one JSON object, one after another, as ranges of its bytes.
///
/// Knows only where values end; what they are is for who asks. A document that is no JSON ends the sequence with
/// `isBroken`.
struct JSONMembers {
  private let p: UnsafeRawPointer
  private var i: Int
  private let end: Int
  private var isFirst = true
  private(set) var isBroken = false

  /// The object that begins at or behind `from`.
  init(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) {
    self.p = p
    self.end = end
    i = from
    skipSpace()
    if i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "{") { i += 1 } else { isBroken = true }
  }

  init(_ p: UnsafeRawPointer, _ object: ByteSlice) { self.init(p, Int(object.start), object.end) }

  /// The next key, without its quotes, and its value as it stands there; nil at the end.
  mutating func next() -> (key: ByteSlice, value: ByteSlice)? {
    guard !isBroken else { return nil }
    skipSpace()
    guard i < end else { return fail() }
    if p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "}") { return nil }
    if !isFirst {
      guard p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: ",") else { return fail() }
      i += 1
      skipSpace()
    }
    isFirst = false
    guard let key = string() else { return fail() }
    skipSpace()
    guard i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: ":") else { return fail() }
    i += 1
    skipSpace()
    let start = i
    guard skipValue() else { return fail() }
    return (key, ByteSlice(start, i))
  }

  private mutating func fail() -> (key: ByteSlice, value: ByteSlice)? {
    isBroken = true
    return nil
  }

  private mutating func skipSpace() {
    while i < end {
      let byte = p.load(fromByteOffset: i, as: UInt8.self)
      if byte != 0x20, byte != 0x0A, byte != 0x09, byte != 0x0D { return }
      i += 1
    }
  }

  /// A string's content; leaves `i` behind its closing quote.
  private mutating func string() -> ByteSlice? {
    guard i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "\""),
      let stop = JSONMembers.stringEnd(p, i + 1, end)
    else { return nil }
    let result = ByteSlice(i + 1, stop)
    i = stop + 1
    return result
  }

  private mutating func skipValue() -> Bool {
    var depth = 0
    repeat {
      guard i < end else { return false }
      switch p.load(fromByteOffset: i, as: UInt8.self) {
      case UInt8(ascii: "\""):
        guard string() != nil else { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        i += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        guard depth >= 0 else { return false }
        i += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x09, 0x0D:
        guard depth > 0 else { return false }
        i += 1
      default:
        i += 1
        while i < end {
          let byte = p.load(fromByteOffset: i, as: UInt8.self)
          if byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
            break
          }
          i += 1
        }
      }
    } while depth > 0
    return true
  }

  /// Where the string that begins at `from` ends: the next quote that no odd number of backslashes precedes.
  static func stringEnd(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    var i = from
    while let quote = memory(p + i, 0x22, end - i) {
      let at = quote - p
      var slashes = 0
      while at - slashes > from, p.load(fromByteOffset: at - slashes - 1, as: UInt8.self) == 0x5C { slashes += 1 }
      if slashes & 1 == 0 { return at }
      i = at + 1
    }
    return nil
  }
}

extension ByteSlice {
  /// The content of a JSON string; nil for another value.
  func jsonString(_ p: UnsafeRawPointer) -> ByteSlice? {
    guard count >= 2, p.load(fromByteOffset: Int(start), as: UInt8.self) == UInt8(ascii: "\"") else { return nil }
    return ByteSlice(Int(start) + 1, end - 1)
  }

  /// A JSON number, or a string that holds one.
  func jsonInteger(_ p: UnsafeRawPointer) -> Int64? {
    let digits = jsonString(p) ?? self
    var i = Int(digits.start)
    return integer(p, &i, digits.end)
  }

  func isJSONObject(_ p: UnsafeRawPointer) -> Bool {
    count > 0 && p.load(fromByteOffset: Int(start), as: UInt8.self) == UInt8(ascii: "{")
  }

  /// Whether the bytes are exactly these.
  func equals(_ p: UnsafeRawPointer, _ phrase: Phrase) -> Bool {
    Int(count) == phrase.count && phrase.matches(p, Int(start), end)
  }

  func text(_ p: UnsafeRawPointer) -> String {
    String(decoding: UnsafeRawBufferPointer(start: p + Int(start), count: Int(count)), as: UTF8.self)
  }
}

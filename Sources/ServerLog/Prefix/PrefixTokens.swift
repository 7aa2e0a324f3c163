/// Moves over the blanks of a padding.
@inline(__always)
func skipBlanks(_ p: UnsafeRawPointer, _ position: inout Int, _ end: Int) {
  while position < end, p.load(fromByteOffset: position, as: UInt8.self) == 0x20 { position += 1 }
}

/// A decimal integer with an optional sign; nil where there is none. Wraps on overflow.
@inline(__always)
func integer(_ p: UnsafeRawPointer, _ position: inout Int, _ end: Int) -> Int64? {
  var i = position
  var negative = false
  if i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "-") {
    negative = true
    i += 1
  }
  let start = i
  var value: Int64 = 0
  while i < end {
    let digit = p.load(fromByteOffset: i, as: UInt8.self) &- 0x30
    guard digit < 10 else { break }
    value = value &* 10 &- Int64(digit)
    i += 1
  }
  guard i > start else { return nil }
  position = i
  return negative ? value : 0 &- value
}

/// `6b0489f2.7287`: the session's start in seconds since 1970 and its process, both hexadecimal.
@inline(__always)
func sessionID(_ p: UnsafeRawPointer, _ position: inout Int, _ end: Int) -> UInt64? {
  var i = position
  var start: UInt64 = 0
  while i < end, let digit = hexDigit(p.load(fromByteOffset: i, as: UInt8.self)) {
    start = start << 4 | UInt64(digit)
    i += 1
  }
  guard i > position, i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: ".") else { return nil }
  i += 1
  let dot = i
  var process: UInt64 = 0
  while i < end, let digit = hexDigit(p.load(fromByteOffset: i, as: UInt8.self)) {
    process = process << 4 | UInt64(digit)
    i += 1
  }
  guard i > dot else { return nil }
  position = i
  return start << 32 | process & 0xFFFF_FFFF
}

/// `3/29`, or nothing at all (then zero).
@inline(__always)
func virtualTransaction(_ p: UnsafeRawPointer, _ position: inout Int, _ end: Int) -> UInt64 {
  var i = position
  guard let backend = integer(p, &i, end), i < end, p.load(fromByteOffset: i, as: UInt8.self) == UInt8(ascii: "/")
  else { return 0 }
  i += 1
  guard let local = integer(p, &i, end) else { return 0 }
  position = i
  return UInt64(truncatingIfNeeded: backend) << 32 | UInt64(truncatingIfNeeded: local) & 0xFFFF_FFFF
}

@inline(__always)
func sqlStateKey(_ p: UnsafeRawPointer, _ position: Int) -> UInt64 {
  var key: UInt64 = 0
  for i in 0..<5 { key |= UInt64(p.load(fromByteOffset: position + i, as: UInt8.self)) << UInt64(i * 8) }
  return key
}

/// The five characters of a key; empty for success, which some formats write and others leave out.
func sqlStateText(_ key: UInt64) -> String {
  guard key != 0 else { return "" }
  let text = String(decoding: (0..<5).map { UInt8(truncatingIfNeeded: key >> UInt64($0 * 8)) }, as: UTF8.self)
  return text == "00000" ? "" : text
}

extension CommandTag {
  /// The tag in `from ..< to`.
  @inline(__always)
  init(_ p: UnsafeRawPointer, _ from: Int, _ to: Int) {
    func byte(_ i: Int) -> UInt8 { p.load(fromByteOffset: from + i, as: UInt8.self) }
    switch to - from {
    case 0: self = .unknown
    case 4 where byte(0) == UInt8(ascii: "B") && byte(1) == UInt8(ascii: "I") && byte(2) == UInt8(ascii: "N"):
      self = .bind
    case 5 where byte(0) == UInt8(ascii: "P") && byte(1) == UInt8(ascii: "A") && byte(4) == UInt8(ascii: "E"):
      self = .parse
    case 7 where byte(0) == UInt8(ascii: "P") && byte(3) == UInt8(ascii: "P") && byte(6) == UInt8(ascii: "E"):
      self = .prepare
    default: self = .other
    }
  }
}

internal import Bytes
import Glibc

/// How a format escapes the bytes of a value.
enum Escaping: UInt8 {
  case none
  /// stderr: a TAB after each newline inside an entry.
  case tab
  /// csvlog: quotes doubled.
  case doubledQuote
  /// jsonlog: `\n`, `\"`, `\u00e9`, …
  case json

  /// Appends the value of escaped bytes.
  func decode(_ bytes: UnsafeRawBufferPointer, into buffer: inout ScratchBytes) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    switch self {
    case .none: buffer.append(base, bytes.count)
    case .tab: Escaping.decode(base, bytes.count, marker: 0x0A, drops: 0x09, into: &buffer)
    case .doubledQuote: Escaping.decode(base, bytes.count, marker: 0x22, drops: 0x22, into: &buffer)
    case .json: Escaping.decodeJSON(base, bytes.count, into: &buffer)
    }
  }

  /// The value as a string, whatever its bytes are.
  func string(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.isEmpty { return "" }
    var scratch = ScratchBytes(capacity: bytes.count + 16)
    decode(bytes, into: &scratch)
    return String(readable: scratch.bytes)
  }

  /// Whether decoding would change anything.
  @inline(__always)
  func isPlain(_ base: UnsafeRawPointer, _ count: Int) -> Bool {
    switch self {
    case .none: true
    case .tab: memchr(base, 0x0A, count) == nil
    case .doubledQuote: memchr(base, 0x22, count) == nil
    case .json: memchr(base, 0x5C, count) == nil
    }
  }

  /// Keeps everything but one `drops` after each `marker`.
  private static func decode(
    _ base: UnsafeRawPointer, _ count: Int, marker: Int32, drops: UInt8, into buffer: inout ScratchBytes
  ) {
    buffer.reserve(count)
    var position = 0
    while position < count {
      guard let found = memchr(base + position, marker, count - position) else { break }
      let next = UnsafeRawPointer(found) - base + 1
      buffer.append(base + position, next - position)
      position = next
      if position < count, base.load(fromByteOffset: position, as: UInt8.self) == drops { position += 1 }
    }
    if position < count { buffer.append(base + position, count - position) }
  }

  private static func decodeJSON(_ base: UnsafeRawPointer, _ count: Int, into buffer: inout ScratchBytes) {
    buffer.reserve(count)
    var position = 0
    while position < count {
      guard let found = memchr(base + position, 0x5C, count - position) else { break }
      let escape = UnsafeRawPointer(found) - base
      buffer.append(base + position, escape - position)
      guard escape + 1 < count else { return }
      position = escape + 2
      switch base.load(fromByteOffset: escape + 1, as: UInt8.self) {
      case UInt8(ascii: "n"): buffer.append(0x0A)
      case UInt8(ascii: "t"): buffer.append(0x09)
      case UInt8(ascii: "r"): buffer.append(0x0D)
      case UInt8(ascii: "b"): buffer.append(0x08)
      case UInt8(ascii: "f"): buffer.append(0x0C)
      case UInt8(ascii: "u"):
        guard var scalar = hex4(base, position, count) else { continue }
        position += 4
        if scalar & 0xFC00 == 0xD800, position + 6 <= count,
          base.load(fromByteOffset: position, as: UInt8.self) == 0x5C,
          base.load(fromByteOffset: position + 1, as: UInt8.self) == UInt8(ascii: "u"),
          let low = hex4(base, position + 2, count), low & 0xFC00 == 0xDC00
        {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
          position += 6
        }
        buffer.append(scalar: scalar)
      case let other: buffer.append(other)
      }
    }
    if position < count { buffer.append(base + position, count - position) }
  }

  private static func hex4(_ base: UnsafeRawPointer, _ at: Int, _ count: Int) -> UInt32? {
    guard at + 4 <= count else { return nil }
    var value: UInt32 = 0
    for i in 0..<4 {
      guard let digit = hexDigit(base.load(fromByteOffset: at + i, as: UInt8.self)) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}

@inline(__always)
func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x61...0x66: byte - 0x57
  case 0x41...0x46: byte - 0x37
  default: nil
  }
}

/// A buffer that grows and is used again and again, so that decoding allocates nothing in the long run.
struct ScratchBytes: ~Copyable {
  private(set) var base: UnsafeMutableRawPointer
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 1 << 16) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Empties the buffer. What a huge entry made it grow to is given back.
  mutating func removeAll() {
    count = 0
    if capacity > ScratchBytes.keptCapacity {
      base.deallocate()
      capacity = 1 << 16
      base = .allocate(byteCount: capacity, alignment: 16)
    }
  }

  private static let keptCapacity = 2 << 20

  mutating func removeLast(_ n: Int) { count = max(count - n, 0) }

  /// Where the bytes of `needle` first stand.
  func firstRange(of needle: [UInt8]) -> Int? {
    guard let first = needle.first else { return 0 }
    var i = 0
    while let found = memory(base + i, Int32(first), count - i) {
      let at = found - UnsafeRawPointer(base)
      guard at + needle.count <= count else { return nil }
      if UnsafeRawBufferPointer(start: base + at, count: needle.count).elementsEqual(needle) { return at }
      i = at + 1
    }
    return nil
  }

  mutating func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    capacity = max(min(capacity * 2, capacity + 4 << 20), count + more + 64)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafeRawPointer, _ n: Int) {
    reserve(n)
    (base + count).copyMemory(from: bytes, byteCount: n)
    count += n
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  mutating func append(scalar: UInt32) {
    let valid = Unicode.Scalar(scalar) ?? "\u{FFFD}"
    for byte in UTF8.encode(valid) ?? UTF8.encodedReplacementCharacter { append(byte) }
  }
}

/// Numbers as variable-length integers (LEB128; signed ones folded by zigzag), appended to bytes.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func write(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func write(signed value: Int64) { write(UInt64(bitPattern: value << 1 ^ value >> 63)) }

  mutating func write(wide value: Int128) {
    var rest = UInt128(bitPattern: value << 1 ^ value >> 127)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func write(byte: UInt8) { bytes.append(byte) }

  /// A column of numbers in which runs of zeros are common: a zero is followed by how many more follow it.
  mutating func write(column values: some Sequence<Int64>) {
    var zeros: UInt64 = 0
    for value in values {
      if value == 0 {
        zeros += 1
        continue
      }
      if zeros > 0 {
        write(byte: 0)
        write(zeros - 1)
        zeros = 0
      }
      write(signed: value)
    }
    if zeros > 0 {
      write(byte: 0)
      write(zeros - 1)
    }
  }
}

/// Reads what `ByteWriter` wrote. Damage is an error, never a crash.
struct ByteReader {
  struct Damage: Error { var offset: Int }

  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func byte() throws(Damage) -> UInt8 {
    guard offset < bytes.count else { throw Damage(offset: offset) }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func number() throws(Damage) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      guard shift < 63 || shift == 63 && byte <= 1 else { throw Damage(offset: offset) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// A count of things that take at least a byte each, or that the caller bounds.
  mutating func count(atMost limit: Int) throws(Damage) -> Int {
    let value = try number()
    guard value <= UInt64(limit) else { throw Damage(offset: offset) }
    return Int(value)
  }

  mutating func signed() throws(Damage) -> Int64 {
    let folded = try number()
    return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
  }

  mutating func wide() throws(Damage) -> Int128 {
    var value: UInt128 = 0
    var shift: UInt128 = 0
    while true {
      let byte = try byte()
      guard shift < 126 || shift == 126 && byte <= 3 else { throw Damage(offset: offset) }
      value |= UInt128(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return Int128(bitPattern: value >> 1) ^ -Int128(bitPattern: value & 1)
  }

  /// Reads a column of so many numbers and hands on those that are not zero.
  mutating func column(_ count: Int, _ body: (Int, Int64) throws(Damage) -> Void) throws(Damage) {
    var index = 0
    while index < count {
      let value = try signed()
      if value == 0 {
        let more = try number()
        guard more < UInt64(count - index) else { throw Damage(offset: offset) }
        index += Int(more) + 1
      } else {
        try body(index, value)
        index += 1
      }
    }
  }
}

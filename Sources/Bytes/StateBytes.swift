/// Writes numbers as variable-length integers (LEB128), texts with their length before them.
public struct StateWriter {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func add(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Zigzag, so that small negative numbers are short.
  public mutating func add(signed value: Int64) { add(UInt64(bitPattern: value << 1 ^ value >> 63)) }

  public mutating func add(bytes content: [UInt8]) {
    add(UInt64(content.count))
    bytes += content
  }
}

/// Reads what a `StateWriter` wrote. Behind the end everything is zero and empty, and `failed` is true.
public struct StateReader {
  private let content: [UInt8]
  private var position = 0
  public private(set) var failed = false

  public init(_ content: [UInt8]) { self.content = content }

  public mutating func next() -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < content.count, shift < 64 {
      let byte = content[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    failed = true
    return 0
  }

  public mutating func signed() -> Int64 {
    let value = next()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A number of things that follow; never more than there are bytes left.
  public mutating func count() -> Int {
    let value = next()
    guard value <= UInt64(content.count - position) else {
      failed = true
      return 0
    }
    return Int(value)
  }

  public mutating func bytes() -> [UInt8] {
    let length = count()
    defer { position += length }
    return Array(content[position..<position + length])
  }

  public mutating func text() -> String { String(decoding: bytes(), as: UTF8.self) }
}

/// Text of bytes that are UTF-8 in nearly every log.
///
/// A database in another encoding logs its names and statements in that one. What is not UTF-8 is taken as Windows-1252,
/// which LATIN1 is a part of (WHATWG Encoding Standard, "index windows-1252"): right for the encodings of western
/// Europe, and in any other one different names stay different, which they would not as U+FFFD.
public enum ReadableText {
  /// The text as UTF-8 bytes; nil where they are that already.
  public static func mended(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 4)
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar):
        result.append(contentsOf: scalar)
        position += scalar.count
      case .error(let length):
        for i in position..<position + length { result.append(contentsOf: Array(String(single[Int(bytes[i])]).utf8)) }
        position += length
      case .emptyInput: return result
      }
    }
  }

  /// What each byte is in Windows-1252; the five that it leaves open are control characters to terminals.
  private static let single: [Unicode.Scalar] = {
    let high: [UInt32] = [
      0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD,
      0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
      0x0153, 0xFFFD, 0x017E, 0x0178,
    ]
    return (0..<256).map { byte in
      let value = (0x80..<0xA0).contains(byte) ? high[byte - 0x80] : UInt32(byte)
      return Unicode.Scalar(value) ?? "\u{FFFD}"
    }
  }()
}

extension String {
  /// The text of bytes, whatever they are.
  public init(readable bytes: UnsafeRawBufferPointer) {
    if let text = String(validating: bytes, as: UTF8.self) {
      self = text
    } else {
      self = String(decoding: ReadableText.mended(bytes) ?? Array(bytes), as: UTF8.self)
    }
  }

  public init(readable bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { String(readable: $0) }
  }
}

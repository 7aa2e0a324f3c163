/// FNV-1a over bytes, 64 bits: the same on every machine and in every release, unlike `Hasher`.
/// Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv.
public struct StableHash: Sendable {
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  public init() {}

  public mutating func combine(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

  /// Combines the text's UTF-8 bytes and an end mark, so that `"ab", "c"` and `"a", "bc"` differ.
  public mutating func combine(_ text: String) {
    for byte in text.utf8 { combine(byte: byte) }
    combine(byte: 0xff)
  }

  public mutating func combine(_ number: Int) {
    var rest = UInt64(bitPattern: Int64(number))
    for _ in 0..<8 {
      combine(byte: UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  public static func of(_ texts: String...) -> UInt64 {
    var hash = StableHash()
    for text in texts { hash.combine(text) }
    return hash.value
  }
}

import Model

/// FNV-1a over 64 bits (Fowler, Noll, Vo): the same on every machine and run, unlike `Hasher`.
struct StableHash {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  var value: Int64 { Int64(bitPattern: state) }

  mutating func add(byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
  mutating func add(_ number: Int64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(byte: UInt8(truncatingIfNeeded: number >> Int64(shift))) }
  }
  /// A text with its end marked, so that neighbours cannot be confused.
  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte: byte) }
    add(byte: 0xFF)
  }
  mutating func add(_ dimensions: WorkloadDimensions) {
    add(dimensions.database)
    add(dimensions.user)
    add(dimensions.application)
    add(dimensions.tags)
  }
}

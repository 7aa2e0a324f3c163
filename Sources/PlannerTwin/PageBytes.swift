/// Numbers in a page, in the machine's own order, which is the server's.
extension [UInt8] {
  func readUInt32(at offset: Int) -> UInt32 {
    withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
  }

  mutating func write(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: type(of: value)) }
  }
}

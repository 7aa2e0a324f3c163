/// A constant run of bytes to look for, allocated once, for the life of the process or of an owner.
struct Phrase: @unchecked Sendable {
  let base: UnsafeRawPointer
  let count: Int
  let first: UInt8

  init(_ text: String) {
    let bytes = Array(text.utf8)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 8)
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    base = UnsafeRawPointer(memory)
    count = bytes.count
    first = bytes.first ?? 0
  }

  /// Ends the phrase's life.
  func deallocate() { base.deallocate() }

  /// Whether the bytes at `position` begin with the phrase.
  @inline(__always)
  func matches(_ p: UnsafeRawPointer, _ position: Int, _ end: Int) -> Bool {
    guard end - position >= count else { return false }
    let at = p + position
    var i = 0
    while i + 8 <= count {
      if at.loadUnaligned(fromByteOffset: i, as: UInt64.self) != base.loadUnaligned(fromByteOffset: i, as: UInt64.self)
      {
        return false
      }
      i += 8
    }
    while i < count {
      if at.load(fromByteOffset: i, as: UInt8.self) != base.load(fromByteOffset: i, as: UInt8.self) { return false }
      i += 1
    }
    return true
  }

  /// Where the phrase first stands in `position ..< end`, or nil.
  func find(_ p: UnsafeRawPointer, _ position: Int, _ end: Int) -> Int? {
    var i = position
    while i + count <= end {
      guard let found = memory(p + i, Int32(first), end - i) else { return nil }
      i = found - p
      if matches(p, i, end) { return i }
      i += 1
    }
    return nil
  }
}

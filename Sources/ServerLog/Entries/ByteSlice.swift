/// A stretch of a block's bytes, still escaped as its format escapes.
struct ByteSlice {
  var start: UInt32
  var count: UInt32

  static let none = ByteSlice(start: 0, count: 0)

  @inline(__always)
  init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }

  @inline(__always)
  init(_ from: Int, _ to: Int) {
    start = UInt32(truncatingIfNeeded: from)
    count = UInt32(truncatingIfNeeded: to - from)
  }

  @inline(__always)
  var isEmpty: Bool { count == 0 }
  @inline(__always)
  var end: Int { Int(start) + Int(count) }
}

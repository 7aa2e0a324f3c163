import Glibc

/// memchr(3): the first byte equal to `byte` among `count`, or nil.
@inline(__always)
func memory(_ p: UnsafeRawPointer, _ byte: Int32, _ count: Int) -> UnsafeRawPointer? {
  count > 0 ? UnsafeRawPointer(memchr(p, byte, count)) : nil
}

/// How many of `count` bytes equal `byte`: eight at a time, a bit for each that does (Warren: "Hacker's Delight", 6-1).
func countBytes(_ p: UnsafeRawPointer, _ byte: UInt8, _ count: Int) -> Int {
  let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
  let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
  var total = 0
  var i = 0
  while i &+ 8 <= count {
    let difference = p.loadUnaligned(fromByteOffset: i, as: UInt64.self) ^ pattern
    total &+= (~(((difference & low) &+ low) | difference | low)).nonzeroBitCount
    i &+= 8
  }
  while i < count {
    if p.load(fromByteOffset: i, as: UInt8.self) == byte { total += 1 }
    i += 1
  }
  return total
}

/// Values allocated once, for the life of the process or of an owner who says when it is over, so that going over them
/// counts no references.
struct Immortal<Element>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  init(_ elements: [Element]) {
    count = elements.count
    base = .allocate(capacity: max(elements.count, 1))
    for (i, element) in elements.enumerated() { (base + i).initialize(to: element) }
  }

  @inline(__always)
  subscript(_ index: Int) -> Element {
    @inline(__always) unsafeAddress { UnsafePointer(base + index) }
  }

  /// Ends the values' life.
  func deallocate() {
    base.deinitialize(count: count)
    base.deallocate()
  }

  var elements: [Element] { (0..<count).map { base[$0] } }
}

import Glibc

/// memchr(3): the first byte equal to `byte` among `count`, or nil.
@inline(__always)
func memory(_ p: UnsafeRawPointer, _ byte: Int32, _ count: Int) -> UnsafeRawPointer? {
  count > 0 ? UnsafeRawPointer(memchr(p, byte, count)) : nil
}

/// How many of `count` bytes equal `byte`.
func countBytes(_ p: UnsafeRawPointer, _ byte: UInt8, _ count: Int) -> Int {
  var total = 0
  var i = 0
  let wanted = SIMD32<UInt8>(repeating: byte)
  while i + 32 <= count {
    // Up to 255 rounds, so that no lane of eight bits runs over.
    var lanes = SIMD32<UInt8>(repeating: 0)
    let stop = min(count - 31, i + 32 * 255)
    while i < stop {
      let chunk = p.loadUnaligned(fromByteOffset: i, as: SIMD32<UInt8>.self)
      lanes.replace(with: lanes &+ 1, where: chunk .== wanted)
      i += 32
    }
    var sum: UInt32 = 0
    for lane in 0..<32 { sum += UInt32(lanes[lane]) }
    total += Int(sum)
  }
  while i < count {
    if p.load(fromByteOffset: i, as: UInt8.self) == byte { total += 1 }
    i += 1
  }
  return total
}

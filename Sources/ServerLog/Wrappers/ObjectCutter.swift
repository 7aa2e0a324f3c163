/// Finds the JSON objects that stand inside so many open brackets and braces.
struct ObjectCutter {
  private let depth: Int
  private var open = 0
  private var inString = false
  private var escaped = false
  /// Where the object under way begins.
  private(set) var start: Int?
  /// Bytes looked at.
  private(set) var scanned = 0

  init(depth: Int) { self.depth = depth }

  /// The next whole object in `p[scanned ..< end]`, or nil.
  mutating func next(_ p: UnsafeRawPointer, _ end: Int) -> Range<Int>? {
    while scanned < end {
      let byte = p.load(fromByteOffset: scanned, as: UInt8.self)
      scanned += 1
      if inString {
        if escaped {
          escaped = false
        } else if byte == 0x5C {
          escaped = true
        } else if byte == 0x22 {
          inString = false
        }
        continue
      }
      switch byte {
      case 0x22: inString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        if open == depth, byte == UInt8(ascii: "{"), start == nil { start = scanned - 1 }
        open += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        open = max(open - 1, 0)
        if open <= depth, let from = start {
          start = nil
          return from..<scanned
        }
      default: break
      }
    }
    return nil
  }

  /// The first `count` bytes are gone.
  mutating func drop(_ count: Int) {
    scanned -= count
    start = start.map { $0 - count }
  }
}

/// What every record of csvlog begins with: `2026-11-23 18:39:18.700 UTC,`. It tells where records begin again behind one
/// that was cut off, as a crash of the server or of its disk leaves it: there quotes no longer pair.
enum CSVRecordStart {
  /// Whether a record may begin at `at`: as much of it as stands before `end` looks like one.
  static func matches(_ p: UnsafeRawPointer, _ at: Int, _ end: Int) -> Bool {
    var i = at
    for expected in pattern {
      guard i < end else { return true }
      let byte = p.load(fromByteOffset: i, as: UInt8.self)
      guard expected == UInt8(ascii: "0") ? byte &- 0x30 < 10 : byte == expected else { return false }
      i += 1
    }
    // The fraction, a blank, the zone: no zone has more than a handful of letters.
    let limit = min(end, i + 40)
    while i < limit {
      switch p.load(fromByteOffset: i, as: UInt8.self) {
      case UInt8(ascii: ","): return true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "."), UInt8(ascii: " "), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"):
        i += 1
      default: return false
      }
    }
    return i == end
  }

  /// The first newline from `from` on that a record may follow, or nil.
  static func newlineBefore(_ p: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int? {
    var i = from
    while let found = memory(p + i, 0x0A, end - i) {
      let newline = found - p
      if matches(p, newline + 1, end) { return newline }
      i = newline + 1
    }
    return nil
  }

  private static let pattern = Array("0000-00-00 00:00:00".utf8)
}

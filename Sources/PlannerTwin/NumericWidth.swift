/// Stored bytes of a `numeric`, from its decimal text.
///
/// Source: PostgreSQL `numeric.c`: digits of base 10,000, leading and trailing zero digits dropped, behind a header of
/// 2 bytes (short form) and a length word of 1.
enum NumericWidth {
  static func bytes(_ text: String) -> Int {
    var whole = 0
    var fraction: [UInt8] = []
    var digits: [UInt8] = []
    var inFraction = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "."): inFraction = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if inFraction { fraction.append(byte) } else { digits.append(byte) }
      case UInt8(ascii: "-"): continue
      default: return 3  // NaN, Infinity
      }
    }
    whole = digits.count
    // Groups of four from the decimal point to both sides.
    let zero = UInt8(ascii: "0")
    let padded =
      [UInt8](repeating: zero, count: (4 - whole % 4) % 4) + digits + fraction
      + [UInt8](repeating: zero, count: (4 - fraction.count % 4) % 4)
    let groups = stride(from: 0, to: padded.count, by: 4).map { start in
      padded[start..<start + 4].contains { $0 != zero }
    }
    guard let first = groups.firstIndex(of: true), let last = groups.lastIndex(of: true) else { return 3 }
    return 3 + 2 * (last - first + 1)
  }
}

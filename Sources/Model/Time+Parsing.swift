extension Timestamp {
  /// Reads a time as PostgreSQL and JSON print it: `2026-03-09 14:05:33.123456+01`, `2026-03-09T14:05:33Z`,
  /// `2026-03-09`. Without an offset it is taken as UTC. Digits beyond microseconds are cut. Nil for anything else,
  /// `infinity` and years of six digits included, so that no difference of two times overflows.
  public init?(_ text: some StringProtocol) {
    var bytes = Substring(text).utf8
    func digits(_ range: ClosedRange<Int>) -> Int64? {
      let run = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }.prefix(range.upperBound)
      guard run.count >= range.lowerBound else { return nil }
      bytes = bytes.dropFirst(run.count)
      return run.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    func take(_ characters: String) -> UInt8? {
      guard let first = bytes.first, characters.utf8.contains(first) else { return nil }
      bytes = bytes.dropFirst()
      return first
    }
    guard let year = digits(4...5), take("-") != nil, let month = digits(2...2), take("-") != nil,
      let day = digits(2...2), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    // Civil date to days: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    var seconds = days * 86_400
    var fraction: Int64 = 0
    if take("T ") != nil {
      guard let hour = digits(2...2), take(":") != nil, let minute = digits(2...2), hour <= 24, minute <= 59 else {
        return nil
      }
      seconds += hour * 3_600 + minute * 60
      if take(":") != nil {
        guard let second = digits(2...2), second <= 60 else { return nil }
        seconds += second
        if take(".,") != nil {
          let run = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
          guard !run.isEmpty else { return nil }
          bytes = bytes.dropFirst(run.count)
          var scale: Int64 = 100_000
          for byte in run.prefix(6) {
            fraction += Int64(byte - 0x30) * scale
            scale /= 10
          }
        }
      }
      while take(" ") != nil {}
      if let sign = take("+-") {
        guard let hours = digits(2...2) else { return nil }
        var offset = hours * 3_600
        for unit in [60, 1] as [Int64] {
          let colon = take(":") != nil
          if let part = digits(2...2) { offset += part * unit } else if colon { return nil }
        }
        seconds -= sign == UInt8(ascii: "-") ? -offset : offset
      } else if take("Zz") == nil, bytes.elementsEqual("UTC".utf8) || bytes.elementsEqual("GMT".utf8) {
        bytes = bytes.dropFirst(3)
      }
    }
    guard bytes.isEmpty else { return nil }
    self.init(microseconds: seconds * 1_000_000 + fraction)
  }
}

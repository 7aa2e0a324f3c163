/// Reads local times as PostgreSQL prints them in logs, `2026-11-23 18:39:18.700`, with or without the fraction.
///
/// Entries come in bunches from the same minute, so the sixteen bytes up to the minute are remembered and only the
/// seconds are read again.
struct ClockReader {
  private var high: UInt64 = 0
  private var low: UInt64 = 0
  /// The remembered minute in microseconds since 1970, as if the local time were UTC.
  private var base: Int64 = 0

  /// The local time at `position` in microseconds since 1970 as if it were UTC, or nil. Moves `position` behind it.
  @inline(__always)
  mutating func read(_ p: UnsafeRawPointer, _ position: inout Int, _ end: Int) -> Int64? {
    guard end - position >= 19 else { return nil }
    let at = p + position
    let a = at.loadUnaligned(as: UInt64.self)
    let b = at.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    if a != high || b != low {
      guard let minute = ClockReader.minute(at) else { return nil }
      high = a
      low = b
      base = minute
    }
    guard at.load(fromByteOffset: 16, as: UInt8.self) == UInt8(ascii: ":") else { return nil }
    let tens = at.load(fromByteOffset: 17, as: UInt8.self) &- 0x30
    let ones = at.load(fromByteOffset: 18, as: UInt8.self) &- 0x30
    guard tens < 7, ones < 10 else { return nil }
    var result = base + Int64(tens * 10 + ones) * 1_000_000
    position += 19
    if position < end, p.load(fromByteOffset: position, as: UInt8.self) == UInt8(ascii: ".") {
      var i = position + 1
      var unit: Int64 = 100_000
      while i < end {
        let digit = p.load(fromByteOffset: i, as: UInt8.self) &- 0x30
        guard digit < 10 else { break }
        result += Int64(digit) * unit
        unit /= 10
        i += 1
      }
      position = i
    }
    return result
  }

  /// `YYYY-MM-DD HH:MM` in microseconds since 1970.
  private static func minute(_ p: UnsafeRawPointer) -> Int64? {
    func digits(_ from: Int, _ count: Int) -> Int64? {
      var value: Int64 = 0
      for i in from..<from + count {
        let digit = p.load(fromByteOffset: i, as: UInt8.self) &- 0x30
        guard digit < 10 else { return nil }
        value = value * 10 + Int64(digit)
      }
      return value
    }
    func byte(_ i: Int) -> UInt8 { p.load(fromByteOffset: i, as: UInt8.self) }
    guard let year = digits(0, 4), byte(4) == UInt8(ascii: "-"), let month = digits(5, 2), byte(7) == UInt8(ascii: "-"),
      let day = digits(8, 2), byte(10) == UInt8(ascii: " ") || byte(10) == UInt8(ascii: "T"), let hour = digits(11, 2),
      byte(13) == UInt8(ascii: ":"), let minute = digits(14, 2), (1...12).contains(month), (1...31).contains(day),
      hour < 24, minute < 60
    else { return nil }
    return (days(year, month, day) * 1440 + hour * 60 + minute) * 60_000_000
  }

  /// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
  static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// Year, month and day of a number of days since 1970-01-01 (the same, `civil_from_days`).
  static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  /// Where the zone abbreviation that begins at `position` ends: letters, or a sign and digits.
  @inline(__always)
  static func zoneEnd(_ p: UnsafeRawPointer, _ position: Int, _ end: Int) -> Int {
    var i = position
    guard i < end else { return i }
    let first = p.load(fromByteOffset: i, as: UInt8.self)
    if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
      i += 1
      while i < end, p.load(fromByteOffset: i, as: UInt8.self) &- 0x30 < 10 { i += 1 }
      return i
    }
    while i < end, (p.load(fromByteOffset: i, as: UInt8.self) | 0x20) &- 0x61 < 26 { i += 1 }
    return i
  }
}

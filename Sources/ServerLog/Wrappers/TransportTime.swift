import Glibc

/// The times that transports put beside a line.
enum TransportTime {
  /// RFC 3339: `2026-11-23T18:39:18.700123Z`, `…+01:00`, `…+0100`; without an offset it is UTC. Microseconds since 1970;
  /// moves `i` behind it.
  static func rfc3339(_ p: UnsafeRawPointer, _ i: inout Int, _ end: Int) -> Int64? {
    guard end - i >= 19 else { return nil }
    func byte(_ at: Int) -> UInt8 { p.load(fromByteOffset: i + at, as: UInt8.self) }
    guard byte(4) == UInt8(ascii: "-"), byte(7) == UInt8(ascii: "-"), byte(10) == UInt8(ascii: "T"),
      byte(13) == UInt8(ascii: ":"), byte(16) == UInt8(ascii: ":"),
      let year = digits(p, i, 4), let month = digits(p, i + 5, 2), let day = digits(p, i + 8, 2),
      let hour = digits(p, i + 11, 2), let minute = digits(p, i + 14, 2), let second = digits(p, i + 17, 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var time = ((ClockReader.days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    time *= 1_000_000
    var at = i + 19
    time += fraction(p, &at, end)
    if at < end {
      let sign = p.load(fromByteOffset: at, as: UInt8.self)
      if sign == UInt8(ascii: "Z") {
        at += 1
      } else if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), end - at >= 5, let hours = digits(p, at + 1, 2)
      {
        let colon = p.load(fromByteOffset: at + 3, as: UInt8.self) == UInt8(ascii: ":") ? 1 : 0
        guard end - at >= 5 + colon, let minutes = digits(p, at + 3 + colon, 2) else { return nil }
        let offset = (hours * 60 + minutes) * 60_000_000
        time -= sign == UInt8(ascii: "-") ? -offset : offset
        at += 5 + colon
      }
    }
    i = at
    return time
  }

  /// RFC 3164: `Nov 23 18:39:18`, also with a fraction. It has no year and no zone: the year is the one that brings it
  /// nearest before `reference`, and the result is as if the local time were UTC.
  static func rfc3164(_ p: UnsafeRawPointer, _ i: inout Int, _ end: Int, reference: Int64) -> Int64? {
    guard end - i >= 15 else { return nil }
    func byte(_ at: Int) -> UInt8 { p.load(fromByteOffset: i + at, as: UInt8.self) }
    guard let month = months.firstIndex(where: { $0 == (byte(0), byte(1), byte(2)) }), byte(3) == 0x20,
      byte(6) == 0x20, byte(9) == UInt8(ascii: ":"), byte(12) == UInt8(ascii: ":"),
      let day = byte(4) == 0x20 ? digits(p, i + 5, 1) : digits(p, i + 4, 2), let hour = digits(p, i + 7, 2),
      let minute = digits(p, i + 10, 2), let second = digits(p, i + 13, 2), (1...31).contains(day), hour < 24,
      minute < 60, second < 61
    else { return nil }
    var at = i + 15
    let part = fraction(p, &at, end)
    i = at
    func time(_ year: Int64) -> Int64 {
      (((ClockReader.days(year, Int64(month + 1), day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + part
    }
    // A day ahead of the reference may be a zone's doing; more is last year's.
    let latest = reference + 86_400_000_000
    var year = 1970 + reference / 31_556_952_000_000 + 1
    while year > 1970, time(year) > latest { year -= 1 }
    return time(year)
  }

  private static func fraction(_ p: UnsafeRawPointer, _ at: inout Int, _ end: Int) -> Int64 {
    guard at < end else { return 0 }
    let point = p.load(fromByteOffset: at, as: UInt8.self)
    guard point == UInt8(ascii: ".") || point == UInt8(ascii: ",") else { return 0 }
    var result: Int64 = 0
    var unit: Int64 = 100_000
    var i = at + 1
    while i < end {
      let digit = p.load(fromByteOffset: i, as: UInt8.self) &- 0x30
      guard digit < 10 else { break }
      result += Int64(digit) * unit
      unit /= 10
      i += 1
    }
    at = i
    return result
  }

  private static func digits(_ p: UnsafeRawPointer, _ from: Int, _ count: Int) -> Int64? {
    var value: Int64 = 0
    for i in from..<from + count {
      let digit = p.load(fromByteOffset: i, as: UInt8.self) &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    return value
  }

  private static let months: [(UInt8, UInt8, UInt8)] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ].map { name in
    let bytes = Array(name.utf8)
    return (bytes[0], bytes[1], bytes[2])
  }
}

/// An instant: microseconds since 1970-01-01 00:00:00 UTC, PostgreSQL's own resolution.
public struct Timestamp: Hashable, Sendable, Comparable, Codable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }
  public init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

  public var seconds: Double { Double(microseconds) / 1e6 }
  /// Whole minutes since 1970, rounded down: the history's finest unit of time.
  public var minute: Int64 {
    microseconds >= 0 ? microseconds / 60_000_000 : -((59_999_999 - microseconds) / 60_000_000)
  }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }
  public static func - (a: Timestamp, b: Timestamp) -> Microseconds { Microseconds(a.microseconds - b.microseconds) }
  public static func + (a: Timestamp, b: Microseconds) -> Timestamp {
    Timestamp(microseconds: a.microseconds + b.value)
  }
}

extension Timestamp: CustomStringConvertible {
  /// `2026-03-09T14:05:33.123456Z`, the fraction left out when it is zero.
  public var description: String {
    // Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    func floorDivide(_ a: Int64, _ b: Int64) -> (Int64, Int64) {
      let q = a >= 0 ? a / b : -((-a + b - 1) / b)
      return (q, a - q * b)
    }
    let (days, inDay) = floorDivide(microseconds, 86_400_000_000)
    let z = days + 719_468
    let (era, dayOfEra) = floorDivide(z, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let mp = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * mp + 2) / 5 + 1
    let month = mp < 10 ? mp + 3 : mp - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func pad(_ n: Int64, _ width: Int) -> String {
      let digits = String(n)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let second = inDay / 1_000_000
    let fraction = inDay % 1_000_000
    return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) + "T" + pad(second / 3600, 2) + ":"
      + pad(second / 60 % 60, 2) + ":" + pad(second % 60, 2) + (fraction == 0 ? "" : "." + pad(fraction, 6)) + "Z"
  }
}

/// A span of time in whole microseconds: the resolution of PostgreSQL's `duration: 0.123 ms`.
public struct Microseconds: Hashable, Sendable, Comparable, Codable {
  public var value: Int64

  public init(_ value: Int64) { self.value = value }

  public static let zero = Microseconds(0)
  public var milliseconds: Double { Double(value) / 1e3 }
  public static func < (a: Microseconds, b: Microseconds) -> Bool { a.value < b.value }
  public static func + (a: Microseconds, b: Microseconds) -> Microseconds { Microseconds(a.value + b.value) }
  public static func - (a: Microseconds, b: Microseconds) -> Microseconds { Microseconds(a.value - b.value) }
  public static func += (a: inout Microseconds, b: Microseconds) { a.value += b.value }
}

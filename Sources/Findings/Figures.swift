/// Numbers in the sentences of findings: short, in the unit that suits their size, the same everywhere.
public enum Figures {
  /// A whole number with a comma between thousands: `1,234,567`.
  public static func count(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 9e15 else { return "very many" }
    let whole = Int64(value.rounded())
    let digits = String(whole.magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.utf8.count - place).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return whole < 0 ? "−" + text : text
  }

  /// Rows that are known between bounds: `1,000`, `995 – 1,005`, `≈ 1,000,000` where the bounds are close.
  public static func rows(low: Double, high: Double) -> String {
    if low == high { return count(low) }
    if high - low <= 0.02 * high { return "≈ " + count((low + high) / 2) }
    return count(low.rounded(.up)) + " – " + count(high.rounded(.down))
  }

  /// Milliseconds as `0.123 ms`, `12.3 ms`, `4.56 s`, `7.5 min`, `3.2 h`.
  public static func milliseconds(_ value: Double) -> String {
    switch abs(value) {
    case ..<0.0005: "0 ms"
    case ..<1: decimals(value, 3) + " ms"
    case ..<10: decimals(value, 2) + " ms"
    case ..<100: decimals(value, 1) + " ms"
    case ..<1_000: count(value) + " ms"
    case ..<60_000: decimals(value / 1_000, value < 10_000 ? 2 : 1) + " s"
    case ..<3_600_000: decimals(value / 60_000, 1) + " min"
    default: decimals(value / 3_600_000, 1) + " h"
    }
  }

  /// Bytes in steps of 1,024: `14.0 MB`.
  public static func bytes(_ value: Double) -> String {
    var value = value
    for unit in ["B", "kB", "MB", "GB", "TB"] {
      if abs(value) < 1_024 || unit == "TB" {
        return (unit == "B" || value >= 100 ? count(value) : decimals(value, 1)) + " " + unit
      }
      value /= 1_024
    }
    return count(value)
  }

  /// A share as `42 %`, or `0.4 %` where it is small; nearly all is never shown as all.
  public static func share(_ value: Double) -> String {
    let percent = value * 100
    if percent > 99, percent < 100 { return decimals(min(percent, 99.9), 1) + " %" }
    return (abs(percent) < 10 && percent != percent.rounded() ? decimals(percent, 1) : count(percent)) + " %"
  }

  /// How many times: `3.4×`, `1,200×`.
  public static func factor(_ value: Double) -> String {
    (abs(value) < 10 ? decimals(value, 1) : count(value)) + "×"
  }

  /// `value` with exactly `places` digits behind the point.
  public static func decimals(_ value: Double, _ places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (value * scale).rounded()
    guard abs(scaled) < 9e15, places > 0 else { return count(value) }
    let whole = Int64(abs(scaled)) / Int64(scale)
    let fraction = String(Int64(abs(scaled)) % Int64(scale))
    return (scaled < 0 ? "−" : "") + count(Double(whole)) + "."
      + String(repeating: "0", count: places - fraction.utf8.count) + fraction
  }
}

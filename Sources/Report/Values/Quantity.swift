/// A number with its unit, as people read it: three significant digits in the unit that suits its size.
///
/// Values are held in base units and scaled only here, at output. Machine-readable output does not use this type.
public struct Quantity: Hashable, Sendable {
  public enum Unit: Hashable, Sendable {
    /// A duration in milliseconds, shown in ms, s, min, h or d.
    case milliseconds
    /// Bytes in PostgreSQL's own steps of 1,024 (`pg_size_pretty`): B, kB, MB, GB, TB, PB.
    case bytes
    /// Things counted: calls, rows, blocks, statements.
    case count
    /// A share, 1 being the whole, shown in per cent.
    case fraction
    /// A relative change, 0 being none, shown in per cent with its sign, above ninefold as a factor.
    case change
    /// How many times: 3.4 is `3.4×`.
    case factor
    /// The planner's cost unit (one sequential page read at the default settings).
    case cost
    /// A rate of things counted in one second.
    case perSecond
    /// Bytes in one second.
    case bytesPerSecond
    /// A plain number.
    case number
  }

  /// How sure the number is.
  public enum Certainty: Hashable, Sendable {
    case exact
    /// An estimate; with its range where one is known.
    case estimate(range: ClosedRange<Double>?)
    /// Known to be at least this much: something was lost on the way.
    case lowerBound
    /// Known to be at most this much.
    case upperBound
  }

  public var value: Double
  public var unit: Unit
  public var certainty: Certainty

  public init(_ value: Double, _ unit: Unit, certainty: Certainty = .exact) {
    self.value = value
    self.unit = unit
    self.certainty = certainty
  }

  public static func milliseconds(_ value: Double) -> Quantity { Quantity(value, .milliseconds) }
  public static func bytes(_ value: some BinaryInteger) -> Quantity { Quantity(Double(value), .bytes) }
  public static func count(_ value: some BinaryInteger) -> Quantity { Quantity(Double(value), .count) }
  public static func fraction(_ value: Double) -> Quantity { Quantity(value, .fraction) }
  public static func change(_ value: Double) -> Quantity { Quantity(value, .change) }
  public static func factor(_ value: Double) -> Quantity { Quantity(value, .factor) }
  public static func cost(_ value: Double) -> Quantity { Quantity(value, .cost) }
  public static func perSecond(_ value: Double) -> Quantity { Quantity(value, .perSecond) }
  public static func bytesPerSecond(_ value: Double) -> Quantity { Quantity(value, .bytesPerSecond) }
  public static func number(_ value: Double) -> Quantity { Quantity(value, .number) }

  /// The same number, marked as an estimate.
  public func estimated(range: ClosedRange<Double>? = nil) -> Quantity {
    Quantity(value, unit, certainty: .estimate(range: range))
  }

  /// The same number, marked as the least that it can be.
  public func atLeast() -> Quantity { Quantity(value, unit, certainty: .lowerBound) }
  /// The same number, marked as the most that it can be.
  public func atMost() -> Quantity { Quantity(value, unit, certainty: .upperBound) }
}

extension Quantity: CustomStringConvertible {
  /// `12.3 ms`, `≈ 1.4 GB (1.2–1.7 GB)`, `≥ 1,024`, `−8.3 %`.
  public var description: String {
    let number = Self.text(value, unit)
    switch certainty {
    case .exact: return number
    case .estimate(let range):
      guard let range else { return "≈ " + number }
      return "≈ " + number + " (" + Self.text(range.lowerBound, unit) + " – " + Self.text(range.upperBound, unit) + ")"
    case .lowerBound: return "≥ " + number
    case .upperBound: return "≤ " + number
    }
  }

  private static func text(_ value: Double, _ unit: Unit) -> String {
    guard value.isFinite else { return "–" }
    switch unit {
    case .milliseconds: return duration(value)
    case .bytes: return bytes(value)
    case .count: return large(value, wholeBelow: 10_000_000)
    case .fraction: return share(value)
    case .change: return relativeChange(value)
    case .factor: return significant(value) + "×"
    case .cost: return abs(value) < 100 ? fixed(value, 2) : large(value, wholeBelow: 10_000_000)
    case .perSecond: return significant(value) + "/s"
    case .bytesPerSecond: return bytes(value) + "/s"
    case .number: return significant(value)
    }
  }

  private static func scaled(_ value: Double, _ steps: [(size: Double, limit: Double, name: String)]) -> String {
    // The unit is chosen after rounding, so that 999.96 ms reads 1 s and not 1,000 ms.
    for (size, limit, name) in steps {
      let rounded = roundedToThreeDigits(value / size)
      if abs(rounded) < limit { return significant(rounded) + " " + name }
    }
    guard let last = steps.last else { return significant(value) }
    return significant(value / last.size) + " " + last.name
  }

  private static func duration(_ ms: Double) -> String {
    if ms == 0 { return "0 ms" }
    if abs(ms) < 0.0005 { return "<0.001 ms" }
    if abs(ms) < 1 { return fixed(ms, 3) + " ms" }
    return scaled(
      ms,
      [
        (1, 1_000, "ms"), (1_000, 60, "s"), (60_000, 60, "min"), (3_600_000, 1_000, "h"), (86_400_000, .infinity, "d"),
      ])
  }

  private static func bytes(_ bytes: Double) -> String {
    scaled(
      bytes,
      [
        (1, 1_024, "B"), (1_024, 1_024, "kB"), (1_048_576, 1_024, "MB"), (1_073_741_824, 1_024, "GB"),
        (1_099_511_627_776, 1_024, "TB"), (1_125_899_906_842_624, .infinity, "PB"),
      ])
  }

  private static func large(_ value: Double, wholeBelow limit: Double) -> String {
    if abs(value) < limit { return value == value.rounded() || abs(value) >= 100 ? grouped(value) : significant(value) }
    return scaled(value, [(1e6, 1_000, "M"), (1e9, 1_000, "G"), (1e12, .infinity, "T")])
  }

  private static func share(_ fraction: Double) -> String {
    let percent = fraction * 100
    if percent == 0 { return "0 %" }
    if abs(percent) < 0.05 { return "<0.1 %" }
    // A share of nearly all is not all.
    if percent < 100, percent > 99.9 { return ">99.9 %" }
    return (abs(percent) < 99.95 ? fixed(percent, 1) : grouped(percent)) + " %"
  }

  private static func relativeChange(_ change: Double) -> String {
    if change >= 9 { return "×" + significant(change + 1) }
    let percent = change * 100
    let digits = fixed(abs(percent), abs(percent) < 9.95 ? 1 : 0)
    if digits == "0.0" { return "±0 %" }
    return (percent < 0 ? "−" : "+") + digits + " %"
  }

  // MARK: Digits

  /// `value` with three significant digits, thousands grouped, no exponent and no trailing zeros after a whole number.
  static func significant(_ value: Double) -> String {
    let rounded = roundedToThreeDigits(value)
    let size = abs(rounded)
    if size >= 100 || rounded == 0 { return grouped(rounded) }
    if size == size.rounded() && value == rounded { return grouped(rounded) }
    if size >= 10 { return fixed(rounded, 1) }
    if size >= 1 { return fixed(rounded, 2) }
    return fixed(rounded, size >= 0.1 ? 3 : 4)
  }

  private static func roundedToThreeDigits(_ value: Double) -> Double {
    let size = abs(value)
    if size >= 100 || size == 0 { return value.rounded() }
    let scale: Double = size >= 10 ? 10 : size >= 1 ? 100 : 1_000
    return size >= 0.1 ? (value * scale).rounded() / scale : value
  }

  /// A whole number with a comma between thousands.
  static func grouped(_ value: Double) -> String {
    let rounded = value.rounded()
    guard abs(rounded) < 9e18 else { return "\(value)" }
    let digits = String(Int64(rounded).magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.utf8.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return rounded < 0 ? "−" + text : text
  }

  /// `value` with exactly `decimals` (at most 6) digits after the point.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * Double(scale)).rounded()
    guard abs(scaled) < 9e18 else { return "\(value)" }
    let whole = Int64(scaled).magnitude
    let fraction = String(whole % UInt64(scale))
    let text = grouped(Double(whole / UInt64(scale)))
    let sign = scaled < 0 ? "−" : ""
    guard decimals > 0 else { return sign + text }
    return sign + text + "." + String(repeating: "0", count: decimals - fraction.utf8.count) + fraction
  }
}

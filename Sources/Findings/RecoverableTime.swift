/// The database time that acting on a finding gives back, in milliseconds for each day of the recorded load, or, where
/// only one execution is known, for each execution.
public struct RecoverableTime: Hashable, Sendable, Codable {
  public enum Basis: String, Hashable, Sendable, Codable { case day, execution }

  public var basis: Basis
  /// Milliseconds.
  public var low: Double
  public var estimate: Double
  public var high: Double

  /// `low ≤ estimate ≤ high`, none of them negative; values out of order are brought into it.
  public init(_ estimate: Double, low: Double? = nil, high: Double? = nil, per basis: Basis) {
    let estimate = max(0, estimate.isFinite ? estimate : 0)
    self.basis = basis
    self.estimate = estimate
    self.low = min(estimate, max(0, low ?? estimate))
    self.high = max(estimate, high ?? estimate)
  }

  /// The same time per day when the statement runs `executionsPerDay` times a day.
  public func perDay(executionsPerDay rate: Double) -> RecoverableTime {
    guard basis == .execution else { return self }
    return RecoverableTime(estimate * rate, low: low * rate, high: high * rate, per: .day)
  }

  private enum CodingKeys: String, CodingKey {
    case basis = "per"
    case low = "low_ms"
    case estimate = "estimate_ms"
    case high = "high_ms"
  }
}

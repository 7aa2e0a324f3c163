/// How a finding's claim is known.
public struct Confidence: Hashable, Sendable, Codable {
  public enum Level: String, Hashable, Sendable, Codable, CaseIterable {
    /// Counted or timed by the server.
    case measured
    /// Computed from measured quantities by a stated model.
    case estimated
    /// A likely reading of incomplete data.
    case guess
  }

  public var level: Level
  /// Why it is not better known, or what it was measured by. One sentence.
  public var reason: String

  public init(_ level: Level, _ reason: String) {
    self.level = level
    self.reason = reason
  }

  public static func measured(_ reason: String) -> Confidence { Confidence(.measured, reason) }
  public static func estimated(_ reason: String) -> Confidence { Confidence(.estimated, reason) }
  public static func guess(_ reason: String) -> Confidence { Confidence(.guess, reason) }
}

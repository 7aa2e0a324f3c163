/// Where the planner has the statistics of an index's expression from that production has not analyzed.
public struct KeyStatistics: Hashable, Sendable {
  public enum Origin: String, Hashable, Sendable {
    /// The expression was run on what the statistics of its columns name.
    case derived
    /// As `derived`, but the number of different values is a guess.
    case guessed
    /// There are none: the planner takes its default.
    case unknown
  }

  /// As SQL.
  public var expression: String
  public var origin: Origin
  /// Those that the statistics come from.
  public var columns: [String] = []
  /// Different values that are planned with; nil where none are reckoned with.
  public var distinct: Double?
  /// The fewest and the most that there may be, where their number is a guess.
  public var range: ClosedRange<Double>?
  /// Number of the index's column.
  var number = 0

  /// Whether plans with the index rest on a guess.
  public var isGuess: Bool { origin != .derived }

  /// A sentence without a full stop.
  var note: String {
    switch origin {
    case .unknown: return "nothing is known of \(expression) before it is built and analyzed: the planner guesses"
    case .derived, .guessed:
      var note = "the statistics of \(expression) are derived from those of \(columns.joined(separator: ", "))"
      guard origin == .guessed else { return note }
      note += ", the number of its values is a rough guess"
      if let distinct, let range {
        note +=
          " (\(Self.figure(distinct)); there may be \(Self.figure(range.lowerBound)) to \(Self.figure(range.upperBound)))"
      }
      return note
    }
  }

  private static func figure(_ value: Double) -> String { value < 9e15 ? String(Int64(value.rounded())) : "\(value)" }
}

/// What to do about a finding.
public struct Remedy: Hashable, Sendable, Codable {
  /// One or two sentences, never with values of the user's data.
  public var sentence: String
  /// Statements that do it, each complete with its semicolon; empty where no statement can.
  public var sql: [String]
  /// Statements that undo it; empty where `sql` is, or where nothing needs to be undone.
  public var rollback: [String]
  /// What may go wrong, and what it costs; empty where nothing is at risk.
  public var risk: String
  /// Whether `sql` or `rollback` shows data of the user's tables or parameters (the predicate of a partial index).
  public var showsValues: Bool

  public init(
    _ sentence: String, sql: [String] = [], rollback: [String] = [], risk: String = "", showsValues: Bool = false
  ) {
    self.sentence = sentence
    self.sql = sql
    self.rollback = rollback
    self.risk = risk
    self.showsValues = showsValues
  }

  private enum CodingKeys: String, CodingKey {
    case sentence, sql
    case rollback = "rollback_sql"
    case risk
    case showsValues = "shows_values"
  }
}

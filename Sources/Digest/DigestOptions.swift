/// What a report is to say, and how much of it.
public struct DigestOptions: Sendable {
  public var title = "PostgreSQL workload report"
  /// What the report is about; empty for the names of the databases.
  public var subject = ""
  /// The program and its version.
  public var generator: String
  /// The latency that 95 % of the calls must stay below, in milliseconds.
  public var targetMs = 100.0
  /// Queries with a card of their own.
  public var queryLimit = 25
  /// Rows of the other lists.
  public var listLimit = 20
  /// Whether parts that may show literals of the users' data are kept.
  public var showsValues = false

  public init(generator: String) { self.generator = generator }
}

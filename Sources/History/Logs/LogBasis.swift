import GRDB
public import Model

/// What a reader of a log knew of the other logs when it decided which of its entries count: those that a log in another
/// format holds too count there. Another process may have taken such a log further since.
public struct LogBasis: Sendable {
  /// `SourceProgress.consumed` of all sources, by identity.
  public var consumed: [String: Int64]
  /// The identities of sources that hold other entries, whatever their times.
  public var strangers: Set<String>
  /// First and last entry that counts since then; nil where none does.
  public var counted: ClosedRange<Timestamp>?

  public init(consumed: [String: Int64], strangers: Set<String>) {
    self.consumed = consumed
    self.strangers = strangers
  }

  /// Microseconds by which entries of one moment may differ: `%t` says the second only.
  private static let slack: Int64 = 1_000_000

  /// Whether a log in another format than `own` has come in or grown into the time that is to be counted.
  func isContested(_ own: SourceProgress, _ db: Database) throws -> Bool {
    guard let counted else { return false }
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT identity, consumed, format FROM source
        WHERE identity LIKE 'log:%' AND identity <> ? AND last_at >= ? AND first_at <= ?
        """,
      arguments: [
        own.identity, counted.lowerBound.microseconds - LogBasis.slack,
        counted.upperBound.microseconds + LogBasis.slack,
      ])
    while let row = try rows.next() {
      let identity: String = row[0]
      if consumed[identity] == row[1] as Int64 || strangers.contains(identity) { continue }
      if LogBasis.kind(row[2]) != LogBasis.kind(own.format) { return true }
    }
    return false
  }

  /// A format without its prefix.
  private static func kind(_ format: String) -> Substring { format.prefix { $0 != " " } }
}

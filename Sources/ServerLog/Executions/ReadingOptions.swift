internal import Bytes
public import Model

/// How a log is to be read, beyond its format.
public struct ReadingOptions: Sendable {
  /// What becomes of the values in samples.
  public enum Parameters: String, Sendable, CaseIterable {
    /// Kept as logged.
    case keep
    /// Replaced by a hash, salted by the history: equal values stay equal, so skew can still be told.
    case hash
    /// Left out.
    case drop
  }

  public var parameters = Parameters.keep
  /// Of the history, for hashes.
  public var salt: [UInt8] = []
  /// Which executions the server logs.
  public var sampling = Sampling()
  /// The statement that a history knows a query id by, for durations that are logged without a text.
  public var statementOfQueryID: @Sendable (_ database: String, QueryID) -> StatementText? = { _, _ in nil }
  /// The lines of a session (`start << 32 | pid`) that a history has counted.
  public var countedLines: @Sendable (_ format: String, _ session: UInt64) -> [LineRange] = { _, _ in [] }
  /// Stretches of time that another source of the same server has already.
  public var excluded: [ClosedRange<Timestamp>] = []
  /// Zone abbreviations as seconds east of UTC, where the log does not prove them.
  public var zones: [String: Int64] = [:]
  /// The language of the server's messages, as `LogSniffer.language` tells it.
  public var language = "en"
  /// Bytes of a statement kept as a sample at most.
  static let sampleLimit = 1 << 18

  public init() {}

  @inline(__always)
  func excludes(_ time: Int64) -> Bool {
    excluded.contains { $0.lowerBound.microseconds <= time && time <= $0.upperBound.microseconds }
  }
}

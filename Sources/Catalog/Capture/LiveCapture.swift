/// A snapshot taken over a connection: one read-only transaction, one snapshot of the data, short timeouts.
public struct LiveCapture: Sendable {
  /// What to take.
  public struct Options: Sendable {
    /// Whether values inside planner statistics (common values, histograms, extremes) are taken.
    public var keepsValues: Bool
    public var withStatistics: Bool
    public var scope: Scope
    /// For one section.
    public var statementTimeout: Duration
    public var lockTimeout: Duration
    /// For one look at an index's end, whole milliseconds: many dead entries there are no reason to wait.
    public var probeTimeout: Duration

    public init(
      keepsValues: Bool = true, withStatistics: Bool = true, scope: Scope = .everything,
      statementTimeout: Duration = .seconds(60), lockTimeout: Duration = .seconds(2),
      probeTimeout: Duration = LiveCapture.usualProbeTimeout
    ) {
      self.keepsValues = keepsValues
      self.withStatistics = withStatistics
      self.scope = scope
      self.statementTimeout = statementTimeout
      self.lockTimeout = lockTimeout
      self.probeTimeout = probeTimeout
    }
  }

  public enum Scope: String, Sendable {
    /// Schema, statistics, sizes, settings and counters.
    case everything
    /// The statements' counters, and what they are compared by: a round of a service.
    case statements
  }

  /// An entry of pg_stat_statements.
  public struct Entry: Hashable, Sendable {
    public var databaseID: UInt32
    public var userID: UInt32
    public var queryID: Int64
    public var isTopLevel: Bool

    public init(databaseID: UInt32, userID: UInt32, queryID: Int64, isTopLevel: Bool) {
      self.databaseID = databaseID
      self.userID = userID
      self.queryID = queryID
      self.isTopLevel = isTopLevel
    }
  }

  /// What came of a capture.
  public struct Outcome: Sendable, Equatable {
    /// Rows by section, in the order in which they were taken; nil for a section that failed.
    public var sections: [SectionOutcome]
    public var bytes: Int

    public struct SectionOutcome: Sendable, Equatable {
      public var name: String
      public var rows: Int?
      /// Those of the rows that were taken from an earlier capture, since they cannot have changed.
      public var reusedRows = 0
      /// Why it failed, or how many of its probes did.
      public var fault: String?
    }
  }

  public static let usualProbeTimeout = Duration.milliseconds(250)

  let options: Options
  let known: @Sendable (SnapshotHeader) throws -> Set<Entry>
  let base: @Sendable (SnapshotHeader) throws -> [UInt8]?

  /// - Parameters:
  ///   - known: the entries of a server whose texts need not be fetched, since whoever asks has them.
  ///   - base: the lines of the last capture of the server's database, if any. What the server tells to be unchanged
  ///     since is taken from there; the result is the same as without.
  public init(
    _ options: Options = Options(), known: @escaping @Sendable (SnapshotHeader) throws -> Set<Entry> = { _ in [] },
    base: @escaping @Sendable (SnapshotHeader) throws -> [UInt8]? = { _ in nil }
  ) {
    self.options = options
    self.known = known
    self.base = base
  }
}

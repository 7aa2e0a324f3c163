public import Model

/// What tells the entries of one server's pg_stat_statements apart.
public struct StatementKey: Hashable, Sendable, Comparable {
  /// `dbid` and `userid`. Sources that print names only get numbers from 2^31 on that stand for the names.
  public var databaseID: UInt32
  public var userID: UInt32
  public var queryID: QueryID
  /// False for a statement inside a function (extension 1.9, `pg_stat_statements.track = all`).
  public var isTopLevel: Bool

  public init(databaseID: UInt32, userID: UInt32, queryID: QueryID, isTopLevel: Bool = true) {
    self.databaseID = databaseID
    self.userID = userID
    self.queryID = queryID
    self.isTopLevel = isTopLevel
  }

  public static func < (a: StatementKey, b: StatementKey) -> Bool {
    (a.databaseID, a.userID, a.queryID.value, a.isTopLevel ? 1 : 0)
      < (b.databaseID, b.userID, b.queryID.value, b.isTopLevel ? 1 : 0)
  }
}

/// The shortest and the longest duration of an entry's life so far, in nanoseconds.
public struct DurationExtremes: Hashable, Sendable {
  public var shortest: Int64
  public var longest: Int64

  public init(shortest: Int64 = 0, longest: Int64 = 0) {
    self.shortest = shortest
    self.longest = longest
  }
}

/// One row of pg_stat_statements, whatever the extension's version.
public struct StatementRow: Hashable, Sendable {
  public var key: StatementKey
  /// The text as the server keeps it; nil where it was not fetched, is hidden from the role, or was lost.
  public var query: String?
  public var counters: StatementCounters
  public var exec: DurationExtremes
  public var plan: DurationExtremes
  /// When the entry began (extension 1.11 and later): counters of two rows with the same instant belong to one life.
  public var since: Timestamp?
  /// When the extremes began; later than `since` after a reset of minima and maxima only.
  public var extremesSince: Timestamp?

  public init(
    key: StatementKey, query: String? = nil, counters: StatementCounters, exec: DurationExtremes = .init(),
    plan: DurationExtremes = .init(), since: Timestamp? = nil, extremesSince: Timestamp? = nil
  ) {
    self.key = key
    self.query = query
    self.counters = counters
    self.exec = exec
    self.plan = plan
    self.since = since
    self.extremesSince = extremesSince
  }
}

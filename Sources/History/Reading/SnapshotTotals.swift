import GRDB
public import Model
public import Statements

/// What pg_stat_statements says of a statement in a window, all its entries taken together.
public struct SnapshotTotals: Sendable, Hashable {
  public var counters = StatementCounters()
  /// The counters that every snapshot had: the others are zero and tell nothing (`value`).
  public var known = CounterSet(StatementCounter.allCases)
  /// False where executions may be missing: the truth is these numbers or more.
  public var isExact = true
  public var hasReliableSquares = true
  /// Shortest and longest duration in the window in nanoseconds, where they can be known.
  public var shortest: Int64?
  public var longest: Int64?
  public var queryIDs: Set<QueryID> = []

  public init() {}

  public var moments: DurationMoments? {
    DurationMoments(
      count: counters[.calls], total: counters[.execTime], squares: counters.execSquares,
      isReliable: hasReliableSquares && isExact)
  }

  /// What a counter tells of the window; nil where nobody counted it: the extension's version or the export has no such
  /// column, or planning or the times of blocks are not tracked (`pg_stat_statements.track_planning`,
  /// `track_io_timing`), which shows as plans or blocks that took no time at all.
  public func value(_ counter: StatementCounter) -> Int64? {
    guard known.contains(counter) else { return nil }
    let isTracked =
      switch counter {
      case .plans, .planTime: counters[.plans] > 0
      case .sharedReadTime: counters[.sharedReadTime] > 0 || counters[.sharedRead] == 0
      case .sharedWriteTime: counters[.sharedWriteTime] > 0 || counters[.sharedWritten] == 0
      default: true
      }
    return isTracked ? counters[counter] : nil
  }

  /// The sum of those of these counters that are told; nil where none is.
  public func sum(_ list: [StatementCounter]) -> Int64? {
    let told = list.compactMap { value($0) }
    return told.isEmpty ? nil : told.reduce(0, +)
  }

  fileprivate mutating func add(_ delta: StatementDelta, _ known: CounterSet, _ queryID: QueryID, isFirst: Bool) {
    counters += delta.counters
    self.known = self.known.intersection(known)
    isExact = isExact && delta.isExact
    hasReliableSquares = hasReliableSquares && delta.hasReliableSquares
    // Of several entries all must be known.
    let (low, high) = (delta.shortest.known, delta.longest.known)
    shortest = isFirst ? low : low.flatMap { a in shortest.map { min(a, $0) } }
    longest = isFirst ? high : high.flatMap { a in longest.map { max(a, $0) } }
    queryIDs.insert(queryID)
  }
}

/// An entry of pg_stat_statements as the history knows it.
struct StatementEntry {
  var id: Int64
  var key: StatementKey
  var statement: Int64?
  var database: String
  var user: String
}

/// Reads what lies between snapshots.
struct SnapshotReader {
  let db: Database

  struct Result {
    /// By the statement's id; entries whose text nobody knows under the negative of their entry's id.
    var totals: [Int64: SnapshotTotals] = [:]
    /// The same of statements that functions and procedures ran, whose time is part of their callers'.
    var nested: [Int64: SnapshotTotals] = [:]
    /// What the numbers cover, by server.
    var intervals: [ServerIdentity: StatementsInterval] = [:]
    var coverage: [ServerIdentity: StatementsCoverage] = [:]
    /// Whether an hour or a day that crosses the window's edge has no finer parts any more.
    var crossesEdges = false
  }

  func totals(_ window: TimeWindow, _ filter: WorkloadFilter) throws -> Result {
    var result = Result()
    guard filter.fitsSnapshots else { return result }
    for server in try servers() {
      guard let (interval, items) = try sum(window, server: server.id, &result.crossesEdges) else { continue }
      result.intervals[server.identity] = interval
      let entries = try entries(server: server.id)
      var explained: Int64 = 0
      for item in items {
        guard let entry = entries[item.entry] else { continue }
        if entry.key.isTopLevel { explained += item.delta.counters[.execTime] }
        guard
          filter.accepts(WorkloadDimensions(database: entry.database, user: entry.user))
        else { continue }
        let id = entry.statement ?? -entry.id
        func add(to totals: inout [Int64: SnapshotTotals]) {
          let isFirst = totals[id] == nil
          totals[id, default: SnapshotTotals()].add(item.delta, interval.known, entry.key.queryID, isFirst: isFirst)
        }
        if entry.key.isTopLevel { add(to: &result.totals) } else { add(to: &result.nested) }
      }
      result.coverage[server.identity] = try coverage(
        explained, isExact: !interval.mayHideEntries && items.allSatisfy(\.delta.isExact), interval, server: server.id)
    }
    return result
  }

  func servers() throws -> [(id: Int64, identity: ServerIdentity)] {
    try Row.fetchAll(db, sql: "SELECT id, system_identifier, node FROM server ORDER BY system_identifier, node")
      .map { ($0[0], ServerIdentity(systemIdentifier: $0[1], node: $0[2])) }
  }

  /// The sum of all intervals that lie in the window, read from days where they do, else from hours, else one by one.
  ///
  /// Where only hours or days are left, one that begins in the window counts whole, as with logs (`TimeWindow.parts`);
  /// its first interval may have begun before it.
  /// - Parameter crosses: set where an hour or a day crosses the window's edge and has no finer parts any more, whether
  ///   it counts or not.
  func sum(
    _ window: TimeWindow, server: Int64, _ crosses: inout Bool
  ) throws -> (StatementsInterval, [DeltaBlock.Item])? {
    let kept = try LogReader(db: db).keptLevels()
    var total: StatementsInterval?
    var sum = DeltaSum()
    var isCrossed = false
    defer { if isCrossed { crosses = true } }
    func take(_ low: Int64, _ high: Int64, _ level: IntervalLevel) throws {
      guard low < high else { return }
      let rows = try Row.fetchCursor(
        db.cachedStatement(
          sql: """
            SELECT bucket, from_at, to_at, interruptions, known, active_ns, covered_us, block FROM statements_interval
            WHERE server_id = ? AND level = ? AND bucket >= ? AND bucket < ? AND chosen ORDER BY bucket
            """), arguments: [server, level.rawValue, low, high])
      // A statement can be walked through by one cursor at a time: finer parts are read after this level's rows.
      var finer: [(afterRow: Int, bucket: Int64)] = []
      var read: [(interval: StatementsInterval, row: Row)] = []
      while let row = try rows.next() {
        let interval = try IntervalTables.interval(row)
        let bucket: Int64 = row["bucket"]
        let isInside =
          (window.from.map { interval.from >= $0 } ?? true) && (window.to.map { interval.to <= $0 } ?? true)
        if !isInside, level != .single, isFinest(level, bucket, kept),
          window.from.map({ interval.to > $0 }) ?? true, window.to.map({ interval.from < $0 }) ?? true
        {
          isCrossed = true
        }
        if isInside || level != .single && countsWhole(interval, level, bucket, window, kept) {
          read.append((interval, row.copy()))
        } else if level != .single {
          // A bucket that crosses the window's edge is read in finer parts.
          finer.append((read.count, bucket))
        }
      }
      var position = 0
      func add(until end: Int) throws {
        for (interval, row) in read[position..<end] {
          total = total?.joined(interval) ?? interval
          try IntervalTables.add(row, to: &sum)
        }
        position = end
      }
      for (afterRow, bucket) in finer {
        try add(until: afterRow)
        let range = level.range(bucket)
        if level == .day {
          try take(bucket * 24, bucket * 24 + 24, .hour)
        } else {
          try take(range.lowerBound + 1, range.upperBound + 1, .single)
        }
      }
      try add(until: read.count)
    }
    let low = window.from.map { IntervalLevel.day.bucket($0) } ?? .min
    let high = window.to.map { IntervalLevel.day.bucket($0) + 1 } ?? .max
    try take(low, high, .day)
    return total.map { ($0, sum.items) }
  }

  /// Whether an hour or a day that crosses the window's edge has no finer parts any more and begins in the window. One
  /// that holds an interval longer than itself says too little of when.
  private func countsWhole(
    _ interval: StatementsInterval, _ level: IntervalLevel, _ bucket: Int64, _ window: TimeWindow, _ kept: KeptLevels
  ) -> Bool {
    let begin = Timestamp(microseconds: level.range(bucket).lowerBound)
    guard isFinest(level, bucket, kept) else { return false }
    return (window.from.map { begin >= $0 } ?? true) && (window.to.map { begin < $0 } ?? true)
      && interval.from.microseconds >= begin.microseconds - level.width
  }

  /// Whether nothing finer is kept of the time of an hour or a day.
  private func isFinest(_ level: IntervalLevel, _ bucket: Int64, _ kept: KeptLevels) -> Bool {
    let finest = kept.level(ofMinute: Timestamp(microseconds: level.range(bucket).lowerBound).minute)
    return finest == .day || finest == .hour && level == .hour
  }

  func entries(server: Int64) throws -> [Int64: StatementEntry] {
    var names: [String: [UInt32: String]] = [:]
    for row in try Row.fetchAll(
      db, sql: "SELECT kind, oid, name FROM server_name WHERE server_id = ?", arguments: [server])
    {
      names[row[0], default: [:]][row[1]] = row[2]
    }
    // A text that only the log brought is found by the query id.
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT e.id, query_id, database_id, user_id, toplevel, e.statement_id FROM statement_entry e
        WHERE e.server_id = ?
        """, arguments: [server])
    var entries: [Int64: StatementEntry] = [:]
    while let row = try rows.next() {
      let key = StatementKey(
        databaseID: row[2], userID: row[3], queryID: QueryID(row[1]), isTopLevel: row[4])
      let database = names["database"]?[key.databaseID] ?? (key.databaseID == 0 ? "" : "database \(key.databaseID)")
      let user = names["role"]?[key.userID] ?? (key.userID == 0 ? "" : "role \(key.userID)")
      entries[row[0]] = StatementEntry(id: row[0], key: key, statement: row[5], database: database, user: user)
    }
    let edges = try Row.fetchCursor(db, sql: "SELECT query_id, database, min(statement_id) FROM query_id GROUP BY 1, 2")
    var byQuery: [Int64: [String: Int64]] = [:]
    while let row = try edges.next() { byQuery[row[0], default: [:]][row[1]] = row[2] }
    for (id, entry) in entries where entry.statement == nil {
      entries[id]?.statement = byQuery[entry.key.queryID.value]?[entry.database]
    }
    return entries
  }
}

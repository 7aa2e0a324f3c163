import GRDB
public import Model
public import Sketch

/// What server logs say of a statement in a window.
public struct LogTotals: Sendable, Hashable {
  /// Executions with a known duration.
  public var calls: Int64 = 0
  public var errors: Int64 = 0
  /// Executions that were logged without a duration.
  public var untimed: Int64 = 0
  public var total = Microseconds.zero
  public var longest = Microseconds.zero
  public var parse = Microseconds.zero
  public var bind = Microseconds.zero
  public var sketch = LatencySketch()
  /// What each logged execution stands for, at most: 1 where all were logged, 100 where one in a hundred was.
  public var weight: Int64 = 1

  public init() {}

  /// Executions that are in the log.
  public var logged: Int64 { calls / max(1, weight) }

  mutating func isWeighed(_ weight: Int64) { self.weight = max(self.weight, weight) }

  mutating func add(_ row: Row) throws {
    calls += row["calls"]
    errors += row["errors"]
    untimed += row["untimed"]
    total.value += row["total_us"]
    longest.value = max(longest.value, row["longest_us"])
    parse.value += row["parse_us"]
    bind.value += row["bind_us"]
    try row.withUnsafeData(named: "sketch") { data in
      if let data { try sketch.merge(decoding: data) }
    }
  }

  mutating func add(_ other: LogTotals) {
    calls += other.calls
    errors += other.errors
    untimed += other.untimed
    total += other.total
    longest = max(longest, other.longest)
    parse += other.parse
    bind += other.bind
    weight = max(weight, other.weight)
    sketch.merge(other.sketch)
  }
}

/// Reads the counts of logs.
struct LogReader {
  let db: Database

  /// The totals of each statement, by the statement's id.
  /// - Parameter statement: only this one.
  func totals(_ window: TimeWindow, _ filter: WorkloadFilter, statement: Int64? = nil) throws -> [Int64: LogTotals] {
    var threshold = LogThreshold()
    return try totals(window, filter, statement: statement, &threshold)
  }

  /// - Parameter threshold: learns from every row that is read.
  func totals(
    _ window: TimeWindow, _ filter: WorkloadFilter, statement: Int64? = nil, _ threshold: inout LogThreshold
  ) throws -> [Int64: LogTotals] {
    let weights = try weights()
    let dimensions = try filter.limitsDimensions ? dimensionIDs(filter) : nil
    if let dimensions, dimensions.isEmpty { return [:] }
    var result: [Int64: LogTotals] = [:]
    for part in try window.parts(keeping: keptLevels()) {
      // The key begins with the statement, so each one's stretch of time is sought rather than all time scanned.
      var sql = """
        SELECT c.* FROM statement s CROSS JOIN \(part.level.table) c
          ON c.statement_id = s.id AND c.bucket >= ? AND c.bucket < ?
        """
      var conditions: [String] = []
      if let statement { conditions.append("s.id = \(statement)") }
      if let dimensions {
        conditions.append("c.dimensions_id IN (\(dimensions.map(String.init).joined(separator: ",")))")
      }
      if !conditions.isEmpty { sql += " WHERE " + conditions.joined(separator: " AND ") }
      let rows = try Row.fetchCursor(db, sql: sql, arguments: [part.buckets.lowerBound, part.buckets.upperBound])
      while let row = try rows.next() {
        let id: Int64 = row["statement_id"]
        try result[id, default: LogTotals()].add(row)
        if !weights.isEmpty, let weight = weights[row["source_id"]] { result[id]?.isWeighed(weight) }
        try threshold.add(row, part.level)
      }
    }
    return result
  }

  /// Sources that are samples, and what each of their executions stands for.
  private func weights() throws -> [Int64: Int64] {
    var weights: [Int64: Int64] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT id, weight FROM source WHERE weight > 1") { weights[row[0]] = row[1] }
    return weights
  }

  func keptLevels() throws -> KeptLevels {
    var kept = KeptLevels()
    for row in try Row.fetchAll(db, sql: "SELECT level, from_minute FROM retention") {
      switch CellLevel(rawValue: row[0]) {
      case .minute: kept.minutesFrom = row[1]
      case .hour: kept.hoursFrom = row[1]
      case .day, nil: break
      }
    }
    return kept
  }

  func dimensionIDs(_ filter: WorkloadFilter) throws -> [Int64] {
    try Row.fetchAll(db, sql: "SELECT id, database, user, application, tags FROM dimensions ORDER BY id")
      .filter {
        filter.accepts(WorkloadDimensions(database: $0[1], user: $0[2], application: $0[3], tags: $0[4]))
      }
      .map { $0[0] }
  }

  /// The first and the last minute that anything was counted in, as instants; nil when nothing was.
  func span() throws -> (from: Timestamp, to: Timestamp)? {
    // The key begins with the statement: the ends of each one are two seeks.
    var low: Int64?
    var high: Int64?
    let ends = try Row.fetchCursor(
      db,
      sql: """
        SELECT (SELECT min(bucket) FROM cell_minute WHERE statement_id = s.id),
          (SELECT max(bucket) FROM cell_minute WHERE statement_id = s.id),
          (SELECT min(bucket) FROM cell_day WHERE statement_id = s.id) FROM statement s
        """)
    while let row = try ends.next() {
      if let first = row[0] as Int64? { low = min(low ?? first, first) }
      if let last = row[1] as Int64? { high = max(high ?? last, last + 1) }
      // Where minutes have been rolled up, only their day is known.
      if let day = row[2] as Int64?, row[0] == nil || day < CellLevel.day.bucket(ofMinute: row[0] ?? 0) {
        low = min(low ?? day * 1_440, day * 1_440)
        high = max(high ?? (day + 1) * 1_440, (day + 1) * 1_440)
      }
    }
    guard let low, let high else { return nil }
    return (Timestamp(microseconds: low * 60_000_000), Timestamp(microseconds: high * 60_000_000))
  }
}

/// Whether a log holds only the slower executions, told by its fastest ones.
///
/// `log_min_duration_statement` is a whole number of milliseconds, so an execution of less than one was logged without a
/// threshold. A day of executions none of which is that fast looks like a log with one: what it lacks cannot be seen.
struct LogThreshold {
  /// Executions of a day before their fastest one says anything.
  static let leastCalls: Int64 = 20

  /// The lower end of the bucket that a millisecond falls into.
  private static let millisecond = LatencyBucket.lowerBound(of: LatencyBucket.index(of: 1_000))

  private var days: [Int64: (fastest: Int64, calls: Int64)] = [:]

  mutating func add(_ row: Row, _ level: CellLevel) throws {
    let calls: Int64 = row["calls"]
    guard calls > 0 else { return }
    let day = CellLevel.day.bucket(ofMinute: (row["bucket"] as Int64) * level.minutes)
    let known = days[day]
    // A day that is known to be whole need not be looked at again.
    guard known?.fastest ?? .max >= Self.millisecond else { return }
    let fastest = try row.withUnsafeData(named: "sketch") { data in
      try data.flatMap { try LatencySketch.fastest(in: $0) }
    }
    days[day] = (min(known?.fastest ?? .max, fastest ?? .max), (known?.calls ?? 0) + calls)
  }

  /// The fastest execution of the day whose log lacks most; nil where every day's is whole.
  var value: Microseconds? {
    days.values.filter { $0.fastest >= Self.millisecond && $0.fastest < .max && $0.calls >= Self.leastCalls }.map(
      \.fastest
    ).max()
      .map { Microseconds($0) }
  }
}

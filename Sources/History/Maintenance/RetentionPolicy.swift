import GRDB
public import Model

/// How long a history keeps what, counted back from its newest observation: minutes become hours, hours become days.
public struct RetentionPolicy: Sendable, Hashable {
  /// Days for which single minutes and single intervals between snapshots are kept.
  public var fineDays: Int
  /// Days for which hours are kept.
  public var hourDays: Int
  /// Days after which days go as well; nil keeps them for ever.
  public var totalDays: Int?

  public init(fineDays: Int = 14, hourDays: Int = 92, totalDays: Int? = nil) {
    self.fineDays = fineDays
    self.hourDays = hourDays
    self.totalDays = totalDays
  }

  /// Whether no level is kept for less time than a finer one.
  public var isSound: Bool {
    fineDays >= 1 && hourDays >= fineDays && totalDays.map { $0 >= hourDays } ?? true
  }

  /// `14 92`, or with an end to days `14 92 730`.
  fileprivate var text: String {
    ([fineDays, hourDays] + (totalDays.map { [$0] } ?? [])).map(String.init).joined(separator: " ")
  }

  fileprivate init?(text: String) {
    let numbers = text.split(separator: " ").compactMap { Int($0) }
    guard numbers.count == 2 || numbers.count == 3 else { return nil }
    self.init(fineDays: numbers[0], hourDays: numbers[1], totalDays: numbers.count == 3 ? numbers[2] : nil)
    if !isSound { return nil }
  }
}

/// What a pruning removed.
public struct PruneResult: Sendable, Hashable {
  /// The beginning of what is still kept by the minute, by the hour, by the day.
  public var fineFrom: Timestamp
  public var hoursFrom: Timestamp
  public var daysFrom: Timestamp?
  public var minuteRows: Int
  public var hourRows: Int
  public var dayRows: Int
  public var intervals: Int
  public var otherRows: Int
  /// Catalogs that were left out between others.
  public var catalogs: Int = 0
}

extension HistoryStore {
  /// Rolls up what is older than the policy keeps. Sums and histograms of hours and days are there already and exact, so
  /// this only removes the finer rows. The file shrinks by `vacuum`.
  ///
  /// Borders are whole days in UTC. Windows that begin or end before them are read to the next whole hour or day.
  /// - Parameter now: days are counted back from the newest observation, but never from one after this: a single line
  ///   with a wrong year must not age all others.
  public func prune(_ policy: RetentionPolicy, now: Timestamp? = nil) throws(HistoryError) -> PruneResult? {
    guard let last = try span()?.to else { return nil }
    let newest = min(last, now ?? last)
    let path = path
    guard policy.isSound else {
      throw .failed(path: path, detail: "minutes must be kept for at least a day, hours as long, days as long again")
    }
    return try write { db in
      let today = CellLevel.day.bucket(ofMinute: Timestamp(microseconds: newest.microseconds - 1).minute)
      let fine = today - Int64(policy.fineDays) + 1
      let hours = today - Int64(policy.hourDays) + 1
      let days = policy.totalDays.map { today - Int64($0) + 1 }
      func instant(_ day: Int64) -> Timestamp { Timestamp(seconds: day * 86_400) }
      var result = PruneResult(
        fineFrom: instant(fine), hoursFrom: instant(hours), daysFrom: days.map(instant), minuteRows: 0, hourRows: 0,
        dayRows: 0, intervals: 0, otherRows: 0, catalogs: 0)
      func remove(_ sql: String, _ arguments: StatementArguments) throws -> Int {
        try db.execute(sql: sql, arguments: arguments)
        return db.changesCount
      }
      result.minuteRows = try remove("DELETE FROM cell_minute WHERE bucket < ?", [fine * 1_440])
      result.hourRows = try remove("DELETE FROM cell_hour WHERE bucket < ?", [hours * 24])
      result.intervals = try remove(
        "DELETE FROM statements_interval WHERE level = 0 AND bucket <= ?", [instant(fine).microseconds])
      result.intervals += try remove("DELETE FROM statements_interval WHERE level = 1 AND bucket < ?", [hours * 24])
      if let days {
        result.dayRows = try remove("DELETE FROM cell_day WHERE bucket < ?", [days])
        result.intervals += try remove("DELETE FROM statements_interval WHERE level = 2 AND bucket < ?", [days])
        for table in ["sample", "plan"] {
          result.otherRows += try remove("DELETE FROM \(table) WHERE at < ?", [instant(days).microseconds])
        }
        for table in ["event", "repetition"] {
          result.otherRows += try remove("DELETE FROM \(table) WHERE minute < ?", [days * 1_440])
        }
      }
      result.catalogs = try CatalogThinning(db).thin(
        allFrom: instant(fine), dailyFrom: instant(hours), endsBefore: days.map(instant))
      for (level, before) in [(CellLevel.hour, fine), (.day, hours)] {
        result.otherRows += try Rollup(db).coarsen(before: before * 1_440, to: level)
      }
      for (level, day) in [(CellLevel.minute, fine), (.hour, hours)] {
        try db.execute(
          sql: """
            INSERT INTO retention (level, from_minute) VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET from_minute = max(from_minute, ?2)
            """, arguments: [level.rawValue, day * 1_440])
      }
      return result
    }
  }

  /// How long the file is to keep what, where it was told; nil for never rolling up by itself.
  public func retentionPolicy() throws(HistoryError) -> RetentionPolicy? {
    try read { db in
      guard let text = try String.fetchOne(db, sql: "SELECT value FROM setting WHERE name = 'retention'") else {
        return RetentionPolicy()
      }
      return RetentionPolicy(text: text)
    }
  }

  /// Tells the file how long to keep what from now on: what `rollUp` goes by. Nil: everything.
  public func setRetentionPolicy(_ policy: RetentionPolicy?) throws(HistoryError) {
    try write { db in
      try db.execute(
        sql: "INSERT INTO setting VALUES ('retention', ?1) ON CONFLICT DO UPDATE SET value = ?1",
        arguments: [policy?.text ?? "never"])
    }
  }

  /// Rolls up by the file's own policy, as whoever adds to it does afterwards. It has something to do once a day of what
  /// was recorded; the rest of the time it costs two look-ups.
  /// - Parameter now: see `prune`.
  @discardableResult
  public func rollUp(now: Timestamp) throws(HistoryError) -> PruneResult? {
    guard let policy = try retentionPolicy(), let last = try span()?.to else { return nil }
    let newest = min(last, now)
    let today = CellLevel.day.bucket(ofMinute: Timestamp(microseconds: newest.microseconds - 1).minute)
    let kept = try read { try LogReader(db: $0).keptLevels() }
    // Nothing is older than the border, or the border is where it was.
    guard let first = try span()?.from, first.minute < (today - Int64(policy.fineDays) + 1) * 1_440,
      kept.minutesFrom < (today - Int64(policy.fineDays) + 1) * 1_440
    else { return nil }
    return try prune(policy, now: now)
  }

  /// Bytes of pages that hold nothing.
  public func freeBytes() throws(HistoryError) -> Int64 {
    try read { db in
      (try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0)
        * (try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
    }
  }

  /// Gives the file's free pages back to the file system.
  /// - Returns: bytes before and after.
  public func vacuum() throws(HistoryError) -> (before: Int64, after: Int64) {
    let path = path
    return try HistoryError.translating(path) {
      func size(_ db: Database) throws -> Int64 {
        (try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * (try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
      }
      let before = try queue.inDatabase(size)
      try queue.vacuum()
      try queue.inDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
      return (before, try queue.inDatabase(size))
    }
  }
}

/// Moves rows that are counted by the minute to the first minute of their hour or day.
struct Rollup {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// - Returns: rows that were joined to others.
  func coarsen(before minute: Int64, to level: CellLevel) throws -> Int {
    // Minutes of a history are after 1970, so integer division rounds down.
    let width = level.minutes
    var joined = 0
    for (table, key, sums, most) in [
      ("event", "shape_id, dimensions_id, statement_id, source_id", "count, amount_milli", nil as String?),
      ("repetition", "statement_id, dimensions_id, source_id", "transactions, executions, total_us", "most"),
    ] {
      let columns = key + ", minute, " + sums + (most.map { ", " + $0 } ?? "")
      let values =
        sums.split(separator: ", ").map { "sum(\($0))" }.joined(separator: ", ") + (most.map { ", max(\($0))" } ?? "")
      try db.execute(
        sql: """
          CREATE TEMP TABLE coarse AS SELECT \(key), minute / \(width) * \(width) AS minute, \(values)
          FROM main.\(table) WHERE minute < \(minute) GROUP BY \(key), minute / \(width)
          """)
      try db.execute(sql: "DELETE FROM main.\(table) WHERE minute < \(minute)")
      joined += db.changesCount
      try db.execute(sql: "INSERT INTO main.\(table) (\(columns)) SELECT * FROM temp.coarse")
      joined -= db.changesCount
      try db.execute(sql: "DROP TABLE temp.coarse")
    }
    return joined
  }
}

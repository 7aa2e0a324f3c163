import Foundation
import GRDB
public import Model

extension HistoryStore {
  /// Takes in a batch of a server log: all of it, or, when anything fails, nothing.
  ///
  /// Counts are added to what is there, histograms merged exactly, bounded sets (samples, plans) kept by rules that do
  /// not depend on order, and of a statement's texts the first; so the same executions give the same history however
  /// they were cut into batches. Applying a batch twice would count it twice: the progress that is committed with it
  /// says where to go on.
  /// - Parameter basis: what was known of other logs when it was decided which entries count; the batch is taken in only
  ///   while that is still so.
  public func apply(_ batch: LogBatch, on basis: LogBasis? = nil) throws(HistoryError) {
    try write { db in
      if let basis, let own = batch.progress.first, try basis.isContested(own, db) {
        throw HistoryError.contested(path: path, source: own.path)
      }
      if !batch.lines.isEmpty, try !LineTable(db).add(batch.lines) {
        throw HistoryError.contested(path: path, source: batch.progress.first?.path ?? "")
      }
      var ids = Dictionaries(db)
      for statement in batch.statements { try ids.storeFirst(statement) }
      let source = try storeProgress(batch.progress, db)
      try addCells(batch.cells, source: source, &ids, db)
      try addEvents(batch.events, source: source, &ids, db)
      try addRepetitions(batch.repetitions, source: source, &ids, db)
      try keepSamples(batch.samples, &ids, db)
      try keepPlans(batch.plans, &ids, db)
      let edge = try db.cachedStatement(
        sql: "INSERT OR IGNORE INTO query_id (query_id, database, statement_id) VALUES (?, ?, ?)")
      for item in batch.queryIDs where item.queryID.isKnown {
        try edge.execute(arguments: [item.queryID.value, item.database, try ids.id(of: item.fingerprint)])
      }
    }
  }

  /// How far each source has been read, in the order of their first appearance.
  public func sources() throws(HistoryError) -> [SourceProgress] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT identity, path, format, consumed, state, entries, skipped, first_at, last_at, weight FROM source ORDER BY id
          """
      ).map(HistoryStore.progress)
    }
  }

  /// How far one source has been read; nil when it is new.
  public func progress(ofSource identity: String) throws(HistoryError) -> SourceProgress? {
    try read { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT identity, path, format, consumed, state, entries, skipped, first_at, last_at, weight FROM source
          WHERE identity = ?
          """, arguments: [identity]
      ).map(HistoryStore.progress)
    }
  }

  private static func progress(_ row: Row) throws -> SourceProgress {
    var progress = SourceProgress(
      identity: row[0], path: row[1], format: row[2], consumed: row[3], state: [UInt8](row[4] as Data),
      entries: row[5], skipped: try JSON.value([String: Int64].self, row[6]),
      first: (row[7] as Int64?).map { Timestamp(microseconds: $0) },
      last: (row[8] as Int64?).map { Timestamp(microseconds: $0) })
    progress.weight = row[9]
    return progress
  }

  /// The id of the source that the batch's counts belong to; zero when the batch names none.
  private func storeProgress(_ progress: [SourceProgress], _ db: Database) throws -> Int64 {
    var ids: [Int64] = []
    for item in progress {
      let id = try Int64.fetchOne(
        try db.cachedStatement(
          sql: """
            INSERT INTO source (identity, path, format, consumed, state, entries, skipped, first_at, last_at,
              weight)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (identity) DO UPDATE SET path = ?2, format = ?3, consumed = ?4, state = ?5, entries = ?6,
              skipped = ?7, first_at = ?8, last_at = ?9,
              weight = max(weight, ?10)
            WHERE ?11 IS NULL OR consumed = ?11
            RETURNING id
            """),
        arguments: [
          item.identity, item.path, item.format, item.consumed, Data(item.state), item.entries,
          try JSON.text(item.skipped), item.first?.microseconds, item.last?.microseconds,
          item.weight,
          item.resumedFrom,
        ])
      guard let id else { throw HistoryError.overtaken(path: path, source: item.path) }
      ids.append(id)
    }
    return ids.first ?? 0
  }

  /// Where a cell belongs.
  private struct CellKey: Hashable {
    var statement: Int64
    var bucket: Int64
    var dimensions: Int64
  }

  private func addCells(_ cells: [MinuteCell], source: Int64, _ ids: inout Dictionaries, _ db: Database) throws {
    var rows: [(key: CellKey, cell: CellSums)] = []
    rows.reserveCapacity(cells.count)
    for cell in cells {
      let key = CellKey(
        statement: try ids.id(of: cell.fingerprint), bucket: cell.minute, dimensions: try ids.id(of: cell.dimensions))
      rows.append((key, CellSums(cell)))
    }
    // In key order, which doubles the insert rate, and summed up for the wider levels before they are written.
    for level in CellLevel.allCases {
      if level != .minute {
        for index in rows.indices {
          rows[index].key.bucket = level.bucket(ofMinute: rows[index].key.bucket * previous(level).minutes)
        }
      }
      rows.sort {
        ($0.key.statement, $0.key.bucket, $0.key.dimensions) < ($1.key.statement, $1.key.bucket, $1.key.dimensions)
      }
      var merged: [(key: CellKey, cell: CellSums)] = []
      for row in rows {
        if let last = merged.indices.last, merged[last].key == row.key {
          try merged[last].cell.add(row.cell)
        } else {
          merged.append(row)
        }
      }
      rows = merged
      let upsert = try db.cachedStatement(sql: HistoryStore.upsertCell(level))
      for (key, cell) in rows {
        try upsert.execute(
          arguments: cell.arguments(
            statement: key.statement, bucket: key.bucket, dimensions: key.dimensions, source: source))
        // What was counted without a duration and got one later leaves nothing behind.
        if cell.untimed < 0 {
          try db.cachedStatement(sql: HistoryStore.deleteEmptyCell(level)).execute(
            arguments: [key.statement, key.bucket, key.dimensions, source])
        }
      }
    }
  }

  private func previous(_ level: CellLevel) -> CellLevel { level == .day ? .hour : .minute }

  static func upsertCell(_ level: CellLevel) -> String {
    """
    INSERT INTO \(level.table) (statement_id, bucket, dimensions_id, source_id, calls, errors, untimed, total_us,
      longest_us, parse_us, bind_us, sketch)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, errors = errors + excluded.errors,
      untimed = untimed + excluded.untimed, total_us = total_us + excluded.total_us,
      longest_us = max(longest_us, excluded.longest_us), parse_us = parse_us + excluded.parse_us,
      bind_us = bind_us + excluded.bind_us, sketch = merge_sketches(sketch, excluded.sketch)
    """
  }

  private static func deleteEmptyCell(_ level: CellLevel) -> String {
    """
    DELETE FROM \(level.table) WHERE statement_id = ? AND bucket = ? AND dimensions_id = ? AND source_id = ?
      AND calls = 0 AND errors = 0 AND untimed = 0 AND total_us = 0 AND parse_us = 0 AND bind_us = 0
    """
  }

  private func addEvents(_ events: [EventCell], source: Int64, _ ids: inout Dictionaries, _ db: Database) throws {
    for event in events {
      let shape = try ids.id(
        of: Dictionaries.EventShape(category: event.category, sqlState: event.sqlState, shape: event.shape),
        sample: event.sample)
      let dimensions = try ids.id(
        of: WorkloadDimensions(database: event.database, user: event.user, application: event.application))
      try db.cachedStatement(
        sql: """
          INSERT INTO event (shape_id, minute, dimensions_id, statement_id, source_id, count, amount_milli)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET count = count + excluded.count, amount_milli = amount_milli + excluded.amount_milli
          """
      ).execute(arguments: [
        shape, event.minute, dimensions, try event.fingerprint.map { try ids.id(of: $0) } ?? 0, source, event.count,
        Int64((event.amount * 1_000).rounded()),
      ])
    }
  }

  private func addRepetitions(
    _ repetitions: [RepetitionCell], source: Int64, _ ids: inout Dictionaries, _ db: Database
  ) throws {
    for cell in repetitions {
      try db.cachedStatement(
        sql: """
          INSERT INTO repetition (statement_id, minute, dimensions_id, source_id, transactions, executions, most,
            total_us)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET transactions = transactions + excluded.transactions,
            executions = executions + excluded.executions, most = max(most, excluded.most),
            total_us = total_us + excluded.total_us
          """
      ).execute(arguments: [
        try ids.id(of: cell.fingerprint), cell.minute, try ids.id(of: cell.dimensions), source, cell.transactions,
        cell.executions, cell.most, cell.total.value,
      ])
    }
  }
}

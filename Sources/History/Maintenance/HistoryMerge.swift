import Foundation
import GRDB
import Model
import Statements

extension HistoryStore {
  /// Takes in everything that another history holds.
  ///
  /// What both counted from the same source is counted once: of each source the history that has read more of it wins.
  /// Snapshots are joined server by server. Merging is commutative and idempotent: the contents of both orders are
  /// equal, and merging again changes nothing.
  /// - Throws: `HistoryError`, also for the other file; nothing is changed then.
  public func merge(from other: String) throws(HistoryError) {
    // Opening checks that it is a history of a version that we know; its schema must be ours to be read as it is.
    let source = try HistoryStore(path: other, mode: .read)
    try source.close()
    if FileManager.default.contentsEqual(atPath: path, andPath: other) { return }
    try HistoryError.translating(path) {
      try queue.writeWithoutTransaction { db in
        try db.execute(sql: "ATTACH DATABASE ? AS other", arguments: [other])
        defer { try? db.execute(sql: "DETACH DATABASE other") }
        try db.inTransaction(.immediate) {
          try HistoryMerge(db).run()
          return .commit
        }
      }
    }
  }
}

/// The merge of the attached history `other` into `main`, in one transaction.
struct HistoryMerge {
  private let db: Database

  init(_ db: Database) { self.db = db }

  func run() throws {
    defer {
      for name in ["statement", "dimensions", "source", "shape", "server", "entry", "context", "document"] {
        try? db.execute(sql: "DROP TABLE IF EXISTS temp.map_\(name)")
      }
    }
    try mergeDictionaries()
    try mergeSources()
    try LineTable(db).merge(from: "other")
    try mergeBounded()
    try mergeSnapshots()
    try mergeCatalogs()
    try db.execute(
      sql: """
        INSERT INTO main.retention SELECT level, from_minute FROM other.retention WHERE true
        ON CONFLICT DO UPDATE SET from_minute = max(from_minute, excluded.from_minute)
        """)
  }

  // MARK: Dictionaries

  /// `map_NAME`: the other history's id, and ours.
  private func map(_ name: String, _ select: String) throws {
    try db.execute(
      sql: """
        CREATE TEMP TABLE map_\(name) (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL);
        INSERT INTO temp.map_\(name) \(select)
        """)
  }

  private func mergeDictionaries() throws {
    let texts = try Row.fetchAll(
      db, sql: "SELECT id, fingerprint, kind, grammar, text, relations FROM other.statement ORDER BY id")
    var ids = Dictionaries(db)
    for row in texts {
      let fingerprint = Fingerprint(UInt64(bitPattern: row["fingerprint"] as Int64))
      if let statement = try HistoryStore.statement(row, fingerprint) { try ids.store(statement) }
      _ = try ids.id(of: fingerprint)
    }
    try map(
      "statement",
      "SELECT o.id, s.id FROM other.statement o JOIN main.statement s ON s.fingerprint = o.fingerprint")
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO main.dimensions (database, user, application, tags)
        SELECT database, user, application, tags FROM other.dimensions ORDER BY id
        """)
    try map(
      "dimensions",
      """
      SELECT o.id, d.id FROM other.dimensions o JOIN main.dimensions d ON d.database = o.database AND d.user = o.user
        AND d.application = o.application AND d.tags = o.tags
      """)
    try db.execute(
      sql: """
        INSERT INTO main.event_shape (category, sqlstate, shape, sample)
        SELECT category, sqlstate, shape, sample FROM other.event_shape WHERE true ORDER BY id
        ON CONFLICT DO UPDATE SET sample = min(sample, excluded.sample)
        """)
    try map(
      "shape",
      """
      SELECT o.id, e.id FROM other.event_shape o JOIN main.event_shape e ON e.category = o.category
        AND e.sqlstate = o.sqlstate AND e.shape = o.shape
      """)
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO main.query_id (query_id, database, statement_id)
        SELECT query_id, database, m.ours FROM other.query_id q JOIN temp.map_statement m ON m.theirs = q.statement_id
        """)
  }

  // MARK: Sources and what was counted from them

  private static let counted = CellLevel.allCases.map(\.table) + ["event", "repetition"]

  /// Sources whose counts are taken over: those that we do not have, and those of which the other has read more. Equal
  /// progress may still differ in detail after pruning: the one with more rows of minutes wins, then the larger state.
  private func mergeSources() throws {
    func rank(_ schema: String) throws -> [String: (id: Int64, rank: [Int64], progress: Row?)] {
      var result: [String: (id: Int64, rank: [Int64], progress: Row?)] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT * FROM \(schema).source") {
        let id: Int64 = row["id"]
        let minutes = try Int64.fetchOne(
          db, sql: "SELECT count(*) FROM \(schema).cell_minute WHERE source_id = ?", arguments: [id])
        var hash = StableHash()
        for value in row.databaseValues.dropFirst() { hash.add(value.description) }
        result[row["identity"]] = (id, [row["consumed"], row["entries"], minutes ?? 0, hash.value], row)
      }
      let nameless = try Row.fetchOne(
        db, sql: "SELECT count(*), coalesce(sum(calls), 0) FROM \(schema).cell_day WHERE source_id = 0")
      if let nameless, (nameless[0] as Int64) > 0 { result[""] = (0, [nameless[1], 0, 0, 0], nil) }
      return result
    }
    let ours = try rank("main")
    let theirs = try rank("other")
    try db.execute(sql: "CREATE TEMP TABLE map_source (theirs INTEGER PRIMARY KEY, ours INTEGER NOT NULL)")
    for (identity, other) in theirs.sorted(by: { $0.key < $1.key }) {
      var id: Int64 = 0
      if let mine = ours[identity] {
        guard mine.rank.lexicographicallyPrecedes(other.rank) else { continue }
        id = mine.id
        for table in HistoryMerge.counted {
          try db.execute(sql: "DELETE FROM main.\(table) WHERE source_id = ?", arguments: [id])
        }
        if id != 0 { try db.execute(sql: "DELETE FROM main.source WHERE id = ?", arguments: [id]) }
      }
      if other.id != 0 {
        try db.execute(
          sql: """
            INSERT INTO main.source (id, identity, path, format, consumed, state, entries, skipped, first_at, last_at,
              weight)
            SELECT ?, identity, path, format, consumed, state, entries, skipped, first_at, last_at, weight
            FROM other.source WHERE id = ?
            """, arguments: [id == 0 ? nil : id, other.id])
        if id == 0 { id = db.lastInsertedRowID }
      }
      try db.execute(sql: "INSERT INTO temp.map_source VALUES (?, ?)", arguments: [other.id, id])
    }
    for level in CellLevel.allCases {
      try db.execute(
        sql: """
          INSERT INTO main.\(level.table) SELECT s.ours, c.bucket, d.ours, o.ours, calls, errors, untimed, total_us,
            longest_us, parse_us, bind_us, sketch
          FROM other.\(level.table) c JOIN temp.map_statement s ON s.theirs = c.statement_id
          JOIN temp.map_dimensions d ON d.theirs = c.dimensions_id JOIN temp.map_source o ON o.theirs = c.source_id
          """)
    }
    // An event may have happened in no statement: id zero stands for itself.
    try db.execute(sql: "INSERT OR IGNORE INTO temp.map_statement VALUES (0, 0)")
    try db.execute(
      sql: """
        INSERT INTO main.event SELECT h.ours, minute, d.ours, s.ours, o.ours, count, amount_milli
        FROM other.event e JOIN temp.map_shape h ON h.theirs = shape_id
        JOIN temp.map_dimensions d ON d.theirs = dimensions_id JOIN temp.map_statement s ON s.theirs = statement_id
        JOIN temp.map_source o ON o.theirs = source_id;
        INSERT INTO main.repetition SELECT s.ours, minute, d.ours, o.ours, transactions, executions, most, total_us
        FROM other.repetition r JOIN temp.map_statement s ON s.theirs = statement_id
        JOIN temp.map_dimensions d ON d.theirs = dimensions_id JOIN temp.map_source o ON o.theirs = source_id
        """)
  }

  // MARK: Bounded sets

  /// The smallest ranks of both sets.
  private func mergeBounded() throws {
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO main.sample SELECT s.ours, reason, rank, content, d.ours, at, duration_us, text, parameters
        FROM other.sample x JOIN temp.map_statement s ON s.theirs = statement_id
        JOIN temp.map_dimensions d ON d.theirs = dimensions_id;
        INSERT OR IGNORE INTO main.plan SELECT s.ours, shape, reason, rank, content, d.ours, at, duration_us, format,
          document, nested
        FROM other.plan x JOIN temp.map_statement s ON s.theirs = statement_id
        JOIN temp.map_dimensions d ON d.theirs = dimensions_id
        """)
    for reason in [ExecutionSample.Reason.slow, .ordinary] {
      try db.execute(
        sql: """
          DELETE FROM main.sample WHERE reason = ?1 AND (statement_id, rank, content) IN (
            SELECT statement_id, rank, content FROM (
              SELECT statement_id, rank, content,
                row_number() OVER (PARTITION BY statement_id ORDER BY rank, content) AS place
              FROM main.sample WHERE reason = ?1) WHERE place > ?2)
          """, arguments: [reason.rawValue, ExecutionSample.limit(reason)])
      try db.execute(
        sql: """
          DELETE FROM main.plan WHERE reason = ?1 AND (statement_id, shape, rank, content) IN (
            SELECT statement_id, shape, rank, content FROM (
              SELECT statement_id, shape, rank, content,
                row_number() OVER (PARTITION BY statement_id, shape ORDER BY rank, content) AS place
              FROM main.plan WHERE reason = ?1) WHERE place > ?2)
          """, arguments: [reason.rawValue, HistoryStore.planLimit(reason)])
    }
  }

  // MARK: Snapshots

  private func mergeSnapshots() throws {
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO main.server (system_identifier, node)
        SELECT system_identifier, node FROM other.server ORDER BY id
        """)
    try map(
      "server",
      """
      SELECT o.id, s.id FROM other.server o JOIN main.server s ON s.system_identifier = o.system_identifier
        AND s.node = o.node
      """)
    try db.execute(
      sql: """
        INSERT INTO main.server_name SELECT m.ours, kind, oid, name, at
        FROM other.server_name n JOIN temp.map_server m ON m.theirs = server_id WHERE true
        ON CONFLICT DO UPDATE SET name = excluded.name, at = excluded.at
        WHERE excluded.at > at OR excluded.at = at AND excluded.name > name
        """)
    // Of two texts for one entry the smaller fingerprint, so that order does not matter.
    try db.execute(
      sql: """
        INSERT INTO main.statement_entry (server_id, query_id, database_id, user_id, toplevel, statement_id, is_reset)
        SELECT m.ours, query_id, database_id, user_id, toplevel, s.ours, is_reset
        FROM other.statement_entry e JOIN temp.map_server m ON m.theirs = server_id
        LEFT JOIN temp.map_statement s ON s.theirs = statement_id WHERE true ORDER BY e.id
        ON CONFLICT (server_id, query_id, database_id, user_id, toplevel) DO UPDATE SET
          is_reset = max(is_reset, excluded.is_reset),
          statement_id = CASE WHEN statement_id IS NULL THEN excluded.statement_id
            WHEN excluded.statement_id IS NULL THEN statement_id
            WHEN (SELECT fingerprint FROM main.statement WHERE id = excluded.statement_id)
              < (SELECT fingerprint FROM main.statement WHERE id = statement_entry.statement_id)
            THEN excluded.statement_id ELSE statement_id END
        """)
    try map(
      "entry",
      """
      SELECT o.id, e.id FROM other.statement_entry o JOIN temp.map_server m ON m.theirs = o.server_id
      JOIN main.statement_entry e ON e.server_id = m.ours AND e.query_id = o.query_id
        AND e.database_id = o.database_id AND e.user_id = o.user_id AND e.toplevel = o.toplevel
      """)
    try db.execute(
      sql: "INSERT OR IGNORE INTO main.statements_context (context) SELECT context FROM other.statements_context")
    try map(
      "context",
      """
      SELECT o.id, c.id FROM other.statements_context o JOIN main.statements_context c ON c.context = o.context
      """)
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO main.statements_snapshot SELECT m.ours, at, statements, hidden, c.ours
        FROM other.statements_snapshot x JOIN temp.map_server m ON m.theirs = server_id
        JOIN temp.map_context c ON c.theirs = context_id;
        INSERT INTO main.statements_chain (server_id, key_at, first_at, first_state, last_at, last_state)
        SELECT m.ours, key_at, first_at, first_state, last_at, last_state
        FROM other.statements_chain x JOIN temp.map_server m ON m.theirs = server_id WHERE true
        ON CONFLICT (server_id, key_at) DO UPDATE SET
          first_state = CASE WHEN excluded.first_at < first_at THEN excluded.first_state ELSE first_state END,
          first_at = min(first_at, excluded.first_at),
          last_state = CASE WHEN excluded.last_at > last_at THEN excluded.last_state ELSE last_state END,
          last_at = max(last_at, excluded.last_at)
        """)
    for row in try Row.fetchAll(db, sql: "SELECT theirs, ours FROM temp.map_server ORDER BY ours") {
      try mergeIntervals(theirs: row[0], ours: row[1])
    }
  }

  private func mergeIntervals(theirs: Int64, ours: Int64) throws {
    var entries: [Int64: Int64] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT theirs, ours FROM temp.map_entry") { entries[row[0]] = row[1] }
    let tables = IntervalTables(db, server: ours)
    let sums = try Row.fetchAll(
      db, sql: "SELECT * FROM other.statements_interval WHERE server_id = ? ORDER BY level, bucket, chain_at",
      arguments: [theirs])
    var touched: [IntervalLevel: Set<Int64>] = [:]
    var theirSums: [(level: IntervalLevel, bucket: Int64, stored: IntervalTables.Stored)] = []
    for row in sums {
      guard let level = IntervalLevel(rawValue: row["level"]) else { continue }
      let items = try IntervalTables.items(row).compactMap { item in
        entries[item.entry].map { DeltaBlock.Item(entry: $0, delta: item.delta) }
      }.sorted { $0.entry < $1.entry }
      let stored = IntervalTables.Stored(interval: try IntervalTables.interval(row), items: items)
      if level == .single {
        if try tables.insertIfNew(stored, chain: row["chain_at"]) {
          for sum in IntervalLevel.sums { touched[sum, default: []].insert(sum.bucket(stored.interval.to)) }
        }
      } else {
        theirSums.append((level, row["bucket"], stored))
      }
    }
    if !touched.isEmpty { try tables.chooseEverywhere() }
    for (level, bucket, stored) in theirSums {
      try tables.settle(level, bucket: bucket, theirs: stored, isTouched: touched[level]?.contains(bucket) == true)
    }
    for level in IntervalLevel.sums {
      let known = Set(theirSums.filter { $0.level == level }.map(\.bucket))
      for bucket in (touched[level] ?? []).subtracting(known).sorted() {
        try tables.settle(level, bucket: bucket, theirs: nil, isTouched: true)
      }
    }
  }

  // MARK: Catalogs

  private func mergeCatalogs() throws {
    let catalogs = try Row.fetchAll(
      db,
      sql: """
        SELECT c.id, m.ours, database, at FROM other.catalog c JOIN temp.map_server m ON m.theirs = server_id ORDER BY c.id
        """)
    for catalog in catalogs {
      try db.execute(
        sql: "INSERT OR IGNORE INTO main.catalog (server_id, database, at) VALUES (?, ?, ?)",
        arguments: [catalog[1] as Int64, catalog[2] as String, catalog[3] as Int64])
      guard db.changesCount > 0 else { continue }
      let id = db.lastInsertedRowID
      let sections = try Row.fetchAll(
        db,
        sql: """
          SELECT position, name, hash, content FROM other.catalog_section s JOIN other.document d ON d.id = document_id
          WHERE catalog_id = ? ORDER BY position
          """, arguments: [catalog[0] as Int64])
      for section in sections {
        let arguments: StatementArguments = [section[2] as Int64, section[3] as Data]
        var document = try Int64.fetchOne(
          db, sql: "SELECT id FROM main.document WHERE hash = ? AND content = ?", arguments: arguments)
        if document == nil {
          try db.execute(sql: "INSERT INTO main.document (hash, content) VALUES (?, ?)", arguments: arguments)
          document = db.lastInsertedRowID
        }
        try db.execute(
          sql: "INSERT INTO main.catalog_section (catalog_id, position, name, document_id) VALUES (?, ?, ?, ?)",
          arguments: [id, section[0] as Int64, section[1] as String, document])
      }
    }
  }
}

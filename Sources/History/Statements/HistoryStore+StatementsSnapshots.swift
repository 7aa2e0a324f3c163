import Foundation
import GRDB
public import Model
public import Statements

/// A snapshot as `history list` prints it.
public struct SnapshotSummary: Hashable, Sendable {
  /// Ten hexadecimal digits made of the server and the instant: the same in every history that holds the snapshot.
  public var id: String
  public var server: ServerIdentity
  public var at: Timestamp
  /// Rows of pg_stat_statements.
  public var statements: Int
  /// Rows that the role could not see.
  public var hidden: Int
  public var serverVersion: ServerVersion?
  public var extensionVersion: String
}

/// What became of a snapshot that was handed in.
public enum SnapshotOutcome: Hashable, Sendable {
  case stored(id: String)
  /// The history has a snapshot of this server and instant.
  case alreadyThere(id: String)

  public var id: String {
    switch self {
    case .stored(let id), .alreadyThere(let id): id
    }
  }
}

extension HistoryStore {
  /// Takes in a snapshot of pg_stat_statements.
  ///
  /// It is compared with the newest earlier one of its chain, and what happened in between is stored, not the
  /// snapshot's absolute numbers. A snapshot older than the whole chain goes before it; one that falls into its middle
  /// begins a chain of its own, and windows read whichever chain covers them best, never two at once.
  /// - Parameter texts: what is known of the entries' texts, by `SQLText`; entries without may get theirs later.
  @discardableResult
  public func apply(
    _ snapshot: StatementsSnapshot, texts: [StatementKey: StatementText]
  ) throws(HistoryError) -> SnapshotOutcome {
    try write { db in try apply(snapshot, texts: texts, db) }
  }

  func apply(
    _ snapshot: StatementsSnapshot, texts: [StatementKey: StatementText], _ db: Database
  ) throws -> SnapshotOutcome {
    var store = SnapshotWriter(db, path: path)
    return try store.apply(snapshot, texts)
  }

  /// The id of the snapshot of a server at an instant.
  public static func snapshotID(_ server: ServerIdentity, at: Timestamp) -> String {
    var hash = StableHash()
    hash.add(server.systemIdentifier)
    hash.add(server.node)
    hash.add(at.microseconds)
    let digits = String(UInt64(bitPattern: hash.value) >> 24, radix: 16)
    return String(repeating: "0", count: 10 - digits.utf8.count) + digits
  }

  /// Entries whose texts the history has: a capture need not fetch them again.
  public func statementsWithText(of server: ServerIdentity) throws(HistoryError) -> Set<StatementKey> {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT database_id, user_id, query_id, toplevel FROM statement_entry e JOIN server s ON s.id = e.server_id
          WHERE system_identifier = ? AND node = ? AND statement_id IS NOT NULL
          """, arguments: [server.systemIdentifier, server.node])
      var keys: Set<StatementKey> = []
      while let row = try rows.next() {
        keys.insert(
          StatementKey(
            databaseID: row[0], userID: row[1], queryID: QueryID(row[2]), isTopLevel: row[3]))
      }
      return keys
    }
  }

  /// All snapshots, oldest first.
  public func snapshots() throws(HistoryError) -> [SnapshotSummary] {
    try read { db in
      var contexts: [Int64: StatementsContext] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT id, context FROM statements_context") {
        contexts[row[0]] = try JSON.value(StatementsContext.self, row[1])
      }
      var summaries: [SnapshotSummary] = []
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT system_identifier, node, at, statements, hidden, context_id
          FROM statements_snapshot x JOIN server s ON s.id = x.server_id ORDER BY at, system_identifier, node
          """)
      while let row = try rows.next() {
        let server = ServerIdentity(systemIdentifier: row[0], node: row[1])
        let at = Timestamp(microseconds: row[2])
        let context = contexts[row[5]]
        summaries.append(
          SnapshotSummary(
            id: HistoryStore.snapshotID(server, at: at), server: server, at: at, statements: row[3], hidden: row[4],
            serverVersion: context?.serverVersion, extensionVersion: context?.extensionVersion ?? ""))
      }
      return summaries
    }
  }
}

/// Writes snapshots inside one transaction.
struct SnapshotWriter {
  private let db: Database
  private let path: String
  private var ids: Dictionaries

  init(_ db: Database, path: String) {
    self.db = db
    self.path = path
    ids = Dictionaries(db)
  }

  mutating func apply(_ snapshot: StatementsSnapshot, _ texts: [StatementKey: StatementText]) throws -> SnapshotOutcome
  {
    let id = HistoryStore.snapshotID(snapshot.server, at: snapshot.at)
    let server = try serverID(snapshot.server)
    let isKnown =
      try Int.fetchOne(
        db, sql: "SELECT 1 FROM statements_snapshot WHERE server_id = ? AND at = ?",
        arguments: [server, snapshot.at.microseconds]) != nil
    try storeNames(snapshot, server)
    let entries = try entryIDs(snapshot.rows, texts, server)
    if isKnown { return .alreadyThere(id: id) }
    let kept = try LogReader(db: db).keptLevels().minutesFrom
    // An interval belongs to what precedes its end.
    guard Timestamp(microseconds: snapshot.at.microseconds - 1).minute >= kept else {
      throw HistoryError.tooOld(path: path, at: snapshot.at, keptFrom: Timestamp(seconds: kept * 60))
    }

    try db.cachedStatement(
      sql: "INSERT INTO statements_snapshot (server_id, at, statements, hidden, context_id) VALUES (?, ?, ?, ?, ?)"
    ).execute(arguments: [
      server, snapshot.at.microseconds, snapshot.rows.count + snapshot.hiddenRows, snapshot.hiddenRows,
      try contextID(snapshot.context),
    ])

    if snapshot.context.isLoaded == false {
      try markUnloaded(at: snapshot.at, server: server)
    } else {
      try chain(snapshot, server, entries)
    }
    return .stored(id: id)
  }

  // MARK: Dictionaries

  private func serverID(_ server: ServerIdentity) throws -> Int64 {
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO server (system_identifier, node) VALUES (?, ?)")
      .execute(arguments: [server.systemIdentifier, server.node])
    return try Int64.fetchOne(
      db, sql: "SELECT id FROM server WHERE system_identifier = ? AND node = ?",
      arguments: [server.systemIdentifier, server.node]) ?? 0
  }

  /// Most snapshots share all of their context but the active times, which go with the interval.
  private func contextID(_ context: StatementsContext) throws -> Int64 {
    var lasting = context
    lasting.activeTime = [:]
    lasting.databaseResets = nil
    let text = try JSON.text(lasting)
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO statements_context (context) VALUES (?)")
      .execute(arguments: [text])
    return try Int64.fetchOne(db, sql: "SELECT id FROM statements_context WHERE context = ?", arguments: [text]) ?? 0
  }

  /// The names of databases and roles; of several the latest.
  private func storeNames(_ snapshot: StatementsSnapshot, _ server: Int64) throws {
    for (kind, names) in [("database", snapshot.databases), ("role", snapshot.users)] {
      for (oid, name) in names.sorted(by: { $0.key < $1.key }) {
        try db.cachedStatement(
          sql: """
            INSERT INTO server_name (server_id, kind, oid, name, at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET name = ?4, at = ?5 WHERE name <> ?4 AND (at < ?5 OR at = ?5 AND name > ?4)
            """
        ).execute(arguments: [server, kind, Int64(oid), name, snapshot.at.microseconds])
      }
    }
  }

  private mutating func entryIDs(
    _ rows: [StatementRow], _ texts: [StatementKey: StatementText], _ server: Int64
  ) throws -> [StatementKey: Int64] {
    var result: [StatementKey: Int64] = [:]
    result.reserveCapacity(rows.count)
    let find = try db.cachedStatement(
      sql: """
        SELECT id, statement_id, is_reset FROM statement_entry
        WHERE server_id = ? AND query_id = ? AND database_id = ? AND user_id = ? AND toplevel = ?
        """)
    let insert = try db.cachedStatement(
      sql: """
        INSERT INTO statement_entry (server_id, query_id, database_id, user_id, toplevel, statement_id, is_reset)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    for row in rows {
      let key = row.key
      let arguments: StatementArguments = [
        server, key.queryID.value, Int64(key.databaseID), Int64(key.userID), key.isTopLevel,
      ]
      let text = texts[key]
      let isReset = [row.query, text?.normalized].contains { $0.map(StatementsDifference.callsReset) == true }
      if let found = try Row.fetchOne(find, arguments: arguments) {
        result[key] = found[0]
        // A text that was missing, or that another tenant's entry of the same id has already brought.
        if let text, found[1] == nil {
          try ids.store(text)
          try db.cachedStatement(sql: "UPDATE statement_entry SET statement_id = ? WHERE id = ?")
            .execute(arguments: [try ids.id(of: text.fingerprint), found[0] as Int64])
        }
        if isReset, !(found[2] as Bool) {
          try db.cachedStatement(sql: "UPDATE statement_entry SET is_reset = 1 WHERE id = ?")
            .execute(arguments: [found[0] as Int64])
        }
      } else {
        var statement: Int64?
        if let text {
          try ids.store(text)
          statement = try ids.id(of: text.fingerprint)
        }
        try insert.execute(arguments: arguments + [statement, isReset])
        result[key] = db.lastInsertedRowID
      }
    }
    return result
  }

  // MARK: Chains

  private func chain(_ snapshot: StatementsSnapshot, _ server: Int64, _ entries: [StatementKey: Int64]) throws {
    let at = snapshot.at.microseconds
    let chains = try StatementsChain.before(at, server: server, db) { chainAt, state in
      try self.snapshot(snapshot.server, at: chainAt, state: state)
    }
    if let step = try StatementsChain.step(to: snapshot, from: chains, server: server, db) {
      try storeInterval(from: step.from, to: snapshot, chain: step.key, server: server, entries: entries)
      let state = try state(snapshot)
      try db.cachedStatement(
        sql: """
          INSERT INTO statements_chain (server_id, key_at, first_at, first_state, last_at, last_state)
          VALUES (?1, ?2, ?3, ?4, ?3, ?4)
          ON CONFLICT (server_id, key_at) DO UPDATE SET last_at = ?3, last_state = ?4
          """
      ).execute(arguments: [server, step.key, at, state])
    } else if let chain = try Row.fetchOne(
      db,
      sql: "SELECT key_at, first_at, first_state FROM statements_chain WHERE server_id = ? ORDER BY first_at LIMIT 1",
      arguments: [server]), at < chain[1]
    {
      let first = try self.snapshot(snapshot.server, at: chain[1], state: chain[2])
      try storeInterval(from: snapshot, to: first, chain: chain[0], server: server, entries: entries)
      try db.cachedStatement(
        sql: "UPDATE statements_chain SET first_at = ?, first_state = ? WHERE server_id = ? AND key_at = ?"
      ).execute(arguments: [at, try state(snapshot), server, chain[0] as Int64])
    } else {
      let bytes = try state(snapshot)
      try db.cachedStatement(
        sql: """
          INSERT INTO statements_chain (server_id, key_at, first_at, first_state, last_at, last_state)
          VALUES (?1, ?2, ?2, ?3, ?2, ?3)
          """
      ).execute(arguments: [server, at, bytes])
    }
  }

  /// What was counted across a time without the extension's library is less than what happened.
  private func markUnloaded(at: Timestamp, server: Int64) throws {
    let tables = IntervalTables(db, server: server)
    try tables.change(around: at) { stored in
      if !stored.interval.interruptions.contains(.notLoaded) { stored.interval.interruptions.append(.notLoaded) }
      stored.items = stored.items.map { ($0.entry, $0.delta.partlyUncounted) }
    }
  }

  private func state(_ snapshot: StatementsSnapshot) throws -> Data {
    var writer = ByteWriter()
    let context = Array(try JSON.text(snapshot.context).utf8)
    writer.write(UInt64(context.count))
    writer.bytes += context
    writer.bytes += StateBlock.encode(snapshot.rows)
    return Data(writer.bytes)
  }

  private func snapshot(_ server: ServerIdentity, at: Int64, state: Data) throws -> StatementsSnapshot {
    let (context, rows) = try state.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      let length = try reader.count(atMost: bytes.count)
      let start = reader.offset
      guard start + length <= bytes.count else { throw ByteReader.Damage(offset: start) }
      let context = try JSON.value(
        StatementsContext.self, String(decoding: bytes[start..<start + length], as: UTF8.self))
      return (context, try StateBlock.decode(UnsafeRawBufferPointer(rebasing: bytes[(start + length)...])))
    }
    return StatementsSnapshot(server: server, at: Timestamp(microseconds: at), context: context, rows: rows)
  }

  private func storeInterval(
    from: StatementsSnapshot, to: StatementsSnapshot, chain: Int64, server: Int64, entries: [StatementKey: Int64]
  ) throws {
    let resets = try Row.fetchAll(
      db,
      sql: "SELECT database_id, user_id, query_id, toplevel FROM statement_entry WHERE server_id = ? AND is_reset",
      arguments: [server]
    ).map { StatementKey(databaseID: $0[0], userID: $0[1], queryID: QueryID($0[2]), isTopLevel: $0[3]) }
    let difference = try StatementsDifference(
      from: from, to: to, resetStatements: Set(resets), wasUnloaded: try wasUnloaded(from, to, server: server))
    var items: [DeltaBlock.Item] = []
    items.reserveCapacity(difference.deltas.count)
    let find = try db.cachedStatement(
      sql: """
        SELECT id FROM statement_entry
        WHERE server_id = ? AND query_id = ? AND database_id = ? AND user_id = ? AND toplevel = ?
        """)
    for delta in difference.deltas {
      let key = delta.key
      var entry = entries[key]
      if entry == nil {
        entry = try Int64.fetchOne(
          find,
          arguments: [server, key.queryID.value, Int64(key.databaseID), Int64(key.userID), key.isTopLevel])
      }
      if entry == nil {
        // A difference of snapshots of which one does not tell levels: the entry may have been nested only.
        entry = try Int64.fetchOne(
          find,
          arguments: [server, key.queryID.value, Int64(key.databaseID), Int64(key.userID), !key.isTopLevel])
      }
      if let entry { items.append((entry, delta)) }
    }
    if difference.mayHideEntries {
      let visible = Set(from.rows.map(\.key)).union(to.rows.map(\.key))
      items += try hiddenSiblings(of: Set(items.map(\.entry)), visible: visible, server: server)
    }
    items.sort { $0.entry < $1.entry }
    let interval = StatementsInterval(
      from: from.at, to: to.at, interruptions: difference.interruptions, known: difference.known,
      activeTime: difference.activeTime, seconds: Double(to.at.microseconds - from.at.microseconds) / 1e6)
    try IntervalTables(db, server: server).insert(interval, items, chain: chain)
  }

  private func wasUnloaded(_ from: StatementsSnapshot, _ to: StatementsSnapshot, server: Int64) throws -> Bool {
    try String.fetchAll(
      db,
      sql: """
        SELECT DISTINCT c.context FROM statements_snapshot x JOIN statements_context c ON c.id = x.context_id
        WHERE x.server_id = ? AND x.at > ? AND x.at < ?
        """, arguments: [server, from.at.microseconds, to.at.microseconds]
    ).contains { try JSON.value(StatementsContext.self, $0).isLoaded == false }
  }

  /// Known entries that neither snapshot shows, of statements of which other entries did something: run by another
  /// role, in another database or with another length of a list, the statement may have been dropped before anybody
  /// looked. They make its sum a lower bound.
  private func hiddenSiblings(
    of active: Set<Int64>, visible: Set<StatementKey>, server: Int64
  ) throws -> [DeltaBlock.Item] {
    var hidden: [(statement: Int64, item: DeltaBlock.Item)] = []
    var statements: Set<Int64> = []
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT id, statement_id, database_id, user_id, query_id, toplevel FROM statement_entry
        WHERE server_id = ? AND statement_id IS NOT NULL
        """, arguments: [server])
    while let row = try rows.next() {
      let (id, statement) = (row[0] as Int64, row[1] as Int64)
      if active.contains(id) {
        statements.insert(statement)
        continue
      }
      let key = StatementKey(databaseID: row[2], userID: row[3], queryID: QueryID(row[4]), isTopLevel: row[5])
      if !visible.contains(key) {
        hidden.append((statement, (id, StatementDelta(key: key, life: .ended, counters: .init(), isExact: false))))
      }
    }
    return hidden.filter { statements.contains($0.statement) }.map(\.item)
  }
}

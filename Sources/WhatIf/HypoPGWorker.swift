import Model
import PlannerTwin
import PostgresClient
import Synchronization

/// One session of a live server with the hypothetical indexes that it has: used by one task at a time, so that only the
/// difference between two questions has to be set. Everything here is the session's own and ends with it.
final class HypoPGWorker: Sendable {
  private struct Made {
    var oid: String
    /// By which plans name it.
    var planName: String
  }

  private struct State {
    var made: [String: Made] = [:]
    var hidden: Set<String> = []
    var existing: ExistingIndexes<String>?
  }

  let connection: PostgresConnection
  private let session: StatementSession
  /// The schema of the extension's functions, as SQL.
  private let schema: String
  /// Of the extension.
  let version: String
  /// Whether the extension can hide existing indexes (from 1.4 on).
  let hides: Bool
  private let state = Mutex(State())

  init(_ connection: PostgresConnection, schema: String, version: String, hides: Bool) {
    self.connection = connection
    self.version = version
    self.schema = schema
    self.hides = hides
    session = StatementSession(connection)
  }

  func reset() async throws {
    try await connection.execute("SELECT \(schema).hypopg_reset()")
    if hides { try await connection.execute("SELECT \(schema).hypopg_unhide_all_indexes()") }
    state.withLock { $0 = State() }
  }

  /// Makes an index, asks its size in bytes and takes it away again.
  func size(of definition: IndexDefinition, named name: String) async throws -> Int64 {
    let made = try await make(definition, named: name)
    return try await connection.query(
      "SELECT \(schema).hypopg_relation_size($1::oid)::text AS bytes", [made.oid]
    ).only().string("bytes").integer
  }

  private func make(_ definition: IndexDefinition, named name: String) async throws -> Made {
    if let made = state.withLock({ $0.made[name] }) { return made }
    try await session.setSearchPath([])
    let ddl = try await simplified(definition).createStatement(name: name)
    do {
      let rows = try await connection.query(
        "SELECT indexrelid::text AS oid, indexname AS name FROM \(schema).hypopg_create_index($1)", [ddl])
      let made = Made(oid: try rows.only().string("oid"), planName: try rows.only().string("name"))
      state.withLock { $0.made[name] = made }
      session.indexesChanged()
      return made
    } catch let error as PostgresError where error.kind == .server {
      throw WhatIfError.indexRefused(ddl: ddl, sqlState: error.sqlState ?? "", message: error.message)
    }
  }

  /// The definition as the server would keep it: HypoPG takes predicates and expressions as they are written, and the
  /// planner finds an index of `paid = false` or `total * 2` useful only where it stands as `NOT paid` and
  /// `total * '2'::numeric`. What the planner makes of them is read from plans of a scan of the whole table.
  private func simplified(_ definition: IndexDefinition) async throws -> IndexDefinition {
    var simplified = definition
    if let predicate = definition.predicate {
      let plan = try await scan("", "SELECT FROM ONLY \(definition.table.sql) WHERE \(predicate)")
      simplified.predicate = plan.flatMap { PlanText($0).filter } ?? predicate
    }
    for (place, key) in definition.keys.enumerated() {
      guard case .expression(let sql) = key.subject,
        let plan = try await scan(", VERBOSE", "SELECT (\(sql)) FROM ONLY \(definition.table.sql)"),
        let output = PlanText(plan).output
      else { continue }
      simplified.keys[place].subject = .expression(output)
    }
    return simplified
  }

  /// Nil where the server refuses it: then the definition is refused, too, and with a better reason.
  private func scan(_ options: String, _ sql: String) async throws -> String? {
    let outcomes = try await connection.pipeline([
      PipelinedStatement("BEGIN"),
      PipelinedStatement(
        "SELECT pg_catalog.set_config(name, 'off', true) FROM pg_catalog.pg_settings "
          + "WHERE name IN ('enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan')"),
      PipelinedStatement("EXPLAIN (FORMAT JSON\(options)) " + sql), PipelinedStatement("ROLLBACK"),
    ])
    guard case .success(let rows) = outcomes[2] else { return nil }
    return rows.first.flatMap { $0[0] }
  }

  func plan(
    _ statement: PlannableStatement, with added: [String: IndexDefinition], without dropped: Set<String>
  ) async throws -> PlannedStatement {
    for name in state.withLock({ $0.made.keys.filter { added[$0] == nil } }).sorted() {
      guard let made = state.withLock({ $0.made.removeValue(forKey: name) }) else { continue }
      session.indexesChanged()
      try await connection.execute("SELECT \(schema).hypopg_drop_index($1::oid)", [made.oid])
    }
    for (name, definition) in added.sorted(by: { $0.key < $1.key }) { _ = try await make(definition, named: name) }
    try await hide(dropped)
    var plan = try await session.plan(statement)
    let names = state.withLock { state in
      Dictionary(state.made.map { ($0.value.planName, $0.key) }, uniquingKeysWith: { first, _ in first })
    }
    plan.usedIndexes = Set(plan.usedIndexes.map { names[$0] ?? $0 }).sorted()
    return plan
  }

  // MARK: Existing indexes

  private func hide(_ dropped: Set<String>) async throws {
    var wanted: Set<String> = []
    for name in dropped { wanted.insert(try await existing(name)) }
    let hidden = state.withLock { $0.hidden }
    guard wanted != hidden else { return }
    guard hides else {
      throw WhatIfError.unsupported(
        "HypoPG hides existing indexes from version 1.4 on and this server's is older; drops can be priced by the "
          + "planner twin (--planner twin)")
    }
    for oid in hidden.subtracting(wanted).sorted() {
      try await connection.execute("SELECT \(schema).hypopg_unhide_index($1::oid)", [oid])
    }
    for oid in wanted.subtracting(hidden).sorted() {
      try await connection.execute("SELECT \(schema).hypopg_hide_index($1::oid)", [oid])
    }
    state.withLock { $0.hidden = wanted }
    session.indexesChanged()
  }

  private func existing(_ name: String) async throws -> String {
    if let known = state.withLock({ $0.existing }) { return try known.named(name) }
    let found = ExistingIndexes(
      indexes: try await connection.query(
        """
        SELECT n.nspname AS schema, i.relname AS name, i.oid::text AS oid FROM pg_catalog.pg_index x
        JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
        WHERE x.indisvalid AND n.nspname !~ '^pg_' ORDER BY n.nspname, i.relname
        """
      ).map { .init(schema: try $0.string("schema"), name: try $0.string("name"), handle: try $0.string("oid")) })
    state.withLock { $0.existing = found }
    return try found.named(name)
  }
}

extension String {
  fileprivate var integer: Int64 { Int64(self) ?? 0 }
}

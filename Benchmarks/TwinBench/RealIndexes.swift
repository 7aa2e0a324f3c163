import Foundation
import Model
import PostgresClient

/// Indexes that are really built in the database that stands for production, and shown to its planner set by set.
///
/// All stay built and invalid, which the planner passes over; a transaction that is rolled back makes a set of them valid
/// for one plan. Existing indexes are hidden in the same way.
struct RealIndexes {
  let connection: PostgresConnection
  private(set) var names: [IndexDefinition: String] = [:]
  /// The index on the partitioned table by the name of one on a partition.
  private(set) var partitions: [String: String] = [:]
  private(set) var refused = 0

  static let prefix = "really_"

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// Pages and rows of the tables stay as they were captured: building an index counts them again.
  mutating func build(_ definitions: [IndexDefinition]) async throws {
    try await connection.execute("SET allow_system_table_mods = on")
    try await connection.execute(
      "CREATE TEMP TABLE saved_class AS SELECT oid, relpages, reltuples, relallvisible FROM pg_class WHERE relkind IN ('r', 'm', 'p')"
    )
    for definition in definitions where names[definition] == nil {
      let name = Self.prefix + String(names.count)
      do {
        try await connection.execute(definition.createStatement(name: name))
        names[definition] = name
      } catch let error as PostgresError where error.isConnectionUsable {
        refused += 1
        print("not built: \(definition.summary): \(error.message)")
      }
    }
    try await analyzeExpressions(Set(names.keys.filter { $0.keys.contains { $0.columnName == nil } }.map(\.table)))
    try await restoreClasses()
    try await connection.execute(
      """
      UPDATE pg_index SET indisvalid = false FROM pg_class c
      WHERE c.oid = indexrelid AND (c.relname LIKE 'really\\_%' OR c.oid IN (
        SELECT d.relid FROM pg_class t, pg_partition_tree(t.oid) d WHERE t.relname LIKE 'really\\_%' AND t.relkind = 'I'))
      """)
    try await connection.execute("CHECKPOINT")
    let rows = try await connection.query(
      """
      SELECT c.relname AS name, r.relname AS root FROM pg_class c JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
      WHERE c.relkind = 'i' AND c.relispartition
      """)
    for row in rows { partitions[try row.string("name")] = try row.string("root") }
  }

  private func restoreClasses() async throws {
    try await connection.execute(
      """
      UPDATE pg_class c SET relpages = s.relpages, reltuples = s.reltuples, relallvisible = s.relallvisible
      FROM saved_class s WHERE s.oid = c.oid AND (c.relpages, c.reltuples, c.relallvisible)
        IS DISTINCT FROM (s.relpages, s.reltuples, s.relallvisible)
      """)
  }

  /// The server's plan with these of the built indexes and without those existing ones.
  func explain(_ sql: String, with added: Set<IndexDefinition>, without dropped: Set<String>) async throws -> String {
    try await connection.execute("BEGIN")
    do {
      let shown = added.compactMap { names[$0] }
      if !shown.isEmpty || !dropped.isEmpty {
        try await connection.execute(
          """
          UPDATE pg_index SET indisvalid = c.relname <> ALL ($2::text[]) FROM pg_class c
          WHERE c.oid = indexrelid AND (c.relname = ANY ($1::text[] || $2::text[]) OR c.oid IN (
            SELECT d.relid FROM pg_class t, pg_partition_tree(t.oid) d
            WHERE t.relname = ANY ($1::text[] || $2::text[]) AND t.relkind = 'I'))
          """, ["{" + shown.joined(separator: ",") + "}", "{" + dropped.sorted().joined(separator: ",") + "}"])
      }
      let document = try await connection.query("EXPLAIN (FORMAT JSON) " + sql).only()[0] ?? ""
      try await connection.execute("ROLLBACK")
      return document
    } catch {
      _ = try? await connection.execute("ROLLBACK")
      throw error
    }
  }

  func sizes() async throws -> [IndexDefinition: Int64] {
    let rows = try await connection.query(
      """
      SELECT c.relname AS name, (SELECT sum(pg_relation_size(d.relid)) FROM pg_partition_tree(c.oid) d WHERE d.isleaf)::int8
        AS partitions, CASE WHEN c.relkind = 'i' THEN pg_relation_size(c.oid) END AS own
      FROM pg_class c WHERE c.relname LIKE 'really\\_%' AND c.relkind IN ('i', 'I')
      """)
    var bytes: [String: Int64] = [:]
    for row in rows {
      bytes[try row.string("name")] =
        Int64(
          try row.optionalString("own") ?? row.optionalString("partitions") ?? "0") ?? 0
    }
    return names.compactMapValues { bytes[$0] }
  }

  func drop() async throws {
    for name in names.values.sorted() { try await connection.execute("DROP INDEX IF EXISTS \(name)") }
    for schema in Set(names.keys.map(\.table.schema)).sorted() where schema != "public" {
      for (definition, name) in names where definition.table.schema == schema {
        try await connection.execute("DROP INDEX IF EXISTS \(RelationName(schema: schema, name: name).sql)")
      }
    }
    try await restoreClasses()
    try await connection.execute("DROP TABLE IF EXISTS saved_class")
  }

  /// An index on an expression gets statistics when its table is analyzed, which in production comes soon after. The
  /// statistics of the columns stay as they were, so that chance in a second sample has no part in what is compared.
  private func analyzeExpressions(_ tables: Set<RelationName>) async throws {
    for table in tables.sorted(by: { $0.description < $1.description }) {
      try await analyze(table)
    }
  }

  private func analyze(_ table: RelationName) async throws {
    let slots = 1...5
    func list(_ item: (Int) -> String) -> String { slots.map(item).joined(separator: ", ") }
    // Elements' types differ from the column's: texts of vectors, members of arrays.
    func type(_ slot: Int) -> String {
      """
      (SELECT CASE WHEN s.k\(slot) IN (4, 5) AND b.typname = 'tsvector' THEN 25 WHEN s.k\(slot) IN (4, 5) THEN b.typelem
      WHEN s.k\(slot) = 6 THEN 701 ELSE b.oid END::oid FROM pg_type t
      JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END WHERE t.oid = a.atttypid)
      """
    }
    try await connection.execute(
      """
      CREATE TEMP TABLE saved AS SELECT starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
        \(list { "stakind\($0) AS k\($0), staop\($0) AS o\($0), stacoll\($0) AS c\($0), stanumbers\($0) AS n\($0), stavalues\($0)::text AS v\($0)" })
      FROM pg_statistic WHERE starelid = '\(table.sql)'::regclass
      """)
    try await connection.execute("ANALYZE \(table.sql)")
    try await connection.execute("DELETE FROM pg_statistic WHERE starelid = '\(table.sql)'::regclass")
    try await connection.execute(
      """
      INSERT INTO pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
        \(list { "stakind\($0), staop\($0), stacoll\($0), stanumbers\($0), stavalues\($0)" }))
      SELECT s.starelid, s.staattnum, s.stainherit, s.stanullfrac, s.stawidth, s.stadistinct,
        \(list { "s.k\($0), s.o\($0), s.c\($0), s.n\($0), CASE WHEN s.v\($0) IS NOT NULL THEN array_in(s.v\($0)::cstring, \(type($0)), -1) END" })
      FROM saved s JOIN pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
      """)
    try await connection.execute("DROP TABLE saved")
  }
}

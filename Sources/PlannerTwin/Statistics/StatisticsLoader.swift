import Catalog
import Model
import PostgresClient

/// Writes captured statistics into a twin's `pg_statistic`, names in place of numbers: object ids differ between servers.
struct StatisticsLoader {
  /// A superuser's connection with `allow_system_table_mods`. It runs input functions of the server, of extensions and of
  /// enums, ranges, composites and domains without their checks: no code of the snapshot's.
  var connection: PostgresConnection
  /// A connection of the schema's owner.
  var owner: PostgresConnection
  /// Relations and indexes by their object id in production.
  var names: [Int64: RelationName]
  var major: Int
  /// Default operators and collations by type, for snapshots whose role could not read `pg_statistic`.
  var operators: [String: StatisticsSlot.TypeOperators] = [:]
  private var leftOut: [LeftOut] = []

  init(connection: PostgresConnection, owner: PostgresConnection, names: [Int64: RelationName], major: Int) {
    self.connection = connection
    self.owner = owner
    self.names = names
    self.major = major
  }

  /// Rows of one statement: few enough for its text to stay small.
  private static let batch = 500

  mutating func load(_ rows: [SnapshotRow]) async throws -> [LeftOut] {
    try await connection.script(StatisticsSlot.SQL.makeTypes(major: major))
    let types = try await expressionTypes()
    var start = 0
    var next = try documents(rows, from: &start, types: types)
    while !next.isEmpty {
      let documents = next
      let connection = connection
      // While the server writes these, the next are laid out.
      async let written = Self.insert(documents.map(\.text), connection)
      next = try self.documents(rows, from: &start, types: types)
      do {
        for misfit in try await written where misfit < documents.count {
          try note(documents[misfit].row, "some of them are not of the column's type")
        }
      } catch let error as PostgresError where error.isConnectionUsable {
        // One bad row must not cost the others.
        for (row, _) in documents {
          guard let text = try document(row, number: 0, types: types) else { continue }
          do {
            if !(try await Self.insert([text], connection)).isEmpty {
              try note(row, "some of them are not of the column's type")
            }
          } catch let error as PostgresError where error.isConnectionUsable {
            try note(row, error.message)
          }
        }
      }
    }
    return leftOut
  }

  /// The next rows, up to a batch of those whose relations are in the snapshot; none at the end.
  private mutating func documents(
    _ rows: [SnapshotRow], from start: inout Int, types: [RelationName: [Int64: String]]
  ) throws -> [(row: SnapshotRow, text: String)] {
    var documents: [(row: SnapshotRow, text: String)] = []
    while start < rows.count, documents.count < Self.batch {
      if let text = try document(rows[start], number: documents.count, types: types) {
        documents.append((rows[start], text))
      }
      start += 1
    }
    return documents
  }

  private mutating func note(_ row: SnapshotRow, _ reason: String) throws {
    let name = names[try row.integer("relation")]
    let item = LeftOut(
      object: "statistics of column \(try row.integer("column_number")) of \(name?.description ?? "?")", reason: reason,
      name: name)
    if leftOut.last != item { leftOut.append(item) }
  }

  /// Writes rows, and returns the numbers of those of which a slot was left out.
  private static func insert(_ documents: [String], _ connection: PostgresConnection) async throws -> [Int] {
    guard !documents.isEmpty else { return [] }
    let rows = try await connection.query(insertSQL, ["[" + documents.joined(separator: ",") + "]"])
    return rows.compactMap { $0[0].flatMap { Int($0) } }
  }

  private static let insertSQL: String = {
    typealias SQL = StatisticsSlot.SQL
    return """
      WITH q AS MATERIALIZED (
        SELECT x.nr, c.oid AS relation, x.n, x.i, x.f, x.w, x.d, \(SQL.checked)
        FROM pg_catalog.json_to_recordset($1::json) AS x (nr integer, r text, n smallint, i boolean, f real, w integer,
          d real, e text, \(SQL.columns))
        JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(x.r)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.n AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_temp.value_types ty
          ON ty.oid = COALESCE(pg_catalog.to_regtype(x.e)::pg_catalog.oid, a.atttypid)
        \(SQL.joins)),
      written AS (
        INSERT INTO pg_catalog.pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
          \(SQL.list { "stakind\($0)" }), \(SQL.list { "staop\($0)" }), \(SQL.list { "stacoll\($0)" }),
          \(SQL.list { "stanumbers\($0)" }), \(SQL.list { "stavalues\($0)" }))
        SELECT q.relation, q.n, q.i, q.f, q.w, q.d, \(SQL.values) FROM q)
      SELECT q.nr FROM q WHERE \(SQL.hasMisfit) ORDER BY q.nr
      """
  }()

  /// One row as a JSON object; nil where the relation is not in the snapshot.
  private mutating func document(
    _ row: SnapshotRow, number: Int, types: [RelationName: [Int64: String]]
  ) throws -> String? {
    let column = try row.integer("column_number")
    guard let name = names[try row.integer("relation")] else { return nil }
    var fields = [
      "\"nr\":\(number)", "\"r\":\(JSONText.string(name.sql))", "\"n\":\(column)",
      "\"i\":\(try row.bool("is_inherited"))", "\"f\":\(JSONText.number(try row.double("null_fraction")))",
      "\"w\":\(max(0, try row.integer("width_bytes")))",
      "\"d\":\(JSONText.number(try row.double("distinct_values")))",
    ]
    if let type = types[name]?[column] { fields.append("\"e\":\(JSONText.string(type))") }
    var position = 1
    for slot in try row.rows("slots").prefix(5) {
      do {
        guard let found = try StatisticsSlot.fields(of: slot, at: position, operators) else { continue }
        fields += found
        position += 1
      } catch is StatisticsSlot.Misshapen {
        try note(row, "a part of them is not shaped as ANALYZE writes it")
      }
    }
    return "{" + fields.joined(separator: ",") + "}"
  }

  /// The types of expressions in those indexes whose columns are stored as something else: a GIN index of a text search
  /// vector has columns of text. Asked as the owner, of a view that is never read.
  private func expressionTypes() async throws -> [RelationName: [Int64: String]] {
    let rows = try await connection.query(
      """
      SELECT n.nspname AS schema, i.relname AS name, a.attnum AS number,
        pg_catalog.pg_get_indexdef(x.indexrelid, a.attnum, false) AS expression,
        pg_catalog.format('%I.%I', tn.nspname, t.relname) AS relation
      FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
      JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = i.oid AND a.attnum <= x.indnkeyatts
      JOIN pg_catalog.pg_opclass o ON o.oid = x.indclass[a.attnum - 1] AND o.opckeytype <> 0
      WHERE x.indkey[a.attnum - 1] = 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      ORDER BY i.oid, a.attnum
      """)
    var types: [RelationName: [Int64: String]] = [:]
    for row in rows {
      let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      do {
        try await owner.execute(
          "CREATE TEMPORARY VIEW pgassay_expression AS SELECT (\(try row.string("expression"))) AS value FROM "
            + "ONLY \(try row.string("relation"))")
        let type = try await owner.query(
          """
          SELECT pg_catalog.format_type(a.atttypid, NULL) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = 'pg_temp.pgassay_expression'::pg_catalog.regclass AND a.attnum = 1
          """
        ).only()[0]
        try await owner.execute("DROP VIEW pg_temp.pgassay_expression")
        types[name, default: [:]][Int64(try row.int("number"))] = type
      } catch let error as PostgresError where error.isConnectionUsable {
        continue
      }
    }
    return types
  }
}

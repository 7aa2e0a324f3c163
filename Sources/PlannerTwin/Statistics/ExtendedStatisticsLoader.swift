import Bytes
import Catalog
import Model
import PostgresClient

/// Writes the data of extended statistics into a twin's `pg_statistic_ext_data`.
///
/// The types of their values refuse text, so their stored bytes are written, through a cast that exists in the twin alone.
/// Counts and dependencies are laid out here. A list of common values is laid out by the twin itself: their texts become
/// rows of a table that ANALYZE reads, as the schema's owner, and only the frequencies are written over what it found. So
/// no bytes of a snapshot are ever read as a server's own data, and values whose stored form differs from server to
/// server (enums, ranges of users) are right.
/// Sources: PostgreSQL `mvdistinct.c` (`statext_ndistinct_serialize`), `dependencies.c`
/// (`statext_dependencies_serialize`), `mcv.c` (`statext_mcv_serialize`), `extended_stats.c` (`serialize_expr_stats`).
struct ExtendedStatisticsLoader {
  /// A superuser's connection with `allow_system_table_mods`, in which `StatisticsLoader` has worked.
  var connection: PostgresConnection
  /// A connection of the schema's owner.
  var owner: PostgresConnection
  var names: [Int64: RelationName]
  var major: Int

  private static let types = ["pg_ndistinct", "pg_dependencies", "pg_mcv_list"]
  private static let scratch = "pgassay_scratch"

  func load(_ rows: [SnapshotRow]) async throws -> [LeftOut] {
    guard !rows.isEmpty else { return [] }
    for type in Self.types { try await connection.execute("CREATE CAST (bytea AS \(type)) WITHOUT FUNCTION") }
    try await connection.execute("CREATE SCHEMA \(Self.scratch) AUTHORIZATION \(TwinSupport.owner)")
    var leftOut: [LeftOut] = []
    for row in rows {
      let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      let table = names[try row.integer("relation")]
      // Before version 15 there is one row, for the table alone or with its children.
      for data in try row.rows("data") where try major >= 15 || !(data.optionalBool("is_inherited") ?? false) {
        do {
          if let reason = try await load(data, of: name) {
            leftOut.append(LeftOut(object: "data of statistics \(name)", reason: reason, name: table))
          }
        } catch let error as PostgresError where error.isConnectionUsable {
          leftOut.append(LeftOut(object: "data of statistics \(name)", reason: error.message, name: table))
        }
        try await owner.execute("DROP TABLE IF EXISTS \(Self.scratch).list")
      }
    }
    try await connection.execute("DROP SCHEMA \(Self.scratch) CASCADE")
    for type in Self.types { try await connection.execute("DROP CAST (bytea AS \(type))") }
    return leftOut
  }

  /// - Returns: what is missing, nil for nothing.
  private func load(_ data: SnapshotRow, of name: RelationName) async throws -> String? {
    let distinct = try data.optionalString("distinct_counts").flatMap(Self.distinctBytes)
    let dependencies = try data.optionalString("dependencies").flatMap(Self.dependencyBytes)
    let items = try data.rows("common_values")
    let expressions = try data.rows("expressions")
    var missing: String?
    if data["distinct_counts"] != nil && distinct == nil || data["dependencies"] != nil && dependencies == nil {
      missing = "its counts or dependencies are not written as PostgreSQL writes them"
    }
    var common: [UInt8]?
    var documents: [String] = []
    if !items.isEmpty || !expressions.isEmpty {
      let columns = try await makeList(of: name)
      if !items.isEmpty {
        common = try await commonValues(items, columns: columns)
        if common == nil { missing = "its common values are not those that the twin would have" }
      }
      if major >= 14, !expressions.isEmpty {
        do {
          documents = try expressionDocuments(expressions, types: columns.filter(\.isExpression).map(\.type))
        } catch is StatisticsSlot.Misshapen {
          missing = "the statistics of its expressions are not shaped as ANALYZE writes them"
        }
      }
    }
    let inherited = major >= 15 ? "stxdinherit, " : ""
    let isInherited = major >= 15 ? "\(try data.optionalBool("is_inherited") ?? false), " : ""
    let misfits = try await connection.query(
      """
      WITH q AS MATERIALIZED (
        SELECT x.nr, x.f, x.w, x.d, \(StatisticsSlot.SQL.checked)
        FROM pg_catalog.json_to_recordset($6::json) AS x (nr integer, f real, w integer, d real, e text,
          \(StatisticsSlot.SQL.columns))
        JOIN pg_temp.value_types ty ON ty.oid = pg_catalog.to_regtype(x.e)
        \(StatisticsSlot.SQL.joins)),
      written AS (
        INSERT INTO pg_catalog.pg_statistic_ext_data (stxoid, \(inherited)stxdndistinct, stxddependencies, stxdmcv\
        \(major >= 14 ? ", stxdexpr" : ""))
        SELECT s.oid, \(isInherited)$3::bytea::pg_ndistinct, $4::bytea::pg_dependencies, $5::bytea::pg_mcv_list\
        \(major >= 14 ? """
          , (SELECT pg_catalog.array_agg(CASE WHEN q.f IS NOT NULL THEN
          ROW(0::pg_catalog.oid, 0::smallint, false, q.f, q.w, q.d, \(StatisticsSlot.SQL.values))::pg_catalog.pg_statistic
          END ORDER BY q.nr) FROM q)
          """ : "")
        FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
        WHERE n.nspname = $1 AND s.stxname = $2)
      SELECT q.nr FROM q WHERE \(StatisticsSlot.SQL.hasMisfit)
      """,
      [
        name.schema, name.name, distinct.map(Self.hexadecimal), dependencies.map(Self.hexadecimal),
        common.map(Self.hexadecimal), "[" + documents.joined(separator: ",") + "]",
      ])
    return misfits.isEmpty ? missing : "some of the values of its expressions are not of their type"
  }

  // MARK: Columns and expressions

  private struct Column {
    /// As SQL, on the table.
    var sql: String
    var isExpression: Bool
    /// With its schema, without its modifier: a bare `character` would be one of length 1.
    var type: String
  }

  /// Makes an empty table of what the statistics are on: columns by number, then expressions, as their values are kept.
  private func makeList(of name: RelationName) async throws -> [Column] {
    let rows = try await connection.query(
      """
      SELECT pg_catalog.format('%I.%I', tn.nspname, t.relname) AS relation, p.sql, p.is_expression
      FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
      JOIN pg_catalog.pg_class t ON t.oid = s.stxrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
      CROSS JOIN LATERAL (
        SELECT pg_catalog.quote_ident(a.attname) AS sql, false AS is_expression, k.n
        FROM pg_catalog.unnest(s.stxkeys::smallint[]) WITH ORDINALITY AS k (number, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = s.stxrelid AND a.attnum = k.number
        \(major >= 14 ? """
          UNION ALL SELECT '(' || e.sql || ')', true, 100 + e.n
          FROM pg_catalog.unnest(pg_catalog.pg_get_statisticsobjdef_expressions(s.oid)) WITH ORDINALITY AS e (sql, n)
          """ : "")) p
      WHERE n.nspname = $1 AND s.stxname = $2 ORDER BY p.n
      """, [name.schema, name.name])
    guard let relation = try rows.first?.string("relation") else {
      throw PostgresError(.unexpectedResult, "it was not made")
    }
    let list = try rows.enumerated().map { "\(try $1.string("sql")) AS c\($0 + 1)" }.joined(separator: ", ")
    try await owner.execute("CREATE TABLE \(Self.scratch).list AS SELECT \(list) FROM ONLY \(relation) WITH NO DATA")
    let types = try await connection.query(
      """
      SELECT pg_catalog.format('%I.%I', n.nspname, t.typname) FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      WHERE a.attrelid = '\(Self.scratch).list'::pg_catalog.regclass AND a.attnum > 0 ORDER BY a.attnum
      """)
    return try zip(rows, types).map {
      Column(sql: try $0.string("sql"), isExpression: try $0.bool("is_expression"), type: $1[0] ?? "")
    }
  }

  private func expressionDocuments(_ expressions: [SnapshotRow], types: [String]) throws -> [String] {
    try zip(expressions, types).enumerated().map { number, pair in
      let (row, type) = pair
      // Without values of its own where ANALYZE saw none.
      guard let nulls = try row.optionalDouble("null_fraction") else {
        return "{\"nr\":\(number),\"e\":\(JSONText.string(type))}"
      }
      var fields = [
        "\"nr\":\(number)", "\"e\":\(JSONText.string(type))", "\"f\":\(JSONText.number(nulls))",
        "\"w\":\(max(0, try row.integer("width_bytes")))",
        "\"d\":\(JSONText.number(try row.double("distinct_values")))",
      ]
      var position = 1
      for slot in try row.rows("slots").prefix(5) {
        guard let found = try StatisticsSlot.fields(of: slot, at: position, [:]) else { continue }
        fields += found
        position += 1
      }
      return "{" + fields.joined(separator: ",") + "}"
    }
  }

  // MARK: Common values

  private struct Item: Hashable {
    var values: [String?]
  }

  /// The stored list of these combinations; nil where the twin finds others in the same rows.
  private func commonValues(_ items: [SnapshotRow], columns: [Column]) async throws -> [UInt8]? {
    var frequencies: [Item: (frequency: Double, base: Double)] = [:]
    var documents: [String] = []
    for row in items {
      let item = try Self.item(row)
      guard item.values.count == columns.count else { return nil }
      frequencies[item] = (try row.double("frequency"), try row.double("base_frequency"))
      let fields = item.values.enumerated().compactMap { number, value in
        value.map { "\"c\(number + 1)\":\(JSONText.string($0))" }
      }
      documents.append("{" + fields.joined(separator: ",") + "}")
    }
    guard frequencies.count == items.count, (2...8).contains(columns.count) else { return nil }
    let record = columns.indices.map { "c\($0 + 1) text" }.joined(separator: ", ")
    let values = columns.enumerated().map { "x.c\($0 + 1)::\($1.type)" }.joined(separator: ", ")
    let names = columns.indices.map { "c\($0 + 1)" }.joined(separator: ", ")
    try await owner.execute(
      "INSERT INTO \(Self.scratch).list SELECT \(values) FROM pg_catalog.json_to_recordset($1::json) AS x (\(record))",
      ["[" + documents.joined(separator: ",") + "]"])
    try await owner.execute("CREATE STATISTICS \(Self.scratch).found (mcv) ON \(names) FROM \(Self.scratch).list")
    try await owner.execute("ALTER STATISTICS \(Self.scratch).found SET STATISTICS 10000")
    try await owner.execute("ANALYZE \(Self.scratch).list")
    let found = try await connection.query(
      """
      SELECT pg_catalog.encode(d.stxdmcv::bytea, 'hex') AS bytes, pg_catalog.array_to_json(m.values)::text AS values
      FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = s.oid
      CROSS JOIN LATERAL pg_catalog.pg_mcv_list_items(d.stxdmcv) m
      WHERE s.stxname = 'found' AND s.stxnamespace = '\(Self.scratch)'::pg_catalog.regnamespace ORDER BY m.index
      """)
    guard found.count == items.count, var bytes = try found.first.flatMap({ Self.bytes(hex: try $0.string("bytes")) })
    else { return nil }
    // An item: a byte for each dimension, two doubles, an index of two bytes for each dimension (`ITEM_SIZE`).
    let itemBytes = columns.count * 3 + 16
    let start = bytes.count - items.count * itemBytes
    guard start > 0 else { return nil }
    for (number, row) in found.enumerated() {
      guard let texts = JSONText.strings(try row.string("values")), let known = frequencies[Item(values: texts)] else {
        return nil
      }
      let place = start + number * itemBytes + columns.count
      bytes.replaceSubrange(place..<place + 8, with: [UInt8](known.frequency.bitPattern))
      bytes.replaceSubrange(place + 8..<place + 16, with: [UInt8](known.base.bitPattern))
    }
    return bytes
  }

  private static func item(_ row: SnapshotRow) throws -> Item {
    guard case .array(let elements)? = row["values"] else { throw StatisticsSlot.Misshapen() }
    return Item(values: elements.map(\.string))
  }

  // MARK: Layouts

  /// From `{"1, 2": 100, "1, 2, 3": 400}`.
  static func distinctBytes(_ text: String) -> [UInt8]? {
    guard let entries = entries(text) else { return nil }
    var bytes: [UInt8] = []
    // STATS_NDISTINCT_MAGIC, STATS_NDISTINCT_TYPE_BASIC.
    bytes.append(UInt32(0xa352_bfa4))
    bytes.append(UInt32(1))
    bytes.append(UInt32(entries.count))
    for (key, value) in entries {
      bytes.append(value.bitPattern)
      bytes.append(UInt32(key.count))
      for number in key { bytes.append(UInt16(bitPattern: number)) }
    }
    return bytes
  }

  /// From `{"1 => 2": 1.000000, "1, 2 => 3": 0.5}`.
  static func dependencyBytes(_ text: String) -> [UInt8]? {
    guard let entries = entries(text) else { return nil }
    var bytes: [UInt8] = []
    // STATS_DEPS_MAGIC, STATS_DEPS_TYPE_BASIC.
    bytes.append(UInt32(0xb454_9a2c))
    bytes.append(UInt32(1))
    bytes.append(UInt32(entries.count))
    for (key, value) in entries {
      bytes.append(value.bitPattern)
      bytes.append(UInt16(key.count))
      for number in key { bytes.append(UInt16(bitPattern: number)) }
    }
    return bytes
  }

  /// Column numbers and value of each member; expressions have negative numbers.
  static func entries(_ text: String) -> [(key: [Int16], value: Double)]? {
    var result: [(key: [Int16], value: Double)] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "\"") {
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: "\"") else { return nil }
      let key = rest[..<close].split { !$0.isNumber && $0 != "-" }.compactMap { Int16($0) }
      rest = rest[rest.index(after: close)...].drop { $0 == ":" || $0 == " " }
      let number = rest.prefix { $0 != "," && $0 != "}" }
      guard let value = Double(number.trimmingSpace), value.isFinite, (2...8).contains(key.count) else { return nil }
      result.append((key, value))
      rest = rest.dropFirst(number.count)
    }
    return result.isEmpty ? nil : result
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return "\\x" + String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func bytes(hex: String) -> [UInt8]? {
    let digits = hex.utf8.map { UInt8(truncatingIfNeeded: Character(UnicodeScalar($0)).hexDigitValue ?? 0) }
    guard digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

extension Substring {
  fileprivate var trimmingSpace: Substring {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ value: some FixedWidthInteger) { append(contentsOf: [UInt8](value)) }

  fileprivate init(_ value: some FixedWidthInteger) {
    self = Swift.withUnsafeBytes(of: value) { [UInt8]($0) }
  }
}

import IndexSize
import Model
import PostgresClient

/// Gives an index's expressions the statistics that ANALYZE would find, as far as those of the columns tell.
///
/// An expression in an index is immutable, so what it makes of a column's common values are common values of its own,
/// and what it makes of a histogram's bounds is a sample of its other values: the expression is run on them, in the twin.
/// With several columns the values are put together as if the columns had nothing to do with each other, and the result
/// is marked as rough.
struct ExpressionStatistics {
  /// A superuser's connection with `allow_system_table_mods`.
  var administration: PostgresConnection
  /// A connection of the schema's owner, outside a transaction: expressions may call the snapshot's own functions.
  var owner: PostgresConnection

  /// What became of an index's expressions that had no statistics.
  struct Outcome: Sendable {
    struct Expression: Sendable {
      var sql: String
      /// Columns that the statistics come from.
      var columns: [String]
      var isRough: Bool
    }

    var derived: [Expression] = []
    /// Expressions of which nothing is known: the planner guesses.
    var unknown: [String] = []

    /// For people.
    var notes: [String] {
      derived.map { item in
        "the statistics of \(item.sql) are derived from those of \(item.columns.joined(separator: ", "))"
          + (item.isRough ? ", the number of its values is a rough guess" : "")
      }
        + unknown.map { "nothing is known of \($0) before it is built and analyzed: the planner guesses" }
    }
  }

  /// An expression key of an index.
  private struct Key {
    var number: Int
    var sql: String
    var predicate: String?
    /// Of the table, as SQL.
    var relation: String
    var relationOID: String
    /// As SQL; nil for types without collations.
    var collation: String?
    /// Longest list of common values.
    var target: Int
  }

  /// Rows that are made up where an expression has several columns.
  private static let drawnRows = 3_000

  /// - Parameters:
  ///   - index: object id of an index that is there already.
  ///   - rows: of its table, as the planner reckons them.
  func derive(index: String, rows: Double) async throws -> Outcome {
    var outcome = Outcome()
    for key in try await keys(of: index) {
      if let expression = try await derive(key, index: index, rows: rows) {
        outcome.derived.append(expression)
      } else {
        outcome.unknown.append(key.sql)
      }
    }
    return outcome
  }

  private func keys(of index: String) async throws -> [Key] {
    try await administration.query(
      """
      SELECT a.attnum AS number, pg_catalog.pg_get_indexdef(x.indexrelid, a.attnum, false) AS sql,
        pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate, x.indrelid::text AS relation_oid,
        pg_catalog.format('%I.%I', n.nspname, t.relname) AS relation,
        (SELECT pg_catalog.format('%I.%I', cn.nspname, c.collname) FROM pg_catalog.pg_collation c
          JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace
          WHERE c.oid = x.indcollation[a.attnum - 1]) AS collation,
        CASE WHEN COALESCE(a.attstattarget, -1) >= 0 THEN a.attstattarget
          ELSE pg_catalog.current_setting('default_statistics_target')::int END AS target
      FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indexrelid AND a.attnum <= x.indnkeyatts
      WHERE x.indexrelid = $1::pg_catalog.oid AND x.indkey[a.attnum - 1] = 0 AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_statistic s WHERE s.starelid = x.indexrelid AND s.staattnum = a.attnum)
      ORDER BY a.attnum
      """, [index]
    ).map { row in
      Key(
        number: try row.int("number"), sql: try row.string("sql"), predicate: try row.optionalString("predicate"),
        relation: try row.string("relation"), relationOID: try row.string("relation_oid"),
        collation: try row.optionalString("collation"), target: try row.int("target"))
    }
  }

  /// - Returns: nil where nothing can be said.
  private func derive(_ key: Key, index: String, rows: Double) async throws -> Outcome.Expression? {
    guard rows >= 1, key.target > 0 else { return nil }
    return try await ExpressionReader(owner: owner, relation: key.relation, relationOID: key.relationOID).attempt {
      try await evaluated(key, index: index, rows: rows, $0)
    }
  }

  private func evaluated(
    _ key: Key, index: String, rows: Double, _ reader: ExpressionReader
  ) async throws -> Outcome.Expression? {
    let (columns, type) = try await reader.columns(of: key.sql)
    guard let type, type.isSafe, !columns.isEmpty, columns.count <= 8 else { return nil }
    var samples: [ColumnSample] = []
    for column in columns {
      guard
        let sample = try await ColumnSample(
          relation: key.relationOID, column: column.number, rows: rows, administration)
      else { return nil }
      samples.append(sample)
    }
    // A partial index's other rows are left out where the same columns decide.
    var predicate = key.predicate
    if let condition = predicate {
      let deciding = try await reader.columns(of: condition).columns
      if !Set(deciding.map(\.number)).isSubset(of: Set(columns.map(\.number))) { predicate = nil }
    }
    guard
      let results = try await run(key, on: columns, samples, where: predicate, reader),
      let found = DerivedStatistics(results, of: samples, rows: rows, target: key.target, typeLength: type.length)
    else { return nil }
    try await write(found, of: type, key, index: index)
    return .init(sql: key.sql, columns: columns.map(\.name), isRough: found.isRough)
  }

  /// Runs an expression on values of its columns.
  private func run(
    _ key: Key, on columns: [ExpressionReader.Column], _ samples: [ColumnSample], where predicate: String?,
    _ reader: ExpressionReader
  ) async throws -> DerivedStatistics.Results? {
    var values: [[String?]]
    var weights: [Double]
    var areCommon: [Bool]
    var windows: [String?] = []
    if samples.count == 1 {
      values = [samples[0].points.map(\.value)]
      weights = samples[0].points.map(\.weight)
      areCommon = samples[0].points.map(\.isCommon)
      windows = Array(repeating: nil, count: values[0].count)
      for window in samples[0].windows {
        values[0] += window.values
        windows += Array(repeating: String(window.level * 100 + window.number), count: window.values.count)
      }
      weights += Array(repeating: 0, count: values[0].count - weights.count)
      areCommon += Array(repeating: false, count: values[0].count - areCommon.count)
    } else {
      values = samples.enumerated().map { $1.drawn(Self.drawnRows, seed: 0x726f_7773 + UInt64($0)) }
      weights = Array(repeating: 1 / Double(Self.drawnRows), count: Self.drawnRows)
      areCommon = Array(repeating: false, count: Self.drawnRows)
      windows = Array(repeating: nil, count: Self.drawnRows)
    }
    let order =
      samples.count == 1 && samples[0].correlation != nil
      ? "pg_catalog.row_number() OVER (ORDER BY \(SQLSpelling.identifier(columns[0].name)))" : "NULL::int8"
    let collation = key.collation.map { " COLLATE " + $0 } ?? ""
    let source = ExpressionReader.rows(of: columns, with: ["w float8", "c boolean", "z int4"])
    let rows = try await reader.owner.query(
      """
      WITH pgassay_a AS MATERIALIZED (
        SELECT (\(key.sql))\(collation) AS value, pgassay_w AS w, pgassay_c AS c, pgassay_z AS z, \(order) AS n
        FROM (\(source)) pgassay_r \(predicate.map { "WHERE (\($0))" } ?? "")),
      pgassay_p AS (SELECT value, w, c, n FROM pgassay_a WHERE z IS NULL),
      pgassay_g AS (
        SELECT value, pg_catalog.sum(w) AS weight, COALESCE(pg_catalog.sum(w) FILTER (WHERE NOT c), 0) AS other_weight,
          pg_catalog.count(*) FILTER (WHERE NOT c) AS others, pg_catalog.count(*) FILTER (WHERE c) AS commons,
          pg_catalog.rank() OVER (ORDER BY value) AS place
        FROM pgassay_p GROUP BY value)
      SELECT 1 AS kind, value::text AS value, weight, other_weight, others, commons,
        pg_catalog.pg_column_size(value) AS bytes, place FROM pgassay_g
      UNION ALL
      SELECT 2, NULL, pg_catalog.corr(n, r), 0, 0, 0, 0, NULL FROM (
        SELECT n, pg_catalog.row_number() OVER (ORDER BY value, n) AS r FROM pgassay_p WHERE value IS NOT NULL) q
      UNION ALL
      SELECT 3, NULL, pg_catalog.count(DISTINCT value), pg_catalog.count(value), z / 100, 0, 0, NULL
      FROM pgassay_a WHERE z IS NOT NULL GROUP BY z
      UNION ALL
      SELECT 4, NULL, pg_catalog.count(DISTINCT value), pg_catalog.count(value), z / 100, 0, 0, NULL
      FROM pgassay_a WHERE z IS NOT NULL GROUP BY z / 100
      ORDER BY kind, place NULLS LAST
      """,
      values.map { ArrayText.text($0) } + [
        ArrayText.text(weights.map { "\($0)" }), ArrayText.text(areCommon.map { $0 ? "t" : "f" }),
        ArrayText.text(windows),
      ])
    var results = DerivedStatistics.Results()
    if samples.count > 1 {
      results.combinations = Double(Set((0..<Self.drawnRows).map { row in values.map { $0[row] } }).count)
    }
    for row in rows {
      let weight = try row.optionalDouble("weight")
      let kind = try row.int("kind")
      switch kind {
      case 1:
        guard let value = try row.optionalString("value") else {
          results.nullWeight += weight ?? 0
          continue
        }
        results.groups.append(
          .init(
            value: value, weight: weight ?? 0, otherWeight: try row.double("other_weight"),
            others: Double(try row.int("others")), commons: Double(try row.int("commons")),
            bytes: try row.int("bytes")))
      case 2: results.correlation = weight
      default:
        results.windows.append(
          .init(
            level: try row.int("others"), isWholeLevel: kind == 4, results: weight ?? 0,
            points: try row.double("other_weight")))
      }
    }
    return results.groups.isEmpty ? nil : results
  }

  // MARK: Writing

  private func write(_ found: DerivedStatistics, of type: ExpressionReader.ResultType, _ key: Key, index: String)
    async throws
  {
    // The default B-tree class of the type, of one that it is the same as, or of its kind (`GetDefaultOpClass`).
    let operators = try await administration.query(
      """
      SELECT eq.amopopr::pg_catalog.oid::text AS equal, lt.amopopr::pg_catalog.oid::text AS less
      FROM pg_catalog.pg_type t
      CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'e' THEN 3500 WHEN t.typtype = 'r' THEN 3831
        WHEN t.typtype = 'm' THEN 4537 WHEN t.typcategory = 'A' THEN 2277 ELSE 0 END::pg_catalog.oid AS polymorphic) p
      JOIN pg_catalog.pg_opclass o ON o.opcdefault AND (o.opcintype IN (t.oid, p.polymorphic) OR EXISTS (
        SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = t.oid AND c.casttarget = o.opcintype
        AND c.castmethod = 'b' AND c.castcontext = 'i'))
      JOIN pg_catalog.pg_am am ON am.oid = o.opcmethod AND am.amname = 'btree'
      JOIN pg_catalog.pg_amop eq ON eq.amopfamily = o.opcfamily AND eq.amoplefttype = o.opcintype
        AND eq.amoprighttype = o.opcintype AND eq.amopstrategy = 3 AND eq.amoppurpose = 's'
      JOIN pg_catalog.pg_amop lt ON lt.amopfamily = o.opcfamily AND lt.amoplefttype = o.opcintype
        AND lt.amoprighttype = o.opcintype AND lt.amopstrategy = 1 AND lt.amoppurpose = 's'
      WHERE t.oid = $1::pg_catalog.oid ORDER BY o.opcintype <> t.oid, o.opcintype <> p.polymorphic, o.oid LIMIT 1
      """, [type.oid]
    ).first
    guard let operators else { return }
    let (equal, less) = (try operators.string("equal"), try operators.string("less"))
    struct Slot {
      var kind: Int
      var operatorOID: String
      var numbers: [Double]
      var values: [String]
    }
    var slots: [Slot] = []
    if !found.common.isEmpty {
      slots.append(
        Slot(kind: 1, operatorOID: equal, numbers: found.common.map(\.share), values: found.common.map(\.value)))
    }
    if found.bounds.count >= 2 { slots.append(Slot(kind: 2, operatorOID: less, numbers: [], values: found.bounds)) }
    if let correlation = found.correlation {
      slots.append(Slot(kind: 3, operatorOID: less, numbers: [correlation], values: []))
    }
    var parameters: [String?] = [
      index, String(key.number), "\(Float(found.nullFraction))", String(found.width), "\(Float(found.distinct))",
      type.oid,
      key.collation,
    ]
    var columns: [[String]] = [[], [], [], [], []]
    for slot in 0..<5 {
      guard slot < slots.count else {
        for (place, none) in ["0", "0", "0", "NULL", "NULL"].enumerated() { columns[place].append(none) }
        continue
      }
      let item = slots[slot]
      columns[0].append("\(item.kind)")
      columns[1].append(item.operatorOID)
      columns[2].append("COALESCE(pg_catalog.to_regcollation($7)::pg_catalog.oid, 0)")
      for (place, text) in [
        (3, item.numbers.isEmpty ? nil : "{" + item.numbers.map(JSONText.real).joined(separator: ",") + "}"),
        (4, item.values.isEmpty ? nil : ArrayText.text(item.values)),
      ] {
        guard let text else {
          columns[place].append("NULL")
          continue
        }
        parameters.append(text)
        let number = "$\(parameters.count)"
        columns[place].append(
          place == 3 ? "\(number)::real[]" : "pg_catalog.array_in(\(number)::cstring, $6::pg_catalog.oid, -1)")
      }
    }
    func names(_ prefix: String) -> String { (1...5).map { prefix + String($0) }.joined(separator: ", ") }
    try await administration.execute(
      """
      INSERT INTO pg_catalog.pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
        \(names("stakind")), \(names("staop")), \(names("stacoll")), \(names("stanumbers")), \(names("stavalues")))
      SELECT $1::pg_catalog.oid, $2::int2, false, $3::real, $4::int4, $5::real,
        \(columns.map { $0.joined(separator: ", ") }.joined(separator: ", "))
      WHERE $6::pg_catalog.oid IS NOT NULL AND $7::text IS NOT DISTINCT FROM $7::text
      """, parameters)
  }
}

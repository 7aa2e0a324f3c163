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
    var keys: [KeyStatistics] = []

    /// For people: what is known first.
    var notes: [String] {
      (keys.filter { $0.origin != .unknown } + keys.filter { $0.origin == .unknown }).map(\.note)
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
      outcome.keys.append(
        try await derive(key, index: index, rows: rows)
          ?? KeyStatistics(expression: key.sql, origin: .unknown, number: key.number))
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
  private func derive(_ key: Key, index: String, rows: Double) async throws -> KeyStatistics? {
    guard rows >= 1, key.target > 0 else { return nil }
    return try await ExpressionReader(owner: owner, relation: key.relation, relationOID: key.relationOID).attempt {
      try await evaluated(key, index: index, rows: rows, $0)
    }
  }

  private func evaluated(
    _ key: Key, index: String, rows: Double, _ reader: ExpressionReader
  ) async throws -> KeyStatistics? {
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
    if type.isVector {
      guard try await writeWords(key, on: columns, samples, where: predicate, reader, index: index) else { return nil }
      return KeyStatistics(
        expression: key.sql, origin: .guessed, columns: columns.map(\.name), number: key.number)
    }
    guard
      let results = try await run(key, on: columns, samples, where: predicate, reader),
      let found = DerivedStatistics(results, of: samples, rows: rows, target: key.target, typeLength: type.length)
    else { return nil }
    try await write(found, of: type, key, index: index)
    return KeyStatistics(
      expression: key.sql, origin: found.isRough ? .guessed : .derived, columns: columns.map(\.name),
      distinct: found.number, range: found.isRough ? found.range : nil, number: key.number)
  }

  /// What an expression is run on: for each column the values; then their weights, whether they are common, and the
  /// window that they are counted in.
  private func arguments(_ samples: [ColumnSample]) -> (texts: [String?], combinations: Double) {
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
    let texts =
      values.map { ArrayText.text($0) } + [
        ArrayText.text(weights.map { "\($0)" }), ArrayText.text(areCommon.map { $0 ? "t" : "f" }),
        ArrayText.text(windows),
      ]
    guard samples.count > 1 else { return (texts, 0) }
    return (texts, Double(Set((0..<Self.drawnRows).map { row in values.map { $0[row] } }).count))
  }

  /// Runs an expression on values of its columns.
  private func run(
    _ key: Key, on columns: [ExpressionReader.Column], _ samples: [ColumnSample], where predicate: String?,
    _ reader: ExpressionReader
  ) async throws -> DerivedStatistics.Results? {
    let arguments = arguments(samples)
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
      arguments.texts)
    var results = DerivedStatistics.Results()
    if samples.count > 1 {
      results.combinations = arguments.combinations
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
    var slots: [Slot] = []
    if !found.common.isEmpty {
      slots.append(
        Slot(
          kind: StatisticsSlot.Kind.commonValues, operatorOID: equal, numbers: found.common.map(\.share),
          values: found.common.map(\.value), type: type.oid))
    }
    if found.bounds.count >= 2 {
      slots.append(
        Slot(kind: StatisticsSlot.Kind.histogram, operatorOID: less, values: found.bounds, type: type.oid))
    }
    if let correlation = found.correlation {
      slots.append(Slot(kind: StatisticsSlot.Kind.correlation, operatorOID: less, numbers: [correlation]))
    }
    try await write(
      slots, nullFraction: found.nullFraction, width: found.width, distinct: found.distinct, key, index: index)
  }

  private struct Slot {
    var kind: Int64
    var operatorOID: String
    var numbers: [Double] = []
    var values: [String] = []
    /// Object id of the values' type.
    var type = "0"
  }

  private func write(
    _ slots: [Slot], nullFraction: Double, width: Int, distinct: Double, _ key: Key, index: String
  ) async throws {
    var parameters: [String?] = [
      index, String(key.number), "\(Float(nullFraction))", String(width), "\(Float(distinct))", key.collation,
    ]
    var columns: [[String]] = [[], [], [], [], []]
    for place in 0..<5 {
      guard place < slots.count else {
        for (column, none) in ["0", "0", "0", "NULL", "NULL"].enumerated() { columns[column].append(none) }
        continue
      }
      let slot = slots[place]
      columns[0].append("\(slot.kind)")
      columns[1].append(slot.operatorOID)
      // Words are kept in the database's own order (`ts_typanalyze.c`).
      columns[2].append(
        slot.kind == StatisticsSlot.Kind.commonElements
          ? "100" : "COALESCE(pg_catalog.to_regcollation($6)::pg_catalog.oid, 0)")
      if slot.numbers.isEmpty {
        columns[3].append("NULL")
      } else {
        parameters.append("{" + slot.numbers.map(JSONText.real).joined(separator: ",") + "}")
        columns[3].append("$\(parameters.count)::real[]")
      }
      if slot.values.isEmpty {
        columns[4].append("NULL")
      } else {
        parameters += [ArrayText.text(slot.values), slot.type]
        columns[4].append(
          "pg_catalog.array_in($\(parameters.count - 1)::cstring, $\(parameters.count)::pg_catalog.oid, -1)")
      }
    }
    func names(_ prefix: String) -> String { (1...5).map { prefix + String($0) }.joined(separator: ", ") }
    try await administration.execute(
      """
      INSERT INTO pg_catalog.pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
        \(names("stakind")), \(names("staop")), \(names("stacoll")), \(names("stanumbers")), \(names("stavalues")))
      SELECT $1::pg_catalog.oid, $2::int2, false, $3::real, $4::int4, $5::real,
        \(columns.map { $0.joined(separator: ", ") }.joined(separator: ", "))
      WHERE $6::text IS NOT DISTINCT FROM $6::text
      """, parameters)
  }

  // MARK: Words

  /// Of text search vectors ANALYZE keeps in how many of the rows each common word is (`ts_typanalyze.c`).
  ///
  /// - Returns: whether there are words that more than one of the values has.
  private func writeWords(
    _ key: Key, on columns: [ExpressionReader.Column], _ samples: [ColumnSample], where predicate: String?,
    _ reader: ExpressionReader, index: String
  ) async throws -> Bool {
    let arguments = arguments(samples)
    let source = ExpressionReader.rows(of: columns, with: ["w float8", "c boolean", "z int4"])
    let rows = try await reader.owner.query(
      """
      WITH pgassay_p AS MATERIALIZED (
        SELECT (\(key.sql)) AS value, pgassay_w AS w FROM (\(source)) pgassay_r
        WHERE pgassay_z IS NULL \(predicate.map { "AND (\($0))" } ?? "")),
      pgassay_t AS (
        SELECT COALESCE(pg_catalog.sum(w) FILTER (WHERE value IS NOT NULL), 0) AS filled, pg_catalog.sum(w) AS whole,
          COALESCE(pg_catalog.sum(w * pg_catalog.pg_column_size(value)), 0) AS bytes FROM pgassay_p),
      pgassay_e AS (
        SELECT word, pg_catalog.sum(w) AS weight
        FROM pgassay_p, pg_catalog.unnest(pg_catalog.tsvector_to_array(value)) word
        GROUP BY word HAVING pg_catalog.count(*) > 1 ORDER BY 2 DESC, 1 LIMIT \(10 * key.target))
      SELECT word, weight, filled, whole, bytes FROM pgassay_e, pgassay_t
      ORDER BY pg_catalog.octet_length(word), word COLLATE pg_catalog."C"
      """, arguments.texts)
    guard let first = rows.first, try first.double("filled") > 0 else { return false }
    let (filled, whole) = (try first.double("filled"), try first.double("whole"))
    let shares = try rows.map { min(1, try $0.double("weight") / filled) }
    guard let least = shares.min(), let most = shares.max() else { return false }
    try await write(
      [
        // texteq, and the type text (pg_operator.dat, pg_type.dat).
        Slot(
          kind: StatisticsSlot.Kind.commonElements, operatorOID: "98", numbers: shares + [least, most],
          values: try rows.map { try $0.string("word") }, type: "25")
      ], nullFraction: max(0, 1 - filled / whole), width: Int(try first.double("bytes") / filled), distinct: -1, key,
      index: index)
    return true
  }
}

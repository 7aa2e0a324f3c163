import Glibc
import IndexSize
import PostgresClient

/// Reads from a database's catalog what the size of one of its indexes depends on: the index's own row format, and the
/// statistics of the columns it is made of. The index may be empty.
struct IndexShapeReader {
  var connection: PostgresConnection

  struct Reading: Sendable {
    var method: String
    var shape: IndexShape
    /// Keys that are expressions without statistics of their own.
    var hasUnknownExpression: Bool
  }

  /// - Parameters:
  ///   - tableRows: rows of the table, as the planner reckons them.
  ///   - coveredShare: share of them that a partial index covers; 1 for others.
  ///   - deduplicates: what the index's metapage says.
  ///   - partial: what a partial index's predicate leaves of columns, by their numbers.
  func read(
    index: String, tableRows: Double, tablePages: Int64, coveredShare: Double, deduplicates: Bool,
    partial: [Int: PartialColumns.Column] = [:]
  ) async throws -> Reading {
    let rows = try await connection.query(Self.columnsSQL, [index])
    guard let first = rows.first else { throw PostgresError(.unexpectedResult, "there is no index with oid \(index)") }
    let keyCount = try first.int("key_count")
    let covered = tableRows * coveredShare
    var columns: [(column: IndexedColumn, isClustered: Bool)] = []
    var hasUnknownExpression = false
    for row in rows {
      var stored: StoredWidths?
      if try row.bool("has_odd_width"), try row.optionalString("statistics_relation") != nil {
        stored = try await storedWidths(row)
      }
      var column = try Self.column(
        row, stored: stored, tableRows: tableRows, tablePages: tablePages, covered: covered,
        partial: partial[try row.int("key")])
      if try row.string("method") == "gin" {
        let found = try await IndexEntriesReader(connection: connection).entries(
          of: .init(
            operatorClass: column.operatorClass, relation: try row.optionalString("statistics_relation") ?? "0",
            number: try row.optionalString("statistics_number").flatMap { Int($0) } ?? 0, rows: covered,
            column: column))
        column.entries = found.classes
        column.entriesAreRough = found.isRough
      }
      columns.append((column, column.isClustered))
      if try row.int("key") == 0, try row.optionalDouble("distinct_") == nil { hasUnknownExpression = true }
    }
    let options = try Self.options(first.optionalString("options"))
    let keys = columns.prefix(keyCount).map(\.column)
    let (prefixDistinct, groups, least) = try await keyGroups(
      keys: Array(columns.prefix(keyCount)), keyNumbers: rows.prefix(keyCount).map { try $0.int("key") },
      table: first.string("table_oid"), covered: covered)
    var shape = IndexShape(
      rows: covered, keys: Array(keys), included: columns.dropFirst(keyCount).map(\.column),
      prefixDistinct: prefixDistinct, groups: groups, isUnique: try first.bool("is_unique"),
      deduplicates: deduplicates && options["deduplicate_items"].map { $0 != "off" && $0 != "false" } ?? true,
      fillFactor: options["fillfactor"].flatMap { Int($0) }, tablePages: tablePages,
      pagesPerRange: options["pages_per_range"].flatMap { Int($0) } ?? 128)
    shape.options = options
    shape.leastGroups = least
    shape.buildMemoryBytes = Int64(try first.int("build_memory"))
    return Reading(method: try first.string("method"), shape: shape, hasUnknownExpression: hasUnknownExpression)
  }

  // MARK: Columns

  /// One row for each column of the index, with the statistics of the table's column or of the expression.
  private static let columnsSQL = """
    SELECT am.amname AS method, x.indnkeyatts AS key_count, x.indisunique AS is_unique, x.indrelid AS table_oid,
      pg_catalog.array_to_string(i.reloptions, E'\\n') AS options,
      pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')) AS build_memory,
      a.attlen AS length_, a.attalign AS alignment, t.typlen AS value_length, t.typalign AS value_alignment, k.key, COALESCE(o.opcname, '') AS operator_class,
      pg_catalog.format_type(CASE WHEN bt.typtype = 'd' THEN bt.typbasetype ELSE bt.oid END, NULL) AS value_type,
      s.starelid::text AS statistics_relation, s.staattnum::text AS statistics_number,
      a.attlen < 0 AND t.typcategory <> 'S' AND t.typname <> 'numeric' AS has_odd_width, t.typname AS type, t.typcategory AS category,
      -- No list of common values and no histogram is longer than the statistics target that ANALYZE was given.
      GREATEST(CASE WHEN COALESCE(b.attstattarget, a.attstattarget, -1) >= 0 THEN COALESCE(b.attstattarget, a.attstattarget)
        ELSE pg_catalog.current_setting('default_statistics_target')::int END,
        pg_catalog.array_length(CASE 2 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2
          WHEN s.stakind3 THEN s.stavalues3 WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5 END, 1) - 1,
        pg_catalog.array_length(CASE 1 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2
          WHEN s.stakind3 THEN s.stanumbers3 WHEN s.stakind4 THEN s.stanumbers4 WHEN s.stakind5 THEN s.stanumbers5 END, 1)
        ) AS target,
      s.stanullfrac AS null_fraction, s.stawidth AS width, s.stadistinct AS distinct_,
      CASE 1 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2 WHEN s.stakind3 THEN s.stanumbers3
        WHEN s.stakind4 THEN s.stanumbers4 WHEN s.stakind5 THEN s.stanumbers5 END AS common,
      CASE 3 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2 WHEN s.stakind3 THEN s.stanumbers3
        WHEN s.stakind4 THEN s.stanumbers4 WHEN s.stakind5 THEN s.stanumbers5 END AS correlation,
      (SELECT min(r.reltuples) FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class r ON r.oid = f.confrelid
        WHERE f.conrelid = x.indrelid AND f.contype = 'f' AND f.conkey = ARRAY[k.key]::int2[] AND f.convalidated
        AND r.relkind = 'r' AND r.reltuples >= 1) AS referenced_rows,
      CASE WHEN a.attlen < 0 THEN w.common END AS common_lengths, CASE WHEN a.attlen < 0 THEN w.ends END AS end_lengths
    FROM pg_catalog.pg_index x
    JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_am am ON am.oid = i.relam
    JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indexrelid
    CROSS JOIN LATERAL (SELECT x.indkey[a.attnum - 1]::int AS key) k
    LEFT JOIN pg_catalog.pg_attribute b ON b.attrelid = x.indrelid AND b.attnum = k.key
    JOIN pg_catalog.pg_type bt ON bt.oid = COALESCE(b.atttypid, a.atttypid)
    JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN bt.typtype = 'd' THEN bt.typbasetype ELSE bt.oid END
    LEFT JOIN pg_catalog.pg_opclass o ON o.oid = x.indclass[a.attnum - 1]
    LEFT JOIN pg_catalog.pg_statistic s
      ON s.starelid = CASE WHEN k.key = 0 THEN x.indexrelid ELSE x.indrelid END
      AND s.staattnum = CASE WHEN k.key = 0 THEN a.attnum ELSE k.key END AND NOT s.stainherit
    LEFT JOIN LATERAL (SELECT
      (SELECT pg_catalog.array_agg(CASE t.typname WHEN 'numeric' THEN v ELSE pg_catalog.octet_length(v)::text END)
        FROM pg_catalog.unnest((CASE 1 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2
        WHEN s.stakind3 THEN s.stavalues3 WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5
        END)::text::text[]) v) AS common,
      (SELECT pg_catalog.array_agg(CASE t.typname WHEN 'numeric' THEN v ELSE pg_catalog.octet_length(v)::text END)
        FROM pg_catalog.unnest((CASE 2 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2
        WHEN s.stakind3 THEN s.stavalues3 WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5
        END)::text::text[]) v) AS ends) w ON a.attlen < 0 AND (t.typcategory = 'S' OR t.typname = 'numeric')
    WHERE x.indexrelid = $1::pg_catalog.oid AND a.attnum > 0 ORDER BY a.attnum
    """

  private static func column(
    _ row: Row, stored: StoredWidths?, tableRows: Double, tablePages: Int64, covered: Double,
    partial: PartialColumns.Column?
  ) throws -> IndexedColumn {
    // An expression's statistics are of the rows that its index covers.
    let tableRows = try row.int("key") == 0 ? covered : tableRows
    // A GIN or GiST index's own columns are of the type that it stores; what is measured here is the value's.
    let isTree = try row.string("method") == "btree"
    let typeLength = try row.int(isTree ? "length_" : "value_length")
    var nullFraction = try row.optionalDouble("null_fraction") ?? 0
    let correlation = abs(numbers(try row.optionalString("correlation")).first ?? 0)
    var common = numbers(try row.optionalString("common"))
    let raw = try row.optionalDouble("distinct_") ?? defaultDistinct
    let notNull = tableRows * (1 - nullFraction)
    var distinct = raw > 0 ? raw : raw == 0 ? min(200, notNull) : -raw * tableRows
    // A column whose equal values lie together looks less varied than it is where ANALYZE reads rows from a part of the
    // pages only: two rows of one page are drawn together more often than by chance (`std_typanalyze`, sample of 300
    // rows for each unit of the statistics target, from at most as many pages).
    let isClustered = correlation > 0.95
    if isClustered, distinct > 0, distinct < notNull, common.isEmpty || common[0] * tableRows < 100 {
      let excess = Double(tablePages) / min(Double(tablePages), 30_000)
      let perValue = notNull / distinct
      distinct = notNull / (1 + (perValue - 1) / max(1, excess))
    }
    distinct = max(1, min(distinct, notNull))
    var others: [IndexedColumn.FrequencyClass] = []
    let target = try row.double("target")
    if target > 0,
      let rare = RareValues(
        common: common, limit: target, nullFraction: nullFraction, estimate: distinct, rows: tableRows,
        sample: 300 * target)
    {
      distinct = min(rare.distinct, notNull)
      others = rare.classes
    }
    // A foreign key takes no more values than there are rows to refer to.
    if let bound = try row.optionalDouble("referenced_rows"), bound >= 1, distinct > bound {
      others = others.map { .init(share: $0.share * distinct / bound, values: $0.values * bound / distinct) }
      distinct = bound
    }
    let widths =
      typeLength > 0 ? StoredLengths() : try widths(row, stored: stored, common: common, nullFraction: nullFraction)
    var commonWidths = widths.common
    // The rows that a partial index leaves out take some values with them (as in the planner's estimate_num_groups).
    if covered < tableRows, distinct >= 1, covered > 0 {
      let listed = Double(common.count)
      let mass = max(0, 1 - nullFraction - common.reduce(0, +))
      if others.isEmpty, distinct > listed, mass > 0 {
        others = [.init(share: mass / (distinct - listed), values: distinct - listed)]
      }
      let share = partial?.otherRows ?? covered / tableRows
      others = others.compactMap { item in
        let part = share < 1 ? -expm1(item.share * tableRows * log1p(-share)) : 1
        let values = item.values * part * (partial?.otherValues ?? 1)
        guard part > 1e-9, values > 1e-6 else { return nil }
        return .init(share: item.share * tableRows * share / part / covered, values: values)
      }
      if let partial, partial.common.count == common.count {
        (common, nullFraction) = (partial.common, partial.nullFraction)
      }
      // Values that are left out have no part in the widths either.
      let known = commonWidths.count == common.count
      let kept = common.indices.filter { common[$0] * covered >= 0.5 }.sorted { common[$0] > common[$1] }
      commonWidths = known ? kept.map { commonWidths[$0] } : []
      common = kept.map { common[$0] }
      // Shares of the rows that are covered.
      let rest = others.reduce(0) { $0 + $1.share * $1.values }
      let wanted = max(0, 1 - nullFraction - common.reduce(0, +))
      if rest > 0 { others = others.map { .init(share: $0.share * wanted / rest, values: $0.values) } }
      distinct = max(1, min(Double(common.count) + others.reduce(0) { $0 + $1.values }, covered))
    }
    var column = IndexedColumn(
      typeLength: typeLength, alignment: alignment(try row.string(isTree ? "alignment" : "value_alignment")),
      widths: widths.all(common: common, widths: commonWidths, nullFraction: nullFraction), nullFraction: nullFraction,
      distinct: distinct, commonFrequencies: common, isClustered: isClustered,
      operatorClass: try row.string("operator_class"))
    column.others = others
    if !commonWidths.isEmpty, !widths.others.isEmpty {
      column.commonWidths = commonWidths
      column.otherWidths = widths.others
    }
    return column
  }

  private struct StoredWidths {
    var common: [Int]
    var ends: [Int]
  }

  /// Stored bytes of the values that the statistics name, for types whose text is not what is stored.
  private func storedWidths(_ row: Row) async throws -> StoredWidths {
    let type = try row.string("value_type")
    func sizes(_ kind: Int) -> String {
      let slot =
        "CASE \(kind) " + (1...5).map { "WHEN s.stakind\($0) THEN s.stavalues\($0)" }.joined(separator: " ") + " END"
      // An array of arrays is read as one of texts first.
      return
        "(SELECT pg_catalog.array_agg(pg_catalog.pg_column_size(v::\(type))) FROM pg_catalog.unnest((\(slot))::text::text[]) v)"
    }
    let found = try await connection.query(
      """
      SELECT \(sizes(1)) AS common, \(sizes(2)) AS ends FROM pg_catalog.pg_statistic s
      WHERE s.starelid = $1::oid AND s.staattnum = $2::int2 AND NOT s.stainherit
      """, [try row.string("statistics_relation"), try row.string("statistics_number")]
    ).first
    // In memory the length word takes 4 bytes, in a tuple that of a short value takes 1.
    func stored(_ column: String) throws -> [Int] {
      try Self.numbers(found?.optionalString(column)).map {
        Int($0) - 3 <= IndexedColumn.longestShort ? Int($0) - 3 : Int($0)
      }
    }
    return StoredWidths(common: try stored("common"), ends: try stored("ends"))
  }

  /// The planner's own guess where nothing is known (`DEFAULT_NUM_DISTINCT`).
  private static let defaultDistinct = 200.0

  private static func alignment(_ letter: String) -> Int {
    switch letter {
    case "c": 1
    case "s": 2
    case "i": 4
    default: 8
    }
  }

  /// Stored widths of the common values and of the others.
  private struct StoredLengths {
    var common: [Int] = []
    /// Shares among the values that are not common.
    var others: [IndexedColumn.Width] = []

    /// All values', by the shares that the common ones have.
    func all(common shares: [Double], widths: [Int], nullFraction: Double) -> [IndexedColumn.Width] {
      let rest = max(0, 1 - nullFraction - shares.reduce(0, +))
      var list: [IndexedColumn.Width] =
        widths.count == shares.count ? zip(widths, shares).map { .init(bytes: $0, share: $1) } : []
      if rest > 0 || list.isEmpty {
        let total = max(1e-12, others.reduce(0) { $0 + $1.share })
        list += others.map { .init(bytes: $0.bytes, share: max(rest, 1e-9) * $0.share / total) }
      }
      return list
    }
  }

  /// Stored widths: from the lengths of the values that the statistics name, brought to the average that ANALYZE saw.
  private static func widths(
    _ row: Row, stored known: StoredWidths?, common: [Double], nullFraction: Double
  ) throws -> StoredLengths {
    var average = try row.optionalDouble("width").map { $0 + 0.5 }
    // ANALYZE sees the results of expressions in memory, with a length word of 4 bytes.
    if let inMemory = average, try row.int("key") == 0, try row.int("length_") == -1, inMemory > 4,
      inMemory - 3 <= Double(IndexedColumn.longestShort)
    {
      average = inMemory - 3
    }
    let isNumeric = try row.string("type") == "numeric"
    let isCString = try row.int("length_") == -2
    func stored(_ text: String) -> Int {
      if isNumeric { return NumericWidth.bytes(text) }
      let length = Int(text) ?? 32
      return isCString ? length + 1 : length + (length <= 126 ? 1 : 4)
    }
    var lengths = StoredLengths(common: try known?.common ?? elements(row.optionalString("common_lengths")).map(stored))
    if lengths.common.count != common.count { lengths.common = [] }
    let ends = try known?.ends ?? elements(row.optionalString("end_lengths")).map(stored)
    lengths.others = ends.map { .init(bytes: $0, share: 1) }
    let commonShare = lengths.common.isEmpty ? 0 : common.reduce(0, +)
    let rest = max(0, 1 - nullFraction - commonShare)
    guard let average else {
      if lengths.others.isEmpty { lengths.others = [.init(bytes: 32, share: 1)] }
      return lengths
    }
    // What the others' widths must be on average for all to have the one that ANALYZE saw.
    let commonBytes = zip(lengths.common, common).reduce(0) { $0 + Double($1.0) * $1.1 }
    guard rest > 0.001 else { return lengths }
    let wanted = (average * (1 - nullFraction) - commonBytes) / rest
    if lengths.others.isEmpty {
      // No value is known: even spread about the average, so that rounding to the alignment evens out too.
      // Short ones, as ranges are, hardly differ.
      let middle = max(2, Int(wanted))
      let step = middle / 16
      lengths.others =
        step < 2 ? [.init(bytes: middle, share: 1)] : (-4...4).map { .init(bytes: middle + $0 * step, share: 1) }
      return lengths
    }
    let mean = lengths.others.reduce(0) { $0 + Double($1.bytes) } / Double(lengths.others.count)
    // `stawidth` is cut to a whole number; what differs by more than that is values too long for the statistics.
    guard abs(mean - wanted) * rest > 1, wanted > 1, mean > 0 else { return lengths }
    lengths.others = lengths.others.map {
      .init(bytes: max(1, Int((Double($0.bytes) * wanted / mean).rounded())), share: 1)
    }
    return lengths
  }

  // MARK: Combinations of columns

  /// Distinct combinations of each number of leading columns, and the frequencies of the whole keys.
  private func keyGroups(
    keys: [(column: IndexedColumn, isClustered: Bool)], keyNumbers: [Int], table: String, covered: Double
  ) async throws -> (prefixDistinct: [Double], groups: [KeyGroup], least: [KeyGroup]?) {
    let known = try await knownCombinations(table: table)
    var distinct: [Double] = []
    var groups: [KeyGroup] = []
    var isOpen = false
    for count in 1...keys.count {
      isOpen = false
      let numbers = Set(keyNumbers.prefix(count))
      let columns = keys.prefix(count)
      let bound = numbers.count == count ? known.first { $0.isBound && $0.columns == numbers }?.distinct : nil
      if !numbers.contains(0), known.contains(where: { $0.isUnique && $0.columns.isSubset(of: numbers) }) {
        groups = [KeyGroup(rows: 1, values: covered)]
      } else if count > 1, numbers.count == count,
        let exact = known.first(where: { !$0.isUnique && !$0.isBound && $0.columns == numbers })
      {
        let values = max(1, min(covered, exact.distinct < 0 ? -exact.distinct * covered : exact.distinct))
        groups = [KeyGroup(rows: covered / values, values: values)]
      } else if count == 1 {
        groups = KeyClasses(keys[0].column).groups(rows: covered)
      } else {
        // Columns that both follow the order of the rows change together; others are taken as independent of the one
        // that varies most.
        var parts = columns.filter { !$0.isClustered }.map { ($0.column.distinct, KeyClasses($0.column)) }
        if let clustered = columns.filter(\.isClustered).map(\.column.distinct).max() {
          parts.append((clustered, KeyClasses(distinct: clustered)))
        }
        parts.sort { $0.0 > $1.0 }
        isOpen = parts.count > 1
        let others = parts.dropFirst().map(\.1)
        if let base = parts.first?.1 {
          groups =
            others.first.map { first in
              base.groups(rows: covered, with: others.dropFirst().reduce(first) { $0.combined(with: $1) })
            } ?? base.groups(rows: covered)
        }
      }
      if let bound, bound >= 1, groups.reduce(0, { $0 + $1.values }) > bound {
        groups = [KeyGroup(rows: covered / bound, values: bound)]
      }
      distinct.append(max(distinct.last ?? 1, min(covered, groups.reduce(0) { $0 + $1.values })))
    }
    // There are at least as many combinations as the column that varies most has values.
    guard isOpen, let all = distinct.last, let most = keys.map(\.column).max(by: { $0.distinct < $1.distinct }),
      most.distinct < 0.8 * all
    else { return (distinct, groups, nil) }
    return (
      distinct, groups,
      KeyClasses(most).groups(rows: covered).map { group in
        var group = group
        group.width = nil
        return group
      }
    )
  }

  private struct Combination {
    var columns: Set<Int>
    var isUnique: Bool
    /// A foreign key: there are no more combinations than rows that it may refer to.
    var isBound: Bool
    var distinct: Double
  }

  /// Sets of columns of which it is known how many combinations they take: unique indexes and extended statistics.
  private func knownCombinations(table: String) async throws -> [Combination] {
    let rows = try await connection.query(
      """
      SELECT pg_catalog.array_to_string((x.indkey::int2[])[0:x.indnkeyatts - 1], ' ') AS columns, true AS is_unique,
        false AS is_bound, 0::float8 AS distinct_
      FROM pg_catalog.pg_index x WHERE x.indrelid = $1::pg_catalog.oid AND x.indisunique AND x.indpred IS NULL
        AND x.indisvalid
      UNION ALL
      SELECT pg_catalog.replace(e.key, ',', ''), false, false, e.value::float8
      FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_statistic_ext_data d ON d.stxoid = s.oid,
        LATERAL pg_catalog.json_each_text(d.stxdndistinct::text::json) e
      WHERE s.stxrelid = $1::pg_catalog.oid AND d.stxdndistinct IS NOT NULL
      UNION ALL
      SELECT pg_catalog.array_to_string(f.conkey, ' '), false, true, r.reltuples::float8
      FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class r ON r.oid = f.confrelid
      WHERE f.conrelid = $1::pg_catalog.oid AND f.contype = 'f' AND pg_catalog.cardinality(f.conkey) > 1
        AND r.reltuples >= 1
      """, [table])
    return try rows.map { row in
      Combination(
        columns: Set(try row.string("columns").split(separator: " ").compactMap { Int($0) }),
        isUnique: try row.bool("is_unique"), isBound: try row.bool("is_bound"), distinct: try row.double("distinct_"))
    }
  }

  // MARK: Texts

  private static func options(_ text: String?) -> [String: String] {
    var options: [String: String] = [:]
    for line in (text ?? "").split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      options[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    return options
  }

  /// The elements of an array of numbers as the server prints it.
  private static func elements(_ text: String?) -> [String] {
    (text ?? "").split { $0 == "{" || $0 == "}" || $0 == "," }.map(String.init)
  }

  static func numbers(_ text: String?) -> [Double] { elements(text).compactMap(Double.init) }
}

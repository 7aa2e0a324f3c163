import Bytes
public import Catalog
public import IndexAdvisor
import Model
import PlannerTwin

extension DatabaseFacts {
  /// What the adviser needs to know of a captured database.
  ///
  /// - Throws: `SnapshotError` where a row lacks what its section must have.
  public init(_ snapshot: Snapshot) throws(SnapshotError) {
    let version = ServerVersion(number: Int(try snapshot.headerRow.integer("server_version_num")))
    let capturedAt = try snapshot.headerRow.string("captured_at")
    var reader = try FactsReader(snapshot)
    reader.countersSeconds = try FactsReader.secondsOfCounters(snapshot, until: capturedAt)
    var tables: [TableFacts] = []
    for row in snapshot["relations"] {
      if let table = try reader.table(row) { tables.append(table) }
    }
    FactsReader.sumPartitions(&tables)
    var views: [RelationName: String] = [:]
    for row in snapshot["views"] {
      guard let definition = try row.optionalString("definition"), let name = reader.names[try row.integer("relation")]
      else { continue }
      views[name] = definition
    }
    self.init(
      version: version, tables: tables, views: views, searchPath: try FactsReader.searchPath(snapshot),
      statisticsAgeDays: reader.countersSeconds.map { $0 / 86_400 })
  }
}

/// Gathers a table's rows from the sections that speak of it.
private struct FactsReader {
  let names: [Int64: RelationName]
  var countersSeconds: Double?
  private var columns: [Int64: [SnapshotRow]] = [:]
  private var indexes: [Int64: [SnapshotRow]] = [:]
  private var foreignKeys: [Int64: [[Int64]]] = [:]
  private var children: [Int64: [Int64]] = [:]
  private var statistics: [StatisticsKey: SnapshotRow] = [:]
  private var usage: [Int64: SnapshotRow] = [:]
  private var scans: [Int64: Int64] = [:]
  private let bytewiseDatabase: Bool

  private struct StatisticsKey: Hashable {
    var relation: Int64
    var column: Int64
  }

  init(_ snapshot: Snapshot) throws(SnapshotError) {
    var names: [Int64: RelationName] = [:]
    for row in snapshot["relations"] {
      let oid = try row.integer("oid")
      names[oid] = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      for parent in try row.integers("parents") { children[parent, default: []].append(oid) }
    }
    self.names = names
    for row in snapshot["columns"] { columns[try row.integer("relation"), default: []].append(row) }
    for row in snapshot["indexes"] { indexes[try row.integer("relation"), default: []].append(row) }
    for row in snapshot["constraints"] where try row.string("kind") == "foreign_key" {
      foreignKeys[try row.integer("relation"), default: []].append(try row.integers("columns"))
    }
    for row in snapshot["column_statistics"] {
      let key = StatisticsKey(relation: try row.integer("relation"), column: try row.integer("column_number"))
      // Of a parent's two rows the one that speaks for the children too.
      if statistics[key] != nil, try !row.bool("is_inherited") { continue }
      statistics[key] = row
    }
    for row in snapshot["stat_tables"] { usage[try row.integer("relid")] = row }
    for row in snapshot["stat_indexes"] { scans[try row.integer("indexrelid")] = try row.optionalInteger("idx_scan") }
    let collation = try snapshot.headerRow.optionalString("collate") ?? ""
    bytewiseDatabase = Self.isBytewise(collation)
  }

  private static func isBytewise(_ collation: String) -> Bool {
    // Only these two compare bytes; C.UTF-8 is the C library's affair (lc_collate_is_c, pg_locale.c).
    let name = collation.split(separator: ".").last.map(String.init) ?? collation
    return ["C", "POSIX", "\"C\"", "\"POSIX\""].contains(name)
  }

  /// Seconds that the counters of tables and indexes speak for: since the last reset, or where there was none since the
  /// server started to count, which nobody records, since its last start.
  static func secondsOfCounters(_ snapshot: Snapshot, until: String) throws(SnapshotError) -> Double? {
    let database = try snapshot.headerRow.string("database")
    var since: String?
    for row in snapshot["stat_database"] where try row.optionalString("datname") == database {
      since = try row.optionalString("stats_reset")
    }
    if since == nil { since = try snapshot.headerRow.optionalString("server_started_at") }
    guard let from = since.flatMap({ Timestamp($0) }), let to = Timestamp(until), from < to else { return nil }
    return (to - from).milliseconds / 1_000
  }

  static func searchPath(_ snapshot: Snapshot) throws(SnapshotError) -> [String] {
    for row in snapshot["settings"] where try row.string("name") == "search_path" {
      if let setting = try row.optionalString("setting") {
        let path = SearchPath.names(setting).filter { $0 != "$user" }
        if !path.isEmpty { return path }
      }
    }
    return ["public"]
  }

  func table(_ row: SnapshotRow) throws(SnapshotError) -> TableFacts? {
    let oid = try row.integer("oid")
    guard let name = names[oid], let kind = try kind(row) else { return nil }
    let tuples = max(0, try row.optionalDouble("tuples") ?? 0)
    let columns = try columns[oid, default: []].map { (row) throws(SnapshotError) in
      try column(row, relation: oid, rows: tuples)
    }
    var byNumber: [Int64: String] = [:]
    for row in self.columns[oid, default: []] { byNumber[try row.integer("number")] = try row.string("name") }
    return TableFacts(
      name: name, kind: kind, rows: tuples, heapBytes: try row.optionalInteger("size_bytes") ?? 0, columns: columns,
      indexes: try indexes[oid, default: []].map { (row) throws(SnapshotError) in try index(row, of: name) },
      foreignKeys: foreignKeys[oid, default: []].map { $0.compactMap { byNumber[$0] } },
      partitions: kind == .partitioned ? children[oid, default: []].compactMap { names[$0] } : [],
      writes: try writes(oid))
  }

  private func kind(_ row: SnapshotRow) throws(SnapshotError) -> TableFacts.Kind? {
    switch try row.string("kind") {
    case "table": try row.bool("is_partition") ? .partition : .table
    case "partitioned_table": .partitioned
    case "materialized_view": .materializedView
    case "foreign_table": .foreign
    default: nil
    }
  }

  private func column(_ row: SnapshotRow, relation: Int64, rows: Double) throws(SnapshotError) -> ColumnFacts {
    let type = try row.string("type")
    let found = statistics[StatisticsKey(relation: relation, column: try row.integer("number"))]
    let distinct = try found?.optionalDouble("distinct_values")
    let collation = try row.optionalString("collation")
    var facts = ColumnFacts(
      name: try row.string("name"), type: type, isNotNull: try row.bool("is_not_null"),
      averageWidth: try found?.optionalInteger("width_bytes").map { Int($0) },
      // Negative: the share of the rows that are different (pg_statistic.stadistinct).
      distinct: distinct.flatMap { $0 == 0 ? nil : $0 < 0 ? -$0 * rows : $0 },
      nullFraction: try found?.optionalDouble("null_fraction"), hasBTree: Self.hasBTree(type))
    facts.sortsByBytes = !facts.hasCollation || collation.map(Self.isBytewise) ?? bytewiseDatabase
    for slot in try found?.rows("slots") ?? [] where try slot.integer("kind") == 3 {
      facts.correlation = try slot.doubles("numbers").first
    }
    return facts
  }

  /// Types without a default B-tree operator class. Sources: pg_opclass.dat; the contrib and vector types' scripts.
  private static func hasBTree(_ type: String) -> Bool {
    let base = type.hasSuffix("[]") ? String(type.dropLast(2)) : type
    let name = base.prefix { $0 != "(" }
    return ![
      "json", "xml", "point", "box", "line", "lseg", "path", "polygon", "circle", "aclitem", "txid_snapshot",
      "pg_snapshot", "jsonpath", "xid", "cid", "refcursor", "gtsvector",
    ].contains(name)
  }

  private func index(_ row: SnapshotRow, of table: RelationName) throws(SnapshotError) -> IndexFacts {
    let oid = try row.integer("oid")
    let method = IndexDefinition.Method(try row.string("method"))
    let keys = try row.rows("keys").map { (key) throws(SnapshotError) in
      let subject: IndexDefinition.Key.Subject =
        if let column = try key.optionalString("column") {
          .column(column)
        } else {
          .expression(Self.withoutOuterParentheses(try key.optionalString("expression") ?? ""))
        }
      let descending = try key.optionalBool("is_descending") ?? false
      return IndexDefinition.Key(
        subject,
        operatorClass: try key.optionalBool("is_default_class") == false
          ? try key.optionalString("operator_class") : nil,
        collation: try key.optionalString("collation"), descending: descending,
        nullsFirst: method == .btree ? try key.optionalBool("nulls_first") : nil)
    }
    let definition = IndexDefinition(
      table: table, method: method, keys: keys, included: try row.strings("included"),
      predicate: try row.optionalString("predicate"), isUnique: try row.bool("is_unique"),
      parameters: try parameters(row))
    let constraint = try row.optionalInteger("constraint_oid")
    return IndexFacts(
      name: try row.string("name"), definition: definition, sizeBytes: try row.optionalInteger("size_bytes") ?? 0,
      isPrimary: try row.bool("is_primary"), isConstraint: constraint != nil,
      isReplicaIdentity: try row.bool("is_replica_identity"), isClustered: try row.bool("is_clustered"),
      isValid: try row.bool("is_valid"), scans: scans[oid], isPartition: try row.optionalInteger("parent") != nil)
  }

  private func parameters(_ row: SnapshotRow) throws(SnapshotError) -> [String: String] {
    var result: [String: String] = [:]
    for option in try row.strings("options") {
      let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { result[parts[0]] = parts[1] }
    }
    return result
  }

  /// `pg_get_indexdef` of one key puts parentheses around an expression that is no function call.
  private static func withoutOuterParentheses(_ sql: String) -> String {
    guard sql.hasPrefix("("), sql.hasSuffix(")") else { return sql }
    var depth = 0
    for (place, character) in sql.enumerated() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 { return place == sql.count - 1 ? String(sql.dropFirst().dropLast()) : sql }
    }
    return sql
  }

  private func writes(_ oid: Int64) throws(SnapshotError) -> WriteCounters? {
    guard let row = usage[oid], let seconds = countersSeconds, seconds > 0 else { return nil }
    return WriteCounters(
      inserts: try row.optionalDouble("n_tup_ins") ?? 0, updates: try row.optionalDouble("n_tup_upd") ?? 0,
      hotUpdates: try row.optionalDouble("n_tup_hot_upd") ?? 0, deletes: try row.optionalDouble("n_tup_del") ?? 0,
      seconds: seconds)
  }

  /// A partitioned table has the rows, bytes and writes of its partitions.
  static func sumPartitions(_ tables: inout [TableFacts]) {
    var places: [RelationName: Int] = [:]
    for (place, table) in tables.enumerated() { places[table.name] = place }
    var done: Set<RelationName> = []
    func sum(_ place: Int) {
      guard tables[place].kind == .partitioned, done.insert(tables[place].name).inserted else { return }
      var (rows, bytes) = (0.0, Int64(0))
      var writes: WriteCounters?
      for partition in tables[place].partitions {
        guard let child = places[partition] else { continue }
        sum(child)
        rows += tables[child].rows
        bytes += tables[child].heapBytes
        guard let more = tables[child].writes else { continue }
        var total = writes ?? WriteCounters(inserts: 0, updates: 0, hotUpdates: 0, deletes: 0, seconds: more.seconds)
        total.inserts += more.inserts
        total.updates += more.updates
        total.hotUpdates += more.hotUpdates
        total.deletes += more.deletes
        writes = total
      }
      tables[place].rows = rows
      tables[place].heapBytes = bytes
      tables[place].writes = writes
    }
    for place in tables.indices { sum(place) }
  }
}

extension ColumnFacts {
  /// Text types sort by their collation.
  fileprivate var hasCollation: Bool {
    type.hasPrefix("text") || type.hasPrefix("character") || type.hasPrefix("name") || type.hasPrefix("citext")
  }
}

import Catalog
import Findings
import Model
import Report

/// Tables by size and use, and foreign keys that no index serves.
struct CatalogTables {
  private let catalog: CatalogReader
  private let reports: [Int64: TableReport]

  init(_ catalog: CatalogReader) throws(SnapshotError) {
    self.catalog = catalog
    var reports: [Int64: TableReport] = [:]
    for row in catalog["relations"] {
      let kind = try row.string("kind")
      guard kind == "table" || kind == "materialized_view", let name = catalog.names[try row.integer("oid")] else {
        continue
      }
      var report = TableReport(name: name)
      // -1 is what a table that was never analyzed says.
      if let tuples = try row.optionalDouble("tuples"), tuples >= 0 { report.rows = tuples }
      if let bytes = try row.optionalInteger("size_bytes") {
        report.bytes = bytes + (try row.optionalInteger("toast_size_bytes") ?? 0)
      }
      reports[try row.integer("oid")] = report
    }
    for row in catalog["indexes"] {
      guard let bytes = try row.optionalInteger("size_bytes") else { continue }
      let table = try row.integer("relation")
      guard var report = reports[table] else { continue }
      report.indexBytes = (report.indexBytes ?? 0) + bytes
      reports[table] = report
    }
    for row in catalog["stat_tables"] {
      let oid = try row.integer("relid")
      guard var report = reports[oid] else { continue }
      report.sequentialScans = try row.optionalInteger("seq_scan")
      report.sequentialRows = try row.optionalInteger("seq_tup_read")
      report.indexScans = try row.optionalInteger("idx_scan")
      if let live = try row.optionalDouble("n_live_tup"), let dead = try row.optionalDouble("n_dead_tup"),
        live + dead > 0
      {
        report.deadFraction = dead / (live + dead)
      }
      if let updates = try row.optionalDouble("n_tup_upd"), updates > 0 {
        report.hotFraction = (try row.optionalDouble("n_tup_hot_upd") ?? 0) / updates
      }
      report.lastVacuum = try Self.later(row, "last_vacuum", "last_autovacuum")
      report.lastAnalyze = try Self.later(row, "last_analyze", "last_autoanalyze")
      reports[oid] = report
    }
    self.reports = reports
  }

  private static func later(_ row: SnapshotRow, _ a: String, _ b: String) throws(SnapshotError) -> Timestamp? {
    [try row.optionalString(a), try row.optionalString(b)].compactMap { $0.flatMap { Timestamp($0) } }.max()
  }

  /// By bytes with indexes, the largest first.
  func largest(_ count: Int) -> [TableReport] {
    func bytes(_ report: TableReport) -> Int64 { (report.bytes ?? 0) + (report.indexBytes ?? 0) }
    return Array(reports.values.sorted { (bytes($1), $0.name) < (bytes($0), $1.name) }.prefix(count))
  }

  /// Foreign keys whose referencing columns are not the beginning of any index: every DELETE or key UPDATE of the
  /// referenced table reads the whole referencing one. Small tables do not matter.
  func unindexedForeignKeys(leastRows: Double = 10_000) throws(SnapshotError) -> [Finding] {
    var keys: [Int64: [[String]]] = [:]
    for row in catalog["indexes"] where try row.bool("is_valid") && row["predicate"] == nil {
      guard try row.string("method") == "btree" else { continue }
      keys[try row.integer("relation"), default: []].append(
        try row.rows("keys").map { (key) throws(SnapshotError) in try key.optionalString("column") ?? "" })
    }
    var columns: [Int64: [Int64: String]] = [:]
    for row in catalog["columns"] {
      columns[try row.integer("relation"), default: [:]][try row.integer("number")] = try row.string("name")
    }
    var findings: [Finding] = []
    for row in catalog["constraints"] where try row.string("kind") == "foreign_key" {
      let table = try row.integer("relation")
      guard let report = reports[table], let rows = report.rows, rows >= leastRows,
        let target = catalog.names[try row.optionalInteger("target") ?? 0], row["parent"] == nil
      else { continue }
      let names = try row.integers("columns").compactMap { columns[table]?[$0] }
      let isServed = keys[table, default: []].contains {
        $0.count >= names.count && Set($0.prefix(names.count)) == Set(names)
      }
      guard !names.isEmpty, !isServed else { continue }
      let name = try row.string("name")
      let index = IndexDefinition(table: report.name, keys: names.map { .column($0) })
      let indexName = String((report.name.name + "_" + names.joined(separator: "_") + "_idx").prefix(63))
      findings.append(
        Finding(
          rule: "index.foreign-key-unindexed", subject: .table(report.name, database: catalog.database),
          discriminator: name, title: "Foreign key \(name) has no index on \(names.joined(separator: ", "))",
          severity: .info,
          evidence: [
            .quantity("rows", "Rows of \(report.name)", rows, .rows), .text("target", "References", target.description),
          ],
          remedy: Remedy(
            "Worth an index where rows of \(target) are deleted or their keys updated: each such statement reads all of \(report.name).",
            sql: [index.createStatement(name: indexName, concurrently: true) + ";"],
            rollback: ["DROP INDEX CONCURRENTLY \(RelationName(schema: report.name.schema, name: indexName).sql);"],
            risk: "The index takes space and slows writes down a little."),
          confidence: .measured("The catalog has the constraint and no index that begins with its columns.")))
    }
    return findings
  }
}

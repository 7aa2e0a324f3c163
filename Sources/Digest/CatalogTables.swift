import Catalog
import Model
import Report

/// Tables by size and use.
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
}

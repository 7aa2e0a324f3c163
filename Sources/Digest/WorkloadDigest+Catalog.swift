import Catalog
import Findings
import History
import Model
public import Report

extension WorkloadDigest {
  /// Adds what the newest catalog says of tables, indexes, safety and growth; an earlier catalog tells what moved.
  ///
  /// - Throws: `HistoryError`, and `SnapshotError` where a captured row is not what it should be.
  public func addCatalog(to report: inout WeeklyReport) throws {
    guard let document = try history.latestCatalog() else {
      report.quality.notes.append(
        .init(
          .plain,
          "No catalog was captured: tables, sizes, index advice and safety are not known. \(code: "pgassay capture") would tell."
        ))
      return
    }
    let now = try CatalogReader(document)
    // Against the last one before the window, or the first there is.
    var before = try history.latestCatalog(database: document.database, before: window.from).map(CatalogReader.init)
    if before == nil, let first = try firstCatalog(of: document) { before = try CatalogReader(first) }
    report.serverVersion = ServerVersion(number: Int(try now.header.integer("server_version_num")))
    report.tables = try CatalogTables(now).largest(options.listLimit)
    report.load.server += try CatalogCounters(now: now, before: before).figures()
    report.capacity += try CatalogCapacity(now: now, before: before).figures()
    report.safetyFindings += try CatalogSafety(now).findings()
  }

  private func firstCatalog(of document: CatalogDocument) throws -> CatalogDocument? {
    let others = try history.catalogs().filter {
      $0.server == document.server && $0.database == document.database && $0.at < document.at
    }
    guard let first = others.first else { return nil }
    return try history.latestCatalog(database: document.database, before: first.at + Microseconds(1))
  }
}

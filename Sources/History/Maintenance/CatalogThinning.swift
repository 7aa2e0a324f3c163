import GRDB
import Model

/// Leaves out catalogs of long ago: while single minutes are kept every one stays, while hours are kept the last of each
/// day, then the last of each week. A database's newest and its first catalog always stay.
struct CatalogThinning {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// - Returns: catalogs that were removed; what no other shares with them goes as well.
  func thin(allFrom: Timestamp, dailyFrom: Timestamp, endsBefore: Timestamp?) throws -> Int {
    let day: Int64 = 86_400_000_000
    try db.execute(
      sql: """
        DELETE FROM catalog WHERE at < ?1 AND id NOT IN (
          SELECT id FROM (SELECT id, at,
            row_number() OVER (PARTITION BY server_id, database,
              CASE WHEN at >= ?2 THEN at / ?3 ELSE -1 - at / (7 * ?3) END ORDER BY at DESC) AS place,
            row_number() OVER (PARTITION BY server_id, database ORDER BY at) AS from_first,
            row_number() OVER (PARTITION BY server_id, database ORDER BY at DESC) AS from_last
            FROM catalog)
          WHERE place = 1 AND (?4 IS NULL OR at >= ?4) OR from_first = 1 AND ?4 IS NULL OR from_last = 1)
        """,
      arguments: [allFrom.microseconds, dailyFrom.microseconds, day, endsBefore?.microseconds])
    let removed = db.changesCount
    guard removed > 0 else { return 0 }
    try db.execute(sql: "DELETE FROM catalog_section WHERE catalog_id NOT IN (SELECT id FROM catalog)")
    try db.execute(sql: "DELETE FROM document WHERE id NOT IN (SELECT document_id FROM catalog_section)")
    return removed
  }
}

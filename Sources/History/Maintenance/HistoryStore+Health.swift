import Foundation
import GRDB

/// What `pgassay doctor` finds out about a history.
public struct HistoryHealth: Sendable, Hashable {
  public var path: String
  public var schema: Int
  public var sizeBytes: Int64
  /// Pages that `vacuum` would give back.
  public var freeBytes: Int64
  /// What `PRAGMA integrity_check` reports; empty when all is well.
  public var damage: [String]
  /// Stored documents that are not what their hashes say, sums by hour and day that are not the sum of their minutes, and other things that should not be.
  public var contradictions: [String]
  /// Others may read the file, though it can hold parameter values.
  public var permissions: Int
  public var sqliteVersion: String
}

/// How much a history holds of one kind of thing.
public struct HistoryContents: Sendable, Hashable {
  public var statements: Int
  public var cells: Int
  public var samples: Int
  public var plans: Int
  public var events: Int
  public var snapshots: Int
  public var catalogs: Int
  public var sources: Int
}

extension HistoryStore {
  /// Checks the file and what is in it. Reads everything: seconds for a large history.
  public func health() throws(HistoryError) -> HistoryHealth {
    let path = path
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return try read { db in
      let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
      let damage = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
      return HistoryHealth(
        path: path, schema: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
        sizeBytes: (try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0) * page,
        freeBytes: (try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0) * page, damage: damage,
        contradictions: damage.isEmpty ? try contradictions(db) : [],
        permissions: (attributes?[.posixPermissions] as? Int) ?? 0,
        sqliteVersion: try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "")
    }
  }

  public func contents() throws(HistoryError) -> HistoryContents {
    try read { db in
      func count(_ table: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0 }
      return HistoryContents(
        statements: try count("statement"), cells: try count("cell_day"), samples: try count("sample"),
        plans: try count("plan"), events: try count("event"), snapshots: try count("statements_snapshot"),
        catalogs: try count("catalog"), sources: try count("source"))
    }
  }

  private func contradictions(_ db: Database) throws -> [String] {
    var found: [String] = []
    func expectNone(_ sql: String, _ what: String) throws {
      let count = try Int.fetchOne(db, sql: sql) ?? 0
      if count > 0 { found.append("\(count) \(what)") }
    }
    let fine = try Int64.fetchOne(db, sql: "SELECT from_minute FROM retention WHERE level = 1") ?? .min
    let hours = try Int64.fetchOne(db, sql: "SELECT from_minute FROM retention WHERE level = 60") ?? .min
    for (coarse, finer, ratio, from) in [("cell_hour", "cell_minute", 60, fine), ("cell_day", "cell_hour", 24, hours)] {
      let unit = coarse == "cell_hour" ? 60 : 1_440
      try expectNone(
        """
        SELECT count(*) FROM (
          SELECT statement_id, bucket, dimensions_id, source_id, calls, total_us FROM \(coarse)
          WHERE bucket * \(unit) >= \(from == .min ? -9_000_000_000 : from)
          EXCEPT
          SELECT statement_id, CASE WHEN bucket >= 0 THEN bucket / \(ratio) ELSE (bucket - \(ratio - 1)) / \(ratio) END,
            dimensions_id, source_id, sum(calls), sum(total_us) FROM \(finer) GROUP BY 1, 2, 3, 4)
        """, "rows of \(coarse) are not the sum of \(finer)")
    }
    var changed = 0
    let documents = try Row.fetchCursor(db, sql: "SELECT hash, content FROM document")
    while let row = try documents.next() {
      var hash = StableHash()
      guard let content = try? Deflate.unpack(row[1]) else {
        changed += 1
        continue
      }
      for byte in content { hash.add(byte: byte) }
      if hash.value != row[0] as Int64 { changed += 1 }
    }
    if changed > 0 { found.append("\(changed) parts of catalogs are not what was stored") }
    for table in ["cell_day", "sample", "plan", "repetition"] {
      try expectNone(
        "SELECT count(*) FROM \(table) WHERE statement_id NOT IN (SELECT id FROM statement)",
        "rows of \(table) name a statement that is not there")
    }
    return found
  }
}

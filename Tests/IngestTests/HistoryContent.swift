import Foundation
import GRDB

/// Everything that a history counts, as sorted lines that do not depend on the ids that SQLite handed out: two histories
/// of the same entries are equal here, however they came about.
struct HistoryContent {
  private let queue: DatabaseQueue

  init(_ path: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  func strings(_ sql: String) throws -> [String] {
    try queue.read { try String.fetchAll($0, sql: sql) }
  }

  /// - Parameter withSources: whether the rows of `source`, with the state in which each was left, are compared too.
  func rows(withSources: Bool = true) throws -> [String] {
    let names = [
      "statement_id": "(SELECT hex(fingerprint) FROM statement s WHERE s.id = t.statement_id)",
      "dimensions_id":
        "(SELECT database || '|' || user || '|' || application || '|' || tags FROM dimensions d WHERE d.id = t.dimensions_id)",
      "source_id": withSources ? "(SELECT identity FROM source o WHERE o.id = t.source_id)" : "'source'",
      "shape_id": "(SELECT category || sqlstate || shape FROM event_shape e WHERE e.id = t.shape_id)",
      "path": "''",
    ]
    return try queue.read { db in
      var result: [String] = []
      let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'grdb%' ORDER BY name")
      for table in tables where table != "source" || withSources {
        let columns = try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
        let values = columns.filter { $0 != "id" }.map { "quote(\(names[$0] ?? "t.\($0)"))" }
        guard !values.isEmpty else { continue }
        result += try String.fetchAll(
          db, sql: "SELECT '\(table): ' || \(values.joined(separator: " || ' ' || ")) FROM \(table) t")
      }
      return result.sorted()
    }
  }
}

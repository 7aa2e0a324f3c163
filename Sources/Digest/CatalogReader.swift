import Bytes
import Catalog
import History
import Model

/// The rows of a captured catalog that a report speaks of. Sections that it does not need are not parsed: the planner's
/// statistics are most of a snapshot.
struct CatalogReader {
  static let sections: Set<String> = [
    "relations", "indexes", "constraints", "columns", "sequences", "stat_tables", "stat_indexes", "stat_database",
    "stat_bgwriter", "stat_checkpointer", "databases", "database_sizes", "replication_slots", "prepared_transactions",
    "sessions", "connections", "settings", "wal_position",
  ]

  let at: Timestamp
  let database: String
  let header: SnapshotRow
  private var rows: [String: [SnapshotRow]] = [:]
  private(set) var names: [Int64: RelationName] = [:]

  /// - Throws: `SnapshotError` for a line that is not what it should be.
  init(_ document: CatalogDocument) throws(SnapshotError) {
    at = document.at
    database = document.database
    var header: SnapshotRow?
    var number = 0
    for line in document.lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
      number += 1
      guard header == nil || Self.sections.contains(Self.section(of: line)) else { continue }
      let tree: JSONTree
      do {
        tree = try line.withUnsafeBytes { try JSONTree(parsing: $0) }
      } catch {
        throw .malformed(line: number, what: "\(error)")
      }
      guard let members = tree.members else { throw .malformed(line: number, what: "it is no object") }
      if header == nil {
        header = SnapshotRow(fields: members, line: number)
      } else if let name = tree["section"]?.string {
        rows[name, default: []].append(SnapshotRow(fields: members.filter { $0.key != "section" }, line: number))
      }
    }
    guard let header else { throw .notASnapshot(what: "it is empty") }
    self.header = header
    for row in self["relations"] {
      names[try row.integer("oid")] = RelationName(schema: try row.string("schema"), name: try row.string("name"))
    }
  }

  /// Empty where the capture had no such section.
  subscript(section: String) -> [SnapshotRow] { rows[section] ?? [] }

  func setting(_ name: String) throws(SnapshotError) -> String? {
    for row in self["settings"] where try row.optionalString("name") == name {
      return try row.optionalString("setting")
    }
    return nil
  }

  /// The counters of the captured database.
  func databaseCounters() throws(SnapshotError) -> SnapshotRow? {
    for row in self["stat_database"] where try row.optionalString("datname") == database { return row }
    return nil
  }

  private static func section(of line: ArraySlice<UInt8>) -> String {
    let lead = "{\"section\":\"".utf8
    guard line.starts(with: lead) else { return "" }
    return String(decoding: line.dropFirst(lead.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
  }
}

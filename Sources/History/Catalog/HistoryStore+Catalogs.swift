import Foundation
import GRDB
public import Model
public import Statements

/// A database's catalog as it was captured: the lines of a portable snapshot file.
public struct CatalogDocument: Hashable, Sendable {
  public var server: ServerIdentity
  public var database: String
  public var at: Timestamp
  /// Newline-delimited JSON, the header first.
  public var lines: [UInt8]

  public init(server: ServerIdentity, database: String, at: Timestamp, lines: [UInt8]) {
    self.server = server
    self.database = database
    self.at = at
    self.lines = lines
  }
}

/// A catalog that the history holds.
public struct CatalogSummary: Hashable, Sendable {
  /// The same id as the snapshot of pg_stat_statements that was taken with it.
  public var id: String
  public var server: ServerIdentity
  public var database: String
  public var at: Timestamp
}

extension HistoryStore {
  /// Keeps a catalog. Its sections (runs of lines with one `section`) are cut into pieces, which are stored compressed
  /// and each content only once, so captures of an unchanged schema cost next to nothing.
  /// - Parameter omitted: sections that are kept elsewhere; the rows of pg_stat_statements go to `apply`.
  @discardableResult
  public func store(
    _ catalog: CatalogDocument, omitting omitted: Set<String> = ["statements"]
  ) throws(HistoryError) -> SnapshotOutcome {
    try write { db in try store(catalog, omitting: omitted, db) }
  }

  /// Keeps what one capture brought, its statements and its catalog, both or neither.
  /// - Returns: what became of either; nil for what was not there.
  public func store(
    _ statements: (snapshot: StatementsSnapshot, texts: [StatementKey: StatementText])?,
    with catalog: CatalogDocument?, omitting omitted: Set<String>
  ) throws(HistoryError) -> (statements: SnapshotOutcome?, catalog: SnapshotOutcome?) {
    try write { db in
      (
        statements: try statements.map { try apply($0.snapshot, texts: $0.texts, db) },
        catalog: try catalog.map { try store($0, omitting: omitted, db) }
      )
    }
  }

  private func store(
    _ catalog: CatalogDocument, omitting omitted: Set<String>, _ db: Database
  ) throws -> SnapshotOutcome {
    let id = HistoryStore.snapshotID(catalog.server, at: catalog.at)
    try db.execute(
      sql: "INSERT OR IGNORE INTO server (system_identifier, node) VALUES (?, ?)",
      arguments: [catalog.server.systemIdentifier, catalog.server.node])
    let server = try Int64.fetchOne(
      db, sql: "SELECT id FROM server WHERE system_identifier = ? AND node = ?",
      arguments: [catalog.server.systemIdentifier, catalog.server.node])
    try db.execute(
      sql: "INSERT OR IGNORE INTO catalog (server_id, database, at) VALUES (?, ?, ?)",
      arguments: [server, catalog.database, catalog.at.microseconds])
    guard db.changesCount > 0 else { return .alreadyThere(id: id) }
    let row = db.lastInsertedRowID
    for (position, section) in CatalogSections.split(catalog.lines).enumerated()
    where !omitted.contains(section.name) {
      try db.cachedStatement(
        sql: "INSERT INTO catalog_section (catalog_id, position, name, document_id) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [row, position, section.name, try documentID(section.lines, db)])
    }
    return .stored(id: id)
  }

  /// All catalogs, oldest first.
  public func catalogs() throws(HistoryError) -> [CatalogSummary] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT system_identifier, node, database, at FROM catalog c JOIN server s ON s.id = server_id
          ORDER BY at, database, system_identifier, node
          """
      ).map { row in
        let server = ServerIdentity(systemIdentifier: row[0], node: row[1])
        let at = Timestamp(microseconds: row[3])
        return CatalogSummary(
          id: HistoryStore.snapshotID(server, at: at), server: server, database: row[2], at: at)
      }
    }
  }

  /// The newest catalog, of one server and database or of any.
  /// - Parameter before: only those captured before this instant.
  public func latestCatalog(
    of server: ServerIdentity? = nil, database: String? = nil, before: Timestamp? = nil
  ) throws(HistoryError) -> CatalogDocument? {
    try read { db in
      guard
        let row = try Row.fetchOne(
          db,
          sql: """
            SELECT c.id, system_identifier, node, database, at FROM catalog c JOIN server s ON s.id = server_id
            WHERE (?1 IS NULL OR database = ?1) AND (?2 IS NULL OR at < ?2)
              AND (?3 IS NULL OR system_identifier = ?3 AND node = ?4)
            ORDER BY at DESC, system_identifier, node LIMIT 1
            """, arguments: [database, before?.microseconds, server?.systemIdentifier, server?.node])
      else { return nil }
      return CatalogDocument(
        server: ServerIdentity(systemIdentifier: row[1], node: row[2]), database: row[3],
        at: Timestamp(microseconds: row[4]), lines: try lines(ofCatalog: row[0], db))
    }
  }

  func lines(ofCatalog id: Int64, _ db: Database) throws -> [UInt8] {
    var lines: [UInt8] = []
    let sections = try Data.fetchCursor(
      db,
      sql: """
        SELECT content FROM catalog_section JOIN document d ON d.id = document_id WHERE catalog_id = ?
        ORDER BY position
        """, arguments: [id])
    while let section = try sections.next() { lines += try Deflate.unpack(section) }
    return lines
  }

  /// The id of a content, stored when it is new.
  func documentID(_ content: [UInt8], _ db: Database) throws -> Int64 {
    var hash = StableHash()
    for byte in content { hash.add(byte: byte) }
    let packed = try Deflate.pack(content)
    // zlib packs equal bytes equally, so comparing packed forms tells two contents of one hash apart.
    if let id = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM document WHERE hash = ? AND content = ?"),
      arguments: [hash.value, packed])
    {
      return id
    }
    try db.cachedStatement(sql: "INSERT INTO document (hash, content) VALUES (?, ?)")
      .execute(arguments: [hash.value, packed])
    return db.lastInsertedRowID
  }
}

/// The lines of a snapshot file by section. Every line but the header begins with its section's name.
///
/// A long section is cut into pieces at rows whose leading number says so, whatever stands before them, and where a piece
/// has become long: when one table's rows change, the pieces from the next such number on stay what they were.
enum CatalogSections {
  static func split(_ bytes: [UInt8]) -> [(name: String, lines: [UInt8])] {
    var result: [(name: String, lines: [UInt8])] = []
    var start = bytes.startIndex
    var lastNumber: Int64?
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.endIndex
      let line = bytes[start..<end]
      let name = section(line)
      let number = leadingNumber(line, afterSection: name)
      let isLong = result.last.map { $0.lines.count >= 8_192 } ?? false
      let isCut = number != lastNumber && (number.map { isLong || isBorder($0) } ?? false)
      lastNumber = number
      if let last = result.indices.last, result[last].name == name, !isCut {
        result[last].lines += line
      } else {
        result.append((name, Array(line)))
      }
      start = end
    }
    return result
  }

  /// One number in 16 begins a piece.
  private static func isBorder(_ number: Int64) -> Bool {
    var hash = StableHash()
    hash.add(number)
    return hash.value & 15 == 0
  }

  /// The number that the row's first value is, as it stands or as a text.
  private static func leadingNumber(_ line: ArraySlice<UInt8>, afterSection name: String) -> Int64? {
    guard !name.isEmpty else { return nil }
    let rest = line.dropFirst("{\"section\":\"\",".utf8.count + name.utf8.count)
    guard let colon = rest.prefix(80).firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let value = rest[(colon + 1)...].drop { $0 == UInt8(ascii: "\"") }
    return Int64(String(decoding: value.prefix { (0x30...0x39).contains($0) }.prefix(19), as: UTF8.self))
  }

  /// The value of a leading `{"section":"…"`; empty for any other line.
  private static func section(_ line: ArraySlice<UInt8>) -> String {
    let lead = Array("{\"section\":\"".utf8)
    guard line.starts(with: lead) else { return "" }
    let name = line.dropFirst(lead.count).prefix { $0 != UInt8(ascii: "\"") }
    return String(decoding: name, as: UTF8.self)
  }
}

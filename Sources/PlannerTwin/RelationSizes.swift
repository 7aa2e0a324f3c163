import Catalog
import IndexSize
import Model
import PostgresClient
import PrivateServer

/// Pages and rows of every table and index: first in the catalog, then as the lengths of files.
struct RelationSizes {
  private let source: Snapshot
  private let names: [Int64: RelationName]
  private(set) var leftOut: [LeftOut] = []
  private(set) var warnings: [String] = []
  private(set) var tables = 0
  private(set) var indexes = 0
  private(set) var totalBytes: Int64 = 0
  /// Relations with storage, by name: pages of the file.
  private var filePages: [RelationName: Int64] = [:]
  /// Real ends of the first columns of indexes, by the index's name.
  private var extremes: [RelationName: (minimum: String, maximum: String)] = [:]
  /// Captured counts of GIN indexes by name.
  private var ginCounts: [RelationName: IndexMetapages.GINCounts] = [:]
  /// Captured heights of B-trees by name.
  private var heights: [RelationName: Int] = [:]

  private static let batch = 1_000
  /// With two entries to a page, the fewest that a B-tree makes, more pages than a relation can have.
  private static let highest: Int64 = 32
  /// Each GiB is a file, if an empty one.
  private static let mostBytes: Int64 = 500 << 40

  private let twin: Int
  private let production: Int

  /// - Parameter twin: major version of the twin's server.
  init(source: Snapshot, names: [Int64: RelationName], twin: Int) {
    self.source = source
    self.names = names
    self.twin = twin
    production = source.header.version.major
  }

  /// Writes `pg_class` and the list that `TwinSupport.show_rows` restores from.
  mutating func write(_ connection: PostgresConnection) async throws {
    var documents: [String] = []
    for row in source["relations"] {
      let kind = try row.string("kind")
      guard kind != "view", let name = names[try row.integer("oid")] else { continue }
      tables += 1
      if let document = try note(row, name, hasStorage: kind != "partitioned_table") { documents.append(document) }
    }
    for row in source["indexes"] {
      guard let name = names[try row.integer("oid")] else { continue }
      indexes += 1
      if let document = try note(row, name, hasStorage: row["size_bytes"] != nil) { documents.append(document) }
    }
    for row in source["gin_pages"] {
      if let name = names[try row.integer("index")] { ginCounts[name] = try IndexMetapages.GINCounts(row) }
    }
    for row in source["tree_heights"] {
      let height = try row.integer("fast_height")
      guard (0...Self.highest).contains(height) else {
        throw SnapshotError.malformed(line: row.line, what: "\"fast_height\" is no height of a B-tree")
      }
      if let name = names[try row.integer("index")] { heights[name] = Int(height) }
    }
    try noteExtremes()
    var start = 0
    while start < documents.count {
      let part = "[" + documents[start..<min(start + Self.batch, documents.count)].joined(separator: ",") + "]"
      start += Self.batch
      try await connection.execute(
        """
        UPDATE pg_catalog.pg_class c SET relpages = x.p, reltuples = x.t, relallvisible = x.v
        FROM pg_catalog.json_to_recordset($1::json) AS x (r text, p integer, t real, v integer)
        WHERE c.oid = pg_catalog.to_regclass(x.r)
        """, [part])
    }
    try await connection.execute(
      """
      INSERT INTO \(TwinSupport.schema).sized
      SELECT c.oid, c.relfilenode, c.relpages, c.reltuples, c.relallvisible, c.reltablespace
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
      """, [TwinSupport.schema])
  }

  private mutating func noteExtremes() throws {
    struct Column: Hashable {
      var relation: Int64
      var name: String
    }
    var numbers: [Column: Int64] = [:]
    for row in source["columns"] {
      numbers[Column(relation: try row.integer("relation"), name: try row.string("name"))] = try row.integer("number")
    }
    var values: [[Int64]: (minimum: String, maximum: String)] = [:]
    for row in source["extremes"] {
      guard let minimum = try row.optionalString("minimum"), let maximum = try row.optionalString("maximum") else {
        continue
      }
      values[[try row.integer("relation"), try row.integer("column_number")]] = (minimum, maximum)
    }
    for row in source["indexes"] {
      let relation = try row.integer("relation")
      guard let column = try row.rows("keys").first?.optionalString("column"),
        let number = numbers[Column(relation: relation, name: column)], let name = names[try row.integer("oid")]
      else { continue }
      extremes[name] = values[[relation, number]]
    }
  }

  private mutating func note(
    _ row: SnapshotRow, _ name: RelationName, hasStorage: Bool
  ) throws -> String? {
    var pages = try row.optionalInteger("pages") ?? 0
    let size = try row.optionalInteger("size_bytes")
    // The catalog's whole number of 32 bits holds an unsigned one.
    if (Int64(Int32.min)..<0).contains(pages), let size, size >> 13 > Int64(Int32.max) { pages += 1 << 32 }
    // ANALYZE marks a partitioned table, which has no pages, by -1.
    guard (0..<Int64(UInt32.max)).contains(pages) || (pages == -1 && !hasStorage) else {
      throw SnapshotError.malformed(line: row.line, what: "\"pages\" is no number of pages")
    }
    let bytes = size ?? pages * 8192
    if hasStorage {
      guard bytes >= 0, bytes / 8192 < Int64(UInt32.max) else {
        throw SnapshotError.malformed(line: row.line, what: "\"size_bytes\" is no size of a relation")
      }
      filePages[name] = bytes / 8192
      totalBytes += bytes
      guard totalBytes < Self.mostBytes else {
        throw TwinError.snapshot("its tables and indexes add up to more than \(Self.mostBytes >> 40) TB")
      }
    }
    var tuples = try row.optionalDouble("tuples") ?? -1
    // Before version 14, 0 rows on 0 pages meant a table that nobody had looked at; since then -1 says so.
    if production < 14, twin >= 14, tuples == 0, pages == 0 { tuples = -1 }
    if twin < 14 { tuples = max(0, tuples) }
    let visible = try row.optionalInteger("all_visible_pages") ?? 0
    return "{\"r\":\(JSONText.string(name.sql)),\"p\":\(Int32(truncatingIfNeeded: pages)),"
      + "\"t\":\(tuples.isFinite ? Float(tuples) : -1),\"v\":\(Int32(clamping: visible))}"
  }

  /// Takes the files of indexes away, to be made when the server asks for them, and lists those of tables and of
  /// indexes of which the planner reads no page.
  ///
  /// Making the schema has brought pages of some indexes into the server's cache, where a change of the file is not
  /// seen. So every index whose first page the planner reads gets a new file number, under which nothing is cached; the
  /// checkpoint sees to it that the server has nothing left to write to the old names.
  func takeFiles(_ connection: PostgresConnection, of server: PrivateServer) async throws -> TwinFiles {
    try await connection.execute("CHECKPOINT")
    let rows = try await connection.query(
      """
      WITH moved AS (
        UPDATE pg_catalog.pg_class c SET relfilenode = (c.relfilenode::bigint + \(TwinSupport.fileNumberShift))::oid
        FROM pg_catalog.pg_am am, pg_catalog.pg_namespace n
        WHERE am.oid = c.relam AND am.amname IN ('btree', 'gin', 'brin') AND c.relkind = 'i' AND n.oid = c.relnamespace
          AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
        RETURNING c.oid, c.relfilenode)
      SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, COALESCE(am.amname, '') AS method,
        pg_catalog.pg_relation_filepath(c.oid) AS path, m.relfilenode::text AS new_number,
        COALESCE(x.indrelid, 0)::text AS table_oid, COALESCE(h.reltuples, 0) AS table_rows,
        COALESCE(h.relpages, 0) AS table_pages
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
      LEFT JOIN moved m ON m.oid = c.oid LEFT JOIN pg_catalog.pg_class h ON h.oid = x.indrelid
      WHERE c.relkind IN ('r', 'm', 'i') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
      ORDER BY c.oid
      """, [TwinSupport.schema])
    var files = TwinFiles()
    for row in rows {
      let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      let path = try row.string("path")
      guard let number = try row.optionalString("new_number") else {
        if let pages = filePages[name] { files.lengths.append((path, pages)) }
        continue
      }
      let file = TwinDatabase.IndexFile(
        oid: try row.string("oid"), table: try row.string("table_oid"), name: name.name,
        method: try row.string("method"), path: TwinFiles.path(path, number: number))
      var index = WaitingIndexes.Index(
        file: file, pages: filePages[name], height: heights[name], extremes: extremes[name],
        ginCounts: ginCounts[name], tableRows: try row.double("table_rows"),
        tablePages: Int64(try row.int("table_pages"))
      )
      let old = RelationFile(directory: server.dataDirectory, path: path)
      do throws(RelationFile.Failure) {
        // What building an empty index has written.
        index.content = try old.pages()
        try old.remove()
      } catch {
        throw TwinError.file(path: error.path, reason: error.reason)
      }
      files.indexes.add(index)
    }
    return files
  }
}

import Glibc
import IndexSize
public import Model
public import PostgresClient
public import PrivateServer

/// One database of a twin's server, with the connection that has a superuser's rights and the one that has none.
///
/// Everything that comes from the snapshot or from a statement runs on `planning`, as a role that owns the schema and
/// nothing else. `administration` runs only SQL of ours.
public actor TwinDatabase {
  public nonisolated let name: String
  public nonisolated let server: PrivateServer
  nonisolated let administration: PostgresConnection
  public nonisolated let planning: PostgresConnection
  /// As whom statements are planned; nil for the owner of everything.
  public nonisolated let role: String?

  /// An index of the twin by its object id.
  struct IndexFile: Sendable {
    var oid: String
    var table: String
    var name: String
    var method: String
    var path: String
  }

  init(
    name: String, server: PrivateServer, administration: PostgresConnection, planning: PostgresConnection, role: String?
  ) {
    self.role = role
    self.name = name
    self.server = server
    self.administration = administration
    self.planning = planning
  }

  /// Connects twice to a database that has `TwinSupport`.
  static func open(
    _ name: String, on server: PrivateServer, as session: PlanningRole?, seconds: Int
  ) async throws -> TwinDatabase {
    let administration = try await connectAdministration(server, database: name)
    return TwinDatabase(
      name: name, server: server, administration: administration,
      planning: try await connectPlanning(server, database: name, as: session, seconds: seconds), role: session?.name)
  }

  /// A superuser's connection, in which names resolve to the server's own objects only and values read as the capture
  /// wrote them, whatever the database's own settings are.
  static func connectAdministration(_ server: PrivateServer, database: String) async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      ConnectionOptions(connectionString: server.connectionString(database: database)),
      session: SessionSettings([
        .init("search_path", "pg_catalog"), .init("client_min_messages", "error"), .init("DateStyle", "ISO, YMD"),
        .init("IntervalStyle", "postgres"), .init("TimeZone", "UTC"), .init("bytea_output", "hex"),
        .init("extra_float_digits", "1"), .init("lc_monetary", "C"), .init("xmloption", "content"),
        .init("standard_conforming_strings", "on"), .init("array_nulls", "on"), .init("row_security", "on"),
        .init("default_tablespace", ""), .init("max_parallel_workers_per_gather", "0"),
      ]))
  }

  /// A connection without rights.
  ///
  /// Functions of the snapshot may be evaluated while planning: none may keep us waiting. The server's limit could be
  /// lifted by such a function for the statements after it, so there is one of ours behind it.
  static func connectPlanning(
    _ server: PrivateServer, database: String, as role: PlanningRole? = nil, settings: [SessionSettings.Setting] = [],
    seconds: Int = 60
  ) async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      ConnectionOptions(
        connectionString: server.connectionString(database: database)
          + (role.map { " options=" + TwinSupport.quoted($0.startupOptions) } ?? ""),
        user: TwinSupport.owner, answerTimeout: .seconds(seconds + 15)),
      session: SessionSettings(
        [
          .init("statement_timeout", "\(seconds * 1_000)"), .init("lock_timeout", "10000"),
          .init("check_function_bodies", "off"), .init("client_min_messages", "error"),
        ] + settings))
  }

  /// Runs what changes the schema: as its owner, whoever plans.
  func asOwner<T: Sendable>(_ body: () async throws -> T) async throws -> T {
    guard let role else { return try await body() }
    try await planning.execute("SET ROLE NONE")
    do {
      let value = try await body()
      try await planning.execute("SET ROLE " + SQLSpelling.identifier(role))
      return value
    } catch {
      _ = try? await planning.execute("SET ROLE " + SQLSpelling.identifier(role))
      throw error
    }
  }

  public nonisolated func close() async {
    await planning.close()
    await administration.close()
  }

  // MARK: Hypothetical indexes

  /// An index built in the twin and given the size it would have in production.
  public struct BuiltIndex: Sendable {
    /// As the server has it, with its schema.
    public var name: RelationName
    /// The index and, on a partitioned table, those of its partitions.
    public var oids: [String]
    public var sizeBytes: Int64
    public var height: Int
    public var isRough: Bool
    /// What the server makes of the definition (`pg_get_indexdef`).
    public var ddl: String
    /// What plans with the index rest on beside production's own statistics: sentences without a full stop.
    public var notes: [String] = []
  }

  /// Builds an index by its DDL, a single `CREATE INDEX` statement; it is not visible to the planner until it is switched
  /// on.
  ///
  /// - Throws: `PostgresError` where the server refuses it.
  public func build(_ ddl: String, on table: RelationName, named index: String) async throws -> BuiltIndex {
    try await asOwner { try await buildAsOwner(ddl, on: table, named: index) }
  }

  private func buildAsOwner(
    _ ddl: String, on table: RelationName, named index: String
  ) async throws -> BuiltIndex {
    try await planning.execute("BEGIN")
    let files: [IndexFile]
    do {
      try await planning.execute(
        "SELECT \(TwinSupport.schema).hide_rows($1::pg_catalog.regclass)", [table.sql])
      try await planning.execute(ddl)
      try await planning.execute(
        "SELECT \(TwinSupport.schema).show_rows($1::pg_catalog.regclass)", [table.sql])
      files = try await indexFiles(index, table: table)
      try await switchIndexes(on: [], off: files.map(\.oid))
      try await planning.execute("COMMIT")
    } catch {
      try await planning.execute("ROLLBACK")
      throw error
    }
    return try await sized(files, name: RelationName(schema: table.schema, name: index))
  }

  /// Gives a fresh index, and those of partitions, the sizes that the statistics foretell.
  func sized(_ files: [IndexFile], name: RelationName) async throws -> BuiltIndex {
    guard let top = files.first else { throw TwinError.noSuchRelation("index \(name)") }
    var built = BuiltIndex(
      name: name, oids: files.map(\.oid), sizeBytes: 0, height: 0, isRough: false,
      ddl: try await definition(of: top.oid))
    for file in files where !file.path.isEmpty {
      let (size, shape, expressions) = try await size(of: file)
      try await planning.execute(
        "SELECT \(TwinSupport.schema).set_index_size($1::oid, $2::integer, $3::real)",
        [file.oid, String(size.pages), String(size.entries)])
      let ends = try await IndexEnds(connection: administration).tuples([.init(index: file.oid, values: nil)])
      var place = file
      let metapage = metapage(of: file, size, shape)
      if metapage != nil { place.path = try await move(file) }
      try setFile(place, size, metapage: metapage, ends: ends[file.oid])
      built.sizeBytes += size.bytes
      built.height = max(built.height, size.height)
      built.isRough = built.isRough || size.isRough
      var notes = expressions.notes
      if let least = size.leastPages {
        notes.append(
          "the size is that of columns that have nothing to do with each other; the more they depend on each other the "
            + "smaller it is, down to \(least) of \(size.pages) pages (CREATE STATISTICS … (ndistinct) would tell)")
      }
      for note in notes where !built.notes.contains(note) { built.notes.append(note) }
    }
    return built
  }

  /// Predicts the size of an index from the twin's statistics.
  private func size(
    of file: IndexFile
  ) async throws -> (IndexSizeEstimate, IndexShape, ExpressionStatistics.Outcome) {
    let sized = try await planning.query(
      """
      SELECT c.reltuples AS tuples, c.relpages AS pages,
        pg_catalog.pg_relation_size(c.oid) / 8192 AS file_pages,
        pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
        pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate
      FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE x.indexrelid = $1::oid
      """, [file.oid]
    ).only()
    let filePages = Int64(try sized.int("file_pages"))
    let pages = try sized.double("pages")
    var tableRows = max(0, try sized.double("tuples"))
    if pages > 0 {
      // As the planner does it: as many rows to a page as when they were counted (`estimate_rel_size`).
      tableRows *= Double(filePages) / pages
    } else if filePages > 0 {
      tableRows = try await estimatedRows(where: "true", of: try sized.string("name"))
    }
    let expressions = try await ExpressionStatistics(administration: administration, owner: planning)
      .derive(index: file.oid, rows: tableRows)
    var share = 1.0
    if let predicate = try sized.optionalString("predicate"), tableRows > 0 {
      share = min(1, try await estimatedRows(where: predicate, of: try sized.string("name")) / tableRows)
    }
    var deduplicates = false
    if file.method == "btree" { deduplicates = try BTreePages.isAllEqualImage(metapage: firstPage(of: file)) }
    let reading = try await IndexShapeReader(connection: administration).read(
      index: file.oid, tableRows: tableRows, tablePages: filePages, coveredShare: share, deduplicates: deduplicates,
      partial: share < 1
        ? try await PartialColumns(administration: administration, owner: planning)
          .columns(of: file.oid, rows: tableRows) : [:])
    var estimate = IndexSize.estimate(method: reading.method, reading.shape)
    if reading.hasUnknownExpression || expressions.derived.contains(where: \.isRough) { estimate.isRough = true }
    return (estimate, reading.shape, expressions)
  }

  /// Rows that the planner expects a condition to leave.
  private func estimatedRows(where predicate: String, of table: String) async throws -> Double {
    let plan = try await planning.query("EXPLAIN (FORMAT JSON) SELECT FROM ONLY \(table) WHERE \(predicate)").only()
    return PlanText(plan[0] ?? "").rows ?? 0
  }

  /// The index of this name on a table, followed by those of the partitions.
  private func indexFiles(_ name: String, table: RelationName) async throws -> [IndexFile] {
    try await planning.query(
      """
      SELECT x.indexrelid::text AS oid, x.indrelid::text AS table_oid, i.relname AS name, am.amname AS method,
        COALESCE(pg_catalog.pg_relation_filepath(i.oid), '') AS path
      FROM pg_catalog.pg_class top JOIN pg_catalog.pg_namespace n ON n.oid = top.relnamespace
      CROSS JOIN LATERAL \(TwinSupport.schema).descendants(top.oid) d
      JOIN pg_catalog.pg_index x ON x.indexrelid = d.relation JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      JOIN pg_catalog.pg_am am ON am.oid = i.relam
      WHERE n.nspname = $1 AND top.relname = $2 AND top.relkind IN ('i', 'I')
      ORDER BY (x.indexrelid <> top.oid), x.indexrelid
      """, [table.schema, name]
    ).map {
      IndexFile(
        oid: try $0.string("oid"), table: try $0.string("table_oid"), name: try $0.string("name"),
        method: try $0.string("method"), path: try $0.string("path"))
    }
  }

  private func definition(of oid: String) async throws -> String {
    try await planning.query("SELECT pg_catalog.pg_get_indexdef($1::oid) AS ddl", [oid]).only().string("ddl")
  }

  // MARK: Files

  /// The first page of an index of a kind other than B-tree that the planner reads; nil where it reads none.
  nonisolated func metapage(of file: IndexFile, _ size: IndexSizeEstimate, _ shape: IndexShape) -> [UInt8]? {
    switch file.method {
    case "gin": size.gin.map { IndexMetapages.gin(.init($0, pages: size.pages)) }
    case "brin":
      IndexMetapages.brin(
        pagesPerRange: shape.pagesPerRange,
        mapPages: BRINSize.mapPages(tablePages: shape.tablePages, pagesPerRange: shape.pagesPerRange))
    default: nil
    }
  }

  /// Gives an index a new file, still empty, and returns its path: building it has brought its first pages into the
  /// server's cache, where a change of the file is not seen.
  private func move(_ file: IndexFile) async throws -> String {
    let directory = file.path.lastIndex(of: "/").map { file.path[...$0] } ?? ""
    let moved = try await planning.query("SELECT \(TwinSupport.schema).move_index($1::oid) AS number", [file.oid])
    let path = String(directory) + (try moved.only().string("number"))
    do {
      try RelationFile(path: server.dataDirectory + "/" + path)
        .create([], like: server.dataDirectory + "/" + file.path)
    } catch {
      throw TwinError.file(path: error.path, reason: error.reason)
    }
    return path
  }

  /// Gives a relation its length, a B-tree its height, and an index of another kind its first page.
  nonisolated func setFile(
    _ file: IndexFile, _ size: IndexSizeEstimate, metapage: [UInt8]? = nil, ends: IndexEnds.Tuples? = nil
  ) throws {
    let relation = RelationFile(path: server.dataDirectory + "/" + file.path)
    let pages = size.pages
    do {
      if let metapage { try relation.write([metapage], at: 0) }
      if file.method == "btree", pages > 1 {
        let metapage = try BTreePages.metapage(try firstPage(of: file), height: size.height)
        try relation.write([metapage] + BTreePages.path(height: size.height, leaf: ends?.leaf ?? []), at: 0)
        if let ends {
          try RelationFile(path: server.dataDirectory + "/" + ends.tablePath + "_vm")
            .create([IndexEnds.visibilityMap], like: relation.path)
        }
      }
      try relation.extend(toPages: pages)
    } catch let failure as RelationFile.Failure {
      throw TwinError.file(path: failure.path, reason: failure.reason)
    } catch is BTreePages.Malformed {
      throw TwinError.unknownIndexFormat(file.name)
    }
  }

  /// Gives a relation's file another number, and returns its new path. Paths are relative to the data directory.
  nonisolated func renameFile(_ path: String, to number: String) throws -> String {
    let directory = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    let renamed = directory + number
    let base = server.dataDirectory + "/"
    guard rename(base + path, base + renamed) == 0 else {
      throw TwinError.file(path: path, reason: String(cString: strerror(errno)))
    }
    return String(renamed)
  }

  private nonisolated func firstPage(of file: IndexFile) throws -> [UInt8] {
    do {
      guard let page = try RelationFile(path: server.dataDirectory + "/" + file.path).page(0) else {
        throw TwinError.unknownIndexFormat(file.name)
      }
      return page
    } catch let failure as RelationFile.Failure {
      throw TwinError.file(path: failure.path, reason: failure.reason)
    }
  }

  // MARK: Plans

  /// Plans one statement with the indexes that are switched on, and returns EXPLAIN's document.
  ///
  /// - Throws: `PostgresError` where the server refuses it.
  public nonisolated func explain(_ sql: String, options: String = "") async throws -> String {
    let rows = try await planning.query("EXPLAIN (FORMAT JSON\(options)) \(sql)")
    return rows.first.flatMap { $0[0] } ?? ""
  }
}

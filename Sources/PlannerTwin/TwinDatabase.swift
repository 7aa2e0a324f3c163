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

  /// Files that the server has not asked for yet.
  private var waiting = WaitingIndexes()

  /// An index of the twin by its object id.
  struct IndexFile: Sendable {
    var oid: String
    var table: String
    var name: String
    var method: String
    /// Relative to the data directory.
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

  func setWaiting(_ indexes: WaitingIndexes) { waiting = indexes }

  /// Runs what the server needs files for: those of indexes that it does not find are made, and `body` runs again.
  ///
  /// A planner opens every index of the tables that a statement reads, so nothing is ever planned without them; and a
  /// twin of thousands of tables makes files for the few that are asked about.
  func withFiles<T: Sendable>(_ body: () async throws -> T) async throws -> T {
    while true {
      do {
        return try await body()
      } catch let error as PostgresError {
        guard try await makeFiles(missedBy: error) else { throw error }
      }
    }
  }

  /// Makes the files of the indexes of that table of which the server has missed one.
  ///
  /// - Returns: whether there were any, so that it is worth asking again.
  public func makeFiles(missedBy error: PostgresError) async throws -> Bool {
    // undefined_file
    guard error.sqlState == "58P01", let indexes = waiting.take(missedIn: error.message) else { return false }
    do {
      try await indexes.make(in: self)
    } catch {
      waiting.putBack(indexes)
      throw error
    }
    return true
  }

  /// Makes all files that are still to be made: for sessions that are not ours.
  func makeAllFiles() async throws {
    let indexes = waiting.takeAll()
    do {
      try await indexes.make(in: self)
    } catch {
      waiting.putBack(indexes)
      throw error
    }
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
      ConnectionOptions(connectionString: server.connectionString(database: database), keepsStatements: true),
      session: SessionSettings([
        .init("plan_cache_mode", "force_generic_plan"),
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
        user: TwinSupport.owner, answerTimeout: .seconds(seconds + 15), keepsStatements: true),
      session: SessionSettings(
        [
          .init("statement_timeout", "\(seconds * 1_000)"), .init("lock_timeout", "10000"),
          .init("check_function_bodies", "off"), .init("client_min_messages", "error"),
        ] + settings))
  }

  /// The database's object id, which names its directory.
  func number() async throws -> String {
    try await administration.query(
      "SELECT oid::text AS oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"
    ).only().string("oid")
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
    /// Of expressions that production has not analyzed.
    public var statistics: [KeyStatistics] = []
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
    let files = try await withFiles {
      let outcomes = try await planning.pipeline([
        PipelinedStatement("BEGIN"),
        PipelinedStatement("SELECT \(TwinSupport.schema).hide_rows($1::pg_catalog.regclass)", [table.sql]),
        PipelinedStatement(ddl),
        PipelinedStatement("SELECT \(TwinSupport.schema).show_rows($1::pg_catalog.regclass)", [table.sql]),
        PipelinedStatement(
          "SELECT oid, table_oid, name, method, path, moved_from FROM \(TwinSupport.schema).new_index($1, $2)",
          [table.schema, index]),
        // After an error this rolls back.
        PipelinedStatement("COMMIT"),
      ])
      // Of what failed, the first is the reason.
      return try outcomes.map { try $0.get() }[4].map { row in
        let file = IndexFile(
          oid: try row.string("oid"), table: try row.string("table_oid"), name: try row.string("name"),
          method: try row.string("method"), path: try row.string("path"))
        // The old file stays, since the server will still write to it.
        if try row.optionalString("moved_from") != nil { try makeFile(file, []) }
        return file
      }
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
      let (size, shape, expressions, duplicates) = try await size(of: file)
      try await administration.execute(
        "UPDATE pg_catalog.pg_class SET relpages = $2, reltuples = $3 WHERE oid = $1::pg_catalog.oid AND relkind = 'i'",
        [file.oid, String(size.pages), String(size.entries)])
      let ends = try await IndexEnds(connection: administration).tuples([.init(index: file.oid, values: nil)])
      try setFile(file, size, metapage: metapage(of: file, size, shape), ends: ends[file.oid])
      built.sizeBytes += size.bytes
      built.height = max(built.height, size.height)
      built.isRough = built.isRough || size.isRough
      for key in expressions.keys where !built.statistics.contains(key) { built.statistics.append(key) }
      var notes = (duplicates.map { [$0] } ?? []) + expressions.notes
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
  ) async throws -> (IndexSizeEstimate, IndexShape, ExpressionStatistics.Outcome, duplicates: String?) {
    let sized = try await planning.query(
      """
      SELECT c.reltuples AS tuples, c.relpages AS pages,
        pg_catalog.pg_relation_size(c.oid) / 8192 AS file_pages,
        pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
        pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate, x.indexprs IS NOT NULL AS has_expressions
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
    let expressions =
      try sized.bool("has_expressions")
      ? try await ExpressionStatistics(administration: administration, owner: planning)
        .derive(index: file.oid, rows: tableRows) : .init()
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
    if reading.hasUnknownExpression || expressions.keys.contains(where: { $0.origin == .guessed }) {
      estimate.isRough = true
    }
    let duplicates = try await DuplicateKeys(connection: administration).note(
      index: file.oid, rows: tableRows, covered: share * tableRows)
    return (estimate, reading.shape, expressions, duplicates)
  }

  /// Rows that the planner expects a condition to leave.
  private func estimatedRows(where predicate: String, of table: String) async throws -> Double {
    let plan = try await withFiles {
      try await planning.query("EXPLAIN (FORMAT JSON) SELECT FROM ONLY \(table) WHERE \(predicate)").only()
    }
    return PlanText(plan[0] ?? "").rows ?? 0
  }

  private func definition(of oid: String) async throws -> String {
    try await planning.query("SELECT pg_catalog.pg_get_indexdef($1::oid) AS ddl", [oid]).only().string("ddl")
  }

  /// Runs `body` as if the expressions of indexes whose number of values is a guess had the fewest, or the most.
  public func withGuesses<T: Sendable>(
    of indexes: [BuiltIndex], atMost: Bool, _ body: @Sendable () async throws -> T
  ) async throws -> T {
    func set(_ value: (KeyStatistics) -> Double?) async throws {
      for index in indexes {
        for key in index.statistics {
          guard let value = value(key) else { continue }
          try await administration.execute(
            "UPDATE pg_catalog.pg_statistic SET stadistinct = $3::real WHERE starelid = ANY ($1::pg_catalog.oid[]) "
              + "AND staattnum = $2::int2",
            ["{" + index.oids.joined(separator: ",") + "}", String(key.number), "\(Float(value))"])
        }
      }
    }
    try await set { atMost ? $0.range?.upperBound : $0.range?.lowerBound }
    do {
      let value = try await body()
      try await set { $0.range == nil ? nil : $0.distinct }
      return value
    } catch {
      try await set { $0.range == nil ? nil : $0.distinct }
      throw error
    }
  }

  // MARK: Files

  private nonisolated func relationFile(_ path: String) -> RelationFile {
    RelationFile(directory: server.dataDirectory, path: path)
  }

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

  /// Makes an index's file with these pages.
  nonisolated func makeFile(_ file: IndexFile, _ pages: [[UInt8]]) throws {
    do {
      try relationFile(file.path).create(pages, like: "PG_VERSION")
    } catch {
      throw TwinError.file(path: error.path, reason: error.reason)
    }
  }

  /// Gives a relation its length, a B-tree its height, and an index of another kind its first page.
  nonisolated func setFile(
    _ file: IndexFile, _ size: IndexSizeEstimate, metapage: [UInt8]? = nil, ends: IndexEnds.Tuples? = nil
  ) throws {
    let relation = relationFile(file.path)
    let pages = size.pages
    do {
      if let metapage { try relation.write([metapage], at: 0) }
      if file.method == "btree", pages > 1 {
        let metapage = try BTreePages.metapage(try firstPage(of: file), height: size.height)
        try relation.write([metapage] + BTreePages.path(height: size.height, leaf: ends?.leaf ?? []), at: 0)
        if let ends {
          try relationFile(ends.tablePath + "_vm").create([IndexEnds.visibilityMap], like: file.path)
        }
      }
      try relation.extend(toPages: pages)
    } catch let failure as RelationFile.Failure {
      throw TwinError.file(path: failure.path, reason: failure.reason)
    } catch is BTreePages.Malformed {
      throw TwinError.unknownIndexFormat(file.name)
    }
  }

  private nonisolated func firstPage(of file: IndexFile) throws -> [UInt8] {
    do {
      guard let page = try relationFile(file.path).page(0) else {
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
  public func explain(_ sql: String, options: String = "") async throws -> String {
    let rows = try await withFiles { try await planning.query("EXPLAIN (FORMAT JSON\(options)) \(sql)") }
    return rows.first.flatMap { $0[0] } ?? ""
  }
}

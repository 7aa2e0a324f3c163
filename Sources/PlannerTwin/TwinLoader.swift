import Catalog
import IndexSize
import Model
import PostgresClient
import PrivateServer

/// Makes a planner twin, step by step.
struct TwinLoader {
  private let source: Snapshot
  private let options: PlannerTwin.Options
  private let production: ServerVersion
  private let databaseName: String
  private var leftOut: [LeftOut] = []
  private var warnings: [String] = []

  init(_ source: Snapshot, options: PlannerTwin.Options) throws {
    self.source = source
    self.options = options
    production = ServerVersion(number: Int(try source.headerRow.integer("server_version_num")))
    databaseName = try source.headerRow.string("database")
    let blockSize = try source.headerRow.optionalInteger("block_size_bytes") ?? 8192
    guard blockSize == 8192 else {
      throw TwinError.snapshot("production has blocks of \(blockSize) bytes, and the servers here have 8,192")
    }
    guard production.major >= 10, production.major < 100 else {
      throw TwinError.snapshot("it says that it is of a server version \(production.number)")
    }
  }

  mutating func run() async throws -> PlannerTwin {
    let server = try await startServer()
    do {
      return try await fill(server)
    } catch {
      await server.stop()
      throw error
    }
  }

  // MARK: Server

  private mutating func startServer() async throws -> PrivateServer {
    let wanted = options.version ?? production.major
    var serverOptions = PrivateServer.Options(
      version: wanted, acceptsOtherVersion: options.version == nil, binaryDirectory: options.binaryDirectory,
      locale: try locale(), settings: ["allow_system_table_mods": "on"], singleDatabase: true,
      temporaryDirectory: options.temporaryDirectory, label: options.label)
    var server: PrivateServer
    do {
      server = try await PrivateServer.start(serverOptions)
    } catch PrivateServerError.failed(let program, let said) where program == "initdb" {
      let missing = serverOptions.locale
      serverOptions.locale =
        missing.encoding == "UTF8"
        ? ServerLocale() : ServerLocale(encoding: missing.encoding, collate: "C", ctype: "C")
      guard serverOptions.locale != missing else { throw PrivateServerError.failed(program: program, said: said) }
      server = try await PrivateServer.start(serverOptions)
      warnings.append(
        "production sorts texts by \(missing.providerLocale ?? missing.collate), which this machine does not have;"
          + " the twin sorts by \(serverOptions.locale.collate), so ranges of texts may be estimated otherwise"
          + " (install the locale: localedef, or the package locales-all)")
    }
    if server.version.major != production.major {
      warnings.append(
        "production runs PostgreSQL \(production), the twin PostgreSQL \(server.version): the planners differ, so plans"
          + " and costs may (install postgresql-\(production.major), or name its directory)")
    }
    return server
  }

  private func locale() throws(SnapshotError) -> ServerLocale {
    let header = source.headerRow
    let provider: ServerLocale.Provider =
      switch try header.optionalString("locale_provider") {
      case "i"?: .icu
      case "b"?: .builtin
      default: .libc
      }
    return ServerLocale(
      encoding: try header.string("encoding"), collate: try header.string("collate"),
      ctype: try header.string("ctype"), provider: provider, providerLocale: try header.optionalString("locale"))
  }

  // MARK: Database

  private mutating func fill(_ server: PrivateServer) async throws -> PlannerTwin {
    let administration = try await PostgresConnection.connect(
      ConnectionOptions(connectionString: server.connectionString(database: PrivateServer.singleDatabaseName)),
      session: TwinDatabase.administrationSession)
    // Views and policies may ask for the database's name.
    try await administration.execute("UPDATE pg_catalog.pg_database SET datname = $1", [databaseName])
    try await administration.script(TwinSupport.clusterScript)
    try await administration.script(TwinSupport.databaseScript)
    let database = SQLSpelling.identifier(databaseName)
    try await administration.execute("ALTER DATABASE \(database) OWNER TO \(TwinSupport.owner)")
    try await makeRoles(administration)
    try await makeSchemas(administration)
    try await makeExtensions(administration)
    try await applySettings(administration, to: databaseName)

    let plan = try SchemaPlan(source, major: server.version.major)
    leftOut += plan.leftOut
    let replay = try await TwinDatabase.connectPlanning(server, database: databaseName)
    // Names in definitions carry their schemas; those that do not are the server's own.
    try await replay.execute("SET search_path = pg_catalog")
    leftOut += try await SchemaReplay(connection: replay).run(plan.steps)
    try await loadStatistics(administration, names: plan.names, major: server.version.major)
    leftOut += try await SchemaReplay(connection: replay).run(plan.domainChecks)
    await replay.close()

    var sizes = RelationSizes(source: source, names: plan.names)
    try await sizes.write(administration)
    leftOut += sizes.leftOut
    warnings += sizes.warnings

    var names = [databaseName]
    for number in stride(from: 2, through: max(1, options.databases), by: 1) {
      let copy = "\(databaseName) \(number)"
      try await administration.execute(
        "CREATE DATABASE \(SQLSpelling.identifier(copy)) TEMPLATE \(database) OWNER \(TwinSupport.owner)"
          + (server.version.major >= 15 ? " STRATEGY file_copy" : ""))
      try await applySettings(administration, to: copy)
      names.append(copy)
    }
    await administration.close()
    var databases: [TwinDatabase] = []
    for name in names {
      let database = try await TwinDatabase.open(name, on: server)
      try await sizes.extendFiles(of: database)
      databases.append(database)
    }
    return PlannerTwin(
      server: server, databases: databases,
      report: PlannerTwin.Report(
        production: production, twin: server.version, leftOut: leftOut, warnings: warnings, tables: sizes.tables,
        indexes: sizes.indexes, simulatedBytes: sizes.totalBytes))
  }

  /// Roles that policies speak of, without rights and without a way in. The owner may become each of them; roles that
  /// the server itself has are never granted.
  private func makeRoles(_ administration: PostgresConnection) async throws {
    var roles: Set<String> = []
    for row in source["policies"] { roles.formUnion(try row.strings("roles")) }
    for row in source["role_settings"] { if let role = try row.optionalString("role") { roles.insert(role) } }
    for role in roles.sorted()
    where role != "public" && !role.hasPrefix("pg_") && role != PrivateServer.superuser && role != TwinSupport.owner {
      let name = SQLSpelling.identifier(role)
      try await administration.execute("CREATE ROLE \(name) NOLOGIN")
      try await administration.execute("GRANT \(name) TO \(TwinSupport.owner)")
    }
  }

  private mutating func makeSchemas(_ administration: PostgresConnection) async throws {
    try await administration.execute("ALTER SCHEMA public OWNER TO \(TwinSupport.owner)")
    for row in source["schemas"] {
      let name = try row.string("name")
      if name == "public" { continue }
      do {
        try await administration.execute(
          "CREATE SCHEMA \(SQLSpelling.identifier(name)) AUTHORIZATION \(TwinSupport.owner)")
      } catch let error as PostgresError where error.isConnectionUsable {
        leftOut.append(LeftOut(object: "schema \(SQLSpelling.identifier(name))", reason: error.message))
      }
    }
  }

  /// Before anything of the snapshot's own exists: an extension's script runs with a superuser's rights.
  private mutating func makeExtensions(_ administration: PostgresConnection) async throws {
    for row in source["extensions"] {
      let name = try row.string("name")
      if name == "plpgsql" || ExtensionPolicy.irrelevant.contains(name) { continue }
      guard ExtensionPolicy.harmless.contains(name) else {
        leftOut.append(
          LeftOut(
            object: "extension \(name)",
            reason: "its functions may reach beyond the database, or it is not known to the twin"))
        continue
      }
      do {
        try await administration.execute(
          "CREATE EXTENSION IF NOT EXISTS \(SQLSpelling.identifier(name)) SCHEMA "
            + "\(SQLSpelling.identifier(try row.string("schema"))) CASCADE")
      } catch let error as PostgresError where error.isConnectionUsable {
        leftOut.append(LeftOut(object: "extension \(name)", reason: error.message))
      }
    }
  }

  private mutating func applySettings(_ administration: PostgresConnection, to database: String) async throws {
    for setting in try PlannerSettings.settings(of: source) {
      // A search path is a list of names, which must not be quoted as one.
      let value =
        setting.name == "search_path"
        ? SearchPath.names(setting.value).map(SQLSpelling.identifier).joined(separator: ", ")
        : SQLSpelling.literal(setting.value)
      do {
        try await administration.execute(
          "ALTER DATABASE \(SQLSpelling.identifier(database)) SET \(setting.name) = "
            + (value.isEmpty ? "''" : value))
      } catch let error as PostgresError where error.isConnectionUsable {
        // Settings of another version.
        if error.sqlState != "42704" {
          warnings.append("the setting \(setting.name) could not be taken over: \(error.message)")
        }
      }
    }
  }

  private mutating func loadStatistics(
    _ administration: PostgresConnection, names: [Int64: RelationName], major: Int
  ) async throws {
    var loader = StatisticsLoader(connection: administration, names: names)
    for row in source["type_operators"] {
      loader.operators[try row.string("type")] = .init(
        equal: try row.string("equal"), less: try row.string("less"), collation: try row.optionalString("collation"))
    }
    let rows = source["column_statistics"]
    leftOut += try await loader.load(rows)
    leftOut += try await ExtendedStatisticsLoader(connection: administration, major: major)
      .load(source["extended_statistics"])
    if rows.isEmpty, !source["relations"].isEmpty {
      warnings.append("the snapshot has no column statistics, so every estimate is a guess (was ANALYZE ever run?)")
    }
    if try source.headerRow.optionalBool("keeps_values") == false {
      warnings.append("the snapshot was taken without values, so common values and ranges are estimated as averages")
    }
  }
}

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
  private let role: PlanningRole?
  private var leftOut: [LeftOut] = []
  private var warnings: [String] = []

  init(_ source: Snapshot, options: PlannerTwin.Options) throws {
    self.source = source
    self.options = options
    production = ServerVersion(number: Int(try source.headerRow.integer("server_version_num")))
    databaseName = try source.headerRow.string("database")
    role = try options.role.map { try PlanningRole($0, in: source) }
    guard !databaseName.isEmpty, databaseName.utf8.count <= 58, !databaseName.utf8.contains(0) else {
      throw TwinError.snapshot("it names no database")
    }
    let blockSize = try source.headerRow.optionalInteger("block_size_bytes") ?? 8192
    guard blockSize == 8192 else {
      throw TwinError.snapshot("production has blocks of \(blockSize) bytes, and the servers here have 8,192")
    }
    try SnapshotCheck.check(source)
  }

  mutating func run() async throws -> PlannerTwin {
    let server = try await startServer()
    do {
      let twin = try await fill(server)
      // What the server found no room for would else count as left out.
      if let reason = server.lackOfSpace { throw reason }
      return twin
    } catch {
      let reason = server.lackOfSpace
      await server.stop()
      throw reason ?? error
    }
  }

  // MARK: Server

  private static let settings = [
    "allow_system_table_mods": "on",
    // Whether an index is worth several processes is planned by looking at all indexes of the table.
    "max_parallel_maintenance_workers": "0",
  ]

  private mutating func startServer() async throws -> PrivateServer {
    let wanted = options.version ?? production.major
    var serverOptions = PrivateServer.Options(
      version: wanted, acceptsOtherVersion: options.version == nil, binaryDirectory: options.binaryDirectory,
      locale: try locale(), settings: Self.settings, singleDatabase: true,
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
          + " and costs may (install postgresql-\(production.major), or name its directory); "
          + PlannerVersions.difference(production: production.major, twin: server.version.major))
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
    let administration = try await TwinDatabase.connectAdministration(
      server, database: PrivateServer.singleDatabaseName)
    // Views and policies may ask for the database's name.
    try await administration.execute("UPDATE pg_catalog.pg_database SET datname = $1", [databaseName])
    try await administration.script(TwinSupport.clusterScript)
    try await administration.script(TwinSupport.databaseScript)
    try await TwinSupport.makeEmptyPage(of: server, administration)
    let database = SQLSpelling.identifier(databaseName)
    try await administration.execute("ALTER DATABASE \(database) OWNER TO \(TwinSupport.owner)")
    try await makeRoles(administration)
    try await makeSchemas(administration)
    try await makeExtensions(administration)
    try await applySettings(administration, to: databaseName)

    let plan = try SchemaPlan(source, major: server.version.major)
    leftOut += plan.leftOut
    // Names in definitions carry their schemas; those that do not are the server's own.
    let replay = try await TwinDatabase.connectPlanning(
      server, database: databaseName,
      settings: [
        .init("search_path", "pg_catalog"), .init("standard_conforming_strings", "on"), .init("array_nulls", "on"),
        .init("DateStyle", "ISO, YMD"), .init("IntervalStyle", "postgres"), .init("TimeZone", "UTC"),
        .init("xmloption", "content"), .init("row_security", "on"), .init("default_tablespace", ""),
      ], seconds: min(20, options.statementSeconds))
    try await administration.script(TwinSupport.withoutStorageScript)
    leftOut += try await SchemaReplay(connection: replay).run(plan.steps)
    try await administration.script(TwinSupport.withStorageScript)
    try await giveProperties(plan.privileged, administration)
    try await loadStatistics(administration, owner: replay, names: plan.names, major: server.version.major)
    leftOut += try await SchemaReplay(connection: replay).run(plan.domainChecks)
    await replay.close()
    try await makeTablespaces(administration, on: server, names: plan.names)
    try await finishCatalog(administration)

    var sizes = RelationSizes(source: source, names: plan.names, twin: server.version.major)
    try await sizes.write(administration)
    leftOut += sizes.leftOut
    warnings += sizes.warnings

    // Before the copies, so that they are spared the files of indexes.
    let files = try await sizes.takeFiles(administration, of: server)
    var names = [databaseName]
    for number in stride(from: 2, through: max(1, options.databases), by: 1) {
      let copy = "\(databaseName) \(number)"
      try await administration.execute(
        "CREATE DATABASE \(SQLSpelling.identifier(copy)) TEMPLATE \(database) OWNER \(TwinSupport.owner)"
          + (server.version.major >= 15 ? " STRATEGY file_copy" : ""))
      try await applySettings(administration, to: copy)
      names.append(copy)
    }
    // What was logged up to here is of no use any more.
    try await administration.execute("CHECKPOINT")
    await administration.close()
    var databases: [TwinDatabase] = []
    for name in names {
      let database = try await TwinDatabase.open(
        name, on: server, as: role, seconds: options.statementSeconds)
      let files = files.moved(to: try await database.number())
      try files.setLengths(in: server.dataDirectory)
      await database.setWaiting(files.indexes)
      databases.append(database)
    }
    return PlannerTwin(
      server: server, databases: databases,
      report: PlannerTwin.Report(
        production: production, twin: server.version, leftOut: leftOut,
        reach: try LeftOutReach(source, role: role?.name, leftOut: Set(leftOut.compactMap(\.name))), warnings: warnings,
        tables: sizes.tables,
        indexes: sizes.indexes, simulatedBytes: sizes.totalBytes), role: role)
  }

  /// Roles that policies speak of and the one to plan as, without rights and without a way in. The owner may become each
  /// of them; roles that the server itself has are never granted.
  private mutating func makeRoles(_ administration: PostgresConnection) async throws {
    var roles: Set<String> = []
    for row in source["policies"] { roles.formUnion(try row.strings("roles")) }
    if let role { roles.formUnion([role.name] + role.memberOf) }
    var made: Set<String> = []
    for role in roles.sorted()
    where role != "public" && !role.hasPrefix("pg_") && role != PrivateServer.superuser && role != TwinSupport.owner {
      let name = SQLSpelling.identifier(role)
      do {
        try await administration.execute("CREATE ROLE \(name) NOLOGIN")
        try await administration.execute("GRANT \(name) TO \(TwinSupport.owner)")
        made.insert(role)
      } catch let error as PostgresError where error.isConnectionUsable {
        leftOut.append(LeftOut(object: "role \(name)", reason: error.message))
      }
    }
    guard let role else { return }
    guard made.contains(role.name) else {
      throw TwinError.snapshot("statements cannot be planned as \(role.name), a role of the twin's own")
    }
    for parent in role.memberOf where made.contains(parent) {
      try await administration.execute(
        "GRANT \(SQLSpelling.identifier(parent)) TO \(SQLSpelling.identifier(role.name))")
    }
    if role.bypassesRowSecurity {
      try await administration.execute("ALTER ROLE \(SQLSpelling.identifier(role.name)) BYPASSRLS")
    }
  }

  /// What a role may read is not captured: whoever plans may see everything, as production's application does.
  private func finishCatalog(_ administration: PostgresConnection) async throws {
    try await administration.execute(
      "UPDATE pg_catalog.pg_class SET relispopulated = true WHERE relkind = 'm' AND NOT relispopulated")
    guard let role else { return }
    let name = SQLSpelling.identifier(role.name)
    let schemas = try await administration.query(
      """
      SELECT n.nspname FROM pg_catalog.pg_namespace n
      WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1) ORDER BY n.nspname
      """, [TwinSupport.schema]
    ).compactMap { $0[0] }.map(SQLSpelling.identifier)
    if !schemas.isEmpty {
      let list = schemas.joined(separator: ", ")
      try await administration.execute("GRANT USAGE ON SCHEMA \(list) TO \(name)")
      try await administration.execute("GRANT ALL ON ALL TABLES IN SCHEMA \(list) TO \(name)")
      try await administration.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA \(list) TO \(name)")
    }
    // And what a migration makes.
    for (what, objects) in [("ALL", "TABLES"), ("ALL", "SEQUENCES"), ("USAGE", "SCHEMAS")] {
      try await administration.execute(
        "ALTER DEFAULT PRIVILEGES FOR ROLE \(TwinSupport.owner) GRANT \(what) ON \(objects) TO \(name)")
    }
    try await administration.execute("GRANT USAGE ON SCHEMA \(TwinSupport.schema) TO \(name)")
    try await administration.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \(TwinSupport.schema) TO \(name)")
  }

  /// Makes functions leakproof and gives them their support functions, which a superuser alone may do: by their catalog
  /// rows, so that no text of the snapshot becomes a superuser's statement. Only support functions of the server and of
  /// extensions are taken, which are known by their language.
  private func giveProperties(
    _ functions: [SchemaPlan.PrivilegedFunction], _ administration: PostgresConnection
  ) async throws {
    for function in functions {
      try await administration.execute(
        """
        UPDATE pg_catalog.pg_proc p SET proleakproof = $4::boolean, prosupport = COALESCE(
          (SELECT s.oid FROM pg_catalog.pg_proc s JOIN pg_catalog.pg_language l ON l.oid = s.prolang
          WHERE s.oid = pg_catalog.to_regproc($5) AND l.lanname IN ('internal', 'c')
          AND s.proargtypes = '2281'::oidvector AND s.prorettype = 2281), 0)
        FROM pg_catalog.pg_namespace n WHERE n.oid = p.pronamespace AND n.nspname = $1 AND p.proname = $2
          AND pg_catalog.pg_get_function_identity_arguments(p.oid) = $3
          AND p.proowner = '\(TwinSupport.owner)'::pg_catalog.regrole
        """,
        [
          function.name.schema, function.name.name, function.arguments, function.isLeakproof ? "true" : "false",
          function.support,
        ])
    }
  }

  /// Tablespaces with costs of their own, and the tables and indexes in them, while they are empty.
  private mutating func makeTablespaces(
    _ administration: PostgresConnection, on server: PrivateServer, names: [Int64: RelationName]
  ) async throws {
    let known: Set<String> = ["seq_page_cost", "random_page_cost", "effective_io_concurrency"]
    // A migration may name any of them; only where costs differ does it matter what is in them.
    var costly: Set<String> = []
    for (number, row) in source["tablespaces"].enumerated() {
      let name = try row.string("name")
      if name == "pg_global" { continue }
      let options = try row.strings("options").compactMap { option -> String? in
        let parts = option.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, known.contains(String(parts[0])), let value = Double(parts[1]), value.isFinite else {
          return nil
        }
        return parts[0] == "effective_io_concurrency"
          ? "\(parts[0]) = \(Int32(clamping: Int64(max(0, min(value, 1_000)))))"
          : "\(parts[0]) = \(value)"
      }
      let isDefault = try row.optionalBool("is_default") == true || name == "pg_default"
      let quoted = SQLSpelling.identifier(name)
      do {
        if name != "pg_default" {
          let path = server.socketDirectory + "/tablespace-\(number)"
          try await server.run(["mkdir", path])
          try await administration.execute("CREATE TABLESPACE \(quoted) LOCATION \(SQLSpelling.literal(path))")
          try await administration.execute("GRANT CREATE ON TABLESPACE \(quoted) TO \(TwinSupport.owner)")
        }
        if !options.isEmpty {
          try await administration.execute(
            "ALTER TABLESPACE \(isDefault ? "pg_default" : quoted) SET (\(options.joined(separator: ", ")))")
          if !isDefault { costly.insert(name) }
        }
      } catch let error as PostgresError where error.isConnectionUsable {
        leftOut.append(LeftOut(object: "tablespace \(quoted)", reason: error.message))
      }
    }
    guard !costly.isEmpty else { return }
    for (section, kind) in [("relations", "TABLE"), ("indexes", "INDEX")] {
      for row in source[section] {
        guard let tablespace = try row.optionalString("tablespace"), costly.contains(tablespace),
          row["size_bytes"] != nil, let name = names[try row.integer("oid")]
        else { continue }
        let isView = try row.optionalString("kind") == "materialized_view"
        do {
          try await administration.execute(
            "ALTER \(isView ? "MATERIALIZED VIEW" : kind) \(name.sql) SET TABLESPACE "
              + SQLSpelling.identifier(tablespace))
        } catch let error as PostgresError where error.isConnectionUsable {
          leftOut.append(
            LeftOut(object: "tablespace of \(name)", reason: error.message, name: name))
        }
      }
    }
  }

  private mutating func makeSchemas(_ administration: PostgresConnection) async throws {
    try await administration.execute("ALTER SCHEMA public OWNER TO \(TwinSupport.owner)")
    for row in source["schemas"] {
      let name = try row.string("name")
      if try name == "public" || row.optionalString("extension") != nil { continue }
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
    _ administration: PostgresConnection, owner: PostgresConnection, names: [Int64: RelationName], major: Int
  ) async throws {
    var loader = StatisticsLoader(connection: administration, owner: owner, names: names, major: major)
    for row in source["type_operators"] {
      loader.operators[try row.string("type")] = .init(
        equal: try row.string("equal"), less: try row.string("less"), collation: try row.optionalString("collation"))
    }
    let rows = source["column_statistics"]
    leftOut += try await loader.load(rows)
    leftOut += try await ExtendedStatisticsLoader(connection: administration, owner: owner, names: names, major: major)
      .load(source["extended_statistics"])
    if rows.isEmpty, !source["relations"].isEmpty {
      warnings.append("the snapshot has no column statistics, so every estimate is a guess (was ANALYZE ever run?)")
    }
    if let role {
      warnings.append(
        "what \(role.name) may read is not part of a snapshot: statements are planned as if it had every privilege, though "
          + "production may refuse them")
    }
    if try source.headerRow.optionalBool("keeps_values") == false {
      warnings.append("the snapshot was taken without values, so common values and ranges are estimated as averages")
    }
  }
}

import Glibc
import Model
import PostgresClient
import PrivateServer

extension TwinDatabase {
  /// What a statement of a migration did to the twin.
  public struct AppliedChange: Sendable {
    public var statement: String
    /// New indexes, and those that were written anew, with the sizes they would have; visible to the planner.
    public var indexes: [BuiltIndex]
    /// Why the statement was not run, or what could not be foretold of its effect.
    public var note: String?
  }

  /// - Throws: `TwinError.rollback` for a migration that takes something back, before any of it is run.
  public nonisolated func checkChanges(_ statements: [String]) throws(TwinError) {
    for statement in statements where MigrationStatement(statement) == .rollback { throw .rollback }
  }

  /// Runs one statement of a migration as if on production's rows: tables and indexes that it makes or writes anew get
  /// the sizes that production's would have.
  ///
  /// Statements that only move rows or steer a transaction are passed over, with a note: a twin has no rows.
  /// - Throws: `PostgresError` where the server refuses the statement.
  public func apply(_ statement: String) async throws -> AppliedChange {
    try await asOwner { try await applyAsOwner(statement) }
  }

  private func applyAsOwner(_ statement: String) async throws -> AppliedChange {
    func passed(_ note: String) -> AppliedChange { AppliedChange(statement: statement, indexes: [], note: note) }
    switch MigrationStatement(statement) {
    case .passedOver(let note): return passed(note)
    case .searchPath(let sql):
      try await planning.execute(sql)
      return AppliedChange(statement: statement, indexes: [])
    case .setting(let sql):
      try await planning.execute(sql)
      return passed("holds for the plans after the change; in production for the session alone that runs it")
    case .rollback: throw TwinError.rollback
    case .createExtension(let name, let sql):
      do {
        return try await changingSchema(statement, sql, deniesWrites: false)
      } catch let error as PostgresError where error.sqlState == "42501" && error.isConnectionUsable {
        // Not by our superuser: what the snapshot has put into the schemas could then run with a superuser's rights.
        return passed(
          "not run: only a superuser may make the extension \(name); make it in production and capture again")
      }
    case .schema(let sql):
      var change = try await changingSchema(statement, SQLScript.withoutConcurrently(sql), deniesWrites: false)
      if change.note == nil, MigrationStatement.fillsNewRelation(sql) {
        change.note = "how many rows it makes is not known: the new relation is planned as one that was never analyzed"
      }
      if MigrationStatement.makesStatistics(sql) {
        change.note =
          "no effect on the plans here: it has no data before ANALYZE has run in production, so what it will change "
          + "cannot be foretold"
      }
      return change
    case .block(let sql):
      do {
        return try await changingSchema(statement, sql, deniesWrites: true)
      } catch let error as PostgresError where error.sqlState == "42501" && error.isConnectionUsable {
        return passed("not run: it does what cannot be done in a twin, such as to write rows (\(error.message))")
      }
    }
  }

  /// Back to the database's own search path, behind the last statement of a migration.
  public func endChanges() async throws {
    try await planning.execute("RESET search_path")
  }

  private func changingSchema(
    _ statement: String, _ sql: String, deniesWrites: Bool
  ) async throws -> AppliedChange {
    let before = try await indexFileNumbers()
    // Checking a foreign key or filling a view is planned, and so needs the files of indexes.
    let rewritten = try await withFiles {
      var steps = [
        PipelinedStatement("BEGIN"), PipelinedStatement("SELECT \(TwinSupport.schema).hide_rows(NULL)"),
        PipelinedStatement(sql),
        PipelinedStatement("SELECT rewritten FROM \(TwinSupport.schema).show_rows(NULL)"),
        // After an error this rolls back.
        PipelinedStatement("COMMIT"),
      ]
      if deniesWrites {
        steps.insert(PipelinedStatement("SELECT \(TwinSupport.schema).deny_writes(true)"), at: 2)
        steps.insert(PipelinedStatement("SELECT \(TwinSupport.schema).deny_writes(false)"), at: 4)
      }
      let outcomes = try await planning.pipeline(steps)
      return try outcomes.map { try $0.get() }[steps.count - 2].compactMap { $0[0] }
    }
    try await restoreEmptyFile()
    for oid in rewritten { try await lengthen(table: oid) }

    let after = try await indexFileNumbers()
    let changed = after.filter { before[$0.key] != $0.value }.map(\.key).sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
    let indexes = try await hidingIndexes(changed) {
      var indexes: [BuiltIndex] = []
      for oid in changed {
        guard let (file, name) = try await indexFile(oid) else { continue }
        indexes.append(try await sized([try await movedIfCached(file)], name: name))
      }
      return indexes
    }
    return AppliedChange(
      statement: statement, indexes: indexes,
      note: rewritten.isEmpty ? nil : "it writes the whole table anew; the table is taken to stay as large as it was")
  }

  /// Runs `body` while no planner sees these indexes: one that looks at a B-tree which has no height yet brings its first
  /// page into the server's cache, where the file's later content is not seen.
  private func hidingIndexes<T: Sendable>(_ oids: [String], _ body: () async throws -> T) async throws -> T {
    guard !oids.isEmpty else { return try await body() }
    let hidden = try await administration.query(
      "UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = ANY ($1::pg_catalog.oid[]) AND indisvalid "
        + "RETURNING indexrelid::text", ["{" + oids.joined(separator: ",") + "}"]
    ).compactMap { $0[0] }
    let result: Result<T, any Error>
    do {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    try await administration.execute(
      "UPDATE pg_catalog.pg_index SET indisvalid = true WHERE indexrelid = ANY ($1::pg_catalog.oid[])",
      ["{" + hidden.joined(separator: ",") + "}"])
    return try result.get()
  }

  /// The file of each index of the users', by object id.
  private func indexFileNumbers() async throws -> [String: String] {
    let rows = try await administration.query(
      """
      SELECT c.oid::text, c.relfilenode::text FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'i' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
      """, [TwinSupport.schema])
    return Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }) { first, _ in first }
  }

  private func indexFile(_ oid: String) async throws -> (IndexFile, RelationName)? {
    let rows = try await administration.query(
      """
      SELECT x.indrelid::text AS table_oid, n.nspname AS schema, i.relname AS name, am.amname AS method,
        pg_catalog.pg_relation_filepath(i.oid) AS path
      FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace JOIN pg_catalog.pg_am am ON am.oid = i.relam
      WHERE x.indexrelid = $1::pg_catalog.oid
      """, [oid])
    guard let row = rows.first else { return nil }
    let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
    return (
      IndexFile(
        oid: oid, table: try row.string("table_oid"), name: name.name, method: try row.string("method"),
        path: try row.string("path")), name
    )
  }

  /// Gives an index a new file, still empty, where building it has brought its first pages into the server's cache: there
  /// a change of the file is not seen. The old one stays, since the server will still write to it.
  private func movedIfCached(_ file: IndexFile) async throws -> IndexFile {
    guard IndexMetapages.has(file.method) else { return file }
    let number = try await administration.query(
      """
      UPDATE pg_catalog.pg_class SET relfilenode = (relfilenode::bigint + \(TwinSupport.fileNumberShift))::oid
      WHERE oid = $1::pg_catalog.oid RETURNING relfilenode::text AS number
      """, [file.oid]
    ).only().string("number")
    var moved = file
    moved.path = TwinFiles.path(file.path, number: number)
    try makeFile(moved, [])
    return moved
  }

  /// A dropped or rewritten table took the empty file with it that stood for its rows: another one then.
  private func restoreEmptyFile() async throws {
    // TRUNCATE gives the table a new file.
    try await administration.execute("TRUNCATE \(TwinSupport.schema).no_rows")
    try await TwinSupport.makeEmptyPage(of: server, administration)
  }

  /// Makes the new file of a rewritten table as long as the old one was.
  private func lengthen(table oid: String) async throws {
    let row = try await administration.query(
      "SELECT pg_catalog.pg_relation_filepath(c.oid) AS path, c.relpages AS pages FROM pg_catalog.pg_class c "
        + "WHERE c.oid = $1::pg_catalog.oid", [oid]
    ).only()
    do {
      try RelationFile(directory: server.dataDirectory, path: try row.string("path"))
        .extend(toPages: Int64(max(0, try row.int("pages"))))
    } catch let failure as RelationFile.Failure {
      throw TwinError.file(path: failure.path, reason: failure.reason)
    }
  }
}

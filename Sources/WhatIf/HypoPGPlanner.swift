public import Model
public import PostgresClient

/// The planner of a live server, told of indexes that do not exist by the extension HypoPG.
///
/// The server is only read: the sessions are read-only with time limits, hypothetical indexes are a session's own, and
/// they are taken back when the planner ends (and before it begins, where a pool hands out used sessions). The extension
/// must be there; it is never created.
///
/// What HypoPG cannot do: GIN, GiST and SP-GiST indexes, statistics of expressions, heights of trees; and its sizes ignore
/// that equal keys share a tuple, so they are up to six times too high. Sizes are therefore better taken from a twin.
public actor HypoPGPlanner: Planner {
  private let pool: WorkerPool<HypoPGWorker>
  private nonisolated let workers: [HypoPGWorker]
  private let sizes: (any Planner)?
  /// The server and the extension, for people.
  public nonisolated let name: String
  private var indexes = AddedIndexes()

  private init(_ workers: [HypoPGWorker], sizes: (any Planner)?) {
    self.workers = workers
    pool = WorkerPool(workers)
    name =
      workers.first.map {
        "PostgreSQL \($0.connection.serverVersion) of the \($0.connection.server) with HypoPG \($0.version)"
      } ?? "HypoPG"
    self.sizes = sizes
  }

  /// Opens so many sessions, for as many statements planned at once.
  ///
  /// - Parameters:
  ///   - sizes: predicts the sizes of indexes better, usually a planner twin; nil for HypoPG's own.
  ///   - statementTimeout: for one plan.
  /// - Throws: `WhatIfError.unsupported` where the extension is missing; `PostgresError`.
  public static func connect(
    _ options: ConnectionOptions, sessions: Int = 1, sizes: (any Planner)? = nil,
    statementTimeout: Duration = .seconds(10)
  ) async throws -> HypoPGPlanner {
    var workers: [HypoPGWorker] = []
    do {
      for _ in 0..<max(1, sessions) {
        let connection = try await PostgresConnection.connect(
          options, session: .readOnly(statementTimeout: statementTimeout))
        let worker: HypoPGWorker
        do {
          worker = try await Self.worker(connection)
        } catch {
          await connection.close()
          throw error
        }
        workers.append(worker)
        try await worker.reset()
      }
    } catch {
      for worker in workers { await worker.connection.close() }
      throw error
    }
    return HypoPGPlanner(workers, sizes: sizes)
  }

  private static func worker(_ connection: PostgresConnection) async throws -> HypoPGWorker {
    let rows = try await connection.query(
      """
      SELECT pg_catalog.quote_ident(n.nspname) AS schema, e.extversion AS version, pg_catalog.to_regprocedure(
        pg_catalog.quote_ident(n.nspname) || '.hypopg_hide_index(oid)') IS NOT NULL AS hides
      FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'hypopg'
      """)
    guard let row = rows.first else {
      throw WhatIfError.unsupported(
        "the database \(connection.database) has no extension hypopg, and nothing is created on a live server: have its "
          + "owner run CREATE EXTENSION hypopg, or use the planner twin (--planner twin)")
    }
    return HypoPGWorker(
      connection, schema: try row.string("schema"), version: try row.string("version"), hides: try row.bool("hides"))
  }

  /// Whether `without` can be answered: HypoPG hides existing indexes from version 1.4 on.
  public nonisolated var hidesExistingIndexes: Bool { workers.allSatisfy(\.hides) }

  /// Takes every hypothetical index back and ends the sessions.
  public func close() async {
    for worker in workers {
      // A session that is broken has nothing to take back.
      try? await worker.reset()
      await worker.connection.close()
    }
  }

  public func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
    let task = indexes.task(for: definition) { [pool, sizes] name in
      // The server at hand must accept it, whoever predicts its size.
      let bytes = try await pool.use { try await $0.size(of: definition, named: name) }
      let better = try await sizes?.add(definition)
      return HypotheticalIndex(
        name: name, definition: definition, sizeBytes: better?.sizeBytes ?? bytes, height: better?.height ?? 0,
        isRoughSize: better?.isRoughSize ?? true)
    }
    return try await task.value
  }

  public nonisolated func plan(
    _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
  ) async throws -> PlannedStatement {
    let definitions = added.isEmpty ? [:] : try await self.definitions(of: added)
    return try await pool.use { try await $0.plan(statement, with: definitions, without: dropped) }
  }

  private func definitions(of names: Set<String>) throws -> [String: IndexDefinition] {
    try indexes.definitions(of: names)
  }
}

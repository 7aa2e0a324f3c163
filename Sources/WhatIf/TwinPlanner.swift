public import Model
public import PlannerTwin
internal import PostgresClient

/// The planner of a planner twin: hypothetical indexes are real ones there, of the size they would have in production.
///
/// Several statements are planned at once, one in each of the twin's databases.
public actor TwinPlanner: Planner {
  private let pool: WorkerPool<TwinWorker>
  private var indexes = AddedIndexes()

  public init(_ twin: PlannerTwin) {
    pool = WorkerPool(twin.databases.map(TwinWorker.init))
  }

  public func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
    let task = indexes.task(for: definition) { [pool] name in
      try await pool.use { try await $0.build(definition, named: name) }
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

public import Model
public import PlannerTwin
internal import PostgresClient

/// The planner of a planner twin: hypothetical indexes are real ones there, of the size they would have in production.
///
/// Several statements are planned at once, one in each of the twin's databases.
public actor TwinPlanner: Planner {
  private let pool: WorkerPool<TwinWorker>
  private var added: [IndexDefinition: Task<HypotheticalIndex, any Error>] = [:]
  private var known: [String: IndexDefinition] = [:]
  private var nextNumber = 1

  public init(_ twin: PlannerTwin) {
    pool = WorkerPool(twin.databases.map(TwinWorker.init))
  }

  public func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
    if let task = added[definition] { return try await task.value }
    let name = Self.namePrefix + String(nextNumber)
    nextNumber += 1
    let task = Task { [pool] in
      try await pool.use { try await $0.build(definition, named: name) }
    }
    added[definition] = task
    known[name] = definition
    return try await task.value
  }

  public nonisolated func plan(
    _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
  ) async throws -> PlannedStatement {
    let definitions = added.isEmpty ? [:] : try await definitions(of: added)
    return try await pool.use { try await $0.plan(statement, with: definitions, without: dropped) }
  }

  /// Plans name hypothetical indexes so.
  private static let namePrefix = "pgassay_hypothetical_"

  private func definitions(of names: Set<String>) throws -> [String: IndexDefinition] {
    var found: [String: IndexDefinition] = [:]
    for name in names {
      guard let definition = known[name] else { throw WhatIfError.unknownIndex(name) }
      found[name] = definition
    }
    return found
  }
}

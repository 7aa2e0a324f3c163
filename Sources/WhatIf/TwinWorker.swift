import Model
import PlannerTwin
import PostgresClient
import Synchronization

/// One database of a twin with what is known of its state: used by one task at a time, so that only the difference
/// between two questions has to be set.
final class TwinWorker: Sendable {
  private struct State {
    /// Hypothetical indexes that exist in this database.
    var built: [String: [String]] = [:]
    var existing: ExistingIndexes<[String]>?
    /// The index on the partitioned table by the name of an index on one of its partitions.
    var roots: [String: String]?
    /// Object ids of the hypothetical indexes that are visible, and of the existing ones that are hidden.
    var visible: Set<String> = []
    var hidden: Set<String> = []
  }

  private let database: TwinDatabase
  private let session: StatementSession
  private let state = Mutex(State())

  init(_ database: TwinDatabase) {
    self.database = database
    session = StatementSession(database.planning)
  }

  /// Applies a migration, statement by statement, in the database's own search path unless it sets another.
  ///
  /// - Throws: `WhatIfError.changeRefused` for the first statement that the server refuses.
  func apply(_ changes: [String]) async throws -> [TwinDatabase.AppliedChange] {
    guard !changes.isEmpty else { return [] }
    try await session.setSearchPath([])
    var applied: [TwinDatabase.AppliedChange] = []
    for change in changes {
      do {
        applied.append(try await database.apply(change))
      } catch let error as PostgresError where error.isConnectionUsable {
        throw WhatIfError.changeRefused(
          statement: change, sqlState: error.sqlState ?? "",
          message: error.message + (error.detail.map { " (\($0))" } ?? ""))
      }
    }
    try await database.endChanges()
    // What was known of the schema before.
    try await session.forgetPrepared()
    state.withLock { $0.roots = nil }
    return applied
  }

  /// Builds a hypothetical index, hidden.
  func build(_ definition: IndexDefinition, named name: String) async throws -> HypotheticalIndex {
    let ddl = definition.createStatement(name: name)
    do {
      try await session.setSearchPath([])
      let built = try await database.build(ddl, on: definition.table, named: name)
      // Plans name the partitions' indexes, whoever asks knows the one that it gave.
      let roots = built.oids.count > 1 ? try await database.partitionedIndexes(among: built.oids) : [:]
      let known = try await partitionRoots()
      state.withLock {
        $0.built[name] = built.oids
        $0.roots = known.merging(roots) { _, new in new }
      }
      return HypotheticalIndex(
        name: name, definition: definition, sizeBytes: built.sizeBytes, height: built.height, isRoughSize: built.isRough
      )
    } catch let error as PostgresError where error.isConnectionUsable {
      throw WhatIfError.indexRefused(ddl: ddl, sqlState: error.sqlState ?? "", message: error.message)
    } catch let error as TwinError {
      // It was built, and its size cannot be foretold.
      throw WhatIfError.indexRefused(ddl: ddl, sqlState: "", message: error.sentence)
    }
  }

  func plan(
    _ statement: PlannableStatement, with added: [String: IndexDefinition], without dropped: Set<String>
  ) async throws -> PlannedStatement {
    var visible: Set<String> = []
    for (name, definition) in added {
      if let oids = state.withLock({ $0.built[name] }) {
        visible.formUnion(oids)
      } else {
        // Another worker was asked to build it first.
        _ = try await build(definition, named: name)
        visible.formUnion(state.withLock { $0.built[name] } ?? [])
      }
    }
    var hidden: Set<String> = []
    for name in dropped { hidden.formUnion(try await existing(name)) }
    let roots = try await partitionRoots()
    var plan = try await planned(statement, visible: visible, hidden: hidden)
    let parents = Set(plan.usedIndexes.compactMap { roots[$0] })
    if !parents.isEmpty { plan.usedIndexes = parents.union(plan.usedIndexes).sorted() }
    return plan
  }

  /// Switches and plans; where the server misses a file of the twin, this is made and it plans again.
  private func planned(
    _ statement: PlannableStatement, visible: Set<String>, hidden: Set<String>
  ) async throws -> PlannedStatement {
    while true {
      let (on, off) = state.withLock {
        (
          visible.subtracting($0.visible).union($0.hidden.subtracting(hidden)),
          hidden.subtracting($0.hidden).union($0.visible.subtracting(visible))
        )
      }
      let change = on.isEmpty && off.isEmpty ? nil : database.switching(on: on.sorted(), off: off.sorted())
      do {
        return try await session.plan(statement, after: change) { [self] in
          state.withLock {
            $0.visible = visible
            $0.hidden = hidden
          }
        }
      } catch let error as PostgresError {
        guard try await database.makeFiles(missedBy: error) else { throw error }
      }
    }
  }

  private func partitionRoots() async throws -> [String: String] {
    if let known = state.withLock({ $0.roots }) { return known }
    let found = try await database.partitionedIndexes()
    state.withLock { $0.roots = found }
    return found
  }

  /// - Throws: `WhatIfError` for a name that is no existing index, or several.
  func checkExisting(_ names: Set<String>) async throws {
    for name in names.sorted() { _ = try await existing(name) }
  }

  /// The object ids of an existing index, named with or without its schema.
  private func existing(_ name: String) async throws -> [String] {
    if let known = state.withLock({ $0.existing }) { return try known.named(name) }
    let found = ExistingIndexes(
      indexes: try await database.existingIndexes().map { .init(schema: $0.schema, name: $0.name, handle: $0.oids) })
    state.withLock { $0.existing = found }
    return try found.named(name)
  }
}

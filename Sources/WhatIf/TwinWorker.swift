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
    var existing: [TwinDatabase.ExistingIndex]?
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
    } catch let error as PostgresError where error.kind == .server {
      throw WhatIfError.indexRefused(ddl: ddl, sqlState: error.sqlState ?? "", message: error.message)
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
    let (on, off) = state.withLock {
      (
        visible.subtracting($0.visible).union($0.hidden.subtracting(hidden)),
        hidden.subtracting($0.hidden).union($0.visible.subtracting(visible))
      )
    }
    try await database.switchIndexes(on: on.sorted(), off: off.sorted())
    state.withLock {
      $0.visible = visible
      $0.hidden = hidden
    }
    let roots = try await partitionRoots()
    var plan = try await session.plan(statement)
    let parents = Set(plan.usedIndexes.compactMap { roots[$0] })
    if !parents.isEmpty { plan.usedIndexes = parents.union(plan.usedIndexes).sorted() }
    return plan
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
    let all: [TwinDatabase.ExistingIndex]
    if let cached = state.withLock({ $0.existing }) {
      all = cached
    } else {
      all = try await database.existingIndexes()
      state.withLock { $0.existing = all }
    }
    let matches = all.filter { index in
      index.name == name || index.schema + "." + index.name == name
        || RelationName(schema: index.schema, name: index.name).sql == name
    }
    guard let match = matches.first else { throw WhatIfError.unknownIndex(name) }
    guard matches.count == 1 else { throw WhatIfError.ambiguousIndex(name, schemas: matches.map(\.schema)) }
    return match.oids
  }
}

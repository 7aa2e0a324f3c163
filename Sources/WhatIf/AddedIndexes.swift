import Model

/// The hypothetical indexes that a planner was told of: each definition once, under a name of its own.
struct AddedIndexes {
  private var tasks: [IndexDefinition: Task<HypotheticalIndex, any Error>] = [:]
  private var known: [String: IndexDefinition] = [:]
  private var nextNumber = 1

  /// Plans name hypothetical indexes so.
  private static let namePrefix = "pgassay_hypothetical_"

  /// The making of an index, begun now unless it was before.
  mutating func task(
    for definition: IndexDefinition, _ make: @escaping @Sendable (_ name: String) async throws -> HypotheticalIndex
  ) -> Task<HypotheticalIndex, any Error> {
    if let task = tasks[definition] { return task }
    let name = Self.namePrefix + String(nextNumber)
    nextNumber += 1
    let task = Task { try await make(name) }
    tasks[definition] = task
    known[name] = definition
    return task
  }

  /// - Throws: `WhatIfError.unknownIndex`.
  func definitions(of names: Set<String>) throws -> [String: IndexDefinition] {
    var found: [String: IndexDefinition] = [:]
    for name in names.sorted() {
      guard let definition = known[name] else { throw WhatIfError.unknownIndex(name) }
      found[name] = definition
    }
    return found
  }
}

/// An existing index by its names, and how a planner tells it.
struct ExistingIndexes<Handle: Sendable>: Sendable {
  struct Index: Sendable {
    var schema: String
    var name: String
    var handle: Handle
  }

  var indexes: [Index]

  /// The one index of this name: bare, with its schema, or as SQL quotes it.
  ///
  /// - Throws: `WhatIfError` for a name that is no existing index, or several.
  func named(_ name: String) throws -> Handle {
    let matches = indexes.filter { index in
      index.name == name || index.schema + "." + index.name == name
        || RelationName(schema: index.schema, name: index.name).sql == name
    }
    guard let match = matches.first else { throw WhatIfError.unknownIndex(name) }
    guard matches.count == 1 else { throw WhatIfError.ambiguousIndex(name, schemas: matches.map(\.schema)) }
    return match.handle
  }
}

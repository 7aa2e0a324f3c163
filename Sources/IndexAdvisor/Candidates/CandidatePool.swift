internal import Model
internal import WhatIf

/// All candidate indexes that the planner was told of, numbered in the order of their coming.
struct CandidatePool: Sendable {
  struct Candidate: Sendable {
    var index: HypotheticalIndex
    var definition: IndexDefinition
    /// Milliseconds a day that keeping it up costs.
    var writeBill: WriteBill
  }

  private(set) var candidates: [Candidate] = []
  /// Definitions that the server refused, with its message.
  private(set) var refused: [(definition: IndexDefinition, message: String)] = []
  private var numbers: [IndexDefinition: Int] = [:]
  private var refusedDefinitions: Set<IndexDefinition> = []
  private(set) var numberByName: [String: Int] = [:]

  /// Candidates from which the planner learns though no plan reads them.
  private(set) var telling = CandidateSet()

  var count: Int { candidates.count }

  subscript(number: Int) -> Candidate { candidates[number] }

  func number(of definition: IndexDefinition) -> Int? { numbers[definition] }

  /// Makes the candidate known to the planner unless it is; nil where the server refuses it (a function that is not
  /// immutable, a type without an order).
  mutating func add(
    _ definition: IndexDefinition, to planner: any Planner, writes: WriteBill.Estimator
  ) async throws -> Int? {
    if let number = numbers[definition] { return number }
    guard !refusedDefinitions.contains(definition) else { return nil }
    do {
      let index = try await planner.add(definition)
      // Two spellings of one index are one candidate.
      if let number = numberByName[index.name] {
        numbers[definition] = number
        return number
      }
      let bill = writes.bill(for: definition, sizeBytes: index.sizeBytes)
      candidates.append(Candidate(index: index, definition: definition, writeBill: bill))
      numbers[definition] = candidates.count - 1
      if definition.tellsUnread { telling.insert(candidates.count - 1) }
      numberByName[index.name] = candidates.count - 1
      return candidates.count - 1
    } catch WhatIfError.indexRefused(_, _, let message) {
      refusedDefinitions.insert(definition)
      refused.append((definition, message))
      return nil
    }
  }

  /// The candidates that could matter to a statement: on one of its tables, and with a column that it mentions.
  func relevant(to columns: [RelationName: Set<String>]) -> CandidateSet {
    CandidateSet(
      candidates.indices.filter { i in
        let definition = candidates[i].definition
        guard let mentioned = columns[definition.table] else { return false }
        return definition.keys.contains { key in key.columnName.map(mentioned.contains) ?? true }
          || definition.included.contains(where: mentioned.contains)
      })
  }

  func names(_ set: CandidateSet) -> Set<String> { Set(set.members.map { candidates[$0].index.name }) }

  func bytes(_ set: CandidateSet) -> Int64 { set.members.reduce(0) { $0 + candidates[$1].index.sizeBytes } }

  func writeBill(_ set: CandidateSet) -> Double {
    set.members.reduce(0) { $0 + candidates[$1].writeBill.millisecondsPerDay }
  }
}

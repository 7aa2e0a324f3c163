import Model
public import PlannerTwin

/// Statements planned before and after a change of the schema, in a twin.
public struct PlanTrial: Sendable {
  public struct Query: Sendable {
    public var statement: PlannableStatement
    /// Nil where the statement cannot be planned; `error` says why.
    public var before: PlannedStatement?
    public var after: PlannedStatement?
    public var error: String?
    /// Whether the plan after the change rests on statistics of an expression that are a guess.
    public var isGuess = false
    /// What the plan after the change may cost when the number of an expression's values is guessed wrong; nil where it is
    /// no guess, or nothing tells how wrong it may be.
    public var costRange: ClosedRange<Double>?
  }

  public var queries: [Query]
  /// The statements of the change, in order.
  public var changes: [TwinDatabase.AppliedChange]

  /// Plans every statement, applies the changes to the twin, hides the indexes named, and plans every statement again.
  ///
  /// A statement that cannot be planned is told with its error; the others go on.
  /// - Throws: `WhatIfError.changeRefused` for the first change that the server refuses, `WhatIfError.unknownIndex`,
  ///   `TwinError.rollback`.
  public static func run(
    on database: TwinDatabase, _ statements: [PlannableStatement], changes: [String], without dropped: Set<String>
  ) async throws -> PlanTrial {
    let worker = TwinWorker(database)
    // A name that does not exist is known before anything is planned.
    try await worker.checkExisting(dropped)
    try database.checkChanges(changes)
    var queries: [Query] = []
    for statement in statements {
      var query = Query(statement: statement)
      do {
        query.before = try await worker.plan(statement, with: [:], without: [])
      } catch WhatIfError.statementRefused(_, _, let message) {
        query.error = message
      }
      queries.append(query)
    }
    let applied = try await worker.apply(changes)
    for index in queries.indices {
      do {
        queries[index].after = try await worker.plan(queries[index].statement, with: [:], without: dropped)
      } catch WhatIfError.statementRefused(_, _, let message) {
        // Planned before and not after: the change breaks it.
        if queries[index].error == nil { queries[index].error = "after the change: " + message }
      }
    }
    try await judgeGuesses(of: applied.flatMap(\.indexes), in: &queries, on: database, worker, without: dropped)
    return PlanTrial(queries: queries, changes: applied)
  }

  /// Plans what rests on a guess again with the least and the most that may be right.
  private static func judgeGuesses(
    of indexes: [TwinDatabase.BuiltIndex], in queries: inout [Query], on database: TwinDatabase, _ worker: TwinWorker,
    without dropped: Set<String>
  ) async throws {
    let guesses = indexes.filter { $0.statistics.contains(where: \.isGuess) }
    guard !guesses.isEmpty else { return }
    let guessed = Set(guesses.map(\.name.name))
    let built = Set(indexes.map(\.name.name))
    for index in queries.indices {
      guard let before = queries[index].before, let after = queries[index].after else { continue }
      // An expression's statistics count although its index is not read.
      queries[index].isGuess =
        !guessed.isDisjoint(with: after.usedIndexes)
        || (after.totalCost != before.totalCost && built.isDisjoint(with: after.usedIndexes) && dropped.isEmpty)
    }
    let relevant = guesses.filter { $0.statistics.contains { $0.range != nil } }
    guard !relevant.isEmpty else { return }
    for atMost in [false, true] {
      let asked = queries.enumerated().filter(\.element.isGuess).map { ($0.offset, $0.element.statement) }
      let costs = try await database.withGuesses(of: relevant, atMost: atMost) {
        var costs: [(Int, Double)] = []
        for (place, statement) in asked {
          do {
            costs.append((place, try await worker.plan(statement, with: [:], without: dropped).totalCost))
          } catch WhatIfError.statementRefused {
            continue
          }
        }
        return costs
      }
      for (place, cost) in costs {
        guard let own = queries[place].after?.totalCost else { continue }
        let range = queries[place].costRange ?? own...own
        queries[place].costRange = min(range.lowerBound, cost)...max(range.upperBound, cost)
      }
    }
  }
}

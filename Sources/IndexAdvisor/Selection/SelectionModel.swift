internal import Model
internal import WhatIf

/// The costs that the planner told, put together as a problem to solve.
struct SelectionModel: Sendable {
  let problem: SelectionProblem
  /// What every candidate must save beyond its write bill, in units of the objective.
  let minimum: Double

  /// Space is not free even without a budget: among equals the smallest shall win, and a gain of one part in ten
  /// thousand is not worth an index of the whole database's size.
  private static let spacePrice = 1e-4

  init(_ statements: [StatementCosts], _ pool: CandidatePool, _ options: AdvisorOptions, databaseBytes: Int64) {
    let base = statements.reduce(0) { $0 + $1.weight * $1.baseCost }
    minimum = max(base * options.minimumShare, options.objective == .time ? options.minimumMillisecondsPerDay : 0)
    let tables = Dictionary(
      uniqueKeysWithValues: Set(pool.candidates.map(\.definition.table)).sorted().enumerated().map { ($1, $0) })
    let minimum = minimum
    let perByte = base * Self.spacePrice / Double(max(databaseBytes, 1 << 20))
    problem = SelectionProblem(
      statements: statements.map { costs in
        costs.options().map { .init(used: $0.used, cost: $0.cost * costs.weight) }
      },
      bytes: pool.candidates.map(\.index.sizeBytes),
      upkeep: pool.candidates.map { candidate in
        (options.objective == .time ? candidate.writeBill.millisecondsPerDay : 0) + minimum
          + perByte * Double(candidate.index.sizeBytes)
      },
      table: pool.candidates.map { tables[$0.definition.table] ?? 0 },
      budget: options.budgetBytes, tableLimit: options.maximumIndexesPerTable)
  }

  func solve(_ options: AdvisorOptions, from starts: [CandidateSet]) -> SelectionProblem.Solution {
    let greedy = GreedySolver(problem).solve(from: starts)
    guard options.usesExactSolver else { return greedy }
    return ExactSolver(seconds: options.solverSeconds).solve(problem, start: greedy)
  }
}

internal import Model
internal import WhatIf

/// The costs that the planner told, put together as a problem to solve.
struct SelectionModel: Sendable {
  let problem: SelectionProblem
  /// What every candidate must save beyond its write bill, in units of the objective.
  let minimum: Double

  /// Space is not free even without a budget: it is backed up, cached and vacuumed. An index of the size of all tables
  /// must save one percent of the load; where costs alone are asked for, the price only decides between equals.
  private static func spacePrice(_ objective: AdvisorOptions.Objective) -> Double { objective == .time ? 0.01 : 1e-6 }
  /// Among equals the shorter key wins.
  private static let keyPrice = 1e-9

  init(_ statements: [StatementCosts], _ pool: CandidatePool, _ options: AdvisorOptions, databaseBytes: Int64) {
    let base = statements.reduce(0) { $0 + $1.value($1.baseCost) }
    minimum = max(base * options.minimumShare, options.objective == .time ? options.minimumMillisecondsPerDay : 0)
    let tables = Dictionary(
      uniqueKeysWithValues: Set(pool.candidates.map(\.definition.table)).sorted().enumerated().map { ($1, $0) })
    let minimum = minimum
    let perByte = base * Self.spacePrice(options.objective) / Double(max(databaseBytes, 1 << 20))
    problem = SelectionProblem(
      statements: statements.map { costs in
        costs.options().map { .init(used: $0.used, cost: costs.value($0.cost)) }
      },
      bytes: pool.candidates.map(\.index.sizeBytes),
      upkeep: pool.candidates.map { candidate in
        (options.objective == .time ? candidate.writeBill.millisecondsPerDay : 0) + minimum
          + perByte * Double(candidate.index.sizeBytes) + base * Self.keyPrice * Double(candidate.definition.keys.count)
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

/// Takes the best step again and again, then exchanges candidates while that helps. Needs no solver, and its answers
/// are within a few tenths of a percent of the optimum unless the budget is tight.
struct GreedySolver {
  private let problem: SelectionProblem
  /// Steps: all sets that some plan uses.
  private let steps: [CandidateSet]
  /// The statements that a candidate occurs in.
  private let statements: [[Int]]

  init(_ problem: SelectionProblem) {
    self.problem = problem
    var steps: Set<CandidateSet> = []
    var statements = Array(repeating: Set<Int>(), count: problem.bytes.count)
    for (i, plans) in problem.statements.enumerated() {
      let base = problem.cost(plans, CandidateSet())
      for plan in plans where plan.cost < base && !plan.used.isEmpty {
        steps.insert(plan.used)
        for member in plan.used.members {
          steps.insert(CandidateSet([member]))
          statements[member].insert(i)
        }
      }
    }
    self.steps = steps.sorted { $0.members.lexicographicallyPrecedes($1.members) }
    self.statements = statements.map { $0.sorted() }
  }

  /// The best of several starts.
  func solve(from starts: [CandidateSet] = []) -> SelectionProblem.Solution {
    var best = improve(grow(CandidateSet(), bySize: true))
    func consider(_ chosen: CandidateSet) {
      if problem.objective(chosen) < problem.objective(best) * (1 - 1e-12) { best = chosen }
    }
    consider(improve(grow(CandidateSet(), bySize: false)))
    for start in starts where problem.isAllowed(start) { consider(improve(grow(start, bySize: true))) }
    for seed in seeds() { consider(improve(grow(seed, bySize: true))) }
    return .init(chosen: best, objective: problem.objective(best), bound: nil)
  }

  /// A good choice without some candidates, begun from the rest of `chosen`.
  func alternative(to chosen: CandidateSet, without banned: CandidateSet) -> CandidateSet {
    var problem = problem
    problem.statements = problem.statements.map { plans in
      plans.filter { $0.used.intersection(banned).isEmpty }
    }
    let solver = GreedySolver(problem)
    var start = chosen
    for member in banned.members { start.remove(member) }
    return solver.improve(solver.grow(start, bySize: true))
  }

  /// The eight single steps that gain most.
  private func seeds() -> [CandidateSet] {
    let base = problem.objective(CandidateSet())
    return steps.filter(problem.isAllowed).map { ($0, base - problem.objective($0)) }.filter { $0.1 > 0 }
      .sorted { $0.1 > $1.1 }.prefix(8).map(\.0)
  }

  /// The change of the objective when the configuration becomes another.
  private func change(_ costs: [Double], _ from: CandidateSet, _ to: CandidateSet) -> Double {
    var affected: Set<Int> = []
    var change = 0.0
    for member in to.members where !from.contains(member) {
      affected.formUnion(statements[member])
      change += problem.upkeep[member]
    }
    for member in from.members where !to.contains(member) {
      affected.formUnion(statements[member])
      change -= problem.upkeep[member]
    }
    for i in affected.sorted() { change += problem.cost(problem.statements[i], to) - costs[i] }
    return change
  }

  private func costs(_ chosen: CandidateSet) -> [Double] { problem.statements.map { problem.cost($0, chosen) } }

  private func grow(_ start: CandidateSet, bySize: Bool) -> CandidateSet {
    var chosen = start
    var costs = costs(chosen)
    while true {
      var best: (set: CandidateSet, score: Double)?
      for step in steps where !step.isSubset(of: chosen) {
        let next = chosen.union(step)
        guard problem.isAllowed(next) else { continue }
        let gain = -change(costs, chosen, next)
        guard gain > 1e-9 else { continue }
        let added = step.members.reduce(into: Int64(0)) { $0 += chosen.contains($1) ? 0 : problem.bytes[$1] }
        let score = bySize ? gain / Double(max(added, 8_192)) : gain
        if best.map({ score > $0.score }) ?? true { best = (next, score) }
      }
      guard let best else { return chosen }
      chosen = dropUseless(best.set)
      costs = self.costs(chosen)
    }
  }

  private func dropUseless(_ chosen: CandidateSet) -> CandidateSet {
    var chosen = chosen
    for member in chosen.members.sorted(by: { problem.bytes[$0] > problem.bytes[$1] }) {
      let rest = chosen.removing(member)
      if change(costs(chosen), chosen, rest) <= 1e-9 { chosen = rest }
    }
    return chosen
  }

  /// Drops, adds and exchanges one for one step while the objective falls.
  private func improve(_ start: CandidateSet) -> CandidateSet {
    var chosen = start
    var rounds = 0
    while rounds < 60 {
      rounds += 1
      let costs = costs(chosen)
      var best: (set: CandidateSet, change: Double)?
      func consider(_ next: CandidateSet) {
        guard problem.isAllowed(next) else { return }
        let change = change(costs, chosen, next)
        if change < -1e-9, best.map({ change < $0.change }) ?? true { best = (next, change) }
      }
      let removals = [chosen] + chosen.members.map { chosen.removing($0) }
      for rest in removals {
        if rest != chosen { consider(rest) }
        for step in steps where !step.isSubset(of: rest) { consider(rest.union(step)) }
      }
      guard let best else { return chosen }
      chosen = best.set
    }
    return chosen
  }
}

/// Which candidates to build: a choice of one known plan for each statement, where a plan may be chosen only if every
/// candidate that it uses is built.
///
///   minimise   Σ weight·cost(plan) + Σ upkeep(candidate)
///   subject to the candidates' bytes within the budget, and a limit of candidates for each table.
///
/// (The used-set form of CoPhy: Dash, Polyzotis, Ailamaki, "CoPhy: A Scalable, Portable, and Interactive Index Advisor
/// for Large Workloads", VLDB 2011.)
struct SelectionProblem: Sendable {
  struct Plan: Sendable {
    var used: CandidateSet
    /// In units of the objective.
    var cost: Double
  }

  /// For each statement its plans, the one without candidates among them.
  var statements: [[Plan]]
  /// Bytes of each candidate.
  var bytes: [Int64]
  /// The objective's price of keeping each candidate.
  var upkeep: [Double]
  /// The number of each candidate's table.
  var table: [Int]
  var budget: Int64?
  var tableLimit: Int

  struct Solution: Sendable {
    var chosen: CandidateSet
    var objective: Double
    /// No choice is better than this; nil where nothing was proven.
    var bound: Double?
  }

  func objective(_ chosen: CandidateSet) -> Double {
    var sum = 0.0
    for plans in statements { sum += cost(plans, chosen) }
    for member in chosen.members { sum += upkeep[member] }
    return sum
  }

  func cost(_ plans: [Plan], _ chosen: CandidateSet) -> Double {
    var best = Double.infinity
    for plan in plans where plan.cost < best && plan.used.isSubset(of: chosen) { best = plan.cost }
    return best
  }

  func isAllowed(_ chosen: CandidateSet) -> Bool {
    let members = chosen.members
    if let budget, members.reduce(0, { $0 + bytes[$1] }) > budget { return false }
    var perTable: [Int: Int] = [:]
    for member in members { perTable[table[member], default: 0] += 1 }
    return perTable.values.allSatisfy { $0 <= tableLimit }
  }

  /// Candidates that some plan uses with a gain, ascending.
  var useful: [Int] {
    var result = CandidateSet()
    for plans in statements {
      let base = cost(plans, CandidateSet())
      for plan in plans where plan.cost < base { for member in plan.used.members { result.insert(member) } }
    }
    return result.members
  }
}

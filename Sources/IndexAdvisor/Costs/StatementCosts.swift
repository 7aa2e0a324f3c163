internal import Model
internal import WhatIf

/// What one statement costs under which candidate indexes, as far as the planner was asked.
///
/// A plan's cost may be reused: when a plan made with the candidates R used only U of them, every configuration between
/// U and R gives the same plan. (Frank, Omiecinski, Navathe, "Adaptive and Automated Index Selection in RDBMS", EDBT
/// 1992; 10,000 reuses on PostgreSQL 15 were checked without a difference.)
struct StatementCosts: Sendable {
  struct Entry: Sendable, Hashable {
    /// Candidates that the planner could choose from, of those that matter to the statement.
    var offered: CandidateSet
    /// Candidates in the plan.
    var used: CandidateSet
    var cost: Double
    /// Existing indexes in the plan.
    var existing: [String]
  }

  let statement: PlannableStatement
  /// Number of the query in the workload.
  let query: Int
  let columns: [RelationName: Set<String>]
  /// What one unit of this statement's plan cost counts in the objective.
  var weight = 0.0
  /// Costs below this make no difference: the execution's fixed part is larger.
  var floor = 0.0
  private(set) var entries: [Entry] = []
  /// Questions that the planner was asked.
  private(set) var plansMade = 0
  /// Sets of candidates with which the planner failed, and what it said, in the order of their coming.
  private(set) var failures: [(offered: CandidateSet, message: String)] = []
  /// What the statement was planned for.
  private(set) var parameters = ParameterOrigin.none

  init(statement: PlannableStatement, query: Int, columns: [RelationName: Set<String>]) {
    self.statement = statement
    self.query = query
    self.columns = columns
  }

  /// The cost without any candidate.
  var baseCost: Double { entries.first?.cost ?? 0 }

  /// What a plan of this cost counts in the objective. Below the floor the cost only decides between equals.
  func value(_ cost: Double) -> Double {
    let floor = min(floor, baseCost)
    return cost >= floor ? weight * cost : weight * (floor - (floor - cost) * 1e-3)
  }

  /// The least cost known under any configuration.
  var bestCost: Double { entries.map(\.cost).min() ?? 0 }

  /// - Parameter telling: candidates from which the planner learns though no plan reads them.
  func known(_ offered: CandidateSet, telling: CandidateSet) -> Entry? {
    entries.first {
      $0.used.isSubset(of: offered) && offered.isSubset(of: $0.offered)
        && $0.offered.intersection(telling) == offered.intersection(telling)
    }
  }

  /// The plan under `configuration`, from memory or from the planner; nil where the planner fails, which `failures` keeps:
  /// one statement under one set of indexes is no reason to give up the others.
  mutating func entry(
    _ configuration: CandidateSet, _ pool: CandidatePool, _ planner: any Planner
  ) async throws -> Entry? {
    let offered = configuration.intersection(pool.relevant(to: columns))
    if let known = known(offered, telling: pool.telling) { return known }
    guard !failures.contains(where: { $0.offered == offered }) else { return nil }
    plansMade += 1
    let plan: PlannedStatement
    do {
      plan = try await planner.plan(statement, with: pool.names(offered), without: [])
    } catch let error as WhatIfError {
      guard let message = error.messageOfOneQuestion else { throw error }
      failures.append((offered, message))
      return nil
    }
    parameters = plan.parameters
    var used = CandidateSet()
    var existing: [String] = []
    for name in plan.usedIndexes {
      if let number = pool.numberByName[name] { used.insert(number) } else { existing.append(name) }
    }
    let entry = Entry(offered: offered, used: used, cost: plan.totalCost, existing: existing)
    entries.append(entry)
    return entry
  }

  /// Finds every set of candidates that the planner would use when given a part of `candidates`: plans with all of
  /// them, then without one of those used, and so on, breadth first, up to `limit` plans.
  mutating func explore(
    _ candidates: CandidateSet, limit: Int, _ pool: CandidatePool, _ planner: any Planner
  ) async throws {
    let stop = plansMade + limit
    var queue = [candidates.intersection(pool.relevant(to: columns))]
    var seen: Set<CandidateSet> = Set(queue)
    var next = 0
    while next < queue.count, plansMade < stop {
      let configuration = queue[next]
      next += 1
      guard let entry = try await entry(configuration, pool, planner) else {
        for half in configuration.halves where seen.insert(half).inserted { queue.append(half) }
        continue
      }
      for member in entry.used.members {
        let rest = configuration.removing(member)
        if seen.insert(rest).inserted { queue.append(rest) }
      }
    }
  }

  /// Finds what `extra` candidates the planner would use beside all of `base`, as `explore` does.
  mutating func exploreAdditions(
    to base: CandidateSet, _ extra: CandidateSet, limit: Int, _ pool: CandidatePool, _ planner: any Planner
  ) async throws {
    let stop = plansMade + limit
    let relevant = pool.relevant(to: columns)
    let base = base.intersection(relevant)
    var queue = [extra.union(base).intersection(relevant)]
    var seen: Set<CandidateSet> = Set(queue)
    var next = 0
    while next < queue.count, plansMade < stop {
      let configuration = queue[next]
      next += 1
      guard let entry = try await entry(configuration, pool, planner) else {
        for half in configuration.subtracting(base).halves.map(base.union) where seen.insert(half).inserted {
          queue.append(half)
        }
        continue
      }
      for member in entry.used.members where !base.contains(member) {
        let rest = configuration.removing(member)
        if seen.insert(rest).inserted { queue.append(rest) }
      }
    }
  }

  /// Plans with each two of the candidates that help most alone.
  mutating func tryPairs(of most: Int, limit: Int, _ pool: CandidatePool, _ planner: any Planner) async throws {
    let stop = plansMade + limit
    let helpful = entries.filter { $0.used.count == 1 && $0.cost < baseCost }
      .reduce(into: [Int: Double]()) { best, entry in
        let member = entry.used.members[0]
        best[member] = min(best[member] ?? .infinity, entry.cost)
      }
      .sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(most).map(\.key)
    for (i, a) in helpful.enumerated() {
      for b in helpful[(i + 1)...] where plansMade < stop { _ = try await entry(CandidateSet([a, b]), pool, planner) }
    }
  }

  /// Plans with each candidate alone.
  mutating func tryEach(
    _ candidates: CandidateSet, limit: Int, _ pool: CandidatePool, _ planner: any Planner
  ) async throws {
    let stop = plansMade + limit
    for member in candidates.members where plansMade < stop {
      _ = try await entry(CandidateSet([member]), pool, planner)
    }
  }

  /// The cheapest known way for each used set; sets that a subset beats are left out. Never empty once planned.
  func options() -> [Entry] {
    var best: [CandidateSet: Entry] = [:]
    for entry in entries where best[entry.used].map({ $0.cost > entry.cost }) ?? true { best[entry.used] = entry }
    let sorted = best.values.sorted {
      ($0.used.count, $0.cost, $0.used.members) < ($1.used.count, $1.cost, $1.used.members)
    }
    var kept: [Entry] = []
    for entry in sorted where !kept.contains(where: { $0.used.isSubset(of: entry.used) && $0.cost <= entry.cost }) {
      kept.append(entry)
    }
    return kept
  }
}

private func < (a: (Int, Double, [Int]), b: (Int, Double, [Int])) -> Bool {
  if a.0 != b.0 { return a.0 < b.0 }
  if a.1 != b.1 { return a.1 < b.1 }
  return a.2.lexicographicallyPrecedes(b.2)
}

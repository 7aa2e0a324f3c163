internal import Model
internal import SQLText
internal import WhatIf

/// One call of `IndexAdvisor.advise`, step by step.
struct AdvisorRun {
  let planner: any Planner
  let schema: Schema
  let options: AdvisorOptions
  let workload: Workload
  let progress: @Sendable (AdvisorProgress) -> Void

  /// By number of the query.
  private(set) var profiles: [Int: StatementProfile] = [:]
  private(set) var statements: [StatementCosts] = []
  private(set) var pool = CandidatePool()
  private(set) var chosen = CandidateSet()
  private(set) var solution: SelectionProblem.Solution?
  private(set) var minimum = 0.0
  /// The plans with the choice, one for each statement.
  private(set) var final: [StatementCosts.Entry] = []
  private(set) var unplanned: [UnplannedQuery] = []
  private(set) var writes: WriteBill.Estimator
  private(set) var credit = TimeCredit()
  /// Candidates that the query itself suggested, by number of the query.
  private var own: [Int: CandidateSet] = [:]

  init(
    planner: any Planner, schema: Schema, options: AdvisorOptions, workload: Workload,
    progress: @escaping @Sendable (AdvisorProgress) -> Void
  ) {
    self.planner = planner
    self.schema = schema
    self.options = options
    self.workload = workload
    self.progress = progress
    writes = WriteBill.Estimator(workload, [:], schema)
  }

  var perDay: Double { workload.windowSeconds > 0 ? 86_400 / workload.windowSeconds : 1 }

  // MARK: 1. As it is now

  mutating func planNow() async throws {
    var planned: [StatementCosts] = []
    for (number, query) in workload.queries.enumerated() where query.kind.isPlannable {
      progress(.init(phase: .readingStatements, done: number, total: workload.queries.count))
      do throws(AnalysisError) {
        profiles[number] = try StatementProfile(query, schema)
      } catch {
        // It can still be planned, and count when an index is to be dropped.
        profiles[number] = nil
      }
      guard readsAnything(number) else { continue }
      for instance in query.instances {
        planned.append(
          StatementCosts(
            statement: instance.statement, query: number, columns: profiles[number]?.columns ?? [:]))
      }
      if query.instances.isEmpty { addUnplanned(number, "no execution of it was kept") }
    }
    writes = WriteBill.Estimator(workload, profiles, schema)

    let (planner, pool, unpriced) = (planner, pool, planned)
    let outcomes = try await parallel(unpriced.count, .planningNow) { i -> (StatementCosts, String?) in
      var statement = unpriced[i]
      let entry = try await statement.entry(CandidateSet(), pool, planner)
      return (statement, entry == nil ? statement.failures.first?.message ?? "it cannot be planned" : nil)
    }
    statements = outcomes.filter { $0.1 == nil }.map(\.0)
    let live = Set(statements.map(\.query))
    for (statement, message) in outcomes {
      if let message, !live.contains(statement.query),
        !unplanned.contains(where: { $0.fingerprint == workload.queries[statement.query].fingerprint })
      {
        addUnplanned(statement.query, message)
      }
    }
    weigh()
  }

  /// A plain INSERT has nothing to look for; it counts for the write bill alone.
  private func readsAnything(_ number: Int) -> Bool {
    guard workload.queries[number].kind == .insert, let profile = profiles[number] else { return true }
    return profile.uses.contains { $0.use.write == nil } || !profile.unknown.isEmpty
  }

  private mutating func addUnplanned(_ number: Int, _ reason: String) {
    let query = workload.queries[number]
    unplanned.append(
      UnplannedQuery(
        fingerprint: query.fingerprint, text: query.text, millisecondsPerDay: query.totalMilliseconds * perDay,
        reason: reason))
  }

  /// A statement's weight turns its cost into its part of the query's recorded time a day.
  private mutating func weigh() {
    let byQuery = Dictionary(grouping: statements.indices, by: { statements[$0].query })
    var costs: [Int: Double] = [:]
    for (number, members) in byQuery {
      let shares = members.map { share(of: $0) }
      let sum = shares.reduce(0, +)
      costs[number] = sum > 0 ? zip(members, shares).reduce(0) { $0 + statements[$1.0].baseCost * $1.1 } / sum : 0
    }
    credit = TimeCredit(workload, costs)
    for (number, members) in byQuery {
      let query = workload.queries[number]
      let shares = members.map { share(of: $0) }
      let sum = shares.reduce(0, +)
      let cost = costs[number] ?? 0
      for (i, share) in zip(members, shares) where sum > 0 {
        switch options.objective {
        case .cost: statements[i].weight = query.calls * share / sum
        case .time:
          guard cost > 0 else { continue }
          statements[i].weight = credit.milliseconds(number) * perDay * (share / sum) / cost
          let fixed = TimeEstimate.floor * query.calls * perDay * (share / sum)
          statements[i].floor = statements[i].weight > 0 ? fixed / statements[i].weight : 0
        }
      }
    }
  }

  func share(of statement: Int) -> Double {
    let costs = statements[statement]
    let instance = workload.queries[costs.query].instances.first { $0.statement == costs.statement }
    return instance?.share ?? 1
  }

  // MARK: 2 and 3. Candidates

  mutating func explore() async throws {
    let generator = CandidateGenerator(options: options, version: schema.facts.version)
    for number in Set(statements.map(\.query)).sorted() {
      guard let profile = profiles[number] else { continue }
      var mine = CandidateSet()
      for definition in generator.candidates(for: profile) {
        if let candidate = try await pool.add(definition, to: planner, writes: writes) { mine.insert(candidate) }
      }
      own[number] = mine
    }
    // A query's first statement is explored in full; its other instances only with what came out of that.
    var firsts: Set<Int> = []
    var queries: Set<Int> = []
    for (i, statement) in statements.enumerated() where queries.insert(statement.query).inserted { firsts.insert(i) }
    let leading = firsts.sorted()
    let (own, options) = (own, options)
    try await update(leading, .exploring) { statement, pool, planner in
      let mine = own[statement.query] ?? CandidateSet()
      try await statement.explore(mine, limit: options.plansPerStatement / 3, pool, planner)
      try await statement.tryEach(mine, limit: options.plansPerStatement, pool, planner)
      try await statement.tryPairs(of: 16, limit: options.plansPerStatement, pool, planner)
    }
    try await crossExplore()
  }

  /// Lets each statement have what the others found of use, too.
  private mutating func crossExplore() async throws {
    let (found, options) = (useful(), options)
    try await update(Array(statements.indices), .combining) { statement, pool, planner in
      let relevant = found.intersection(pool.relevant(to: statement.columns))
      try await statement.explore(relevant, limit: options.plansPerStatement / 3, pool, planner)
      try await statement.tryEach(relevant, limit: options.plansPerStatement / 3, pool, planner)
    }
  }

  /// Candidates that some plan uses with a gain.
  private func useful() -> CandidateSet {
    var result = CandidateSet()
    for statement in statements {
      for option in statement.options() where option.cost < statement.baseCost { result = result.union(option.used) }
    }
    return result
  }

  // MARK: 4 and 5. Selection

  mutating func select() async throws {
    var starts: [CandidateSet] = []
    for round in 0...options.improvementRounds {
      progress(.init(phase: .selecting, done: round, total: options.improvementRounds + 1))
      let solved = solve(from: starts)
      let isBetter = solution.map { solved.objective < $0.objective * (1 - 1e-4) } ?? true
      solution = solved
      chosen = solved.chosen
      starts = [chosen]
      try Task.checkCancellation()
      // The planner's own word on this very choice: what it reveals may change the choice.
      let before = statements.map(\.entries.count)
      try await planChoice(.selecting)
      let learnt = zip(before, statements).contains { $0 != $1.entries.count }
      guard round < options.improvementRounds, isBetter || learnt else { break }
      try await improve()
      if round < 2 { try await planAlternatives() }
    }
  }

  private mutating func solve(from starts: [CandidateSet]) -> SelectionProblem.Solution {
    let model = SelectionModel(statements, pool, options, databaseBytes: schema.heapBytes)
    minimum = model.minimum
    return model.solve(options, from: starts)
  }

  /// Tries merged and changed forms of the chosen indexes.
  private mutating func improve() async throws {
    let definitions = chosen.members.map { pool[$0].definition }
    var fresh = CandidateSet()
    let generator = CandidateGenerator(options: options, version: schema.facts.version)
    for definition in Improvements.of(
      definitions, runnersUp: runnersUp(), options: options, version: schema.facts.version)
    {
      guard let table = table(definition.table), generator.isWorthPlanning(definition, table) else { continue }
      let known = pool.count
      if let number = try await pool.add(definition, to: planner, writes: writes), number >= known {
        fresh.insert(number)
      }
    }
    let found = useful()
    let (added, base, options) = (fresh, chosen, options)
    let everything = found.union(fresh)
    try await update(Array(statements.indices), .combining) { statement, pool, planner in
      let limit = options.plansPerStatement / 3
      let relevant = added.intersection(pool.relevant(to: statement.columns))
      try await statement.tryEach(relevant, limit: limit, pool, planner)
      // What parts of the choice would do, and what would do good beside it.
      try await statement.explore(base, limit: limit, pool, planner)
      try await statement.exploreAdditions(to: base, everything, limit: limit, pool, planner)
      for member in base.intersection(pool.relevant(to: statement.columns)).members {
        try await statement.exploreAdditions(to: base.removing(member), everything, limit: limit / 5, pool, planner)
      }
    }
  }

  /// Plans the workload under the best choices without each of the chosen and its kin. The costs known so far make the
  /// choice look best; where they lack something, that something lies near it.
  private mutating func planAlternatives() async throws {
    let solver = GreedySolver(SelectionModel(statements, pool, options, databaseBytes: schema.heapBytes).problem)
    var alternatives: [CandidateSet] = []
    for member in chosen.members.prefix(16) {
      let definition = pool[member].definition
      let kin = (0..<pool.count).filter {
        pool[$0].definition.table == definition.table && pool[$0].definition.keys.first == definition.keys.first
      }
      for banned in [CandidateSet([member]), CandidateSet(kin)] {
        let alternative = solver.alternative(to: chosen, without: banned)
        if !alternatives.contains(alternative) { alternatives.append(alternative) }
      }
    }
    let sets = alternatives
    try await update(Array(statements.indices), .combining) { statement, pool, planner in
      for set in sets { _ = try await statement.entry(set, pool, planner) }
    }
  }

  /// Candidates that are not chosen, most gain alone first.
  private func runnersUp() -> [IndexDefinition] {
    let problem = SelectionModel(statements, pool, options, databaseBytes: schema.heapBytes).problem
    let base = problem.objective(CandidateSet())
    return problem.useful.filter { !chosen.contains($0) }
      .map { ($0, base - problem.objective(CandidateSet([$0]))) }
      .sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map { pool[$0.0].definition }
  }

  private mutating func planChoice(_ phase: AdvisorProgress.Phase) async throws {
    let chosen = chosen
    try await update(Array(statements.indices), phase) { statement, pool, planner in
      _ = try await statement.entry(chosen, pool, planner)
    }
  }

  // MARK: 6. Verification

  /// Plans the workload with the choice, and gives up indexes that the plans then do not use.
  mutating func verify() async throws {
    while true {
      try await planChoice(.verifying)
      // Where the planner fails with the choice, the best of its plans with a part of it stands.
      final = statements.map { statement in
        statement.known(chosen.intersection(pool.relevant(to: statement.columns)), telling: pool.telling)
          ?? statement.options().filter { $0.used.isSubset(of: chosen) }.min { $0.cost < $1.cost }
          ?? statement.entries[0]
      }
      let used = final.reduce(CandidateSet()) { $0.union($1.used) }
      let kept = chosen.intersection(used)
      if kept == chosen { return }
      chosen = kept
    }
  }

  // MARK: Running at once

  private mutating func update(
    _ numbers: [Int], _ phase: AdvisorProgress.Phase,
    _ body: @escaping @Sendable (inout StatementCosts, CandidatePool, any Planner) async throws -> Void
  ) async throws {
    let (snapshot, pool, planner) = (statements, pool, planner)
    let results = try await parallel(numbers.count, phase) { i in
      var statement = snapshot[numbers[i]]
      try await body(&statement, pool, planner)
      return statement
    }
    for (i, number) in numbers.enumerated() { statements[number] = results[i] }
  }

  /// Runs `body` for 0..<count, some at once; the results in order.
  func parallel<Result: Sendable>(
    _ count: Int, _ phase: AdvisorProgress.Phase, _ body: @escaping @Sendable (Int) async throws -> Result
  ) async throws -> [Result] {
    let (progress, limit) = (progress, max(1, options.parallelism))
    return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var results: [Int: Result] = [:]
      var next = 0
      func start() {
        guard next < count else { return }
        let number = next
        next += 1
        group.addTask { (number, try await body(number)) }
      }
      for _ in 0..<limit { start() }
      while let (number, result) = try await group.next() {
        results[number] = result
        progress(.init(phase: phase, done: results.count, total: count))
        start()
      }
      return (0..<count).compactMap { results[$0] }
    }
  }
}

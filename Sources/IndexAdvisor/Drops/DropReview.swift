internal import Model
internal import WhatIf

/// Looks for existing indexes that could go, and proves each by planning the workload without it.
struct DropReview {
  private let run: AdvisorRun
  private let names: [Int: String]
  /// Statements that could not be planned without an index; that index stays.
  private(set) var failures: [Failure] = []

  struct Failure {
    var statement: Int
    var message: String
  }

  init(_ run: AdvisorRun, _ names: [Int: String]) {
    self.run = run
    self.names = names
  }

  mutating func drops() async throws -> [IndexDrop] {
    var result: [IndexDrop] = []
    // Each proof stands on the drops before it, so that two twins are not both dropped.
    var gone: Set<RelationName> = []
    let tables = run.schema.facts.tables.sorted { $0.name < $1.name }
    let suspicions: [(DropReview) -> (IndexFacts, TableFacts, Set<RelationName>) -> IndexDrop.Reason?] = [
      { $0.copied }, { $0.covered }, { $0.unused }, { $0.costly },
    ]
    // What the catalog alone proves comes first: a twin is called a twin, not unused.
    for (pass, suspect) in suspicions.enumerated() {
      for (done, table) in tables.enumerated() {
        run.progress(
          .init(
            phase: .checkingDrops, done: pass * tables.count + done + 1, total: suspicions.count * tables.count))
        for index in table.indexes.sorted(by: { ($0.sizeBytes, $1.name) > ($1.sizeBytes, $0.name) })
        where isDroppable(index, table) && !gone.contains(qualified(index.name, table)) {
          guard let reason = suspect(self)(index, table, gone), let drop = try await prove(index, table, reason, gone)
          else {
            continue
          }
          result.append(drop)
          gone.insert(qualified(index.name, table))
        }
      }
    }
    return result
  }

  // MARK: What must stay

  private func isDroppable(_ index: IndexFacts, _ table: TableFacts) -> Bool {
    guard !index.isPrimary, !index.isConstraint, !index.isReplicaIdentity, !index.isPartition else { return false }
    // A unique index says something about the data, whoever scans it.
    return !index.definition.isUnique || !index.isValid
  }

  /// Deletes and key updates of the referenced table look for rows here, which no statement of the workload shows.
  private func supportsForeignKey(_ index: IndexFacts, _ table: TableFacts, _ gone: Set<RelationName>) -> Bool {
    table.foreignKeys.contains { key in
      leads(index.definition, key)
        && !table.indexes.contains {
          $0.name != index.name && !gone.contains(qualified($0.name, table)) && $0.isValid && leads($0.definition, key)
        }
        && !run.chosen.members.contains {
          run.pool[$0].definition.table == table.name && leads(run.pool[$0].definition, key)
        }
    }
  }

  private func leads(_ definition: IndexDefinition, _ columns: [String]) -> Bool {
    definition.predicate == nil && Set(definition.keys.prefix(columns.count).compactMap(\.columnName)) == Set(columns)
  }

  // MARK: Suspicion

  private func others(_ index: IndexFacts, _ table: TableFacts, _ gone: Set<RelationName>) -> [IndexFacts] {
    table.indexes.filter { $0.name != index.name && !gone.contains(qualified($0.name, table)) && $0.isValid }
  }

  private func copied(_ index: IndexFacts, _ table: TableFacts, _ gone: Set<RelationName>) -> IndexDrop.Reason? {
    guard index.isValid else { return .invalid }
    let twin = others(index, table, gone).first {
      isSame($0.definition, index.definition) && prefers($0, over: index)
    }
    return twin.map { .duplicate(of: $0.name) }
  }

  private func covered(_ index: IndexFacts, _ table: TableFacts, _ gone: Set<RelationName>) -> IndexDrop.Reason? {
    guard index.isValid else { return nil }
    if let wider = others(index, table, gone).first(where: { covers($0.definition, index.definition) }) {
      return .redundant(coveredBy: wider.name)
    }
    guard let number = run.chosen.members.first(where: { covers(run.pool[$0].definition, index.definition) }) else {
      return nil
    }
    return .redundant(coveredBy: names[number] ?? run.pool[number].index.name)
  }

  private func unused(_ index: IndexFacts, _ table: TableFacts, _ gone: Set<RelationName>) -> IndexDrop.Reason? {
    guard index.isValid, index.scans == 0, !isPlanned(index), !supportsForeignKey(index, table, gone) else {
      return nil
    }
    return .unused
  }

  private func costly(_ index: IndexFacts, _ table: TableFacts, _ gone: Set<RelationName>) -> IndexDrop.Reason? {
    guard index.isValid, !supportsForeignKey(index, table, gone) else { return nil }
    let bill = run.writes.bill(for: index.definition, sizeBytes: index.sizeBytes)
    return bill.millisecondsPerDay > 0 ? .upkeepExceedsUse : nil
  }

  private func isPlanned(_ index: IndexFacts) -> Bool { run.final.contains { $0.existing.contains(index.name) } }

  private func isSame(_ a: IndexDefinition, _ b: IndexDefinition) -> Bool {
    a.method == b.method && a.keys == b.keys && a.included == b.included && a.predicate == b.predicate
  }

  /// Of two equal indexes the constraint's stays, else the unique one, else the busier, else the one that sorts first.
  private func prefers(_ a: IndexFacts, over b: IndexFacts) -> Bool {
    if a.isConstraint != b.isConstraint { return a.isConstraint }
    if a.definition.isUnique != b.definition.isUnique { return a.definition.isUnique }
    if a.scans != b.scans { return a.scans ?? 0 > b.scans ?? 0 }
    return a.name < b.name
  }

  /// Whether `a` begins with all keys of `b` and carries what it includes.
  private func covers(_ a: IndexDefinition, _ b: IndexDefinition) -> Bool {
    a.table == b.table && a.method == .btree && b.method == .btree && a.predicate == b.predicate
      && a.keys.count >= b.keys.count && zip(a.keys, b.keys).allSatisfy { $0 == $1 } && !isSame(a, b)
      && Set(b.included).isSubset(of: Set(a.included + a.keys.compactMap(\.columnName)))
  }

  // MARK: Proof

  private struct Refusal: Error {
    var message: String
  }

  private mutating func prove(
    _ index: IndexFacts, _ table: TableFacts, _ reason: IndexDrop.Reason, _ gone: Set<RelationName>
  ) async throws -> IndexDrop? {
    let hidden = Set(gone.union([qualified(index.name, table)]).map { $0.schema + "." + $0.name })
    let affected = run.statements.indices.filter { run.final[$0].existing.contains(index.name) }
    let added = run.pool.names(run.chosen)
    var worst = (ratio: 1.0, query: Fingerprint?.none)
    var lost = 0.0
    if index.isValid {
      let (run, planner) = (run, run.planner)
      let outcomes = try await run.parallel(affected.count, .checkingDrops) { i -> Result<Double, Refusal> in
        let statement = run.statements[affected[i]]
        do {
          return .success(
            try await planner.plan(
              statement.statement,
              with: added.intersection(run.pool.names(run.pool.relevant(to: statement.columns))), without: hidden
            ).totalCost)
        } catch let error as WhatIfError {
          guard let message = error.messageOfOneQuestion else { throw error }
          return .failure(Refusal(message: message))
        }
      }
      var costs: [Double] = []
      for (i, outcome) in zip(affected, outcomes) {
        switch outcome {
        case .success(let cost): costs.append(cost)
        case .failure(let refusal): failures.append(Failure(statement: i, message: refusal.message))
        }
      }
      // Not proven.
      guard costs.count == affected.count else { return nil }
      for (i, cost) in zip(affected, costs) {
        let before = run.final[i].cost
        lost += max(0, run.statements[i].value(cost) - run.statements[i].value(before))
        // A difference below what an execution takes anyway is none.
        let (old, new) = (run.statements[i].value(before), run.statements[i].value(cost))
        let ratio = old > 0 ? new / old : before > 0 ? cost / before : 1
        if ratio > worst.ratio { worst = (ratio, run.workload.queries[run.statements[i].query].fingerprint) }
      }
    }
    let bill = run.writes.bill(for: index.definition, sizeBytes: index.sizeBytes)
    switch reason {
    case .upkeepExceedsUse:
      // Twice, since both sides are estimates.
      guard run.options.objective == .time, bill.millisecondsPerDay > 2 * lost, bill.millisecondsPerDay > 1 else {
        return nil
      }
    case .invalid: break
    case .duplicate, .unused: guard worst.ratio <= 1 + run.options.dropTolerance else { return nil }
    case .redundant: guard worst.ratio <= 1 + run.options.coveredTolerance else { return nil }
    }
    return IndexDrop(
      table: table.name, index: index, reason: reason,
      reasons: sentences(index, reason, worst: worst.ratio, affected: affected.count, lost: lost, bill),
      worstRatio: worst.ratio, worstQuery: worst.query, writeBill: bill,
      statisticsAgeDays: run.schema.facts.statisticsAgeDays,
      drop: IndexDDL.drop(index.definition, name: index.name, table),
      rollback: [index.definition.createStatement(name: index.name, concurrently: table.kind != .partitioned) + ";"])
  }

  /// An index lives in its table's schema.
  private func qualified(_ name: String, _ table: TableFacts) -> RelationName {
    RelationName(schema: table.name.schema, name: name)
  }

  private func sentences(
    _ index: IndexFacts, _ reason: IndexDrop.Reason, worst: Double, affected: Int, lost: Double, _ bill: WriteBill
  ) -> [String] {
    var result: [String] = []
    switch reason {
    case .duplicate(let twin): result.append("\(twin) is the same index.")
    case .redundant(let wider): result.append("\(wider) begins with the same keys and serves everything it does.")
    case .unused:
      if let days = run.schema.facts.statisticsAgeDays {
        result.append(
          "No scan in the \(days < 10 ? String((days * 10).rounded() / 10) : String(Int(days.rounded()))) days since the counters were reset, and no plan of the recorded workload uses it."
        )
        if days < 30 { result.append("Jobs that run once a month or a quarter are not seen in so few days.") }
      } else {
        result.append(
          "No scan is counted, and no plan of the recorded workload uses it; how old the counters are is not known.")
      }
      result.append("Counters of replicas are not seen here: check them first.")
    case .upkeepExceedsUse:
      result.append(
        "Keeping it up costs about \(Int(bill.millisecondsPerDay.rounded())) ms a day, and without it the recorded workload takes about \(Int(lost.rounded())) ms a day more (estimates)."
      )
      if bill.lostHotUpdatesPerDay >= 1 {
        result.append("It keeps about \(Int(bill.lostHotUpdatesPerDay.rounded())) updates a day from being heap-only.")
      }
    case .invalid: result.append("A build that failed left it invalid: it is written, but no plan may use it.")
    }
    if index.isValid {
      let percent = (worst - 1) * 100
      result.append(
        affected == 0
          ? "Planned without it, no statement changes."
          : "Planned without it, \(affected) statement\(affected == 1 ? "" : "s") that used it cost at most \((percent * 10).rounded() / 10) % more."
      )
    }
    return result
  }
}

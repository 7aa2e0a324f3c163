internal import Model
internal import WhatIf

/// Putting the result into words and numbers.
extension AdvisorRun {
  func advice() async throws -> IndexAdvice {
    let names = indexNames()
    let outcomes = outcomes(names)
    let additions = additions(names, outcomes)
    var review = DropReview(self, names)
    let drops = options.proposesDrops ? try await review.drops() : []
    let after = outcomes.reduce(TimeEstimate(low: 0, estimate: 0, high: 0)) { sum, outcome in
      let time = outcome.millisecondsPerDayAfter
      return TimeEstimate(low: sum.low + time.low, estimate: sum.estimate + time.estimate, high: sum.high + time.high)
    }
    let totals = AdviceTotals(
      costBefore: weightedCost { $0.baseCost }, costAfter: weightedCost(final: true),
      millisecondsPerDayBefore: outcomes.reduce(0) { $0 + $1.millisecondsPerDayBefore },
      millisecondsPerDayAfter: after, bytes: pool.bytes(chosen),
      writeBill: chosen.members.map { pool[$0].writeBill }.reduce(.none, +), provenGap: provenGap(),
      candidates: pool.count, plans: statements.reduce(0) { $0 + $1.plansMade })
    return IndexAdvice(
      additions: additions, drops: drops, queries: outcomes, rejected: rejected(),
      helpless: HelplessReasons(self).queries(), unplanned: unplanned, failures: failures(review.failures),
      totals: totals)
  }

  /// What the planner could not answer beside whole queries, by query.
  private func failures(_ ofDrops: [DropReview.Failure]) -> [PlanFailure] {
    var messages: [Int: [(message: String, isOfChoice: Bool)]] = [:]
    for statement in statements {
      let offered = chosen.intersection(pool.relevant(to: statement.columns))
      for failure in statement.failures {
        messages[statement.query, default: []].append((failure.message, failure.offered == offered))
      }
    }
    for failure in ofDrops {
      messages[statements[failure.statement].query, default: []].append((failure.message, false))
    }
    return messages.sorted { $0.key < $1.key }.map { number, messages in
      let query = workload.queries[number]
      return PlanFailure(
        fingerprint: query.fingerprint, text: query.text, millisecondsPerDay: query.totalMilliseconds * perDay,
        message: messages[0].message, count: messages.count, isOfChoice: messages.contains(where: \.isOfChoice))
    }
  }

  private func indexNames() -> [Int: String] {
    var taken = Set(schema.facts.tables.flatMap { $0.indexes.map(\.name) } + schema.facts.tables.map(\.name.name))
    return Dictionary(
      uniqueKeysWithValues: chosen.members.map { ($0, IndexDDL.name(pool[$0].definition, taken: &taken)) })
  }

  func table(_ name: RelationName) -> TableFacts? { schema.facts.tables.first { $0.name == name } }

  // MARK: Queries

  /// Statements of each query, with their shares normalised.
  func members(of query: Int) -> [(statement: Int, share: Double)] {
    let members = statements.indices.filter { statements[$0].query == query }
    let shares = members.map { share(of: $0) }
    let sum = shares.reduce(0, +)
    return zip(members, shares).map { ($0, sum > 0 ? $1 / sum : 1 / Double(members.count)) }
  }

  private func weightedCost(_ cost: (StatementCosts) -> Double) -> Double {
    var sum = 0.0
    for number in Set(statements.map(\.query)).sorted() {
      for (i, share) in members(of: number) { sum += workload.queries[number].calls * share * cost(statements[i]) }
    }
    return sum
  }

  private func weightedCost(final: Bool) -> Double {
    var sum = 0.0
    for number in Set(statements.map(\.query)).sorted() {
      for (i, share) in members(of: number) { sum += workload.queries[number].calls * share * self.final[i].cost }
    }
    return sum
  }

  private func outcomes(_ names: [Int: String]) -> [QueryOutcome] {
    var result: [QueryOutcome] = []
    for number in Set(statements.map(\.query)).sorted() {
      let query = workload.queries[number]
      let members = members(of: number)
      let before = members.reduce(0) { $0 + $1.share * statements[$1.statement].baseCost }
      let after = members.reduce(0) { $0 + $1.share * final[$1.statement].cost }
      let used = members.reduce(CandidateSet()) { $0.union(final[$1.statement].used) }
      let calls = query.calls * perDay
      let milliseconds = query.totalMilliseconds * perDay
      result.append(
        QueryOutcome(
          fingerprint: query.fingerprint, text: query.text, callsPerDay: calls, millisecondsPerDayBefore: milliseconds,
          millisecondsPerDayAfter: .scaled(
            credit.milliseconds(number) * perDay, of: milliseconds, calls: calls, costBefore: before, costAfter: after),
          costBefore: before, costAfter: after, newIndexes: used.members.compactMap { names[$0] }.sorted(),
          parameters: ParameterOrigin.allCases.filter { origin in
            members.contains { statements[$0.statement].parameters == origin }
          }))
    }
    return result.sorted {
      ($0.millisecondsPerDayBefore, $1.fingerprint) > ($1.millisecondsPerDayBefore, $0.fingerprint)
    }
  }

  // MARK: Additions

  private func additions(_ names: [Int: String], _ outcomes: [QueryOutcome]) -> [IndexAddition] {
    let byFingerprint = Dictionary(outcomes.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    var result: [IndexAddition] = []
    for number in chosen.members {
      let candidate = pool[number]
      let name = names[number] ?? candidate.index.name
      let users = Set(statements.indices.filter { final[$0].used.contains(number) }.map { statements[$0].query })
        .sorted()
      let saved = saved(without: number)
      let table = table(candidate.definition.table)
      let benefits = users.compactMap { query -> QueryBenefit? in
        guard let outcome = byFingerprint[workload.queries[query].fingerprint] else { return nil }
        return QueryBenefit(
          fingerprint: outcome.fingerprint, costBefore: outcome.costBefore, costAfter: outcome.costAfter)
      }
      result.append(
        IndexAddition(
          name: name, definition: candidate.definition, sizeBytes: candidate.index.sizeBytes,
          isRoughSize: candidate.index.isRoughSize, height: candidate.index.height, savedPerDay: saved.time,
          savedShare: saved.share, writeBill: candidate.writeBill,
          queries: benefits.sorted {
            ($0.costBefore - $0.costAfter, $1.fingerprint) > ($1.costBefore - $1.costAfter, $0.fingerprint)
          },
          reasons: AdditionReasons(self, number, users).sentences(),
          build: IndexDDL.build(candidate.definition, name: name, table),
          rollback: IndexDDL.drop(candidate.definition, name: name, table)))
    }
    return result.sorted { ($0.savedShare, $1.name) > ($1.savedShare, $0.name) }
  }

  /// What the load would cost more without one of the chosen, by the plans known.
  private func saved(without number: Int) -> (time: TimeEstimate, share: Double) {
    let rest = chosen.removing(number)
    var time = TimeEstimate(low: 0, estimate: 0, high: 0)
    var gain = 0.0
    var base = 0.0
    for (i, statement) in statements.enumerated() {
      base += statement.value(statement.baseCost)
      guard final[i].used.contains(number) else { continue }
      let without = statement.options().filter { $0.used.isSubset(of: rest) }.map(\.cost).min() ?? statement.baseCost
      gain += statement.value(without) - statement.value(final[i].cost)
      let query = workload.queries[statement.query]
      let share = members(of: statement.query).first { $0.statement == i }?.share ?? 1
      let calls = query.calls * perDay * share
      let total = credit.milliseconds(statement.query) * perDay
      let costs = members(of: statement.query).reduce(0) { $0 + $1.share * statements[$1.statement].baseCost }
      let milliseconds = costs > 0 ? total * share * statement.baseCost / costs : 0
      let with = TimeEstimate.scaled(
        milliseconds, of: milliseconds, calls: calls, costBefore: statement.baseCost, costAfter: final[i].cost)
      let other = TimeEstimate.scaled(
        milliseconds, of: milliseconds, calls: calls, costBefore: statement.baseCost, costAfter: without)
      time.estimate += max(0, other.estimate - with.estimate)
      time.low += max(0, other.low - with.high)
      time.high += max(0, other.high - with.low)
    }
    return (time, base > 0 ? gain / base : 0)
  }

  private func provenGap() -> Double? {
    guard let solution, let bound = solution.bound, solution.objective > 0 else { return nil }
    return max(0, (solution.objective - bound) / solution.objective)
  }

  // MARK: The rest

  private func rejected() -> [RejectedCandidate] {
    let model = SelectionModel(statements, pool, options, databaseBytes: schema.heapBytes).problem
    let base = model.objective(CandidateSet())
    let used = statements.reduce(CandidateSet()) { sum, statement in
      statement.entries.reduce(sum) { $0.union($1.used) }
    }
    let current = model.objective(chosen)
    var result: [RejectedCandidate] = []
    for number in 0..<pool.count where !chosen.contains(number) {
      let candidate = pool[number]
      let alone = base - model.objective(CandidateSet([number])) + model.upkeep[number]
      let upkeep = options.objective == .time ? candidate.writeBill.millisecondsPerDay : 0
      let reason: RejectedCandidate.Reason
      if !used.contains(number) {
        reason = .neverUsed
      } else if alone <= upkeep {
        reason = .writeBillExceedsGain
      } else if alone <= upkeep + minimum {
        reason = .belowMinimum
      } else {
        let added = chosen.inserting(number)
        reason = model.objective(added) < current && !model.isAllowed(added) ? .overBudget : .outdone
      }
      result.append(
        RejectedCandidate(
          definition: candidate.definition, sizeBytes: candidate.index.sizeBytes, gainAlone: alone, reason: reason))
    }
    for (definition, message) in pool.refused {
      result.append(RejectedCandidate(definition: definition, sizeBytes: 0, gainAlone: 0, reason: .refused(message)))
    }
    return result.sorted { ($0.gainAlone, $1.definition.summary) > ($1.gainAlone, $0.definition.summary) }
  }
}

extension WriteBill {
  static func + (a: WriteBill, b: WriteBill) -> WriteBill {
    WriteBill(
      millisecondsPerDay: a.millisecondsPerDay + b.millisecondsPerDay,
      walBytesPerDay: a.walBytesPerDay + b.walBytesPerDay,
      entriesPerDay: a.entriesPerDay + b.entriesPerDay,
      lostHotUpdatesPerDay: a.lostHotUpdatesPerDay + b.lostHotUpdatesPerDay)
  }
}

import Foundation
import Model
import PlannerTwin
import PostgresClient
import WhatIf

/// One database's pairs of a query and a set of indexes.
struct FidelityRun {
  typealias Question = IndexProposals.Question

  struct Pair {
    var question: Question
    var sameShape: Bool
    /// Of the cost, relative to the real plan's.
    var error: Double
    /// The real plan differs from the one without the set, in its shape or by more than rounding in its cost.
    var isChanged: Bool
    var usesIndex: Bool
    var theirShape: Bool?
    var theirError: Double?
    var note: String
  }

  let live: LiveDatabase
  let twin: PlannerTwin
  let planner: TwinPlanner
  let verbose: Bool
  var statements: [PlannableStatement] = []
  /// Those that the twin and the server plan.
  private(set) var plannable: [PlannableStatement] = []
  private var now: [String: (twin: String, real: String)] = [:]
  private var hypo: HypoPGPlanner?
  private(set) var pairs: [Pair] = []
  private var refused: Set<String> = []
  private var sizes = Errors()

  init(live: LiveDatabase, twin: PlannerTwin, planner: TwinPlanner, verbose: Bool) {
    self.live = live
    self.twin = twin
    self.planner = planner
    self.verbose = verbose
  }

  mutating func hypo(_ planner: HypoPGPlanner?) { hypo = planner }

  /// Plans every statement as the database is.
  mutating func planNow() async throws {
    for statement in statements {
      do {
        let plan = try await planner.plan(statement, with: [], without: [])
        now[statement.id] = (plan.document, try await live.explain(statement.sql))
        plannable.append(statement)
      } catch let error as WhatIfError {
        refused.insert(statement.id)
        if verbose { print("\(statement.id): \(error.sentence)") }
      } catch let error as PostgresError where error.isConnectionUsable {
        refused.insert(statement.id)
        if verbose { print("\(statement.id): \(error.message)") }
      }
    }
  }

  /// Every set of the list with every statement that names one of its tables.
  func listed(_ specifications: [IndexSpecification]) -> [Question] {
    var labels: [String] = []
    for item in specifications where !labels.contains(item.label) { labels.append(item.label) }
    return labels.flatMap { label in
      let set = specifications.filter { $0.label == label }.map(\.definition)
      return plannable.filter { statement in
        set.contains { statement.sql.localizedStandardContains($0.table.name) }
      }.map { Question(statement: $0, added: Set(set), dropped: [], origin: label) }
    }
  }

  /// Every statement without each of the existing indexes that it uses, and without all of them.
  func drops() -> [Question] {
    plannable.flatMap { statement -> [Question] in
      let used = now[statement.id].map { Set(PlanText($0.real).indexNames) } ?? []
      var sets = used.sorted().map { Set([$0]) }
      if used.count > 1 { sets.append(used) }
      return sets.map { Question(statement: statement, added: [], dropped: $0, origin: "drop") }
    }
  }

  mutating func ask(_ questions: [Question]) async throws {
    var seen: Set<Question> = []
    let questions = questions.filter { question in
      var plain = question
      plain.origin = ""
      return seen.insert(plain).inserted
    }
    var indexes: [IndexDefinition: HypotheticalIndex] = [:]
    var answers: [(Question, String, (shape: PlanShape, cost: Double)?)] = []
    for question in questions {
      do {
        for definition in question.added where indexes[definition] == nil {
          indexes[definition] = try await planner.add(definition)
        }
        let plan = try await planner.plan(
          question.statement, with: Set(question.added.compactMap { indexes[$0]?.name }), without: question.dropped)
        answers.append((question, plan.document, try await theirs(question)))
      } catch let error as WhatIfError {
        refused.insert(question.statement.id + " " + question.origin)
        if verbose { print("\(question.statement.id): \(error.sentence)") }
      }
    }
    await hypo?.close()
    var real = RealIndexes(live.connection)
    // Of two indexes that cost the same the planner takes the one that was made first: both sides make them in one order.
    let definitions = Set(answers.flatMap { $0.0.added }).sorted {
      (indexes[$0]?.name ?? "").localizedStandardCompare(indexes[$1]?.name ?? "") == .orderedAscending
    }
    let partitions = try await twin.databases[0].partitionedIndexes()
    do {
      try await real.build(definitions)
      for (definition, bytes) in try await real.sizes() where bytes > 0 {
        guard let index = indexes[definition] else { continue }
        sizes.add(Double(index.sizeBytes - bytes) / Double(bytes))
      }
      for (question, document, theirs) in answers where question.added.allSatisfy({ real.names[$0] != nil }) {
        var names = Dictionary(
          question.added.map { (indexes[$0]?.name ?? "", $0.summary) }
        ) { first, _ in first }
        var built = Dictionary(question.added.map { (real.names[$0] ?? "", $0.summary) }) { first, _ in first }
        // Indexes on partitions have names of the server's making.
        for (name, root) in partitions where names[root] != nil { names[name] = names[root] }
        for (name, root) in real.partitions where built[root] != nil { built[name] = built[root] }
        try await compare(question, document, names, theirs, real, built)
      }
    } catch {
      try? await real.drop()
      throw error
    }
    try await real.drop()
  }

  /// HypoPG refuses whole kinds of indexes, and version 1.3 hides none; then it has no answer.
  private func theirs(_ question: Question) async throws -> (shape: PlanShape, cost: Double)? {
    guard let hypo, question.dropped.isEmpty || hypo.hidesExistingIndexes else { return nil }
    var names: Set<String> = []
    for definition in question.added {
      guard let index = try? await hypo.add(definition) else { return nil }
      names.insert(index.name)
    }
    guard let plan = try? await hypo.plan(question.statement, with: names, without: question.dropped),
      // Its names are cut to 63 bytes: which of several hypothetical indexes a plan uses is not looked at.
      let shape = PlanShape(plan.document, names: { $0.hasPrefix("<") ? "new" : $0 })
    else { return nil }
    return (shape, shape.cost)
  }

  private mutating func compare(
    _ question: Question, _ document: String, _ names: [String: String],
    _ theirs: (shape: PlanShape, cost: Double)?, _ real: RealIndexes, _ built: [String: String]
  ) async throws {
    let text = try await real.explain(question.statement.sql, with: question.added, without: question.dropped)
    guard let truth = PlanShape(text, names: { built[$0] ?? $0 }),
      let twin = PlanShape(document, names: { names[$0] ?? $0 }),
      let loose = PlanShape(text, names: { built[$0] != nil ? "new" : $0 }),
      let before = now[question.statement.id].flatMap({ PlanShape($0.real, names: { $0 }) })
    else { return }
    let same = truth.description == twin.description
    let cost = max(truth.cost, 1e-9)
    pairs.append(
      Pair(
        question: question, sameShape: same, error: (twin.cost - truth.cost) / cost,
        isChanged: truth.description != before.description || abs(truth.cost - before.cost) > 0.011,
        usesIndex: built.keys.contains { text.contains("\"\($0)\"") },
        theirShape: theirs.map { $0.shape.description == loose.description },
        theirError: theirs.map { ($0.cost - truth.cost) / cost },
        note: "real \(truth.cost) twin \(twin.cost)"
          + (same ? "" : "\n      real \(truth.description)\n      twin \(twin.description)")))
  }

  func report(_ database: String) {
    if verbose {
      for pair in pairs.sorted(by: { abs($0.error) > abs($1.error) }) where !pair.sameShape || pair.error != 0 {
        print(
          "  \(pair.question.origin) \(pair.question.statement.id): \(percent(pair.error, 3)) "
            + "\(pair.sameShape ? "" : "OTHER SHAPE ")\(pair.note)\n      "
            + (pair.question.added.map(\.summary).sorted() + pair.question.dropped.sorted().map { "without " + $0 })
            .joined(separator: "\n      "))
      }
    }
    print(
      "\(database): \(plannable.count) statements, \(pairs.count) pairs of a statement and a set of indexes, "
        + "\(refused.count) not planned; \(sizes.count) indexes really built, size error median \(percent(sizes.median)), "
        + "p95 \(percent(sizes.quantile(0.95)))")
    line("all", pairs)
    line("the plan uses a new index", pairs.filter(\.usesIndex))
    line("the set changes the plan", pairs.filter(\.isChanged))
    for (name, origins) in [("of the list", "l"), ("of the adviser", "adviser"), ("existing ones hidden", "drop")] {
      line(
        "  " + name,
        pairs.filter { pair in
          pair.isChanged
            && (origins == "l" ? !["adviser", "drop"].contains(pair.question.origin) : pair.question.origin == origins)
        })
    }
  }

  private func line(_ what: String, _ pairs: [Pair]) {
    func row(_ name: String, _ count: Int, _ same: Int, _ errors: Errors) {
      print(
        name.padded(28) + "pairs \(count)".padded(12)
          + "same shape \(same) (\(percent(Double(same) / Double(max(1, count)))))".padded(28)
          + "cost error: median \(percent(errors.median, 4)), p90 \(percent(errors.quantile(0.9), 3)), "
          + "p99 \(percent(errors.quantile(0.99), 3)), worst \(percent(errors.worst, 2)), over 1 %: \(errors.over(0.01))"
      )
    }
    var (ours, theirs) = (Errors(), Errors())
    for pair in pairs {
      ours.add(pair.error)
      if let error = pair.theirError { theirs.add(error) }
    }
    row(what, pairs.count, pairs.count { $0.sameShape }, ours)
    let answered = pairs.filter { $0.theirShape != nil }
    row("    HypoPG", answered.count, answered.count { $0.theirShape == true }, theirs)
  }
}

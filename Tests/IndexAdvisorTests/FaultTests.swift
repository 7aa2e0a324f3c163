import IndexAdvisor
import Model
import Synchronization
import Testing
import WhatIf

/// Faults of the planner cost what they concern, and nothing else.
@Suite struct FaultTests {
  /// A planner that fails where it is told to.
  private final class FaultyPlanner: Planner {
    let base: ToyPlanner
    let refusesIndex: @Sendable (IndexDefinition) -> Bool
    let refusesPlan: @Sendable (_ sql: String, _ added: Set<String>, _ dropped: Set<String>) -> Bool
    private let questions = Mutex<Int>(0)

    init(
      _ database: DatabaseFacts, refusesIndex: @escaping @Sendable (IndexDefinition) -> Bool = { _ in false },
      refusesPlan: @escaping @Sendable (String, Set<String>, Set<String>) -> Bool = { _, _, _ in false }
    ) {
      base = ToyPlanner(database)
      self.refusesIndex = refusesIndex
      self.refusesPlan = refusesPlan
    }

    var count: Int { questions.withLock { $0 } }

    func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
      if refusesIndex(definition) {
        throw WhatIfError.indexRefused(ddl: definition.summary, sqlState: "57014", message: "statement timeout")
      }
      return try await base.add(definition)
    }

    func plan(
      _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
    ) async throws -> PlannedStatement {
      questions.withLock { $0 += 1 }
      if refusesPlan(statement.sql, added, dropped) {
        throw WhatIfError.statementRefused(id: statement.id, sqlState: "57014", message: "statement timeout")
      }
      return try await base.plan(statement, with: added, without: dropped)
    }
  }

  private static let queries = [
    Fixture.query(["select * from orders where customer_id = 1"]),
    Fixture.query(["select * from orders where note = 'x' and status = 'y'"]),
    Fixture.query(["select * from orders where total = 3"]),
  ]

  private static func advise(
    _ planner: any Planner, _ database: DatabaseFacts = Fixture.database(), queries: [Workload.Query] = queries,
    _ change: (inout AdvisorOptions) -> Void = { _ in }
  ) async throws -> IndexAdvice {
    var options = AdvisorOptions()
    options.includesPartial = false
    options.includesCovering = false
    change(&options)
    return try await IndexAdvisor(planner: planner, database: database, options: options)
      .advise(Workload(queries: queries, windowSeconds: 86_400))
  }

  @Test func `a statement that fails with certain indexes is advised with the others`() async throws {
    let sound = try await Self.advise(FaultyPlanner(Fixture.database()))
    // Two or more indexes at once are too much for this statement.
    let faulty = FaultyPlanner(
      Fixture.database(), refusesPlan: { sql, added, _ in sql.contains("note") && added.count > 1 })
    let advice = try await Self.advise(faulty)
    #expect(
      Set(advice.additions.map(\.definition.summary)) == Set(sound.additions.map(\.definition.summary)))
    #expect(advice.unplanned.isEmpty)
    #expect(advice.failures.count == 1)
    let failure = try #require(advice.failures.first)
    #expect(failure.text.contains("note") && failure.message == "statement timeout")
    #expect(failure.count >= 1 && failure.isOfChoice)
    #expect(sound.failures.isEmpty)
  }

  @Test func `a statement that fails with every index stays as it is`() async throws {
    let faulty = FaultyPlanner(
      Fixture.database(), refusesPlan: { sql, added, _ in sql.contains("note") && !added.isEmpty })
    let advice = try await Self.advise(faulty)
    #expect(Set(advice.additions.map(\.definition.summary)) == ["orders (customer_id)", "orders (total)"])
    let outcome = try #require(advice.queries.first { $0.text.contains("note") })
    #expect(outcome.costAfter == outcome.costBefore && outcome.newIndexes.isEmpty)
    #expect(advice.failures.map(\.text) == [outcome.text])
    #expect(advice.queries.count == 3)
  }

  @Test func `a candidate that cannot be built is named, and the others are advised`() async throws {
    let faulty = FaultyPlanner(
      Fixture.database(), refusesIndex: { $0.keys.contains { $0.columnName == "total" } })
    let advice = try await Self.advise(faulty)
    #expect(!advice.additions.contains { $0.definition.summary.contains("total") })
    #expect(advice.additions.contains { $0.definition.summary == "orders (customer_id)" })
    #expect(
      advice.rejected.contains {
        $0.definition.summary == "orders (total)" && $0.reason == .refused("statement timeout")
      })
  }

  @Test func `an index is not dropped where that cannot be proven`() async throws {
    let database = Fixture.database(indexes: [
      Fixture.index("narrow", ["status"], scans: 9), Fixture.index("wide", ["status", "total"], scans: 9),
    ])
    let queries = [Fixture.query(["select * from orders where status = 'x'"])]
    let sound = try await Self.advise(FaultyPlanner(database), database, queries: queries)
    #expect(sound.drops.map(\.index.name) == ["narrow"])
    let faulty = FaultyPlanner(database, refusesPlan: { _, _, dropped in dropped.contains("public.narrow") })
    let advice = try await Self.advise(faulty, database, queries: queries)
    #expect(advice.drops.isEmpty)
    #expect(advice.failures.map(\.message) == ["statement timeout"])
  }

  @Test func `a planner that is gone ends the advice`() async throws {
    struct Gone: Error {}
    final class GonePlanner: Planner {
      func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex { throw Gone() }
      func plan(
        _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
      ) async throws -> PlannedStatement { throw Gone() }
    }
    await #expect(throws: Gone.self) { try await Self.advise(GonePlanner()) }
  }

  @Test func `kept answers change nothing of the advice and spare questions`() async throws {
    let database = Fixture.database(
      indexes: [
        Fixture.index("a", ["total"], scans: 4), Fixture.index("b", ["total", "status"], scans: 4),
        Fixture.index("c", ["customer_id"], scans: 4),
      ], writes: WriteCounters(inserts: 0, updates: 5e6, hotUpdates: 5e6, deletes: 0, seconds: 86_400))
    let queries =
      Self.queries + [
        Fixture.query(["select * from orders where status = 'x'", "select * from orders where status = 'z'"]),
        Fixture.query(["update orders set total = 1 where id = 5"]),
      ]
    let (with, without) = (FaultyPlanner(database), FaultyPlanner(database))
    // No index may go because another covers it, so each is looked at again for its upkeep.
    let kept = try await Self.advise(with, database, queries: queries) { $0.coveredTolerance = -1 }
    let asked = try await Self.advise(without, database, queries: queries) {
      $0.coveredTolerance = -1
      $0.cachesPlans = false
    }
    #expect(kept.additions == asked.additions)
    #expect(kept.drops == asked.drops)
    #expect(kept.queries == asked.queries)
    #expect(kept.rejected == asked.rejected)
    #expect(kept.totals == asked.totals)
    #expect(with.count < without.count, "\(with.count) of \(without.count)")
  }

  @Test func `an answer is kept for what follows from it and nothing else`() async throws {
    let planner = ToyPlanner(Fixture.database())
    let caching = CachingPlanner(planner)
    let total = try await caching.add(.init(table: Fixture.orders, keys: [.column("total")])).name
    let note = try await caching.add(.init(table: Fixture.orders, keys: [.column("note")])).name
    let unique = try await caching.add(.init(table: Fixture.orders, keys: [.column("status")], isUnique: true)).name
    let lower = try await caching.add(.init(table: Fixture.orders, keys: [.expression("lower(note)")])).name
    let statement = PlannableStatement(id: "q", sql: "select * from orders where total = 1", database: "shop")
    let all = try await caching.plan(statement, with: [total, note], without: [])
    #expect(all.usedIndexes == [total])
    #expect(try await caching.plan(statement, with: [total], without: []) == all)
    #expect(caching.tally == .init(hits: 1, misses: 1))
    // Without the index in the plan, with one that tells something unread, without an existing one: asked.
    _ = try await caching.plan(statement, with: [note], without: [])
    _ = try await caching.plan(statement, with: [total, unique], without: [])
    _ = try await caching.plan(statement, with: [total, lower], without: [])
    _ = try await caching.plan(statement, with: [total], without: ["public.orders_pkey"])
    #expect(caching.tally == .init(hits: 1, misses: 5))
    _ = try await caching.plan(statement, with: [total], without: ["public.orders_pkey"])
    #expect(caching.tally == .init(hits: 2, misses: 5))
    #expect(planner.plans == 5)
  }
}

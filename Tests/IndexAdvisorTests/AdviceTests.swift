import IndexAdvisor
import Model
import Testing

@Suite struct AdviceTests {
  @Test func `one equality asks for one column`() async throws {
    #expect(try await Fixture.indexes("select * from orders where customer_id = 7") == ["orders (customer_id)"])
  }

  @Test func `the range comes after the equality`() async throws {
    #expect(
      try await Fixture.indexes("select * from orders where total > 5 and status = 'x'") == ["orders (status, total)"])
  }

  @Test func `an order with mixed directions keeps them`() async throws {
    let advice = try await Fixture.indexes("select * from orders where status = 'x' order by paid desc, total")
    // Read backwards, the second serves as well.
    let right = [["orders (status, paid DESC, total)"], ["orders (status, paid, total DESC)"]]
    #expect(right.contains(advice), "\(advice)")
  }

  @Test func `a join asks for the joined column`() async throws {
    let advice = try await Fixture.indexes(
      "select * from customers c join orders o on o.customer_id = c.id where c.email = 'x'")
    #expect(advice == ["orders (customer_id)"])
  }

  @Test func `an expression is indexed as it is written`() async throws {
    #expect(
      try await Fixture.indexes("select * from customers where lower(email) = 'x'") == ["customers ((lower(email)))"])
  }

  @Test func `an OR gets an index for each side`() async throws {
    let advice = try await Fixture.indexes("select * from orders where customer_id = 7 or total = 3")
    #expect(advice.sorted() == ["orders (customer_id)", "orders (total)"])
  }

  @Test func `covering columns ride along where that pays`() async throws {
    let advice = try await Fixture.indexes("select total from orders where status = 'x'") {
      $0.includesCovering = true
    }
    #expect(advice.count == 1)
    #expect(advice[0].contains("total"))
  }

  @Test func `a constant that never changes becomes the predicate, one that varies does not`() async throws {
    let stable = try await Fixture.advise([
      Fixture.query([
        "select * from orders where status = 'open' and customer_id = 1",
        "select * from orders where status = 'open' and customer_id = 2",
        "select * from orders where status = 'open' and customer_id = 3",
      ])
    ]) { $0.includesPartial = true }
    #expect(stable.additions.map(\.definition.summary) == ["orders (customer_id) WHERE status = 'open'"])
    let varying = try await Fixture.advise([
      Fixture.query([
        "select * from orders where status = 'open' and customer_id = 1",
        "select * from orders where status = 'paid' and customer_id = 2",
        "select * from orders where status = 'done' and customer_id = 3",
      ])
    ]) { $0.includesPartial = true }
    #expect(varying.additions.allSatisfy { $0.definition.predicate == nil })
    #expect(!varying.additions.isEmpty)
  }

  @Test func `a null test is always stable`() async throws {
    let advice = try await Fixture.indexes(
      "select * from orders where deleted_at is null order by created_at desc limit 5"
    ) {
      $0.includesPartial = true
    }
    #expect(advice.count == 1)
    #expect(advice[0].hasSuffix("WHERE deleted_at IS NULL"))
  }

  @Test func `existing indexes, primary keys and tiny tables need nothing`() async throws {
    #expect(try await Fixture.indexes("select * from orders where id = 7").isEmpty)
    #expect(try await Fixture.indexes("select * from tiny where a = 7").isEmpty)
    let database = Fixture.database(indexes: [Fixture.index("o_c", ["customer_id", "total"])])
    let advice = try await Fixture.advise(
      [Fixture.query(["select * from orders where customer_id = 1"])], database: database)
    #expect(advice.additions.isEmpty)
  }

  @Test func `the budget holds and the best per byte comes first`() async throws {
    let queries = [
      Fixture.query(["select * from orders where customer_id = 1"], milliseconds: 500_000),
      Fixture.query(["select * from orders where note = 'x'"], milliseconds: 400_000),
      Fixture.query(["select * from orders where total = 1"], milliseconds: 300_000),
    ]
    let all = try await Fixture.advise(queries)
    #expect(all.additions.count == 3)
    let some = try await Fixture.advise(queries) { $0.budgetBytes = 40_000_000 }
    #expect(some.totals.bytes <= 40_000_000)
    #expect(Set(some.additions.map(\.definition.summary)) == ["orders (customer_id)", "orders (total)"])
    #expect(some.rejected.contains { $0.definition.summary == "orders (note)" && $0.reason == .overBudget })
    #expect(some.totals.provenGap.map { $0 < 1e-6 } == true)
  }

  @Test func `an index that costs more to write than it saves is not advised`() async throws {
    let busy = Fixture.database(
      writes: WriteCounters(inserts: 1e9, updates: 0, hotUpdates: 0, deletes: 0, seconds: 86_400))
    let query = Fixture.query(["select * from orders where customer_id = 1"], calls: 2, milliseconds: 900)
    #expect(try await Fixture.advise([query], database: busy).additions.isEmpty)
    #expect(try await Fixture.advise([query]).additions.count == 1)
    let reasons = try await Fixture.advise([query], database: busy).rejected.map(\.reason)
    #expect(reasons.contains(.writeBillExceedsGain))
  }

  @Test func `updates of an indexed column lose HOT and are billed`() async throws {
    let database = Fixture.database(
      writes: WriteCounters(inserts: 0, updates: 1_000_000, hotUpdates: 1_000_000, deletes: 0, seconds: 86_400))
    let advice = try await Fixture.advise(
      [
        Fixture.query(["select * from orders where customer_id = 1"], milliseconds: 1e8),
        Fixture.query(["select * from orders where total = 1"], milliseconds: 1e8),
        Fixture.query(["update orders set total = total + 1 where id = 4"]),
      ], database: database)
    let total = try #require(advice.additions.first { $0.definition.summary == "orders (total)" })
    #expect(total.writeBill.lostHotUpdatesPerDay == 1_000_000)
    #expect(abs(total.writeBill.millisecondsPerDay - 18_000) < 1)
    let customer = try #require(advice.additions.first { $0.definition.summary == "orders (customer_id)" })
    #expect(customer.writeBill.lostHotUpdatesPerDay == 0)
    #expect(customer.writeBill.millisecondsPerDay == 0)
  }

  @Test func `what cannot be planned is said, and harms nothing`() async throws {
    let advice = try await Fixture.advise([
      Fixture.query(["select refused from orders"]), Fixture.query(["select * from orders where customer_id = 1"]),
      Fixture.query(["select * from orders where volatile(total) = 1"]),
    ])
    #expect(advice.unplanned.map(\.reason) == ["column does not exist"])
    #expect(advice.additions.map(\.definition.summary) == ["orders (customer_id)"])
    #expect(advice.rejected.contains { if case .refused = $0.reason { true } else { false } })
  }

  @Test func `queries that no index helps are named with the reason`() async throws {
    let advice = try await Fixture.advise([
      Fixture.query(["select * from orders"]), Fixture.query(["select * from orders where note ilike '%x%'"]),
    ])
    #expect(advice.helpless.count == 2)
    #expect(advice.helpless.contains { $0.reasons.contains { $0.contains("needs all of its rows") } })
    #expect(advice.helpless.contains { $0.reasons.contains { $0.contains("trigram") } })
  }

  @Test func `two queries share one index where that serves both`() async throws {
    let advice = try await Fixture.advise([
      Fixture.query(["select * from orders where status = 'x'"]),
      Fixture.query(["select * from orders where status = 'x' and total > 5"]),
    ])
    #expect(advice.additions.map(\.definition.summary) == ["orders (status, total)"])
    #expect(advice.additions[0].queries.count == 2)
  }

  @Test func `the statements to build and to undo it`() async throws {
    let plain = try await Fixture.advise([Fixture.query(["select * from customers where lower(email) = 'x'"])])
    #expect(
      plain.additions[0].build == [
        "CREATE INDEX CONCURRENTLY customers_expr_idx ON public.customers USING btree ((lower(email)));",
        "ANALYZE public.customers;",
      ])
    #expect(plain.additions[0].rollback == ["DROP INDEX CONCURRENTLY public.customers_expr_idx;"])
    let parted = try await Fixture.advise(
      [Fixture.query(["select * from orders where customer_id = 1"])], database: Fixture.database(kind: .partitioned))
    #expect(
      parted.additions[0].build == [
        "CREATE INDEX orders_customer_id_idx ON ONLY public.orders USING btree (customer_id);",
        "CREATE INDEX CONCURRENTLY orders_1_customer_id_idx ON public.orders_1 USING btree (customer_id);",
        "ALTER INDEX public.orders_customer_id_idx ATTACH PARTITION public.orders_1_customer_id_idx;",
        "CREATE INDEX CONCURRENTLY orders_2_customer_id_idx ON public.orders_2 USING btree (customer_id);",
        "ALTER INDEX public.orders_customer_id_idx ATTACH PARTITION public.orders_2_customer_id_idx;",
      ])
  }

  @Test func `the same input gives the same advice`() async throws {
    let queries = [
      Fixture.query(["select * from orders where customer_id = 1 order by created_at limit 5"]),
      Fixture.query(["select total from orders where status = 'x' and total between 1 and 2"]),
      Fixture.query(["select * from orders o join customers c on c.id = o.customer_id where c.country = 'de'"]),
    ]
    func run() async throws -> [String] {
      let advice = try await Fixture.advise(queries) {
        $0.includesCovering = true
        $0.parallelism = 4
      }
      return advice.additions.flatMap { [$0.name] + $0.build + $0.reasons } + advice.rejected.map(\.definition.summary)
    }
    #expect(try await run() == run())
  }

  @Test func `costs weigh by calls and times by recorded milliseconds`() async throws {
    let advice = try await Fixture.advise([
      Fixture.query(["select * from orders where customer_id = 1"], calls: 10, milliseconds: 5_000)
    ])
    let outcome = advice.queries[0]
    #expect(outcome.costBefore == 1_000_000)
    #expect(outcome.costAfter == 45)
    #expect(advice.totals.costBefore == 10_000_000)
    #expect(outcome.millisecondsPerDayBefore == 5_000)
    // 5,000 ms × 45 / 1,000,000, but no call takes less than 0.02 ms.
    #expect(abs(outcome.millisecondsPerDayAfter.estimate - 0.225) < 1e-9)
    #expect(outcome.millisecondsPerDayAfter.low == 0.2)
  }
}

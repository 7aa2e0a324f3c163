import IndexAdvisor
import Model
import Testing

@Suite struct DropTests {
  func drops(_ database: DatabaseFacts, _ sql: [String] = ["select * from orders where customer_id = 1"]) async throws
    -> [IndexDrop]
  {
    try await Fixture.advise(sql.map { Fixture.query([$0]) }, database: database).drops
  }

  @Test func `of two equal indexes one goes`() async throws {
    let drops = try await drops(
      Fixture.database(indexes: [
        Fixture.index("b", ["customer_id"], scans: 5), Fixture.index("a", ["customer_id"], scans: 9),
      ]))
    #expect(drops.map(\.index.name) == ["b"])
    #expect(drops[0].reason == .duplicate(of: "a"))
    #expect(drops[0].drop == ["DROP INDEX CONCURRENTLY public.b;"])
    #expect(drops[0].rollback == ["CREATE INDEX CONCURRENTLY b ON public.orders USING btree (customer_id);"])
  }

  @Test func `the beginning of a wider index is redundant`() async throws {
    let drops = try await drops(
      Fixture.database(indexes: [
        Fixture.index("narrow", ["customer_id"], scans: 5), Fixture.index("wide", ["customer_id", "total"], scans: 5),
      ]))
    #expect(drops.map(\.index.name) == ["narrow"])
    #expect(drops[0].reason == .redundant(coveredBy: "wide"))
    #expect(drops[0].worstRatio == 1)
  }

  @Test func `an index that nothing scans goes, with the counters' age`() async throws {
    let drops = try await drops(Fixture.database(indexes: [Fixture.index("u", ["note"], scans: 0)]))
    #expect(drops.map(\.reason) == [.unused])
    #expect(drops[0].statisticsAgeDays == 40)
    #expect(drops[0].reasons.contains { $0.contains("40 days") })
  }

  @Test func `what a plan uses stays though the counters know nothing of it`() async throws {
    let database = Fixture.database(indexes: [Fixture.index("o_total", ["total"], scans: 0)])
    #expect(try await drops(database, ["select * from orders where total = 5"]).isEmpty)
  }

  @Test func `constraints, unique indexes and foreign keys stay`() async throws {
    let database = Fixture.database(
      indexes: [
        Fixture.index("unique_note", ["note"], unique: true, scans: 0),
        Fixture.index("fk", ["status", "total"], scans: 0),
      ], foreignKeys: [["total", "status"]])
    #expect(try await drops(database, ["select * from customers where email = 'x'"]).isEmpty)
  }

  @Test func `a foreign key's index may go where another serves it`() async throws {
    let database = Fixture.database(
      indexes: [Fixture.index("fk", ["status"], scans: 0), Fixture.index("wide", ["status", "total"], scans: 3)],
      foreignKeys: [["status"]])
    #expect(try await drops(database).map(\.index.name) == ["fk"])
  }

  @Test func `an invalid index is named`() async throws {
    let drops = try await drops(Fixture.database(indexes: [Fixture.index("broken", ["note"], valid: false)]))
    #expect(drops.map(\.reason) == [.invalid])
  }

  @Test func `an index whose upkeep exceeds its use goes`() async throws {
    let database = Fixture.database(
      indexes: [Fixture.index("o_total", ["total"], scans: 12)],
      writes: WriteCounters(inserts: 0, updates: 5e6, hotUpdates: 5e6, deletes: 0, seconds: 86_400))
    let queries = [
      Fixture.query(["update orders set total = 1 where id = 5"]),
      Fixture.query(["select * from orders where total = 5"], calls: 3, milliseconds: 0.01),
    ]
    let advice = try await Fixture.advise(queries, database: database)
    #expect(advice.drops.map(\.reason) == [.upkeepExceedsUse])
    #expect(advice.drops[0].writeBill.lostHotUpdatesPerDay == 5e6)
  }

  @Test func `a new wider index makes the old one redundant`() async throws {
    let database = Fixture.database(indexes: [Fixture.index("old", ["status"], scans: 100)])
    let advice = try await Fixture.advise(
      [Fixture.query(["select * from orders where status = 'x' order by created_at"], milliseconds: 1e8)],
      database: database)
    #expect(advice.additions.map(\.definition.summary) == ["orders (status, created_at)"])
    #expect(advice.drops.map(\.reason) == [.redundant(coveredBy: advice.additions[0].name)])
  }
}

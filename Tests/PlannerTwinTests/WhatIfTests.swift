import Foundation
import Model
import PlannerTwin
import PostgresClient
import PrivateServer
import TestSupport
import Testing
import WhatIf

@Suite struct WhatIfTests {
  private static func table(_ name: String) -> RelationName { RelationName(schema: "public", name: name) }

  /// Each with a query that uses it.
  static let indexes: [(IndexDefinition, String)] = [
    (.init(table: table("orders"), keys: [.column("total")]), "SELECT * FROM orders WHERE total BETWEEN 700 AND 702"),
    (
      .init(table: table("orders"), keys: [.column("state"), .column("at", descending: true)]),
      "SELECT * FROM orders WHERE state = 'sent' ORDER BY at DESC LIMIT 5"
    ),
    (
      .init(table: table("orders"), keys: [.column("customer_id"), .column("at")], included: ["total"]),
      "SELECT at, total FROM orders WHERE customer_id = 5 ORDER BY at"
    ),
    (
      .init(table: table("orders"), keys: [.column("customer_id")], predicate: "state = 'closed'"),
      "SELECT * FROM orders WHERE state = 'closed' AND customer_id < 50"
    ),
    (.init(table: table("orders"), keys: [.column("note")]), "SELECT * FROM orders WHERE note = 'ab'"),
    (.init(table: table("orders"), method: .hash, keys: [.column("note")]), "SELECT * FROM orders WHERE note = 'ab'"),
    (
      .init(table: table("orders"), method: .brin, keys: [.column("at")]),
      "SELECT count(*) FROM orders WHERE at < '2024-01-03'"
    ),
    (.init(table: table("item"), keys: [.column("product")]), "SELECT * FROM item WHERE product = 4999"),
    (
      .init(table: table("item"), keys: [.column("product"), .column("order_id")]),
      "SELECT * FROM item WHERE product = 7 AND order_id < 500"
    ),
    (.init(table: table("item"), keys: [.column("amount")]), "SELECT count(*) FROM item WHERE amount = 2"),
    (.init(table: table("customer"), keys: [.column("name")]), "SELECT * FROM customer WHERE name = 'Name 77'"),
    (.init(table: table("customer"), keys: [.column("address")]), "SELECT * FROM customer WHERE address = 'a@b'"),
    (
      .init(table: table("customer"), keys: [.column("since"), .column("country")]),
      "SELECT country FROM customer WHERE since = '2016-01-01'"
    ),
    (.init(table: table("event"), keys: [.column("id")]), "SELECT * FROM event WHERE id = 77"),
    (.init(table: table("per_customer"), keys: [.column("orders")]), "SELECT * FROM per_customer WHERE orders > 5000"),
  ]

  @Test func `a hypothetical index has the size and the plans of the one that is built`() async throws {
    try await Production.with(FidelityTests.schema, statisticsTarget: 2000) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let planner = TwinPlanner(twin)
      for (definition, query) in Self.indexes {
        let hypothetical = try await planner.add(definition)
        let before = try await planner.plan(.init(id: "q", sql: query, database: "shop"), with: [], without: [])
        let after = try await planner.plan(
          .init(id: "q", sql: query, database: "shop"), with: [hypothetical.name], without: [])

        let plain = try await Self.explain(production, query)
        #expect(before.totalCost == PlanText(plain).totalCost, "\(query)")
        try await production.execute(definition.createStatement(name: "really"))
        let size = try await production.query(
          "SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree('really') WHERE isleaf"
        ).only()[0].flatMap(Double.init)
        let bytes =
          try await production.query("SELECT pg_relation_size('really')").only()[0].flatMap(Double.init).flatMap {
            $0 > 0 ? $0 : nil
          } ?? size ?? 0
        let real = PlanText(try await Self.explain(production, query))
        let realCost = try #require(real.totalCost)
        let isUsed = real.indexNames.contains { $0.hasPrefix("really") || $0.hasSuffix("_id_idx") }
        if isUsed { #expect(!after.usedIndexes.isEmpty, "\(definition.summary)") }
        #expect(
          abs(after.totalCost - realCost) <= 0.02 * realCost,
          "\(definition.summary): \(after.totalCost) for \(realCost)")
        let error = (Double(hypothetical.sizeBytes) - bytes) / bytes
        #expect(
          abs(error) <= 0.06 || abs(Double(hypothetical.sizeBytes) - bytes) <= 16_384,
          "\(definition.summary): \(hypothetical.sizeBytes) for \(bytes), \(error)")
        try await production.execute("DROP INDEX really")
      }
      await twin.stop()
    }
  }

  /// The server keeps a prepared statement's generic plan and does not notice that an index is hidden or shown.
  @Test(
    .enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"), arguments: [15, 18])
  func `a generic plan follows the indexes that are on and off`(version: Int) async throws {
    let programs = version == 15 ? nil : TestServers.binaries(version)
    try await Production.with(FidelityTests.schema, version: version, binaryDirectory: programs) { _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(binaryDirectory: programs, version: version))
      let planner = TwinPlanner(twin)
      let statement = PlannableStatement(id: "q", sql: "SELECT * FROM item WHERE product = $1", database: "shop")
      let index = try await planner.add(.init(table: Self.table("item"), keys: [.column("product")]))
      for _ in 0..<2 {
        let without = try await planner.plan(statement, with: [], without: [])
        let with = try await planner.plan(statement, with: [index.name], without: [])
        #expect(without.parameters == .generic && with.parameters == .generic)
        #expect(!without.usedIndexes.contains(index.name))
        #expect(with.usedIndexes == [index.name])
        #expect(with.totalCost < without.totalCost / 10)
      }
      let byKey = PlannableStatement(id: "k", sql: "SELECT * FROM orders WHERE id = $1", database: "shop")
      let key = try await planner.plan(byKey, with: [], without: [])
      let noKey = try await planner.plan(byKey, with: [], without: ["orders_pkey"])
      #expect(key.usedIndexes == ["orders_pkey"] && noKey.usedIndexes == [])
      #expect(try await planner.plan(byKey, with: [], without: []).totalCost == key.totalCost)
      await twin.stop()
    }
  }

  @Test func `files of indexes are made for the tables that are asked about, and for all when others come`()
    async throws
  {
    try await Production.with(FidelityTests.schema) { _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(databases: 2))
      let planner = TwinPlanner(twin)
      // Each database has a directory of its own number.
      let directory = try await twin.databases[0].planning.query(
        "SELECT oid::text AS oid FROM pg_database WHERE datname = current_database()"
      ).only().string("oid")
      // File numbers above those that the server gives out are the twin's.
      func files() -> Int {
        (FileManager.default.subpaths(atPath: twin.server.dataDirectory + "/base/" + directory) ?? []).count {
          Int($0.prefix { $0.isNumber }).map { $0 > 3_000_000_000 } ?? false
        }
      }
      #expect(files() == 0)
      _ = try await twin.databases[0].explain("SELECT * FROM customer WHERE id = 1")
      let some = files()
      #expect(some >= 1)
      for sql in ["SELECT * FROM orders o JOIN item i ON i.order_id = o.id WHERE o.id = 5", "SELECT * FROM nowhere"] {
        let statement = PlannableStatement(id: "q", sql: sql, database: "shop")
        do {
          let plan = try await planner.plan(statement, with: [], without: [])
          #expect(plan.totalCost == PlanText(try await Self.explain(production, sql)).totalCost)
        } catch WhatIfError.statementRefused(_, let sqlState, _) {
          #expect(sqlState == "42P01" && sql.contains("nowhere"))
        }
      }
      _ = try await twin.connectionString()
      #expect(files() > some)
      await twin.stop()
    }
  }

  private static func explain(_ connection: PostgresConnection, _ sql: String) async throws -> String {
    try await connection.execute("SET jit = off")
    return try await connection.query("EXPLAIN (FORMAT JSON) " + sql).only()[0] ?? ""
  }
}

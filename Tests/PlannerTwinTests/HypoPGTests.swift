import Foundation
import Model
import PlannerTwin
import PostgresClient
import PrivateServer
import Testing
import WhatIf

/// HypoPG on a real server: what is asked of somebody's production.
@Suite struct HypoPGTests {
  private static let isInstalled = FileManager.default.fileExists(
    atPath: "/usr/share/postgresql/15/extension/hypopg.control")

  private static func statement(_ sql: String) -> PlannableStatement {
    PlannableStatement(id: sql, sql: sql, database: "shop")
  }

  private static func table(_ name: String) -> RelationName { RelationName(schema: "public", name: name) }

  @Test(.enabled(if: isInstalled, "Debian's postgresql-15-hypopg is missing"))
  func `sessions plan with sets of indexes that come and go, and leave nothing`() async throws {
    try await Production.with(FidelityTests.schema, version: 15) { server, production in
      let options = ConnectionOptions(connectionString: server.connectionString(database: "shop"))
      await #expect(throws: WhatIfError.self) { try await HypoPGPlanner.connect(options) }
      try await production.execute("CREATE EXTENSION hypopg")
      let before = try await Self.traces(production)

      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let sizes = TwinPlanner(twin)
      let planner = try await HypoPGPlanner.connect(options, sessions: 2, sizes: sizes)
      let definitions: [IndexDefinition] = [
        .init(table: Self.table("item"), keys: [.column("product")]),
        .init(table: Self.table("item"), keys: [.column("product"), .column("amount")]),
        .init(table: Self.table("orders"), keys: [.column("note")]),
        .init(table: Self.table("orders"), keys: [.column("state"), .column("at")], included: ["total"]),
        .init(table: Self.table("orders"), keys: [.column("at")], predicate: "state = 'closed'"),
        .init(table: Self.table("customer"), method: .hash, keys: [.column("name")]),
        .init(table: Self.table("customer"), keys: [.column("country", descending: true), .column("name")]),
      ]
      var indexes: [HypotheticalIndex] = []
      for definition in definitions { indexes.append(try await planner.add(definition)) }
      for (index, definition) in zip(indexes, definitions) {
        #expect(index.sizeBytes == (try await sizes.add(definition)).sizeBytes)
      }
      await #expect(throws: WhatIfError.self) {
        try await planner.add(.init(table: Self.table("customer"), method: .gin, keys: [.column("tags")]))
      }

      // Statements that the server prepares, whose generic plans must not outlive the indexes in them, and others; in two
      // sessions at once, under sets that change every time.
      let statements = [
        "SELECT * FROM item WHERE product = $1", "SELECT * FROM item WHERE product = 77 AND amount = 2",
        "SELECT * FROM orders WHERE note = $1", "SELECT total FROM orders WHERE state = $1 AND at > $2 LIMIT $3",
        "SELECT o.id FROM orders o JOIN item i ON i.order_id = o.id WHERE i.product = $1",
        "SELECT * FROM customer WHERE name = $1", "SELECT * FROM customer WHERE country = $1 AND name = $2",
      ].map(Self.statement)
      let names = indexes.map(\.name)
      let costs = try await withThrowingTaskGroup(of: (String, Set<String>, Double, [String]).self) { group in
        for round in 0..<60 {
          let statement = statements[round % statements.count]
          let set = Set(names.enumerated().filter { (round * 37 + 11) >> $0.offset & 1 == 1 }.map(\.element))
          group.addTask {
            let plan = try await planner.plan(statement, with: set, without: [])
            return (statement.sql, set, plan.totalCost, plan.usedIndexes)
          }
        }
        var all: [(String, Set<String>, Double, [String])] = []
        for try await found in group { all.append(found) }
        return all
      }
      #expect(costs.count == 60)
      var uses = 0
      for (sql, set, cost, used) in costs {
        let hypothetical = Set(used).intersection(names)
        #expect(hypothetical.isSubset(of: set), "\(sql)")
        uses += hypothetical.count
        // Alone in a session that never had another set, it costs the same.
        let fresh = try await HypoPGPlanner.connect(options)
        var own: Set<String> = []
        for (definition, name) in zip(definitions, names) where set.contains(name) {
          own.insert(try await fresh.add(definition).name)
        }
        #expect(try await fresh.plan(Self.statement(sql), with: own, without: []).totalCost == cost, "\(sql)")
        await fresh.close()
      }
      #expect(uses > 10)

      // Errors concern one question.
      await #expect(throws: WhatIfError.self) {
        try await planner.plan(Self.statement("SELECT nothing FROM item"), with: [names[0]], without: [])
      }
      await #expect(throws: WhatIfError.self) {
        try await planner.plan(Self.statement("SELECT 1; CREATE TABLE made ()"), with: [], without: [])
      }
      await #expect(throws: WhatIfError.self) {
        try await planner.plan(statements[0], with: ["no such index"], without: [])
      }
      if !planner.hidesExistingIndexes {
        await #expect(throws: WhatIfError.self) {
          try await planner.plan(statements[0], with: [], without: ["orders_pkey"])
        }
      }
      let after = try await planner.plan(statements[0], with: [names[0]], without: [])
      #expect(after.usedIndexes == [names[0]])
      await planner.close()
      await twin.stop()
      #expect(try await Self.traces(production) == before)
    }
  }

  /// HypoPG compares a predicate with a statement's conditions as it is written, the server as it simplifies both.
  @Test(.enabled(if: isInstalled, "Debian's postgresql-15-hypopg is missing"))
  func `predicates and expressions are told as the planner simplifies them`() async throws {
    let schema = """
      CREATE EXTENSION hypopg;
      CREATE TABLE invoice (id int PRIMARY KEY, tenant int NOT NULL, paid boolean NOT NULL, total numeric NOT NULL, mail text);
      INSERT INTO invoice SELECT i, i % 900, i % 50 > 0, i % 7000, 'User' || i FROM generate_series(1, 60000) i;
      """
    try await Production.with(schema, version: 15) { server, production in
      let planner = try await HypoPGPlanner.connect(
        ConnectionOptions(connectionString: server.connectionString(database: "shop")))
      let table = Self.table("invoice")
      for (definition, query) in [
        (
          IndexDefinition(table: table, keys: [.column("tenant")], predicate: "paid = false"),
          "SELECT * FROM invoice WHERE paid = false AND tenant = 50"
        ),
        (
          .init(table: table, keys: [.column("total")], predicate: "tenant = 1 + 1"),
          "SELECT * FROM invoice WHERE tenant = 2 AND total < 3000"
        ),
        (.init(table: table, keys: [.expression("total*2")]), "SELECT * FROM invoice WHERE total*2 = 4000"),
        (.init(table: table, keys: [.expression("lower(mail)")]), "SELECT * FROM invoice WHERE lower(mail) = 'user7'"),
        (
          .init(table: table, keys: [.column("id")], predicate: "mail LIKE 'User5%' AND NOT (paid = true)"),
          "SELECT * FROM invoice WHERE NOT paid AND mail LIKE 'User5%' AND id < 900"
        ),
      ] {
        let index = try await planner.add(definition)
        let plan = try await planner.plan(
          .init(id: "q", sql: query, database: "shop"), with: [index.name], without: [])
        #expect(plan.usedIndexes.contains(index.name), "\(definition.summary)")
      }
      // What the server refuses is refused as written.
      await #expect(throws: WhatIfError.self) {
        try await planner.add(.init(table: table, keys: [.column("id")], predicate: "nothing = 1"))
      }
      await planner.close()
    }
  }

  /// Everything that a session could leave behind.
  private static func traces(_ connection: PostgresConnection) async throws -> String {
    try await connection.query(
      """
      SELECT (SELECT count(*) FROM pg_class) || ' ' || (SELECT count(*) FROM pg_index WHERE indisvalid) || ' '
        || (SELECT sum(relpages) FROM pg_class WHERE relnamespace = 'public'::regnamespace) || ' '
        || (SELECT count(*) FROM hypopg_list_indexes) AS all
      """
    ).only().string("all")
  }
}

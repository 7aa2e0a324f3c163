import Foundation
import Model
import PlannerTwin
import PostgresClient
import TestSupport
import Testing
import WhatIf

/// Queries under sets of indexes that do not exist, and without some that do, against the same sets really built: a small
/// form of `Benchmarks/fidelity`.
@Suite struct HypotheticalFidelityTests {
  /// What a set adds and takes away, and a query that it matters to.
  struct Pair: Sendable {
    var added: [IndexDefinition] = []
    var dropped: Set<String> = []
    var query: String
  }

  private static func index(
    _ table: String, _ keys: [IndexDefinition.Key], _ method: IndexDefinition.Method = .btree, include: [String] = [],
    where predicate: String? = nil, unique: Bool = false, with parameters: [String: String] = [:]
  ) -> IndexDefinition {
    IndexDefinition(
      table: RelationName(schema: "public", name: table), method: method, keys: keys, included: include,
      predicate: predicate, isUnique: unique, parameters: parameters)
  }

  static let pairs: [Pair] = {
    let total = index("orders", [.column("total")])
    let covering = index("orders", [.column("customer_id"), .column("at")], include: ["total", "state"])
    let product = index("item", [.column("product")])
    let noted = index("orders", [.column("note")], where: "note IS NOT NULL")
    let named = index("customer", [.column("name")])
    let tags = index("customer", [.column("tags")], .gin)
    let range = index("orders", [.column("at")], .brin, with: ["pages_per_range": "16"])
    let hashed = index("orders", [.column("note")], .hash)
    let month = index("orders", [.expression("date_trunc('month', at AT TIME ZONE 'UTC')")])
    let body = index("event", [.expression("(body ->> 'n')"), .column("at")])
    let documents = index("event", [.column("body")], .gin)
    let product2 = index("item", [.column("product"), .column("order_id")])
    return [
      Pair(added: [total], query: "SELECT * FROM orders WHERE total BETWEEN 700 AND 702"),
      Pair(added: [total], query: "SELECT * FROM orders ORDER BY total LIMIT 20"),
      Pair(added: [total], query: "SELECT max(total) FROM orders"),
      Pair(
        added: [index("orders", [.column("state"), .column("at", descending: true)])],
        query: "SELECT * FROM orders WHERE state = 'sent' ORDER BY at DESC LIMIT 5"),
      Pair(added: [covering], query: "SELECT at, total FROM orders WHERE customer_id = 5 ORDER BY at"),
      Pair(
        added: [covering],
        query: "SELECT customer_id, sum(total) FROM orders WHERE customer_id < 300 GROUP BY customer_id"),
      Pair(
        added: [covering], dropped: ["orders_customer_id_idx"], query: "SELECT * FROM orders WHERE customer_id = 17"),
      Pair(dropped: ["orders_customer_id_idx"], query: "SELECT * FROM orders WHERE customer_id = 17"),
      Pair(dropped: ["orders_at_idx"], query: "SELECT * FROM orders WHERE at > '2025-02-20'"),
      Pair(
        dropped: ["orders_open"],
        query: "SELECT * FROM orders WHERE at > '2025-02-10' AND state = 'new' ORDER BY at LIMIT 5"),
      Pair(
        dropped: ["item_pkey"],
        query: "SELECT * FROM orders o JOIN item i ON i.order_id = o.id WHERE o.customer_id = 99"),
      Pair(
        dropped: ["customer_lower_idx"], query: "SELECT * FROM customer WHERE lower(address) = 'user77@example.org'"),
      Pair(added: [noted], query: "SELECT * FROM orders WHERE note = 'ab'"),
      Pair(added: [hashed], query: "SELECT * FROM orders WHERE note = 'ab'"),
      Pair(added: [noted, hashed], query: "SELECT * FROM orders WHERE note = 'ab' AND total < 100"),
      Pair(added: [range], dropped: ["orders_at_idx"], query: "SELECT count(*) FROM orders WHERE at < '2024-01-09'"),
      Pair(added: [product], query: "SELECT * FROM item WHERE product = 4999"),
      Pair(
        added: [product], query: "SELECT product, count(*) FROM item WHERE product BETWEEN 100 AND 130 GROUP BY product"
      ),
      Pair(added: [product2], query: "SELECT * FROM item WHERE product = 7 AND order_id < 500"),
      Pair(
        added: [product2], query: "SELECT o.at FROM item i JOIN orders o ON o.id = i.order_id WHERE i.product = 4321"),
      Pair(added: [index("item", [.column("amount")])], query: "SELECT count(*) FROM item WHERE amount = 2"),
      Pair(added: [named], query: "SELECT * FROM customer WHERE name = 'Name 77'"),
      Pair(
        added: [named, covering],
        query: "SELECT c.name, o.total FROM customer c JOIN orders o ON o.customer_id = c.id WHERE c.name = 'Name 77'"),
      Pair(
        added: [index("customer", [.column("since"), .column("country")])],
        query: "SELECT country FROM customer WHERE since = '2016-01-01'"),
      Pair(added: [tags], query: "SELECT * FROM customer WHERE tags @> ARRAY['t5', 'u7']"),
      Pair(
        added: [month], query: "SELECT * FROM orders WHERE date_trunc('month', at AT TIME ZONE 'UTC') = '2025-02-01'"),
      Pair(added: [body], query: "SELECT * FROM event WHERE body ->> 'n' = '7' AND at = '2024-01-20'"),
      Pair(added: [documents], query: "SELECT * FROM event WHERE body @> '{\"n\": 7}' AND at < '2024-01-20'"),
      Pair(added: [index("event", [.column("id")])], query: "SELECT * FROM event WHERE id = 77"),
      Pair(
        added: [index("per_customer", [.column("orders")])], query: "SELECT * FROM per_customer WHERE orders > 5000"),
      Pair(
        added: [index("orders", [.column("state")], where: "total > 850"), total],
        query: "SELECT * FROM orders WHERE state = 'closed' AND total > 890"),
      Pair(
        added: [index("customer", [.column("country"), .column("name")], unique: false)], dropped: ["customer_country"],
        query: "SELECT name FROM customer WHERE country = 'nl' AND name > 'Name 8'"),
    ]
  }()

  @Test(arguments: [15, 16, 18])
  func `the twin plans sets of indexes as if they were built`(version: Int) async throws {
    guard version == 15 || TestServers.has(version) else { try Test.cancel("PostgreSQL \(version) is missing") }
    let binaries = version == 15 ? nil : TestServers.binaries(version)
    // A sample of all rows: what a second sample would find otherwise is not what is compared.
    try await Production.with(
      FidelityTests.schema, version: version, binaryDirectory: binaries, settings: ["jit": "off"],
      statisticsTarget: 2_000
    ) { _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(binaryDirectory: binaries, version: version))
      let planner = TwinPlanner(twin)
      var errors: [Double] = []
      var same = 0
      for pair in Self.pairs {
        var names: [String: String] = [:]
        for (number, definition) in pair.added.enumerated() {
          names[try await planner.add(definition).name] = "built_\(number)"
        }
        let plan = try await planner.plan(
          .init(id: "q", sql: pair.query, database: "shop"), with: Set(names.keys), without: pair.dropped)
        let real = try await Self.really(pair, production)
        let realCost = try #require(PlanText(real).totalCost)
        let error = abs(plan.totalCost - realCost) / realCost
        errors.append(error)
        #expect(error <= 0.03, "\(pair.query): \(plan.totalCost) for \(realCost)")
        let (a, b) = (Self.shape(plan.document, names), Self.shape(real, [:]))
        if a == b { same += 1 }
        #expect(a == b, "\(pair.query)")
      }
      errors.sort()
      #expect(errors[errors.count / 2] <= 0.000_1, "median of the cost's errors")
      #expect(same == Self.pairs.count)
      await twin.stop()
    }
  }

  private static func really(_ pair: Pair, _ production: PostgresConnection) async throws -> String {
    try await production.execute("BEGIN")
    for (number, definition) in pair.added.enumerated() {
      try await production.execute(definition.createStatement(name: "built_\(number)"))
    }
    for table in Set(pair.added.filter { $0.keys.contains { $0.columnName == nil } }.map(\.table.sql)).sorted() {
      try await production.execute("SET LOCAL default_statistics_target = 2000")
      try await production.execute("ANALYZE \(table)")
    }
    for name in pair.dropped.sorted() {
      try await production.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = $1::text::regclass", [name])
    }
    let document = try await production.query("EXPLAIN (FORMAT JSON) " + pair.query).only()[0] ?? ""
    try await production.execute("ROLLBACK")
    return document
  }

  /// Nodes and indexes in order; an index on a partition has a name of the server's making.
  private static func shape(_ document: String, _ names: [String: String]) -> [String] {
    document.split(separator: "\n").compactMap { line in
      let text = line.trimmingCharacters(in: .whitespaces)
      guard let key = ["\"Node Type\"", "\"Index Name\"", "\"Join Type\"", "\"Alias\""].first(where: text.hasPrefix)
      else {
        return nil
      }
      let value = text.dropFirst(key.count).split(separator: "\"").dropFirst().first.map(String.init) ?? ""
      if key == "\"Index Name\"" { return names[value] ?? (value.hasPrefix("event_") ? "of a partition" : value) }
      return key + value
    }
  }
}

import Catalog
import Foundation
import Model
import PlannerTwin
import PostgresClient
import TestSupport
import Testing
import WhatIf

/// Values drawn from the statistics of a real, analyzed database.
@Suite struct ParameterDrawTests {
  private static func statement(_ sql: String, id: String = "q") -> PlannableStatement {
    PlannableStatement(id: id, sql: sql, database: "shop")
  }

  @Test func `values are drawn as often as they occur, and ranges between bounds of the histogram`() async throws {
    try await Production.with(FidelityTests.schema) { _, production in
      let draw = try ParameterDraw(try await Production.snapshot(production))

      // Frequencies of common values, against the server's own view of its statistics.
      let count = 4_000
      let states = draw.instances(of: Self.statement("SELECT * FROM orders WHERE state = $1"), count: count)
      #expect(abs(states.reduce(0) { $0 + $1.share } - 1) < 1e-9)
      let known = try await production.query(
        """
        SELECT v, f FROM pg_stats, unnest(most_common_vals::text::text[], most_common_freqs) AS m (v, f)
        WHERE tablename = 'orders' AND attname = 'state'
        """)
      #expect(known.count == 4)
      for row in known {
        let (value, share) = (try row.string("v"), try row.double("f"))
        let drawn = states.filter { $0.statement.drawn[1] == value }.reduce(0) { $0 + $1.share }
        // Four standard deviations of a share of so many draws.
        #expect(abs(drawn - share) <= 4 * (share * (1 - share) / Double(count)).squareRoot(), "\(value)")
      }

      // Bounds of the histogram, the lower one before the upper one, from narrow to the whole.
      let bounds = try await production.query(
        "SELECT unnest(histogram_bounds::text::text[]) AS b FROM pg_stats WHERE tablename = 'orders' AND attname = 'at'"
      ).map { try $0.string("b") }
      let places = Dictionary(uniqueKeysWithValues: bounds.enumerated().map { ($1, $0) })
      let ranges = draw.instances(
        of: Self.statement("SELECT * FROM orders WHERE at BETWEEN $1 AND $2 AND total > $3"), count: 50)
      var widths: Set<Int> = []
      for (range, _) in ranges {
        let low = try #require(range.drawn[1].flatMap { places[$0] })
        let high = try #require(range.drawn[2].flatMap { places[$0] })
        #expect(low < high)
        widths.insert(high - low)
        #expect(range.drawn[3].flatMap(Double.init) != nil)
      }
      #expect(widths.contains(1) && widths.contains { $0 > bounds.count / 2 })

      // Lists, arrays, and what no statistics tell.
      let list = draw.instances(of: Self.statement("SELECT * FROM orders WHERE customer_id IN ($1 /*, ... */)"))
      #expect(list.allSatisfy { $0.statement.drawn.count == ParameterDraw.listLength })
      #expect(list[0].statement.sql.contains("IN ($1, $2, $3, $4, $5)"))
      let array = draw.instances(of: Self.statement("SELECT * FROM customer WHERE country = ANY ($1)"))
      #expect(array.allSatisfy { $0.statement.drawn[1]?.hasPrefix("{\"") == true })
      let other = draw.instances(of: Self.statement("SELECT * FROM customer WHERE name LIKE $1 || '%'"))
      #expect(other.map(\.statement.drawn) == [[:]])

      // The same statement gets the same values in every run, another one others.
      let sql = "SELECT * FROM item WHERE product = $1"
      let again = draw.instances(of: Self.statement(sql)).map(\.statement)
      #expect(again == draw.instances(of: Self.statement(sql)).map(\.statement))
      #expect(again.map(\.drawn) != draw.instances(of: Self.statement(sql, id: "r")).map(\.statement.drawn))
    }
  }

  /// What each type's values look like as text must be what the server reads.
  @Test(
    .enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"), arguments: [15, 18])
  func `statements are planned with what was drawn, of every type`(version: Int) async throws {
    let directory = version == 15 ? nil : TestServers.binaries(version)
    try await Production.with(
      FidelityTests.schema + ";CREATE INDEX item_product ON item (product)", version: version,
      binaryDirectory: directory
    ) { _, production in
      let snapshot = try await Production.snapshot(production)
      let draw = try ParameterDraw(snapshot)
      let twin = try await PlannerTwin.start(
        from: snapshot, options: .init(binaryDirectory: directory, version: version))
      let planner = TwinPlanner(twin)
      try await production.execute("SET jit = off")
      for (sql, origin) in [
        ("SELECT * FROM orders WHERE state = $1 AND total < $2", ParameterOrigin.drawn),
        ("SELECT * FROM orders WHERE at >= $1 AND at < $2 ORDER BY at LIMIT $3 OFFSET $4", .drawn),
        ("SELECT * FROM customer WHERE since = $1 AND country IN ($2, $3)", .drawn),
        ("SELECT * FROM customer WHERE country = ANY ($1)", .drawn),
        ("SELECT * FROM item WHERE product IN ($1 /*, ... */) AND amount = $2", .drawn),
        ("SELECT * FROM customer WHERE country = $1 AND lower(address) = $2", .partlyDrawn),
        ("SELECT * FROM customer WHERE tags @> $1", .generic),
        ("SELECT * FROM orders ORDER BY at LIMIT $1", .assumedLimit),
        ("SELECT count(*) FROM orders", .none),
      ] {
        for instance in draw.instances(of: Self.statement(sql)) {
          let plan = try await planner.plan(instance.statement, with: [], without: [])
          #expect(plan.parameters == origin, "\(sql)")
          guard origin == .drawn else { continue }
          // Production plans the same text with these values as it does.
          let literal = Placeholders(instance.statement.sql).replacing { place in
            switch place.place {
            case .limit: .literal("50")
            case .offset: .literal("0")
            case .value: .literal("'" + (instance.statement.drawn[place.number] ?? "") + "'")
            }
          }
          let real = try await production.query("EXPLAIN (FORMAT JSON) " + literal).only()[0]
          #expect(real.flatMap { PlanText($0).totalCost } == plan.totalCost, "\(literal)")
        }
      }
      let recorded = PlannableStatement(
        id: "r", sql: "SELECT * FROM orders WHERE state = $1 AND total < $2 LIMIT $3",
        parameters: [.text("new"), .text("1.5"), .text("7")], database: "shop")
      let plan = try await planner.plan(recorded, with: [], without: [])
      #expect(plan.parameters == .recorded)
      let real = try await production.query(
        "EXPLAIN (FORMAT JSON) SELECT * FROM orders WHERE state = 'new' AND total < 1.5 LIMIT 7"
      ).only()[0]
      #expect(real.flatMap { PlanText($0).totalCost } == plan.totalCost)
      // A text that holds two statements is refused whole, with placeholders and without.
      for sql in ["SELECT $1::int; DROP TABLE item", "SELECT 1; DROP TABLE item"] {
        await #expect(throws: WhatIfError.self) {
          try await planner.plan(Self.statement(sql), with: [], without: [])
        }
      }
      let still = try await planner.plan(Self.statement("SELECT * FROM item"), with: [], without: [])
      #expect(still.totalCost > 0)
      await twin.stop()
    }
  }
}

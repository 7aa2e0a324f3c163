import Findings
import Foundation
import Testing

@testable import Plans

/// Every rule on plans of real servers: what is wrong is found, what is right is left alone.
@Suite struct PlanRuleTests {
  /// For each recorded plan the rules that must find something, ranked as they come; nothing else may.
  static let expected: [String: [String]] = [
    "misestimate-correlated": ["row-misestimate"],
    "misestimate-stale": ["row-misestimate"],
    "misestimate-nested-loop": ["nested-loop-blow-up", "row-misestimate"],
    "estimate-right": [],
    "estimate-limit": [],
    "filter-discards": ["filter-discards", "row-misestimate"],
    "filter-keeps": ["result-volume"],
    "index-filter-discards": ["index-filter-discards"],
    "index-fits": [],
    "function-on-column": ["function-on-column"],
    "cast-on-column": ["cast-on-column", "row-misestimate"],
    "cast-relabel": ["filter-discards"],
    "leading-wildcard": ["leading-wildcard", "row-misestimate"],
    "trailing-wildcard": ["filter-discards"],
    "row-security": [],
    "row-security-scan": ["row-security-filter"],
    "heap-fetches": ["heap-fetches"],
    "heap-visible": [],
    "lossy-bitmap": ["lossy-bitmap"],
    "exact-bitmap": [],
    "imprecise-brin": ["imprecise-brin"],
    "index-recheck": [],
    "index-recheck-trigram": ["index-recheck"],
    "join-filter-discards": ["join-filter-discards", "filter-discards", "filter-discards", "row-misestimate"],
    "join-without-index": ["join-without-index"],
    "join-whole": ["hash-batches"],
    "nested-loop-seqscan": ["nested-loop-blow-up", "filter-discards", "row-misestimate"],
    "nested-loop-fine": [],
    "hash-batches": ["hash-batches"],
    "hash-one-batch": [],
    "memoize-thrashing": ["memoize-thrashing", "filter-discards"],
    "memoize-fine": ["filter-discards"],
    "or-across-tables": ["or-across-tables"],
    "or-one-table": [],
    "sort-on-disk": ["sort-on-disk", "result-volume"],
    "sort-in-memory": ["result-volume"],
    "incremental-sort-on-disk": ["sort-on-disk"],
    "hash-aggregate-spill": ["hash-aggregate-spill"],
    "hash-aggregate-fits": [],
    "avoidable-sort": ["avoidable-sort", "filter-discards"],
    "avoidable-sort-expression": [],
    "limit-scan-gamble": ["limit-scan-gamble"],
    "limit-scan-lucky": [],
    "large-offset": ["large-offset"],
    "small-offset": [],
    "vector-sort": ["vector-sort"],
    "subplan-per-row": ["subplan-per-row"],
    "subplan-scan": ["filter-discards", "subplan-per-row"],
    "subplan-once": [],
    "not-in-repeated": ["not-in-subquery"],
    "not-in-hashed": ["not-in-subquery"],
    "not-exists": [],
    "cte-materialized-once": ["cte-materialized-once", "hash-aggregate-spill"],
    "cte-inlined": [],
    "repeated-scan": ["repeated-scan", "filter-discards", "filter-discards", "filter-discards"],
    "partitions-not-pruned": ["filter-discards", "partitions-not-pruned"],
    "partitions-pruned": ["filter-discards"],
    "temporary-files": ["temporary-files"],
    "result-volume": ["result-volume"],
    "never-executed": ["filter-discards", "never-executed"],
    "trigger-foreign-key": ["trigger-time"],
    "trigger-indexed": [],
    "jit-overhead": ["jit-overhead"],
    "disabled-15": ["disabled-node"],
    "planning-time": ["planning-time"],
    "dirtied-by-select": ["dirtied-by-select"],
    "workers-launched": [],
    "workers-not-launched": ["workers-not-launched"],
    "estimates-only": [],
    "untimed": ["filter-discards"],
    "generic-plan": ["filter-discards", "generic-plan-misestimate", "row-misestimate"],
    "disabled-18": ["disabled-node"],
    "index-searches-18": ["index-searches", "row-misestimate"],
    "serialization-18": ["serialization"],
    "fractional-rows-18": ["filter-discards"],
    "storage-18": ["hash-batches", "temporary-files", "temporary-files"],
  ]

  @Test(arguments: RecordedPlans.all.map(\.name))
  func aPlanGivesItsFindings(name: String) throws {
    let findings = PlanRules.findings(in: try RecordedPlans.plan(name))
    let expected = try #require(Self.expected[name], "no expectation for \(name)")
    #expect(findings.map { $0.rule.name }.sorted() == expected.map { "plan." + $0 }.sorted(), "\(name)")
  }

  @Test func everyExpectationHasItsPlan() {
    #expect(Set(Self.expected.keys) == Set(RecordedPlans.all.map(\.name)))
  }

  /// Rules that no plan of a plain server can set off; each has a test of its own below.
  static let withoutPlan: Set<String> = [
    "plan.parallel-skew", "plan.cold-reads", "plan.wal-volume", "plan.vector-filter", "plan.foreign-scan-filter",
  ]

  @Test func everyRuleIsSetOffByAPlan() throws {
    var found: Set<String> = []
    for (_, document) in RecordedPlans.all {
      for plan in try PlanReader.plans(in: document) { found.formUnion(PlanRules.findings(in: plan).map(\.rule.name)) }
    }
    let all = Set(PlanRules.descriptions.map(\.id.name))
    #expect(all.subtracting(found) == Self.withoutPlan)
    #expect(all.count == PlanRules.all.count)
  }

  @Test(arguments: RecordedPlans.all.map(\.name))
  func findingsShowNoValuesUnlessMarked(name: String) throws {
    // Literals of the recorded statements.
    let secrets = [
      "pending", "user77", "user9@", "2024-04-01", "2024-02-10", "abcd", "nobody'", "77.0", "@example.com",
    ]
    for finding in PlanRules.findings(in: try RecordedPlans.plan(name)) {
      let shown = String(decoding: try JSONEncoder().encode(finding.withoutValues()), as: UTF8.self)
      for secret in secrets where shown.contains(secret) { Issue.record("\(finding.rule) shows \(secret): \(shown)") }
    }
    let tree = PlanTree(AnalysedPlan(try RecordedPlans.plan(name))).text()
    for secret in secrets where tree.contains(secret) { Issue.record("the tree of \(name) shows \(secret)") }
  }

  @Test(arguments: RecordedPlans.all.map(\.name))
  func findingsAreWorthNoMoreThanThePlanTook(name: String) throws {
    let plan = try RecordedPlans.plan(name)
    let whole = (plan.executionMilliseconds ?? 0) + (plan.planningTime ?? 0)
    for finding in PlanRules.findings(in: plan) {
      guard let time = finding.recoverable else { continue }
      #expect(time.low <= time.estimate && time.estimate <= time.high)
      #expect(time.estimate <= whole * 1.001 + 0.01, "\(finding.rule) of \(name)")
    }
  }

  @Test func aSortOnDiskSaysHowMuchAndWhatToDo() throws {
    let finding = try #require(
      PlanRules.findings(in: try RecordedPlans.plan("sort-on-disk")).first { $0.rule == "plan.sort-on-disk" })
    #expect(finding.title.hasPrefix("Sort of 200,000 rows spills "))
    #expect(finding.remedy.sql.count == 1 && finding.remedy.sql[0].hasPrefix("SET LOCAL work_mem = '"))
    #expect(finding.evidence.contains { $0.key == "disk_space" })
  }

  @Test func anIndexIsSpelledOut() throws {
    func sql(_ name: String, _ rule: RuleID) throws -> [String] {
      PlanRules.findings(in: try RecordedPlans.plan(name)).first { $0.rule == rule }?.remedy.sql ?? []
    }
    #expect(
      try sql("filter-discards", "plan.filter-discards")
        == ["CREATE INDEX CONCURRENTLY orders_status_total_idx ON orders (status, total);"])
    #expect(
      try sql("join-without-index", "plan.join-without-index")
        == ["CREATE INDEX CONCURRENTLY items_order_id_idx ON items (order_id);"])
    #expect(
      try sql("function-on-column", "plan.function-on-column")
        == ["CREATE INDEX CONCURRENTLY customers_lower_email_idx ON customers (lower(email));"])
    #expect(
      try sql("avoidable-sort", "plan.avoidable-sort")
        == ["CREATE INDEX CONCURRENTLY orders_status_total_desc_idx ON orders (status, total DESC);"])
    #expect(
      try sql("index-filter-discards", "plan.index-filter-discards")
        == ["CREATE INDEX CONCURRENTLY orders_status_created_idx ON orders (status, created);"])
    #expect(
      try sql("trailing-wildcard", "plan.filter-discards")
        == [
          "CREATE INDEX CONCURRENTLY customers_email_text_pattern_ops_idx ON customers (email text_pattern_ops);"
        ])
    #expect(
      try sql("misestimate-correlated", "plan.row-misestimate")
        == ["CREATE STATISTICS places_city_postcode_stats ON city, postcode FROM places;", "ANALYZE places;"])
  }

  // MARK: Rules whose plans need more than one server, an extension, or luck

  private func findings(_ json: String) throws -> [Finding] { PlanRules.findings(in: try PlanReader.plan(in: json)) }

  @Test func skewedWorkersAreTold() throws {
    func plan(_ a: Int, _ b: Int) -> String {
      """
      [{"Plan": {"Node Type": "Gather", "Actual Total Time": 100, "Actual Rows": 40000, "Actual Loops": 1,
      "Workers Planned": 1, "Workers Launched": 2, "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "Outer",
      "Relation Name": "t", "Alias": "t", "Actual Total Time": 90, "Actual Rows": 20000, "Actual Loops": 3, "Workers": [
      {"Worker Number": 0, "Actual Total Time": 90, "Actual Rows": \(a), "Actual Loops": 1},
      {"Worker Number": 1, "Actual Total Time": 90, "Actual Rows": \(b), "Actual Loops": 1},
      {"Worker Number": 2, "Actual Total Time": 90, "Actual Rows": \(b), "Actual Loops": 1}]}]},
      "Execution Time": 101}]
      """
    }
    #expect(try findings(plan(38_000, 1_000)).contains { $0.rule == "plan.parallel-skew" })
    #expect(try !findings(plan(20_000, 19_000)).contains { $0.rule == "plan.parallel-skew" })
  }

  @Test func coldReadsAreTold() throws {
    func plan(read: Int, time: Double) -> String {
      """
      [{"Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Alias": "t", "Actual Total Time": 100,
      "Actual Rows": 5, "Actual Loops": 1, "Shared Hit Blocks": 100, "Shared Read Blocks": \(read),
      "I/O Read Time": \(time)}, "Execution Time": 100}]
      """
    }
    #expect(try findings(plan(read: 5000, time: 80)).map(\.rule) == ["plan.cold-reads"])
    #expect(try findings(plan(read: 5000, time: 8)).isEmpty)
    #expect(try findings(plan(read: 50, time: 80)).isEmpty)
  }

  @Test func pageImagesAreTold() throws {
    func plan(images: Int) -> String {
      """
      [{"Plan": {"Node Type": "ModifyTable", "Operation": "Update", "Relation Name": "t", "Alias": "t",
      "Actual Total Time": 100, "Actual Rows": 0, "Actual Loops": 1, "WAL Records": 9000, "WAL FPI": \(images),
      "WAL Bytes": 30000000}, "Execution Time": 100}]
      """
    }
    #expect(try findings(plan(images: 3_000)).map(\.rule) == ["plan.wal-volume"])
    #expect(try findings(plan(images: 30)).isEmpty)
  }

  @Test func aFilteredNeighbourSearchIsTold() throws {
    func plan(rows: Int) -> String {
      """
      [{"Plan": {"Node Type": "Limit", "Plan Rows": 10, "Actual Total Time": 5, "Actual Rows": \(rows),
      "Actual Loops": 1, "Plans": [{"Node Type": "Index Scan", "Parent Relationship": "Outer", "Relation Name": "docs",
      "Alias": "docs", "Index Name": "docs_hnsw", "Plan Rows": 500, "Actual Total Time": 5, "Actual Rows": \(rows),
      "Actual Loops": 1, "Order By": "(embedding <=> '[1,2,3]'::vector)", "Filter": "(tenant = 5)",
      "Rows Removed by Filter": 36}]}, "Execution Time": 6}]
      """
    }
    #expect(try findings(plan(rows: 4)).map(\.rule) == ["plan.vector-filter"])
    #expect(try findings(plan(rows: 10)).isEmpty)
  }

  @Test func aForeignFilterIsTold() throws {
    func plan(removed: Int) -> String {
      """
      [{"Plan": {"Node Type": "Foreign Scan", "Operation": "Select", "Relation Name": "far", "Alias": "far",
      "Actual Total Time": 50, "Actual Rows": 10, "Actual Loops": 1, "Filter": "(f(x) = 1)",
      "Rows Removed by Filter": \(removed)}, "Execution Time": 51}]
      """
    }
    #expect(try findings(plan(removed: 5_000)).map(\.rule) == ["plan.foreign-scan-filter"])
    #expect(try findings(plan(removed: 5)).isEmpty)
  }
}

import Findings
import Foundation
import History
import IndexAdvisor
import Model
import Sketch
import Testing

@testable import Review

/// Two weeks of a made-up workload, read back from a real history, with one thing of each kind wrong in it.
@Suite struct ReviewTests {
  static let monday: Int64 = 20_521  // 2026-03-09, in days since 1970
  static let secret = "alice@example.test"
  static let week = TimeWindow(
    from: Timestamp(seconds: monday * 86_400), to: Timestamp(seconds: (monday + 7) * 86_400))

  private struct Random {
    var state: UInt64
    /// SplitMix64, 0..<1.
    mutating func next() -> Double {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
    }
  }

  /// Thirty statements, four stretches a day. From the second week on number 3 takes 2.5 times as long; on some days
  /// everything is slower by a third. Number 20 has a fifth of its executions above 150 ms.
  static func batch(changed: Bool = true, seed: UInt64 = 42) -> LogBatch {
    var random = Random(state: seed)
    var batch = LogBatch()
    for number in 0..<30 {
      batch.statements.append(
        StatementText(
          fingerprint: Fingerprint(UInt64(number + 1)), normalized: "SELECT * FROM t\(number) WHERE id = $1",
          kind: number == 8 ? .insert : .select, relations: [RelationName(schema: "", name: "t\(number)")],
          grammar: .parsed))
      for day in -7..<7 as Range<Int64> {
        for hour in [2, 9, 13, 19] as [Int64] {
          var sketch = LatencySketch()
          var (total, longest): (Int64, Int64) = (0, 0)
          let count = 5 + number * 3
          // The machine's own mood, the same for all statements of a stretch.
          let mood = (day + hour) % 3 == 0 ? 1.3 : 1.0
          for _ in 0..<count {
            var ms = Double(number + 1) * (0.5 + random.next()) * mood
            if changed, number == 3, day >= 0 { ms *= 2.5 }
            if number == 20, random.next() < 0.2 { ms += 150 }
            let us = Int64(ms * 1_000)
            sketch.record(Microseconds(us))
            total += us
            longest = max(longest, us)
          }
          batch.cells.append(
            MinuteCell(
              fingerprint: Fingerprint(UInt64(number + 1)),
              dimensions: WorkloadDimensions(database: "shop", user: "app", application: "web"),
              minute: (monday + day) * 1_440 + hour * 60, calls: Int64(count), errors: 0, untimed: 0,
              total: Microseconds(total), longest: Microseconds(longest), parse: .zero, bind: .zero,
              sketch: sketch.encoded))
        }
      }
    }
    batch.progress = [
      SourceProgress(
        identity: "a", path: "week.log", format: "stderr", consumed: 1, state: [], entries: 1, skipped: [:],
        first: Timestamp(seconds: (monday - 7) * 86_400), last: Timestamp(seconds: (monday + 7) * 86_400))
    ]
    return batch
  }

  static func plan(
    _ fingerprint: UInt64, day: Int64, minute: Int64, ms: Double, node: String, shape: UInt64
  ) -> PlanSample {
    PlanSample(
      fingerprint: Fingerprint(fingerprint), dimensions: WorkloadDimensions(database: "shop"),
      at: Timestamp(seconds: (monday + day) * 86_400 + minute * 60), duration: Microseconds(Int64(ms * 1_000)),
      format: .json, document: "{\"Query Text\": \"SELECT '\(secret)'\", \"Plan\": \(node)}", isNested: false,
      shape: shape)
  }

  static func review(
    _ batch: LogBatch, window: TimeWindow = week, database: DatabaseFacts? = nil
  ) throws -> [Finding] {
    let directory = NSTemporaryDirectory() + "pgassay-review-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let history = try HistoryStore(path: directory + "/h.sqlite", mode: .write)
    try history.apply(batch)
    let input = try ReviewInput(history, window: window, database: database, databaseName: "shop")
    return ReviewRules.findings(in: input)
  }

  private func only(_ findings: [Finding], _ rule: RuleID) -> [Finding] { findings.filter { $0.rule == rule } }

  @Test func oneRegressionIsFoundAndNothingElse() throws {
    let found = only(try Self.review(Self.batch()), "query.regression")
    #expect(found.map(\.subject) == [.query(Fingerprint(4), database: "shop")])
    #expect(found.first?.recoverable?.basis == .day)
    let ratio = found.first?.evidence.first { $0.key == "ratio" }
    guard case .quantity(let value, .ratio)? = ratio?.value else {
      Issue.record("no ratio")
      return
    }
    #expect((2.2...2.8).contains(value))
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func anUnchangedWorkloadHasNoRegression(seed: UInt64) throws {
    #expect(only(try Self.review(Self.batch(changed: false, seed: seed)), "query.regression").isEmpty)
  }

  @Test func withoutAWindowBeforeNothingIsCompared() throws {
    let window = TimeWindow(from: Timestamp(seconds: (Self.monday - 7) * 86_400), to: Self.week.to)
    #expect(only(try Self.review(Self.batch(), window: window), "query.regression").isEmpty)
  }

  @Test func theTargetIsMissedByWhatMissesIt() throws {
    let found = only(try Self.review(Self.batch()), "query.latency-target")
    #expect(found.map(\.subject) == [.query(Fingerprint(21), database: "shop")])
  }

  @Test func repetitionsAreToldWithTheirRoute() throws {
    var batch = Self.batch()
    let web = WorkloadDimensions(database: "shop", application: "web", tags: "controller='orders',route='%2Forders'")
    batch.repetitions = [
      RepetitionCell(
        fingerprint: Fingerprint(9), dimensions: web, minute: Self.monday * 1_440 + 5, transactions: 3, executions: 90,
        most: 40, total: Microseconds(900_000)),
      RepetitionCell(
        fingerprint: Fingerprint(10), dimensions: web, minute: Self.monday * 1_440 + 5, transactions: 20,
        executions: 40, most: 2, total: Microseconds(900_000)),
      RepetitionCell(
        fingerprint: Fingerprint(11), dimensions: web, minute: Self.monday * 1_440 + 5, transactions: 10,
        executions: 100, most: 12, total: Microseconds(900_000)),
    ]
    let found = only(try Self.review(batch), "query.n-plus-one")
    #expect(
      Set(found.map(\.subject)) == [
        .query(Fingerprint(9), database: "shop"), .query(Fingerprint(11), database: "shop"),
      ])
    #expect(found.allSatisfy { $0.title.contains("route /orders") })
    // Number 8 (fingerprint 9) writes.
    #expect(
      found.first { $0.subject == .query(Fingerprint(9), database: "shop") }?.remedy.sentence.contains("COPY") == true)
  }

  @Test func plansThatTakeTurnsAreAFlipAndPlansThatFollowEachOtherAreNot() throws {
    let seq = #"{"Node Type": "Seq Scan", "Relation Name": "t", "Alias": "t"}"#
    let index = #"{"Node Type": "Index Scan", "Relation Name": "t", "Alias": "t", "Index Name": "i"}"#
    var batch = Self.batch()
    for minute in 0..<6 as Range<Int64> {
      let slow = minute % 2 == 0
      batch.plans.append(
        Self.plan(5, day: 1, minute: minute, ms: slow ? 100 : 1, node: slow ? seq : index, shape: slow ? 7 : 8))
      // First always one, then always the other: a change, not a flip.
      batch.plans.append(
        Self.plan(
          6, day: 1, minute: minute, ms: minute < 3 ? 100 : 1, node: minute < 3 ? seq : index, shape: minute < 3 ? 7 : 8
        ))
      // As fast as each other.
      batch.plans.append(Self.plan(7, day: 1, minute: minute, ms: 10, node: slow ? seq : index, shape: slow ? 7 : 8))
    }
    let found = only(try Self.review(batch), "query.plan-flip")
    #expect(found.map(\.subject) == [.query(Fingerprint(5), database: "shop")])
    #expect(found.first?.showsValues == true)
    let shown = String(decoding: try JSONEncoder().encode(found.map { $0.withoutValues() }), as: UTF8.self)
    #expect(!shown.contains(Self.secret))
  }

  @Test func wrongStatisticsAreToldByTable() throws {
    func scan(_ estimate: Int, _ actual: Int) -> String {
      """
      {"Node Type": "Nested Loop", "Join Type": "Inner", "Plan Rows": 1, "Startup Cost": 0, "Total Cost": 9,
      "Plan Width": 4, "Actual Startup Time": 0, "Actual Total Time": 200, "Actual Rows": 9, "Actual Loops": 1,
      "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "import_rows", "Alias": "r",
      "Startup Cost": 0, "Total Cost": 5, "Plan Rows": \(estimate), "Plan Width": 4, "Actual Startup Time": 0,
      "Actual Total Time": 5, "Actual Rows": \(actual), "Actual Loops": 1, "Filter": "(batch = 21)"},
      {"Node Type": "Seq Scan", "Parent Relationship": "Inner", "Relation Name": "p", "Alias": "p", "Startup Cost": 0,
      "Total Cost": 5, "Plan Rows": 100, "Plan Width": 4, "Actual Startup Time": 0, "Actual Total Time": 0.12,
      "Actual Rows": 100, "Actual Loops": 1500}]}
      """
    }
    var batch = Self.batch()
    batch.plans = [Self.plan(12, day: 1, minute: 1, ms: 200, node: scan(1, 1_500), shape: 3)]
    let found = only(try Self.review(batch), "table.wrong-statistics")
    #expect(found.map(\.subject) == [.table(RelationName(schema: "", name: "import_rows"), database: "shop")])
    #expect(found.first?.recoverable.map { $0.estimate > 0 } == true)
    batch.plans = [Self.plan(12, day: 1, minute: 1, ms: 200, node: scan(1_400, 1_500), shape: 3)]
    #expect(only(try Self.review(batch), "table.wrong-statistics").isEmpty)
  }

  @Test func eventsBecomeFindingsOfTheirKind() throws {
    func event(_ category: EventCell.Category, _ state: String, count: Int64, amount: Double = 0) -> EventCell {
      EventCell(
        category: category, minute: Self.monday * 1_440 + 60, sqlState: state, shape: "\(category) happened",
        database: "shop", user: "app", application: "web", fingerprint: Fingerprint(4), count: count, amount: amount,
        sample: "it was \(Self.secret)")
    }
    var batch = Self.batch()
    batch.events = [
      event(.deadlock, "40P01", count: 1), event(.lockWait, "", count: 9, amount: 12_000),
      event(.temporaryFile, "", count: 4, amount: 50_000_000), event(.timeout, "57014", count: 3),
      event(.error, "23505", count: 50), event(.error, "22P02", count: 2), event(.crash, "", count: 1),
      event(.connection, "", count: 1_000),
    ]
    let found = try Self.review(batch)
    for rule in [
      "server.deadlocks", "query.lock-waits", "query.temporary-files", "query.cancelled", "query.errors",
      "server.trouble",
    ] as [RuleID] {
      #expect(only(found, rule).count == 1, "\(rule)")
    }
    #expect(found.first?.rule == "server.trouble")
    let shown = String(decoding: try JSONEncoder().encode(found.map { $0.withoutValues() }), as: UTF8.self)
    #expect(!shown.contains(Self.secret))
  }

  // MARK: Indexes

  static let orders = RelationName(schema: "public", name: "orders")

  static func index(
    _ name: String, _ columns: [String], unique: Bool = false, constraint: Bool = false, primary: Bool = false,
    valid: Bool = true, scans: Int64? = 1_000, predicate: String? = nil, included: [String] = [],
    method: IndexDefinition.Method = .btree
  ) -> IndexFacts {
    IndexFacts(
      name: name,
      definition: IndexDefinition(
        table: orders, method: method, keys: columns.map { .column($0) }, included: included, predicate: predicate,
        isUnique: unique), sizeBytes: 10_000_000, isPrimary: primary, isConstraint: constraint, isValid: valid,
      scans: scans)
  }

  static func indexFindings(_ indexes: [IndexFacts], keys: [[String]] = [], writes: WriteCounters? = nil) throws
    -> [String]
  {
    let table = TableFacts(
      name: orders, rows: 100_000, heapBytes: 80_000_000, columns: [], indexes: indexes, foreignKeys: keys,
      writes: writes)
    let facts = DatabaseFacts(version: ServerVersion(number: 150_000), tables: [table], statisticsAgeDays: 30)
    var batch = LogBatch()
    batch.progress = Self.batch().progress
    return try review(batch, database: facts).filter { $0.rule.house == "index" || $0.rule.house == "table" }
      .map { "\($0.rule) \($0.title.split(separator: " ")[0])" }.sorted()
  }

  @Test func duplicatesAreFoundAndConstraintsKept() throws {
    #expect(
      try Self.indexFindings([
        Self.index("orders_pkey", ["id"], unique: true, constraint: true, primary: true),
        Self.index("ix_id", ["id"], unique: true), Self.index("a", ["x"], scans: 5), Self.index("b", ["x"], scans: 500),
        Self.index("c", ["x"], predicate: "x > 0"), Self.index("d", ["x"], method: .hash),
      ]) == ["index.duplicate a", "index.duplicate ix_id"])
  }

  @Test func prefixesAreRedundantOnlyWhereTheyServeTheSame() throws {
    #expect(
      try Self.indexFindings([
        Self.index("narrow", ["a"]), Self.index("wide", ["a", "b"]), Self.index("other", ["b"]),
        Self.index("unique", ["a"], unique: true), Self.index("partial", ["a"], predicate: "b IS NULL"),
        Self.index("covering", ["a"], included: ["c"]),
      ]) == ["index.redundant narrow"])
    // With its own included column in the wider one, the covering index goes too.
    #expect(
      try Self.indexFindings([
        Self.index("wide", ["a", "b"], included: ["c"]), Self.index("covering", ["a"], included: ["c"]),
      ]) == ["index.redundant covering"])
  }

  @Test func unusedIndexesAreFoundWhereNothingForbidsIt() throws {
    #expect(
      try Self.indexFindings([
        Self.index("idle", ["a"], scans: 0), Self.index("busy", ["b"], scans: 5),
        Self.index("unique", ["c"], unique: true, scans: 0), Self.index("unknown", ["d"], scans: nil),
        Self.index("constraint", ["e"], constraint: true, scans: 0),
      ]) == ["index.unused idle"])
  }

  @Test func costlyInvalidAndMissingIndexesAreFound() throws {
    let writes = WriteCounters(inserts: 1_000, updates: 50_000, hotUpdates: 100, deletes: 0, seconds: 86_400)
    #expect(
      try Self.indexFindings(
        [Self.index("rare", ["a"], scans: 14), Self.index("busy", ["b"], scans: 9_000)], writes: writes)
        == ["index.costly rare"])
    let hot = WriteCounters(inserts: 100, updates: 50_000, hotUpdates: 50_000, deletes: 0, seconds: 86_400)
    #expect(try Self.indexFindings([Self.index("rare", ["a"], scans: 14)], writes: hot).isEmpty)
    #expect(try Self.indexFindings([Self.index("broken", ["a"], valid: false)]) == ["index.invalid broken"])
    #expect(
      try Self.indexFindings(
        [Self.index("both", ["b", "a"]), Self.index("half", ["c"], predicate: "c > 0")],
        keys: [["a", "b"], ["c"], ["d"]])
        == ["table.foreign-key-without-index The", "table.foreign-key-without-index The"])
  }

  @Test func droppingCanBeUndone() throws {
    let table = TableFacts(
      name: Self.orders, rows: 1, heapBytes: 1, columns: [],
      indexes: [Self.index("narrow", ["a"]), Self.index("wide", ["a", "b"])])
    let input = ReviewInput(
      window: .everything, days: 7, target: Microseconds(100_000),
      workload: try Self.emptyWorkload(),
      database: DatabaseFacts(version: ServerVersion(number: 150_000), tables: [table]))
    let finding = try #require(RedundantIndex.findings(in: input).first)
    #expect(finding.remedy.sql == ["DROP INDEX CONCURRENTLY public.narrow;"])
    #expect(finding.remedy.rollback == ["CREATE INDEX CONCURRENTLY narrow ON public.orders USING btree (a);"])
  }

  static func emptyWorkload() throws -> WorkloadSummary {
    let directory = NSTemporaryDirectory() + "pgassay-review-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try HistoryStore(path: directory + "/h.sqlite", mode: .write).workload()
  }

  @Test func everyRuleHasItsOwnName() {
    let names = ReviewRules.descriptions.map(\.id)
    #expect(Set(names).count == names.count)
  }
}

import Findings
import Foundation
import History
import Model
import Sketch
import Testing

@testable import Digest
@testable import Report

@Suite struct DigestTests {
  private static let secret = "alice@example.test"
  private static let monday: Int64 = 20_521  // 2026-03-09, in days since 1970

  /// Two weeks of forty statements, four hours a day: number 3 becomes 2.5 times slower in the second week, number
  /// 14 half as slow, 38 ran only in the first and 39 only in the second.
  private static func history(_ path: String) throws -> HistoryStore {
    var state: UInt64 = 42
    func random() -> Double {
      // SplitMix64.
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
    }
    var batch = LogBatch()
    for number in 0..<40 {
      batch.statements.append(
        StatementText(
          fingerprint: Fingerprint(UInt64(number + 1)), normalized: "SELECT * FROM t\(number) WHERE id = $1",
          kind: .select, relations: [RelationName(schema: "", name: "t\(number)")], grammar: .parsed))
      for day in -7..<7 as Range<Int64> {
        if number == 38, day >= 0 { continue }
        if number == 39, day < 0 { continue }
        for hour in [2, 9, 13, 19] as [Int64] {
          var sketch = LatencySketch()
          var total: Int64 = 0
          var longest: Int64 = 0
          let count = 5 + number * 3
          for _ in 0..<count {
            var ms = Double(number + 1) * (0.5 + random())
            if number == 3, day >= 0 { ms *= 2.5 }
            if number == 14, day >= 0 { ms *= 0.5 }
            if number == 30, random() < 0.2 { ms += 150 }
            let us = Int64(ms * 1_000)
            sketch.record(Microseconds(us))
            total += us
            longest = max(longest, us)
          }
          batch.cells.append(
            MinuteCell(
              fingerprint: Fingerprint(UInt64(number + 1)),
              dimensions: WorkloadDimensions(
                database: "shop", user: "app", application: "web",
                tags: "route='%2Fitems%2F%3Cid%3E',traceparent='00-\(day)-\(hour)'"),
              minute: (monday + day) * 1_440 + hour * 60 + 17, calls: Int64(count), errors: number == 7 ? 1 : 0,
              untimed: 0, total: Microseconds(total), longest: Microseconds(longest), parse: .zero, bind: .zero,
              sketch: sketch.encoded))
        }
      }
    }
    batch.events = [
      EventCell(
        category: .deadlock, minute: monday * 1_440 + 60, sqlState: "40P01", shape: "deadlock detected",
        database: "shop", user: "app", application: "web", fingerprint: Fingerprint(4), count: 2, amount: 0,
        sample: "Process 1 waits for \(secret)")
    ]
    batch.repetitions = [
      RepetitionCell(
        fingerprint: Fingerprint(9), dimensions: WorkloadDimensions(application: "web", tags: "route='%2Forders'"),
        minute: monday * 1_440 + 70, transactions: 3, executions: 90, most: 40, total: Microseconds(90_000))
    ]
    batch.plans = [-3, 3].map { day in
      PlanSample(
        fingerprint: Fingerprint(4), dimensions: WorkloadDimensions(database: "shop"),
        at: Timestamp(seconds: (monday + Int64(day)) * 86_400 + 7_000), duration: Microseconds(10_500), format: .json,
        document: """
          {"Query Text": "SELECT * FROM t3 WHERE email = '\(secret)'", "Plan": {"Node Type": "Seq Scan",
          "Relation Name": "t3", "Alias": "t3", "Startup Cost": 0.0, "Total Cost": 5000.0, "Plan Rows": 1,
          "Plan Width": 50, "Actual Startup Time": 4.0, "Actual Total Time": 10.0, "Actual Rows": 1, "Actual Loops": 1,
          "Filter": "(email = '\(secret)'::text)", "Rows Removed by Filter": 199999}}
          """, isNested: false, shape: day < 0 ? 1 : 2)
    }
    batch.progress = [
      SourceProgress(
        identity: "a", path: "/var/log/postgresql/week.log", format: "stderr", consumed: 1, state: [], entries: 100,
        skipped: ["unknown prefix": 3], first: Timestamp(seconds: (monday - 7) * 86_400),
        last: Timestamp(seconds: (monday + 7) * 86_400))
    ]
    let history = try HistoryStore(path: path, mode: .write)
    try history.apply(batch)
    return history
  }

  private let history: HistoryStore
  private let directory: String
  private let week = Timestamp(seconds: Self.monday * 86_400)..<Timestamp(seconds: (Self.monday + 7) * 86_400)

  init() throws {
    directory = NSTemporaryDirectory() + "pgassay-digest-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    history = try Self.history(directory + "/h.sqlite")
  }

  private func cleanUp() { try? FileManager.default.removeItem(atPath: directory) }

  private func report(_ change: (inout DigestOptions) -> Void = { _ in }) throws -> WeeklyReport {
    var options = DigestOptions(generator: "pgassay test")
    change(&options)
    return try WorkloadDigest(history, window: week, options: options).report()
  }

  @Test func changesAreFoundAndNothingElse() throws {
    defer { cleanUp() }
    let report = try report()
    #expect(report.changes.new.map(\.fingerprint.value) == [40])
    #expect(report.changes.gone.map(\.fingerprint.value) == [39])
    #expect(report.changes.regressed.map(\.fingerprint.value) == [4])
    #expect(report.changes.improved.map(\.fingerprint.value) == [15])
    #expect(report.changes.regressed[0].note.contains("plans of the window before"))
  }

  @Test func numbersAreTheSumsOfWhatWasRecorded() throws {
    defer { cleanUp() }
    let report = try report { $0.queryLimit = 40 }
    let calls = (0..<40).filter { $0 != 38 }.reduce(0) { $0 + (5 + $1 * 3) * 28 }
    #expect(report.load.numbers.calls == Int64(calls))
    #expect(report.queries.reduce(0) { $0 + $1.numbers.calls } == Int64(calls))
    #expect(report.load.steps.reduce(0) { $0 + ($1?.calls ?? 0) } == Int64(calls))
    #expect(abs(report.queries.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    #expect(report.load.numbers.errors == 28)
    for query in report.queries {
      #expect(Int64(query.distribution.reduce(0) { $0 + $1.count }) == query.numbers.calls)
      let trend = query.trend.compactMap { $0 }.reduce(0, +)
      #expect(abs(trend - query.numbers.totalMs) < 0.01)
      #expect(query.origins.map(\.dimension) == ["application", "user", "database", "tag route"])
      #expect(query.origins.last?.name == "/items/<id>")
    }
    #expect(report.subject == "Database shop")
    #expect(report.events.map(\.count) == [2])
    #expect(report.events[0].previousCount == 0)
    #expect(report.repetitions.map(\.origin) == ["web, route=/orders"])
  }

  @Test func targetsAreJudged() throws {
    defer { cleanUp() }
    let report = try report()
    #expect(report.targets.map(\.state) == [.met, .missed])
    #expect(report.targets[1].value?.value == 1)
    #expect(report.targets[1].reason.plainText.contains(Fingerprint(31).description))
    let strict = try self.report { $0.targetMs = 1 }
    #expect(strict.targets.map(\.state) == [.missed, .missed])
    let lax = try self.report { $0.targetMs = 10_000 }
    #expect(lax.targets.map(\.state) == [.met, .met])
  }

  @Test func planFindingsAreWeighedAndShowNoValue() throws {
    defer { cleanUp() }
    let report = try report()
    let finding = try #require(report.planFindings.first { $0.rule.name == "plan.filter-discards" })
    let time = try #require(finding.recoverable)
    #expect(time.basis == .day)
    let query = try #require(report.queries.first { $0.fingerprint == Fingerprint(4) })
    #expect(time.estimate > 0 && time.estimate <= query.numbers.totalMs / 6.7)
    for text in [
      HTMLReport(report.document).rendered(), MarkdownReport(report.document).rendered(), report.json.pretty,
    ] {
      #expect(!text.contains(Self.secret))
      #expect(!text.contains("traceparent"))
    }
    let open = try self.report { $0.showsValues = true }
    #expect(open.json.pretty.contains(Self.secret))
  }

  @Test func theSameHistoryGivesTheSameBytes() throws {
    defer { cleanUp() }
    let first = HTMLReport(try report().document).rendered()
    #expect(HTMLReport(try report().document).rendered() == first)
    let again = try Self.history(directory + "/again.sqlite")
    let digest = try WorkloadDigest(again, window: week, options: DigestOptions(generator: "pgassay test"))
    #expect(HTMLReport(try digest.report().document).rendered() == first)
  }

  @Test func aWindowWithoutDataIsSaidToBeEmpty() throws {
    defer { cleanUp() }
    let window = Timestamp(seconds: 0)..<Timestamp(seconds: 86_400)
    let report = try WorkloadDigest(history, window: window, options: DigestOptions(generator: "x")).report()
    #expect(report.targets.map(\.state) == [.unknown, .unknown])
    #expect(report.queries.isEmpty)
    #expect(HTMLReport(report.document).rendered().contains("Nothing was recorded"))
  }
}

import Findings
import Foundation
import Model
import Testing

@Suite struct FindingTests {
  static let orders = RelationName(schema: "public", name: "orders")

  static func finding(
    _ rule: RuleID = "plan.sort-on-disk", _ subject: Subject = .query(Fingerprint(0x1234)), ms: Double? = 10,
    severity: Severity = .warning, discriminator: String = ""
  ) -> Finding {
    Finding(
      rule: rule, subject: subject, discriminator: discriminator, title: "Sort spills to disk", severity: severity,
      recoverable: ms.map { RecoverableTime($0, low: 1, high: 20, per: .day) },
      evidence: [
        .quantity("disk_space", "Sort space on disk", 14_000_000, .bytes),
        .interval("rows", "Rows sorted", 995, 1005, .rows),
        .text("filter", "Filter", "(status = 'secret')", showsValues: true),
        .excerpt("plan", "Plan", ["Sort", "  Seq Scan on orders"]),
      ],
      remedy: Remedy(
        "Give the sort an index.", sql: ["CREATE INDEX i ON orders (a) WHERE status = 'secret';"],
        rollback: ["DROP INDEX i;"], risk: "Takes space.", showsValues: true),
      confidence: .measured("timed by EXPLAIN ANALYZE"), location: SourceLocation(path: "plan.json", line: 1))
  }

  @Test(arguments: [
    Subject.query(Fingerprint(.max), database: "shop"), .plan(7), .table(orders, database: "a:b"),
    .index(RelationName(schema: "public", name: "orders_pkey"), on: orders), .setting("work_mem"), .database("shop"),
    .server,
  ])
  func itSurvivesJSON(subject: Subject) throws {
    let finding = Self.finding("plan.sort-on-disk", subject)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let data = try encoder.encode(finding)
    #expect(try JSONDecoder().decode(Finding.self, from: data) == finding)
    #expect(try encoder.encode(try JSONDecoder().decode(Finding.self, from: data)) == data)
  }

  @Test func keysAreSnakeCaseAndNameTheirUnits() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(Self.finding()), as: UTF8.self)
    #expect(text.contains(#""recoverable":{"estimate_ms":10,"high_ms":20,"low_ms":1,"per":"day"}"#))
    #expect(text.contains(#""subject":{"fingerprint":"0000000000001234","kind":"query"}"#))
    #expect(
      text.contains(#"{"key":"disk_space","label":"Sort space on disk","unit":"bytes","value":14000000}"#))
    #expect(text.contains(#""rollback_sql":["DROP INDEX i;"]"#))
  }

  @Test func theIdFollowsRuleSubjectAndDiscriminatorOnly() {
    let finding = Self.finding()
    var changed = finding
    changed.title = "another wording"
    changed.severity = .info
    changed.evidence = []
    #expect(changed.id == finding.id)
    #expect(finding.id == "06dae245b200ef1d")
    #expect(Self.finding("plan.hash-batches").id != finding.id)
    #expect(Self.finding(discriminator: "0.1").id != finding.id)
    #expect(Self.finding("plan.sort-on-disk", .query(Fingerprint(0x1234), database: "x")).id != finding.id)
  }

  @Test func valuesCanBeLeftOut() throws {
    let shown = Self.finding().withoutValues()
    #expect(!shown.showsValues)
    #expect(!String(decoding: try JSONEncoder().encode(shown), as: UTF8.self).contains("secret"))
    #expect(shown.evidence.map(\.key) == ["disk_space", "rows", "plan"])
    #expect(shown.id == Self.finding().id)
  }

  @Test func criticalFindingsComeFirstThenTime() {
    let all = [
      Self.finding("b", ms: nil), Self.finding("a", ms: 5), Self.finding("z", ms: nil, severity: .critical),
      Self.finding("c", ms: 50), Self.finding("a", ms: 5, severity: .notice),
      Self.finding("a", ms: 5, discriminator: "2"),
    ]
    let ranked = all.sorted()
    #expect(
      ranked.map { "\($0.rule) \($0.severity) \($0.discriminator)" } == [
        "z critical ", "c warning ", "a warning ", "a warning 2", "a notice ", "b warning ",
      ])
    #expect(all.reversed().sorted() == ranked)
  }

  @Test func severitiesAreOrdered() {
    #expect(Severity.allCases.sorted() == [.info, .notice, .warning, .critical])
  }

  @Test func aTimeKeepsItsOrder() {
    let time = RecoverableTime(5, low: 9, high: 1, per: .execution)
    #expect((time.low, time.estimate, time.high) == (5, 5, 5))
    #expect(RecoverableTime(.nan, per: .day).estimate == 0)
    #expect(
      RecoverableTime(2, low: 1, high: 3, per: .execution).perDay(executionsPerDay: 10)
        == RecoverableTime(20, low: 10, high: 30, per: .day))
  }
}

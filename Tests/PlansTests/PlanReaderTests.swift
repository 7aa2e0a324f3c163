import Model
import Testing

@testable import Plans

@Suite struct PlanReaderTests {
  static let text = """
    Nested Loop Left Join  (cost=0.29..8.75 rows=1 width=12) (actual time=0.010..0.020 rows=3 loops=1)
      ->  Seq Scan on a  (cost=0.00..1.05 rows=5 width=4) (actual time=0.004..0.005 rows=3 loops=1)
            Filter: (name <> 'x+y'::text)
            Rows Removed by Filter: 2
      ->  Index Only Scan Backward using b_pkey on public.b "The B"  (cost=0.29..3.00 rows=1 width=4) (never executed)
            Index Cond: (id = a.id)
            Heap Fetches: 0
    Planning Time: 0.111 ms
    Execution Time: 0.222 ms
    """

  static let json = """
    [
      {
        "Plan": {
          "Node Type": "Seq Scan",
          "Relation Name": "a",
          "Alias": "a",
          "Filter": "(name <> 'x\\u00e9\\n+'::text)",
          "Surprise": {"nested": [1, 2]}
        },
        "Execution Time": 1.5
      }
    ]
    """

  @Test func aTextPlanIsATree() throws {
    let plan = try PlanReader.plan(in: Self.text)
    #expect(plan.root.type == .nestedLoop && plan.root.joinType == "Left")
    #expect(plan.root.children.map(\.relationship) == [.outer, .inner])
    #expect(plan.root.children[0].number(.rowsRemovedByFilter) == 2)
    let scan = plan.root.children[1]
    #expect(scan.isNeverExecuted && scan.flags.contains(.backward))
    #expect(scan.index == "b_pkey" && scan.schema == "public" && scan.relation == "b" && scan.alias == "The B")
    #expect(plan.planningTime == 0.111 && plan.executionTime == 0.222)
  }

  @Test func unknownKeysAreKept() throws {
    let plan = try PlanReader.plan(in: Self.json)
    #expect(plan.root.measures.unknown == [UnknownProperty(name: "Surprise", value: "{\"nested\": [1, 2]}")])
    #expect(plan.root.text(.filter) == "(name <> 'xé\n+'::text)")
  }

  /// The borders that psql can draw around a result.
  static func framed(_ lines: [Substring], _ style: String) -> String {
    let width = (lines.map(\.count).max() ?? 0) + 2
    func pad(_ text: some StringProtocol, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    let isCell = style.hasSuffix("cell")
    func mark(_ index: Int, _ sign: String) -> String { isCell && index < lines.count - 1 ? sign : " " }
    switch style.split(separator: "-")[0] {
    case "aligned":
      return pad("     QUERY PLAN", width) + "\n" + String(repeating: "-", count: width) + "\n"
        + lines.enumerated().map { " " + pad($1, width - 1) + mark($0, "+") + "\n" }.joined()
        + "(\(lines.count) rows)\n\n"
    case "border2":
      let rule = "+" + String(repeating: "-", count: width + 1) + "+\n"
      return rule + "|" + pad("   QUERY PLAN", width + 1) + "|\n" + rule
        + lines.enumerated().map { "| " + pad($1, width - 1) + mark($0, "+") + "|\n" }.joined() + rule
        + "(\(lines.count) rows)\n"
    case "unicode":
      let rule = String(repeating: "─", count: width + 1)
      return "┌" + rule + "┐\n│" + pad("   QUERY PLAN", width + 1) + "│\n├" + rule + "┤\n"
        + lines.enumerated().map { "│ " + pad($1, width - 1) + mark($0, "↵") + "│\n" }.joined() + "└" + rule
        + "┘\n(1 row)\n"
    case "unaligned": return "QUERY PLAN\n" + lines.joined(separator: "\n") + "\n(\(lines.count) rows)\n"
    case "crlf": return lines.joined(separator: "\r\n") + "\r\n"
    case "quoted":
      return lines.map {
        "\"" + $0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"\n"
      }.joined()
    case "spreadsheet":
      return "\""
        + lines.joined(separator: "\n").split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\"\n"
    case "log":
      return "2026-03-09 14:05:33.123 UTC [77] LOG:  duration: 0.222 ms  plan:\n"
        + lines.map { "\t" + $0 + "\n" }.joined() + "2026-03-09 14:05:34 UTC [77] LOG:  duration: 0.3 ms\n"
    default: return lines.joined(separator: "\n")
    }
  }

  @Test(arguments: ["aligned", "border2", "unicode", "unaligned", "crlf", "quoted", "log", "bare"])
  func aTextPlanIsFoundInItsFrame(style: String) throws {
    let framed = Self.framed(Self.text.split(separator: "\n"), style)
    #expect(try PlanReader.plan(in: framed) == PlanReader.plan(in: Self.text), "\(framed)")
  }

  @Test(arguments: ["aligned-cell", "border2-cell", "unicode-cell", "unaligned", "crlf", "spreadsheet", "log", "bare"])
  func aJSONPlanIsFoundInItsFrame(style: String) throws {
    let framed = Self.framed(Self.json.split(separator: "\n"), style)
    #expect(try PlanReader.plan(in: framed) == PlanReader.plan(in: Self.json), "\(framed)")
  }

  @Test func expandedOutputIsRead() throws {
    let lines = Self.text.split(separator: "\n")
    let text = lines.enumerated().map { "-[ RECORD \($0 + 1) ]------\nQUERY PLAN | \($1)\n" }.joined()
    #expect(try PlanReader.plan(in: text) == PlanReader.plan(in: Self.text))
  }

  @Test func autoExplainHeadsAreRead() throws {
    let text = "Query Text: SELECT *\nFROM a\n  WHERE b = 'Seq Scan'\nQuery Parameters: $1 = 'x'\n" + Self.text
    let plan = try PlanReader.plan(in: text)
    #expect(plan.queryText == "SELECT *\nFROM a\n  WHERE b = 'Seq Scan'" && plan.queryParameters == "$1 = 'x'")
    let json =
      "{\"Query Text\": \"SELECT 1\", \"Query Identifier\": -9223372036854775807, \"Plan\": "
      + "{\"Node Type\": \"Result\"}}"
    #expect(try PlanReader.plan(in: json).queryID == QueryID(-9_223_372_036_854_775_807))
    let yaml = "Query Text: \"SELECT 1\"\nPlan: \n  Node Type: \"Result\"\n  Parallel Aware: false\n"
    #expect(try PlanReader.plan(in: yaml).queryText == "SELECT 1")
    let xml =
      "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n<Query-Text>SELECT 1 &lt; 2</Query-Text>"
      + "<Plan><Node-Type>Result</Node-Type></Plan></explain>"
    #expect(try PlanReader.plan(in: xml).queryText == "SELECT 1 < 2")
  }

  @Test(arguments: [
    ("", "the input is empty"), ("  \n\t", "the input is empty"),
    ("hello world", "line 1, byte 0: not the output of EXPLAIN"), ("\n\nSELECT 1;", "line 3, byte 2: not the output"),
    ("[]", "not the output of EXPLAIN"), ("{\"a\": 1}", "no \"Plan\""),
    ("[{\"Plan\": {\"Node Type\": \"Seq Scan\"", "line 1, byte 34"),
    ("[\n{\"Plan\": {\"Node Type\": 5}}]", "line 2, byte 25"), ("{\"Plan\": {}}", "empty"),
    ("{\"Plan\": {\"Relation Name\": \"x\"}}", "no \"Node Type\""),
    ("{\"Plan\": {\"Node Type\": \"A\"}} x", "something follows"), ("<explain><Query>", "not closed"),
    ("<html></html>", "not the output of EXPLAIN"), ("- Plan:\n    a\n", "line 2"),
    ("Seq Scan on a  (cost=0.00..1.00 rows=1 width=1)\n  ->  \n", "line 2: the plan is broken: no node type"),
    ("\u{0}\u{1}PK", "not the output"),
  ])
  func whatIsNoPlanIsToldWithItsPlace(text: String, message: String) {
    do {
      _ = try PlanReader.plans(in: Array(text.utf8))
      Issue.record("read \(text)")
    } catch {
      #expect(error.sentence.contains(message), "\(error.sentence)")
    }
  }

  @Test func deepPlansAreRefusedNotCrashedOn() {
    let deep = 20_000
    let json = String(repeating: "{\"Node Type\":\"X\",\"Plans\":[", count: deep)
    let groups = "[{\"Plan\":{\"Node Type\":\"X\",\"Y\":" + String(repeating: "[", count: deep)
    let xml = String(repeating: "<a>", count: deep)
    let yaml = "Plan:\n" + (1..<deep).map { String(repeating: " ", count: $0) + "a:\n" }.prefix(2_100).joined()
    let text =
      "Seq Scan on a  (cost=0.00..1.00 rows=1 width=1)\n"
      + (0..<1_100).map { String(repeating: " ", count: 2 + 6 * $0) + "->  Result  (cost=0.00..1.00 rows=1 width=1)\n" }
      .joined()
    for document in ["{\"Plan\":" + json, groups, xml, yaml, text] {
      #expect(throws: PlanError.self) { try PlanReader.plans(in: Array(document.utf8)) }
    }
  }
}

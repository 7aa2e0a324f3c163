import Findings
import Model
import Plans
import Report

/// A plan with its findings, ready to be shown in any format.
struct PlanReport {
  let plan: Plan
  let analysed: AnalysedPlan
  /// Ranked; without values unless they were asked for.
  let findings: [Finding]
  let tree: PlanTree

  init(_ plan: Plan, showsValues: Bool) {
    self.plan = plan
    analysed = AnalysedPlan(plan)
    let all = PlanRules.findings(in: plan)
    findings = showsValues ? all : all.map { $0.withoutValues() }
    var marks: [String: [Int]] = [:]
    for (index, finding) in findings.enumerated() {
      marks[finding.discriminator == "root" ? "" : finding.discriminator, default: []].append(index + 1)
    }
    tree = PlanTree(analysed, marks: marks, showsValues: showsValues)
  }

  /// `execution 12.3 ms · planning 0.4 ms · 5 nodes · shape 0123456789abcdef`
  var facts: [(label: String, value: String)] {
    var facts: [(String, String)] = []
    if let time = plan.executionMilliseconds { facts.append(("execution", Figures.milliseconds(time))) }
    if let time = plan.planningTime { facts.append(("planning", Figures.milliseconds(time))) }
    if !plan.isExecuted { facts.append(("not executed", "estimates only; EXPLAIN (ANALYZE, BUFFERS) tells more")) }
    if let jit = plan.jit { facts.append(("JIT", Figures.milliseconds(jit.total))) }
    let triggers = plan.triggers.compactMap(\.time).reduce(0, +)
    if triggers > 0 { facts.append(("triggers", Figures.milliseconds(triggers))) }
    facts.append(("nodes", String(plan.root.count)))
    facts.append(("shape", Fingerprint(plan.shape).description))
    return facts
  }

  func text(width: Int?, isColoured: Bool) -> String {
    var text = facts.map { $0.label + " " + $0.value }.joined(separator: " · ") + "\n\n"
    text += tree.text(width: width) + "\n"
    guard !findings.isEmpty else { return text + "Nothing found.\n" }
    return text + TextFindings(findings, width: width ?? 120, isColoured: isColoured).rendered()
  }

  // MARK: Documents

  static func document(_ reports: [PlanReport], comparison: PlanComparison?) -> ReportDocument {
    var document = ReportDocument(title: "Plan", subtitle: "Where the time goes, and what can be done about it")
    if let first = reports.first {
      document.facts = first.facts.map { ReportDocument.Fact($0.label, "\($0.value)") }
    }
    for (index, report) in reports.enumerated() {
      let name = reports.count == 1 ? "" : " \(index + 1)"
      document.sections.append(
        .init("Tree" + name, [.code(CodeBlock(report.tree.text(), language: "text"))]))
      document.sections.append(
        .init(
          "Findings" + name,
          report.findings.isEmpty ? [.paragraph("Nothing found.")] : [.findings(report.findings)]))
    }
    if let comparison {
      document.sections.append(
        .init("Changes", [.code(CodeBlock(comparison.text(width: nil), language: "text"))]))
    }
    return document
  }

  static func json(_ reports: [PlanReport], comparison: PlanComparison?) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("schema_version", .integer(JSONValue.schemaVersion)),
      .init("plans", .array(reports.map(\.json))),
    ]
    if let comparison { members.append(.init("comparison", comparison.json)) }
    return .object(members)
  }

  private var json: JSONValue {
    [
      "shape_hash": .string(Fingerprint(plan.shape).description),
      "execution_ms": .number(plan.executionMilliseconds), "planning_ms": .number(plan.planningTime),
      "jit_ms": .number(plan.jit?.total), "executed": .bool(plan.isExecuted),
      "settings": .object(plan.settings.map { .init($0.name, .string($0.value)) }),
      "nodes": .array(tree.rows.map(Self.json)),
      "findings": .array(findings.map { .finding($0) }),
    ]
  }

  private static func json(_ row: PlanTree.Row) -> JSONValue {
    let node = row.node
    return [
      "path": .string(node.path), "depth": .count(node.depth), "type": .string(node.node.type.name),
      "title": .string(row.title), "detail": .string(row.detail), "relation": .text(node.node.relation),
      "index": .text(node.node.index), "own_ms": .number(node.exclusive), "total_ms": .number(node.inclusive),
      "rows": .number(node.node.actual == nil ? nil : node.rows.middle),
      "rows_low": .number(node.node.actual == nil ? nil : node.rows.low),
      "rows_high": .number(node.node.actual == nil ? nil : node.rows.high),
      "loops": .number(node.node.actual?.loops), "estimated_rows": .number(node.node.estimate?.rows),
      "total_cost": .number(node.node.estimate?.totalCost), "processes": .number(node.processes),
      "shared_hit_blocks": .number(node.node.buffers.sharedHit),
      "shared_read_blocks": .number(node.node.buffers.sharedRead),
      "temp_written_blocks": .number(node.node.buffers.tempWritten),
      "findings": .array(row.findings.map { .count($0) }),
    ]
  }
}

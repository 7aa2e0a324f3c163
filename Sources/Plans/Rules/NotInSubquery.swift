public import Findings

/// P34
public enum NotInSubquery: PlanRule {
  static let loops = 2.0

  public static let description = RuleDescription(
    "plan.not-in-subquery", title: "NOT IN with a subquery",
    finds: "A condition NOT (SubPlan …) or NOT (hashed SubPlan …) or <> ALL (…) that comes from NOT IN.",
    explanation:
      "NOT IN cannot become an anti-join, because one NULL in the subquery makes it true for no row. While the "
      + "result fits work_mem it is hashed; beyond that the subquery is scanned again for every row. NOT EXISTS has "
      + "neither problem.")

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.nodes.compactMap { node in
      let texts = PlanNode.conditionKeys.compactMap { node.node.text($0) }
      guard texts.contains(where: isNotIn) else { return nil }
      let subplans = plan.plan.children(of: node).filter { $0.node.relationship == .subPlan }
      guard !subplans.isEmpty else { return nil }
      let time = subplans.reduce(0) { $0 + ($1.inclusive ?? 0) }
      let repeats = subplans.map(\.loops).max() ?? 1
      let isHashed = texts.contains { $0.contains("hashed SubPlan") || $0.contains("NOT (ANY (") } && repeats < loops
      var evidence: [Evidence] = PlanContext.condition(node, .filter).prefix(1) + []
      if plan.isExecuted {
        evidence.append(.quantity("loops", "Executions of the subquery", repeats, .count))
        evidence.append(.quantity("subplan_time", "Time of the subquery", time, .milliseconds))
      }
      let remedy = Remedy(
        "Write NOT EXISTS (SELECT 1 FROM … WHERE …), or exclude NULL and join.",
        risk: "The two differ where the subquery or the column gives NULL: NOT IN then finds no row at all.")
      if isHashed || !plan.isExecuted {
        return plan.remark(
          Self.self, at: node, title: "\(NodeText.line(node.node)) excludes rows by NOT IN with a subquery",
          severity: .info, evidence: evidence, remedy: remedy,
          confidence: .measured(
            "the condition is printed in the plan; hashed, it costs little until it outgrows work_mem"))
      }
      return plan.finding(
        Self.self, at: node,
        title: "NOT IN scans its subquery \(Figures.count(repeats)) times", recoverable: time * 0.95, low: time * 0.5,
        high: time, evidence: evidence, remedy: remedy,
        confidence: .estimated("executions are timed; an anti-join is assumed to read the subquery once"))
    }
  }

  private static func isNotIn(_ text: String) -> Bool {
    // To 16: `(NOT (hashed SubPlan 1))`; from 17: `(NOT (ANY (id = (hashed SubPlan 1).col1)))`.
    text.contains("NOT (hashed SubPlan") || text.contains("NOT (SubPlan")
      || (text.contains("NOT (ANY (") && text.contains("SubPlan"))
  }
}

public import Findings

/// P21, P35
public enum SubPlanPerRow: PlanRule {
  static let loops = 100.0

  public static let description = RuleDescription(
    "plan.subplan-per-row", title: "Subquery executed for every row",
    finds: "A subplan that ran at least as often as below.",
    explanation:
      "A correlated subquery in the select list or in a condition is computed for each row. Written as a join, "
      + "a lateral join or an aggregate that is joined, it is computed once; EXISTS that cannot be turned into a semi-join "
      + "(inside an OR, for example) is the usual case.",
    thresholds: [.init("executions", loops, .count)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.relationship == .subPlan, node.loops >= loops, let parent = plan.plan.parent(of: node) else {
        return nil
      }
      let time = node.inclusive ?? 0
      let hasScan = plan.plan.descendants(of: node).contains { $0.node.type == .seqScan } || node.node.type == .seqScan
      return plan.finding(
        Self.self, at: node,
        title: "\(node.node.subplanName ?? "Subplan") runs \(Figures.count(node.loops)) times"
          + (hasScan ? ", scanning a table each time" : ""),
        recoverable: time * (hasScan ? 0.95 : 0.6), low: 0, high: time,
        evidence: [
          .quantity("loops", "Executions", node.loops, .count),
          .quantity("subplan_time", "Time of all executions", time, .milliseconds),
          .text("of", "Hangs on", NodeText.line(parent.node)),
        ],
        remedy: Remedy(
          hasScan
            ? "Index the columns by which the subquery is correlated, or write it as a join."
            : "Write the subquery as a join, or as an aggregate that is joined, so that it is computed once.",
          risk: "A join repeats rows where the subquery finds more than one: aggregate or deduplicate first."),
        confidence: .estimated("executions are timed; a share of the time is assumed to remain"))
    }
  }
}

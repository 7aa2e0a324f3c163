public import Findings

/// P29
public enum NeverExecuted: PlanRule {
  static let costShare = 0.25

  public static let description = RuleDescription(
    "plan.never-executed", title: "Part of the plan that never ran",
    finds:
      "The topmost node of a part that was never executed although the planner gave it at least the share below of "
      + "the plan's cost.",
    explanation:
      "Nothing is lost by it; but the plan was priced with it, so the choice of everything around it may rest on "
      + "an expectation that did not come true.",
    thresholds: [.init("share of the cost", costShare, .fraction)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    guard plan.isExecuted, let cost = plan.plan.root.node.estimate?.totalCost, cost > 0 else { return [] }
    return plan.nodes.compactMap { node in
      guard node.node.isNeverExecuted, let parent = plan.plan.parent(of: node), !parent.node.isNeverExecuted,
        let own = node.node.estimate?.totalCost, own / cost >= costShare, own <= cost
      else { return nil }
      return plan.remark(
        Self.self, at: node, title: "\(NodeText.line(node.node)) was never executed", severity: .info,
        evidence: [
          .quantity("cost", "Estimated cost", own, .cost), .quantity("plan_cost", "Cost of the plan", cost, .cost),
        ], remedy: Remedy("Nothing has to be done; see the row estimates around it."),
        confidence: .measured("counted by the executor"))
    }
  }
}

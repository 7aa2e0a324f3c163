public import Findings

/// P30
public enum DisabledNode: PlanRule {
  /// `disable_cost` of costsize.c, which releases before 18 add to the cost of a disabled node.
  static let disableCost = 1e10

  public static let description = RuleDescription(
    "plan.disabled-node", title: "Node that was switched off",
    finds:
      "A node that the planner had to take although its enable_ setting is off: `Disabled: true` (18), or a start-up "
      + "cost of at least the amount below that does not come from a child (before 18).",
    explanation:
      "There is no other way to execute the statement with the given indexes, or the setting was left behind by "
      + "an experiment.",
    thresholds: [.init("cost", disableCost, .cost)],
    source: "disable_cost, src/backend/optimizer/path/costsize.c")

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.nodes.compactMap { node in
      let isDear = (node.node.estimate?.startupCost ?? 0) >= disableCost
      let comesFromChild = plan.plan.children(of: node).contains {
        ($0.node.estimate?.startupCost ?? 0) >= disableCost || ($0.node.estimate?.totalCost ?? 0) >= disableCost
      }
      guard node.node.flags.contains(.disabled) || (isDear && !comesFromChild) else { return nil }
      let off = plan.plan.plan.settings.filter { $0.name.hasPrefix("enable_") && $0.value == "off" }.map(\.name)
      return plan.remark(
        Self.self, at: node, title: "\(NodeText.line(node.node)) is used although it is disabled", severity: .notice,
        evidence: off.isEmpty ? [] : [.text("settings", "Switched off", off.joined(separator: ", "))],
        remedy: Remedy(
          "See why the setting is off; if it stays so, an index or another form of the statement is needed.",
          sql: off.map { "RESET \($0);" }, rollback: off.map { "SET \($0) = off;" }),
        confidence: .measured("printed by the server"))
    }
  }
}

public import Findings

/// P31
public enum GenericPlanMisestimate: PlanRule {
  public static let description = RuleDescription(
    "plan.generic-plan-misestimate", title: "Generic plan for a skewed parameter",
    finds: "A scan with a parameter ($1) in its condition whose rows were estimated wrong by the factor below.",
    explanation:
      "A generic plan is made without the parameter's value, for an average one. Where values differ much in "
      + "frequency, a plan for the value at hand is better: plan_cache_mode = force_custom_plan.",
    thresholds: [.init("factor", RowMisestimate.factor, .ratio)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    // `$0` and the like are also what subplans hand on (to 16), and what a nested loop hands to its inner side.
    let internalParameters = Set(
      plan.nodes.flatMap { node in
        (node.node.subplanName?.split(whereSeparator: { "(), ".contains($0) }) ?? []).filter { $0.hasPrefix("$") }
          .map(String.init)
      })
    return plan.executed.compactMap { node in
      guard node.node.relation != nil, let error = RowMisestimate.error(node), error.factor >= RowMisestimate.factor,
        error.difference * node.loops >= RowMisestimate.rows
      else { return nil }
      let conditions = PlanNode.conditionKeys.compactMap { node.node.text($0) }
      let parameters = Set(conditions.flatMap(parameters)).subtracting(internalParameters).sorted()
      guard !parameters.isEmpty else { return nil }
      return plan.remark(
        Self.self, at: node,
        title:
          "Generic plan: \(NodeText.line(node.node)) has \(Figures.rows(low: error.actual.low, high: error.actual.high)) "
          + "rows where \(Figures.count(error.estimated)) were expected",
        severity: plan.share(plan.plan.root.inclusive ?? 0) > 0 ? .notice : .info,
        evidence: [
          .text("parameters", "Parameters", parameters.joined(separator: ", ")),
          .quantity("estimated_rows", "Rows expected for each execution", error.estimated, .rows),
          .interval("actual_rows", "Rows found for each execution", error.actual.low, error.actual.high, .rows),
        ],
        remedy: Remedy(
          "Let this statement, or its role, get a plan for the value at hand.",
          sql: ["SET plan_cache_mode = force_custom_plan;"], rollback: ["RESET plan_cache_mode;"],
          risk: "Every execution is planned anew; planning time is then paid each time."),
        confidence: .estimated("rows are counted; that the parameter's value is the reason is the likely reading"))
    }
  }

  /// `$1`, `$12` outside of strings and names.
  static func parameters(_ text: String) -> [String] {
    ExpressionText.withoutValues(text).split(whereSeparator: { "()[], =<>:".contains($0) }).filter { word in
      word.hasPrefix("$") && word.count > 1 && word.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }.map(String.init)
  }
}

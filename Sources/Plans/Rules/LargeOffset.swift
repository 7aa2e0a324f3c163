public import Findings

/// P18
public enum LargeOffset: PlanRule {
  static let rows = 1_000.0
  static let factor = 5.0

  public static let description = RuleDescription(
    "plan.large-offset", title: "Large OFFSET",
    finds: "A LIMIT node that skipped at least the rows below, and at least the factor below more than it returned.",
    explanation:
      "Rows before the offset are computed and thrown away, on every page more. Paging by key (`WHERE (a, b) > "
      + "(last_a, last_b) ORDER BY a, b LIMIT n`) starts where the last page ended.",
    thresholds: [.init("skipped rows", rows, .rows), .init("skipped for each returned row", factor, .ratio)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      // A LIMIT stops its child at the last row that it needs, so what the child gave more was skipped.
      guard node.node.type == .limit, let child = node.children.first(where: { isInput(plan.nodes[$0]) }) else {
        return nil
      }
      let skipped = plan.nodes[child].rows.low - node.rows.high
      guard skipped >= rows, skipped >= factor * node.rows.high else { return nil }
      // A sort below has to see all rows anyway; only what comes after it can be saved.
      let below = plan.nodes[child]
      let sorted = below.node.type == .sort || below.node.type == .gatherMerge
      let time = sorted ? (below.exclusive ?? 0) : (below.inclusive ?? 0)
      let share = skipped / max(1, below.rows.low)
      return plan.finding(
        Self.self, at: node,
        title:
          "OFFSET skips \(Figures.count(skipped)) rows to return \(Figures.rows(low: node.rows.low, high: node.rows.high))",
        recoverable: time * share, low: time * share * 0.5, high: time,
        evidence: [
          .quantity("rows_skipped", "Rows skipped", skipped, .rows),
          PlanContext.rows("rows_returned", "Rows returned", node.rows),
          below.inclusive.map { .quantity("time_below", "Time of what was skipped and returned", $0, .milliseconds) },
        ].compactMap { $0 },
        remedy: Remedy(
          "Page by the last key of the page before instead of OFFSET, with an index in the order of the key.",
          risk: "Pages can then be reached one after the other only."),
        confidence: .estimated("rows are counted; time is assumed to be spent evenly on them"))
    }
  }

  private static func isInput(_ node: AnalysedPlan.Node) -> Bool { node.node.relationship == .outer }
}

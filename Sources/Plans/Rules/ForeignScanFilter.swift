public import Findings

/// P39
public enum ForeignScanFilter: PlanRule {
  static let share = 0.5
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.foreign-scan-filter", title: "Filter not sent to the foreign server",
    finds: "A foreign scan whose filter ran here and removed at least the share and number of rows below.",
    explanation:
      "The rows crossed the network to be dropped. Only operators and functions that both servers surely treat "
      + "alike are sent; the option `extensions` of postgres_fdw and matching collations widen that.",
    thresholds: [.init("removed share", share, .fraction), .init("removed rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let removed = plan.rows(node, .rowsRemovedByFilter)
      let share = removed.middle / max(1, removed.middle + node.rows.middle)
      guard node.node.type == .foreignScan, removed.low >= rows, share >= Self.share else { return nil }
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) fetches \(Figures.count(removed.middle + node.rows.middle)) rows to keep "
          + Figures.rows(low: node.rows.low, high: node.rows.high),
        recoverable: own * share, low: own * share / 2, high: own,
        evidence: [
          PlanContext.rows("rows_removed", "Rows removed here", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
        ] + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: Remedy(
          "Write the condition so that it can be sent: built-in operators and functions, literals of the column's type, "
            + "no collation of its own; name shared extensions in the server's option."),
        confidence: .estimated("rows are counted; time is assumed to go with them"))
    }
  }
}

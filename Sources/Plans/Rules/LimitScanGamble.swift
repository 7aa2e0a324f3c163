public import Findings

/// P17
public enum LimitScanGamble: PlanRule {
  static let rows = 1_000.0
  static let factor = 10.0

  public static let description = RuleDescription(
    "plan.limit-scan-gamble", title: "LIMIT that reads an index in vain",
    finds:
      "Below a LIMIT, an index scan in the wanted order whose filter dropped at least the rows below, and at least "
      + "the factor below more than it kept.",
    explanation:
      "The planner expected to meet enough matching rows soon when reading in order, and lost: the matches are "
      + "rare or lie at the end. An index that begins with the filtered column and goes on with the order finds them "
      + "directly.",
    thresholds: [.init("dropped rows", rows, .rows), .init("dropped for each kept row", factor, .ratio)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard [.indexScan, .indexOnlyScan].contains(node.node.type), node.mayStopEarly,
        let filter = node.node.text(.filter), let limit = plan.plan.ancestor(of: node, [.limit]),
        // Without an index condition the scan is only there for its order.
        node.node.text(.indexCond) == nil
      else { return nil }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      guard removed.low >= rows, removed.low >= factor * max(1, node.rows.high) else { return nil }
      let own = node.exclusive ?? 0
      let saved = own * removed.middle / (removed.middle + max(1, node.rows.middle))
      let equal = ExpressionText.columns(in: filter, comparedBy: IndexSuggestion.equality)
      let remedy = IndexSuggestion.remedy(
        equal.isEmpty
          ? "Give the filter an index of its own, or one that begins with the filtered columns."
          : "Index the filtered columns first and the columns of the order behind them; the order is the existing index's.",
        for: node.node, keys: [])
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) reads \(Figures.count(removed.middle + node.rows.middle)) rows in order to "
          + "find \(Figures.rows(low: limit.rows.low, high: limit.rows.high))",
        recoverable: saved, low: saved / 2, high: own,
        evidence: [
          PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
          node.node.estimate.map { .quantity("estimated_rows", "Rows expected, without the limit", $0.rows, .rows) },
        ].compactMap { $0 } + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: remedy,
        confidence: .estimated("the scan's time is measured; it is assumed to be spent evenly on all rows read"))
    }
  }
}

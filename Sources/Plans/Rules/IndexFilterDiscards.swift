public import Findings

/// P03
public enum IndexFilterDiscards: PlanRule {
  static let share = 0.5
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.index-filter-discards", title: "Index that finds too much",
    finds: "An index scan that fetches rows by its index condition and then discards at least the share and number of "
      + "rows below by a filter.",
    explanation:
      "The index does not hold a column that the query compares, or holds it behind a range. With that column "
      + "among its keys (equality first) the rows would not be fetched at all.",
    thresholds: [.init("discarded share", share, .fraction), .init("discarded rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .indexScan || node.node.type == .indexOnlyScan, let filter = node.node.text(.filter),
        // An ordered scan that a LIMIT stops is the business of another rule.
        node.node.text(.indexCond) != nil
      else { return nil }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      let discarded = removed.middle / max(1, removed.middle + node.rows.middle)
      guard removed.low >= rows, discarded >= share else { return nil }
      let own = node.exclusive ?? 0
      let condition = node.node.text(.indexCond) ?? ""
      let keys =
        ExpressionText.columns(in: condition, comparedBy: IndexSuggestion.equality)
        + IndexSuggestion.keys(for: filter)
      let ranges = ExpressionText.columns(in: condition, comparedBy: IndexSuggestion.ranges)
      var unique: [String] = []
      for key in keys + ranges where !unique.contains(key) { unique.append(key) }
      let filterColumns = IndexSuggestion.keys(for: filter)
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) fetches \(Figures.count(removed.middle + node.rows.middle)) rows to keep "
          + Figures.rows(low: node.rows.low, high: node.rows.high),
        recoverable: own * discarded, low: own * discarded / 2, high: own,
        evidence: [
          PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
          .text("index_condition", "Index Cond", ExpressionText.withoutValues(condition)),
        ] + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: IndexSuggestion.remedy(
          "Let the index hold the filtered columns too.", for: node.node, keys: filterColumns.isEmpty ? [] : unique),
        confidence: .estimated("the scan's own time is measured; it is assumed to be spent evenly on all rows fetched"))
    }
  }
}

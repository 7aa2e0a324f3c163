public import Findings

/// P02
public enum FilterDiscards: PlanRule {
  static let share = 0.9
  static let rows = 1_000.0
  /// What a row costs through an index compared with one that is read in order: `random_page_cost` over
  /// `seq_page_cost`, by their defaults.
  static let randomAccess = 4.0

  public static let description = RuleDescription(
    "plan.filter-discards", title: "Scan that throws its rows away",
    finds: "A sequential scan or bitmap heap scan whose filter discards at least the share and number of rows below, "
      + "and which nothing in the filter keeps from using an index.",
    explanation: "Rows are read, checked and dropped. An index on the filtered columns reads the kept rows only.",
    thresholds: [.init("discarded share", share, .fraction), .init("discarded rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard [.seqScan, .bitmapHeapScan, .tidRangeScan].contains(node.node.type), node.node.relation != nil,
        let filter = node.node.text(.filter)
      else { return nil }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      let discarded = removed.middle / max(1, removed.middle + node.rows.middle)
      let keys = IndexSuggestion.keys(for: filter)
      // Where the filter's own form stands in the way, the rule about that form speaks.
      guard removed.low >= rows, discarded >= share, !keys.isEmpty || FilterCause.causes(in: filter).isEmpty
      else { return nil }
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) drops \(Figures.share(discarded)) of "
          + "\(Figures.count(removed.middle + node.rows.middle)) rows",
        recoverable: own * discarded, low: own * max(0, 1 - randomAccess * (1 - discarded)), high: own,
        evidence: [
          PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
        ] + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: IndexSuggestion.remedy(
          keys.isEmpty
            ? "Index what the filter tests." : "Index the columns that the filter compares, equality before ranges.",
          for: node.node, keys: keys),
        confidence: .estimated("the scan's own time is measured; an index is assumed to read the kept rows only"))
    }
  }
}

public import Findings

/// P38
public enum IndexRecheck: PlanRule {
  static let share = 0.5
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.index-recheck", title: "Index that only comes near",
    finds: "A scan whose recheck removed at least the share and number of rows below although its blocks were exact.",
    explanation: "GIN and GiST indexes on trigrams, arrays, jsonb or geometry find candidates that have to be checked "
      + "against the row. Short search words, very common keys, or jsonb_path_ops missing make many false ones.",
    thresholds: [.init("removed share", share, .fraction), .init("removed rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let measures = [node.node.measures] + node.node.workers.map(\.measures)
      let lossy = measures.reduce(0) { $0 + $1.number(.lossyHeapBlocks) }
      let removed = plan.rows(node, .rowsRemovedByIndexRecheck)
      let share = removed.middle / max(1, removed.middle + node.rows.middle)
      guard lossy == 0, removed.low >= rows, share >= Self.share else { return nil }
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)): the recheck drops \(Figures.share(share)) of the candidates",
        recoverable: own * share * 0.7, low: 0, high: own,
        evidence: [
          PlanContext.rows("rows_removed", "Rows that the recheck removed", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
        ] + PlanContext.condition(node, node.node.text(.recheckCond) != nil ? .recheckCond : .indexCond)
          + [PlanContext.own(node)].compactMap { $0 },
        remedy: Remedy(
          "Search for longer or rarer words, use jsonb_path_ops for @>, or combine with a selective B-tree condition."),
        confidence: .estimated("rows are counted; time is assumed to go with them"))
    }
  }
}

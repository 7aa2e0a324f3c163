public import Findings

/// P04
public enum JoinFilterDiscards: PlanRule {
  static let share = 0.9
  static let rows = 10_000.0

  public static let description = RuleDescription(
    "plan.join-filter-discards", title: "Join that pairs rows to drop them",
    finds: "A join whose join filter discards at least the share and number of pairs below.",
    explanation:
      "Every pair is formed and then tested. A condition that the join method can use itself (an equality to "
      + "hash or merge by, or an index on the inner side) forms the wanted pairs only.",
    thresholds: [.init("discarded share", share, .fraction), .init("discarded pairs", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard [.nestedLoop, .hashJoin, .mergeJoin].contains(node.node.type),
        let filter = node.node.text(.joinFilter),
        // Other rules name the reason.
        !ExpressionText.conjuncts(filter).contains(where: OrAcrossTables.isAcross),
        !NestedLoopBlowUp.repeatsScan(plan, node)
      else { return nil }
      let removed = plan.rows(node, .rowsRemovedByJoinFilter)
      let discarded = removed.middle / max(1, removed.middle + node.rows.middle)
      guard removed.low >= rows, discarded >= share else { return nil }
      var time = node.exclusive ?? 0
      // A nested loop re-reads its inner side for every pair that it forms.
      if node.node.type == .nestedLoop, let inner = node.children.last { time += plan.nodes[inner].inclusive ?? 0 }
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) drops \(Figures.share(discarded)) of "
          + "\(Figures.count(removed.middle + node.rows.middle)) pairs",
        recoverable: time * discarded * 0.9, low: time * discarded * 0.5, high: time,
        evidence: [
          PlanContext.rows("pairs_removed", "Pairs removed by the join filter", removed),
          PlanContext.rows("pairs_kept", "Pairs kept", node.rows),
        ] + PlanContext.condition(node, .joinFilter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: Remedy(
          "Give the join an equality to work with, or index the inner table's columns that the join filter compares; an OR "
            + "between tables is better written as a UNION of two joins."),
        confidence: .estimated("the join's time is measured; it is assumed to be spent evenly on all pairs"))
    }
  }
}

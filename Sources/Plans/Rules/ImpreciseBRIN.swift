public import Findings
import Model

/// P37
public enum ImpreciseBRIN: PlanRule {
  static let share = 0.9
  static let rows = 10_000.0

  public static let description = RuleDescription(
    "plan.imprecise-brin", title: "Block range index that finds too much",
    finds:
      "A bitmap heap scan all of whose blocks were lossy (as with BRIN), where the recheck removed at least the share "
      + "and number of rows below.",
    explanation:
      "BRIN knows the smallest and largest value of block ranges. It is precise only where the table lies in the "
      + "order of the column; after updates and deletes it no longer does.",
    thresholds: [.init("removed share", share, .fraction), .init("removed rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let measures = [node.node.measures] + node.node.workers.map(\.measures)
      let exact = measures.reduce(0) { $0 + $1.number(.exactHeapBlocks) }
      let lossy = measures.reduce(0) { $0 + $1.number(.lossyHeapBlocks) }
      guard node.node.type == .bitmapHeapScan, exact == 0, lossy > 0 else { return nil }
      let removed = plan.rows(node, .rowsRemovedByIndexRecheck)
      let share = removed.middle / max(1, removed.middle + node.rows.middle)
      guard removed.low >= rows, share >= Self.share else { return nil }
      let own = node.exclusive ?? 0
      let index = plan.plan.descendants(of: node).first { $0.node.index != nil }?.node.index
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)): \(Figures.share(share)) of the rows are rechecked in vain",
        recoverable: own * share * 0.8, low: 0, high: own,
        evidence: [
          .quantity("lossy_blocks", "Lossy blocks", lossy, .blocks),
          PlanContext.rows("rows_removed", "Rows that the recheck removed", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
          index.map { .text("index", "Index", SQLSpelling.identifier($0)) }, PlanContext.own(node),
        ].compactMap { $0 },
        remedy: Remedy(
          "Use a B-tree for this column, or bring the table back into its order (CLUSTER, a rewrite by partitions), or "
            + "smaller ranges (pages_per_range); minmax-multi operator classes (14) bear outliers.",
          risk: "CLUSTER locks the table."),
        confidence: .estimated("rows are counted; all lossy blocks is taken as the sign of BRIN"))
    }
  }
}

public import Findings

/// P08
public enum LossyBitmap: PlanRule {
  static let share = 0.1

  public static let description = RuleDescription(
    "plan.lossy-bitmap", title: "Lossy bitmap",
    finds: "A bitmap heap scan of which at least the share below of the blocks was lossy, while others were exact.",
    explanation: "The bitmap outgrew work_mem and kept whole blocks instead of rows, so every row of those blocks is "
      + "checked again.",
    thresholds: [.init("lossy share", share, .fraction)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let measures = [node.node.measures] + node.node.workers.map(\.measures)
      let lossy = measures.reduce(0) { $0 + $1.number(.lossyHeapBlocks) }
      let exact = measures.reduce(0) { $0 + $1.number(.exactHeapBlocks) }
      // All blocks lossy is what a BRIN index always gives.
      guard node.node.type == .bitmapHeapScan, exact > 0, lossy / (lossy + exact) >= share else { return nil }
      let rechecked = plan.rows(node, .rowsRemovedByIndexRecheck)
      let wasted = rechecked.middle / max(1, rechecked.middle + node.rows.middle)
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title:
          "\(NodeText.line(node.node)): \(Figures.count(lossy)) of \(Figures.count(lossy + exact)) blocks are lossy",
        recoverable: own * wasted, low: 0, high: own,
        evidence: [
          .quantity("lossy_blocks", "Lossy blocks", lossy, .blocks),
          .quantity("exact_blocks", "Exact blocks", exact, .blocks),
          PlanContext.rows("rows_rechecked", "Rows that the recheck removed", rechecked),
          PlanContext.own(node),
        ].compactMap { $0 },
        remedy: Remedy(
          "Give the statement more work_mem, or an index that finds fewer rows.", sql: ["SET LOCAL work_mem = '64MB';"],
          rollback: ["RESET work_mem;"],
          risk: "Every sort and hash of every session that gets this setting may take as much memory."),
        confidence: .estimated("blocks are counted; the time is shared out by the rows that the recheck removed"))
    }
  }
}

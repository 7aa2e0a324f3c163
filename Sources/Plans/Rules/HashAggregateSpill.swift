public import Findings

/// P07
public enum HashAggregateSpill: PlanRule {
  public static let description = RuleDescription(
    "plan.hash-aggregate-spill", title: "Hash aggregation on disk",
    finds: "A hash aggregation that wrote groups to disk (`Disk Usage`).",
    explanation:
      "The groups did not fit into work_mem × hash_mem_multiplier. More memory, fewer groups, or an index in "
      + "the order of the groups avoid the files.")

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .aggregate else { return nil }
      let measures = [node.node.measures] + node.node.workers.map(\.measures)
      let disk = measures.reduce(0) { max($0, $1.number(.diskUsage)) }
      guard disk > 0 else { return nil }
      let memory = measures.reduce(0) { max($0, $1.number(.peakMemoryUsage)) }
      let batches = measures.reduce(0) { max($0, $1.number(.hashAggBatches)) }
      let own = node.exclusive ?? 0
      let keys = node.node.list(.groupKey).map(ExpressionText.withoutValues).joined(separator: ", ")
      // Spilled tuples wait on disk; all groups together need at most what lies there beside what fits.
      let needed = memory + disk
      return plan.finding(
        Self.self, at: node,
        title:
          "\(NodeText.line(node.node)) into \(Figures.rows(low: node.rows.low, high: node.rows.high)) groups spills "
          + "\(Figures.bytes(disk * 1_024)) to disk",
        recoverable: own * 0.5, low: 0, high: own,
        evidence: [
          PlanContext.kilobytes("disk_space", "Space on disk", disk),
          PlanContext.kilobytes("memory", "Memory used", memory),
          .quantity("batches", "Batches", batches, .count),
          keys.isEmpty ? nil : .text("group_key", "Group key", keys),
          node.node.estimate.map { .quantity("estimated_groups", "Groups expected", $0.rows, .rows) },
          PlanContext.own(node),
        ].compactMap { $0 },
        remedy: Remedy(
          "Give this statement more work_mem, or an index in the order of the group key.",
          sql: ["SET LOCAL work_mem = '\(PlanContext.megabytes(kilobytes: needed))MB';"],
          rollback: ["RESET work_mem;"],
          risk: "Every sort and hash of every session that gets this setting may take as much memory."),
        confidence: .estimated("disk use is measured; half of the node's own time is taken for it"))
    }
  }
}

public import Findings

/// P23
public enum TemporaryFiles: PlanRule {
  static let bytes = 8_388_608.0

  public static let description = RuleDescription(
    "plan.temporary-files", title: "Intermediate rows on disk",
    finds: "A node other than a sort, hash join or aggregate that wrote and read temporary files of at least the size "
      + "below: Materialize, CTE Scan, WindowAgg, Function Scan, Recursive Union.",
    explanation: "The rows that the node keeps did not fit into work_mem.",
    thresholds: [.init("written and read", bytes, .bytes)])

  private static let covered: Set<NodeType> = [
    .sort, .incrementalSort, .hashJoin, .hash, .aggregate, .gather, .gatherMerge,
  ]

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard !covered.contains(node.node.type) else { return nil }
      let blocks = plan.ownTemporary(node)
      let size = (blocks.read + blocks.written) * PlanContext.blockBytes
      guard size >= bytes, blocks.written > 0 else { return nil }
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) keeps \(Figures.bytes(blocks.written * PlanContext.blockBytes)) on disk",
        recoverable: own * 0.4, low: 0, high: own,
        evidence: [
          .quantity("written", "Temporary files written", blocks.written * PlanContext.blockBytes, .bytes),
          .quantity("read", "Temporary files read", blocks.read * PlanContext.blockBytes, .bytes),
          PlanContext.rows("rows", "Rows", node.rows), PlanContext.own(node),
        ].compactMap { $0 },
        remedy: Remedy(
          "Give this statement more work_mem, or let it keep fewer or narrower rows.",
          sql: ["SET LOCAL work_mem = '\(PlanContext.megabytes(kilobytes: blocks.written * 8 * 2))MB';"],
          rollback: ["RESET work_mem;"],
          risk: "Every sort and hash of every session that gets this setting may take as much memory."),
        confidence: .estimated("file sizes are measured; two fifths of the node's own time is taken for them"))
    }
  }
}

public import Findings

/// P25
public enum DirtiedBySelect: PlanRule {
  static let blocks = 1_000.0
  static let share = 0.2

  public static let description = RuleDescription(
    "plan.dirtied-by-select", title: "Reading that writes",
    finds: "A statement that changes no data but dirtied at least the number and share of blocks below.",
    explanation: "The first reader after a bulk change sets hint bits and prunes dead rows, and so dirties the pages. "
      + "VACUUM after bulk changes does that work before the readers come.",
    thresholds: [.init("dirtied blocks", blocks, .blocks), .init("share of the blocks", share, .fraction)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    let root = plan.plan.root
    let buffers = root.node.buffers
    let touched = buffers.sharedHit + buffers.sharedRead
    let changes = plan.nodes.contains { $0.node.type == .modifyTable || $0.node.type == .lockRows }
    guard !changes, buffers.sharedDirtied >= blocks, buffers.sharedDirtied >= share * touched else { return [] }
    let heaviest = plan.executed.filter { $0.node.relation != nil }
      .max { $0.node.buffers.sharedDirtied < $1.node.buffers.sharedDirtied }
    let node = heaviest ?? root
    let relation = NodeText.relation(node.node)
    return [
      plan.remark(
        Self.self, at: node,
        title: "Reading dirties \(Figures.bytes(buffers.sharedDirtied * PlanContext.blockBytes))", severity: .notice,
        evidence: [
          .quantity("dirtied", "Blocks dirtied", buffers.sharedDirtied, .blocks),
          .quantity("touched", "Blocks touched", touched, .blocks),
        ],
        remedy: Remedy(
          "Vacuum the table after bulk changes.", sql: relation.map { ["VACUUM \($0);"] } ?? [],
          risk: "VACUUM reads the pages that changed; it blocks nobody."),
        confidence: .measured("blocks are counted by the server"))
    ]
  }
}

public import Findings

/// P24
public enum ColdReads: PlanRule {
  static let share = 0.3
  static let readShare = 0.5

  public static let description = RuleDescription(
    "plan.cold-reads", title: "Waiting for reads",
    finds: "Reading blocks took at least the share below of the execution (track_io_timing), and at least the share of "
      + "blocks below was not in shared_buffers.",
    explanation: "The time depends on what is in memory, not on the plan. Reading fewer blocks (an index, a narrower "
      + "table) or keeping them in memory helps; a second execution may be much faster.",
    thresholds: [
      .init("share of the execution", share, .fraction), .init("blocks not in shared_buffers", readShare, .fraction),
    ])

  public static func findings(in plan: PlanContext) -> [Finding] {
    let root = plan.plan.root
    let buffers = root.node.buffers
    let blocks = buffers.sharedHit + buffers.sharedRead
    // Workers wait side by side.
    let processes = plan.nodes.map(\.processes).max() ?? 1
    let time = buffers.sharedReadTime / processes
    guard plan.isExecuted, blocks > 0, buffers.sharedRead / blocks >= readShare, plan.share(time) >= share else {
      return []
    }
    let heaviest = plan.executed.max { own($0, plan) < own($1, plan) } ?? root
    return [
      plan.finding(
        Self.self, at: heaviest,
        title: "\(Figures.bytes(buffers.sharedRead * PlanContext.blockBytes)) are read in "
          + Figures.milliseconds(time),
        recoverable: time * 0.5, low: 0, high: time,
        evidence: [
          .quantity("blocks_read", "Blocks read", buffers.sharedRead, .blocks),
          .quantity("blocks_hit", "Blocks found in shared_buffers", buffers.sharedHit, .blocks),
          .quantity("read_time", "Waiting for reads", time, .milliseconds),
          .text("heaviest", "Most of them by", NodeText.line(heaviest.node)),
        ],
        remedy: Remedy(
          "See first whether fewer blocks would do (an index, a condition, a narrower select list); then whether "
            + "shared_buffers holds what is read often."),
        confidence: .measured("timed by the server; the next execution may find the blocks in memory"))
    ].compactMap { $0 }
  }

  private static func own(_ node: AnalysedPlan.Node, _ plan: PlanContext) -> Double {
    node.node.buffers.sharedRead - plan.plan.children(of: node).reduce(0) { $0 + $1.node.buffers.sharedRead }
  }
}

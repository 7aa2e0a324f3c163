public import Findings

/// P10
public enum NestedLoopBlowUp: PlanRule {
  static let loops = 1_000.0
  static let share = 0.2

  public static let description = RuleDescription(
    "plan.nested-loop-blow-up", title: "Inner side executed thousands of times",
    finds: "A nested loop whose inner side ran at least as often as below and took at least the share below of the "
      + "execution, or whose inner side is a sequential scan that ran more than once and took that share.",
    explanation: "Repeating a scan pays off for few rows. For many, one pass (a hash or merge join) is cheaper; and a "
      + "sequential scan should never be repeated for want of an index.",
    thresholds: [.init("executions", loops, .count), .init("share of the execution", share, .fraction)])

  private static let scans: Set<NodeType> = [.seqScan, .foreignScan, .functionScan]

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .nestedLoop, let index = node.children.last(where: { isInner(plan.nodes[$0]) }) else {
        return nil
      }
      let inner = plan.nodes[index]
      let time = inner.inclusive ?? 0
      let scan = scanBelow(plan, inner)
      guard plan.share(time) >= share, inner.loops >= (scan == nil ? loops : 2) else { return nil }
      // A loop that was planned with the right number of outer rows is the planner's informed choice; what remains is
      // that each round may be too dear.
      let misestimate = plan.plan.children(of: node).first.flatMap(RowMisestimate.error)
      let wasForeseen = (misestimate?.factor ?? 1) < RowMisestimate.factor
      if wasForeseen, scan == nil { return nil }
      let target = scan ?? inner
      let condition = target.node.text(.filter) ?? node.node.text(.joinFilter) ?? ""
      let estimate = scan != nil ? time * 0.9 : time * 0.5
      var evidence: [Evidence] = [
        .quantity("loops", "Executions of the inner side", inner.loops, .count),
        .quantity("inner_time", "Time of the inner side", time, .milliseconds),
        PlanContext.rows("inner_rows", "Rows of the inner side, over all executions", inner.rows),
      ]
      if let misestimate {
        evidence.append(
          .quantity("outer_estimate", "Outer rows expected", misestimate.estimated, .rows))
      }
      let remedy =
        scan == nil
        ? Remedy(
          "Correct the row estimate of the outer side, so that the planner sees how often the inner side will run; then it "
            + "will compare with a hash join.")
        : IndexSuggestion.remedy(
          "Index the columns by which the inner table is searched.", for: target.node,
          keys: IndexSuggestion.keys(for: condition))
      return plan.finding(
        Self.self, at: inner,
        title: "\(NodeText.line(target.node)) runs \(Figures.count(inner.loops)) times inside a nested loop",
        recoverable: estimate, low: 0, high: time, evidence: evidence, remedy: remedy,
        confidence: scan == nil
          ? .guess("half of the inner side's time is taken for what another join would save")
          : .estimated("the inner side's time is measured; an index is assumed to save nine tenths of it"))
    }
  }

  /// Whether the loop's inner side is a sequential scan that ran more than once.
  static func repeatsScan(_ plan: PlanContext, _ node: AnalysedPlan.Node) -> Bool {
    guard node.node.type == .nestedLoop, let inner = node.children.last(where: { isInner(plan.nodes[$0]) }) else {
      return false
    }
    return plan.nodes[inner].loops >= 2 && scanBelow(plan, plan.nodes[inner]) != nil
  }

  private static func isInner(_ node: AnalysedPlan.Node) -> Bool { node.node.relationship == .inner }

  /// The scan that is repeated without an index; nil where the inner side is found by one or read once.
  private static func scanBelow(_ plan: PlanContext, _ inner: AnalysedPlan.Node) -> AnalysedPlan.Node? {
    if inner.node.type == .seqScan { return inner }
    let candidates = plan.plan.descendants(of: inner).filter { $0.node.type == .seqScan && $0.loops >= inner.loops }
    return candidates.max { ($0.inclusive ?? 0) < ($1.inclusive ?? 0) }
  }
}

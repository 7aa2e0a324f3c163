public import Findings
import Model

/// Not in the literature's catalogues by name, but what a missing index on a join column looks like.
public enum JoinWithoutIndex: PlanRule {
  static let rows = 10_000.0
  static let share = 0.01

  public static let description = RuleDescription(
    "plan.join-without-index", title: "Whole table read for a few join partners",
    finds:
      "A sequential scan without a selective filter that feeds a hash or merge join with at least the rows below, of "
      + "which the join keeps at most the share below, while its other side has no more rows than that share.",
    explanation:
      "Few rows look for their partners, and the whole table is read to find them. With an index on the join "
      + "column a nested loop finds each directly.",
    thresholds: [.init("rows read", rows, .rows), .init("share of them", share, .fraction)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .seqScan, node.node.relation != nil, node.rows.low >= rows,
        let join = joinAbove(plan, node), let other = otherSide(plan, join.node, without: join.side)
      else { return nil }
      let most = node.rows.low * share
      guard join.node.rows.high <= most, other.rows.high <= most else { return nil }
      let condition = join.node.node.text(.hashCond) ?? join.node.node.text(.mergeCond) ?? ""
      let keys = columns(of: node.node, in: condition)
      let time = (node.exclusive ?? 0) + (join.node.exclusive ?? 0)
      let used = max(join.node.rows.high, other.rows.high) * FilterDiscards.randomAccess / node.rows.low
      return plan.finding(
        Self.self, at: node,
        title:
          "\(NodeText.line(node.node)) reads \(Figures.rows(low: node.rows.low, high: node.rows.high)) rows for a join "
          + "that keeps \(Figures.rows(low: join.node.rows.low, high: join.node.rows.high))",
        recoverable: time * (1 - used), low: time * 0.5, high: time,
        evidence: [
          PlanContext.rows("rows_read", "Rows read", node.rows),
          PlanContext.rows("rows_joined", "Rows that the join keeps", join.node.rows),
          PlanContext.rows("rows_other", "Rows of the other side", other.rows),
          .text("join_condition", "Join condition", ExpressionText.withoutValues(condition)),
          PlanContext.own(node),
        ].compactMap { $0 },
        remedy: IndexSuggestion.remedy(
          "Index the column by which the table is joined.", for: node.node, keys: keys),
        confidence: .estimated(
          "the times of scan and join are measured; an index is assumed to cost four times as much for each row found"))
    }
  }

  /// The join that the scan feeds, straight or through nodes that pass rows on, and the child by which it does.
  private static func joinAbove(
    _ plan: PlanContext, _ node: AnalysedPlan.Node
  ) -> (node: AnalysedPlan.Node, side: Int)? {
    var side = node
    while let parent = plan.plan.parent(of: side) {
      switch parent.node.type {
      case .hashJoin, .mergeJoin:
        // An outer join has to read the side that it keeps.
        return ["Inner", "Semi", "Right Semi"].contains(parent.node.joinType ?? "") ? (parent, side.index) : nil
      case .hash, .sort, .materialize: side = parent
      default: return nil
      }
    }
    return nil
  }

  private static func otherSide(
    _ plan: PlanContext, _ join: AnalysedPlan.Node, without side: Int
  ) -> AnalysedPlan.Node? {
    plan.plan.children(of: join).first {
      $0.index != side && ($0.node.relationship == .outer || $0.node.relationship == .inner)
    }
  }

  /// The scan's own columns of `(i.order_id = o.id)`.
  private static func columns(of node: PlanNode, in condition: String) -> [String] {
    guard let alias = node.alias else { return [] }
    let prefix = SQLSpelling.identifier(alias) + "."
    return ExpressionText.conjuncts(condition).compactMap { part in
      guard let comparison = ExpressionText.comparison(part), comparison.operator == "=" else { return nil }
      for side in [comparison.left, comparison.right] where side.hasPrefix(prefix) {
        if case .column(let name) = ExpressionText.operand(side) { return name }
      }
      return nil
    }
  }
}

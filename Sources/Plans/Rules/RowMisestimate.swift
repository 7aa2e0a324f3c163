public import Findings
import Model

/// P01
public enum RowMisestimate: PlanRule {
  public static let factor = 10.0
  public static let rows = 100.0
  /// A node is not the cause where a child is wrong by this factor in the same direction.
  static let childFactor = 5.0

  public static let description = RuleDescription(
    "plan.row-misestimate", title: "Wrong row estimate",
    finds: "The deepest node whose actual rows differ from the planner's estimate by the factor and by the rows below, "
      + "while its children were estimated well. Rounded row counts are taken as intervals, and a node that a LIMIT or a "
      + "semi-join may have stopped early is not blamed for returning few rows.",
    explanation: "The planner chose everything above the node with the wrong number: join order and method, memory, "
      + "parallelism. Fresh or finer statistics are the cheapest repair.",
    thresholds: [.init("factor", factor, .ratio), .init("rows", rows, .rows)],
    source: "q-error: Moerkotte, Neumann, Steidl, \"Preventing Bad Plans by Bounding the Impact of Cardinality "
      + "Estimation Errors\", VLDB 2009")

  /// Nodes that make a number of rows of their own; the others pass on what they are given.
  private static let sources: Set<NodeType> = [
    .seqScan, .indexScan, .indexOnlyScan, .bitmapHeapScan, .tidScan, .tidRangeScan, .sampleScan, .functionScan,
    .cteScan, .foreignScan, .subqueryScan, .valuesScan, .workTableScan, .tableFunctionScan, .hashJoin, .mergeJoin,
    .nestedLoop, .aggregate, .unique, .setOp, .group, .recursiveUnion, .projectSet,
  ]

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard sources.contains(node.node.type), let error = error(node), error.factor >= factor,
        error.difference * node.loops >= rows
      else { return nil }
      let inherits = plan.plan.descendants(of: node).contains {
        guard sources.contains($0.node.type), $0.node.loops > 0, let below = Self.error($0) else { return false }
        return below.isTooLow == error.isTooLow && below.factor >= childFactor
      }
      guard !inherits else { return nil }
      return finding(plan, node, error)
    }
  }

  /// How far an estimate is from what was found, at least.
  public struct Misestimate: Hashable, Sendable {
    public var factor: Double
    /// Whether fewer rows were expected than came.
    public var isTooLow: Bool
    /// Rows for each execution.
    public var estimated: Double
    public var actual: RowInterval
    public var difference: Double
  }

  /// How wrong the estimate is at least, given what is known of the rows; nil where nothing can be said.
  public static func error(_ node: AnalysedPlan.Node) -> Misestimate? {
    guard let estimate = node.node.estimate, node.loops > 0 else { return nil }
    let estimated = max(1, estimate.rows)
    let actual = RowInterval(low: node.rows.low / node.loops, high: node.rows.high / node.loops)
    if actual.low > estimated {
      return Misestimate(
        factor: actual.low / estimated, isTooLow: true, estimated: estimate.rows, actual: actual,
        difference: actual.low - estimated)
    }
    let most = max(1, actual.high)
    if most < estimated, !node.mayStopEarly {
      return Misestimate(
        factor: estimated / most, isTooLow: false, estimated: estimate.rows, actual: actual,
        difference: estimated - most)
    }
    return nil
  }

  /// Milliseconds of what was planned with a node's number of rows: the nodes above it, and the inner sides of nested
  /// loops that it drives; these also by themselves.
  public static func affectedMilliseconds(
    _ node: AnalysedPlan.Node, in plan: AnalysedPlan
  ) -> (all: Double, innerSides: Double) {
    var all = 0.0
    var innerSides = 0.0
    var index = node.index
    while let parent = plan.parent(of: plan.nodes[index]) {
      all += parent.exclusive ?? 0
      if parent.node.type == .nestedLoop, let inner = parent.children.last, inner != index {
        all += plan.nodes[inner].inclusive ?? 0
        innerSides += plan.nodes[inner].inclusive ?? 0
      }
      index = parent.index
    }
    return (all, innerSides)
  }

  private static func finding(_ plan: PlanContext, _ node: AnalysedPlan.Node, _ error: Misestimate) -> Finding {
    let (affected, inner) = affectedMilliseconds(node, in: plan.plan)
    let repeated = error.isTooLow ? inner : 0
    var evidence: [Evidence] = [
      .quantity("estimated_rows", "Rows expected for each execution", error.estimated, .rows),
      .interval("actual_rows", "Rows found for each execution", error.actual.low, error.actual.high, .rows),
      .quantity("factor", "Wrong by at least", error.factor, .ratio),
      .quantity("loops", "Executions", node.loops, .count),
    ]
    for key in PlanNode.conditionKeys { evidence += PlanContext.condition(node, key).prefix(1) }
    if plan.plan.plan.isTimed {
      evidence.append(.quantity("affected_time", "Time of what was planned with this number", affected, .milliseconds))
    }
    let title =
      "\(NodeText.line(node.node)): \(Figures.rows(low: error.actual.low, high: error.actual.high)) rows where "
      + "\(Figures.count(error.estimated)) were expected"
    let confidence = Confidence.guess(
      "the error is measured; what a better estimate would save is half of the inner sides that it made run too often")
    // Only repeated inner sides are a loss that a better estimate surely avoids a part of.
    if let found = plan.finding(
      Self.self, at: node, title: title, recoverable: repeated / 2, low: 0, high: affected, evidence: evidence,
      remedy: remedy(node.node), confidence: confidence), repeated > 0
    {
      return found
    }
    let isHeavy = plan.share(affected) >= PlanContext.warningShare
    return plan.remark(
      Self.self, at: node, title: title, severity: isHeavy ? .notice : .info, evidence: evidence,
      remedy: remedy(node.node), confidence: .measured("rows counted by the executor"))
  }

  private static func remedy(_ node: PlanNode) -> Remedy {
    guard let relation = NodeText.relation(node) else {
      return Remedy(
        "Collect fresh statistics (ANALYZE) on the tables below; where they are fresh, extended statistics on the "
          + "columns that are joined or grouped together help.")
    }
    let condition = PlanNode.conditionKeys.compactMap { node.text($0) }
    let columns = condition.flatMap {
      ExpressionText.columns(in: $0, comparedBy: IndexSuggestion.equality.union(IndexSuggestion.ranges))
    }
    var unique: [String] = []
    for column in columns where !unique.contains(column) { unique.append(column) }
    let analyze = "ANALYZE \(relation);"
    if unique.count > 1 {
      let name = (node.relation ?? "t") + "_" + unique.joined(separator: "_") + "_stats"
      let list = unique.map(SQLSpelling.identifier).joined(separator: ", ")
      return Remedy(
        "Collect fresh statistics; where the columns depend on each other, let the planner know by extended statistics.",
        sql: ["CREATE STATISTICS \(SQLSpelling.identifier(name)) ON \(list) FROM \(relation);", analyze],
        rollback: ["DROP STATISTICS \(SQLSpelling.identifier(name));"],
        risk: "ANALYZE reads a sample of the table; other plans that use these columns may change too.")
    }
    return Remedy(
      unique.isEmpty
        ? "Collect fresh statistics; an expression gets some of its own by CREATE STATISTICS or an index on it."
        : "Collect fresh statistics; where that does not help, raise the column's statistics target.",
      sql: [analyze], risk: "ANALYZE reads a sample of the table; other plans may change too.")
  }
}

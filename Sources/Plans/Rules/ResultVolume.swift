public import Findings

/// P28
public enum ResultVolume: PlanRule {
  static let bytes = 10_485_760.0
  static let rows = 10_000.0

  public static let description = RuleDescription(
    "plan.result-volume", title: "Large result",
    finds: "A result of at least the rows and estimated volume below.",
    explanation:
      "The rows have to cross the network and be held by the client; its time is not in the plan. A LIMIT, an "
      + "aggregation in the database, or a cursor may be what is wanted.",
    thresholds: [.init("rows", rows, .rows), .init("volume", bytes, .bytes)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    let root = plan.plan.root
    guard plan.isExecuted, root.node.type != .modifyTable, root.rows.low >= rows,
      let width = root.node.estimate?.width, root.rows.low * width >= bytes
    else { return [] }
    return [
      plan.remark(
        Self.self, at: root,
        title: "\(Figures.rows(low: root.rows.low, high: root.rows.high)) rows, about "
          + "\(Figures.bytes(root.rows.middle * width)), are returned", severity: .info,
        evidence: [
          PlanContext.rows("rows", "Rows returned", root.rows), .quantity("width", "Width expected", width, .bytes),
          .quantity("volume", "Volume, by that width", root.rows.middle * width, .bytes),
        ], remedy: Remedy("See whether all rows and columns are needed at once."),
        confidence: .estimated("rows are counted; their width is the planner's estimate"))
    ]
  }
}

public import Findings

/// P41
public enum IndexSearches: PlanRule {
  static let searches = 100.0

  public static let description = RuleDescription(
    "plan.index-searches", title: "Many descents of one index",
    finds:
      "An index scan that descended its index at least as often as below for each execution (18 and later print it).",
    explanation:
      "A long IN list, or a skip scan over a leading column that the condition does not name, descends the tree "
      + "once for each value. An index that begins with the compared column descends once.",
    thresholds: [.init("descents for each execution", searches, .count)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let count = node.node.number(.indexSearches)
      let each = count / max(1, node.loops)
      guard each >= searches else { return nil }
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node, title: "\(NodeText.line(node.node)) descends its index \(Figures.count(each)) times",
        recoverable: own * 0.5, low: 0, high: own,
        evidence: [
          .quantity("searches", "Descents", count, .count), .quantity("loops", "Executions", node.loops, .count),
        ] + PlanContext.condition(node, .indexCond) + [PlanContext.own(node)].compactMap { $0 },
        remedy: Remedy(
          "Where the condition does not name the index's first column, an index that begins with the compared column "
            + "descends once; a long list of values can be joined instead."),
        confidence: .guess("descents are counted; half of the scan's time is taken for them"))
    }
  }
}

public import Findings
import Model

/// P22
public enum PartitionsNotPruned: PlanRule {
  static let partitions = 4
  static let emptyShare = 0.5

  public static let description = RuleDescription(
    "plan.partitions-not-pruned", title: "Partitions read in vain",
    finds:
      "An Append over at least as many partitions as below, of which at least the share below was executed and gave "
      + "no row although it was filtered.",
    explanation: "A condition on the partition key, with a constant, a parameter or a stable function, lets PostgreSQL "
      + "leave partitions out before or during execution. A cast or function on the key prevents that.",
    thresholds: [
      .init("partitions", Double(partitions), .count), .init("empty share", emptyShare, .fraction),
    ])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .append || node.node.type == .mergeAppend else { return nil }
      let parts = plan.plan.children(of: node).filter {
        $0.node.loops > 0 && $0.node.partitionParent != nil && $0.node.relation != nil
      }
      let empty = parts.filter { $0.rows.high < 1 && plan.rows($0, .rowsRemovedByFilter).high > 0 }
      guard parts.count >= partitions, Double(empty.count) >= emptyShare * Double(parts.count) else { return nil }
      let time = empty.reduce(0) { $0 + ($1.inclusive ?? 0) }
      let parent = parts.first?.node.partitionParent ?? ""
      return plan.finding(
        Self.self, at: node,
        title: "\(Figures.count(Double(empty.count))) of \(Figures.count(Double(parts.count))) partitions of "
          + "\(SQLSpelling.identifier(parent)) are read without result",
        recoverable: time, low: time * 0.5, high: time,
        evidence: [
          .quantity("partitions_read", "Partitions read", parts.count, .count),
          .quantity("partitions_empty", "Partitions without a matching row", empty.count, .count),
          .quantity("partitions_removed", "Subplans removed", node.node.number(.subplansRemoved), .count),
          .quantity("empty_time", "Time of the partitions without result", time, .milliseconds),
        ] + (empty.first.map { PlanContext.condition($0, .filter) } ?? []),
        remedy: Remedy(
          "Add a condition on the partition key itself, without a cast or function around it; or index the filtered "
            + "column on the partitions."),
        confidence: .measured("rows and times of each partition are measured"))
    }
  }
}

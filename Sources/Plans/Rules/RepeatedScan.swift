public import Findings

/// P40
public enum RepeatedScan: PlanRule {
  static let scans = 3

  public static let description = RuleDescription(
    "plan.repeated-scan", title: "Same table scanned several times",
    finds: "A table that is read whole by at least as many sequential scans of one plan as below.",
    explanation:
      "Often several subqueries ask for parts of one table. One pass with FILTER aggregates, window functions "
      + "or a CTE that is materialized reads it once.",
    thresholds: [.init("scans", Double(scans), .count)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    let reads = plan.executed.filter { $0.node.type == .seqScan && $0.node.relation != nil }
    let tables = Dictionary(grouping: reads) { ($0.node.schema ?? "") + "." + ($0.node.relation ?? "") }
    return tables.sorted { $0.key < $1.key }.compactMap { _, nodes in
      guard nodes.count >= scans, let first = nodes.first else { return nil }
      let time = nodes.reduce(0) { $0 + ($1.exclusive ?? 0) }
      let most = nodes.map { $0.exclusive ?? 0 }.max() ?? 0
      return plan.finding(
        Self.self, at: first,
        title: "\(NodeText.relation(first.node) ?? "") is scanned by \(nodes.count) nodes of the plan",
        recoverable: time - most, low: 0, high: time - most,
        evidence: [
          .quantity("scans", "Scans", nodes.count, .count),
          .quantity("scan_time", "Time of all of them", time, .milliseconds),
        ], remedy: Remedy("Read the table once: FILTER aggregates, window functions, or a MATERIALIZED CTE."),
        confidence: .guess("times are measured; whether one pass can do is for the statement's author to see"))
    }
  }
}

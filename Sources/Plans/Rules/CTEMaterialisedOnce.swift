public import Findings
import Model

/// P20
public enum CTEMaterialisedOnce: PlanRule {
  static let share = 0.5
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.cte-materialized-once", title: "CTE computed in full and then filtered",
    finds: "A CTE that is read by one scan only, whose filter drops at least the share and number of rows below.",
    explanation: "A materialized CTE is computed as if nobody asked for a part of it: conditions outside do not reach "
      + "into it. NOT MATERIALIZED (12 and later), or a plain sub-select, lets them.",
    thresholds: [.init("dropped share", share, .fraction), .init("dropped rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard let name = node.node.cteDefinition else { return nil }
      let scans = plan.nodes.filter { $0.node.type == .cteScan && $0.node.text(.cteName) == name }
      // What changes data, or refers to itself, has to be materialized.
      let below = [node] + plan.plan.descendants(of: node)
      guard scans.count == 1, let scan = scans.first, scan.node.text(.filter) != nil,
        !below.contains(where: { $0.node.type == .modifyTable || $0.node.type == .recursiveUnion })
      else { return nil }
      let removed = plan.rows(scan, .rowsRemovedByFilter)
      let dropped = removed.middle / max(1, removed.middle + scan.rows.middle)
      guard removed.low >= rows, dropped >= share else { return nil }
      let time = node.inclusive ?? 0
      return plan.finding(
        Self.self, at: scan,
        title: "CTE \(SQLSpelling.identifier(name)) is computed in full and \(Figures.share(dropped)) of it dropped",
        recoverable: time * dropped * 0.8, low: 0, high: time,
        evidence: [
          PlanContext.rows("rows_removed", "Rows removed by the filter outside", removed),
          PlanContext.rows("rows_kept", "Rows kept", scan.rows),
          .quantity("cte_time", "Time of the CTE", time, .milliseconds),
        ] + PlanContext.condition(scan, .filter),
        remedy: Remedy(
          "Write the CTE as NOT MATERIALIZED, or as a sub-select, so that the condition reaches into it.",
          risk: "A CTE with volatile functions means something else when it is not materialized."),
        confidence: .estimated("the CTE's time is measured; it is assumed to be spent evenly on its rows"))
    }
  }
}

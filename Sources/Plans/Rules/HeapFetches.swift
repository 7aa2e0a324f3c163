public import Findings

/// P09
public enum HeapFetches: PlanRule {
  static let share = 0.1
  static let fetches = 1_000.0

  public static let description = RuleDescription(
    "plan.heap-fetches", title: "Index-only scan that visits the table",
    finds:
      "An index-only scan that fetched at least the number below from the heap, and at least the share below of its "
      + "rows.",
    explanation:
      "Pages that VACUUM has not marked all-visible since their last change have to be visited to see whether "
      + "a row is visible. Vacuuming more often gives the scan its advantage back.",
    thresholds: [.init("share of rows", share, .fraction), .init("fetches", fetches, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      // Heap Fetches is a sum over all loops (ntuples2), unlike the rows.
      let fetched = node.node.number(.heapFetches)
      let share = fetched / max(1, node.rows.high)
      guard node.node.type == .indexOnlyScan, fetched >= fetches, share >= Self.share else { return nil }
      let own = node.exclusive ?? 0
      let relation = NodeText.relation(node.node)
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) visits the table for \(Figures.share(min(1, share))) of its rows",
        recoverable: own * min(1, share) * 0.6, low: 0, high: own,
        evidence: [
          .quantity("heap_fetches", "Heap fetches", fetched, .rows), PlanContext.rows("rows", "Rows", node.rows),
          PlanContext.own(node),
        ].compactMap { $0 },
        remedy: Remedy(
          "Vacuum the table, and let autovacuum come more often (autovacuum_vacuum_scale_factor, and "
            + "autovacuum_vacuum_insert_scale_factor for tables that only grow).",
          sql: relation.map { ["VACUUM \($0);"] } ?? [],
          risk: "VACUUM reads the pages that changed; it blocks nobody."),
        confidence: .estimated("fetches are counted; three fifths of the time of a fetched row is taken for the heap"))
    }
  }
}

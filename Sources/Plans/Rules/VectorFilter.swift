public import Findings

/// P36
public enum VectorFilter: PlanRule {
  public static let description = RuleDescription(
    "plan.vector-filter", title: "Filter behind a nearest-neighbour index",
    finds: "An index scan ordered by a distance operator, with a filter that removed rows, below a LIMIT that returned "
      + "fewer rows than it was planned for.",
    explanation:
      "An approximate index gives a fixed number of candidates (hnsw.ef_search, ivfflat.probes) and the filter "
      + "drops some: the result is shorter than asked for although more rows match.",
    source: "pgvector manual, \"Filtering\"")

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard [.indexScan, .indexOnlyScan].contains(node.node.type), let order = node.node.text(.orderBy),
        VectorSort.isDistance(order), node.node.text(.filter) != nil,
        let limit = plan.plan.ancestor(of: node, [.limit]), let wanted = limit.node.estimate?.rows
      else { return nil }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      guard removed.low > 0, limit.rows.high < wanted else { return nil }
      return plan.remark(
        Self.self, at: node,
        title:
          "LIMIT wanted \(Figures.count(wanted)) neighbours and got \(Figures.rows(low: limit.rows.low, high: limit.rows.high))",
        severity: .warning,
        evidence: [
          .quantity("rows_wanted", "Rows wanted", wanted, .rows),
          PlanContext.rows("rows_returned", "Rows returned", limit.rows),
          PlanContext.rows("rows_removed", "Candidates removed by the filter", removed),
        ] + PlanContext.condition(node, .filter),
        remedy: Remedy(
          "Let the index scan go on until enough rows are found (pgvector 0.8: hnsw.iterative_scan), raise hnsw.ef_search, "
            + "or make a partial index for the filter.",
          sql: ["SET hnsw.iterative_scan = strict_order;"], rollback: ["RESET hnsw.iterative_scan;"]),
        confidence: .estimated("rows are counted; the table may hold no more matching rows"))
    }
  }
}

public import Findings
import Model

/// P34
public enum LeadingWildcard: PlanRule {
  static let share = 0.5
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.leading-wildcard", title: "LIKE with a leading wildcard",
    finds:
      "A filter with LIKE or ILIKE whose pattern begins with a wildcard, and which discards at least the share and "
      + "number of rows below.",
    explanation: "A B-tree finds beginnings only. A trigram index (pg_trgm, GIN) finds any part of three characters or "
      + "more.",
    thresholds: [.init("discarded share", share, .fraction), .init("discarded rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard let relation = node.node.relation, node.node.type != .foreignScan, let filter = node.node.text(.filter)
      else { return nil }
      let columns = FilterCause.causes(in: filter).compactMap { cause, _ -> String? in
        if case .leadingWildcard(let column) = cause { column } else { nil }
      }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      let discarded = removed.middle / max(1, removed.middle + node.rows.middle)
      guard let column = columns.first, removed.low >= rows, discarded >= share else { return nil }
      let own = node.exclusive ?? 0
      let table = NodeText.relation(node.node) ?? relation
      let name = SQLSpelling.identifier("\(relation)_\(column)_trgm_idx")
      let schema = node.node.schema.map { SQLSpelling.identifier($0) + "." } ?? ""
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) searches \(SQLSpelling.identifier(column)) in "
          + "\(Figures.count(removed.middle + node.rows.middle)) rows",
        recoverable: own * discarded * 0.9, low: 0, high: own,
        evidence: [
          .text("column", "Column", SQLSpelling.identifier(column)),
          PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
        ] + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: Remedy(
          "Index the column by trigrams.",
          sql: [
            "CREATE EXTENSION IF NOT EXISTS pg_trgm;",
            "CREATE INDEX CONCURRENTLY \(name) ON \(table) USING gin (\(SQLSpelling.identifier(column)) gin_trgm_ops);",
          ], rollback: ["DROP INDEX CONCURRENTLY \(schema)\(name);"],
          risk: "GIN indexes are dear to keep up to date; patterns of fewer than three characters cannot use it."),
        confidence: .estimated("the scan's own time is measured; a trigram index is assumed to save nine tenths of it"))
    }
  }
}

public import Findings
import Model

/// P33
public enum CastOnColumn: PlanRule {
  static let share = 0.9
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.cast-on-column", title: "Cast of a column",
    finds: "A filter that compares a column cast to another type, and discards at least the share and number of rows "
      + "below. Casts that change nothing (varchar to text) do not count.",
    explanation: "The other side has a type that the column's does not compare with directly: an integer column with a "
      + "numeric parameter, a timestamp with a date. Give the parameter the column's type and an index can serve.",
    thresholds: [.init("discarded share", share, .fraction), .init("discarded rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.relation != nil, node.node.type != .foreignScan, let filter = node.node.text(.filter) else {
        return nil
      }
      let casts = FilterCause.causes(in: filter).compactMap { cause, _ -> (column: String, type: String)? in
        if case .cast(let column, let type) = cause { (column, type) } else { nil }
      }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      let discarded = removed.middle / max(1, removed.middle + node.rows.middle)
      guard let cast = casts.first, removed.low >= rows, discarded >= share else { return nil }
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) casts \(SQLSpelling.identifier(cast.column)) to \(cast.type) for "
          + "\(Figures.count(removed.middle + node.rows.middle)) rows",
        recoverable: own * discarded, low: own * discarded / 2, high: own,
        evidence: [
          .text("cast", "Cast", "\(SQLSpelling.identifier(cast.column)) to \(cast.type)"),
          PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
        ] + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: Remedy(
          "Send the parameter in the column's own type (or compare with a range of it), and index the column. A driver "
            + "that sends numeric for integers is the usual cause."),
        confidence: .estimated("the scan's own time is measured; an index is assumed to read the kept rows only"))
    }
  }
}

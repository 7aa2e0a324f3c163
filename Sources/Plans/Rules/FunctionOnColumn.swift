public import Findings
import Model

/// P33
public enum FunctionOnColumn: PlanRule {
  static let share = 0.9
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.function-on-column", title: "Function around a column",
    finds: "A filter that compares a function of a column, and discards at least the share and number of rows below.",
    explanation: "An index on the column cannot serve a function of it. An index on the expression can, and gives the "
      + "planner statistics of it.",
    thresholds: [.init("discarded share", share, .fraction), .init("discarded rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.relation != nil, node.node.type != .foreignScan, let filter = node.node.text(.filter) else {
        return nil
      }
      let functions = FilterCause.causes(in: filter).compactMap { cause, part -> (name: String, part: String)? in
        if case .function(let name) = cause { (name, part) } else { nil }
      }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      let discarded = removed.middle / max(1, removed.middle + node.rows.middle)
      guard let first = functions.first, let comparison = ExpressionText.comparison(first.part), removed.low >= rows,
        discarded >= share
      else { return nil }
      let own = node.exclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title:
          "\(NodeText.line(node.node)) computes \(first.name)() for \(Figures.count(removed.middle + node.rows.middle)) rows",
        recoverable: own * discarded, low: own * discarded / 2, high: own,
        evidence: [
          .text("expression", "Expression", ExpressionText.withoutValues(comparison.left)),
          PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
          PlanContext.rows("rows_kept", "Rows kept", node.rows),
        ] + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: IndexSuggestion.remedy(
          "Index the expression; its function must be immutable.", for: node.node,
          keys: [unqualified(comparison.left, node)],
          isExpression: true),
        confidence: .estimated("the scan's own time is measured; an index is assumed to read the kept rows only"))
    }
  }

  /// The expression without the table's alias before its columns.
  private static func unqualified(_ text: String, _ node: AnalysedPlan.Node) -> String {
    guard let alias = node.node.alias else { return text }
    let prefix = SQLSpelling.identifier(alias) + "."
    return text.split(separator: prefix, omittingEmptySubsequences: false).joined()
  }
}

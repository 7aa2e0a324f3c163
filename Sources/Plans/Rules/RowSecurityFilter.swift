public import Findings

/// P32
public enum RowSecurityFilter: PlanRule {
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.row-security-filter", title: "Session function called for every row",
    finds:
      "A filter over at least the rows below that calls current_setting() or a function of the session (as row-level "
      + "security policies do) outside of a sub-select.",
    explanation:
      "The call is repeated for each row, and a setting read as text keeps an index from being used. Wrapped as "
      + "(SELECT current_setting(…)) it is computed once and can serve an index.",
    thresholds: [.init("rows read", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.relation != nil, node.node.type != .foreignScan, let filter = node.node.text(.filter),
        FilterCause.causes(in: filter).contains(where: { $0.cause == .rowSecurity })
      else { return nil }
      let removed = plan.rows(node, .rowsRemovedByFilter)
      let read = removed.middle + node.rows.middle
      guard read >= rows else { return nil }
      let own = node.exclusive ?? 0
      let discarded = removed.middle / max(1, read)
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) calls a session function for \(Figures.count(read)) rows",
        recoverable: own * max(0.3, discarded * 0.9), low: own * 0.1, high: own,
        evidence: [
          .quantity("rows_read", "Rows read", read, .rows),
          PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
        ] + PlanContext.condition(node, .filter) + [PlanContext.own(node)].compactMap { $0 },
        remedy: Remedy(
          "In the policy, write the call as a sub-select, cast to the column's type: tenant_id = (SELECT "
            + "current_setting('app.tenant')::int); and index the column.",
          risk: "The policy is replaced in one transaction; check it with a role that it restricts."),
        confidence: .estimated("the scan's time is measured; the function's part of it is an assumption"))
    }
  }
}

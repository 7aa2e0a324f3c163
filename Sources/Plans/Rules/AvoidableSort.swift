public import Findings
import Model

/// P19
public enum AvoidableSort: PlanRule {
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "plan.avoidable-sort", title: "Sort that an index could replace",
    finds:
      "A sort of at least the rows below, directly above a scan of one table, whose keys are columns of that table; "
      + "below a LIMIT also the scan that feeds it.",
    explanation:
      "A B-tree gives its rows in order. With an index on the compared columns followed by the sort keys, the "
      + "sort goes away, and below a LIMIT the scan ends after the first rows.",
    thresholds: [.init("sorted rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .sort, let child = plan.plan.children(of: node).first, child.rows.low >= rows,
        [.seqScan, .bitmapHeapScan, .indexScan].contains(child.node.type), child.node.relation != nil
      else { return nil }
      let keys = node.node.list(.sortKey)
      var columns: [String] = []
      for key in keys {
        guard let column = indexKey(key) else { return nil }
        columns.append(column)
      }
      let limit = plan.plan.parent(of: node).flatMap { $0.node.type == .limit ? $0 : nil }
      let own = node.exclusive ?? 0
      let scan = child.inclusive ?? 0
      var saved = own
      if let limit {
        saved += scan * (1 - min(1, max(1, limit.rows.high) / max(1, child.rows.low)))
      } else if node.rows.low > 100_000 {
        // Reading a large table in index order is random access: the sort may well be the cheaper way.
        return nil
      }
      let condition = child.node.text(.filter) ?? child.node.text(.recheckCond) ?? child.node.text(.indexCond) ?? ""
      let equal = ExpressionText.columns(in: condition, comparedBy: IndexSuggestion.equality)
      let prefix = equal.filter { column in !columns.contains { $0 == column || $0.hasPrefix(column + " ") } }
      return plan.finding(
        Self.self, at: node,
        title:
          "\(Figures.rows(low: child.rows.low, high: child.rows.high)) rows of \(child.node.relation ?? "") are sorted"
          + (limit.map { " to return \(Figures.rows(low: $0.rows.low, high: $0.rows.high))" } ?? ""),
        recoverable: limit == nil ? saved * 0.5 : saved * 0.9, low: 0, high: own + scan,
        evidence: [
          .text("sort_key", "Sort key", keys.joined(separator: ", ")),
          PlanContext.rows("rows", "Rows sorted", child.rows),
          .text("sort_method", "Sort method", node.node.text(.sortMethod) ?? "?"), PlanContext.own(node),
        ].compactMap { $0 } + PlanContext.condition(child, .filter),
        remedy: IndexSuggestion.remedy(
          "Let an index give the order: compared columns first, then the sort keys with their direction.",
          for: child.node, keys: prefix.map(SQLSpelling.identifier) + columns, isExpression: true),
        confidence: .estimated(
          limit == nil
            ? "the sort's time is measured; reading in index order costs about half of it again"
            : "times are measured; with an index the scan is assumed to stop after the rows returned"))
    }
  }

  /// `o.created DESC NULLS LAST` as an index key; nil for expressions.
  private static func indexKey(_ key: String) -> String? {
    var name = key
    var suffix = ""
    for end in [" NULLS LAST", " NULLS FIRST", " DESC"] where name.hasSuffix(end) {
      name.removeLast(end.count)
      suffix = end + suffix
    }
    guard ExpressionText.isColumn(name) else { return nil }
    return SQLSpelling.identifier(ExpressionText.unqualified(name)) + suffix
  }
}

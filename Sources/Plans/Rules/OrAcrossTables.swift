public import Findings

/// P34
public enum OrAcrossTables: PlanRule {
  static let rows = 10_000.0
  static let share = 0.9

  public static let description = RuleDescription(
    "plan.or-across-tables", title: "OR between two tables",
    finds:
      "A join filter with an OR whose sides name different tables, which discards at least the number and share of "
      + "pairs below.",
    explanation: "No index of one table can serve such a condition, so the tables are joined first. A UNION of two "
      + "statements, one for each side of the OR, lets each use its own index.",
    thresholds: [.init("discarded pairs", rows, .rows), .init("discarded share", share, .fraction)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let (key, removedKey): (PlanKey, PlanKey) =
        node.node.text(.joinFilter) != nil
        ? (.joinFilter, .rowsRemovedByJoinFilter) : (.filter, .rowsRemovedByFilter)
      guard [.nestedLoop, .hashJoin, .mergeJoin].contains(node.node.type), let text = node.node.text(key) else {
        return nil
      }
      let removed = plan.rows(node, removedKey)
      let discarded = removed.middle / max(1, removed.middle + node.rows.middle)
      guard removed.low >= rows, discarded >= share, ExpressionText.conjuncts(text).contains(where: isAcross) else {
        return nil
      }
      let time = node.inclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title:
          "\(NodeText.line(node.node)) tests an OR between tables on \(Figures.count(removed.middle + node.rows.middle)) pairs",
        recoverable: time * discarded * 0.8, low: 0, high: time,
        evidence: [
          PlanContext.rows("pairs_removed", "Pairs removed", removed),
          PlanContext.rows("pairs_kept", "Pairs kept", node.rows),
        ] + PlanContext.condition(node, key),
        remedy: Remedy(
          "Write two statements, one for each side of the OR, and combine them by UNION.",
          risk: "UNION removes duplicates, which OR does not have; UNION ALL keeps rows that meet both sides twice."),
        confidence: .guess("the join's time is measured; that each side alone finds an index is an assumption"))
    }
  }

  static func isAcross(_ part: String) -> Bool {
    let sides = ExpressionText.disjuncts(part)
    guard sides.count > 1 else { return false }
    return Set(sides.map { aliases($0) }).count > 1
  }

  /// The words before a dot: aliases of tables.
  private static func aliases(_ text: String) -> Set<String> {
    var aliases: Set<String> = []
    let masked = ExpressionText.withoutValues(text)
    for word in masked.split(whereSeparator: { "()[], =<>:~!@".contains($0) }) {
      let parts = word.split(separator: ".")
      if parts.count == 2, ExpressionText.isColumn(String(parts[0])) { aliases.insert(String(parts[0])) }
    }
    return aliases
  }
}

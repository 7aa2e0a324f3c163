public import Findings
import Model

/// P02
public enum FilterDiscards: PlanRule {
  static let share = 0.9
  static let rows = 1_000.0
  /// What a row costs through an index compared with one that is read in order: `random_page_cost` over
  /// `seq_page_cost`, by their defaults.
  static let randomAccess = 4.0

  public static let description = RuleDescription(
    "plan.filter-discards", title: "Scan that throws its rows away",
    finds: "A sequential scan or bitmap heap scan whose filter discards at least the share and number of rows below, "
      + "and which nothing in the filter keeps from using an index.",
    explanation: "Rows are read, checked and dropped. An index on the filtered columns reads the kept rows only.",
    thresholds: [.init("discarded share", share, .fraction), .init("discarded rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    var groups: [[Scan]] = []
    var places: [String: Int] = [:]
    for scan in plan.executed.compactMap({ scan(plan, $0) }) {
      // Partitions of one table below one Append are one matter.
      guard let table = scan.node.node.partitionParent, let parent = scan.node.parent else {
        groups.append([scan])
        continue
      }
      let key = "\(parent) \(table)"
      if let place = places[key] {
        groups[place].append(scan)
      } else {
        places[key] = groups.count
        groups.append([scan])
      }
    }
    return groups.compactMap { finding(plan, $0) }
  }

  private struct Scan {
    var node: AnalysedPlan.Node
    var filter: String
    var removed: RowInterval
  }

  private static func scan(_ plan: PlanContext, _ node: AnalysedPlan.Node) -> Scan? {
    guard [.seqScan, .bitmapHeapScan, .tidRangeScan].contains(node.node.type), node.node.relation != nil,
      let filter = node.node.text(.filter),
      // Where the filter's own form stands in the way of an index, the rule about that form speaks.
      FilterCause.causes(in: filter).isEmpty
    else { return nil }
    return Scan(node: node, filter: filter, removed: plan.rows(node, .rowsRemovedByFilter))
  }

  private static func finding(_ plan: PlanContext, _ scans: [Scan]) -> Finding? {
    guard let heaviest = scans.max(by: { ($0.node.exclusive ?? 0) < ($1.node.exclusive ?? 0) }) else { return nil }
    let removed = RowInterval(
      low: scans.reduce(0) { $0 + $1.removed.low }, high: scans.reduce(0) { $0 + $1.removed.high })
    let kept = RowInterval(
      low: scans.reduce(0) { $0 + $1.node.rows.low }, high: scans.reduce(0) { $0 + $1.node.rows.high })
    let discarded = removed.middle / max(1, removed.middle + kept.middle)
    guard removed.low >= rows, discarded >= share else { return nil }
    let node = heaviest.node
    let own = scans.reduce(0) { $0 + ($1.node.exclusive ?? 0) }
    let keys = IndexSuggestion.keys(for: heaviest.filter)
    let patterns = keys.isEmpty ? prefixPatterns(heaviest.filter) : []
    let contained = keys.isEmpty && patterns.isEmpty ? IndexSuggestion.containmentKeys(for: heaviest.filter) : []
    let parts = scans.count > 1 ? " and \(scans.count - 1) more partitions" : ""
    return plan.finding(
      Self.self, at: node,
      title: "\(NodeText.line(node.node))\(parts) drops \(Figures.share(discarded)) of "
        + "\(Figures.count(removed.middle + kept.middle)) rows",
      recoverable: own * discarded, low: own * max(0, 1 - randomAccess * (1 - discarded)), high: own,
      evidence: [
        PlanContext.rows("rows_removed", "Rows removed by the filter", removed),
        PlanContext.rows("rows_kept", "Rows kept", kept),
        scans.count > 1 ? .quantity("partitions", "Partitions", scans.count, .count) : nil,
      ].compactMap { $0 } + PlanContext.condition(node, .filter)
        + (plan.plan.plan.isTimed ? [.quantity("own_time", "Time of the scan itself", own, .milliseconds)] : []),
      remedy: !contained.isEmpty
        ? IndexSuggestion.remedy(
          "Index what is searched inside the column.", for: node.node, keys: contained, isExpression: true,
          method: "gin")
        : patterns.isEmpty
          ? IndexSuggestion.remedy(
            keys.isEmpty
              ? "Index what the filter tests." : "Index the columns that the filter compares, equality before ranges.",
            for: node.node, keys: keys)
          : IndexSuggestion.remedy(
            "Index the column for patterns that begin with text.", for: node.node, keys: patterns, isExpression: true),
      confidence: .estimated("the scan's own time is measured; an index is assumed to read the kept rows only"))
  }

  /// Columns that LIKE compares with a pattern that begins with text: a B-tree serves those with the pattern operator
  /// class, whatever the collation.
  private static func prefixPatterns(_ filter: String) -> [String] {
    ExpressionText.conjuncts(filter).compactMap { part in
      guard let comparison = ExpressionText.comparison(part), comparison.operator == "~~" else { return nil }
      switch ExpressionText.operand(comparison.left) {
      case .column(let name), .cast(let name, "text"): return SQLSpelling.identifier(name) + " text_pattern_ops"
      default: return nil
      }
    }
  }
}

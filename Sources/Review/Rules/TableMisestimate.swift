public import Findings
import History
import IndexAdvisor
import Model
import Plans

public enum TableMisestimate: ReviewRule {
  public static let description = RuleDescription(
    "table.wrong-statistics", title: "Statistics that mislead the planner",
    finds:
      "A table whose scans, in recorded plans with ANALYZE, found other numbers of rows than were estimated by the "
      + "factor below.",
    explanation:
      "Statistics are stale (autovacuum is off, or has not come since the table changed much), too coarse, or the "
      + "columns depend on each other. Everything planned with the number may be wrong.",
    thresholds: [
      .init("factor", RowMisestimate.factor, .ratio), .init("rows", RowMisestimate.rows, .rows),
    ])

  private struct Case {
    var fingerprint: Fingerprint
    var error: RowMisestimate.Misestimate
    /// Share of the plan's time that was planned with the number.
    var share: Double
    var condition: String
  }

  public static func findings(in input: ReviewInput) -> [Finding] {
    var cases: [String: [Case]] = [:]
    for (fingerprint, plans) in input.plans.sorted(by: { $0.key < $1.key }) {
      for recorded in plans {
        let plan = AnalysedPlan(recorded.plan)
        for node in plan.nodes where node.node.relation != nil {
          guard let error = RowMisestimate.error(node), error.factor >= RowMisestimate.factor,
            error.difference * node.loops >= RowMisestimate.rows
          else { continue }
          let affected = RowMisestimate.affectedMilliseconds(node, in: plan)
          let total = plan.totalMilliseconds ?? 0
          let condition = PlanNode.conditionKeys.compactMap { node.node.text($0) }.first ?? ""
          let relation = node.node.partitionParent ?? node.node.relation ?? ""
          let name =
            (node.node.schema.map { SQLSpelling.identifier($0) + "." } ?? "") + SQLSpelling.identifier(relation)
          cases[name, default: []].append(
            Case(
              fingerprint: fingerprint, error: error,
              share: total > 0 && error.isTooLow ? min(1, affected.innerSides / total) : 0,
              condition: ExpressionText.withoutValues(condition)))
        }
      }
    }
    return cases.sorted { $0.key < $1.key }.map { finding(input, table: $0, $1) }
  }

  private static func finding(_ input: ReviewInput, table: String, _ cases: [Case]) -> Finding {
    let worst = cases.max { $0.error.factor < $1.error.factor } ?? cases[0]
    let queries = Dictionary(grouping: cases, by: \.fingerprint)
    // What half of the repeated inner sides of each statement took, by the mean share over its plans.
    let high = queries.reduce(0.0) { sum, query in
      let plans = Double(max(1, input.plans[query.key]?.count ?? 1))
      let share = min(1, query.value.reduce(0) { $0 + $1.share } / plans)
      return sum + share * (input.statements[query.key]?.now.totalMilliseconds ?? 0)
    }
    let parts = table.split(separator: ".", maxSplits: 1).map(String.init)
    let name =
      parts.count == 2 ? RelationName(schema: parts[0], name: parts[1]) : resolved(parts[0], in: input)
    let database = queries.keys.compactMap { input.statements[$0]?.database }.sorted().first ?? ""
    let found = worst.error.actual
    return Finding(
      rule: description.id, subject: .table(name, database: database),
      title: "Row estimates of \(name) are wrong by up to \(Figures.factor(worst.error.factor))",
      severity: max(.notice, input.severity(high)),
      recoverable: high > 0 ? input.perDay(high / 2, low: 0, high: high) : nil,
      evidence: [
        .quantity("factor", "Wrong by at least", worst.error.factor, .ratio),
        .quantity("estimated_rows", "Rows expected", worst.error.estimated, .rows),
        .interval("actual_rows", "Rows found", found.low, found.high, .rows),
        .text("condition", "Condition", worst.condition),
        .quantity("queries", "Statements concerned", queries.count, .count),
        .quantity("plans", "Recorded plans concerned", cases.count, .count),
      ],
      remedy: Remedy(
        "Collect fresh statistics, and see that autovacuum is on for the table and comes often enough. Where the estimates "
          + "stay wrong, raise the columns' statistics target or create extended statistics.",
        sql: ["ANALYZE \(name.schema.isEmpty ? SQLSpelling.identifier(name.name) : name.sql);"],
        risk: "ANALYZE reads a sample of the table; other plans may change too."),
      confidence: .estimated(
        "rows are counted; half of the inner sides that ran too often is taken for what better estimates save"))
  }

  /// Plans without VERBOSE name no schema: the catalog's only table of that name, if there is one.
  private static func resolved(_ name: String, in input: ReviewInput) -> RelationName {
    let tables = (input.database?.tables ?? []).map(\.name).filter { $0.name == name }
    return tables.count == 1 ? tables[0] : RelationName(schema: "", name: name)
  }
}

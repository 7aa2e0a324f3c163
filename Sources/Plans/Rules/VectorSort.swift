public import Findings

/// P36
public enum VectorSort: PlanRule {
  static let rows = 1_000.0
  static let operators = ["<->", "<=>", "<#>", "<+>"]

  public static let description = RuleDescription(
    "plan.vector-sort", title: "Nearest neighbours by sorting",
    finds: "A sort by a distance operator (<->, <=>, <#>, <+>) above a scan of at least the rows below.",
    explanation:
      "Every distance is computed and sorted. An index for the operator (HNSW or IVFFlat of pgvector, GiST for "
      + "trigrams and geometry) gives the nearest rows in order; the statement must have LIMIT and ORDER BY the bare "
      + "distance, ascending.",
    thresholds: [.init("rows", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .sort, let key = node.node.list(.sortKey).first(where: isDistance),
        let scan = plan.plan.descendants(of: node).first(where: { $0.node.relation != nil }), scan.rows.low >= rows
      else { return nil }
      let time = node.inclusive ?? 0
      let limit = plan.plan.parent(of: node).flatMap { $0.node.type == .limit ? $0 : nil }
      return plan.finding(
        Self.self, at: node,
        title: "\(Figures.rows(low: scan.rows.low, high: scan.rows.high)) distances are computed and sorted",
        recoverable: limit == nil ? 0 : time * 0.95, low: 0, high: time,
        evidence: [
          .text("sort_key", "Sort key", ExpressionText.withoutValues(key)),
          PlanContext.rows("rows", "Rows", scan.rows),
        ],
        remedy: Remedy(
          limit == nil
            ? "Without LIMIT no index can serve; see whether all rows are needed."
            : "Create an index of the operator's kind (pgvector: USING hnsw (column vector_l2_ops), vector_cosine_ops or "
              + "vector_ip_ops to match the operator).",
          risk: "HNSW and IVFFlat give approximate neighbours; building HNSW takes memory and time."),
        confidence: .estimated("times are measured; the index is assumed to save 95 % of them"))
    }
  }

  static func isDistance(_ text: String) -> Bool { operators.contains { text.contains(" \($0) ") } }
}

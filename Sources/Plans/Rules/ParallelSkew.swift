public import Findings

/// P13
public enum ParallelSkew: PlanRule {
  static let factor = 2.0
  static let rows = 10_000.0

  public static let description = RuleDescription(
    "plan.parallel-skew", title: "One worker does most of the work",
    finds:
      "A parallel node whose busiest worker returned at least the factor below more rows than the workers' mean, in "
      + "a plan with VERBOSE (only then workers are told apart).",
    explanation: "The others wait. Partitions of very different size, or a join key with one dominant value, cause it.",
    thresholds: [.init("busiest worker over the mean", factor, .ratio), .init("rows of all workers", rows, .rows)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      let rows = node.node.workers.compactMap { $0.measures.actual.map { $0.rows * $0.loops } }
      let sum = rows.reduce(0, +)
      guard rows.count > 1, sum >= Self.rows, let most = rows.max() else { return nil }
      let mean = sum / Double(rows.count)
      // Only where the skew begins: the parent repeats what its child gives it.
      let children = plan.plan.children(of: node).contains { child in
        let rows = child.node.workers.compactMap { $0.measures.actual.map { $0.rows * $0.loops } }
        let mean = rows.reduce(0, +) / max(1, Double(rows.count))
        return rows.count > 1 && mean > 0 && (rows.max() ?? 0) / mean >= factor
      }
      guard most / mean >= factor, !children else { return nil }
      let time = node.inclusive ?? 0
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)): one worker has \(Figures.factor(most / mean)) the mean's rows",
        recoverable: time * (1 - mean / most), low: 0, high: time * (1 - mean / most),
        evidence: rows.enumerated().map {
          .quantity("worker_\($0.offset)_rows", "Rows of worker \($0.offset)", $0.element, .rows)
        },
        remedy: Remedy(
          "Look at the data's distribution over partitions or join keys; smaller partitions, or parallel hash instead of a "
            + "parallel append, spread the work."),
        confidence: .guess("rows of each worker are counted; time is assumed to go with them"))
    }
  }
}

public import Findings

/// P12
public enum WorkersNotLaunched: PlanRule {
  public static let description = RuleDescription(
    "plan.workers-not-launched", title: "Parallel workers missing",
    finds: "A Gather that got fewer workers than were planned.",
    explanation:
      "The plan was chosen for its workers. max_parallel_workers or max_worker_processes was used up by other "
      + "statements.")

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.executed.compactMap { node in
      guard node.node.type == .gather || node.node.type == .gatherMerge else { return nil }
      let planned = node.node.number(.workersPlanned)
      let launched = node.node.number(.workersLaunched)
      guard launched < planned else { return nil }
      let time = plan.plan.children(of: node).reduce(0) { $0 + ($1.inclusive ?? 0) }
      let saved = time * (1 - (launched + 1) / (planned + 1))
      return plan.finding(
        Self.self, at: node,
        title: "\(NodeText.line(node.node)) got \(Figures.count(launched)) of \(Figures.count(planned)) workers",
        recoverable: saved, low: 0, high: saved,
        evidence: [
          .quantity("workers_planned", "Workers planned", planned, .count),
          .quantity("workers_launched", "Workers launched", launched, .count),
          .quantity("parallel_time", "Time of the parallel part", time, .milliseconds),
        ],
        remedy: Remedy(
          "Allow more workers at once (max_parallel_workers, max_worker_processes), or plan fewer for each statement "
            + "(max_parallel_workers_per_gather).",
          risk: "More workers take more memory and CPU at the same time; max_worker_processes needs a restart."),
        confidence: .estimated("workers are counted; the parallel part is assumed to speed up with every process"))
    }
  }
}

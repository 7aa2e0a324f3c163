public import Findings

/// P14
public enum JITOverhead: PlanRule {
  static let share = 0.1
  static let milliseconds = 5.0

  public static let description = RuleDescription(
    "plan.jit-overhead", title: "JIT compilation",
    finds: "Compiling expressions took at least the share and time below of the execution.",
    explanation: "JIT pays off for long analytical statements. When the planner overestimates cost, short statements "
      + "are compiled too.",
    thresholds: [.init("share of the execution", share, .fraction), .init("time", milliseconds, .milliseconds)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    guard let jit = plan.plan.plan.jit, jit.total >= milliseconds, plan.share(jit.total) >= share else { return [] }
    return [
      plan.finding(
        Self.self, at: plan.plan.root,
        title: "JIT compilation takes \(Figures.milliseconds(jit.total)) of "
          + Figures.milliseconds(plan.total ?? 0),
        recoverable: jit.total, low: jit.total / 2, high: jit.total,
        evidence: [
          .quantity("functions", "Functions compiled", jit.functions, .count),
          .quantity("generation", "Generation", jit.generation, .milliseconds),
          .quantity("inlining", "Inlining", jit.inliningTime, .milliseconds),
          .quantity("optimization", "Optimization", jit.optimizationTime, .milliseconds),
          .quantity("emission", "Emission", jit.emission, .milliseconds),
          plan.plan.root.node.estimate.map { .quantity("cost", "Estimated cost", $0.totalCost, .cost) },
        ].compactMap { $0 },
        remedy: Remedy(
          "Raise jit_above_cost so that statements of this cost are not compiled, or switch JIT off where statements are "
            + "short.",
          sql: [
            "ALTER SYSTEM SET jit_above_cost = \(PlanContext.whole((plan.plan.root.node.estimate?.totalCost ?? 1e6) * 2));",
            "SELECT pg_reload_conf();",
          ],
          rollback: ["ALTER SYSTEM RESET jit_above_cost;", "SELECT pg_reload_conf();"],
          risk: "Long analytical statements below the new limit lose their compiled expressions."),
        confidence: .measured("timed by the server; interpreted expressions take a little longer"))
    ].compactMap { $0 }
  }
}

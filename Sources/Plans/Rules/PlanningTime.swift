public import Findings

/// P15
public enum PlanningTime: PlanRule {
  static let milliseconds = 10.0

  public static let description = RuleDescription(
    "plan.planning-time", title: "Planning takes longer than executing",
    finds: "Planning took longer than the execution, and at least as long as below.",
    explanation:
      "Many partitions, many joins or large inherited views make planning dear. Prepared statements plan once; "
      + "conditions on the partition key, lower join_collapse_limit, or fewer partitions make it cheaper.",
    thresholds: [.init("planning", milliseconds, .milliseconds)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    guard let planning = plan.plan.plan.planningTime, let total = plan.total, planning >= milliseconds,
      planning > total
    else { return [] }
    let relations = Set(plan.nodes.compactMap(\.node.relation)).count
    return [
      Finding(
        rule: description.id, subject: plan.subject, discriminator: "planning",
        title: "Planning takes \(Figures.milliseconds(planning)), executing \(Figures.milliseconds(total))",
        severity: planning >= 10 * milliseconds ? .warning : .notice,
        recoverable: RecoverableTime(planning * 0.8, low: 0, high: planning, per: .execution),
        evidence: [
          .quantity("planning_time", "Planning", planning, .milliseconds),
          .quantity("execution_time", "Execution", total, .milliseconds),
          .quantity("relations", "Relations in the plan", relations, .count),
          .quantity("nodes", "Nodes of the plan", plan.nodes.count, .count),
          .quantity("planning_blocks", "Blocks read while planning", plan.plan.plan.planningBuffers.touched, .blocks),
        ],
        remedy: Remedy(
          "Prepare the statement and execute it many times, name the partition key in its conditions, or join fewer "
            + "tables at once.",
          risk: "A prepared statement may get a generic plan after five executions; plan_cache_mode decides."),
        confidence: .measured("timed by the server"))
    ]
  }
}

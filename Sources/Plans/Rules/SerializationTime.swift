public import Findings

/// P27
public enum SerializationTime: PlanRule {
  static let share = 0.1

  public static let description = RuleDescription(
    "plan.serialization", title: "Turning rows into text",
    finds: "Serialization (EXPLAIN with SERIALIZE, 17 and later) took at least the share below of the execution.",
    explanation:
      "Output functions and fetching of TOASTed values cost for every row that is sent. Fewer rows and columns, "
      + "or the binary format, cost less.",
    thresholds: [.init("share of the execution", share, .fraction)])

  public static func findings(in plan: PlanContext) -> [Finding] {
    guard let usage = plan.plan.plan.serialization, let time = usage.time, plan.share(time) >= share else { return [] }
    return [
      plan.finding(
        Self.self, at: plan.plan.root, title: "Serialization takes \(Figures.milliseconds(time))",
        recoverable: time * 0.5, low: 0, high: time,
        evidence: [
          .quantity("serialization_time", "Serialization", time, .milliseconds),
          PlanContext.kilobytes("output", "Output", usage.output), .text("format", "Format", usage.format),
          .quantity("blocks", "Blocks read for it", usage.buffers.touched, .blocks),
        ], remedy: Remedy("Select only the columns and rows that are needed; large values can be fetched on demand."),
        confidence: .measured("timed by the server"))
    ].compactMap { $0 }
  }
}

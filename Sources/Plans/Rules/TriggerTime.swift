public import Findings
import Model

/// P16
public enum TriggerTime: PlanRule {
  static let share = 0.1
  /// From this time for each call a foreign key check is taken to scan.
  static let slowCall = 0.2

  public static let description = RuleDescription(
    "plan.trigger-time", title: "Triggers",
    finds: "A trigger that took at least the share below of the execution. A foreign key's own trigger with slow calls "
      + "points to a missing index on the referencing column.",
    explanation:
      "Deleting or changing a referenced row looks for rows that refer to it. Without an index on the foreign "
      + "key's columns that is a sequential scan of the referencing table for each row.",
    thresholds: [
      .init("share of the execution", share, .fraction), .init("slow call", slowCall, .milliseconds),
    ])

  public static func findings(in plan: PlanContext) -> [Finding] {
    plan.plan.plan.triggers.compactMap { trigger in
      guard let time = trigger.time, plan.share(time) >= share, trigger.calls > 0 else { return nil }
      let name = trigger.constraint ?? trigger.name ?? "trigger"
      let perCall = time / trigger.calls
      // Only writes to the referenced table look for referencing rows; their node is a DELETE or UPDATE.
      let operations = Set(plan.nodes.compactMap(\.node.operation))
      let isSlowKey =
        trigger.constraint != nil && perCall >= slowCall && !operations.isDisjoint(with: ["Delete", "Update", "Merge"])
      return Finding(
        rule: description.id, subject: plan.subject, discriminator: name,
        title: (trigger.constraint != nil ? "Constraint " : "Trigger ")
          + "\(SQLSpelling.identifier(name)) takes \(Figures.share(plan.share(time))) of the time",
        severity: plan.severity(time),
        recoverable: isSlowKey
          ? RecoverableTime(time * 0.95, low: time * 0.5, high: time, per: .execution)
          : RecoverableTime(time * 0.2, low: 0, high: time, per: .execution),
        evidence: [
          .quantity("trigger_time", "Time of the trigger", time, .milliseconds),
          .quantity("calls", "Calls", trigger.calls, .count),
          .quantity("time_per_call", "Time of a call", perCall, .milliseconds),
          .quantity("share", "Share of the execution", plan.share(time), .fraction),
        ],
        remedy: isSlowKey
          ? Remedy(
            "Index the columns of the foreign key on the referencing table. This finds them:",
            sql: [
              "SELECT pg_get_constraintdef(oid), conrelid::regclass FROM pg_constraint WHERE conname = "
                + SQLSpelling.literal(name) + ";"
            ], risk: "The index has to be kept up to date by every INSERT into the referencing table.")
          : Remedy("Look at what the trigger does for each row; a statement-level trigger may do it once."),
        confidence: isSlowKey
          ? .estimated("calls are timed; a call by index takes hundredths of a millisecond")
          : .measured("timed by the server; what can be saved is a guess"))
    }
  }
}

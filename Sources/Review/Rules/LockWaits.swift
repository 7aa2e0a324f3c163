public import Findings
import History
import Model

public enum LockWaits: ReviewRule {
  static let milliseconds = 1_000.0

  public static let description = RuleDescription(
    "query.lock-waits", title: "Waiting for locks",
    finds:
      "A statement whose logged lock waits (log_lock_waits, longer than deadlock_timeout each) add up to at least the "
      + "time below in the window.",
    explanation:
      "Another transaction held the row or table. Shorter transactions, the same order of locking everywhere, "
      + "SKIP LOCKED for queues, and lock_timeout for changes of the schema help.",
    thresholds: [.init("waited", milliseconds, .milliseconds)])

  public static func findings(in input: ReviewInput) -> [Finding] {
    input.events([.lockWait]).filter { $0.totals.amount >= milliseconds }.map { event in
      Finding(
        rule: description.id, subject: input.subject(event), discriminator: ReviewInput.discriminator(event),
        title: "Waited \(Figures.milliseconds(event.totals.amount)) for locks", severity: .notice,
        recoverable: input.perDay(event.totals.amount, low: 0, high: event.totals.amount),
        evidence: [.quantity("waited", "Waited in all", event.totals.amount, .milliseconds)] + input.evidence(event),
        remedy: Remedy(
          "See which transactions held the locks (the sample names them) and make them shorter; lock in one order; use FOR "
            + "UPDATE SKIP LOCKED where any row will do."),
        confidence: .measured("logged by the server; waits shorter than deadlock_timeout are not in it"))
    }
  }
}

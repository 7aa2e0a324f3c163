public import Findings
import History
import Model

public enum Deadlocks: ReviewRule {
  public static let description = RuleDescription(
    "server.deadlocks", title: "Deadlocks",
    finds: "Every deadlock in the log, by shape.",
    explanation:
      "Two transactions waited for each other and the server ended one of them. They lock the same things in "
      + "different orders.")

  public static func findings(in input: ReviewInput) -> [Finding] {
    input.events([.deadlock]).map { event in
      Finding(
        rule: description.id, subject: input.subject(event), discriminator: ReviewInput.discriminator(event),
        title: event.totals.count == 1 ? "A deadlock" : "\(Figures.count(Double(event.totals.count))) deadlocks",
        severity: .warning, evidence: input.evidence(event),
        remedy: Remedy(
          "Lock rows in the same order everywhere (SELECT … ORDER BY key FOR UPDATE), keep transactions short, and let the "
            + "application try again on SQLSTATE 40P01."),
        confidence: .measured("logged by the server"))
    }
  }
}

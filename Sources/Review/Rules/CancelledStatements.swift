public import Findings
import History
import Model

public enum CancelledStatements: ReviewRule {
  public static let description = RuleDescription(
    "query.cancelled", title: "Statements cut off",
    finds: "A statement that was cancelled by statement_timeout, lock_timeout, the user, or a conflict with recovery.",
    explanation: "The work up to then was lost, and does not show in the statement's own times.")

  public static func findings(in input: ReviewInput) -> [Finding] {
    input.events([.timeout, .cancel, .replicationConflict]).map { event in
      Finding(
        rule: description.id, subject: input.subject(event), discriminator: ReviewInput.discriminator(event),
        title: "Cut off \(event.totals.count == 1 ? "once" : Figures.count(Double(event.totals.count)) + " times"): "
          + event.totals.shape,
        severity: .notice, evidence: input.evidence(event),
        remedy: Remedy("See the statement's plan and the index advice; only then whether the timeout is right."),
        confidence: .measured("logged by the server"))
    }
  }
}

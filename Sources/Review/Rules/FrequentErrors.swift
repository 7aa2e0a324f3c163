public import Findings
import History
import Model

public enum FrequentErrors: ReviewRule {
  static let count: Int64 = 5
  static let limit = 20
  static let warningShare = 0.01

  public static let description = RuleDescription(
    "query.errors", title: "Errors",
    finds: "An error that was logged at least as often as below, the most frequent ones first.",
    explanation: "Failed statements cost as much as others, and end their transactions.",
    thresholds: [
      .init("times", Double(count), .count),
      .init("warning from this share of all executions", warningShare, .fraction),
    ])

  public static func findings(in input: ReviewInput) -> [Finding] {
    input.events([.error, .authenticationFailure]).filter { $0.totals.count >= count }.prefix(limit).map { event in
      let share = Double(event.totals.count) / Double(max(1, input.workload.calls))
      return Finding(
        rule: description.id, subject: input.subject(event), discriminator: ReviewInput.discriminator(event),
        title: "\(Figures.count(Double(event.totals.count))) times: \(event.totals.shape)",
        severity: share >= warningShare ? .warning : .notice, evidence: input.evidence(event),
        remedy: Remedy(remedy(event.totals.sqlState)), confidence: .measured("logged by the server"))
    }
  }

  /// By the class of the SQLSTATE (PostgreSQL manual, appendix A).
  private static func remedy(_ state: String) -> String {
    switch state.prefix(2) {
    case "23":
      "Where the application expects it (a name already taken), INSERT … ON CONFLICT avoids the error and its aborted "
        + "transaction."
    case "40": "Let the application try the transaction again."
    case "28": "See who tries to connect, and with which credentials."
    case "42": "The statement is wrong, or the role may not do it: look at what was deployed."
    case "53": "The server ran out of a resource: connections, memory or disk."
    case "57": "The statement was stopped: see timeouts and administrators' actions."
    default: "Look at the sample and at the application that sent it."
    }
  }
}

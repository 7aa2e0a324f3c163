public import Findings
import History
import Model

public enum ServerTrouble: ReviewRule {
  public static let description = RuleDescription(
    "server.trouble", title: "Crashes and wraparound",
    finds: "Crashes of the server, and warnings that a database must be vacuumed before transaction ids run out.",
    explanation: "Both come before an outage.")

  public static func findings(in input: ReviewInput) -> [Finding] {
    input.events([.crash, .wraparound]).map { event in
      let isCrash = event.totals.category == .crash
      return Finding(
        rule: description.id, subject: .server, discriminator: ReviewInput.discriminator(event),
        title: isCrash ? "The server crashed: \(event.totals.shape)" : event.totals.shape, severity: .critical,
        evidence: input.evidence(event),
        remedy: isCrash
          ? Remedy("See the log around it: the out-of-memory killer, a signal, an extension, a disk.")
          : Remedy(
            "Find what holds the horizon back (long transactions, replication slots, prepared transactions), end it, and "
              + "vacuum the oldest tables first.", sql: ["VACUUM (FREEZE, VERBOSE);"],
            risk: "VACUUM reads every table of the database."),
        confidence: .measured("logged by the server"))
    }
  }
}

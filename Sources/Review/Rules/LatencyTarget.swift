public import Findings
import History
import Model
import Sketch

public enum LatencyTarget: ReviewRule {
  /// Queries listed, those first that took most time.
  static let limit = 20

  public static let description = RuleDescription(
    "query.latency-target", title: "95th percentile above the target",
    finds:
      "A statement of which more than 5 % of the executions are certainly slower than the target; and, for the whole "
      + "workload, a miss or that it cannot be told.",
    explanation: "The verdict has three values. With a full log it is a count; with a log of the slow executions and "
      + "counted calls it is one too; from mean, deviation and extremes alone only what holds for every distribution is "
      + "said.",
    source: "Cantelli's and Markov's inequalities; see the manual of `pgassay top`")

  public static func findings(in input: ReviewInput) -> [Finding] {
    workload(input) + queries(input)
  }

  private static func workload(_ input: ReviewInput) -> [Finding] {
    let verdict = input.workload.verdict(target: input.target)
    let target = Figures.milliseconds(input.target.milliseconds)
    let evidence: [Evidence] = [
      .quantity("target", "Target", input.target.milliseconds, .milliseconds),
      .quantity("calls", "Executions", Double(input.workload.calls), .count),
    ]
    switch verdict {
    case .meets, .cannotTell(.noCalls): return []
    case .misses(let by):
      return [
        Finding(
          rule: description.id, subject: .server, title: "More than 5 % of all executions take longer than \(target)",
          severity: .warning, evidence: evidence + [.text("verdict_by", "Known by", by.rawValue)],
          remedy: Remedy("See the statements below that miss the target, those with most executions above it first."),
          confidence: .measured("executions above the target are counted"))
      ]
    case .cannotTell(let obstacle):
      return [
        Finding(
          rule: description.id, subject: .server,
          title: "Whether 95 % of all executions stay below \(target) cannot be told", severity: .info,
          evidence: evidence + [.text("obstacle", "Because of", obstacle.rawValue)],
          remedy: Remedy(
            verdict.advice(target: input.target).map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
              ?? "A longer window would tell."),
          confidence: .measured("nothing is assumed about the distribution"))
      ]
    }
  }

  private static func queries(_ input: ReviewInput) -> [Finding] {
    let missing = input.statements.values.filter { statement in
      statement.kind.isPlannable && isMiss(LatencyVerdict(statement.now, target: input.target))
    }.sorted { ($1.now.totalMilliseconds, $0.fingerprint) < ($0.now.totalMilliseconds, $1.fingerprint) }
    return missing.prefix(limit).map { statement in
      let p95 = statement.now.quantile(0.95)?.known?.milliseconds
      let before = statement.before?.quantile(0.95)?.known?.milliseconds
      let above = statement.now.log.map { Double($0.sketch.countAbove(input.target).lowerBound) }
      return Finding(
        rule: description.id, subject: input.subject(statement.fingerprint),
        title: p95.map { "95 % of the executions take up to \(Figures.milliseconds($0))" }
          ?? "More than 5 % of the executions take longer than \(Figures.milliseconds(input.target.milliseconds))",
        severity: input.severity(statement.now.totalMilliseconds),
        evidence: [
          .quantity("target", "Target", input.target.milliseconds, .milliseconds),
          p95.map { .quantity("p95", "95th percentile", $0, .milliseconds) },
          before.map { .quantity("p95_before", "95th percentile in the window before", $0, .milliseconds) },
          above.map { .quantity("above", "Executions above the target, at least", $0, .count) },
          .quantity("calls", "Executions", Double(statement.now.calls), .count),
        ].compactMap { $0 } + input.text(statement.fingerprint),
        remedy: Remedy("See this statement's plans and the index advice."),
        confidence: .measured("executions above the target are counted"))
    }
  }

  private static func isMiss(_ verdict: LatencyVerdict) -> Bool {
    if case .misses = verdict { true } else { false }
  }
}

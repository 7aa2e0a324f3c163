import Comparison
public import Findings
import History
import Model

public enum QueryRegression: ReviewRule {
  /// From this raw change on, a statement that cannot be judged is named as such.
  static let undecidedRatio = 1.5
  static let undecidedShare = 0.01

  public static let description = RuleDescription(
    "query.regression", title: "Slower than in the window before",
    finds:
      "A statement whose mean time rose between the windows, beyond what all statements did, beyond the workload's own "
      + "noise and by at least a tenth. Windows are cut into blocks, which are the replicates of a Welch test; the "
      + "share of false alarms among all reports is held at 5 %. The verdict has three values: where too few blocks "
      + "tell, a large change is named as undecided.",
    explanation:
      "A new plan, more data, a dropped index, a changed setting or more contention. The evidence says whether "
      + "the plans changed too.",
    thresholds: [
      .init("least change", WindowComparison.Options().leastChange, .fraction),
      .init("false alarms among reports", WindowComparison.Options().falseDiscoveryRate, .fraction),
      .init("undecided change named from", undecidedRatio, .ratio),
    ],
    source: "Welch, Biometrika 34, 1947; Benjamini & Hochberg, J. R. Stat. Soc. B 57, 1995")

  public static func findings(in input: ReviewInput) -> [Finding] {
    guard let comparison = input.comparison else { return [] }
    return comparison.results.compactMap { result in
      guard let statement = input.statements[result.fingerprint], statement.kind.isPlannable,
        let before = statement.before?.meanMilliseconds, let now = statement.now.meanMilliseconds
      else { return nil }
      let calls = Double(statement.now.calls)
      let rise = (now - before) * calls
      let own = result.ownRatio ?? result.ratio
      var evidence: [Evidence] = [
        .quantity("mean_before", "Mean in the window before", before, .milliseconds),
        .quantity("mean_now", "Mean now", now, .milliseconds),
      ]
      if let p95 = statement.before?.quantile(0.95)?.known {
        evidence.append(
          .quantity("p95_before", "95th percentile in the window before", p95.milliseconds, .milliseconds))
      }
      if let p95 = statement.now.quantile(0.95)?.known {
        evidence.append(.quantity("p95_now", "95th percentile now", p95.milliseconds, .milliseconds))
      }
      evidence.append(.quantity("ratio", "Mean now over mean before", result.ratio, .ratio))
      if let ratio = result.ownRatio {
        evidence.append(.quantity("own_ratio", "The same, beside what all statements did", ratio, .ratio))
      }
      if let probability = result.probability {
        evidence.append(.quantity("probability", "Probability by chance, adjusted", probability, .fraction))
      }
      evidence += [
        .quantity("calls_before", "Executions in the window before", Double(statement.before?.calls ?? 0), .count),
        .quantity("calls_now", "Executions now", calls, .count),
      ]
      let plans = plansChanged(input, result.fingerprint)
      if let plans { evidence.append(.text("plans", "Plans", plans)) }
      evidence += input.text(result.fingerprint)

      switch result.verdict {
      case .slower:
        let ownRise = statement.now.totalMilliseconds * (1 - 1 / max(1, own))
        return Finding(
          rule: description.id, subject: input.subject(result.fingerprint),
          title: "\(Figures.factor(result.ratio)) as slow as in the window before: \(Figures.milliseconds(before)) → "
            + Figures.milliseconds(now),
          severity: max(.notice, input.severity(rise)),
          recoverable: input.perDay(ownRise, low: min(ownRise, rise), high: max(ownRise, rise)), evidence: evidence,
          remedy: Remedy(
            plans == nil
              ? "Compare its plans of both windows, and see what was deployed or changed between them."
              : "Its plan is another one than before: see what was deployed between the windows (an index dropped, "
                + "statistics, settings)."),
          confidence: .measured("tested on blocks of both windows, with the common mode taken out"))
      case .undecided:
        guard result.ratio >= undecidedRatio, input.share(rise) >= undecidedShare else { return nil }
        return Finding(
          rule: description.id, subject: input.subject(result.fingerprint), discriminator: "undecided",
          title:
            "Perhaps slower (\(Figures.milliseconds(before)) → \(Figures.milliseconds(now))), but too few blocks to tell",
          severity: .info, evidence: evidence,
          remedy: Remedy(
            "It takes \(comparison.options.leastBlocks) blocks of each window with at least \(comparison.options.leastCalls) "
              + "executions: a longer window would tell."),
          confidence: .guess("the means are measured; that they differ by more than chance is not shown"))
      case .same, .faster: return nil
      }
    }
  }

  /// What is known of the plans of both windows; nil where nothing changed or nothing is known.
  private static func plansChanged(_ input: ReviewInput, _ fingerprint: Fingerprint) -> String? {
    guard let now = input.plans[fingerprint], let earlier = input.earlierShapes[fingerprint], !now.isEmpty,
      !earlier.isEmpty
    else { return nil }
    let shapes = Set(now.map(\.shape))
    if shapes.isDisjoint(with: earlier) { return "none of the plans of the window before was seen again" }
    if !shapes.isSubset(of: earlier) { return "there is a plan that the window before did not show" }
    return nil
  }
}

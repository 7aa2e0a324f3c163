import Findings
import Model

extension WeeklyReport {
  // MARK: 7 Review

  /// What the review judges, the statements that miss the target folded away: the verdict counts them.
  var reviewSection: Section? {
    let sorted = reviewFindings.sorted()
    guard !sorted.isEmpty else { return nil }
    let targets = sorted.filter { $0.rule == Self.target }
    let others = sorted.filter { $0.rule != Self.target }
    var blocks: [ReportDocument.Block] = []
    if !others.isEmpty { blocks.append(.findings(others)) }
    if !targets.isEmpty {
      blocks.append(
        .details(
          summary: "\(targets.count) \(targets.count == 1 ? "finding" : "findings") about the target", anchor: nil,
          blocks: [.findings(targets)]))
    }
    return Section("What the review finds", blocks)
  }

  private static let target: RuleID = "query.latency-target"

  /// What an index on the right columns takes away.
  private static let answeredByIndex: Set<RuleID> = [
    "plan.filter-discards", "plan.index-filter-discards", "plan.join-filter-discards",
    "plan.join-without-index",
    "plan.avoidable-sort", "plan.sort-on-disk", "plan.limit-scan-gamble", "plan.function-on-column",
    "plan.cast-on-column", "plan.leading-wildcard", "plan.subplan-per-row", "plan.nested-loop-blow-up",
  ]

  /// Findings that ask for action and that no index advice answers; of each query the one that gives back most. The
  /// others stand in their sections.
  var unanswered: [Finding] {
    let helped = Set(advice.flatMap { $0.beneficiaries.map(\.fingerprint) })
    var best: [Fingerprint: Finding] = [:]
    var order: [Fingerprint] = []
    var rest: [Finding] = []
    for finding in indexFindings + planFindings + reviewFindings + safetyFindings where finding.severity >= .warning {
      // A missed target is the verdict, and says nothing of what to do.
      if finding.rule == Self.target { continue }
      guard case .query(let fingerprint) = finding.subject.kind else {
        rest.append(finding)
        continue
      }
      if helped.contains(fingerprint), Self.answeredByIndex.contains(finding.rule) { continue }
      guard let other = best[fingerprint] else {
        best[fingerprint] = finding
        order.append(fingerprint)
        continue
      }
      func gain(_ finding: Finding) -> Double { finding.recoverable.map { $0.basis == .day ? $0.estimate : 0 } ?? 0 }
      if (gain(finding), finding.severity) > (gain(other), other.severity) { best[fingerprint] = finding }
    }
    return rest + order.compactMap { best[$0] }
  }
}

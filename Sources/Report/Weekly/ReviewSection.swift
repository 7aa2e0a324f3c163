import Findings
import Model

extension WeeklyReport {
  // MARK: 7 Review

  /// What the review judges. The statements that miss the target are a line each: their cards and the index advice tell
  /// what to do.
  var reviewSection: Section? {
    let sorted = reviewFindings.sorted()
    guard !sorted.isEmpty else { return nil }
    let targets = sorted.filter { $0.rule == Self.target && $0.query != nil }
    let others = sorted.filter { $0.rule != Self.target || $0.query == nil }
    var blocks: [ReportDocument.Block] = []
    if !others.isEmpty { blocks.append(.findings(others)) }
    if !targets.isEmpty {
      let above = Table.Column.number("calls above", explanation: "the target of \(Quantity.milliseconds(targetMs))")
      var table = Table([
        .flexible("statement"), .number("calls"), above, .number("p95"), .number("p95 before"),
      ])
      for finding in targets {
        guard let fingerprint = finding.query else { continue }
        func figure(_ key: String, _ unit: Quantity.Unit) -> Cell {
          for case .quantity(let value, _) in finding.evidence.filter({ $0.key == key }).map(\.value) {
            return Cell(.quantity(Quantity(value, unit)))
          }
          return .nothing
        }
        let text = finding.evidence.lazy.compactMap { evidence -> String? in
          if case .excerpt(let lines) = evidence.value { lines.joined(separator: " ") } else { nil }
        }.first
        table.add([
          queryCell(fingerprint, text ?? fingerprint.description), figure("calls", .count), figure("above", .count),
          figure("p95", .milliseconds), figure("p95_before", .milliseconds),
        ])
      }
      blocks.append(
        .table(
          table,
          caption:
            "Of \(targets.count == 1 ? "this statement" : "these \(targets.count) statements") more than 5 % of the calls certainly take longer than the target."
        ))
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

extension Finding {
  /// The query that it is about.
  fileprivate var query: Fingerprint? {
    if case .query(let fingerprint) = subject.kind { return fingerprint }
    return nil
  }
}

import Comparison
import History
import Model
import Report
import Review

extension WorkloadDigest {
  /// New and gone queries by whether they ran, slower and faster ones by the review's comparison of both windows.
  func changes(_ planned: PlannedWindow) throws(HistoryError) -> QueryChanges {
    guard let previous, let before, let comparison = review.comparison else { return QueryChanges() }
    let blockMinutes = max(1, Int64((window.seconds / 60 / Double(ReviewInput.blocks)).rounded(.down)))
    let nowBy = byFingerprint(now)
    let beforeBy = byFingerprint(before)
    let shapes = try earlierShapes(previous)
    func change(_ fingerprint: Fingerprint, note: String = "") -> QueryChanges.Change {
      QueryChanges.Change(
        fingerprint: fingerprint,
        text: (nowBy[fingerprint] ?? beforeBy[fingerprint])?.statement?.normalized ?? "(text not known)",
        now: nowBy[fingerprint].map(Self.numbers), before: beforeBy[fingerprint].map(Self.numbers), note: note)
    }
    func moved(_ verdict: WindowComparison.Verdict) -> [QueryChanges.Change] {
      let list = comparison.results.filter { $0.verdict == verdict }.map { result in
        change(
          result.fingerprint,
          note: note(result, comparison, planned.reports[result.fingerprint] ?? [], shapes[result.fingerprint] ?? []))
      }
      // What the change costs or saves in this window decides the order.
      func weight(_ change: QueryChanges.Change) -> Double {
        guard let now = change.now, let before = change.before else { return 0 }
        return abs(now.meanMs - before.meanMs) * Double(now.calls)
      }
      return Array(
        list.sorted { (weight($1), $0.fingerprint) < (weight($0), $1.fingerprint) }.prefix(options.listLimit))
    }
    func only(_ here: [Fingerprint: StatementSummary], _ there: [Fingerprint: StatementSummary])
      -> [QueryChanges.Change]
    {
      let list = here.filter { there[$0.key] == nil }.sorted {
        ($1.value.totalMilliseconds, $0.key) < ($0.value.totalMilliseconds, $1.key)
      }
      return list.prefix(options.listLimit).map { change($0.key) }
    }
    return QueryChanges(
      new: only(nowBy, beforeBy), gone: only(beforeBy, nowBy), regressed: moved(.slower), improved: moved(.faster),
      rule: rule(comparison, blockMinutes))
  }

  private func byFingerprint(_ summary: WorkloadSummary) -> [Fingerprint: StatementSummary] {
    Dictionary(
      summary.statements.filter { $0.calls > 0 }.compactMap { statement in
        statement.fingerprint.map { ($0, statement) }
      }
    ) { first, _ in first }
  }

  private func earlierShapes(_ window: ReportWindow) throws(HistoryError) -> [Fingerprint: Set<String>] {
    var shapes: [Fingerprint: Set<String>] = [:]
    for plan in try history.plans(in: range(window)) where !plan.isNested {
      if let shape = plan.shape { shapes[plan.fingerprint, default: []].insert(Fingerprint(shape).description) }
    }
    return shapes
  }

  private func note(
    _ result: WindowComparison.Result, _ comparison: WindowComparison, _ plans: [QueryReport.Plan],
    _ earlier: Set<String>
  ) -> String {
    var parts: [String] = []
    if !plans.isEmpty, !earlier.isEmpty {
      let shapes = Set(plans.map(\.shape))
      if shapes.isDisjoint(with: earlier) {
        parts.append("none of its plans of the window before was seen again")
      } else if !shapes.isSubset(of: earlier) {
        parts.append("it has a plan that the window before did not show")
      }
    }
    if let common = comparison.commonRatio, abs(common - 1) >= 0.05, let own = result.ownRatio {
      parts.append(
        "queries in general changed by \(Quantity.change(common - 1)), this one by \(Quantity.change(own - 1)) beside that"
      )
    }
    return parts.joined(separator: "; ")
  }

  private func rule(_ comparison: WindowComparison, _ blockMinutes: Int64) -> String {
    let block = Quantity.milliseconds(Double(blockMinutes) * 60_000)
    let least = Quantity.fraction(max(comparison.options.leastChange, comparison.noise))
    var text =
      "Slower and faster are queries whose mean time moved by at least \(least) between the windows, cut into blocks of "
      + "\(block), beside what all queries did, and so clearly that at most "
      + "\(Quantity.fraction(comparison.options.falseDiscoveryRate)) of such reports are expected to be chance."
    let undecided = comparison.results.count { $0.verdict == .undecided }
    if undecided > 0 { text += " \(undecided) queries ran in too few blocks to tell." }
    return text
  }
}

import Findings
import History
import Model
import Plans
import Report
import Sketch

/// What the plans of a window show.
struct PlannedWindow {
  /// Most recoverable time first, each of one query once.
  var findings: [Finding] = []
  var reports: [Fingerprint: [QueryReport.Plan]] = [:]
  /// Plans that could not be read.
  var unreadable = 0
  var count = 0
}

extension WorkloadDigest {
  func plans() throws(HistoryError) -> PlannedWindow {
    var result = PlannedWindow()
    let statements = Dictionary(
      now.statements.compactMap { statement in statement.fingerprint.map { ($0, statement) } }
    ) { first, _ in first }
    let groups = Dictionary(grouping: try history.plans(in: range(window)).filter { !$0.isNested }, by: \.fingerprint)
    for (fingerprint, samples) in groups.sorted(by: { $0.key < $1.key }) {
      var plans: [(sample: PlanSample, plan: Plan)] = []
      for sample in samples {
        result.count += 1
        do {
          plans.append((sample, try PlanReader.plan(of: sample)))
        } catch {
          result.unreadable += 1
        }
      }
      result.reports[fingerprint] = Self.shapes(plans)
      result.findings += findings(plans, fingerprint, statements[fingerprint])
    }
    result.findings.sort()
    return result
  }

  /// The shapes that a query's plans had, the most frequent first.
  private static func shapes(_ plans: [(sample: PlanSample, plan: Plan)]) -> [QueryReport.Plan] {
    Dictionary(grouping: plans) { $0.sample.shape ?? $0.plan.shape }.map { shape, members in
      let last = members.map(\.sample.at).max() ?? Timestamp(seconds: 0)
      let mean = members.reduce(0) { $0 + $1.sample.duration.milliseconds } / Double(members.count)
      let tree = PlanTree(AnalysedPlan(members[0].plan))
      return QueryReport.Plan(
        shape: Fingerprint(shape).description, count: Int64(members.count), meanMs: mean, last: last,
        outline: tree.rows.map { $0.branch + $0.title })
    }.sorted { ($1.count, $0.shape) < ($0.count, $1.shape) }
  }

  /// Findings of one query's plans, each once: the time is that of the plan in the middle, times the executions that
  /// were as slow as the fastest plan that shows it, and never more than the query took.
  private func findings(
    _ plans: [(sample: PlanSample, plan: Plan)], _ fingerprint: Fingerprint, _ statement: StatementSummary?
  ) -> [Finding] {
    let subject = Subject.query(fingerprint, database: plans.first?.sample.dimensions.database ?? "")
    var found: [String: [(finding: Finding, duration: Microseconds)]] = [:]
    for (sample, plan) in plans {
      for finding in PlanRules.findings(in: plan, subject: subject) {
        found[finding.id, default: []].append((finding, sample.duration))
      }
    }
    let days = max(observedSeconds(window), 60) / 86_400
    return found.sorted { $0.key < $1.key }.map { _, list in
      let times = list.compactMap { $0.finding.recoverable?.estimate }.sorted()
      let middle = times.isEmpty ? nil : times[times.count / 2]
      var finding = (list.first { $0.finding.recoverable?.estimate == middle } ?? list[0]).finding
      if let time = finding.recoverable, time.basis == .execution, let statement {
        let fastest = list.map(\.duration).min() ?? .zero
        let executions =
          statement.log.map { Double($0.sketch.countAbove(Microseconds(fastest.value - 1)).upperBound) }
          ?? Double(statement.calls)
        let most = statement.totalMilliseconds / days
        let low = min(most, (times.first ?? 0) * executions / days)
        let high = min(most, (times.last ?? 0) * executions / days)
        finding.recoverable = RecoverableTime(
          min(most, time.estimate * executions / days), low: low, high: high, per: .day)
      }
      return options.showsValues ? finding : finding.withoutValues()
    }
  }
}

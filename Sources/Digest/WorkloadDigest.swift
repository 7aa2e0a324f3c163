import Findings
public import History
public import Model
public import Report
import Review
import Sketch

/// Reads a window of a history, and the one before it, into everything that a report says of them.
///
/// 1. The window's statements, the earlier window's, and the timeline of both.
/// 2. Targets, load, the queries that cost most, each with its distribution, origins and plans.
/// 3. What changed, told from noise by `Comparison`.
/// 4. Findings from the plans that the window's log holds, weighed by how often their statements ran.
/// 5. Repetitions, events, and what all this rests on.
public struct WorkloadDigest: Sendable {
  let history: HistoryStore
  let options: DigestOptions
  let window: ReportWindow
  let previous: ReportWindow?
  /// What the judgement of the window rests on; its rules are the report's one source of findings.
  let review: ReviewInput
  let now: WorkloadSummary
  let before: WorkloadSummary?
  /// What the history holds anything of.
  let extent: ReportWindow

  /// - Parameter window: closed; `everythingStands` of it need not be recorded.
  public init(
    _ history: HistoryStore, window: Range<Timestamp>, options: DigestOptions
  ) throws(HistoryError) {
    self.history = history
    self.options = options
    self.window = ReportWindow(from: window.lowerBound, to: window.upperBound)
    let span = try history.span()
    extent = ReportWindow(from: span?.from ?? window.lowerBound, to: span?.to ?? window.upperBound)
    let asked = TimeWindow(from: window.lowerBound, to: window.upperBound)
    review = try ReviewInput(
      history, window: asked, target: Microseconds(Int64((options.targetMs * 1_000).rounded())))
    now = review.workload
    if let earlier = asked.previous, let from = earlier.from, let to = earlier.to, extent.from < to {
      let summary = try history.workload(in: earlier)
      before = summary.statements.isEmpty ? nil : summary
      previous = summary.statements.isEmpty ? nil : ReportWindow(from: from, to: to)
    } else {
      before = nil
      previous = nil
    }
  }

  /// Whether hours or days of snapshots that count reach over the window's ends.
  public var crossesEdges: Bool { now.crossesEdges && now.statements.contains { $0.source == .snapshots } }

  public func report() throws(HistoryError) -> WeeklyReport {
    let ranked = now.statements.filter { $0.fingerprint != nil && $0.calls > 0 }.sorted {
      ($1.totalMilliseconds, $0.fingerprint ?? Fingerprint(0)) < (
        $0.totalMilliseconds, $1.fingerprint ?? Fingerprint(0)
      )
    }
    let timeline = try history.timeline(in: range(window), stepMinutes: stepMinutes)
    let planned = try plans()
    let repeated = try repetitions()
    let judged = reviewFindings(review)
    var report = WeeklyReport(
      title: options.title, subject: try subject(), generator: options.generator, window: window, previous: previous,
      targetMs: options.targetMs)
    report.queryCount = now.statements.count { $0.calls > 0 }
    report.targets = targets(ranked)
    report.quality = try quality()
    report.load = try load(timeline)
    report.changes = try changes(planned)
    report.reviewFindings = judged
    report.planFindings = Array(planned.findings.prefix(options.listLimit))
    // Whatever another section speaks of has a card to look it up in.
    var mentioned = Set((report.changes.regressed + report.changes.improved + report.changes.new).map(\.fingerprint))
    mentioned.formUnion(repeated.map(\.fingerprint))
    for finding in report.planFindings + judged.filter({ $0.rule != "query.latency-target" }) {
      if case .query(let fingerprint) = finding.subject.kind { mentioned.insert(fingerprint) }
    }
    report.queries = try queries(ranked, timeline, planned, judged, mentioned: mentioned)
    report.repetitions = repeated
    report.events = try events()
    return report
  }

  // MARK: Time

  func range(_ window: ReportWindow) -> TimeWindow { TimeWindow(from: window.from, to: window.to) }

  /// The part of a window that lies between the first and the last observation, in seconds.
  func observedSeconds(_ window: ReportWindow) -> Double {
    let low = max(window.from, extent.from)
    let high = min(window.to, extent.to)
    return low < high ? high.seconds - low.seconds : window.seconds
  }

  /// The length of a chart's steps: at most 170 of them, each a round number of minutes.
  var stepMinutes: Int64 {
    let minutes = Int64((window.seconds / 60).rounded(.up))
    let rounds: [Int64] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440]
    return rounds.first { minutes <= $0 * 170 } ?? (minutes / 170 / 1_440 + 1) * 1_440
  }

  private func subject() throws(HistoryError) -> String {
    if !options.subject.isEmpty { return options.subject }
    var calls: [String: Int64] = [:]
    for origin in try history.origins(in: range(window)) where !origin.dimensions.database.isEmpty {
      calls[origin.dimensions.database, default: 0] += origin.calls
    }
    let names = calls.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    switch names.count {
    case 0: return "All databases"
    case 1: return "Database " + names[0]
    case 2...4: return "Databases " + names.joined(separator: ", ")
    default: return "Databases " + names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
    }
  }

  /// The numbers of one statement.
  static func numbers(_ statement: StatementSummary) -> CallNumbers {
    func quantile(_ q: Double) -> Double? { statement.quantile(q)?.known?.milliseconds }
    let longest: Double? =
      switch statement.source {
      case .log: statement.log?.longest.milliseconds
      case .snapshots: statement.snapshots?.longest.map { Double($0) / 1e6 }
      }
    return CallNumbers(
      calls: statement.calls, errors: statement.errors ?? 0, totalMs: statement.totalMilliseconds,
      p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99), maxMs: longest, rows: statement.rows,
      isExact: statement.isExact)
  }
}

import Findings
import History
import Model
import Plans
import Report
import Sketch

/// What `pgassay show` tells of one statement in a window.
struct StatementLife {
  /// A plan's shape, and how its executions went.
  struct Shape {
    var shape: Fingerprint
    var kept: Int
    var meanMilliseconds: Double
    var first: Timestamp
    var last: Timestamp
    var outline: [String]
    var findings: [Finding]
  }

  /// Points of the trend at most.
  private static let points = 48

  let statement: StatementText
  let window: HistoryWindow
  /// Whether what is kept of the window ends where the window was asked to.
  let isOfWindow: Bool
  let target: Microseconds?
  let showsValues: Bool
  let summary: StatementSummary?
  /// What functions and procedures ran of it, within their callers' time.
  let nested: StatementSummary?
  /// Share of the whole workload's time.
  let share: Double?
  let step: Int64
  let trend: [StepTotals?]
  let origins: [OriginTotals]
  /// How it failed, by SQLSTATE and message, the most frequent first.
  let errors: [EventTotals]
  let shapes: [Shape]
  /// Relations and indexes that its plans touched, the most frequent first.
  let relations: [(name: String, plans: Int)]
  let indexes: [(name: String, plans: Int)]
  let samples: [ExecutionSample]
  let parameters: ParameterInfluence
  let unreadablePlans: Int

  init(
    _ store: HistoryStore, statement: StatementText, window: HistoryWindow, target: Microseconds?, showsValues: Bool
  ) throws {
    self.statement = statement
    self.window = window
    self.target = target
    self.showsValues = showsValues
    let workload = try store.workload(in: window.window)
    isOfWindow = !window.isMoved && !(workload.crossesEdges && workload.logSpan == nil)
    let summary = workload.statements.first { $0.fingerprint == statement.fingerprint }
    self.summary = summary
    nested = workload.nested.first { $0.fingerprint == statement.fingerprint }
    let all = workload.totalMilliseconds
    share = all > 0 ? summary.map { $0.totalMilliseconds / all } : nil
    let minutes = max(1, Int64(window.days * 1_440))
    // Round steps, so that bars are hours or days where the window is long.
    let steps: [Int64] = [1, 5, 15, 60, 180, 360, 720, 1_440, 4_320, 10_080]
    step = steps.first { minutes / $0 < Int64(StatementLife.points) } ?? 43_200
    // Steps of hours and days begin with one, so that the sums of hours and days serve.
    let begin = Timestamp(seconds: window.bounds.lowerBound.minute / step * step * 60)
    let end = Timestamp(seconds: (window.bounds.upperBound.minute / step + 1) * step * 60)
    let timeline = try store.timeline(
      in: TimeWindow(from: begin, to: end), stepMinutes: step, statement: statement.fingerprint)
    trend = timeline?.statements[statement.fingerprint] ?? []
    origins = try store.dimensions(of: statement.fingerprint, in: window.window).map {
      OriginTotals(
        fingerprint: statement.fingerprint, dimensions: $0.dimensions, calls: $0.totals.calls, total: $0.totals.total)
    }
    errors = try store.errors(of: statement.fingerprint, in: window.window)
    let kept = try store.samples(of: statement.fingerprint, in: window.window)
    samples = Array(kept.filter { $0.reason == .slow }.prefix(5))
    parameters = ParameterInfluence(kept)

    var plans: [(sample: PlanSample, plan: Plan)] = []
    var unreadable = 0
    for sample in try store.plans(in: window.window, of: statement.fingerprint) {
      do {
        plans.append((sample, try PlanReader.plan(of: sample)))
      } catch {
        unreadable += 1
      }
    }
    unreadablePlans = unreadable
    shapes = StatementLife.shapes(plans, statement.fingerprint, showsValues: showsValues)
    relations = StatementLife.count(plans.map { StatementLife.names(in: $0.plan, \.relation) })
    indexes = StatementLife.count(plans.map { StatementLife.names(in: $0.plan, \.index) })
  }

  private static func shapes(
    _ plans: [(sample: PlanSample, plan: Plan)], _ fingerprint: Fingerprint, showsValues: Bool
  ) -> [Shape] {
    Dictionary(grouping: plans) { $0.sample.shape ?? $0.plan.shape }.map { shape, members in
      let subject = Subject.query(fingerprint, database: members[0].sample.dimensions.database)
      var seen: Set<String> = []
      let findings = members.flatMap { PlanRules.findings(in: $0.plan, subject: subject) }
        .filter { seen.insert($0.id).inserted }.map { showsValues ? $0 : $0.withoutValues() }
      let times = members.map(\.sample.at)
      return Shape(
        shape: Fingerprint(shape), kept: members.count,
        meanMilliseconds: members.reduce(0) { $0 + $1.sample.duration.milliseconds } / Double(members.count),
        first: times.min() ?? Timestamp(seconds: 0), last: times.max() ?? Timestamp(seconds: 0),
        outline: PlanTree(AnalysedPlan(members[0].plan)).rows.map { $0.branch + $0.title }, findings: findings.sorted())
    }.sorted { ($1.kept, $0.shape) < ($0.kept, $1.shape) }
  }

  private static func names(in plan: Plan, _ name: (PlanNode) -> String?) -> Set<String> {
    var names: Set<String> = []
    plan.root.walk { node in
      if let name = name(node), !name.isEmpty { names.insert(name) }
    }
    return names
  }

  private static func count(_ sets: [Set<String>]) -> [(name: String, plans: Int)] {
    var counts: [String: Int] = [:]
    for name in sets.joined() { counts[name, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// The histogram by ranges whose ends are 1, 2 and 5 times powers of ten milliseconds.
  var distribution: [(lower: Double, upper: Double, count: Int64)] {
    guard let sketch = summary?.log?.sketch, !sketch.isEmpty else { return [] }
    var edges: [Int64] = [0]
    var power: Int64 = 10
    while power <= 100_000_000_000 {
      edges += [power, 2 * power, 5 * power]
      power *= 10
    }
    var counts = [Int64](repeating: 0, count: edges.count - 1)
    for (bucket, count) in sketch.buckets {
      let middle = LatencyBucket.middle(of: bucket)
      let range = (edges.firstIndex { $0 > middle } ?? edges.count - 1) - 1
      counts[min(range, counts.count - 1)] += count
    }
    guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
      return []
    }
    return (first...last).map { (Double(edges[$0]) / 1e3, Double(edges[$0 + 1]) / 1e3, counts[$0]) }
  }
}

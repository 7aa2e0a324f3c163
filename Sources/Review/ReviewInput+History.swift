import Comparison
public import History
public import IndexAdvisor
public import Model
import Plans

extension ReviewInput {
  /// Blocks that a window is cut into for the comparison: half days of a week.
  public static let blocks = 14

  /// Reads a closed window of a history, and the one before it where the history reaches back.
  ///
  /// - Parameters:
  ///   - days: days that the recorded load stands for; the window's length, as far as there are observations, by default.
  ///   - database: the catalog whose indexes are to be judged.
  /// - Complexity: O(cells of both windows + recorded plans).
  public init(
    _ history: HistoryStore, window: TimeWindow, target: Microseconds = Microseconds(100_000), days: Double? = nil,
    database: DatabaseFacts? = nil, databaseName: String = ""
  ) throws(HistoryError) {
    let span = try history.span()
    var previous = window.previous
    if let to = previous?.to, let from = span?.from, from >= to { previous = nil }
    let now = try history.workload(in: window)
    let before = try previous.map { window throws(HistoryError) in try history.workload(in: window) }
    self.init(
      window: window, previous: previous, days: days ?? Self.observedDays(window, span), target: target, workload: now,
      database: database, databaseName: databaseName)

    let databases = try Self.databases(history.origins(in: window))
    let earlier = Self.byFingerprint(before)
    for (fingerprint, summary) in Self.byFingerprint(now) {
      statements[fingerprint] = Statement(
        fingerprint: fingerprint, text: summary.statement?.normalized ?? "", kind: summary.statement?.kind ?? .unknown,
        database: databases[fingerprint] ?? "", now: summary, before: earlier[fingerprint])
    }
    if let previous { comparison = try Self.comparison(history, window, previous, statements) }
    repetitions = try history.repetitions(in: window)
    for sample in try history.plans(in: window) where !sample.isNested {
      if let plan = try? PlanReader.plan(of: sample) {
        plans[sample.fingerprint, default: []].append(RecordedPlan(sample: sample, plan: plan))
      }
    }
    if let previous {
      for sample in try history.plans(in: previous) where !sample.isNested {
        if let shape = sample.shape ?? (try? PlanReader.plan(of: sample))?.shape {
          earlierShapes[sample.fingerprint, default: []].insert(shape)
        }
      }
    }
    events = try Self.events(history, window, previous)
  }

  private static func observedDays(_ window: TimeWindow, _ span: TimeWindow?) -> Double {
    let from = max(window.from ?? .init(microseconds: .min), span?.from ?? .init(microseconds: .min))
    let to = min(window.to ?? .init(microseconds: .max), span?.to ?? .init(microseconds: .max))
    return to > from ? (to.seconds - from.seconds) / 86_400 : 0
  }

  private static func byFingerprint(_ summary: WorkloadSummary?) -> [Fingerprint: StatementSummary] {
    Dictionary(
      (summary?.statements ?? []).filter { $0.calls > 0 }.compactMap { statement in
        statement.fingerprint.map { ($0, statement) }
      }, uniquingKeysWith: { first, _ in first })
  }

  private static func databases(_ origins: [OriginTotals]) -> [Fingerprint: String] {
    var most: [Fingerprint: (database: String, calls: Int64)] = [:]
    for origin in origins where !origin.dimensions.database.isEmpty {
      if let best = most[origin.fingerprint], best.calls >= origin.calls { continue }
      most[origin.fingerprint] = (origin.dimensions.database, origin.calls)
    }
    return most.mapValues(\.database)
  }

  private static func comparison(
    _ history: HistoryStore, _ window: TimeWindow, _ previous: TimeWindow, _ statements: [Fingerprint: Statement]
  ) throws(HistoryError) -> WindowComparison? {
    guard let from = window.from, let to = window.to else { return nil }
    let minutes = max(1, Int64(((to.seconds - from.seconds) / 60 / Double(blocks)).rounded(.down)))
    guard let now = try history.timeline(in: window, stepMinutes: minutes),
      let before = try history.timeline(in: previous, stepMinutes: minutes)
    else { return nil }
    func steps(_ line: WorkloadTimeline, _ fingerprint: Fingerprint) -> [WindowComparison.Block?] {
      (line.statements[fingerprint] ?? Array(repeating: nil, count: line.all.count)).map { step in
        step.map { WindowComparison.Block(calls: $0.calls, totalMs: $0.total.milliseconds) }
      }
    }
    let both = statements.values.filter { $0.before != nil }.map(\.fingerprint).sorted()
    return WindowComparison(
      both.map { .init(fingerprint: $0, before: steps(before, $0), now: steps(now, $0)) })
  }

  private static func events(
    _ history: HistoryStore, _ window: TimeWindow, _ previous: TimeWindow?
  ) throws(HistoryError) -> [Event] {
    struct Key: Hashable {
      var category: EventCell.Category
      var sqlState: String
      var shape: String
    }
    var earlier: [Key: Int64] = [:]
    if let previous {
      for event in try history.events(in: previous) {
        earlier[Key(category: event.category, sqlState: event.sqlState, shape: event.shape), default: 0] += event.count
      }
    }
    return try history.events(in: window).map { totals in
      let key = Key(category: totals.category, sqlState: totals.sqlState, shape: totals.shape)
      return Event(totals: totals, before: previous == nil ? nil : earlier[key] ?? 0)
    }
  }
}

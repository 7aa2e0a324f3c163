import GRDB
public import Model
public import Sketch
import Statements

/// Executions in one step of a timeline.
public struct StepTotals: Sendable, Hashable {
  public var calls: Int64 = 0
  public var errors: Int64 = 0
  public var total = Microseconds.zero

  public init() {}

  mutating func add(_ other: StepTotals) {
    calls += other.calls
    errors += other.errors
    total += other.total
  }
}

/// A window's executions in steps of equal length, the first beginning with the window.
public struct WorkloadTimeline: Sendable {
  public var from: Timestamp
  public var stepMinutes: Int64
  /// All statements together; nil where nothing was recorded.
  public var all: [StepTotals?]
  /// Their durations; empty in steps that only snapshots tell of.
  public var sketches: [LatencySketch]
  /// Each statement by itself, with as many steps.
  public var statements: [Fingerprint: [StepTotals?]]
}

extension HistoryStore {
  /// The executions of a closed window by steps of `stepMinutes`, from the log; where the log holds nothing in the
  /// window, from the intervals between snapshots, each counted in the step that it ends in. Nil for an open or empty
  /// window.
  public func timeline(
    in window: TimeWindow, stepMinutes: Int64, _ filter: WorkloadFilter = WorkloadFilter()
  ) throws(HistoryError) -> WorkloadTimeline? {
    guard let from = window.from, let to = window.to, from < to, stepMinutes > 0 else { return nil }
    let minutes = window.minutes
    let count = Int((minutes.upperBound - minutes.lowerBound + stepMinutes - 1) / stepMinutes)
    var timeline = WorkloadTimeline(
      from: Timestamp(microseconds: minutes.lowerBound * 60_000_000), stepMinutes: stepMinutes,
      all: Array(repeating: nil, count: count), sketches: Array(repeating: LatencySketch(), count: count),
      statements: [:])
    return try read { db in
      try LogReader(db: db).fill(&timeline, minutes, filter)
      if timeline.statements.isEmpty { try SnapshotReader(db: db).fill(&timeline, window, filter) }
      return timeline
    }
  }
}

extension WorkloadTimeline {
  fileprivate mutating func add(_ totals: StepTotals, step: Int, _ fingerprint: Fingerprint) {
    guard all.indices.contains(step) else { return }
    all[step, default: StepTotals()].add(totals)
    statements[fingerprint, default: Array(repeating: nil, count: all.count)][step, default: StepTotals()].add(totals)
  }
}

extension Array {
  fileprivate subscript<T>(index: Int, default value: T) -> T where Element == T? {
    get { self[index] ?? value }
    set { self[index] = newValue }
  }
}

extension LogReader {
  fileprivate func fill(_ timeline: inout WorkloadTimeline, _ minutes: Range<Int64>, _ filter: WorkloadFilter) throws {
    let dimensions = try filter.limitsDimensions ? dimensionIDs(filter) : nil
    // The coarsest level whose buckets each lie in one step.
    let level =
      CellLevel.allCases.last {
        timeline.stepMinutes % $0.minutes == 0 && minutes.lowerBound % $0.minutes == 0
          && minutes.upperBound % $0.minutes == 0
      } ?? .minute
    let limit = dimensions.map { " AND c.dimensions_id IN (\($0.map(String.init).joined(separator: ",")))" } ?? ""
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT s.fingerprint, c.bucket, c.calls, c.errors, c.total_us, c.sketch
        FROM statement s CROSS JOIN \(level.table) c
          ON c.statement_id = s.id AND c.bucket >= ? AND c.bucket < ?\(limit)
        """, arguments: [minutes.lowerBound / level.minutes, minutes.upperBound / level.minutes])
    let accepted = try filter.table == nil && filter.text == nil ? nil : acceptedStatements(filter)
    while let row = try rows.next() {
      let fingerprint = Fingerprint(UInt64(bitPattern: row[0] as Int64))
      guard accepted?.contains(fingerprint) ?? true else { continue }
      var totals = StepTotals()
      totals.calls = row[2]
      totals.errors = row[3]
      totals.total.value = row[4]
      let step = Int(((row[1] as Int64) * level.minutes - minutes.lowerBound) / timeline.stepMinutes)
      timeline.add(totals, step: step, fingerprint)
      try row.withUnsafeData(named: "sketch") { data in
        if let data { try timeline.sketches[step].merge(decoding: data) }
      }
    }
  }

  private func acceptedStatements(_ filter: WorkloadFilter) throws -> Set<Fingerprint> {
    var result: Set<Fingerprint> = []
    let rows = try Row.fetchCursor(db, sql: "SELECT id, fingerprint, kind, grammar, text, relations FROM statement")
    while let row = try rows.next() {
      let fingerprint = Fingerprint(UInt64(bitPattern: row[1] as Int64))
      if filter.accepts(try HistoryStore.statement(row, fingerprint)) { result.insert(fingerprint) }
    }
    return result
  }
}

extension SnapshotReader {
  fileprivate func fill(_ timeline: inout WorkloadTimeline, _ window: TimeWindow, _ filter: WorkloadFilter) throws {
    guard filter.fitsSnapshots, let low = window.from, let high = window.to else { return }
    for server in try servers() {
      let entries = try entries(server: server.id)
      var fingerprints: [Int64: Fingerprint] = [:]
      let names = try Row.fetchCursor(db, sql: "SELECT id, fingerprint FROM statement")
      while let row = try names.next() { fingerprints[row[0]] = Fingerprint(UInt64(bitPattern: row[1] as Int64)) }
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT bucket, from_at, to_at, interruptions, known, active_ns, covered_us, block FROM statements_interval
          WHERE server_id = ? AND level = ? AND chosen AND from_at >= ? AND to_at <= ? ORDER BY bucket
          """,
        arguments: [server.id, IntervalLevel.single.rawValue, low.microseconds, high.microseconds])
      while let row = try rows.next() {
        let end = Timestamp(microseconds: (row["to_at"] as Int64) - 1)
        let step = Int((end.minute - timeline.from.minute) / timeline.stepMinutes)
        for item in try IntervalTables.items(row) {
          guard let entry = entries[item.entry], entry.key.isTopLevel,
            let fingerprint = entry.statement.flatMap({ fingerprints[$0] }),
            filter.accepts(WorkloadDimensions(database: entry.database, user: entry.user))
          else { continue }
          var totals = StepTotals()
          totals.calls = item.delta.counters[.calls]
          totals.total.value = item.delta.counters[.execTime] / 1_000
          timeline.add(totals, step: step, fingerprint)
        }
      }
    }
  }
}

import Foundation
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
  ///
  /// Where steps are whole hours or days, begin with one, and finer counts are not needed or have been rolled up, the
  /// sums of hours and days are read.
  /// - Parameter statement: only this one.
  public func timeline(
    in window: TimeWindow, stepMinutes: Int64, _ filter: WorkloadFilter = WorkloadFilter(),
    statement: Fingerprint? = nil
  ) throws(HistoryError) -> WorkloadTimeline? {
    guard let from = window.from, let to = window.to, from < to, stepMinutes > 0 else { return nil }
    let minutes = window.minutes
    let count = Int((minutes.upperBound - minutes.lowerBound + stepMinutes - 1) / stepMinutes)
    var timeline = WorkloadTimeline(
      from: Timestamp(microseconds: minutes.lowerBound * 60_000_000), stepMinutes: stepMinutes,
      all: Array(repeating: nil, count: count), sketches: Array(repeating: LatencySketch(), count: count),
      statements: [:])
    return try read { db in
      try LogReader(db: db).fill(&timeline, minutes, filter, statement)
      if timeline.statements.isEmpty { try SnapshotReader(db: db).fill(&timeline, window, filter, statement) }
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

extension CellLevel {
  /// The stretches of a window by the level that each is read at: the coarsest whose buckets each lie in one step, or,
  /// where that has been rolled up, the finest that is left.
  fileprivate static func readings(
    _ minutes: Range<Int64>, step: Int64, kept: KeptLevels
  ) -> [(level: CellLevel, minutes: Range<Int64>)] {
    let level =
      allCases.last {
        step % $0.minutes == 0 && minutes.lowerBound % $0.minutes == 0 && minutes.upperBound % $0.minutes == 0
      } ?? .minute
    let edges = [kept.hoursFrom, kept.minutesFrom].map { min(max($0, minutes.lowerBound), minutes.upperBound) }
    return [
      (max(level, .day), minutes.lowerBound..<edges[0]), (max(level, .hour), edges[0]..<max(edges[0], edges[1])),
      (level, max(edges[0], edges[1])..<minutes.upperBound),
    ].filter { !$0.1.isEmpty }
  }
}

extension LogReader {
  fileprivate func fill(
    _ timeline: inout WorkloadTimeline, _ minutes: Range<Int64>, _ filter: WorkloadFilter, _ statement: Fingerprint?
  ) throws {
    for reading in CellLevel.readings(minutes, step: timeline.stepMinutes, kept: try keptLevels()) {
      try fill(&timeline, reading.minutes, reading.level, from: minutes.lowerBound, filter, statement)
    }
  }

  private func fill(
    _ timeline: inout WorkloadTimeline, _ minutes: Range<Int64>, _ level: CellLevel, from: Int64,
    _ filter: WorkloadFilter, _ statement: Fingerprint?
  ) throws {
    let dimensions = try filter.limitsDimensions ? dimensionIDs(filter) : nil
    var limit = dimensions.map { " AND c.dimensions_id IN (\($0.map(String.init).joined(separator: ",")))" } ?? ""
    if let statement { limit += " AND s.fingerprint = \(Int64(bitPattern: statement.value))" }
    func up(_ minute: Int64) -> Int64 { level.bucket(ofMinute: minute + level.minutes - 1) }
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT s.fingerprint, c.bucket, c.calls, c.errors, c.total_us, c.sketch
        FROM statement s CROSS JOIN \(level.table) c
          ON c.statement_id = s.id AND c.bucket >= ? AND c.bucket < ?\(limit)
        """, arguments: [up(minutes.lowerBound), up(minutes.upperBound)])
    let accepted = try filter.table == nil && filter.text == nil ? nil : acceptedStatements(filter)
    while let row = try rows.next() {
      let fingerprint = Fingerprint(UInt64(bitPattern: row[0] as Int64))
      guard accepted?.contains(fingerprint) ?? true else { continue }
      var totals = StepTotals()
      totals.calls = row[2]
      totals.errors = row[3]
      totals.total.value = row[4]
      let step = Int(((row[1] as Int64) * level.minutes - from) / timeline.stepMinutes)
      guard timeline.all.indices.contains(step) else { continue }
      timeline.add(totals, step: step, fingerprint)
      try row.withUnsafeData(named: "sketch") { data in
        if let data { try timeline.sketches[step].merge(decoding: data) }
      }
    }
  }

  fileprivate func acceptedStatements(_ filter: WorkloadFilter) throws -> Set<Fingerprint> {
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
  fileprivate func fill(
    _ timeline: inout WorkloadTimeline, _ window: TimeWindow, _ filter: WorkloadFilter, _ statement: Fingerprint?
  ) throws {
    guard filter.fitsSnapshots, let low = window.from, let high = window.to else { return }
    let kept = try LogReader(db: db).keptLevels()
    let accepted =
      try filter.table == nil && filter.text == nil ? nil : LogReader(db: db).acceptedStatements(filter)
    let readings = CellLevel.readings(window.minutes, step: timeline.stepMinutes, kept: kept)
    for server in try servers() {
      let entries = try entries(server: server.id)
      var fingerprints: [Int64: Fingerprint] = [:]
      let names = try Row.fetchCursor(db, sql: "SELECT id, fingerprint FROM statement")
      while let row = try names.next() { fingerprints[row[0]] = Fingerprint(UInt64(bitPattern: row[1] as Int64)) }
      let wanted = entries.compactMapValues { entry -> Fingerprint? in
        guard entry.key.isTopLevel, let fingerprint = entry.statement.flatMap({ fingerprints[$0] }),
          statement == nil || statement == fingerprint,
          filter.accepts(WorkloadDimensions(database: entry.database, user: entry.user)),
          accepted?.contains(fingerprint) ?? true
        else { return nil }
        return fingerprint
      }
      for reading in readings {
        let level: IntervalLevel =
          switch reading.level {
          case .minute: .single
          case .hour: .hour
          case .day: .day
          }
        // An interval counts where it ends. What is summed up may have begun before the window.
        let after = Timestamp(seconds: reading.minutes.lowerBound * 60)
        let until = Timestamp(seconds: reading.minutes.upperBound * 60)
        let begin = level == .single ? low.microseconds : low.microseconds - level.width
        let rows = try Row.fetchCursor(
          db,
          sql: """
            SELECT to_at, block FROM statements_interval
            WHERE server_id = ? AND level = ? AND bucket >= ? AND bucket <= ? AND chosen AND from_at >= ? AND to_at <= ?
              AND to_at > ? AND to_at <= ?
            ORDER BY bucket
            """,
          arguments: [
            server.id, level.rawValue, level.bucket(after), level.bucket(until), begin, high.microseconds,
            after.microseconds, until.microseconds,
          ])
        while let row = try rows.next() {
          let end = Timestamp(microseconds: (row["to_at"] as Int64) - 1)
          let step = Int((end.minute - timeline.from.minute) / timeline.stepMinutes)
          try row.withUnsafeData(named: "block") { data in
            try data?.withUnsafeBytes { bytes in
              try DeltaBlock.times(bytes) { entry, calls, time in
                guard let fingerprint = wanted[entry] else { return }
                var totals = StepTotals()
                totals.calls = calls
                totals.total.value = time / 1_000
                timeline.add(totals, step: step, fingerprint)
              }
            }
          }
        }
      }
    }
  }
}

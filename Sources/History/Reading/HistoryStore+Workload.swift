import GRDB
import Model
import Sketch
import Statements

extension HistoryStore {
  /// The statements of a window, in no order that matters (ascending by fingerprint).
  ///
  /// A statement's calls and times come from the log where the log holds about as many executions as snapshots count
  /// in the time that both cover, else from the snapshots; what only one of them knows (rows and blocks, percentiles
  /// and errors) stands beside it.
  public func workload(
    in window: TimeWindow = .everything, _ filter: WorkloadFilter = WorkloadFilter()
  ) throws(HistoryError) -> WorkloadSummary {
    try read { db in
      let logs = LogReader(db: db)
      let snapshots = SnapshotReader(db: db)
      let span = try logs.span().flatMap { span -> TimeWindow? in
        let from = max(span.from, window.from ?? span.from)
        let to = min(span.to, window.to ?? span.to)
        return from < to ? TimeWindow(from: from, to: to) : nil
      }
      var threshold = LogThreshold()
      let logTotals = try span == nil ? [:] : logs.totals(window, filter, &threshold)
      if span != nil, filter.limitsDimensions {
        // Some applications' statements are all slow: the threshold is the whole log's.
        threshold = LogThreshold()
        _ = try logs.totals(window, WorkloadFilter(), &threshold)
      }
      let snapshotTotals = try snapshots.totals(window, filter)
      let texts = try statementTexts(db)
      let common = try commonCounts(db, span, snapshotTotals, filter)
      let covers = try logCovers(db, span, snapshotTotals.intervals)

      var statements: [StatementSummary] = []
      for id in Set(logTotals.keys).union(snapshotTotals.totals.keys) {
        let text = texts[id]
        guard filter.accepts(text?.statement) else { continue }
        let log = logTotals[id]
        let snapshot = snapshotTotals.totals[id]
        let source: CountSource
        switch (log, snapshot) {
        case (_, nil): source = .log
        case (nil, _): source = .snapshots
        case (let log?, let snapshot?):
          // 0.9: clocks and ends of intervals differ by a little; a log with a threshold lacks far more.
          let isComplete =
            common.map { Double($0.log[id] ?? 0) >= 0.9 * Double($0.snapshots[id] ?? 0) && ($0.snapshots[id] ?? 0) > 0 }
            ?? false
          source =
            isComplete && Double(log.calls) >= 0.9 * Double(snapshot.counters[.calls])
              || log.calls >= snapshot.counters[.calls] ? .log : .snapshots
        }
        statements.append(
          StatementSummary(
            fingerprint: text?.fingerprint, statement: text?.statement, source: source, log: log, snapshots: snapshot,
            logThreshold: source == .log && snapshot == nil ? threshold.value : nil,
            logCovers: covers))
      }
      let nested = snapshotTotals.nested.compactMap { id, totals -> StatementSummary? in
        let text = texts[id]
        guard filter.accepts(text?.statement) else { return nil }
        return StatementSummary(
          fingerprint: text?.fingerprint, statement: text?.statement, source: .snapshots, snapshots: totals)
      }
      return WorkloadSummary(
        window: window, logSpan: span, intervals: snapshotTotals.intervals,
        coverage: snapshotTotals.coverage, statements: statements.sorted(by: Self.isBefore),
        nested: nested.sorted(by: Self.isBefore), crossesEdges: snapshotTotals.crossesEdges)
    }
  }

  private static func isBefore(_ a: StatementSummary, _ b: StatementSummary) -> Bool {
    switch (a.fingerprint, b.fingerprint) {
    case (let a?, let b?): a < b
    case (nil, nil): (a.snapshots?.queryIDs.min() ?? .unknown) < (b.snapshots?.queryIDs.min() ?? .unknown)
    case (let a, _): a != nil
    }
  }

  /// Whether the log sources reach over all the time that snapshots count, but for the first and last minutes and what
  /// lies between two files.
  private func logCovers(
    _ db: Database, _ span: TimeWindow?, _ intervals: [ServerIdentity: StatementsInterval]
  ) throws -> Bool {
    guard let from = intervals.values.map(\.from).min(), let to = intervals.values.map(\.to).max(), from < to else {
      return true
    }
    var stretches = try Row.fetchAll(
      db,
      sql: "SELECT first_at, last_at FROM source WHERE first_at IS NOT NULL AND first_at < last_at ORDER BY first_at"
    ).map { (from: $0[0] as Int64, to: $0[1] as Int64) }
    if stretches.isEmpty, let first = span?.from, let last = span?.to {
      stretches = [(first.microseconds, last.microseconds)]
    }
    var covered: Int64 = 0
    var end = from.microseconds
    for stretch in stretches where stretch.to > end {
      let begin = max(end, stretch.from)
      guard begin < to.microseconds else { break }
      covered += min(stretch.to, to.microseconds) - begin
      end = stretch.to
    }
    let length = to.microseconds - from.microseconds
    return length - covered <= max(length / 100, 300_000_000)
  }

  /// Calls by statement in the time that logs and snapshots both cover.
  private func commonCounts(
    _ db: Database, _ span: TimeWindow?, _ all: SnapshotReader.Result, _ filter: WorkloadFilter
  ) throws -> (log: [Int64: Int64], snapshots: [Int64: Int64])? {
    guard let span, !all.intervals.isEmpty else { return nil }
    let both = try SnapshotReader(db: db).totals(span, filter)
    guard let from = both.intervals.values.map(\.from).min(), let to = both.intervals.values.map(\.to).max() else {
      return nil
    }
    let log = try LogReader(db: db).totals(TimeWindow(from: from, to: to), filter)
    return (log.mapValues(\.calls), both.totals.mapValues { $0.counters[.calls] })
  }

  /// Every statement's text by its id.
  func statementTexts(_ db: Database) throws -> [Int64: (fingerprint: Fingerprint, statement: StatementText?)] {
    var result: [Int64: (fingerprint: Fingerprint, statement: StatementText?)] = [:]
    let rows = try Row.fetchCursor(db, sql: "SELECT id, fingerprint, kind, grammar, text, relations FROM statement")
    while let row = try rows.next() {
      let fingerprint = Fingerprint(UInt64(bitPattern: row[1] as Int64))
      result[row[0]] = (fingerprint, try HistoryStore.statement(row, fingerprint))
    }
    return result
  }

  static func statement(_ row: Row, _ fingerprint: Fingerprint) throws -> StatementText? {
    guard let grammar = StatementText.Grammar(rawValue: row["grammar"]) else { return nil }
    return StatementText(
      fingerprint: fingerprint, normalized: row["text"],
      kind: StatementKind(rawValue: row["kind"]) ?? .unknown,
      relations: try JSON.value([RelationName].self, row["relations"]), grammar: grammar)
  }

  /// The time that anything was recorded in, logs and snapshots together; nil for an empty history.
  public func span() throws(HistoryError) -> TimeWindow? {
    try read { db in
      let log = try LogReader(db: db).span()
      let ends = try Row.fetchOne(db, sql: "SELECT min(at), max(at) FROM statements_snapshot")
      // Snapshots are listed for longer than what happened between them is kept.
      let begin = try Int64.fetchOne(
        db,
        sql: """
          SELECT min((SELECT from_at FROM statements_interval WHERE server_id = s.id AND level = 2
            ORDER BY bucket LIMIT 1)) FROM server s
          """)
      let from = [log?.from, (begin ?? ends?[0] as Int64?).map { Timestamp(microseconds: $0) }].compactMap { $0 }.min()
      let to = [log?.to, (ends?[1] as Int64?).map { Timestamp(microseconds: $0) }].compactMap { $0 }.max()
      guard let from, let to else { return nil }
      return TimeWindow(from: from, to: to)
    }
  }
}

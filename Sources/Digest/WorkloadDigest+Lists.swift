import History
import Model
import Report
import Statements

extension WorkloadDigest {
  // MARK: Repetitions

  func repetitions() throws(HistoryError) -> [RepetitionReport] {
    let texts = Dictionary(
      now.statements.compactMap { statement in
        statement.fingerprint.map { ($0, statement.statement?.normalized ?? "(text not known)") }
      }
    ) { first, _ in first }
    return try history.repetitions(in: range(window)).prefix(options.listLimit).map { item in
      RepetitionReport(
        fingerprint: item.fingerprint, text: texts[item.fingerprint] ?? "(text not known)",
        origin: origin(item.dimensions), transactions: item.transactions, executions: item.executions, most: item.most,
        totalMs: item.total.milliseconds)
    }
  }

  /// `shop-web, controller=orders, route=/orders`.
  private func origin(_ dimensions: WorkloadDimensions) -> String {
    let tags = SQLCommenterTags.pairs(dimensions.tags).filter { !["traceparent", "tracestate"].contains($0.key) }
    let parts = [dimensions.application] + tags.map { $0.key + "=" + $0.value }
    let text = parts.filter { !$0.isEmpty }.joined(separator: ", ")
    return text.isEmpty ? dimensions.user : text
  }

  // MARK: Events

  /// What goes wrong first; sessions that come and go are no news.
  func events() throws(HistoryError) -> [EventReport] {
    struct Key: Hashable {
      var category: EventCell.Category
      var sqlState: String
      var shape: String
    }
    var earlier: [Key: Int64] = [:]
    if let previous {
      for event in try history.events(in: range(previous)) {
        earlier[Key(category: event.category, sqlState: event.sqlState, shape: event.shape), default: 0] += event.count
      }
    }
    let order: [EventCell.Category] = [
      .crash, .wraparound, .restart, .replicationConflict, .deadlock, .authenticationFailure, .error, .timeout, .cancel,
      .lockWait, .temporaryFile, .checkpoint, .autovacuum, .autoanalyze, .other,
    ]
    let events = try history.events(in: range(window)).filter { order.contains($0.category) }
    let ranked = events.enumerated().sorted { a, b in
      let (left, right) = (order.firstIndex(of: a.element.category) ?? 0, order.firstIndex(of: b.element.category) ?? 0)
      return (left, b.element.count, a.offset) < (right, a.element.count, b.offset)
    }
    return ranked.prefix(2 * options.listLimit).map { _, event in
      EventReport(
        category: event.category, sqlState: event.sqlState, shape: event.shape, count: event.count,
        previousCount: previous == nil
          ? nil : earlier[Key(category: event.category, sqlState: event.sqlState, shape: event.shape)] ?? 0,
        amount: event.amount, fingerprint: event.fingerprint)
    }
  }

  // MARK: Data quality

  func quality() throws(HistoryError) -> DataQuality {
    let all = try history.sources()
    let sources = all.filter { source in
      // A copy of another source brought nothing.
      if source.entries == 0, source.skipped.isEmpty { return false }
      guard let first = source.first, let last = source.last else { return true }
      return first < window.to && last >= (previous?.from ?? window.from)
    }
    var quality = DataQuality(
      sources: sources.map {
        DataQuality.Source(
          name: $0.path.split(separator: "/").suffix(2).joined(separator: "/"), format: $0.format, entries: $0.entries,
          skipped: $0.skipped, first: $0.first, last: $0.last)
      })
    func note(_ tone: Tone, _ text: Prose) { quality.notes.append(.init(tone, text)) }

    let logged = now.statements.reduce(0) { $0 + ($1.log?.calls ?? 0) }
    let hasSnapshots = !now.intervals.isEmpty
    if logged == 0 {
      note(
        .warning,
        "No log of this window: percentiles, errors and plans are not known. \(code: "log_min_duration_statement = 0"), or a sampled log, would tell."
      )
    }
    if !hasSnapshots {
      note(
        .plain,
        "No pair of \(code: "pg_stat_statements") snapshots lies in this window: rows, blocks and statements that the log left out are not known. \(code: "pgassay capture") twice would tell."
      )
    }
    let fromSnapshots = now.statements.count { $0.calls > 0 && $0.source == .snapshots }
    if logged > 0, fromSnapshots > 0 {
      note(
        .plain,
        "\(fromSnapshots) of \(now.statements.count { $0.calls > 0 }) statements are counted by snapshots because the log does not hold all of their calls."
      )
    }
    let copies = all.count { $0.entries == 0 && $0.skipped.isEmpty }
    if copies > 0 {
      note(.plain, "\(copies) sources held only entries that others had brought; every entry is counted once.")
    }
    let unknown = now.statements.count { $0.fingerprint == nil && $0.calls > 0 }
    if unknown > 0 {
      note(
        .warning,
        "\(unknown) entries of \(code: "pg_stat_statements") have no readable text; they are in the totals, not in the lists."
      )
    }
    for (server, coverage) in now.coverage.sorted(by: { $0.key < $1.key }) {
      quality.coverage.append(
        DataQuality.Coverage(
          systemIdentifier: server.systemIdentifier, node: server.node, fraction: coverage.fraction,
          statementsMs: Double(coverage.explained) / 1e6, activeMs: coverage.active.map { Double($0) / 1e6 },
          isExact: coverage.isExact, unknownBecause: coverage.obstacle?.code))
      note(.plain, "Server \(server.description): \(coverage.sentence).")
    }
    for interruption in now.interruptions {
      note(interruption == .cleanRestart ? .plain : .warning, Self.words(interruption))
    }
    if extent.from > window.from, let previous = Optional(extent.from), previous < window.to {
      note(.plain, "The first observation is of \(extent.from.description); the window before that is empty.")
    }
    let skipped = quality.sources.reduce(0) { $0 + $1.skipped.reduce(0) { $0 + $1.count } }
    if logged > 0, skipped == 0, fromSnapshots == 0 {
      note(.good, "Every line of the logs was read, and the logs hold every call as far as one can tell.")
    }
    return quality
  }

  private static func words(_ interruption: StatementsDifference.Interruption) -> Prose {
    let bound: Prose = ": what happened before it in the same interval may be missing, so sums can be lower bounds."
    switch interruption {
    case .reset: return "\(code: "pg_stat_statements") was reset" + bound
    case .resetCalled: return "\(code: "pg_stat_statements_reset") was called" + bound
    case .resetPossible:
      return
        "Some roles' entries of \(code: "pg_stat_statements") were hidden from a capture: a reset may have gone unseen, so sums can be lower bounds. The role \(code: "pg_read_all_stats") sees them."
    case .notLoaded:
      return
        "The server ran without \(code: "pg_stat_statements") in \(code: "shared_preload_libraries") for a while: what it did then is counted nowhere, so sums are lower bounds."
    case .evictions(let times?):
      return
        "\(code: "pg_stat_statements") was full and threw out rare statements \(times) times: sums can be lower bounds. A larger \(code: "pg_stat_statements.max") would keep them."
    case .evictions(nil):
      return
        "\(code: "pg_stat_statements") may have thrown out rare statements, which its version does not tell: sums can be lower bounds."
    case .notTold:
      return
        "The snapshots do not say whether entries were reset or thrown out, so sums can be lower bounds; \(code: "pgassay capture") tells."
    case .restart: return "The server was restarted" + bound
    case .cleanRestart: return "The server was restarted; its counters were kept."
    case .otherServer:
      return
        "Another server of the cluster answered, as after a fail-over, or a clone: what either did in between may be missing, so sums can be lower bounds."
    case .serverStatisticsReset: return "The server's statistics began anew" + bound
    case .serverVersion(let from, let to):
      return "The server went from \(from.description) to \(to.description); query ids changed with it."
    case .columns: return "The columns of \(code: "pg_stat_statements") changed between snapshots."
    case .lostEntries(let count):
      return "\(count) entries of \(code: "pg_stat_statements") vanished without a reset that was seen" + bound
    }
  }
}

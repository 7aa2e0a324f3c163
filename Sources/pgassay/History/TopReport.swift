import Digest
import History
import Model
import Report
import Statements

/// What `pgassay top` shows.
struct TopReport {
  let workload: WorkloadSummary
  let previous: WorkloadSummary?
  let window: HistoryWindow
  let order: WorkloadOrder
  let limit: Int
  let target: Microseconds?
  let filter: WorkloadFilter
  /// Where nested statements are listed: the workload that they are a part of.
  let callers: WorkloadSummary?

  private var shown: [StatementSummary] { Array(order.sorted(workload.statements).prefix(limit)) }

  /// What shares are of, in milliseconds.
  var whole: Double { (callers ?? workload).totalMilliseconds }

  private func before(_ statement: StatementSummary) -> StatementSummary? {
    guard let fingerprint = statement.fingerprint else { return nil }
    return previous?.statements.first { $0.fingerprint == fingerprint }
  }

  /// Whether hours or days that count cross the window's edges.
  private var crosses: Bool { workload.crossesEdges && workload.statements.contains { $0.source == .snapshots } }

  /// Whether all numbers are those of the window that was asked for.
  var isExact: Bool { workload.isExact && !window.isMoved && !crosses }

  /// The window that the numbers are of.
  var covered: TimeWindow {
    guard crosses, workload.logSpan == nil else { return window.window }
    return TimeWindow(from: workload.intervals.values.map(\.from).min(), to: workload.intervals.values.map(\.to).max())
  }

  // MARK: Text

  var heading: [String] {
    let shape = workload.statements.count == 1 ? "statement" : "statements"
    var lines = [
      HistoryWindow.text(covered) + ", "
        + (covered == window.window ? window.origin : "what is kept of \(HistoryWindow.text(window.window))"),
      "\(workload.marked(.count(workload.calls))) calls of \(Quantity.count(workload.statements.count)) \(shape)"
        + (callers == nil
          ? ", \(workload.marked(.milliseconds(workload.totalMilliseconds))) in all"
          : " that functions and procedures ran, within their callers' time") + "; ranked by \(order.title)",
    ]
    if let previous {
      let found =
        previous.statements.isEmpty
        ? "nothing is recorded of it, so that everything is new"
        : "\(previous.marked(.count(previous.calls))) calls"
          + (callers == nil ? ", \(previous.marked(.milliseconds(previous.totalMilliseconds)))" : "")
      lines.append("compared with \(HistoryWindow.text(previous.window)): \(found)")
    }
    let limits = filter.words
    if !limits.isEmpty { lines.append("only " + limits.joined(separator: ", ")) }
    if let target { lines.append(Self.sentence(workload.verdict(target: target), target)) }
    return lines
  }

  /// The table that fits a terminal: a narrow one gets fewer columns, not wrapped numbers.
  /// - Parameter width: columns of the terminal; nil for all that there is.
  func table(width: Int?) -> Table {
    let isNarrow = width.map { $0 < 80 } ?? false
    let extra = order.extraColumn
    let isCrowded = (width.map { $0 < 100 } ?? false) && (previous != nil || target != nil)
    let showsShare = !isNarrow && !isCrowded
    let showsP95 = !isNarrow || extra == nil && previous == nil && target == nil
    var columns: [Table.Column] = [.text("fingerprint"), .number("calls"), .number("total")]
    if showsShare { columns.append(.number("share")) }
    columns.append(.number("mean"))
    if showsP95 { columns.append(.number("p95")) }
    if let extra { columns.append(.number(extra)) }
    if previous != nil {
      if !isNarrow { columns.append(.number("total Δ")) }
      columns.append(.number("mean Δ"))
    }
    if target != nil { columns.append(.text("target")) }
    columns.append(.flexible("statement", minimum: isNarrow ? 10 : 20, lines: isNarrow ? 3 : 2))
    var table = Table(columns)
    let all = whole
    for statement in shown {
      let total = Quantity.milliseconds(statement.totalMilliseconds)
      var cells: [Cell] = [
        .code(statement.fingerprint.map { String($0.description.prefix(8)) } ?? "unknown", tone: .strong),
        .quantity(statement.marked(.count(statement.calls))), .quantity(statement.marked(total)),
      ]
      if showsShare { cells.append(all > 0 ? .fraction(statement.totalMilliseconds / all) : .nothing) }
      cells.append(.quantity(statement.meanMilliseconds.map { Quantity.milliseconds($0) }))
      if showsP95 { cells.append(Self.cell(statement.quantile(0.95))) }
      if extra != nil { cells.append(order.cell(statement)) }
      if previous != nil {
        let earlier = before(statement)
        if !isNarrow { cells.append(Self.change(earlier?.totalMilliseconds, statement.totalMilliseconds)) }
        cells.append(Self.change(earlier?.meanMilliseconds, statement.meanMilliseconds))
      }
      if let target { cells.append(Self.cell(LatencyVerdict(statement, target: target))) }
      cells.append(.code(Self.text(statement)))
      table.add(cells)
    }
    return table
  }

  /// Every measure, for CSV and Markdown.
  var fullTable: Table {
    var table = Table([
      .text("fingerprint"), .number("calls"), .number("total_ms"), .number("share"), .number("mean_ms"),
      .number("p50_ms"), .number("p95_ms"), .number("p99_ms"), .number("max_ms"), .number("rows"), .number("errors"),
      .number("io_bytes"), .number("temp_bytes"), .number("wal_bytes"), .number("plan_ms"), .number("jit_ms"),
      .text("exact"), .text("source"), .text("verdict"), .flexible("statement"),
    ])
    let all = whole
    for statement in shown { table.add(fullRow(statement, share: all > 0 ? statement.totalMilliseconds / all : nil)) }
    return table
  }

  private func fullRow(_ statement: StatementSummary, share: Double?) -> [Cell] {
    func number(_ value: Double?) -> Cell { value.map { .text(TopReport.plain($0)) } ?? .nothing }
    func quantile(_ q: Double) -> Cell { number(statement.quantile(q)?.known?.milliseconds) }
    return [
      .text(statement.fingerprint?.description ?? ""), number(Double(statement.calls)),
      number(statement.totalMilliseconds), number(share), number(statement.meanMilliseconds), quantile(0.5),
      quantile(0.95), quantile(0.99), number(statement.longestMilliseconds), number(statement.rows.map(Double.init)),
      number(statement.errors.map(Double.init)), number(WorkloadOrder.io.value(of: statement)),
      number(WorkloadOrder.temp.value(of: statement)), number(WorkloadOrder.wal.value(of: statement)),
      number(WorkloadOrder.planning.value(of: statement)), number(WorkloadOrder.jit.value(of: statement)),
      .text(statement.isExact ? "true" : "false"), .text(statement.source.rawValue),
      .text(target.map { Self.name(LatencyVerdict(statement, target: $0)) } ?? ""), .text(Self.text(statement)),
    ]
  }

  var markdown: String {
    heading.joined(separator: "  \n") + "\n\n" + MarkdownTable(table(width: nil)).rendered() + "\n"
      + notes.map { "- " + $0 }.joined(separator: "\n") + "\n"
  }

  /// Where the numbers come from, and what may be missing.
  var notes: [String] {
    var notes: [String] = []
    let sources = Set(workload.statements.map(\.source))
    if let span = workload.logSpan, sources.contains(.log) {
      notes.append("calls and times: server logs of \(HistoryWindow.text(span))")
    }
    for (server, interval) in workload.intervals.sorted(by: { $0.key < $1.key }) {
      let window = TimeWindow(from: interval.from, to: interval.to)
      let what =
        sources.contains(.snapshots)
        ? sources.contains(.log) ? "rows, blocks and calls that no log holds" : "all numbers"
        : "rows and blocks"
      notes.append("\(what): pg_stat_statements of server \(server), \(HistoryWindow.text(window))")
      if let coverage = workload.coverage[server] { notes.append(coverage.sentence) }
    }
    if !workload.nested.isEmpty {
      let nested = workload.ofNested
      let noun = nested.statements.count == 1 ? "statement" : "statements"
      notes.append(
        "not listed: \(Quantity.count(nested.statements.count)) \(noun) that functions and procedures ran, "
          + "\(nested.marked(.count(nested.calls))) calls; their time is in their callers' already "
          + "(--nested lists them)")
    }
    if crosses {
      notes.append(HistoryWindow.crossing(window.bounds))
    }
    let lost = workload.statements.count { $0.source == .snapshots && !$0.isExact }
    if lost > 0 {
      notes.append(
        "≥ marks \(lost) lower bound\(lost == 1 ? "" : "s"): " + InterruptionWords.sentence(workload.interruptions))
    }
    if let threshold = workload.statements.compactMap(\.logThreshold).max() {
      notes.append(
        "≥ marks what only the log counts: it holds no execution below \(Quantity.milliseconds(threshold.milliseconds)) "
          + "(log_min_duration_statement?), so faster ones are missing; pgassay capture counts them")
    }
    if let weight = workload.statements.filter(\.isSampled).compactMap({ $0.log?.weight }).max() {
      notes.append("≈ marks estimates: of \(Quantity.count(weight)) executions one was logged (--sample-rate)")
    }
    if shown.isEmpty, !workload.statements.isEmpty {
      notes.append("nothing recorded tells \(order.title): " + order.source)
    }
    if let target {
      var advice: [String] = []
      for statement in shown {
        if let text = LatencyVerdict(statement, target: target).advice(target: target), !advice.contains(text) {
          advice.append(text)
        }
      }
      notes += advice.map { "cannot tell: " + $0 }
    }
    if callers != nil {
      notes.append(
        "times are parts of the callers' and, where nested statements call again, of one another's: shares are of all "
          + "top-level statements' time and need not add up")
    }
    let unknown = workload.statements.count { $0.fingerprint == nil }
    if unknown > 0 { notes.append("\(unknown) statements have no text: the role that read them may not see it") }
    return notes
  }

  private static func text(_ statement: StatementSummary) -> String {
    if let text = statement.statement?.normalized, !text.isEmpty { return text }
    let ids = (statement.snapshots?.queryIDs ?? []).sorted().map(\.description).joined(separator: ", ")
    return ids.isEmpty ? "(text not known)" : "(text not known; query id \(ids))"
  }

  private static func cell(_ estimate: LatencyEstimate?) -> Cell {
    switch estimate {
    case .known(let value): .milliseconds(value.milliseconds)
    case .atMost(let value): .quantity(Quantity.milliseconds(value.milliseconds).atMost())
    case nil: .nothing
    }
  }

  private static func cell(_ verdict: LatencyVerdict) -> Cell {
    switch verdict {
    case .meets: .text("meets", tone: .good)
    case .misses: .text("misses", tone: .critical)
    case .cannotTell: .text("cannot tell", tone: .faint)
    }
  }

  private static func change(_ before: Double?, _ after: Double?) -> Cell {
    guard let after else { return .nothing }
    guard let before, before > 0 else { return "new" }
    return .quantity(.change(after / before - 1))
  }

  /// The workload's verdict, why, and what would tell.
  static func sentence(_ verdict: LatencyVerdict, _ target: Microseconds) -> String {
    let head = "95 % within \(Quantity.milliseconds(target.milliseconds)): \(words(verdict)) (\(verdict.reason))"
    return verdict.advice(target: target).map { head + "; " + $0 } ?? head
  }

  static func name(_ verdict: LatencyVerdict) -> String {
    switch verdict {
    case .meets: "meets"
    case .misses: "misses"
    case .cannotTell: "cannot_tell"
    }
  }

  static func words(_ verdict: LatencyVerdict) -> String {
    switch verdict {
    case .meets: "met"
    case .misses: "missed"
    case .cannotTell: "cannot tell"
    }
  }

  /// A number without grouping or unit.
  static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\((value * 1e6).rounded() / 1e6)"
  }
}

extension StatementSummary {
  /// A number of this statement with the mark of what it is worth.
  func marked(_ quantity: Quantity) -> Quantity {
    isExact ? quantity : isSampled ? quantity.estimated() : quantity.atLeast()
  }

  var longestMilliseconds: Double? {
    source == .log ? log?.longest.milliseconds : snapshots?.longest.map { Double($0) / 1e6 }
  }
}

extension WorkloadSummary {
  /// A sum over all statements with the mark of what it is worth.
  func marked(_ quantity: Quantity) -> Quantity {
    isExact ? quantity : isLowerBound ? quantity.atLeast() : quantity.estimated()
  }
}

extension LatencyVerdict {
  /// What it rests on, in a few words.
  var reason: String {
    switch self {
    case .meets(let evidence), .misses(let evidence):
      switch evidence {
      case .fullLog: "every execution was logged"
      case .slowLog: "the slow ones were logged, all were counted"
      case .sampledLog: "a sample was logged, large enough"
      case .longest: "by the longest duration"
      case .deviation: "by mean and standard deviation"
      case .mean: "by the mean"
      }
    case .cannotTell(let obstacle):
      switch obstacle {
      case .tooClose: "too close to 5 % for the histogram"
      case .noLog: "not every execution was logged"
      case .thresholdTooHigh: "only executions above the target were logged"
      case .callsNotCounted: "only slower executions were logged, and nothing counted the others"
      case .sampleTooSmall: "too few executions were drawn"
      case .incomplete: "executions were lost between snapshots"
      case .logTooShort: "the log is of a part of the time"
      case .noCalls: "nothing was executed"
      }
    }
  }
}

extension WorkloadFilter {
  /// What is asked for, in words.
  var words: [String] {
    [
      database.map { "database \($0)" }, user.map { "user \($0)" }, application.map { "application \($0)" },
      tag.map { "tag \($0)" }, table.map { "table \($0)" }, text.map { "text '\($0)'" },
    ].compactMap { $0 }
  }
}

extension WorkloadOrder {
  /// What would tell it.
  var source: String {
    switch self {
    case .total, .mean, .calls: "ingest logs or capture snapshots"
    case .p95, .p99, .errors: "server logs do (pgassay ingest)"
    case .planning: "pg_stat_statements does with pg_stat_statements.track_planning = on (pgassay capture, twice)"
    case .rows, .io, .temp, .wal, .jit:
      "pg_stat_statements does (pgassay capture, twice, or two exports with all its columns)"
    }
  }

  var title: String {
    switch self {
    case .total: "total time"
    case .mean: "mean time"
    case .p95: "95th percentile"
    case .p99: "99th percentile"
    case .calls: "calls"
    case .rows: "rows"
    case .io: "blocks read and written"
    case .temp: "temporary blocks"
    case .wal: "WAL"
    case .planning: "planning time"
    case .jit: "JIT time"
    case .errors: "errors"
    }
  }

  /// The measure's own column, where the usual ones do not show it.
  var extraColumn: String? {
    switch self {
    case .total, .mean, .p95, .calls: nil
    case .p99: "p99"
    case .rows: "rows"
    case .io: "I/O"
    case .temp: "temp"
    case .wal: "WAL"
    case .planning: "planning"
    case .jit: "JIT"
    case .errors: "errors"
    }
  }

  func cell(_ statement: StatementSummary) -> Cell {
    guard let value = value(of: statement) else { return .nothing }
    switch self {
    case .io, .temp, .wal: return .quantity(counted(Quantity(value, .bytes), of: statement))
    case .rows: return .quantity(counted(.count(Int64(value)), of: statement))
    case .planning, .jit: return .quantity(counted(.milliseconds(value), of: statement))
    case .errors, .calls: return .quantity(Quantity(value, .count))
    case .total, .mean, .p95, .p99: return .milliseconds(value)
    }
  }
}

extension WorkloadOrder {
  /// What pg_stat_statements counts is marked by itself: the calls beside it may be the log's.
  private func counted(_ quantity: Quantity, of statement: StatementSummary) -> Quantity {
    statement.snapshots?.isExact == false ? quantity.atLeast() : quantity
  }
}

/// Why numbers are lower bounds, in words.
enum InterruptionWords {
  static func sentence(_ interruptions: [StatementsDifference.Interruption]) -> String {
    var words: [String] = []
    for item in interruptions where item != .cleanRestart && item != .columns {
      let text =
        switch item {
        case .reset: "the statistics were reset"
        case .resetCalled: "pg_stat_statements_reset was called"
        case .resetPossible:
          "some roles' entries were hidden from a capture (grant pg_read_all_stats), so a reset may have gone unseen"
        case .notLoaded: "the server ran without pg_stat_statements for a while (shared_preload_libraries)"
        case .evictions(let times?):
          "pg_stat_statements was full and dropped entries \(times) times (raise pg_stat_statements.max)"
        case .evictions(nil):
          "pg_stat_statements may have dropped entries, which its version does not tell (1.9 does, PostgreSQL 14)"
        case .notTold: "the snapshots do not say whether entries were reset or dropped (capture tells)"
        case .restart: "the server was restarted"
        case .cleanRestart: "the server was restarted and kept its counters"
        case .otherServer: "another server of the cluster answered (a fail-over, or a clone)"
        case .serverStatisticsReset: "the server's statistics began anew (a crash?)"
        case .serverVersion(let from, let to): "the server went from \(from) to \(to)"
        case .columns: "the extension was updated, which ends nothing"
        case .lostEntries(let count): "\(count) entries were reset or lost"
        }
      if !words.contains(text) { words.append(text) }
    }
    return words.isEmpty ? "entries were replaced between snapshots" : words.joined(separator: "; ")
  }

  static func code(_ item: StatementsDifference.Interruption) -> String {
    switch item {
    case .reset: "reset"
    case .resetCalled: "reset_called"
    case .resetPossible: "reset_possible"
    case .notLoaded: "not_loaded"
    case .evictions(let times): times == nil ? "evictions_possible" : "evictions"
    case .notTold: "not_told"
    case .restart: "restart"
    case .cleanRestart: "clean_restart"
    case .otherServer: "other_server"
    case .serverStatisticsReset: "server_statistics_reset"
    case .serverVersion: "server_version"
    case .columns: "columns"
    case .lostEntries: "lost_entries"
    }
  }
}

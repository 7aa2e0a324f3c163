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

  private var shown: [StatementSummary] { Array(order.sorted(workload.statements).prefix(limit)) }

  private func before(_ statement: StatementSummary) -> StatementSummary? {
    guard let fingerprint = statement.fingerprint else { return nil }
    return previous?.statements.first { $0.fingerprint == fingerprint }
  }

  // MARK: Text

  var heading: [String] {
    let shape = workload.statements.count == 1 ? "statement" : "statements"
    var lines = [
      "\(window.sentence)",
      "\(Quantity.count(workload.calls)) calls of \(Quantity.count(workload.statements.count)) \(shape), "
        + "\(Quantity.milliseconds(workload.totalMilliseconds)) in all; ranked by \(order.title)",
    ]
    if let previous {
      lines.append(
        "compared with \(HistoryWindow.text(previous.window)): \(Quantity.count(previous.calls)) calls, "
          + "\(Quantity.milliseconds(previous.totalMilliseconds))")
    }
    if let target {
      lines.append(
        "95 % within \(Quantity.milliseconds(target.milliseconds)): \(Self.words(workload.verdict(target: target)))")
    }
    return lines
  }

  /// The table that fits a terminal.
  var table: Table {
    var columns: [Table.Column] = [
      .text("fingerprint"), .number("calls"), .number("total"), .number("share"), .number("mean"), .number("p95"),
    ]
    let extra = order.extraColumn
    if let extra { columns.append(.number(extra)) }
    if previous != nil { columns += [.number("total Δ"), .number("mean Δ")] }
    if target != nil { columns.append(.text("target")) }
    columns.append(.flexible("statement", minimum: 24, lines: 2))
    var table = Table(columns)
    let all = workload.totalMilliseconds
    for statement in shown {
      let total = Quantity.milliseconds(statement.totalMilliseconds)
      var cells: [Cell] = [
        .code(statement.fingerprint.map { String($0.description.prefix(8)) } ?? "unknown", tone: .strong),
        .quantity(statement.isExact ? .count(statement.calls) : Quantity.count(statement.calls).atLeast()),
        .quantity(statement.isExact ? total : total.atLeast()),
        all > 0 ? .fraction(statement.totalMilliseconds / all) : .nothing,
        .quantity(statement.meanMilliseconds.map { Quantity.milliseconds($0) }), Self.cell(statement.quantile(0.95)),
      ]
      if extra != nil { cells.append(order.cell(statement)) }
      if previous != nil {
        let earlier = before(statement)
        cells.append(Self.change(earlier?.totalMilliseconds, statement.totalMilliseconds))
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
      .number("p50_ms"), .number("p95_ms"), .number("p99_ms"), .number("rows"), .number("errors"), .text("exact"),
      .text("source"), .flexible("statement"),
    ])
    let all = workload.totalMilliseconds
    for statement in shown { table.add(fullRow(statement, share: all > 0 ? statement.totalMilliseconds / all : nil)) }
    return table
  }

  private func fullRow(_ statement: StatementSummary, share: Double?) -> [Cell] {
    func number(_ value: Double?) -> Cell { value.map { .text(TopReport.plain($0)) } ?? .nothing }
    func quantile(_ q: Double) -> Cell { number(statement.quantile(q)?.known?.milliseconds) }
    return [
      .text(statement.fingerprint?.description ?? ""), number(Double(statement.calls)),
      number(statement.totalMilliseconds), number(share), number(statement.meanMilliseconds), quantile(0.5),
      quantile(0.95), quantile(0.99), number(statement.rows.map(Double.init)),
      number(statement.errors.map(Double.init)),
      .text(statement.isExact ? "true" : "false"), .text(statement.source.rawValue), .text(Self.text(statement)),
    ]
  }

  var markdown: String {
    (heading + [""]).joined(separator: "\n") + "\n" + MarkdownTable(table).rendered() + "\n"
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
    }
    let lost = workload.statements.count { !$0.isExact }
    if lost > 0 {
      notes.append(
        "≥ marks \(lost) lower bound\(lost == 1 ? "" : "s"): " + InterruptionWords.sentence(workload.interruptions))
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

extension WorkloadOrder {
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
    case .io, .temp, .wal: return .quantity(Quantity(value, .bytes))
    case .rows, .errors, .calls: return .quantity(Quantity(value, .count))
    case .total, .mean, .p95, .p99, .planning, .jit: return .milliseconds(value)
    }
  }
}

/// Why numbers are lower bounds, in words.
enum InterruptionWords {
  static func sentence(_ interruptions: [StatementsDifference.Interruption]) -> String {
    var words: [String] = []
    for item in interruptions where item != .cleanRestart {
      let text =
        switch item {
        case .reset: "the statistics were reset"
        case .resetCalled: "pg_stat_statements_reset was called"
        case .evictions(let times):
          "pg_stat_statements was full and dropped entries" + (times.map { " \($0) times" } ?? "")
            + " (raise pg_stat_statements.max)"
        case .notTold: "the snapshots do not say whether entries were reset or dropped (capture tells)"
        case .restart: "the server was restarted"
        case .cleanRestart: "the server was restarted and kept its counters"
        case .otherServer: "another server of the cluster answered (a fail-over?)"
        case .serverStatisticsReset: "the server's statistics began anew (a crash?)"
        case .serverVersion(let from, let to): "the server went from \(from) to \(to)"
        case .columns: "the extension was updated"
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
    case .evictions: "evictions"
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

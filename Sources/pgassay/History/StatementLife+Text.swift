import Findings
import History
import Model
import Report
import Statements

extension StatementLife {
  /// The whole story, for a terminal or as Markdown.
  func text(_ style: TerminalStyle, isMarkdown: Bool) -> String {
    let width = isMarkdown ? nil : style.width
    var output = ""
    func heading(_ title: String) {
      output +=
        isMarkdown
        ? "\n### \(title)\n\n" : "\n" + ANSIStyle.styled(title, .strong, isColoured: style.isColoured) + "\n"
    }
    func code(_ text: String) { output += isMarkdown ? "```sql\n\(text)\n```\n" : text + "\n" }
    func table(_ table: Table) {
      output +=
        isMarkdown
        ? MarkdownTable(table).rendered() : TextTable(table, width: width, isColoured: style.isColoured).rendered()
    }

    output += (isMarkdown ? "## " : "") + "\(statement.fingerprint), \(window.sentence)\n"
    code(SQLLayout.lines(statement.normalized.isEmpty ? "(text not known)" : statement.normalized))
    if statement.grammar == .masked, !statement.normalized.isEmpty {
      output +=
        "The grammar at hand (PostgreSQL 15's) does not parse it, as it is newer, malformed or too large: it is told from "
        + "others by its masked text, and its tables are a guess.\n"
    }
    if let nested {
      output +=
        "Functions and procedures ran it \(nested.marked(.count(nested.calls))) times, "
        + "\(nested.marked(.milliseconds(nested.totalMilliseconds))) within their callers' time, which no number below holds.\n"
    }
    if summary == nil, nested != nil { return output }
    guard let summary else {
      output += "\nNothing of it was recorded in this stretch of time.\n"
      return output
    }
    heading("numbers")
    table(numbers(summary))
    if trend.contains(where: { $0 != nil }) {
      heading("time spent, in steps of \(StatementLife.stepText(step))")
      output += Sparkline.text(trend.map { $0?.total.milliseconds }) + "\n"
      heading("mean time a call")
      output +=
        Sparkline.text(
          trend.map { point in
            point.flatMap { $0.calls > 0 ? $0.total.milliseconds / Double($0.calls) : nil }
          }) + "\n"
    }
    if !distribution.isEmpty {
      heading("latencies")
      table(latencies)
    }
    if !origins.isEmpty {
      heading("who runs it")
      var origin = Table([
        .number("calls"), .number("time"), .text("database"), .text("user"), .text("application"), .flexible("tags"),
      ])
      for item in origins.prefix(8) {
        origin.add([
          .count(item.calls), .milliseconds(item.total.milliseconds), .text(item.dimensions.database),
          .text(item.dimensions.user), .text(item.dimensions.application), .text(item.dimensions.tags),
        ])
      }
      table(origin)
    }
    if !errors.isEmpty {
      heading("errors")
      table(failures)
    }
    if !shapes.isEmpty {
      heading("plans it had")
      for shape in shapes {
        output +=
          "\(shape.shape): \(shape.kept) kept, mean \(Quantity.milliseconds(shape.meanMilliseconds)), "
          + "\(HistoryWindow.text(shape.first)) to \(HistoryWindow.text(shape.last))\n"
        code(shape.outline.joined(separator: "\n"))
      }
    }
    if !relations.isEmpty || !statement.relations.isEmpty {
      heading("tables and indexes")
      let tables =
        relations.isEmpty
        ? statement.relations.map { $0.schema.isEmpty ? $0.name : $0.description } : relations.map(\.name)
      output += "tables: \(tables.joined(separator: ", "))\n"
      output +=
        "indexes in its plans: "
        + (indexes.isEmpty
          ? shapes.isEmpty ? "not known without plans" : "none" : indexes.map(\.name).joined(separator: ", "))
        + "\n"
    }
    let findings = shapes.flatMap(\.findings)
    if !findings.isEmpty {
      heading("findings")
      output += TextFindings(findings, width: width, isColoured: style.isColoured).rendered()
    }
    if !parameters.isEmpty {
      heading("parameters that make it slow")
      for line in parameters.lines(showsValues: showsValues) { output += (isMarkdown ? "- " : "") + line + "\n" }
    }
    if !samples.isEmpty {
      heading("slowest executions")
      table(slowest)
      if !showsValues { output += "--show-values shows their texts and parameters\n" }
    }
    return output
  }

  /// Messages of errors that are listed; JSON has all.
  private static let errorLines = 12

  private static func stepText(_ minutes: Int64) -> String {
    minutes % 1_440 == 0
      ? "\(minutes / 1_440) day\(minutes == 1_440 ? "" : "s")"
      : Quantity.milliseconds(Double(minutes) * 60_000).description
  }

  private func numbers(_ summary: StatementSummary) -> Table {
    var table = Table([.text("measure"), .number("value"), .flexible("source")])
    let isLog = summary.source == .log
    let main = isLog ? "server log" : "pg_stat_statements"
    func bound(_ quantity: Quantity) -> Quantity { summary.marked(quantity) }
    table.add(["calls", .quantity(bound(.count(summary.calls))), .text(main)])
    table.add(["total", .quantity(bound(.milliseconds(summary.totalMilliseconds))), .text(main)])
    if let threshold = summary.logThreshold {
      table.add([
        "fastest logged", .milliseconds(threshold.milliseconds),
        "of any statement: faster executions seem not to be logged",
      ])
    }
    if let share { table.add(["share of all", .fraction(share), .nothing]) }
    if let mean = summary.meanMilliseconds { table.add(["mean", .milliseconds(mean), .text(main)]) }
    for (name, q) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
      guard let value = summary.quantile(q) else { continue }
      let quantity = Quantity.milliseconds(value.milliseconds)
      table.add([.text(name), .quantity(value.known == nil ? quantity.atMost() : quantity), "server log"])
    }
    if let log = summary.log, log.calls > 0 {
      table.add(["longest", .milliseconds(log.longest.milliseconds), "server log"])
      if log.errors > 0 { table.add(["errors", .count(log.errors), "server log"]) }
      if log.parse.value + log.bind.value > 0 {
        table.add(["parse and bind", .milliseconds((log.parse + log.bind).milliseconds), "server log"])
      }
    }
    if let snapshots = summary.snapshots {
      let counters = snapshots.counters
      if let deviation = snapshots.moments?.deviation {
        table.add(["standard deviation", .milliseconds(deviation), "pg_stat_statements"])
      }
      if let rows = snapshots.value(.rows) { table.add(["rows", .count(rows), "pg_stat_statements"]) }
      for (name, counter) in [
        ("blocks found in memory", StatementCounter.sharedHit), ("blocks read", .sharedRead),
        ("blocks dirtied", .sharedDirtied), ("temporary blocks written", .tempWritten),
      ] where counters[counter] > 0 {
        table.add([.text(name), .bytes(counters[counter] * 8_192), "pg_stat_statements, blocks of 8 kB"])
      }
      if counters[.walBytes] > 0 { table.add(["WAL", .bytes(counters[.walBytes]), "pg_stat_statements"]) }
    }
    if let target {
      let verdict = LatencyVerdict(summary, target: target)
      table.add([
        .text("95 % within \(Quantity.milliseconds(target.milliseconds))"), .text(TopReport.words(verdict)),
        .text([verdict.reason, verdict.advice(target: target)].compactMap { $0 }.joined(separator: "; ")),
      ])
    }
    return table
  }

  private var latencies: Table {
    var table = Table([.number("from"), .number("to"), .number("calls"), .text("")])
    let most = distribution.map(\.count).max() ?? 1
    for range in distribution {
      let bar = Int((Double(range.count) / Double(most) * 30).rounded(.up))
      table.add([
        .milliseconds(range.lower), .milliseconds(range.upper), .count(range.count),
        .text(String(repeating: "█", count: range.count == 0 ? 0 : bar)),
      ])
    }
    return table
  }

  private var failures: Table {
    var columns: [Table.Column] = [.number("errors"), .text("SQLSTATE"), .flexible("message")]
    if showsValues { columns.append(.flexible("one of them")) }
    var table = Table(columns)
    for error in errors.prefix(StatementLife.errorLines) {
      var row: [Cell] = [
        .count(error.count), error.sqlState.isEmpty ? .nothing : .text(error.sqlState), .text(error.shape),
      ]
      // Its detail stands in the lines after the first.
      if showsValues { row.append(.text(String(error.sample.prefix { $0 != "\n" }))) }
      table.add(row)
    }
    return table
  }

  private var slowest: Table {
    var columns: [Table.Column] = [.number("time"), .text("at"), .text("application")]
    if showsValues { columns += [.flexible("parameters"), .flexible("text", minimum: 20, lines: 2)] }
    var table = Table(columns)
    for sample in samples {
      var row: [Cell] = [
        .milliseconds(sample.duration.milliseconds), .text(HistoryWindow.text(sample.at)),
        .text(sample.dimensions.application),
      ]
      if showsValues { row += [.text(StatementLife.parameters(sample)), .code(sample.text)] }
      table.add(row)
    }
    return table
  }

  static func parameters(_ sample: ExecutionSample) -> String {
    sample.parameters.enumerated().map { index, value in
      switch value {
      case .null: "$\(index + 1) = NULL"
      case .text(let text): "$\(index + 1) = '\(text)'"
      case .truncated(let text): "$\(index + 1) = '\(text)…'"
      case .hashed(let hash): "$\(index + 1) = #\(hash)"
      }
    }.joined(separator: ", ")
  }
}

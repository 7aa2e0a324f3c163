import Findings
import Model

extension WeeklyReport {
  // MARK: 5 Queries

  var querySection: Section {
    guard !queries.isEmpty else {
      return Section("Queries", [.note(.warning, "No execution was recorded in this window.")])
    }
    let covered = queries.reduce(0) { $0 + $1.share }
    var subsections = [
      Section("By total time", [.table(ranking(queries), caption: nil)])
    ]
    func byOther(_ title: String, _ column: String, _ key: (QueryReport) -> Quantity?) {
      let ranked = queries.filter { key($0) != nil }.sorted {
        (key($1)?.value ?? 0, $0.fingerprint) < (key($0)?.value ?? 0, $1.fingerprint)
      }
      guard ranked.count > 1 else { return }
      var table = Table([.text("query"), .flexible("text"), .number(column), .number("calls"), .number("total")])
      for query in ranked.prefix(5) {
        table.add([
          Self.fingerprintCell(query.fingerprint), queryCell(query.fingerprint, query.text), .quantity(key(query)),
          .count(query.numbers.calls), .milliseconds(query.numbers.totalMs),
        ])
      }
      subsections.append(Section(title, [.table(table, caption: nil)]))
    }
    byOther("By mean time", "mean") { .milliseconds($0.numbers.meanMs) }
    byOther("By 95th percentile", "p95") { $0.numbers.p95Ms.map { .milliseconds($0) } }
    byOther("By calls", "calls a second") { [seconds = max(1, load.observedSeconds ?? window.seconds)] in
      .perSecond(Double($0.numbers.calls) / seconds)
    }
    subsections.append(Section("Each query", queries.map(card)))
    return Section(
      "Queries",
      [
        .paragraph(
          "The \(queries.count) of \(queryCount) queries shown here, those that cost most and those that other sections mention, hold \(Quantity.fraction(covered)) of the database time. Literals are replaced by \(code: "$n")."
        )
      ], subsections: subsections)
  }

  private func ranking(_ queries: [QueryReport]) -> Table {
    let hasErrors = queries.contains { $0.numbers.errors > 0 }
    var columns: [Table.Column] = [
      .text("query"), .flexible("text"), .number("total"),
      .number("share", explanation: "of the workload's database time"),
      .text("trend", explanation: "total time over the window"), .number("calls"), .number("mean"),
      .number("p95", explanation: "95 % of the calls took at most this long"), .number("p99"), .number("max"),
    ]
    if hasErrors { columns.append(.number("errors")) }
    columns.append(.number("mean moved", explanation: "against the window before"))
    var table = Table(columns)
    for query in queries {
      let numbers = query.numbers
      let certainty: Quantity.Certainty = numbers.isExact ? .exact : .lowerBound
      func time(_ ms: Double?) -> Cell { .quantity(ms.map { .milliseconds($0) }) }
      let isOver = numbers.p95Ms.map { $0 > targetMs } ?? false
      let before: Cell
      if let previous = query.previous, previous.meanMs > 0 {
        let change = numbers.meanMs / previous.meanMs - 1
        before = .quantity(.change(change), tone: change >= 0.1 ? .warning : change <= -0.1 ? .good : .plain)
      } else {
        before = self.previous == nil ? .nothing : .text("new")
      }
      var row: [Cell] = [
        Self.fingerprintCell(query.fingerprint), queryCell(query.fingerprint, query.text),
        .quantity(Quantity(numbers.totalMs, .milliseconds, certainty: certainty)), .fraction(query.share),
        .trend(query.trend), .quantity(Quantity(Double(numbers.calls), .count, certainty: certainty)),
        time(numbers.meanMs), .quantity(numbers.p95Ms.map { .milliseconds($0) }, tone: isOver ? .warning : .plain),
        time(numbers.p99Ms), time(numbers.maxMs),
      ]
      if hasErrors { row.append(.count(numbers.errors, tone: numbers.errors > 0 ? .warning : .plain)) }
      table.add(row + [before])
    }
    return table
  }

  /// One query's life: text, numbers, trend, distribution, where it comes from, its plans and findings.
  private func card(_ query: QueryReport) -> ReportDocument.Block {
    let numbers = query.numbers
    let previous = query.previous
    var figures = [
      Figure(
        "Total", .milliseconds(numbers.totalMs), previous: previous.map { .milliseconds($0.totalMs) }, better: .lower),
      Figure("Calls", .count(numbers.calls), previous: previous.map { .count($0.calls) }),
      Figure(
        "Mean", .milliseconds(numbers.meanMs), previous: previous.map { .milliseconds($0.meanMs) }, better: .lower),
    ]
    for (label, now, before) in [
      ("Median", numbers.p50Ms, previous?.p50Ms), ("p95", numbers.p95Ms, previous?.p95Ms),
      ("p99", numbers.p99Ms, previous?.p99Ms), ("Longest", numbers.maxMs, previous?.maxMs),
    ] {
      guard let now else { continue }
      figures.append(Figure(label, .milliseconds(now), previous: before.map { .milliseconds($0) }, better: .lower))
    }
    if let rows = numbers.rows, numbers.calls > 0 {
      figures.append(Figure("Rows a call", .number(Double(rows) / Double(numbers.calls))))
    }
    var blocks: [ReportDocument.Block] = [.code(CodeBlock(SQLLayout.lines(query.text))), .figures(figures)]
    if query.trend.contains(where: { $0 != nil }) {
      let names = query.trend.indices.map {
        CivilTime.moment(Timestamp(microseconds: window.from.microseconds + Int64($0) * load.stepSeconds * 1_000_000))
      }
      blocks.append(
        .chart(
          Chart(
            title: "Total time", summary: "in steps of \(Quantity.milliseconds(Double(load.stepSeconds) * 1_000)).",
            kind: .time(
              .init(
                lines: [.init("this window", query.trend)], unit: .milliseconds, steps: names,
                labels: CivilTime.labels(window))))))
    }
    if !query.distribution.isEmpty {
      let calls = query.distribution.reduce(0) { $0 + $1.count }
      let over = query.distribution.filter { $0.lower >= targetMs }.reduce(0) { $0 + $1.count }
      let target = Quantity.milliseconds(targetMs)
      blocks.append(
        .chart(
          Chart(
            title: "Latency",
            summary:
              "of \(Quantity(calls, .count)) calls, \(Quantity.fraction(calls > 0 ? over / calls : 0)) at or over \(target).",
            kind: .distribution(.init(buckets: query.distribution, unit: .milliseconds, limit: targetMs)))))
    }
    if !query.origins.isEmpty {
      var table = Table([.text("from"), .text("name"), .number("calls"), .number("share")])
      for origin in query.origins {
        table.add([
          .text(origin.dimension), .code(origin.name), .count(origin.calls),
          .fraction(numbers.calls > 0 ? Double(origin.calls) / Double(numbers.calls) : 0),
        ])
      }
      blocks.append(.table(table, caption: "Where it comes from"))
    }
    if !query.plans.isEmpty {
      var table = Table([
        .text("plan"), .number("kept", explanation: "the slowest and some ordinary ones of each shape"),
        .number("mean"), .text("last seen"), .flexible("outline"),
      ])
      for plan in query.plans {
        table.add([
          .code(String(plan.shape.prefix(8))), .count(plan.count), .milliseconds(plan.meanMs),
          .text(CivilTime.full(plan.last)),
          .code(plan.outline.map { $0.drop { " │├└─".contains($0) } }.joined(separator: " → ")),
        ])
      }
      blocks.append(
        .table(
          table,
          caption: query.plans.count > 1
            ? "Plans: it had \(query.plans.count) in this window." : "The plan that was logged"))
    }
    if !query.findings.isEmpty {
      blocks.append(
        .list(
          query.findings.map {
            Prose([.link($0.title, to: FindingWords($0).anchor), .text(" (\($0.rule.name))")])
          }))
    }
    let relations = query.relations.map(\.description).joined(separator: ", ")
    return .details(
      summary: Prose([
        .strong(Quantity.fraction(query.share).description), .text(" "), .code(query.fingerprint.description),
        .text(
          " \(Quantity.count(numbers.calls)) × \(Quantity.milliseconds(numbers.meanMs)) · \(query.kind.rawValue)"
            + (relations.isEmpty ? "" : " · " + relations) + " "),
        .code(TextWrap.cut(DisplayWidth.printable(query.text), width: 72)),
      ]), anchor: "query-\(query.fingerprint)", blocks: blocks)
  }

  // MARK: 11 Repetitions

  var repetitionSection: Section? {
    guard !repetitions.isEmpty else { return nil }
    var table = Table([
      .text("query"), .flexible("text"), .flexible("issued by", minimum: 10), .number("transactions"),
      .number("executions"), .number("a transaction", explanation: "executions in a transaction, on average"),
      .number("at most"), .number("total"),
    ])
    for repetition in repetitions {
      table.add([
        Self.fingerprintCell(repetition.fingerprint), queryCell(repetition.fingerprint, repetition.text),
        .code(repetition.origin), .count(repetition.transactions), .count(repetition.executions),
        .quantity(.number(Double(repetition.executions) / Double(max(1, repetition.transactions)))),
        .count(repetition.most), .milliseconds(repetition.totalMs),
      ])
    }
    return Section(
      "Statements in loops",
      [
        .paragraph(
          "One transaction ran the same statement again and again (N+1). Fetching the rows with one statement, a join or \(code: "= ANY ($1)"), saves a round trip each time; the time below is the server's share only."
        ),
        .table(table, caption: nil),
      ])
  }
}

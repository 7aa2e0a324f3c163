import Findings
import Model

/// The report's sections, in the order in which a DBA asks: is it fine, what should I do, can I trust this, what
/// happened, why.
extension WeeklyReport {
  typealias Section = ReportDocument.Section

  public var document: ReportDocument {
    var facts = [
      ReportDocument.Fact("Period", .init([.text(CivilTime.range(window))])),
      ReportDocument.Fact(
        "Compared with", .init([.text(previous.map { CivilTime.range($0) } ?? "nothing: no earlier data")])),
    ]
    if let serverVersion { facts.append(ReportDocument.Fact("Server", "PostgreSQL \(serverVersion.description)")) }
    facts.append(ReportDocument.Fact("Made by", .init([.text(generator)])))
    return ReportDocument(
      title: title, subtitle: subject, facts: facts,
      sections: [
        verdictSection, actionSection, qualitySection, loadSection, querySection, changeSection, reviewSection,
        adviceSection, indexSection, tableSection, planSection, repetitionSection, eventSection, safetySection,
        methodSection,
      ].compactMap { $0 })
  }

  /// Whether a query has a card of its own to link to.
  func queryAnchor(_ fingerprint: Fingerprint) -> String? {
    queries.contains { $0.fingerprint == fingerprint } ? "query-\(fingerprint)" : nil
  }

  /// A query in a table: the beginning of its text, leading to its card.
  func queryCell(_ fingerprint: Fingerprint, _ text: String) -> Cell {
    .code(TextWrap.cut(DisplayWidth.printable(text), width: 96)).linked(to: queryAnchor(fingerprint))
  }

  static func fingerprintCell(_ fingerprint: Fingerprint) -> Cell { .code(String(fingerprint.description.prefix(8))) }

  // MARK: 1 Verdict

  private var verdictSection: Section {
    let now = load.numbers
    let before = load.previousNumbers
    let seconds = max(1, load.observedSeconds ?? window.seconds)
    let beforeSeconds = max(1, load.previousObservedSeconds ?? previous?.seconds ?? 1)
    var figures = [
      Figure(
        "Database time", .milliseconds(now.totalMs), previous: before.map { .milliseconds($0.totalMs) }, better: .lower),
      Figure(
        "Average active sessions", .number(now.totalMs / 1_000 / seconds),
        previous: before.map { .number($0.totalMs / 1_000 / beforeSeconds) }, better: .lower,
        note: "time in statements ÷ time"),
      Figure("Calls", .count(now.calls), previous: before.map { .count($0.calls) }),
      Figure("Mean", .milliseconds(now.meanMs), previous: before.map { .milliseconds($0.meanMs) }, better: .lower),
    ]
    if let p95 = now.p95Ms {
      figures.append(
        Figure(
          "95th percentile", .milliseconds(p95), previous: before?.p95Ms.map { .milliseconds($0) }, better: .lower))
    }
    if let p99 = now.p99Ms {
      figures.append(
        Figure(
          "99th percentile", .milliseconds(p99), previous: before?.p99Ms.map { .milliseconds($0) }, better: .lower))
    }
    figures.append(
      Figure("Errors", .count(now.errors), previous: before.map { .count($0.errors) }, better: .lower))
    return Section("At a glance", [.verdicts(targets), .figures(figures)])
  }

  // MARK: 2 Actions

  /// What can be done, the most time first; space and safety after it, what is critical before everything.
  private var actionSection: Section {
    struct Action {
      var what: Cell
      var kind: String
      var gain: RecoverableTime?
      var risk: String
      var severity: Severity
      var confidence: Confidence.Level
    }
    var actions = advice.map { advice in
      Action(
        what: .code(advice.summary).linked(to: advice.anchor), kind: "create index", gain: advice.gain,
        risk: "CREATE INDEX CONCURRENTLY reads the table twice; \(advice.size.map { "\($0)" } ?? "size not known")",
        severity: .warning, confidence: advice.confidence.level)
    }
    for finding in unanswered {
      actions.append(
        Action(
          what: .text(finding.title).linked(to: FindingWords(finding).anchor), kind: finding.rule.name,
          gain: finding.recoverable, risk: finding.remedy.risk, severity: finding.severity,
          confidence: finding.confidence.level))
    }
    guard !actions.isEmpty else {
      return Section("What to do", [.paragraph("No finding asks for action in this window.")])
    }
    func daily(_ action: Action) -> Double { action.gain.map { $0.basis == .day ? $0.estimate : 0 } ?? 0 }
    let ranked = actions.enumerated().sorted { a, b in
      if (a.element.severity == .critical) != (b.element.severity == .critical) {
        return a.element.severity == .critical
      }
      return (daily(b.element), a.offset) < (daily(a.element), b.offset)
    }
    var table = Table([
      .number("#"), .flexible("action"), .number("gain a day"), .text("known how"), .text("kind"),
      .flexible("cost and risk"),
    ])
    for (place, ranked) in ranked.prefix(25).enumerated() {
      let action = ranked.element
      let tone: Tone = action.severity == .critical ? .critical : .plain
      table.add([
        .count(place + 1), Cell(action.what.content, tone: tone, link: action.what.link),
        .quantity(
          action.gain.flatMap { $0.basis == .day && $0.estimate > 0 ? .milliseconds($0.estimate).estimated() : nil }),
        .text(action.confidence.rawValue), .text(action.kind), .text(action.risk),
      ])
    }
    var blocks: [ReportDocument.Block] = [
      .table(table, caption: "Ranked by the database time that each gives back in a day of this load.")
    ]
    if ranked.count > 25 { blocks.append(.paragraph("\(ranked.count - 25) more stand in the sections below.")) }
    return Section("What to do", blocks)
  }

  // MARK: 3 Data quality

  private var qualitySection: Section {
    var blocks: [ReportDocument.Block] = quality.notes.map { .note($0.tone, $0.text) }
    if !quality.sources.isEmpty {
      var table = Table([
        .flexible("source"), .text("format"), .number("entries"), .number("skipped"), .text("why skipped"),
        .text("from"), .text("to"),
      ])
      for source in quality.sources {
        let skipped = source.skipped.reduce(0) { $0 + $1.count }
        table.add([
          .code(source.name), .text(source.format), .count(source.entries),
          .count(skipped, tone: skipped > 0 ? .warning : .plain),
          skipped == 0
            ? .nothing
            : .text(source.skipped.map { "\(Quantity.count($0.count)) \($0.reason)" }.joined(separator: "; ")),
          source.first.map { .text(CivilTime.full($0)) } ?? .nothing,
          source.last.map { .text(CivilTime.full($0)) } ?? .nothing,
        ])
      }
      blocks.append(.table(table, caption: "What was read. Skipped entries are in no number of this report."))
    }
    if blocks.isEmpty { blocks.append(.paragraph("The history does not say where its data came from.")) }
    return Section("What this rests on", blocks)
  }

  // MARK: 4 Load

  private var loadSection: Section {
    guard load.steps.contains(where: { $0 != nil }) else {
      return Section("Load", [.note(.warning, "Nothing was recorded in this window.")])
    }
    let step = Quantity.milliseconds(Double(load.stepSeconds) * 1_000).description
    let names = load.steps.indices.map { index in
      CivilTime.moment(
        Timestamp(microseconds: window.from.microseconds + Int64(index) * load.stepSeconds * 1_000_000))
    }
    let labels = CivilTime.labels(window)
    func chart(
      _ title: String, _ summary: String, _ unit: Quantity.Unit, limit: Double? = nil,
      _ value: (LoadReport.Step) -> Double?
    ) -> ReportDocument.Block {
      var lines = [Chart.TimeSeries.Line("this window", load.steps.map { $0.flatMap(value) })]
      if load.previousSteps.contains(where: { $0 != nil }) {
        lines.append(.init("the window before", load.previousSteps.map { $0.flatMap(value) }, isComparison: true))
      }
      return .chart(
        Chart(
          title: title, summary: summary,
          kind: .time(.init(lines: lines, unit: unit, steps: names, labels: labels, limit: limit))))
    }
    var blocks = [
      chart("Average active sessions", "in steps of \(step).", .number) {
        $0.totalMs / 1_000 / Double(load.stepSeconds)
      },
      chart("Calls", "a second, in steps of \(step).", .perSecond) { Double($0.calls) / Double(load.stepSeconds) },
    ]
    if load.steps.contains(where: { $0?.p95Ms != nil }) {
      let target = Quantity.milliseconds(targetMs)
      blocks.append(
        chart(
          "95th percentile of all calls", "in steps of \(step); the target is \(target).", .milliseconds,
          limit: targetMs
        ) { $0.p95Ms })
    }
    if !load.server.isEmpty { blocks.append(.figures(load.server)) }
    return Section("Load", blocks)
  }

  // MARK: 6 Changes

  private var changeSection: Section {
    guard previous != nil else {
      return Section(
        "What changed",
        [.note(.plain, "The history holds nothing from before this window, so there is nothing to compare with yet.")])
    }
    func table(_ list: [QueryChanges.Change]) -> Table {
      let hasBoth = list.contains { $0.now != nil && $0.before != nil }
      let hasNotes = list.contains { !$0.note.isEmpty }
      var columns: [Table.Column] = [.text("query"), .flexible("text")]
      if hasBoth { columns += [.number("mean before"), .number("mean now"), .number("change")] }
      if hasBoth { columns += [.number("calls before"), .number("calls now")] }
      if !hasBoth { columns += [.number("calls"), .number("mean")] }
      columns.append(.number("total"))
      if hasNotes { columns.append(.flexible("note", minimum: 12)) }
      var table = Table(columns)
      func mean(_ numbers: CallNumbers?) -> Cell { .quantity(numbers.map { .milliseconds($0.meanMs) }) }
      func calls(_ numbers: CallNumbers?) -> Cell { .quantity(numbers.map { .count($0.calls) }) }
      for change in list {
        let known = change.now ?? change.before
        var row = [Self.fingerprintCell(change.fingerprint), queryCell(change.fingerprint, change.text)]
        if hasBoth {
          var moved = Cell.nothing
          if let now = change.now, let before = change.before, before.meanMs > 0 {
            let relative = now.meanMs / before.meanMs - 1
            moved = .quantity(.change(relative), tone: relative > 0 ? .warning : .good)
          }
          row += [mean(change.before), mean(change.now), moved, calls(change.before), calls(change.now)]
        } else {
          row += [calls(known), mean(known)]
        }
        row.append(.quantity(known.map { .milliseconds($0.totalMs) }))
        if hasNotes { row.append(.text(change.note)) }
        table.add(row)
      }
      return table
    }
    let groups: [(String, [QueryChanges.Change])] = [
      ("Slower", changes.regressed), ("Faster", changes.improved), ("New", changes.new), ("Gone", changes.gone),
    ]
    var subsections: [Section] = []
    for (title, list) in groups where !list.isEmpty {
      subsections.append(Section(title, [.table(table(list), caption: nil)]))
    }
    var blocks: [ReportDocument.Block] = []
    if !changes.rule.isEmpty { blocks.append(.paragraph(.init([.text(changes.rule)]))) }
    let missing = groups.filter { $0.1.isEmpty }.map { $0.0.lowercased() }
    if !missing.isEmpty {
      blocks.append(.paragraph("None: \(missing.joined(separator: ", "))."))
    }
    return Section("What changed", blocks, subsections: subsections)
  }
}

extension IndexAdviceReport {
  var anchor: String { "advice-" + Anchor.slug(summary) }
}

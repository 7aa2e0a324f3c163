import Findings
import Model

extension WeeklyReport {
  // MARK: 7 Advice

  var adviceSection: Section {
    var blocks: [ReportDocument.Block] = []
    if !advice.isEmpty {
      blocks.append(
        .paragraph(
          "Costs are PostgreSQL's own planner's, with the index and without; times are estimates in proportion to them. Sizes are computed from the table's statistics."
        ))
    }
    blocks += adviceNotes.map { .note(.plain, .init([.text($0)])) }
    if advice.isEmpty, adviceNotes.isEmpty { blocks.append(.paragraph("No index is worth its upkeep for this load.")) }
    var subsections: [Section] = []
    if !helpless.isEmpty {
      var table = Table([.text("query"), .flexible("text"), .number("time a day"), .flexible("why", minimum: 24)])
      for query in helpless.prefix(15) {
        table.add([
          Self.fingerprintCell(query.fingerprint), queryCell(query.fingerprint, query.text),
          .milliseconds(query.msPerDay), .text(query.reasons.joined(separator: " ")),
        ])
      }
      subsections.append(Section("Queries that no index helps", [.table(table, caption: nil)]))
    }
    return Section("Index advice", blocks + advice.map(card), subsections: subsections)
  }

  private func card(_ advice: IndexAdviceReport) -> ReportDocument.Block {
    var figures: [Figure] = []
    if let gain = advice.gain {
      figures.append(
        Figure(
          "Time saved a day", .milliseconds(gain.estimate).estimated(),
          note: gain.high > gain.low
            ? "between \(Quantity.milliseconds(gain.low)) and \(Quantity.milliseconds(gain.high))" : nil))
    }
    if let size = advice.size { figures.append(Figure("Size on disk", size)) }
    if let upkeep = advice.upkeepMsPerDay {
      figures.append(Figure("Upkeep a day", .milliseconds(upkeep).estimated(), note: "time that writes take longer"))
    }
    figures.append(Figure("Queries helped", .count(advice.beneficiaries.count)))
    var table = Table([
      .text("query"), .flexible("text"), .number("calls"), .number("cost before"), .number("cost after"),
      .number("times cheaper"),
      .number("time saved", explanation: "in the report's window, by all the advice, estimated"),
    ])
    for query in advice.beneficiaries {
      table.add([
        Self.fingerprintCell(query.fingerprint), queryCell(query.fingerprint, query.text), .count(query.calls),
        .quantity(.cost(query.costBefore)), .quantity(.cost(query.costAfter)),
        .quantity(query.costAfter > 0 ? .factor(query.costBefore / query.costAfter) : nil),
        .quantity(query.savedMs.map { .milliseconds($0).estimated() }),
      ])
    }
    var inside: [ReportDocument.Block] = [.figures(figures)]
    if !advice.ddl.isEmpty { inside.append(.code(CodeBlock(advice.ddl.joined(separator: "\n"), title: "Do"))) }
    if !advice.rollback.isEmpty {
      inside.append(.code(CodeBlock(advice.rollback.joined(separator: "\n"), title: "Undo")))
    }
    if !advice.reasons.isEmpty { inside.append(.list(advice.reasons.map { .init([.text($0)]) })) }
    if !advice.beneficiaries.isEmpty { inside.append(.table(table, caption: "What it helps, for one execution each")) }
    inside.append(
      .paragraph(
        "\(strong: advice.confidence.level.rawValue.prefix(1).uppercased() + advice.confidence.level.rawValue.dropFirst()): \(advice.confidence.reason)"
      ))
    var summary: Prose = "\(code: advice.summary)"
    if let gain = advice.gain, gain.estimate > 0 {
      summary = summary + " · saves \(Quantity.milliseconds(gain.estimate).estimated()) a day"
    }
    if let size = advice.size { summary = summary + " · \(size)" }
    return .details(summary: summary, anchor: advice.anchor, blocks: inside)
  }

  // MARK: 8 Index hygiene

  var indexSection: Section? {
    guard !indexFindings.isEmpty else { return nil }
    let sorted = indexFindings.sorted()
    let remarks = sorted.filter { $0.severity == .info }
    var blocks: [ReportDocument.Block] = []
    if remarks.count < sorted.count { blocks.append(.findings(sorted.filter { $0.severity > .info })) }
    if !remarks.isEmpty {
      blocks.append(
        .details(
          summary: "\(remarks.count) \(remarks.count == 1 ? "remark" : "remarks") for when there is time", anchor: nil,
          blocks: [.findings(remarks)]))
    }
    return Section("Indexes that are there", blocks)
  }

  // MARK: 9 Tables

  var tableSection: Section? {
    guard !tables.isEmpty else { return nil }
    var table = Table([
      .text("table"), .number("rows"), .number("size"), .number("indexes"),
      .number("seq. scans", explanation: "scans that read the whole table"),
      .number("rows read by them"), .number("index scans"),
      .number("dead rows", explanation: "share of dead row versions"),
      .number("HOT updates", explanation: "share of updates that touched no index"),
      .text("last vacuum"), .text("last analyze"),
    ])
    for item in tables {
      table.add([
        .code(item.name.description), .quantity(item.rows.map { Quantity($0, .count).estimated() }),
        .quantity(item.bytes.map { .bytes($0) }), .quantity(item.indexBytes.map { .bytes($0) }),
        .quantity(item.sequentialScans.map { .count($0) }), .quantity(item.sequentialRows.map { .count($0) }),
        .quantity(item.indexScans.map { .count($0) }),
        .quantity(item.deadFraction.map { .fraction($0) }, tone: (item.deadFraction ?? 0) > 0.2 ? .warning : .plain),
        .quantity(item.hotFraction.map { .fraction($0) }),
        item.lastVacuum.map { .text(CivilTime.day($0)) } ?? .nothing,
        item.lastAnalyze.map { .text(CivilTime.day($0)) } ?? .nothing,
      ])
    }
    return Section("Tables", [.table(table, caption: "The largest and the most read.")])
  }

  // MARK: 10 Plans

  var planSection: Section? {
    guard !planFindings.isEmpty else { return nil }
    return Section(
      "What the plans show",
      [
        .paragraph("From plans that the server logged, the most recoverable time first."),
        .findings(planFindings.sorted()),
      ])
  }

  // MARK: 12 Events

  var eventSection: Section {
    guard !events.isEmpty else {
      return Section(
        "Errors, locks and other entries",
        [.paragraph("The logs of this window hold no error, lock wait, temporary file or other entry of note.")])
    }
    var table = Table([
      .text("what"), .text("SQLSTATE"), .flexible("message"), .number("count"), .number("before"), .number("amount"),
      .text("query"),
    ])
    for event in events {
      let amount: Quantity? =
        switch event.category {
        case .temporaryFile: .bytes(Int64(event.amount))
        case .lockWait, .deadlock, .checkpoint, .autovacuum, .autoanalyze:
          event.amount > 0 ? .milliseconds(event.amount) : nil
        default: nil
        }
      table.add([
        .text(event.category.words, tone: event.category.tone),
        event.sqlState == "00000" || event.sqlState.isEmpty ? .nothing : .code(event.sqlState), .text(event.shape),
        .count(event.count), .quantity(event.previousCount.map { .count($0) }), .quantity(amount),
        event.fingerprint.map { Self.fingerprintCell($0).linked(to: queryAnchor($0)) } ?? .nothing,
      ])
    }
    return Section("Errors, locks and other entries", [.table(table, caption: nil)])
  }

  // MARK: 13 Safety and capacity

  var safetySection: Section? {
    guard !safetyFindings.isEmpty || !capacity.isEmpty else { return nil }
    var blocks: [ReportDocument.Block] = []
    if !capacity.isEmpty { blocks.append(.figures(capacity)) }
    if !safetyFindings.isEmpty { blocks.append(.findings(safetyFindings.sorted())) }
    return Section("Safety and capacity", blocks)
  }

  // MARK: 14 Method

  var methodSection: Section {
    Section(
      "How to read this",
      [
        .list([
          "Times of day are UTC. Sizes count in steps of 1,024, as PostgreSQL's own do.",
          "Total time is the time that the server spent executing; the client's waiting, parsing and the network are not in it.",
          "Percentiles come from histograms whose buckets are at most 3.2 % wide.",
          "≈ marks an estimate, ≥ what is only known to be at least this much, – what is not known.",
          "▲ and ▼ compare with the window before; changes under 2 % are shown as none.",
          "An index's gain is its share of the planner's cost applied to the measured time of each query that would use it.",
          "Every finding has a stable id: the same next week, for following it up or leaving it out.",
        ])
      ])
  }
}

extension EventCell.Category {
  /// In words for people.
  var words: String {
    switch self {
    case .error: "error"
    case .deadlock: "deadlock"
    case .lockWait: "lock wait"
    case .cancel: "cancelled"
    case .timeout: "timeout"
    case .temporaryFile: "temporary file"
    case .checkpoint: "checkpoint"
    case .autovacuum: "autovacuum"
    case .autoanalyze: "autoanalyze"
    case .connection: "connection"
    case .disconnection: "disconnection"
    case .authenticationFailure: "authentication failure"
    case .crash: "crash"
    case .restart: "restart"
    case .replicationConflict: "replication conflict"
    case .wraparound: "wraparound"
    case .other: "other"
    }
  }

  var tone: Tone {
    switch self {
    case .crash, .wraparound: .critical
    case .error, .deadlock, .timeout, .authenticationFailure, .replicationConflict: .warning
    default: .plain
    }
  }
}

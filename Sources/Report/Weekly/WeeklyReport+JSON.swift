import Findings
import Model

/// The report for programs: what the document says, in numbers.
extension WeeklyReport {
  public var json: JSONValue {
    .document([
      "kind": "report", "title": .string(title), "subject": .string(subject), "generator": .string(generator),
      "server_version": .text(serverVersion?.description), "window": Self.json(window),
      "previous_window": previous.map(Self.json) ?? nil, "target_ms": .number(targetMs),
      "targets": .array(targets.map(Self.json)), "quality": Self.json(quality), "load": Self.json(load),
      "query_count": .count(queryCount), "queries": .array(queries.map(Self.json)),
      "changes": [
        "rule": .string(changes.rule), "regressed": .array(changes.regressed.map(Self.json)),
        "improved": .array(changes.improved.map(Self.json)), "new": .array(changes.new.map(Self.json)),
        "gone": .array(changes.gone.map(Self.json)),
      ], "index_advice": .array(advice.map(Self.json)),
      "index_advice_notes": .array(adviceNotes.map { .string($0) }),
      "queries_without_help": .array(
        helpless.map {
          [
            "fingerprint": .string($0.fingerprint.description), "text": .string($0.text),
            "ms_per_day": .number($0.msPerDay),
            "reasons": .array($0.reasons.map { .string($0) }),
          ]
        }),
      "index_findings": .array(indexFindings.sorted().map { .finding($0) }), "tables": .array(tables.map(Self.json)),
      "plan_findings": .array(planFindings.sorted().map { .finding($0) }),
      "review_findings": .array(reviewFindings.sorted().map { .finding($0) }),
      "repetitions": .array(repetitions.map(Self.json)), "events": .array(events.map(Self.json)),
      "safety_findings": .array(safetyFindings.sorted().map { .finding($0) }),
      "capacity": .array(capacity.map(Self.json)),
    ])
  }

  private static func json(_ at: Timestamp?) -> JSONValue { .text(at?.description) }

  private static func json(_ window: ReportWindow) -> JSONValue {
    ["from": json(window.from), "to": json(window.to), "duration_s": .number(window.seconds)]
  }

  private static func json(_ verdict: Verdict) -> JSONValue {
    [
      "target": .string(verdict.target), "state": .string(verdict.state.rawValue), "measured": json(verdict.value),
      "previous": json(verdict.previous), "reason": .string(verdict.reason.plainText),
    ]
  }

  /// A quantity with its unit and certainty, for lists in which units differ.
  private static func json(_ quantity: Quantity?) -> JSONValue {
    guard let quantity else { return nil }
    var members = [
      JSONValue.Member("value", .number(quantity.value)), JSONValue.Member("unit", .string(quantity.unit.jsonName)),
    ]
    switch quantity.certainty {
    case .exact: members.append(.init("certainty", "exact"))
    case .lowerBound: members.append(.init("certainty", "lower_bound"))
    case .upperBound: members.append(.init("certainty", "upper_bound"))
    case .estimate(let range):
      members.append(.init("certainty", "estimate"))
      if let range { members += [.init("low", .number(range.lowerBound)), .init("high", .number(range.upperBound))] }
    }
    return .object(members)
  }

  private static func json(_ figure: Figure) -> JSONValue {
    ["label": .string(figure.label), "measured": json(figure.value), "previous": json(figure.previous)]
  }

  private static func json(_ quality: DataQuality) -> JSONValue {
    [
      "sources": .array(
        quality.sources.map { source in
          [
            "name": .string(source.name), "format": .string(source.format), "entries": .integer(source.entries),
            "skipped": .array(
              source.skipped.map { ["reason": .string($0.reason), "entries": .integer($0.count)] }),
            "first": json(source.first), "last": json(source.last),
          ]
        }),
      "coverage": .array(
        quality.coverage.map {
          [
            "system_identifier": .string($0.systemIdentifier), "node": .string($0.node),
            "coverage_fraction": .number($0.fraction), "statements_ms": .number($0.statementsMs),
            "active_ms": .number($0.activeMs), "exact": .bool($0.isExact),
            "unknown_because": .text($0.unknownBecause),
          ]
        }), "notes": .array(quality.notes.map { .string($0.text.plainText) }),
    ]
  }

  private static func members(_ numbers: CallNumbers) -> [JSONValue.Member] {
    [
      .init("calls", .integer(numbers.calls)), .init("errors", .integer(numbers.errors)),
      .init("total_ms", .number(numbers.totalMs)), .init("mean_ms", .number(numbers.meanMs)),
      .init("p50_ms", .number(numbers.p50Ms)), .init("p95_ms", .number(numbers.p95Ms)),
      .init("p99_ms", .number(numbers.p99Ms)), .init("max_ms", .number(numbers.maxMs)),
      .init("rows", .count(numbers.rows)), .init("exact", .bool(numbers.isExact)),
    ]
  }

  private static func json(_ numbers: CallNumbers?) -> JSONValue { numbers.map { .object(members($0)) } ?? nil }

  private static func json(_ load: LoadReport) -> JSONValue {
    func steps(_ list: [LoadReport.Step?]) -> JSONValue {
      .array(
        list.map { step in
          guard let step else { return nil }
          return [
            "at": json(step.at), "calls": .integer(step.calls), "errors": .integer(step.errors),
            "total_ms": .number(step.totalMs), "p95_ms": .number(step.p95Ms),
          ]
        })
    }
    return [
      "now": json(load.numbers), "before": json(load.previousNumbers), "step_s": .integer(load.stepSeconds),
      "steps": steps(load.steps), "steps_before": steps(load.previousSteps), "server": .array(load.server.map(json)),
    ]
  }

  private static func json(_ query: QueryReport) -> JSONValue {
    .object(
      [
        .init("fingerprint", .string(query.fingerprint.description)), .init("text", .string(query.text)),
        .init("statement_kind", .string(query.kind.rawValue)),
        .init("relations", .array(query.relations.map { .string($0.description) })),
      ] + members(query.numbers) + [
        .init("share_fraction", .number(query.share)), .init("before", json(query.previous)),
        .init("trend_ms", .array(query.trend.map { .number($0) })),
        .init(
          "latency",
          .array(
            query.distribution.map {
              ["lower_ms": .number($0.lower), "upper_ms": .number($0.upper), "calls": .number($0.count)]
            })),
        .init(
          "origins",
          .array(
            query.origins.map {
              ["dimension": .string($0.dimension), "name": .string($0.name), "calls": .integer($0.calls)]
            })),
        .init(
          "plans",
          .array(
            query.plans.map {
              [
                "shape_hash": .string($0.shape), "logged": .integer($0.count), "mean_ms": .number($0.meanMs),
                "last": json($0.last), "outline": .array($0.outline.map { .string($0) }),
              ]
            })), .init("finding_ids", .array(query.findings.map { .string($0.id) })),
      ])
  }

  private static func json(_ change: QueryChanges.Change) -> JSONValue {
    [
      "fingerprint": .string(change.fingerprint.description), "text": .string(change.text), "now": json(change.now),
      "before": json(change.before), "note": .string(change.note),
    ]
  }

  private static func json(_ advice: IndexAdviceReport) -> JSONValue {
    [
      "summary": .string(advice.summary), "ddl": .array(advice.ddl.map { .string($0) }),
      "rollback_ddl": .array(advice.rollback.map { .string($0) }), "size_bytes": .number(advice.size?.value),
      "recoverable": advice.gain.map { .recoverable($0) } ?? nil,
      "upkeep_ms_per_day": .number(advice.upkeepMsPerDay),
      "queries": .array(
        advice.beneficiaries.map {
          [
            "fingerprint": .string($0.fingerprint.description), "calls": .integer($0.calls),
            "cost_before": .number($0.costBefore), "cost_after": .number($0.costAfter), "saved_ms": .number($0.savedMs),
          ]
        }), "reasons": .array(advice.reasons.map { .string($0) }), "confidence": .confidence(advice.confidence),
    ]
  }

  private static func json(_ table: TableReport) -> JSONValue {
    [
      "schema": .string(table.name.schema), "table": .string(table.name.name), "estimated_rows": .number(table.rows),
      "size_bytes": .count(table.bytes), "index_size_bytes": .count(table.indexBytes),
      "sequential_scans": .count(table.sequentialScans), "sequential_rows": .count(table.sequentialRows),
      "index_scans": .count(table.indexScans), "dead_fraction": .number(table.deadFraction),
      "hot_fraction": .number(table.hotFraction), "last_vacuum": json(table.lastVacuum),
      "last_analyze": json(table.lastAnalyze),
    ]
  }

  private static func json(_ repetition: RepetitionReport) -> JSONValue {
    [
      "fingerprint": .string(repetition.fingerprint.description), "text": .string(repetition.text),
      "origin": .string(repetition.origin), "transactions": .integer(repetition.transactions),
      "executions": .integer(repetition.executions), "most_executions": .integer(repetition.most),
      "total_ms": .number(repetition.totalMs),
    ]
  }

  private static func json(_ event: EventReport) -> JSONValue {
    [
      "category": .string(event.category.rawValue), "sqlstate": .string(event.sqlState), "shape": .string(event.shape),
      "count": .integer(event.count), "previous_count": .count(event.previousCount), "amount": .number(event.amount),
      "fingerprint": .text(event.fingerprint?.description),
    ]
  }
}

extension Quantity.Unit {
  /// The unit's name in JSON.
  var jsonName: String {
    switch self {
    case .milliseconds: "ms"
    case .bytes: "bytes"
    case .count: "count"
    case .fraction, .change: "fraction"
    case .factor: "ratio"
    case .cost: "cost"
    case .perSecond: "per_s"
    case .bytesPerSecond: "bytes_per_s"
    case .number: "number"
    }
  }
}

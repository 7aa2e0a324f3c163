import Advice
import History
import IndexAdvisor
import Model
import PlannerTwin
import Report
import WhatIf

extension AdvicePresentation {
  /// The advice for programs: `indexes[]`, `drops[]`, `queries[]` and what was left aside.
  var json: JSONValue {
    let totals = advice.totals
    return .document([
      "kind": "advice", "database": .string(result.database),
      "server_version": .string(result.twin.production.description),
      "twin_version": .string(result.twin.twin.description), "planner": .text(result.livePlanner),
      "catalog_at": .string(result.catalogAt.description),
      "from": .text(result.window.from?.description), "to": .text(result.window.to?.description),
      "totals": [
        "cost_before": .number(totals.costBefore), "cost_after": .number(totals.costAfter),
        "before_ms_per_day": .number(totals.millisecondsPerDayBefore),
        "after_ms_per_day": Self.json(totals.millisecondsPerDayAfter), "size_bytes": .integer(totals.bytes),
        "upkeep": Self.json(totals.writeBill), "proven_gap_fraction": .number(totals.provenGap),
        "candidates": .count(totals.candidates), "plans": .count(totals.plans),
      ],
      "indexes": .array(advice.additions.map(Self.json)), "drops": .array(advice.drops.map(Self.json)),
      "queries": .array(advice.queries.map(Self.json)),
      "helpless": .array(
        advice.helpless.map {
          [
            "fingerprint": .string($0.fingerprint.description), "text": .string($0.text),
            "ms_per_day": .number($0.millisecondsPerDay), "reasons": .array($0.reasons.map { .string($0) }),
          ]
        }),
      "unplanned": .array(
        advice.unplanned.map {
          [
            "fingerprint": .string($0.fingerprint.description), "text": .string($0.text),
            "ms_per_day": .number($0.millisecondsPerDay), "reason": .string($0.reason),
          ]
        }),
      "failures": .array(
        advice.failures.map {
          [
            "fingerprint": .string($0.fingerprint.description), "text": .string($0.text),
            "ms_per_day": .number($0.millisecondsPerDay), "message": .string($0.message), "count": .count($0.count),
            "with_advice": .bool($0.isOfChoice),
          ]
        }),
      "rejected": .array(advice.rejected.map(Self.json)),
      "left_out": .array(result.twin.leftOut.map { ["object": .string($0.object), "reason": .string($0.reason)] }),
      "warnings": .array(result.twin.warnings.map { .string($0) }),
    ])
  }

  private static func json(_ time: TimeEstimate) -> JSONValue {
    ["low": .number(time.low), "estimate": .number(time.estimate), "high": .number(time.high)]
  }

  private static func json(_ bill: WriteBill) -> JSONValue {
    [
      "ms_per_day": .number(bill.millisecondsPerDay), "wal_bytes_per_day": .number(bill.walBytesPerDay),
      "entries_per_day": .number(bill.entriesPerDay), "lost_hot_updates_per_day": .number(bill.lostHotUpdatesPerDay),
    ]
  }

  private static func json(_ definition: IndexDefinition) -> JSONValue {
    [
      "table": .string(definition.table.sql), "method": .string(definition.method.name),
      "keys": .array(
        definition.keys.map { key in
          var column: JSONValue = .null
          var expression: JSONValue = .null
          switch key.subject {
          case .column(let name): column = .string(name)
          case .expression(let sql): expression = .string(sql)
          }
          return [
            "column": column, "expression": expression, "operator_class": .text(key.operatorClass),
            "collation": .text(key.collation), "descending": .bool(key.descending),
            "nulls_first": key.nullsFirst.map { .bool($0) } ?? .null,
          ]
        }),
      "include": .array(definition.included.map { .string($0) }), "predicate": .text(definition.predicate),
      "unique": .bool(definition.isUnique),
    ]
  }

  private static func json(_ index: IndexAddition) -> JSONValue {
    [
      "name": .string(index.name), "summary": .string(index.definition.summary), "definition": json(index.definition),
      "ddl": .array(index.build.map { .string($0) }), "rollback": .array(index.rollback.map { .string($0) }),
      "size_bytes": .integer(index.sizeBytes), "rough_size": .bool(index.isRoughSize), "height": .count(index.height),
      "saved_ms_per_day": json(index.savedPerDay), "saved_fraction": .number(index.savedShare),
      "upkeep": json(index.writeBill), "reasons": .array(index.reasons.map { .string($0) }),
      "queries": .array(
        index.queries.map {
          [
            "fingerprint": .string($0.fingerprint.description), "cost_before": .number($0.costBefore),
            "cost_after": .number($0.costAfter),
          ]
        }),
    ]
  }

  private static func json(_ drop: IndexDrop) -> JSONValue {
    [
      "name": .string(drop.index.name),
      "qualified_name": .string(RelationName(schema: drop.table.schema, name: drop.index.name).sql),
      "definition": json(drop.index.definition), "reason": .string(word(drop.reason)),
      "ddl": .array(drop.drop.map { .string($0) }), "rollback": .array(drop.rollback.map { .string($0) }),
      "size_bytes": .integer(drop.index.sizeBytes), "worst_ratio": .number(drop.worstRatio),
      "worst_query": .text(drop.worstQuery?.description), "upkeep": json(drop.writeBill),
      "statistics_age_days": .number(drop.statisticsAgeDays), "reasons": .array(drop.reasons.map { .string($0) }),
    ]
  }

  private static func json(_ query: QueryOutcome) -> JSONValue {
    [
      "fingerprint": .string(query.fingerprint.description), "text": .string(query.text),
      "calls_per_day": .number(query.callsPerDay), "before_ms_per_day": .number(query.millisecondsPerDayBefore),
      "after_ms_per_day": json(query.millisecondsPerDayAfter), "cost_before": .number(query.costBefore),
      "cost_after": .number(query.costAfter), "new_indexes": .array(query.newIndexes.map { .string($0) }),
      "parameters": .array(query.parameters.map { .string($0.rawValue) }),
    ]
  }

  private static func json(_ candidate: RejectedCandidate) -> JSONValue {
    let reason: String
    switch candidate.reason {
    case .refused(let message): reason = "refused: " + message
    case .neverUsed: reason = "never used"
    case .writeBillExceedsGain: reason = "upkeep exceeds gain"
    case .belowMinimum: reason = "below the minimum"
    case .overBudget: reason = "over budget"
    case .outdone: reason = "outdone by the chosen ones"
    }
    return [
      "summary": .string(candidate.definition.summary), "size_bytes": .integer(candidate.sizeBytes),
      "gain_alone_ms_per_day": .number(candidate.gainAlone), "reason": .string(reason),
    ]
  }
}

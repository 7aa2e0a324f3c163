import Digest
import History
import Model
import Report
import Statements

extension TopReport {
  /// One object; every time in milliseconds, every instant as RFC 3339 in UTC, null for what is not known.
  var json: JSONValue {
    let all = whole
    return .document([
      "command": "top",
      "level": .string(callers == nil ? "top" : "nested"),
      "window": Self.json(covered),
      "ranked_by": .string(order.rawValue),
      "statements": .count(workload.statements.count),
      "calls": .count(workload.calls),
      "total_ms": .number(callers == nil ? workload.totalMilliseconds : nil),
      "exact": .bool(isExact),
      "target_ms": .number(target?.milliseconds),
      "verdict": target.map { Self.json(workload.verdict(target: $0), $0) } ?? .null,
      "nested": callers == nil && !workload.intervals.isEmpty ? nested : .null,
      "sources": sources,
      "queries": .array(order.sorted(workload.statements).prefix(limit).map { query($0, all) }),
    ])
  }

  private var nested: JSONValue {
    let nested = workload.ofNested
    return [
      "statements": .count(nested.statements.count), "calls": .count(nested.calls), "exact": .bool(nested.isExact),
    ]
  }

  private var sources: JSONValue {
    var list: [JSONValue] = []
    if let span = workload.logSpan {
      list.append(["kind": "log", "window": Self.json(span)])
    }
    for (server, interval) in workload.intervals.sorted(by: { $0.key < $1.key }) {
      list.append([
        "kind": "snapshots", "system_identifier": .string(server.systemIdentifier), "node": .string(server.node),
        "window": Self.json(TimeWindow(from: interval.from, to: interval.to)), "covered_s": .number(interval.seconds),
        "interruptions": .array(interval.interruptions.map { .string(InterruptionWords.code($0)) }),
        "coverage": workload.coverage[server].map(Self.json) ?? .null,
      ])
    }
    return .array(list)
  }

  private func query(_ statement: StatementSummary, _ all: Double) -> JSONValue {
    let snapshots = statement.snapshots
    let moments = snapshots?.moments
    func milliseconds(_ counter: StatementCounter) -> JSONValue {
      .number(snapshots?.value(counter).map { Double($0) / 1e6 })
    }
    func count(_ counter: StatementCounter) -> JSONValue { .count(snapshots?.value(counter)) }
    var members: [JSONValue.Member] = [
      .init("fingerprint", .text(statement.fingerprint?.description)),
      .init("text", .text(statement.statement?.normalized)),
      .init("kind", .text(statement.statement?.kind.rawValue)),
      .init(
        "tables",
        .array((statement.statement?.relations ?? []).map { .string($0.schema.isEmpty ? $0.name : $0.description) })),
      .init("calls", .count(statement.calls)),
      .init("total_ms", .number(statement.totalMilliseconds)),
      .init("share", .number(all > 0 ? statement.totalMilliseconds / all : nil)),
      .init("mean_ms", .number(statement.meanMilliseconds)),
      .init("stddev_ms", .number(moments?.deviation)),
      .init("p50_ms", .number(statement.quantile(0.5)?.known?.milliseconds)),
      .init("p95_ms", .number(statement.quantile(0.95)?.known?.milliseconds)),
      .init("p99_ms", .number(statement.quantile(0.99)?.known?.milliseconds)),
      .init("p95_at_most_ms", .number(statement.quantile(0.95)?.milliseconds)),
      .init("max_ms", .number(statement.longestMilliseconds)),
      .init("rows", .count(statement.rows)),
      .init("errors", .count(statement.errors)),
      .init("exact", .bool(statement.isExact)),
      .init("estimated", .bool(statement.isSampled)), .init("source", .string(statement.source.rawValue)),
      .init("log_threshold_ms", .number(statement.logThreshold?.milliseconds)),
      .init("plan_ms", .number(WorkloadOrder.planning.value(of: statement))),
      .init("jit_ms", .number(WorkloadOrder.jit.value(of: statement))),
      .init("shared_hit_blocks", count(.sharedHit)), .init("shared_read_blocks", count(.sharedRead)),
      .init("shared_dirtied_blocks", count(.sharedDirtied)), .init("shared_written_blocks", count(.sharedWritten)),
      .init("temp_read_blocks", count(.tempRead)), .init("temp_written_blocks", count(.tempWritten)),
      .init("read_ms", milliseconds(.sharedReadTime)), .init("write_ms", milliseconds(.sharedWriteTime)),
      .init("wal_bytes", count(.walBytes)),
      .init("query_ids", .array((snapshots?.queryIDs ?? []).sorted().map { .string($0.description) })),
    ]
    if let target {
      members.append(.init("verdict", Self.json(LatencyVerdict(statement, target: target), target)))
    }
    if let previous {
      let earlier = statement.fingerprint.flatMap { fingerprint in
        previous.statements.first { $0.fingerprint == fingerprint }
      }
      members.append(
        .init(
          "previous",
          earlier.map { earlier in
            [
              "calls": .count(earlier.calls), "total_ms": .number(earlier.totalMilliseconds),
              "mean_ms": .number(earlier.meanMilliseconds),
              "p95_ms": .number(earlier.quantile(0.95)?.known?.milliseconds), "exact": .bool(earlier.isExact),
            ]
          } ?? .null))
    }
    return .object(members)
  }

  private static func json(_ coverage: StatementsCoverage) -> JSONValue {
    [
      "coverage_fraction": .number(coverage.fraction),
      "statements_ms": .number(Double(coverage.explained) / 1e6),
      "active_ms": .number(coverage.active.map { Double($0) / 1e6 }),
      "exact": .bool(coverage.isExact),
      "unknown_because": .text(coverage.obstacle?.code),
    ]
  }

  static func json(_ window: TimeWindow) -> JSONValue {
    ["from": .text(window.from?.description), "to": .text(window.to?.description)]
  }

  static func json(_ verdict: LatencyVerdict, _ target: Microseconds) -> JSONValue {
    let (word, reason): (String, String) =
      switch verdict {
      case .meets(let evidence): ("meets", evidence.rawValue)
      case .misses(let evidence): ("misses", evidence.rawValue)
      case .cannotTell(let obstacle): ("cannot_tell", obstacle.rawValue)
      }
    return ["verdict": .string(word), "because": .string(reason), "would_tell": .text(verdict.advice(target: target))]
  }
}

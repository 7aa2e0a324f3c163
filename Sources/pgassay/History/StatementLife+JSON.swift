import History
import Model
import Report

extension StatementLife {
  /// One object; times in milliseconds, null for what is not known.
  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("schema_version", .integer(JSONValue.schemaVersion)), .init("command", "show"),
      .init("fingerprint", .string(statement.fingerprint.description)), .init("text", .string(statement.normalized)),
      .init("kind", .string(statement.kind.rawValue)), .init("grammar", .string(statement.grammar.rawValue)),
      .init("window", TopReport.json(window.window)),
    ]
    members += numbers
    members.append(
      .init(
        "nested",
        nested.map {
          [
            "calls": .count($0.calls), "total_ms": .number($0.totalMilliseconds),
            "mean_ms": .number($0.meanMilliseconds), "exact": .bool($0.isExact),
          ]
        } ?? .null))
    members.append(.init("trend", trendValue))
    members.append(.init("latencies", .array(distribution.map(Self.value))))
    members.append(.init("origins", .array(origins.map(Self.value))))
    members.append(.init("errors_by_sqlstate", .array(errors.map(value))))
    members.append(.init("plans", .array(shapes.map(Self.value))))
    members.append(.init("tables", .array(relations.map { .string($0.name) })))
    members.append(.init("indexes", .array(indexes.map { .string($0.name) })))
    members.append(.init("slow_values", .array(parameters.values.map(value))))
    members.append(.init("parameter_trends", .array(parameters.trends.map(Self.value))))
    members.append(.init("slowest", .array(samples.map(value))))
    return .object(members)
  }

  private var numbers: [JSONValue.Member] {
    func quantile(_ q: Double) -> JSONValue { .number(summary?.quantile(q)?.known?.milliseconds) }
    var verdict = JSONValue.null
    if let target, let summary { verdict = TopReport.json(LatencyVerdict(summary, target: target), target) }
    return [
      .init("calls", .count(summary?.calls)), .init("total_ms", .number(summary?.totalMilliseconds)),
      .init("share", .number(share)), .init("mean_ms", .number(summary?.meanMilliseconds)),
      .init("p50_ms", quantile(0.5)), .init("p95_ms", quantile(0.95)), .init("p99_ms", quantile(0.99)),
      .init("rows", .count(summary?.rows)), .init("errors", .count(summary?.errors)),
      .init("exact", .bool((summary?.isExact ?? true) && isOfWindow)), .init("source", .text(summary?.source.rawValue)),
      .init("verdict", verdict),
    ]
  }

  private var trendValue: JSONValue {
    [
      "step_min": .count(step), "total_ms": .array(trend.map { .number($0?.total.milliseconds) }),
      "calls": .array(trend.map { .count($0?.calls) }),
    ]
  }

  private static func value(_ range: (lower: Double, upper: Double, count: Int64)) -> JSONValue {
    ["from_ms": .number(range.lower), "to_ms": .number(range.upper), "calls": .count(range.count)]
  }

  private static func value(_ origin: OriginTotals) -> JSONValue {
    let who = origin.dimensions
    return [
      "database": .string(who.database), "user": .string(who.user), "application": .string(who.application),
      "tags": .string(who.tags), "calls": .count(origin.calls), "total_ms": .number(origin.total.milliseconds),
    ]
  }

  private func value(_ error: EventTotals) -> JSONValue {
    [
      "sqlstate": error.sqlState.isEmpty ? .null : .string(error.sqlState), "message": .string(error.shape),
      "count": .count(error.count), "sample": showsValues ? .string(error.sample) : .null,
    ]
  }

  private static func value(_ shape: Shape) -> JSONValue {
    [
      "shape": .string(shape.shape.description), "kept": .count(shape.kept),
      "mean_ms": .number(shape.meanMilliseconds), "first": .string(shape.first.description),
      "last": .string(shape.last.description), "outline": .array(shape.outline.map { .string($0) }),
      "findings": .array(shape.findings.map { JSONValue.finding($0) }),
    ]
  }

  private func value(_ slow: ParameterInfluence.SlowValue) -> JSONValue {
    [
      "parameter": .count(slow.parameter), "value": showsValues ? .text(slow.value) : .null,
      "slowest_with": .count(slow.slowestWith), "slowest": .count(slow.slowest),
      "ordinary_with": .count(slow.ordinaryWith), "ordinary": .count(slow.ordinary),
      "median_with_ms": .number(slow.medianWith), "median_without_ms": .number(slow.medianWithout),
    ]
  }

  private static func value(_ trend: ParameterInfluence.Trend) -> JSONValue {
    [
      "parameter": .count(trend.parameter), "rank_correlation": .number(trend.correlation),
      "samples": .count(trend.samples),
    ]
  }

  private func value(_ sample: ExecutionSample) -> JSONValue {
    [
      "at": .string(sample.at.description), "duration_ms": .number(sample.duration.milliseconds),
      "application": .string(sample.dimensions.application), "text": showsValues ? .string(sample.text) : .null,
      "parameters": showsValues ? .string(StatementLife.parameters(sample)) : .null,
    ]
  }
}

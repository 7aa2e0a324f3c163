import Findings
import History
import Model
import Report
import Sketch

extension WorkloadDigest {
  func queries(
    _ ranked: [StatementSummary], _ timeline: WorkloadTimeline?, _ planned: PlannedWindow,
    _ judged: [Finding], mentioned: Set<Fingerprint>
  ) throws(HistoryError) -> [QueryReport] {
    let total = now.totalMilliseconds
    let earlier = Dictionary(
      (before?.statements ?? []).compactMap { statement in statement.fingerprint.map { ($0, statement) } }
    ) { first, _ in first }
    let origins = Dictionary(grouping: try history.origins(in: range(window)), by: \.fingerprint)
    let gaps = try load(timeline).steps.map { $0 == nil }
    return shown(ranked, mentioned: mentioned).map { statement in
      let fingerprint = statement.fingerprint ?? Fingerprint(0)
      let steps = timeline?.statements[fingerprint] ?? []
      return QueryReport(
        fingerprint: fingerprint, text: statement.statement?.normalized ?? "(text not known)",
        kind: statement.statement?.kind ?? .unknown, relations: statement.statement?.relations ?? [],
        numbers: Self.numbers(statement),
        previous: earlier[fingerprint].flatMap { $0.calls > 0 ? Self.numbers($0) : nil },
        share: total > 0 ? statement.totalMilliseconds / total : 0,
        trend: steps.enumerated().map { index, step in
          step?.total.milliseconds ?? (index < gaps.count && gaps[index] ? nil : 0)
        }, distribution: Self.distribution(statement.log?.sketch),
        origins: Self.origins(origins[fingerprint] ?? []), plans: planned.reports[fingerprint] ?? [],
        findings: (planned.findings + judged).filter { $0.subject.kind == .query(fingerprint) })
    }
  }

  /// The costliest by total time, and of the rest those that lead by another measure or are mentioned elsewhere.
  private func shown(_ ranked: [StatementSummary], mentioned: Set<Fingerprint>) -> [StatementSummary] {
    let top = Array(ranked.prefix(options.queryLimit))
    let rest = ranked.dropFirst(options.queryLimit)
    var leaders = mentioned
    let measures: [(StatementSummary) -> Double] = [
      { $0.meanMilliseconds ?? 0 }, { $0.quantile(0.95)?.known?.milliseconds ?? 0 }, { Double($0.calls) },
    ]
    for measure in measures {
      let best = (top + rest).sorted {
        (measure($1), $0.fingerprint ?? Fingerprint(0)) < (measure($0), $1.fingerprint ?? Fingerprint(0))
      }
      leaders.formUnion(best.prefix(3).compactMap(\.fingerprint))
    }
    return top + rest.filter { leaders.contains($0.fingerprint ?? Fingerprint(0)) }
  }

  /// The histogram by ranges that end at 1, 2 and 5 times a power of ten milliseconds, so that a round target is an
  /// edge. A sketch's bucket (at most 1/16 wide) belongs where its middle lies.
  static func distribution(_ sketch: LatencySketch?) -> [Chart.Distribution.Bucket] {
    guard let sketch, !sketch.isEmpty else { return [] }
    var edges: [Int64] = [0]
    var power: Int64 = 10
    while power <= 100_000_000_000 {
      edges += [power, 2 * power, 5 * power]
      power *= 10
    }
    var counts = [Double](repeating: 0, count: edges.count - 1)
    for (index, count) in sketch.buckets {
      let middle = LatencyBucket.middle(of: index)
      let range = (edges.firstIndex { $0 > middle } ?? edges.count - 1) - 1
      counts[min(range, counts.count - 1)] += Double(count)
    }
    guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
      return []
    }
    return (first...last).map {
      Chart.Distribution.Bucket(
        lower: Double(edges[$0]) / 1_000, upper: Double(edges[$0 + 1]) / 1_000, count: counts[$0])
    }
  }

  /// Calls by application, tag, user and database: the most frequent names of each.
  static func origins(_ totals: [OriginTotals]) -> [QueryReport.Origin] {
    var calls: [String: [String: Int64]] = [:]
    for origin in totals {
      let dimensions = origin.dimensions
      for (key, name) in [
        ("application", dimensions.application), ("user", dimensions.user), ("database", dimensions.database),
      ] where !name.isEmpty {
        calls[key, default: [:]][name, default: 0] += origin.calls
      }
      // A trace's id is different in every call and names nobody.
      for (key, value) in SQLCommenterTags.pairs(dimensions.tags) where !["traceparent", "tracestate"].contains(key) {
        calls["tag " + key, default: [:]][value, default: 0] += origin.calls
      }
    }
    let order = ["application", "user", "database"]
    let keys = calls.keys.sorted {
      (order.firstIndex(of: $0) ?? order.count, $0) < (order.firstIndex(of: $1) ?? order.count, $1)
    }
    return keys.flatMap { key in
      let names = (calls[key] ?? [:]).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      return names.prefix(4).map { QueryReport.Origin(dimension: key, name: $0.key, calls: $0.value) }
    }
  }
}

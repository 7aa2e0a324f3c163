public import History
public import IndexAdvisor
import Model
public import WhatIf

/// Turns what the history holds of a window into the load that indexes are chosen for.
public struct WorkloadReader: Sendable {
  /// Executions planned for one statement: ordinary ones, which stand for the load, and the slowest, which guard
  /// against advice that a rare value would pay for.
  public var ordinaryInstances = 5
  public var slowInstances = 1
  /// The part of a statement's load that its slowest executions stand for, where ordinary ones are known too.
  public var slowShare = 0.1
  /// Draws values for statements of which no execution with its values was kept; without it they get generic plans.
  public var draw: ParameterDraw?

  public init(draw: ParameterDraw? = nil) { self.draw = draw }

  /// The plannable statements of one database in a window, ascending by fingerprint.
  ///
  /// - Throws: `HistoryError`.
  public func workload(
    of database: String, in window: TimeWindow, from store: HistoryStore
  ) throws(HistoryError) -> Workload {
    let summary = try store.workload(in: window, WorkloadFilter(database: database))
    var samples: [Fingerprint: [ExecutionSample]] = [:]
    for sample in try store.samples(of: nil, in: window) where sample.dimensions.database == database {
      samples[sample.fingerprint, default: []].append(sample)
    }
    var queries: [Workload.Query] = []
    for statement in summary.statements {
      guard let fingerprint = statement.fingerprint, let text = statement.statement, text.kind.isPlannable,
        statement.calls > 0
      else { continue }
      queries.append(
        Workload.Query(
          fingerprint: fingerprint, text: text.normalized, kind: text.kind, calls: Double(statement.calls),
          totalMilliseconds: statement.totalMilliseconds,
          instances: instances(samples[fingerprint] ?? [], of: text, database: database)))
    }
    let seconds = window.from.flatMap { from in window.to.map { ($0 - from).milliseconds / 1_000 } } ?? 0
    return Workload(queries: queries, windowSeconds: seconds)
  }

  private func instances(
    _ samples: [ExecutionSample], of text: StatementText, database: String
  ) -> [Workload.Instance] {
    // Hashes say which values are alike, not what they are: nothing can be planned with them.
    let samples = samples.filter { sample in
      !sample.parameters.contains { if case .hashed = $0 { true } else { false } }
    }
    func statement(_ sample: ExecutionSample) -> PlannableStatement {
      PlannableStatement(
        id: text.fingerprint.description, sql: sample.text,
        parameters: sample.parameters.isEmpty ? nil : sample.parameters, database: database)
    }
    var seen: Set<PlannableStatement> = []
    func first(_ count: Int, _ reason: ExecutionSample.Reason) -> [PlannableStatement] {
      var list: [PlannableStatement] = []
      for sample in samples where sample.reason == reason {
        guard list.count < count else { break }
        let found = statement(sample)
        if seen.insert(found).inserted { list.append(found) }
      }
      return list
    }
    let ordinary = first(ordinaryInstances, .ordinary)
    let slow = first(slowInstances, .slow)
    guard !ordinary.isEmpty || !slow.isEmpty else {
      // No execution was kept.
      return drawn(PlannableStatement(id: text.fingerprint.description, sql: text.normalized, database: database))
    }
    // Texts with placeholders whose values the server did not log are as good as one.
    if let first = ordinary.first ?? slow.first, (ordinary + slow).allSatisfy({ $0.parameters == nil }) {
      let instances = drawn(first)
      if instances.count > 1 { return instances }
    }
    let slowPart = ordinary.isEmpty ? 1 : slow.isEmpty ? 0 : slowShare
    return ordinary.map { Workload.Instance($0, share: (1 - slowPart) / Double(ordinary.count)) }
      + slow.map { Workload.Instance($0, share: slowPart / Double(slow.count)) }
  }

  /// The statement with likely values, each set as often as it was drawn.
  private func drawn(_ statement: PlannableStatement) -> [Workload.Instance] {
    let drawn = draw?.instances(of: statement, count: ordinaryInstances) ?? [(statement, 1)]
    return drawn.map { Workload.Instance($0.statement, share: $0.share) }
  }
}

public import PlannerTwin

/// Statements planned before and after a change of the schema, in a twin.
public struct PlanTrial: Sendable {
  public struct Query: Sendable {
    public var statement: PlannableStatement
    /// Nil where the statement cannot be planned; `error` says why.
    public var before: PlannedStatement?
    public var after: PlannedStatement?
    public var error: String?
  }

  public var queries: [Query]
  /// The statements of the change, in order.
  public var changes: [TwinDatabase.AppliedChange]

  /// Plans every statement, applies the changes to the twin, hides the indexes named, and plans every statement again.
  ///
  /// A statement that cannot be planned is told with its error; the others go on.
  /// - Throws: `WhatIfError.changeRefused` for the first change that the server refuses, `WhatIfError.unknownIndex`,
  ///   `TwinError.rollback`.
  public static func run(
    on database: TwinDatabase, _ statements: [PlannableStatement], changes: [String], without dropped: Set<String>
  ) async throws -> PlanTrial {
    let worker = TwinWorker(database)
    // A name that does not exist is known before anything is planned.
    try await worker.checkExisting(dropped)
    try database.checkChanges(changes)
    var queries: [Query] = []
    for statement in statements {
      var query = Query(statement: statement)
      do {
        query.before = try await worker.plan(statement, with: [:], without: [])
      } catch WhatIfError.statementRefused(_, _, let message) {
        query.error = message
      }
      queries.append(query)
    }
    let applied = try await worker.apply(changes)
    for index in queries.indices {
      do {
        queries[index].after = try await worker.plan(queries[index].statement, with: [:], without: dropped)
      } catch WhatIfError.statementRefused(_, _, let message) {
        // Planned before and not after: the change breaks it.
        if queries[index].error == nil { queries[index].error = "after the change: " + message }
      }
    }
    return PlanTrial(queries: queries, changes: applied)
  }
}

public import WhatIf

/// Chooses B-tree indexes for a recorded workload, and names existing ones that could go.
///
/// 1. Every statement is taken apart and planned as the database is now.
/// 2. For each, candidates are thought of (`CandidateGenerator`) and made known to the planner.
/// 3. The planner is asked which of them it would use, alone and together (`StatementCosts`).
/// 4. An integer program over the sets that plans use picks the candidates to build (`SelectionProblem`).
/// 5. Merged and widened forms of the chosen are tried, and it is solved again, until nothing improves.
/// 6. The whole workload is planned once more with the choice: the costs after are the planner's own, never derived.
/// 7. Existing indexes that seem dispensable are hidden one after another, and the workload planned without them.
///
/// The same workload, catalog and planner give the same advice.
public struct IndexAdvisor: Sendable {
  public let planner: any Planner
  public let database: DatabaseFacts
  public let options: AdvisorOptions

  public init(planner: any Planner, database: DatabaseFacts, options: AdvisorOptions = AdvisorOptions()) {
    self.planner = planner
    self.database = database
    self.options = options
  }

  /// - Throws: What the planner throws, other than refusals of single statements and definitions, which become part of
  ///   the advice; `CancellationError`.
  public func advise(
    _ workload: Workload, progress: @escaping @Sendable (AdvisorProgress) -> Void = { _ in }
  ) async throws -> IndexAdvice {
    // What follows from an answer is not asked again, above all when index after index is taken away.
    let planner: any Planner = options.cachesPlans ? CachingPlanner(planner, keepsDocuments: false) : planner
    var run = AdvisorRun(
      planner: planner, schema: Schema(database), options: options, workload: workload, progress: progress)
    try await run.planNow()
    try await run.explore()
    try await run.select()
    try await run.verify()
    return try await run.advice()
  }
}

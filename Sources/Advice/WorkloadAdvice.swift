import Catalog
public import History
public import IndexAdvisor
public import Model
public import PlannerTwin
public import PostgresClient
import WhatIf

/// Index advice for what a history recorded, priced in a planner twin.
public struct WorkloadAdvice: Sendable {
  public struct Request: Sendable {
    /// The database to advise; nil for the one with the newest catalog.
    public var database: String?
    public var window: TimeWindow
    public var options: AdvisorOptions
    public var twin: PlannerTwin.Options
    /// A live server with HypoPG whose planner is asked instead of the twin's; nil for the twin. Sizes are the twin's in
    /// both cases.
    public var live: ConnectionOptions?

    public init(
      database: String? = nil, window: TimeWindow, options: AdvisorOptions = AdvisorOptions(),
      twin: PlannerTwin.Options = PlannerTwin.Options(), live: ConnectionOptions? = nil
    ) {
      self.database = database
      self.window = window
      self.options = options
      self.twin = twin
      self.live = live
    }
  }

  public var database: String
  public var window: TimeWindow
  /// When the catalog was captured.
  public var catalogAt: Timestamp
  public var facts: DatabaseFacts
  public var twin: PlannerTwin.Report
  /// The live planner that was asked instead of the twin's, for people; nil for the twin's.
  public var livePlanner: String?
  /// False where drops were asked for and the live planner cannot hide an index.
  public var checksDrops: Bool
  public var workload: Workload
  public var advice: IndexAdvice

  /// Starts a twin of the newest catalog, asks it, and ends it, whatever happens.
  ///
  /// - Throws: `AdviceError`, `HistoryError`, and what the twin and the adviser throw.
  public static func make(
    from store: HistoryStore, _ request: Request, progress: @escaping @Sendable (AdvisorProgress) -> Void = { _ in }
  ) async throws -> WorkloadAdvice {
    guard let catalog = try store.latestCatalog(database: request.database, before: nil) else {
      throw AdviceError.noCatalog(path: store.path, database: request.database)
    }
    do {
      return try await make(
        from: store, catalog, try Snapshot(lines: catalog.lines, needsEnd: false), request, progress)
    } catch let error as SnapshotError {
      throw AdviceError.damagedCatalog(path: store.path, reason: error.sentence)
    }
  }

  private static func make(
    from store: HistoryStore, _ catalog: CatalogDocument, _ snapshot: Snapshot, _ request: Request,
    _ progress: @escaping @Sendable (AdvisorProgress) -> Void
  ) async throws -> WorkloadAdvice {
    let facts = try DatabaseFacts(snapshot)
    let workload = try WorkloadReader(draw: ParameterDraw(snapshot)).workload(
      of: catalog.database, in: request.window, from: store)
    guard !workload.queries.isEmpty else {
      throw AdviceError.noWorkload(path: store.path, database: catalog.database)
    }
    let twin = try await PlannerTwin.start(from: snapshot, options: request.twin)
    var hypo: HypoPGPlanner?
    do {
      let sizes = TwinPlanner(twin)
      var options = request.options
      if let live = request.live {
        var live = live
        live.database = live.database ?? (live.connectionString == nil ? catalog.database : nil)
        hypo = try await HypoPGPlanner.connect(live, sessions: options.parallelism, sizes: sizes)
        if hypo?.hidesExistingIndexes != true { options.proposesDrops = false }
      }
      let planner: any Planner = hypo ?? sizes
      let advisor = IndexAdvisor(planner: planner, database: facts, options: options)
      let advice = try await advisor.advise(workload, progress: progress)
      await hypo?.close()
      await twin.stop()
      return WorkloadAdvice(
        database: catalog.database, window: request.window, catalogAt: catalog.at, facts: facts, twin: twin.report,
        livePlanner: hypo?.name, checksDrops: options.proposesDrops || !request.options.proposesDrops,
        workload: workload, advice: advice)
    } catch {
      await hypo?.close()
      await twin.stop()
      throw error
    }
  }
}

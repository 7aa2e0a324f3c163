/// What the adviser may do and how hard it tries.
public struct AdvisorOptions: Hashable, Sendable {
  /// What is made small.
  public enum Objective: Hashable, Sendable {
    /// Milliseconds per day: each query's recorded time, scaled by its plan's cost after and before, plus the write bill.
    case time
    /// The planner's cost, summed over the queries, each weighted by its calls (benchmarks, files without times).
    case cost
  }

  public var objective = Objective.time
  /// Bytes that all new indexes together may take; nil for no limit.
  public var budgetBytes: Int64?
  public var maximumKeyColumns = 4
  /// INCLUDE lists: columns, and bytes of their average widths.
  public var maximumIncludedColumns = 4
  public var maximumIncludedBytes = 64
  public var maximumIndexesPerTable = 10
  /// An index must save at least this share of the whole load …
  public var minimumShare = 0.001
  /// … and this many milliseconds a day.
  public var minimumMillisecondsPerDay = 0.0
  /// Tables with fewer rows get no index.
  public var minimumRows = 100.0
  /// How much dearer (as a ratio) a dropped index may make any query's plan.
  public var dropTolerance = 0.01
  /// The same for an index that another one covers: the wider one has more pages, so its plans cost a little more.
  public var coveredTolerance = 0.25
  /// Plans asked for while exploring one statement.
  public var plansPerStatement = 150
  /// Candidates kept for one statement.
  public var candidatesPerStatement = 120
  /// Statements explored at once; a planner that serves one at a time makes more of no use.
  public var parallelism = 2
  /// Rounds of merging, widening and solving again.
  public var improvementRounds = 4
  /// Seconds for one exact solution.
  public var solverSeconds = 20.0
  public var usesExactSolver = true
  public var includesPartial = true
  public var includesExpressions = true
  public var includesCovering = true
  public var proposesDrops = true
  /// Whether answers are kept and used for the questions that follow from them.
  public var cachesPlans = true

  public init() {}
}

public import Comparison
public import History
public import IndexAdvisor
public import Model
public import Plans

/// Everything that the review of a window rests on, as values: rules read it and nothing else.
public struct ReviewInput: Sendable {
  /// One statement shape in the window and in the one before.
  public struct Statement: Sendable {
    public var fingerprint: Fingerprint
    /// Without values.
    public var text: String
    public var kind: StatementKind
    /// The database that most of its executions were in; empty where it is not known.
    public var database: String
    public var now: StatementSummary
    public var before: StatementSummary?

    public init(
      fingerprint: Fingerprint, text: String, kind: StatementKind, database: String = "", now: StatementSummary,
      before: StatementSummary? = nil
    ) {
      self.fingerprint = fingerprint
      self.text = text
      self.kind = kind
      self.database = database
      self.now = now
      self.before = before
    }
  }

  /// A recorded plan that could be read.
  public struct RecordedPlan: Sendable {
    public var sample: PlanSample
    public var plan: Plan
    public var shape: UInt64 { sample.shape ?? plan.shape }

    public init(sample: PlanSample, plan: Plan) {
      self.sample = sample
      self.plan = plan
    }
  }

  /// What happened in the window, and how often the same thing happened in the one before; nil where there is none.
  public struct Event: Sendable {
    public var totals: EventTotals
    public var before: Int64?

    public init(totals: EventTotals, before: Int64?) {
      self.totals = totals
      self.before = before
    }
  }

  public var window: TimeWindow
  public var previous: TimeWindow?
  /// Days that the window's recorded load stands for: what "a day" means in recoverable times. At least a minute.
  public var days: Double
  /// The latency that 95 % of the executions must stay below.
  public var target: Microseconds
  public var workload: WorkloadSummary
  /// By fingerprint.
  public var statements: [Fingerprint: Statement]
  /// What became slower or faster; nil without a window before.
  public var comparison: WindowComparison?
  public var repetitions: [RepetitionTotals]
  /// Of the window, not nested, by fingerprint and time.
  public var plans: [Fingerprint: [RecordedPlan]]
  /// Shapes that plans had in the window before.
  public var earlierShapes: [Fingerprint: Set<UInt64>]
  public var events: [Event]
  /// The database whose indexes are judged, by its name; nil where no catalog was captured.
  public var database: DatabaseFacts?
  public var databaseName: String

  public init(
    window: TimeWindow, previous: TimeWindow? = nil, days: Double, target: Microseconds, workload: WorkloadSummary,
    statements: [Fingerprint: Statement] = [:], comparison: WindowComparison? = nil,
    repetitions: [RepetitionTotals] = [], plans: [Fingerprint: [RecordedPlan]] = [:],
    earlierShapes: [Fingerprint: Set<UInt64>] = [:], events: [Event] = [], database: DatabaseFacts? = nil,
    databaseName: String = ""
  ) {
    self.window = window
    self.previous = previous
    self.days = max(days, 1.0 / 1_440)
    self.target = target
    self.workload = workload
    self.statements = statements
    self.comparison = comparison
    self.repetitions = repetitions
    self.plans = plans
    self.earlierShapes = earlierShapes
    self.events = events
    self.database = database
    self.databaseName = databaseName
  }

  /// Execution time of the whole window in milliseconds.
  public var totalMilliseconds: Double { workload.totalMilliseconds }
}

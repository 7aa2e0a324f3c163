public import Model

/// Time of JIT compilation, in milliseconds, summed over the processes that the document sums over.
public struct JITUsage: Hashable, Sendable {
  public var functions = 0.0
  public var inlining = false, optimization = false, expressions = false, deforming = false
  /// Milliseconds; `deform` is part of `generation` (17).
  public var generation = 0.0, deform = 0.0, inliningTime = 0.0, optimizationTime = 0.0, emission = 0.0, total = 0.0

  public init() {}
}

/// A trigger's cost in one execution.
public struct TriggerUsage: Hashable, Sendable {
  /// Nil where the text format names only the constraint.
  public var name: String?
  public var constraint: String?
  /// Nil where the text format leaves it out because there is but one target.
  public var relation: String?
  /// Milliseconds; nil with `TIMING OFF`.
  public var time: Double?
  public var calls = 0.0

  public init() {}
}

/// Cost of turning the result into what goes over the wire (`SERIALIZE`, 17).
public struct SerializationUsage: Hashable, Sendable {
  /// Milliseconds.
  public var time: Double?
  /// Kilobytes.
  public var output = 0.0
  public var format = ""
  public var buffers = BufferUsage()

  public init() {}
}

/// A plan as EXPLAIN or auto_explain printed it, whatever the format.
public struct Plan: Hashable, Sendable {
  public var root: PlanNode
  /// The statement with its literals (auto_explain); nil where the document does not hold it.
  public var queryText: String?
  /// As printed: `$1 = 'x', $2 = NULL` (auto_explain, 16).
  public var queryParameters: String?
  public var queryID: QueryID?
  /// Milliseconds.
  public var planningTime: Double?
  public var executionTime: Double?
  public var planningBuffers = BufferUsage()
  /// Kilobytes (`MEMORY`, 17).
  public var planningMemoryUsed = 0.0, planningMemoryAllocated = 0.0
  /// Planner settings that were not at their defaults (`SETTINGS`), sorted by name.
  public var settings: [Setting] = []
  public var triggers: [TriggerUsage] = []
  public var jit: JITUsage?
  public var serialization: SerializationUsage?
  public var unknown: [UnknownProperty] = []
  /// Whether actual rows are printed with decimals (18): then they are known to 0.005 of a row, otherwise to half a row
  /// for each loop.
  public var hasFractionalRows = false

  public init(root: PlanNode) { self.root = root }

  public struct Setting: Hashable, Sendable, Comparable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
    public static func < (a: Setting, b: Setting) -> Bool { (a.name, a.value) < (b.name, b.value) }
  }

  /// Whether the plan was executed: EXPLAIN ANALYZE or auto_explain with `log_analyze`.
  public var isExecuted: Bool { root.actual != nil }
  /// Whether the nodes were timed.
  public var isTimed: Bool { root.actual?.total != nil }
  /// Milliseconds of execution: the document's own figure, else the root's.
  public var executionMilliseconds: Double? {
    executionTime ?? root.actual.flatMap { actual in actual.total.map { $0 * actual.loops } }
  }
}

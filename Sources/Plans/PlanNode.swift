/// One node of a plan with everything below it.
public struct PlanNode: Hashable, Sendable {
  /// What a node is to its parent, by the server's own word.
  public enum Relationship: String, Hashable, Sendable {
    case outer = "Outer"
    case inner = "Inner"
    case member = "Member"
    case subquery = "Subquery"
    /// Evaluated at most once, when its result is first asked for: uncorrelated subqueries and CTEs.
    case initPlan = "InitPlan"
    /// Evaluated for rows of the node it hangs on, or once where it is hashed.
    case subPlan = "SubPlan"
    /// A child of an extension's node.
    case child
  }

  public struct Flags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let parallelAware = Flags(rawValue: 1)
    public static let asyncCapable = Flags(rawValue: 2)
    /// The planner took it although its `enable_` setting is off (18).
    public static let disabled = Flags(rawValue: 4)
    public static let innerUnique = Flags(rawValue: 8)
    public static let singleCopy = Flags(rawValue: 16)
    /// An index scan that runs backward.
    public static let backward = Flags(rawValue: 32)
  }

  public var type: NodeType = "???"
  public var relationship: Relationship?
  /// `InitPlan 1 (returns $0)`, `CTE recent`, `SubPlan 2`.
  public var subplanName: String?
  public var flags: Flags = []
  /// Names as the catalog spells them.
  public var relation: String?
  /// With VERBOSE only.
  public var schema: String?
  public var alias: String?
  public var index: String?
  /// `Inner`, `Left`, `Full`, `Right`, `Semi`, `Anti`, `Right Semi`, `Right Anti`.
  public var joinType: String?
  /// Of Aggregate and SetOp: `Plain`, `Sorted`, `Hashed`, `Mixed`.
  public var strategy: String?
  /// Of Aggregate: `Partial` or `Finalize`; nil where the aggregation is not split.
  public var partialMode: String?
  /// Of ModifyTable and Foreign Scan: `Select`, `Insert`, `Update`, `Delete`, `Merge`.
  public var operation: String?
  /// Nil with `COSTS OFF`.
  public var estimate: Estimate?
  public var measures = NodeMeasures()
  public var workers: [PlanWorker] = []
  public var children: [PlanNode] = []

  public init() {}

  public var actual: Actual? { measures.actual }
  public var buffers: BufferUsage { measures.buffers }
  public func number(_ key: PlanKey) -> Double { measures.number(key) }
  public func text(_ key: PlanKey) -> String? { measures.text(key) }
  public func list(_ key: PlanKey) -> [String] { measures.list(key) }

  /// Executions; 1 where the plan was not executed.
  public var loops: Double { actual?.loops ?? 1 }
  /// Whether the plan was executed but this node was not.
  public var isNeverExecuted: Bool { actual.map { $0.loops == 0 } ?? false }
  /// The name a CTE's subplan has after `CTE `; nil for other nodes.
  public var cteDefinition: String? {
    guard relationship == .initPlan, let subplanName, subplanName.hasPrefix("CTE ") else { return nil }
    return String(subplanName.dropFirst(4))
  }

  /// The conditions printed with the node, in the order in which PostgreSQL prints them.
  public static let conditionKeys: [PlanKey] = [
    .indexCond, .recheckCond, .tidCond, .hashCond, .mergeCond, .joinFilter, .oneTimeFilter, .runCondition, .orderBy,
    .conflictFilter, .filter,
  ]

  /// Calls `body` for the node and every node below it, parents before children.
  public func walk(_ body: (PlanNode) throws -> Void) rethrows {
    try body(self)
    for child in children { try child.walk(body) }
  }

  /// Nodes of the tree.
  public var count: Int { children.reduce(1) { $0 + $1.count } }

  // MARK: Building

  mutating func set(_ key: PlanKey, text: String) {
    switch key {
    case .nodeType: type = NodeType(text)
    case .parentRelationship: relationship = Relationship(rawValue: text) ?? .child
    case .subplanName: subplanName = text
    case .relationName: relation = text
    case .schema: schema = text
    case .alias: alias = text
    case .indexName: index = text
    case .joinType: joinType = text
    case .strategy: strategy = text
    case .partialMode: partialMode = text == "Simple" ? nil : text
    case .operation: operation = text
    case .scanDirection: if text == "Backward" { flags.insert(.backward) }
    default: measures.put(key, .text(text))
    }
  }

  mutating func set(_ key: PlanKey, number: Double) {
    switch key {
    case .startupCost: withEstimate { $0.startupCost = number }
    case .totalCost: withEstimate { $0.totalCost = number }
    case .planRows: withEstimate { $0.rows = number }
    case .planWidth: withEstimate { $0.width = number }
    default: measures.set(key, number: number)
    }
  }

  mutating func set(_ key: PlanKey, flag: Bool) {
    guard flag else { return }
    switch key {
    case .parallelAware: flags.insert(.parallelAware)
    case .asyncCapable: flags.insert(.asyncCapable)
    case .disabled: flags.insert(.disabled)
    case .innerUnique: flags.insert(.innerUnique)
    case .singleCopy: flags.insert(.singleCopy)
    default: measures.unknown.append(UnknownProperty(name: key.name, value: "true"))
    }
  }

  mutating func set(_ key: PlanKey, list: [String]) { measures.put(key, .list(list)) }

  private mutating func withEstimate(_ change: (inout Estimate) -> Void) {
    var value = estimate ?? Estimate()
    change(&value)
    estimate = value
  }

  /// What holds in every format once a node is complete: a node that never ran took no time.
  mutating func normalise() {
    if var actual = measures.actual, actual.loops == 0 {
      actual.startup = nil
      actual.total = nil
      actual.rows = 0
      measures.actual = actual
    }
  }

  /// Adds what a document says of a worker to what it said of it before: PostgreSQL 12 prints the list twice.
  mutating func add(worker: PlanWorker) {
    guard let place = workers.firstIndex(where: { $0.number == worker.number }) else {
      workers.append(worker)
      return
    }
    for property in worker.measures.properties { workers[place].measures.put(property.key, property.value) }
    if let actual = worker.measures.actual { workers[place].measures.actual = actual }
    if !worker.measures.buffers.isZero { workers[place].measures.buffers = worker.measures.buffers }
    workers[place].measures.unknown += worker.measures.unknown
  }
}

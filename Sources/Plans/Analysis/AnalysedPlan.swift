/// A plan with what only the whole tree tells of each node: time of its own, workers, rows over all executions.
///
/// Nodes are numbered in the order of the document, parents before children.
public struct AnalysedPlan: Sendable {
  public struct Node: Sendable {
    public var index: Int
    public var parent: Int?
    /// Places among the children from the root on: `0.1.0`; empty for the root.
    public var path: String
    public var depth: Int
    public var node: PlanNode
    public var children: [Int]
    /// Processes that ran the node side by side, the leader included; 1 outside of parallel sections.
    public var processes: Double
    /// Milliseconds of wall-clock time from the first to the last row, over all executions, with all that ran below;
    /// nil where the plan was not timed.
    public var inclusive: Double?
    /// Milliseconds of the node's own work; nil where the plan was not timed.
    public var exclusive: Double?
    /// Rows over all executions and processes. Before PostgreSQL 18 the plan prints a rounded average for each
    /// execution, so the sum is known only to half a row for each.
    public var rows: RowInterval
    /// Whether the node stands below a LIMIT, or in another place that may stop it early, without anything between that
    /// reads it to its end.
    public var mayStopEarly: Bool
    /// Executions of which rows were counted, 1 where the plan was not executed.
    public var loops: Double { node.loops }
  }

  public let plan: Plan
  public let nodes: [Node]

  public init(_ plan: Plan) {
    self.plan = plan
    var builder = Builder(plan: plan)
    builder.add(plan.root, parent: nil, path: "", depth: 0, processes: 1, mayStopEarly: false)
    builder.computeTimes()
    nodes = builder.nodes
  }

  public var root: Node { nodes[0] }
  public func parent(of node: Node) -> Node? { node.parent.map { nodes[$0] } }
  public func children(of node: Node) -> [Node] { node.children.map { nodes[$0] } }
  /// The node's nearest ancestor of one of the types.
  public func ancestor(of node: Node, _ types: Set<NodeType>) -> Node? {
    var next = node.parent
    while let index = next {
      if types.contains(nodes[index].node.type) { return nodes[index] }
      next = nodes[index].parent
    }
    return nil
  }
  /// All nodes below a node, in the order of the document.
  public func descendants(of node: Node) -> ArraySlice<Node> {
    var end = node.index + 1
    while end < nodes.count, nodes[end].depth > node.depth { end += 1 }
    return nodes[(node.index + 1)..<end]
  }

  /// The whole execution in milliseconds; nil where it was not timed.
  public var totalMilliseconds: Double? { plan.executionMilliseconds }
}

/// A number of rows known to lie between two bounds.
public struct RowInterval: Hashable, Sendable {
  public var low: Double
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  public init(_ exact: Double) { self.init(low: exact, high: exact) }

  /// The sum over `loops` executions of an average printed as `average`.
  public init(average: Double, loops: Double, hasFractions: Bool) {
    let slack = loops <= 1 ? 0 : (hasFractions ? 0.005 : 0.5) * loops
    self.init(low: max(0, average * loops - slack), high: average * loops + slack)
  }

  public var middle: Double { (low + high) / 2 }
  public var isExact: Bool { low == high }
}

extension AnalysedPlan {
  /// The arithmetic is pev2's (src/services/plan-service.ts), with two refinements: the processes of a parallel section
  /// are counted from the loops below its Gather rather than taken as planned, and what an InitPlan took is subtracted
  /// at the node that asked for it.
  private struct Builder {
    let plan: Plan
    var nodes: [Node] = []

    @discardableResult
    mutating func add(
      _ node: PlanNode, parent: Int?, path: String, depth: Int, processes: Double, mayStopEarly: Bool
    ) -> Int {
      let index = nodes.count
      var own = Node(
        index: index, parent: parent, path: path, depth: depth, node: node, children: [], processes: processes,
        inclusive: nil, exclusive: nil, rows: RowInterval(0), mayStopEarly: mayStopEarly)
      own.node.children = []
      if let actual = node.actual {
        own.rows = RowInterval(average: actual.rows, loops: actual.loops, hasFractions: plan.hasFractionalRows)
        own.inclusive = actual.loops == 0 ? 0 : actual.total.map { $0 * actual.loops / processes }
      }
      nodes.append(own)
      let isGather = node.type == .gather || node.type == .gatherMerge
      for (place, child) in node.children.enumerated() {
        var below = processes
        if isGather, child.relationship != .initPlan, let loops = child.actual?.loops, node.loops > 0 {
          // The leader may not take part, and fewer workers may come than were planned.
          let launched = node.number(.workersLaunched) + 1
          below = min(max(1, loops / node.loops), max(1, launched))
        } else if child.relationship == .initPlan {
          below = 1
        }
        let childIndex = add(
          child, parent: index, path: path.isEmpty ? "\(place)" : "\(path).\(place)", depth: depth + 1,
          processes: below, mayStopEarly: Self.stopsEarly(child, below: node, inherited: mayStopEarly))
        nodes[index].children.append(childIndex)
      }
      return index
    }

    /// Whether `parent` may stop asking `child` for rows before the last one.
    private static func stopsEarly(_ child: PlanNode, below parent: PlanNode, inherited: Bool) -> Bool {
      switch child.relationship {
      case .initPlan:
        // A scalar InitPlan is asked for one row (and for a second one, to see that there is none).
        return child.cteDefinition != nil ? inherited : false
      case .subPlan: return true
      default: break
      }
      switch parent.type {
      case .limit: return true
      // These read their input to the end whatever is above them.
      case .sort, .hash, .bitmapHeapScan, .bitmapAnd, .bitmapOr, .modifyTable: return false
      case .aggregate: return parent.strategy == "Sorted" ? inherited : false
      case .setOp: return parent.strategy == "Hashed" ? false : inherited
      case .hashJoin, .nestedLoop, .mergeJoin:
        if parent.type == .hashJoin, child.relationship == .inner { return false }
        // The inner side of a semi, anti or unique join stops at the first match; a merge stops at the shorter side's
        // end.
        if parent.type == .mergeJoin { return true }
        let stopsAtMatch =
          parent.joinType == "Semi" || parent.joinType == "Anti" || parent.flags.contains(.innerUnique)
        return inherited || (child.relationship == .inner && stopsAtMatch)
      default: return inherited
      }
    }

    mutating func computeTimes() {
      guard plan.isTimed else { return }
      for index in nodes.indices {
        var own = nodes[index].inclusive ?? 0
        for child in nodes[index].children where nodes[child].node.relationship != .initPlan {
          own -= nodes[child].inclusive ?? 0
        }
        nodes[index].exclusive = own
      }
      var references: PlanReferences?
      for index in nodes.indices where nodes[index].node.relationship == .initPlan {
        let time = nodes[index].inclusive ?? 0
        guard time > 0 else { continue }
        if let name = nodes[index].node.cteDefinition {
          subtract(time, fromScansOf: name)
        } else {
          let known = references ?? PlanReferences(nodes)
          references = known
          subtract(time, fromReferencesTo: index, known)
        }
      }
      for index in nodes.indices { nodes[index].exclusive = max(0, nodes[index].exclusive ?? 0) }
    }

    /// A CTE is computed as its scans ask for rows: each scan's time holds a part of it. Which part is not printed, so
    /// it is shared out by the scans' own times.
    private mutating func subtract(_ time: Double, fromScansOf name: String) {
      let scans = nodes.indices.filter {
        nodes[$0].node.type == .cteScan && nodes[$0].node.text(.cteName) == name && nodes[$0].node.loops > 0
      }
      let sum = scans.reduce(0) { $0 + max(0, nodes[$1].exclusive ?? 0) }
      guard sum > 0 else { return }
      for scan in scans {
        let own = max(0, nodes[scan].exclusive ?? 0)
        nodes[scan].exclusive = own - time * own / sum
      }
    }

    /// An InitPlan is computed when a node first needs its value: the node that mentions it, or, where none does in
    /// what is printed, the node that it hangs on.
    private mutating func subtract(_ time: Double, fromReferencesTo plan: Int, _ references: PlanReferences) {
      let mentioning = references.nodes(mentioning: Self.marks(nodes[plan].node.subplanName ?? ""), except: plan)
      let holder = mentioning.max { (nodes[$0].exclusive ?? 0) < (nodes[$1].exclusive ?? 0) } ?? nodes[plan].parent
      if let holder { nodes[holder].exclusive = (nodes[holder].exclusive ?? 0) - time }
    }

    /// How expressions name the plan: `$0` (to 16), `(InitPlan 1).col1` (from 17).
    private static func marks(_ name: String) -> [String] {
      var marks: [String] = []
      if let open = name.firstRange(of: "(returns "), name.hasSuffix(")") {
        marks += name[open.upperBound...].dropLast().split(separator: ",").map {
          String($0.drop { $0 == " " })
        }
        marks.append("(" + name[..<open.lowerBound].dropLast() + ").")
      } else {
        marks.append("(" + name + ").")
      }
      return marks
    }
  }
}

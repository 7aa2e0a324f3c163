import Findings

/// What changed from one plan of a statement to another: nodes that are alike are put side by side, the others are
/// gone or new.
public struct PlanDifference: Sendable {
  public enum Kind: Hashable, Sendable {
    case same
    /// The same place in the plan, done in another way; says how.
    case changed([String])
    case removed
    case added
  }

  public struct Row: Sendable {
    public var kind: Kind
    public var depth: Int
    /// Node of the first plan; nil where it is new.
    public var before: AnalysedPlan.Node?
    /// Node of the second plan; nil where it is gone.
    public var after: AnalysedPlan.Node?
  }

  public let before: AnalysedPlan
  public let after: AnalysedPlan
  public let rows: [Row]
  /// Settings that differ, as `name: old → new`, sorted.
  public let settings: [String]

  /// - Complexity: O(n·m) pairs of nodes at most, each with its children aligned.
  public init(_ before: Plan, _ after: Plan) {
    let (a, b) = (AnalysedPlan(before), AnalysedPlan(after))
    self.before = a
    self.after = b
    var matcher = Matcher(before: a, after: b)
    matcher.pair(0, 0, depth: 0)
    rows = matcher.rows
    let old = Dictionary(before.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    let new = Dictionary(after.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    settings = Set(old.keys).union(new.keys).sorted().compactMap { name in
      old[name] == new[name] ? nil : "\(name): \(old[name] ?? "default") → \(new[name] ?? "default")"
    }
  }

  public var isSameShape: Bool { before.plan.shape == after.plan.shape }

  private struct Matcher {
    let before: AnalysedPlan
    let after: AnalysedPlan
    var rows: [Row] = []

    init(before: AnalysedPlan, after: AnalysedPlan) {
      self.before = before
      self.after = after
    }

    /// Puts two nodes side by side, or, where one of them was wrapped around the other's equal, the equals.
    mutating func pair(_ a: Int, _ b: Int, depth: Int) {
      let (x, y) = (before.nodes[a].node, after.nodes[b].node)
      if !Self.isAlike(x, y) {
        if let inner = chain(from: b, in: after, to: x) {
          return wrap(added: b, until: inner, a: a, depth: depth)
        }
        if let inner = chain(from: a, in: before, to: y) {
          return wrap(removed: a, until: inner, b: b, depth: depth)
        }
      }
      let changes = Self.changes(x, y)
      rows.append(
        Row(
          kind: changes.isEmpty ? .same : .changed(changes), depth: depth, before: before.nodes[a],
          after: after.nodes[b]))
      align(before.nodes[a].children, after.nodes[b].children, depth: depth + 1)
    }

    /// The first node like `wanted` on the path of first children below `start`; nil where there is none.
    private func chain(from start: Int, in plan: AnalysedPlan, to wanted: PlanNode) -> Int? {
      var at = start
      for _ in 0..<6 {
        guard let next = plan.nodes[at].children.first(where: { plan.nodes[$0].node.relationship != .initPlan }) else {
          return nil
        }
        at = next
        if Self.isAlike(plan.nodes[at].node, wanted) { return at }
      }
      return nil
    }

    private mutating func wrap(added start: Int, until inner: Int, a: Int, depth: Int) {
      var (at, depth) = (start, depth)
      while at != inner {
        rows.append(Row(kind: .added, depth: depth, before: nil, after: after.nodes[at]))
        depth += 1
        guard let next = after.nodes[at].children.first(where: { after.nodes[$0].node.relationship != .initPlan })
        else {
          return
        }
        for other in after.nodes[at].children where other != next { add(other, depth: depth) }
        at = next
      }
      pair(a, inner, depth: depth)
    }

    private mutating func wrap(removed start: Int, until inner: Int, b: Int, depth: Int) {
      var (at, depth) = (start, depth)
      while at != inner {
        rows.append(Row(kind: .removed, depth: depth, before: before.nodes[at], after: nil))
        depth += 1
        guard let next = before.nodes[at].children.first(where: { before.nodes[$0].node.relationship != .initPlan })
        else { return }
        for other in before.nodes[at].children where other != next { remove(other, depth: depth) }
        at = next
      }
      pair(inner, b, depth: depth)
    }

    private mutating func add(_ index: Int, depth: Int) {
      rows.append(Row(kind: .added, depth: depth, before: nil, after: after.nodes[index]))
      for child in after.nodes[index].children { add(child, depth: depth + 1) }
    }

    private mutating func remove(_ index: Int, depth: Int) {
      rows.append(Row(kind: .removed, depth: depth, before: before.nodes[index], after: nil))
      for child in before.nodes[index].children { remove(child, depth: depth + 1) }
    }

    /// Pairs children by how much of what they read is the same, best pairs first, each child once.
    private mutating func align(_ a: [Int], _ b: [Int], depth: Int) {
      var pairs: [(a: Int, b: Int, score: Double)] = []
      for (i, x) in a.enumerated() {
        for (j, y) in b.enumerated() {
          var score = similarity(x, y)
          // Children in the same place are a pair when nothing else decides.
          if i == j { score += 0.05 }
          pairs.append((i, j, score))
        }
      }
      pairs.sort { ($1.score, $0.a, $0.b) < ($0.score, $1.a, $1.b) }
      var partner: [Int: Int] = [:]
      var taken: Set<Int> = []
      for pair in pairs where partner[pair.a] == nil && !taken.contains(pair.b) && pair.score > 0 {
        partner[pair.a] = pair.b
        taken.insert(pair.b)
      }
      for (i, x) in a.enumerated() where partner[i] == nil { remove(x, depth: depth) }
      for (j, y) in b.enumerated() {
        if let i = partner.first(where: { $0.value == j })?.key {
          pair(a[i], y, depth: depth)
        } else {
          add(y, depth: depth)
        }
      }
    }

    /// Share of the relations and node types below two nodes that both have, 0 to 1.
    private func similarity(_ a: Int, _ b: Int) -> Double {
      func features(_ plan: AnalysedPlan, _ index: Int) -> [String] {
        let node = plan.nodes[index]
        return ([node] + plan.descendants(of: node)).flatMap { node -> [String] in
          let target = node.node.partitionParent ?? node.node.relation ?? node.node.text(.cteName)
          return [node.node.type.name] + (target.map { ["on " + $0, "on " + $0] } ?? [])
        }.sorted()
      }
      let (x, y) = (features(before, a), features(after, b))
      var (i, j, common) = (0, 0, 0)
      while i < x.count, j < y.count {
        if x[i] == y[j] { (i, j, common) = (i + 1, j + 1, common + 1) } else if x[i] < y[j] { i += 1 } else { j += 1 }
      }
      return Double(2 * common) / Double(max(1, x.count + y.count))
    }

    /// Whether two nodes do the same job: read the same table, join, sort, aggregate.
    static func isAlike(_ a: PlanNode, _ b: PlanNode) -> Bool {
      job(a) == job(b) && (a.partitionParent ?? a.relation) == (b.partitionParent ?? b.relation)
    }

    private static func job(_ node: PlanNode) -> String {
      switch node.type {
      case .seqScan, .indexScan, .indexOnlyScan, .bitmapHeapScan, .tidScan, .tidRangeScan, .sampleScan: "scan"
      case .hashJoin, .mergeJoin, .nestedLoop: "join"
      case .sort, .incrementalSort: "sort"
      case .gather, .gatherMerge: "gather"
      case .append, .mergeAppend: "append"
      case .aggregate, .group: "aggregate" + (node.partialMode ?? "")
      default: node.type.name
      }
    }

    static func changes(_ a: PlanNode, _ b: PlanNode) -> [String] {
      var changes: [String] = []
      let (x, y) = (NodeText.kind(a), NodeText.kind(b))
      if x != y { changes.append("\(x) → \(y)") }
      if a.index != b.index { changes.append("index \(a.index ?? "none") → \(b.index ?? "none")") }
      if (a.partitionParent ?? a.relation) != (b.partitionParent ?? b.relation) {
        changes.append("table \(a.relation ?? "none") → \(b.relation ?? "none")")
      }
      if a.flags.contains(.parallelAware) != b.flags.contains(.parallelAware) {
        changes.append(b.flags.contains(.parallelAware) ? "now parallel" : "no longer parallel")
      }
      if a.flags.contains(.backward) != b.flags.contains(.backward) { changes.append("direction") }
      for key in PlanNode.conditionKeys {
        let (old, new) = (a.text(key).map(ExpressionText.withoutValues), b.text(key).map(ExpressionText.withoutValues))
        if old != new { changes.append("\(key.name) \(old ?? "none") → \(new ?? "none")") }
      }
      for key in [PlanKey.sortKey, .groupKey] where a.list(key) != b.list(key) {
        changes.append("\(key.name) changed")
      }
      let (onDisk, nowOnDisk) = (SortOnDisk.diskKilobytes(a) > 0, SortOnDisk.diskKilobytes(b) > 0)
      if onDisk != nowOnDisk { changes.append(nowOnDisk ? "sort now on disk" : "sort no longer on disk") }
      let (batches, nowBatches) = (a.number(.hashBatches), b.number(.hashBatches))
      if max(1, batches) != max(1, nowBatches) {
        changes.append("batches \(Figures.count(max(1, batches))) → \(Figures.count(max(1, nowBatches)))")
      }
      return changes
    }
  }
}

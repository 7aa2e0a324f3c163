import Findings

/// What makes two plans the same plan: nodes, join and aggregation methods, relations and indexes, and which kinds of
/// conditions stand where. Costs, rows, times, literals, aliases and settings do not count; nor does how many
/// partitions of a table were left after pruning, so that a plan keeps its shape from month to month.
extension Plan {
  /// A stable hash of the shape: the same on every machine and in every release of pgassay.
  ///
  /// - Complexity: O(nodes).
  public var shape: UInt64 { root.shape }
}

extension PlanNode {
  /// The hash of the shape of the node and all below it.
  public var shape: UInt64 {
    var hash = StableHash()
    hash.combine(type.name)
    hash.combine(relationship?.rawValue ?? "")
    hash.combine(joinType ?? "")
    hash.combine(strategy ?? "")
    hash.combine(partialMode ?? "")
    hash.combine(operation ?? "")
    hash.combine(text(.command) ?? "")
    hash.combine(cteDefinition ?? text(.cteName) ?? "")
    hash.combine(text(.functionName) ?? "")
    let parent = partitionParent
    hash.combine(parent ?? relation ?? "")
    hash.combine(Self.indexName(index, relation: relation, parent: parent) ?? "")
    hash.combine(flags.contains(.parallelAware) ? 1 : 0)
    hash.combine(flags.contains(.backward) ? 1 : 0)
    for key in Self.conditionKeys where text(key) != nil { hash.combine(Int(key.rawValue)) }
    var previous: Set<UInt64> = []
    let collapses = type == .append || type == .mergeAppend
    for child in children {
      let shape = child.shape
      // Partitions that are read alike count once.
      if collapses, !previous.insert(shape).inserted { continue }
      hash.combine(Int(bitPattern: UInt(shape)))
    }
    return hash.value
  }

  /// The partitioned table that the relation seems to be a partition of; nil where it does not look like one.
  ///
  /// A plan names a partition by its own name but gives it the parent's name as alias (`orders_2026_03 orders_1`), so
  /// a relation whose name is its alias (without a trailing number) with an underscore and something with a digit, or
  /// `_default`, behind it is taken for a partition.
  public var partitionParent: String? {
    guard let relation, var base = alias.map({ $0[...] }), relation != alias else { return nil }
    let digits = base.reversed().prefix { $0.isASCII && $0.isNumber }.count
    if digits > 0, base.dropLast(digits).hasSuffix("_") { base = base.dropLast(digits + 1) }
    guard !base.isEmpty, relation.hasPrefix(base) else { return nil }
    let rest = relation.dropFirst(base.count)
    guard rest.hasPrefix("_") else { return nil }
    let isPart = rest == "_default" || rest.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return isPart ? String(base) : nil
  }

  /// An index of a partition under the name that the parent's would have.
  private static func indexName(_ index: String?, relation: String?, parent: String?) -> String? {
    guard let index, let relation, let parent, index.hasPrefix(relation) else { return index }
    return parent + index.dropFirst(relation.count)
  }
}

import Model

/// A node in one line, as the text format would head it.
public enum NodeText {
  /// `Parallel Index Scan Backward using i on orders o`, `Hash Left Join`, `Partial HashAggregate`. No values.
  public static func line(_ node: PlanNode) -> String {
    var text = ""
    if let name = node.subplanName { text += name + ": " }
    if node.flags.contains(.parallelAware) { text += "Parallel " }
    if node.flags.contains(.asyncCapable) { text += "Async " }
    text += kind(node)
    if node.flags.contains(.backward) { text += " Backward" }
    if let index = node.index {
      text += (node.type == .bitmapIndexScan ? " on " : " using ") + SQLSpelling.identifier(index)
    }
    if let target = target(node) { text += " on " + target }
    return text
  }

  /// What the node does, without its target.
  public static func kind(_ node: PlanNode) -> String {
    switch node.type {
    case .aggregate:
      let name =
        switch node.strategy {
        case "Sorted": "GroupAggregate"
        case "Hashed": "HashAggregate"
        case "Mixed": "MixedAggregate"
        default: "Aggregate"
        }
      return (node.partialMode.map { $0 + " " } ?? "") + name
    case .modifyTable: return node.operation ?? node.type.name
    case .foreignScan:
      return node.operation.map { $0 == "Select" ? "Foreign Scan" : "Foreign " + $0 } ?? node.type.name
    case .setOp:
      return (node.strategy == "Hashed" ? "HashSetOp" : "SetOp") + (node.text(.command).map { " " + $0 } ?? "")
    case .customScan: return "Custom Scan" + (node.text(.customPlanProvider).map { " (\($0))" } ?? "")
    case .nestedLoop: return "Nested Loop" + (node.joinType.flatMap { $0 == "Inner" ? nil : " \($0) Join" } ?? "")
    case .hashJoin, .mergeJoin:
      let method = node.type == .hashJoin ? "Hash" : "Merge"
      return method + (node.joinType.flatMap { $0 == "Inner" ? nil : " \($0)" } ?? "") + " Join"
    default: return node.type.name
    }
  }

  /// `orders o`, `public.orders`, `recent`; nil where the node has no target.
  public static func target(_ node: PlanNode) -> String? {
    let name = node.relation ?? node.text(.cteName) ?? node.text(.functionName) ?? node.text(.tableFunctionName)
    guard let name = name ?? node.text(.tuplestoreName) else {
      return node.type == .bitmapIndexScan ? nil : node.alias.map(SQLSpelling.identifier)
    }
    var text = node.schema.map { SQLSpelling.identifier($0) + "." } ?? ""
    text += SQLSpelling.identifier(name)
    if let alias = node.alias, alias != name { text += " " + SQLSpelling.identifier(alias) }
    return text
  }

  /// The relation as SQL, with its schema where the plan names it.
  public static func relation(_ node: PlanNode) -> String? {
    node.relation.map { (node.schema.map { SQLSpelling.identifier($0) + "." } ?? "") + SQLSpelling.identifier($0) }
  }
}

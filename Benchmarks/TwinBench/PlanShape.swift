import Foundation

/// What a plan does, apart from its numbers: nodes, relations, indexes, join types, in order.
struct PlanShape: CustomStringConvertible {
  var description: String
  var cost: Double

  /// - Parameter names: the label of an index by the name that the plan gives it.
  init?(_ document: String, names: (String) -> String) {
    guard let list = try? JSONSerialization.jsonObject(with: Data(document.utf8)) as? [[String: Any]],
      let plan = list.first?["Plan"] as? [String: Any], let cost = plan["Total Cost"] as? Double
    else { return nil }
    self.cost = cost
    description = Self.describe(plan, names)
  }

  private static func describe(_ node: [String: Any], _ names: (String) -> String) -> String {
    var text = node["Node Type"] as? String ?? "?"
    for key in ["Join Type", "Strategy", "Partial Mode", "Scan Direction", "Operation", "Parent Relationship", "Alias"]
    {
      if let value = node[key] as? String { text += " " + value }
    }
    if let index = node["Index Name"] as? String { text += " using " + names(index) }
    if let keys = node["Sort Key"] as? [String] { text += " by " + keys.joined(separator: ",") }
    let children = (node["Plans"] as? [[String: Any]] ?? []).map { describe($0, names) }
    return children.isEmpty ? text : text + "(" + children.joined(separator: "; ") + ")"
  }
}

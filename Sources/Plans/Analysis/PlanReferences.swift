/// Which nodes' expressions name which InitPlans: `$0`, `(InitPlan 1).col1`. One pass over the texts, however many
/// InitPlans there are.
struct PlanReferences {
  /// Nodes in ascending order by what they mention.
  private var nodes: [String: [Int]] = [:]

  /// - Complexity: O(bytes of the executed nodes' expressions)
  init(_ all: [AnalysedPlan.Node]) {
    for (index, node) in all.enumerated() where node.node.loops > 0 {
      for property in node.node.measures.properties {
        switch property.value {
        case .text(let text): collect(text, index)
        case .list(let list): for text in list { collect(text, index) }
        case .number: break
        }
      }
    }
  }

  func nodes(mentioning marks: [String], except node: Int) -> [Int] {
    Set(marks.flatMap { nodes[$0] ?? [] }).subtracting([node]).sorted()
  }

  private mutating func collect(_ text: String, _ node: Int) {
    let bytes = text.utf8
    var open: String.Index?
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let byte = bytes[at]
      let next = bytes.index(after: at)
      switch byte {
      case UInt8(ascii: "$"):
        let end = bytes[next...].firstIndex { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? bytes.endIndex
        if end > next { add(text[at..<end], node) }
      case UInt8(ascii: "("): open = at
      case UInt8(ascii: ")"):
        if let start = open, next < bytes.endIndex, bytes[next] == UInt8(ascii: ".") {
          add(text[start..<bytes.index(after: next)], node)
        }
        open = nil
      default: break
      }
      at = next
    }
  }

  private mutating func add(_ mark: Substring, _ node: Int) {
    let key = String(mark)
    if nodes[key]?.last != node { nodes[key, default: []].append(node) }
  }
}

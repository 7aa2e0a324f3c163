import Findings

/// A plan as a compact tree: one line for each node, with what it took and gave.
///
/// ```
///  own ms    %     rows  expected    blocks  node
///    0.01    0       10        10         -  Limit
///   31.40   41      10   ×20,000          5  └─ Sort by created DESC  (top-N heapsort)
///   45.20   59  200,000   200,000     4,051     └─ Seq Scan on orders  [1]
/// ```
public struct PlanTree: Sendable {
  /// A line of the tree.
  public struct Row: Sendable {
    /// The lines that show whose child it is: `│  └─ `.
    public var branch: String
    public var title: String
    /// Conditions, keys and methods, without values unless they were asked for.
    public var detail: String
    /// Numbers of the findings about the node, counted from 1.
    public var findings: [Int]
    public var node: AnalysedPlan.Node
  }

  public let plan: AnalysedPlan
  public let rows: [Row]

  /// - Parameters:
  ///   - marks: for a node's path (empty for the root) the numbers of the findings about it.
  ///   - showsValues: whether literals in conditions are shown.
  public init(_ plan: AnalysedPlan, marks: [String: [Int]] = [:], showsValues: Bool = false) {
    self.plan = plan
    var rows: [Row] = []
    func add(_ index: Int, branch: String, below: String) {
      let node = plan.nodes[index]
      rows.append(
        Row(
          branch: branch, title: NodeText.line(node.node),
          detail: Self.detail(node.node, showsValues: showsValues), findings: marks[node.path] ?? [], node: node))
      for (place, child) in node.children.enumerated() {
        let isLast = place == node.children.count - 1
        add(child, branch: below + (isLast ? "└─ " : "├─ "), below: below + (isLast ? "   " : "│  "))
      }
    }
    add(0, branch: "", below: "")
    self.rows = rows
  }

  private static func detail(_ node: PlanNode, showsValues: Bool) -> String {
    func shown(_ text: String) -> String {
      let text = showsValues ? text : ExpressionText.withoutValues(text)
      return text.split(whereSeparator: { $0.isNewline }).joined(separator: " ")
    }
    var parts: [String] = []
    for (key, word) in [(PlanKey.sortKey, "by"), (.groupKey, "by")] {
      let list = node.list(key)
      if !list.isEmpty { parts.append(word + " " + list.map(shown).joined(separator: ", ")) }
    }
    if let key = node.text(.cacheKey) { parts.append("by " + shown(key)) }
    for key in PlanNode.conditionKeys where key != .recheckCond {
      if let text = node.text(key) { parts.append(key.name.lowercased() + " " + shown(text)) }
    }
    if let method = node.text(.sortMethod) {
      parts.append(method + (node.text(.sortSpaceType) == "Disk" ? " on disk" : ""))
    }
    if node.number(.hashBatches) > 1 { parts.append("\(Figures.count(node.number(.hashBatches))) batches") }
    let removed = node.number(.rowsRemovedByFilter) + node.number(.rowsRemovedByJoinFilter)
    if removed > 0 { parts.append("\(Figures.count(removed * node.loops)) removed") }
    if node.number(.heapFetches) > 0 { parts.append("\(Figures.count(node.number(.heapFetches))) heap fetches") }
    if node.number(.workersPlanned) > 0 {
      parts.append(
        "\(Figures.count(node.number(.workersLaunched)))/\(Figures.count(node.number(.workersPlanned))) workers")
    }
    if node.isNeverExecuted { parts.append("never executed") }
    if node.flags.contains(.disabled) { parts.append("disabled") }
    return parts.joined(separator: "; ")
  }

  // MARK: Text

  /// The tree as lines of at most `width` columns (nil: as long as they are), each ended by a newline.
  public func text(width: Int? = nil) -> String {
    let isTimed = plan.plan.isTimed
    let isExecuted = plan.plan.isExecuted
    let total = plan.totalMilliseconds ?? 0
    var columns: [(title: String, cells: [String])] = []
    if isTimed {
      columns.append(("own ms", rows.map { $0.node.exclusive.map { Figures.decimals($0, $0 < 100 ? 2 : 0) } ?? "" }))
      columns.append(
        ("%", rows.map { row in total > 0 ? Figures.count(100 * (row.node.exclusive ?? 0) / total) : "" }))
    } else {
      columns.append(
        ("cost", rows.map { $0.node.node.estimate.map { Figures.decimals($0.totalCost, 2) } ?? "" }))
    }
    if isExecuted {
      columns.append(("rows", rows.map { $0.node.loops == 0 ? "–" : Figures.count($0.node.rows.middle) }))
    }
    columns.append(("expected", rows.map { Self.expected($0.node, isExecuted: isExecuted) }))
    if isExecuted, rows.contains(where: { $0.node.loops > 1 }) {
      columns.append(("loops", rows.map { $0.node.loops == 1 ? "" : Figures.count($0.node.loops) }))
    }
    if rows.contains(where: { $0.node.node.buffers.touched > 0 }) {
      columns.append(("blocks", rows.map { Self.ownBlocks($0.node, plan) }))
    }
    var lines = [String](repeating: "", count: rows.count + 1)
    for (title, cells) in columns {
      let width = max(title.count, cells.map(\.count).max() ?? 0)
      for (line, cell) in ([title] + cells).enumerated() {
        lines[line] += String(repeating: " ", count: width - cell.count) + cell + "  "
      }
    }
    lines[0] += "node"
    for (index, row) in rows.enumerated() {
      var text = row.branch + row.title
      if !row.findings.isEmpty { text += " [" + row.findings.map(String.init).joined(separator: ",") + "]" }
      if !row.detail.isEmpty { text += "  " + row.detail }
      lines[index + 1] += text
    }
    return lines.map { line in
      guard let width, line.count > width else { return line + "\n" }
      return line.prefix(max(1, width - 1)) + "…\n"
    }.joined()
  }

  /// The estimate over all executions, and how wrong it is where that is much.
  private static func expected(_ node: AnalysedPlan.Node, isExecuted: Bool) -> String {
    guard let estimate = node.node.estimate else { return "" }
    let text = Figures.count(estimate.rows * (isExecuted ? max(1, node.loops) : 1))
    guard isExecuted, let error = RowMisestimate.error(node), error.factor >= RowMisestimate.factor else { return text }
    return text + (error.isTooLow ? " ↑" : " ↓") + Figures.factor(error.factor)
  }

  /// Blocks that the node itself touched.
  private static func ownBlocks(_ node: AnalysedPlan.Node, _ plan: AnalysedPlan) -> String {
    let children = plan.children(of: node)
    let own = node.node.buffers.touched - children.reduce(0) { $0 + $1.node.buffers.touched }
    return own > 0 ? Figures.count(own) : ""
  }
}

/// Reads the first line of a node: `Parallel Index Scan Backward using i on s.t a  (cost=…) (actual …)`.
enum TextNodeHeader {
  /// What only the header says of numbers.
  struct Measures {
    var estimate: Estimate?
    var actual: Actual?
    var hasFractionalRows = false
  }

  /// Nil where the line names no node type, which only a line with measures may do (an extension's own node).
  static func parse(_ line: ArraySlice<UInt8>) -> (node: PlanNode, measures: Measures)? {
    let (name, measures) = split(TextScanner.trimmed(line))
    var node = PlanNode()
    var scanner = TextScanner(name)
    if scanner.take("Parallel ") { node.flags.insert(.parallelAware) }
    if scanner.take("Async ") { node.flags.insert(.asyncCapable) }
    guard type(&scanner, &node) else {
      guard measures.estimate != nil || measures.actual != nil, !scanner.isAtEnd else { return nil }
      node.type = NodeType(scanner.text)
      return (node, measures)
    }
    target(&scanner, &node)
    // A word more than a node has: not a node at all, unless it is measured like one.
    if !scanner.isAtEnd {
      guard measures.estimate != nil || measures.actual != nil else { return nil }
      node.measures.unknown.append(
        UnknownProperty(
          name: "Header", value: String(decoding: TextScanner.trimmed(scanner.rest), as: UTF8.self)))
    }
    return (node, measures)
  }

  // MARK: Measures

  private static func split(_ line: ArraySlice<UInt8>) -> (name: ArraySlice<UInt8>, measures: Measures) {
    var measures = Measures()
    var name = line
    if let at = TextScanner.lastIndex(of: "(never executed)", in: name), at + 16 == name.endIndex {
      measures.actual = Actual()
      name = TextScanner.trimmed(name[..<at])
    } else if let at = TextScanner.lastIndex(of: "(actual ", in: name),
      let (actual, isFractional) = actual(TextScanner(name[(at + 1)...]))
    {
      measures.actual = actual
      measures.hasFractionalRows = isFractional
      name = TextScanner.trimmed(name[..<at])
    }
    if let at = TextScanner.lastIndex(of: "(cost=", in: name), let estimate = estimate(TextScanner(name[at...])) {
      measures.estimate = estimate
      name = TextScanner.trimmed(name[..<at])
    }
    return (name, measures)
  }

  private static func estimate(_ scanner: TextScanner) -> Estimate? {
    var scanner = scanner
    var estimate = Estimate()
    guard scanner.take("(cost="), let startup = scanner.number(), scanner.take(".."), let total = scanner.number(),
      scanner.take(" rows="), let rows = scanner.number(), scanner.take(" width="), let width = scanner.number(),
      scanner.take(")")
    else { return nil }
    (estimate.startupCost, estimate.totalCost, estimate.rows, estimate.width) = (startup, total, rows, width)
    return estimate
  }

  /// `actual time=0.011..0.012 rows=1 loops=1`, of a node or a worker.
  static func actual(_ scanner: TextScanner) -> (actual: Actual, isFractional: Bool)? {
    var scanner = scanner
    guard scanner.take("actual ") else { return nil }
    var actual = Actual()
    if scanner.take("time=") {
      guard let startup = scanner.number(), scanner.take(".."), let total = scanner.number(), scanner.take(" ")
      else { return nil }
      (actual.startup, actual.total) = (startup, total)
    }
    guard scanner.take("rows=") else { return nil }
    let isFractional = scanner.rest.prefix { $0 != UInt8(ascii: " ") }.contains(UInt8(ascii: "."))
    guard let rows = scanner.number(), scanner.take(" loops="), let loops = scanner.number() else { return nil }
    (actual.rows, actual.loops) = (rows, loops)
    return (actual, isFractional)
  }

  // MARK: Type

  // The text names of nodes that the structured formats take apart, longest first where one begins another.
  private static let aggregates: [(word: String, strategy: String)] = [
    ("GroupAggregate", "Sorted"), ("HashAggregate", "Hashed"), ("MixedAggregate", "Mixed"), ("Aggregate", "Plain"),
  ]
  private static let joinKinds = ["Right Semi", "Right Anti", "Left", "Full", "Right", "Semi", "Anti"]
  private static let operations = ["Insert", "Update", "Delete", "Merge"]
  private static let plainTypes: [NodeType] = NodeType.known
    .filter { ![.aggregate, .modifyTable, .hashJoin, .mergeJoin, .nestedLoop, .setOp, .customScan].contains($0) }
    .sorted { $0.name.utf8.count > $1.name.utf8.count }

  private static func type(_ scanner: inout TextScanner, _ node: inout PlanNode) -> Bool {
    let start = scanner
    for (mode, prefix) in [("Partial", "Partial "), ("Finalize", "Finalize "), (nil, "")] as [(String?, String)] {
      scanner = start
      if mode == "Partial", !scanner.take("Partial ") { continue }
      if mode == "Finalize", !scanner.take("Finalize ") { continue }
      _ = prefix
      for (word, strategy) in aggregates where scanner.takeWord(word) {
        (node.type, node.strategy, node.partialMode) = (.aggregate, strategy, mode)
        return true
      }
    }
    scanner = start
    for operation in operations where scanner.takeWord(operation) {
      if scanner.starts(" on ") {
        (node.type, node.operation) = (.modifyTable, operation)
        return true
      }
      scanner = start
    }
    if scanner.take("Foreign ") {
      for operation in operations where scanner.takeWord(operation) {
        (node.type, node.operation) = (.foreignScan, operation)
        return true
      }
      scanner = start
    }
    for (type, word) in [(NodeType.nestedLoop, "Nested Loop"), (.mergeJoin, "Merge"), (.hashJoin, "Hash")] {
      guard scanner.takeWord(word) else { continue }
      for kind in joinKinds where scanner.takeWord(" " + kind + " Join") {
        (node.type, node.joinType) = (type, kind)
        return true
      }
      if type == .nestedLoop || scanner.takeWord(" Join") {
        (node.type, node.joinType) = (type, "Inner")
        return true
      }
      scanner = start
    }
    for (word, strategy) in [("HashSetOp", "Hashed"), ("SetOp", "Sorted")] where scanner.takeWord(word) {
      (node.type, node.strategy) = (.setOp, strategy)
      scanner.skipSpaces()
      node.set(.command, text: scanner.text)
      scanner.rest = []
      return true
    }
    if scanner.takeWord("Custom Scan") {
      node.type = .customScan
      if scanner.take(" ("), let end = scanner.rest.firstIndex(of: UInt8(ascii: ")")) {
        node.set(.customPlanProvider, text: String(decoding: scanner.rest[..<end], as: UTF8.self))
        scanner.rest = scanner.rest[(end + 1)...]
      }
      return true
    }
    for type in plainTypes where scanner.takeWord(type.name) {
      node.type = type
      if type == .foreignScan { node.operation = "Select" }
      return true
    }
    return false
  }

  // MARK: Target

  private static func target(_ scanner: inout TextScanner, _ node: inout PlanNode) {
    if scanner.take(" Backward") { node.flags.insert(.backward) }
    if scanner.take(" using ") { node.index = scanner.identifier() }
    guard scanner.take(" on ") else { return }
    if node.type == .bitmapIndexScan {
      node.index = scanner.identifier()
      return
    }
    guard var name = scanner.identifier() else { return }
    if scanner.take("."), let second = scanner.identifier() {
      node.schema = name
      name = second
    }
    var alias: String?
    if scanner.take(" ") { alias = scanner.identifier() }
    switch node.type {
    case .valuesScan, .subqueryScan:
      node.alias = name
      return
    case .cteScan, .workTableScan: node.set(.cteName, text: name)
    case .functionScan: node.set(.functionName, text: name)
    case .tableFunctionScan: node.set(.tableFunctionName, text: name)
    case .namedTuplestoreScan: node.set(.tuplestoreName, text: name)
    default: node.relation = name
    }
    node.alias = alias ?? name
  }
}

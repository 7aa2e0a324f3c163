import Model

/// Reads `FORMAT TEXT`: a line for each node, its properties indented below it, its children behind arrows.
///
/// Which node a line belongs to follows from the order of the lines and, for children, from the column of the arrow.
/// Lines that fit nothing continue the text of the line before (literals may hold newlines).
struct TextPlanParser {
  private struct Entry {
    var node: PlanNode
    var parent: Int?
    /// Column of the arrow or of the subplan's name; -1 for the root.
    var column: Int
    var ordinaryChildren = 0
  }
  private enum Section { case nodes, planning, jit, serialization }

  private let lines: [ArraySlice<UInt8>]
  private let firstLine: Int
  private var entries: [Entry] = []
  private var plan = Plan(root: PlanNode())
  private var section = Section.nodes
  private var pendingName: (name: String, column: Int)?
  /// Column and place in `workers` of the worker whose lines are being read.
  private var worker: (column: Int, place: Int)?
  private var lastText: PlanKey?
  static let depthLimit = 1_000

  /// - Parameter firstLine: the number of the first line in the user's file, for messages.
  init(lines: [ArraySlice<UInt8>], firstLine: Int = 1) {
    self.lines = lines
    self.firstLine = firstLine
  }

  mutating func plans() throws(PlanError) -> [Plan] {
    var at = 0
    var plans: [Plan] = []
    while let start = try preamble(from: at) {
      entries = []
      section = .nodes
      worker = nil
      pendingName = nil
      at = try tree(from: start)
      plan.root = assemble()
      plans.append(plan)
      plan = Plan(root: PlanNode())
    }
    return plans
  }

  /// Reads what stands above the tree; the line of the root, or nil where there is none.
  private mutating func preamble(from start: Int) throws(PlanError) -> Int? {
    var queryText: [ArraySlice<UInt8>]?
    for at in start..<lines.count {
      let content = TextScanner.trimmed(lines[at])
      if Self.isRoot(content) {
        if let queryText { plan.queryText = Self.join(queryText) }
        return at
      }
      if TextScanner.starts(content, "Query Text: ") {
        queryText = [content.dropFirst(12)]
      } else if TextScanner.starts(content, "Query Parameters: ") {
        plan.queryParameters = String(decoding: content.dropFirst(18), as: UTF8.self)
      } else if queryText != nil {
        queryText?.append(lines[at])
      }
    }
    return nil
  }

  private static func join(_ lines: [ArraySlice<UInt8>]) -> String {
    lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }

  /// The root of a plan is a node line without an arrow. A bare node name counts too (`COSTS OFF`).
  private static func isRoot(_ content: ArraySlice<UInt8>) -> Bool {
    guard let first = content.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return false }
    guard let header = TextNodeHeader.parse(content) else { return false }
    return header.measures.estimate != nil || header.measures.actual != nil || NodeType.known.contains(header.node.type)
  }

  private mutating func tree(from start: Int) throws(PlanError) -> Int {
    guard let root = TextNodeHeader.parse(TextScanner.trimmed(lines[start])) else { return start + 1 }
    let rootColumn = Self.indent(lines[start])
    add(root, column: -1, parent: nil)
    var at = start + 1
    while at < lines.count {
      let line = lines[at]
      let column = Self.indent(line)
      let content = TextScanner.trimmed(line)
      if hasOpenText {
        continueText(line)
      } else if content.isEmpty {
        // Nothing: between the tree and what an extension prints below it.
      } else if TextScanner.starts(content, "->") {
        try child(TextScanner.trimmed(content.dropFirst(2)), column: column, at: at)
      } else if column <= rootColumn, Self.isRoot(content) {
        return at
      } else if !summary(content, column: column, rootColumn: rootColumn) {
        property(content, column: column, line: line, next: at + 1 < lines.count ? lines[at + 1] : nil)
      }
      at += 1
    }
    return at
  }

  private static func indent(_ line: ArraySlice<UInt8>) -> Int {
    line.prefix { $0 == UInt8(ascii: " ") || $0 == 9 }.reduce(0) { $0 + ($1 == 9 ? 8 : 1) }
  }

  // MARK: Nodes

  private mutating func add(
    _ header: (node: PlanNode, measures: TextNodeHeader.Measures), column: Int, parent: Int?
  ) {
    var node = header.node
    node.estimate = header.measures.estimate
    node.measures.actual = header.measures.actual
    if header.measures.hasFractionalRows { plan.hasFractionalRows = true }
    entries.append(Entry(node: node, parent: parent, column: column))
    worker = nil
    lastText = nil
    section = .nodes
  }

  private mutating func child(_ content: ArraySlice<UInt8>, column: Int, at line: Int) throws(PlanError) {
    guard var header = TextNodeHeader.parse(content) else {
      throw PlanError(
        .malformed("no node type in \"" + String(decoding: content.prefix(60), as: UTF8.self) + "\""),
        line: firstLine + line)
    }
    let name = pendingName
    pendingName = nil
    let place = name?.column ?? column
    var parent = entries.count - 1
    var depth = 0
    while entries[parent].column >= place, let above = entries[parent].parent { parent = above }
    var up: Int? = parent
    while let index = up {
      depth += 1
      up = entries[index].parent
    }
    guard depth < Self.depthLimit else {
      throw PlanError(.malformed("plans are nested too deeply"), line: firstLine + line)
    }
    if let name {
      header.node.subplanName = name.name
      header.node.relationship = name.name.hasPrefix("SubPlan") ? .subPlan : .initPlan
    } else {
      header.node.relationship = relationship(ofChild: entries[parent].ordinaryChildren, of: entries[parent].node)
      entries[parent].ordinaryChildren += 1
    }
    add(header, column: place, parent: parent)
  }

  /// The text format does not print what a child is to its parent; the parent's type tells.
  private func relationship(ofChild place: Int, of parent: PlanNode) -> PlanNode.Relationship {
    switch parent.type {
    case .append, .mergeAppend, .bitmapAnd, .bitmapOr: .member
    case .subqueryScan: .subquery
    case .customScan: .child
    default: place == 0 ? .outer : .inner
    }
  }

  private func assemble() -> PlanNode {
    var nodes = entries.map(\.node)
    for index in nodes.indices.reversed() {
      nodes[index].normalise()
      nodes[index].completeText()
      // A node stands after its parent, so all its children have come by now, the last one first.
      nodes[index].children.reverse()
      if let parent = entries[index].parent { nodes[parent].children.append(nodes[index]) }
    }
    return nodes[0]
  }

  // MARK: Lines of a node

  private var current: Int { entries.count - 1 }

  /// Whether the last text stopped inside a literal.
  private var hasOpenText: Bool {
    guard section == .nodes, let key = lastText, let text = entries[current].node.text(key) else { return false }
    var quote: UInt8 = 0
    for byte in text.utf8 where byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      if quote == 0 { quote = byte } else if quote == byte { quote = 0 }
    }
    return quote == UInt8(ascii: "'")
  }

  private mutating func property(
    _ content: ArraySlice<UInt8>, column: Int, line: ArraySlice<UInt8>, next: ArraySlice<UInt8>?
  ) {
    if section != .nodes {
      sectionLine(content)
      return
    }
    if let open = worker, column <= open.column, !TextScanner.starts(content, "Worker ") { worker = nil }
    if TextScanner.starts(content, "Worker "), let colon = content.firstIndex(of: UInt8(ascii: ":")),
      let number = Int(String(decoding: content[(content.startIndex + 7)..<colon], as: UTF8.self))
    {
      entries[current].node.add(worker: PlanWorker(number: number))
      let place = entries[current].node.workers.firstIndex { $0.number == number } ?? 0
      worker = (column, place)
      workerLine(TextScanner.trimmed(content[(colon + 1)...]), place)
      return
    }
    if let worker {
      workerLine(content, worker.place)
      return
    }
    guard let colon = Self.colon(content) else {
      if entries[current].node.type == .modifyTable, let table = Self.targetTable(content) {
        let tables = entries[current].node.list(.targetTables)
        entries[current].node.set(.targetTables, list: tables + [table])
      } else if let next, TextScanner.starts(TextScanner.trimmed(next), "->") {
        pendingName = (String(decoding: content, as: UTF8.self), column)
      } else {
        continueText(line)
      }
      return
    }
    let name = String(decoding: content[..<colon], as: UTF8.self)
    let value = TextScanner.trimmed(content[(colon + 1)...])
    lastText = entries[current].node.setTextProperty(name, value, whole: content)
  }

  private mutating func continueText(_ line: ArraySlice<UInt8>) {
    guard let key = lastText, let text = entries[current].node.text(key) else {
      entries[current].node.measures.unknown.append(
        UnknownProperty(name: "", value: String(decoding: TextScanner.trimmed(line), as: UTF8.self)))
      return
    }
    entries[current].node.measures.put(key, .text(text + "\n" + String(decoding: line, as: UTF8.self)))
  }

  private mutating func workerLine(_ content: ArraySlice<UInt8>, _ place: Int) {
    if let (actual, isFractional) = TextNodeHeader.actual(TextScanner(content)) {
      entries[current].node.workers[place].measures.actual = actual
      if isFractional { plan.hasFractionalRows = true }
    } else if let colon = Self.colon(content) {
      let name = String(decoding: content[..<colon], as: UTF8.self)
      if Self.takeJIT(name, content, into: &entries[current].node.workers[place].jit) { return }
      let type = entries[current].node.type
      _ = entries[current].node.workers[place].measures.setTextProperty(
        name, TextScanner.trimmed(content[(colon + 1)...]), whole: content, type: type)
    }
  }

  /// The colon behind a property's name: names are letters, digits, blanks, hyphens and slashes, and begin with a
  /// capital.
  private static func colon(_ content: ArraySlice<UInt8>) -> Int? {
    guard let first = content.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return nil }
    for at in content.indices {
      switch content[at] {
      case UInt8(ascii: ":"):
        return at + 1 == content.endIndex || content[at + 1] == UInt8(ascii: " ") ? at : nil
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "/"):
        continue
      default: return nil
      }
    }
    return nil
  }

  /// `Update on orders_2026_03 orders_1`
  private static func targetTable(_ content: ArraySlice<UInt8>) -> String? {
    guard let header = TextNodeHeader.parse(content), header.node.operation != nil, let relation = header.node.relation
    else { return nil }
    return PlanNode.targetName(schema: header.node.schema, relation: relation, alias: header.node.alias)
  }

  // MARK: Below the tree

  /// Takes a line of the summary; false where the line belongs to a node.
  private mutating func summary(_ content: ArraySlice<UInt8>, column: Int, rootColumn: Int) -> Bool {
    guard column <= rootColumn else { return false }
    var scanner = TextScanner(content)
    if scanner.take("Planning Time: ") || scanner.take("Planning time: ") {
      plan.planningTime = scanner.number()
    } else if scanner.take("Execution Time: ") || scanner.take("Execution time: ") || scanner.take("Total runtime: ") {
      plan.executionTime = scanner.number()
    } else if scanner.take("Query Identifier: ") {
      plan.queryID = Int64(scanner.text).map(QueryID.init)
    } else if scanner.take("Settings: ") {
      plan.settings = Self.settings(scanner.rest)
    } else if scanner.starts("Trigger") {
      if let trigger = TriggerUsage(text: content) { plan.triggers.append(trigger) }
    } else if scanner.take("Planning:") {
      section = .planning
      return true
    } else if scanner.take("JIT:") {
      section = .jit
      plan.jit = plan.jit ?? JITUsage()
      return true
    } else if scanner.take("Serialization: ") {
      section = .serialization
      var usage = SerializationUsage()
      for pair in scanner.rest.split(separator: UInt8(ascii: " ")) {
        var pair = TextScanner(pair)
        if pair.take("time=") { usage.time = pair.number() }
        if pair.take("output=") { usage.output = pair.number() ?? 0 }
        if pair.take("format=") { usage.format = pair.text }
      }
      plan.serialization = usage
      return true
    } else {
      return false
    }
    section = .nodes
    return true
  }

  private mutating func sectionLine(_ content: ArraySlice<UInt8>) {
    guard let colon = Self.colon(content) else { return }
    let name = String(decoding: content[..<colon], as: UTF8.self)
    let value = TextScanner.trimmed(content[(colon + 1)...])
    switch section {
    case .nodes: break
    case .jit: _ = Self.takeJIT(name, content, into: &plan.jit)
    case .planning:
      if name == "Memory" {
        for pair in value.split(separator: UInt8(ascii: " ")) {
          var pair = TextScanner(pair)
          if pair.take("used=") { plan.planningMemoryUsed = pair.number() ?? 0 }
          if pair.take("allocated=") { plan.planningMemoryAllocated = pair.number() ?? 0 }
        }
      } else {
        plan.planningBuffers.set(name, text: value)
      }
    case .serialization:
      var buffers = plan.serialization?.buffers ?? BufferUsage()
      buffers.set(name, text: value)
      plan.serialization?.buffers = buffers
    }
  }

  /// `Functions: 3`, `Options: Inlining false, …`, `Timing: Generation 0.5 ms (Deform 0.1 ms), …`
  private static func takeJIT(_ name: String, _ content: ArraySlice<UInt8>, into jit: inout JITUsage?) -> Bool {
    guard ["JIT", "Functions", "Options", "Timing"].contains(name), name == "JIT" || jit != nil else { return false }
    var usage = jit ?? JITUsage()
    let value = content.dropFirst(name.utf8.count + 1)
    switch name {
    case "Functions": usage.set("Functions", String(decoding: TextScanner.trimmed(value), as: UTF8.self))
    case "Options", "Timing":
      let separators: Set<UInt8> = [UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: ")")]
      for part in value.split(whereSeparator: separators.contains) {
        let words = part.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 2 else { continue }
        let path = words[0] == "Deform" ? "Timing.Generation.Deform" : name + "." + words[0]
        usage.set(path, words[1])
      }
    default: break
    }
    jit = usage
    return true
  }

  /// `work_mem = '64kB', search_path = 'a, b'`
  private static func settings(_ bytes: ArraySlice<UInt8>) -> [Plan.Setting] {
    TextScanner.list(bytes).compactMap { item in
      guard let equals = item.firstRange(of: " = '") else { return nil }
      let value = item[equals.upperBound...].dropLast()
      return Plan.Setting(
        name: String(item[..<equals.lowerBound]),
        value: value.split(separator: "''", omittingEmptySubsequences: false).joined(separator: "'"))
    }.sorted()
  }
}

extension TriggerUsage {
  /// `Trigger t for constraint c on r: time=0.1 calls=2`, where any of the three names may be missing.
  init?(text: ArraySlice<UInt8>) {
    self.init()
    guard let colon = TextScanner.lastIndex(of: ": ", in: text) else { return nil }
    var measures = TextScanner(text[(colon + 2)...])
    if measures.take("time=") {
      time = measures.number()
      guard measures.take(" ") else { return nil }
    }
    guard measures.take("calls="), let calls = measures.number() else { return nil }
    self.calls = calls
    var names = text[..<colon].dropFirst("Trigger".utf8.count)
    if let on = TextScanner.lastIndex(of: " on ", in: names) {
      relation = String(decoding: names[(on + 4)...], as: UTF8.self)
      names = names[..<on]
    }
    if let place = TextScanner.lastIndex(of: " for constraint ", in: names) {
      constraint = String(decoding: names[(place + 16)...], as: UTF8.self)
      names = names[..<place]
    }
    let own = TextScanner.trimmed(names)
    if !own.isEmpty { name = String(decoding: own, as: UTF8.self) }
  }
}

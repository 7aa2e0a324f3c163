import Model

/// Makes plans of the document trees that XML and YAML share.
struct DocumentPlanBuilder {
  private static let keys: [String: PlanKey] = Dictionary(
    PlanKey.allCases.map { (DocumentValue.tag($0.name), $0) }, uniquingKeysWith: { first, _ in first })
  private var hasFractionalRows = false

  private static func key(_ name: String) -> PlanKey? { keys[DocumentValue.tag(name)] }

  /// Nil for a group that holds no plan.
  mutating func plan(_ document: DocumentValue) -> Plan? {
    guard let root = document["Plan"], !root.members.isEmpty else { return nil }
    hasFractionalRows = false
    var plan = Plan(root: node(root))
    plan.hasFractionalRows = hasFractionalRows
    for (name, value) in document.members {
      switch Self.key(name) {
      case .plan?: break
      case .planningTime?: plan.planningTime = Double(value.text)
      case .executionTime?: plan.executionTime = Double(value.text)
      case .queryText?: plan.queryText = value.text
      case .queryParameters?: plan.queryParameters = value.text
      case .queryIdentifier?: plan.queryID = Int64(value.text).map(QueryID.init)
      case .planning?:
        plan.planningBuffers = measures(value).buffers
        plan.planningMemoryUsed = value["Memory Used"].flatMap { Double($0.text) } ?? 0
        plan.planningMemoryAllocated = value["Memory Allocated"].flatMap { Double($0.text) } ?? 0
      case .triggers?: plan.triggers = value.elements.map(trigger)
      case .jit?: plan.jit = jit(value)
      case .settings?:
        plan.settings = value.members.map { Plan.Setting(name: $0.name, value: $0.value.text) }.sorted()
      case .serialization?:
        var usage = SerializationUsage()
        usage.time = value["Time"].flatMap { Double($0.text) }
        usage.output = value["Output Volume"].flatMap { Double($0.text) } ?? 0
        usage.format = value["Format"]?.text ?? ""
        usage.buffers = measures(value).buffers
        plan.serialization = usage
      default: plan.unknown.append(Self.unknown(name, value))
      }
    }
    return plan
  }

  private static func unknown(_ name: String, _ value: DocumentValue) -> UnknownProperty {
    UnknownProperty(
      name: name.split(separator: "-").joined(separator: " "),
      value: value.elements.isEmpty ? value.text : value.texts.joined(separator: ", "))
  }

  private mutating func node(_ value: DocumentValue) -> PlanNode {
    var node = PlanNode()
    var sortGroups = 0
    for (name, value) in value.members {
      if name == "Incremental-Sort-Groups" {
        // XML names both groups alike; the full sorts come first.
        Self.sortGroups(
          value, SortGroupKeys(sortGroups == 0 ? .fullSortGroups : .preSortedGroups), into: &node.measures)
        sortGroups += 1
        continue
      }
      guard let key = Self.key(name) else {
        node.measures.unknown.append(Self.unknown(name, value))
        continue
      }
      switch key.kind {
      case .text: node.set(key, text: value.text)
      case .flag: node.set(key, flag: value.text == "true")
      case .list: node.set(key, list: value.texts)
      case .number:
        if key == .actualRows, value.text.utf8.contains(UInt8(ascii: ".")) { hasFractionalRows = true }
        if let number = Double(value.text) {
          node.set(key, number: number)
        } else {
          node.measures.unknown.append(Self.unknown(name, value))
        }
      case .nested:
        switch key {
        case .plans: for child in value.elements { node.children.append(self.node(child)) }
        case .workers:
          for element in value.elements {
            var worker = PlanWorker(number: element["Worker Number"].flatMap { Int($0.text) } ?? -1)
            worker.measures = measures(element)
            worker.jit = element["JIT"].map(jit)
            node.add(worker: worker)
          }
        case .groupingSets: node.set(.groupingSets, list: value.elements.flatMap(Self.groupingSet))
        case .targetTables:
          node.set(
            .targetTables,
            list: value.elements.map {
              PlanNode.targetName(
                schema: $0["Schema"]?.text, relation: $0["Relation Name"]?.text ?? "", alias: $0["Alias"]?.text)
            })
        case .fullSortGroups, .preSortedGroups: Self.sortGroups(value, SortGroupKeys(key), into: &node.measures)
        default: node.measures.unknown.append(Self.unknown(name, value))
        }
      }
    }
    node.normalise()
    return node
  }

  private mutating func measures(_ value: DocumentValue) -> NodeMeasures {
    var measures = NodeMeasures()
    var sortGroups = 0
    for (name, value) in value.members {
      if name == "Incremental-Sort-Groups" {
        Self.sortGroups(value, SortGroupKeys(sortGroups == 0 ? .fullSortGroups : .preSortedGroups), into: &measures)
        sortGroups += 1
        continue
      }
      guard let key = Self.key(name) else { continue }
      switch key.kind {
      case .number:
        if key == .actualRows, value.text.utf8.contains(UInt8(ascii: ".")) { hasFractionalRows = true }
        if let number = Double(value.text) { measures.set(key, number: number) }
      case .text: measures.put(key, .text(value.text))
      case .nested where key == .fullSortGroups || key == .preSortedGroups:
        Self.sortGroups(value, SortGroupKeys(key), into: &measures)
      case .list, .flag, .nested: break
      }
    }
    return measures
  }

  private func trigger(_ value: DocumentValue) -> TriggerUsage {
    var trigger = TriggerUsage()
    trigger.name = value["Trigger Name"]?.text
    trigger.constraint = value["Constraint Name"]?.text
    trigger.relation = value["Relation"]?.text
    trigger.time = value["Time"].flatMap { Double($0.text) }
    trigger.calls = value["Calls"].flatMap { Double($0.text) } ?? 0
    return trigger
  }

  private func jit(_ value: DocumentValue) -> JITUsage {
    var usage = JITUsage()
    func take(_ value: DocumentValue, _ path: String) {
      for (name, value) in value.members {
        let inner = path.isEmpty ? name : path + "." + name
        if value.members.isEmpty { usage.set(inner, value.text) } else { take(value, inner) }
      }
    }
    take(value, "")
    return usage
  }

  private static func groupingSet(_ value: DocumentValue) -> [String] {
    value.members.flatMap { name, value -> [String] in
      let name = DocumentValue.tag(name).split(separator: "-").joined(separator: " ")
      guard name.hasSuffix("Keys") else { return [name + ": " + value.texts.joined(separator: ", ")] }
      return value.elements.map { keys in
        String(name.dropLast()) + ": " + (keys.elements.isEmpty ? "()" : keys.texts.joined(separator: ", "))
      }
    }
  }

  private static func sortGroups(_ value: DocumentValue, _ keys: SortGroupKeys, into measures: inout NodeMeasures) {
    // XML calls the space in memory and on disk alike; memory comes first, and is missing where every sort went to disk.
    let methods = value["Sort Methods Used"]?.texts ?? []
    let hasMemory = methods.contains { !$0.hasPrefix("external") }
    var spaces = 0
    for (name, value) in value.members {
      switch DocumentValue.tag(name) {
      case "Group-Count": measures.set(keys.count, number: Double(value.text) ?? 0)
      case "Sort-Methods-Used": measures.put(keys.methods, .list(value.texts))
      case var tag:
        if tag == "Sort-Space" {
          tag = spaces == 0 && hasMemory ? "Sort-Space-Memory" : "Sort-Space-Disk"
          spaces += 1
        }
        for (inner, value) in value.members {
          let spaced = DocumentValue.tag(inner).split(separator: "-").joined(separator: " ")
          keys.set(group: tag, spaced, value.text, into: &measures)
        }
      }
    }
  }
}

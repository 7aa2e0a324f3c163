import Model

/// Reads `FORMAT JSON`: the array that EXPLAIN prints, or the object that auto_explain logs.
///
/// Keys are found by hash, values go straight into their fields, and only strings that a node keeps are made: the cost
/// is linear in the text, a small factor above finding its quotes.
struct JSONPlanParser {
  private var cursor = PlanJSONCursor()
  private let table = PlanKeyTable.shared
  private var hasFractionalRows = false
  /// Plans nested in plans. PostgreSQL itself gives up on statements far less deep than this.
  static let depthLimit = 1_000

  private static let quote = UInt8(ascii: "\"")
  private static let openBrace = UInt8(ascii: "{"), closeBrace = UInt8(ascii: "}")
  private static let openBracket = UInt8(ascii: "["), closeBracket = UInt8(ascii: "]")

  /// All plans of a document; a statement that a rule rewrites into several has several.
  mutating func plans(_ bytes: Span<UInt8>) throws(PlanError) -> [Plan] {
    var plans: [Plan] = []
    if cursor.peek(bytes) == Self.openBracket {
      if try cursor.enter(Self.openBracket, Self.closeBracket, bytes) {
        repeat {
          if let plan = try document(bytes) { plans.append(plan) }
        } while try cursor.goesOn(until: Self.closeBracket, bytes)
      }
    } else if let plan = try document(bytes) {
      plans.append(plan)
    }
    guard cursor.peek(bytes) == 0 else { throw cursor.failure(bytes, "something follows the plan") }
    return plans
  }

  /// One object with a `Plan`, or nil for the objects that stand for utility statements.
  private mutating func document(_ bytes: Span<UInt8>) throws(PlanError) -> Plan? {
    guard cursor.peek(bytes) == Self.openBrace else {
      // EXPLAIN of a utility statement gives a bare string.
      try cursor.skip(bytes)
      return nil
    }
    let start = cursor.at
    var plan = Plan(root: PlanNode())
    var hasRoot = false
    hasFractionalRows = false
    guard try cursor.enter(Self.openBrace, Self.closeBrace, bytes) else { return nil }
    repeat {
      let (hash, range) = try cursor.key(bytes)
      switch table.key(hash: hash, length: range.count) {
      case .plan?:
        plan.root = try node(bytes, depth: 0)
        hasRoot = true
      case .planningTime?: plan.planningTime = try cursor.number(bytes).value
      case .executionTime?: plan.executionTime = try cursor.number(bytes).value
      case .queryText?: plan.queryText = try cursor.string(bytes)
      case .queryParameters?: plan.queryParameters = try cursor.string(bytes)
      case .queryIdentifier?:
        let value = try cursor.skip(bytes)
        plan.queryID = Int64(PlanJSONCursor.text(bytes, value)).map(QueryID.init)
      case .planning?:
        let group = try object(bytes)
        plan.planningBuffers = group.buffers
        for property in group.unknown {
          switch property.name {
          case "Memory Used": plan.planningMemoryUsed = Double(property.value) ?? 0
          case "Memory Allocated": plan.planningMemoryAllocated = Double(property.value) ?? 0
          default: plan.unknown.append(property)
          }
        }
      case .triggers?: plan.triggers = try triggers(bytes)
      case .jit?: plan.jit = try jit(bytes)
      case .settings?:
        plan.settings = try object(bytes).unknown.map { Plan.Setting(name: $0.name, value: $0.value) }.sorted()
      case .serialization?:
        var usage = SerializationUsage()
        let group = try object(bytes)
        usage.buffers = group.buffers
        for property in group.unknown {
          switch property.name {
          case "Time": usage.time = Double(property.value)
          case "Output Volume": usage.output = Double(property.value) ?? 0
          case "Format": usage.format = property.value
          default: plan.unknown.append(property)
          }
        }
        plan.serialization = usage
      default: plan.unknown.append(try unknown(bytes, range))
      }
    } while try cursor.goesOn(until: Self.closeBrace, bytes)
    guard hasRoot else {
      cursor.at = start
      throw cursor.failure(bytes, "the object has no \"Plan\"")
    }
    plan.hasFractionalRows = hasFractionalRows
    return plan
  }

  private mutating func node(_ bytes: Span<UInt8>, depth: Int) throws(PlanError) -> PlanNode {
    guard depth < Self.depthLimit else { throw cursor.failure(bytes, "plans are nested too deeply") }
    var node = PlanNode()
    guard try cursor.enter(Self.openBrace, Self.closeBrace, bytes) else {
      throw cursor.failure(bytes, "a plan node is empty")
    }
    var hasType = false
    repeat {
      let (hash, range) = try cursor.key(bytes)
      guard let key = table.key(hash: hash, length: range.count) else {
        node.measures.unknown.append(try unknown(bytes, range))
        continue
      }
      switch key.kind {
      case .number: node.set(key, number: try number(bytes, key))
      case .flag: node.set(key, flag: try cursor.flag(bytes))
      case .list: node.set(key, list: try list(bytes))
      case .text:
        if key == .nodeType {
          hasType = true
          node.type = try nodeType(bytes)
        } else if cursor.peek(bytes) == Self.quote {
          node.set(key, text: try cursor.string(bytes))
        } else {
          node.set(key, text: PlanJSONCursor.text(bytes, try cursor.skip(bytes)))
        }
      case .nested:
        switch key {
        case .plans:
          if try cursor.enter(Self.openBracket, Self.closeBracket, bytes) {
            repeat {
              node.children.append(try self.node(bytes, depth: depth + 1))
            } while try cursor.goesOn(until: Self.closeBracket, bytes)
          }
        case .workers: try workers(bytes, into: &node)
        case .groupingSets: node.set(.groupingSets, list: try groupingSets(bytes))
        case .targetTables: node.set(.targetTables, list: try targetTables(bytes))
        case .fullSortGroups, .preSortedGroups: try sortGroups(bytes, key, into: &node.measures)
        default: node.measures.unknown.append(try unknown(bytes, range))
        }
      }
    } while try cursor.goesOn(until: Self.closeBrace, bytes)
    guard hasType else { throw cursor.failure(bytes, "a plan node has no \"Node Type\"") }
    node.normalise()
    return node
  }

  private mutating func nodeType(_ bytes: Span<UInt8>) throws(PlanError) -> NodeType {
    let (range, isEscaped) = try cursor.rawString(bytes)
    var hash = PlanKeyTable.seed
    for index in range { hash = PlanKeyTable.step(hash, bytes[index]) }
    if let known = table.nodeType(hash: hash, length: range.count) { return known }
    return NodeType(isEscaped ? PlanJSONCursor.unescape(bytes, range) : PlanJSONCursor.text(bytes, range))
  }

  private mutating func number(_ bytes: Span<UInt8>, _ key: PlanKey) throws(PlanError) -> Double {
    let (value, hasPoint) = try cursor.number(bytes)
    if hasPoint, key == .actualRows { hasFractionalRows = true }
    return value
  }

  private mutating func list(_ bytes: Span<UInt8>) throws(PlanError) -> [String] {
    var items: [String] = []
    guard try cursor.enter(Self.openBracket, Self.closeBracket, bytes) else { return items }
    repeat { items.append(try cursor.string(bytes)) } while try cursor.goesOn(until: Self.closeBracket, bytes)
    return items
  }

  private mutating func unknown(_ bytes: Span<UInt8>, _ key: Range<Int>) throws(PlanError) -> UnknownProperty {
    let name = PlanJSONCursor.unescape(bytes, key)
    let value =
      cursor.peek(bytes) == Self.quote
      ? try cursor.string(bytes) : PlanJSONCursor.text(bytes, try cursor.skip(bytes))
    return UnknownProperty(name: name, value: value)
  }

  /// An object whose numbers go into measures and whose other keys are kept as they are.
  private mutating func object(_ bytes: Span<UInt8>) throws(PlanError) -> NodeMeasures {
    var measures = NodeMeasures()
    guard try cursor.enter(Self.openBrace, Self.closeBrace, bytes) else { return measures }
    repeat {
      let (hash, range) = try cursor.key(bytes)
      let first = cursor.peek(bytes)
      if let key = table.key(hash: hash, length: range.count), key.kind == .number, first != Self.quote {
        measures.set(key, number: try number(bytes, key))
      } else {
        measures.unknown.append(try unknown(bytes, range))
      }
    } while try cursor.goesOn(until: Self.closeBrace, bytes)
    return measures
  }

  private mutating func workers(_ bytes: Span<UInt8>, into node: inout PlanNode) throws(PlanError) {
    guard try cursor.enter(Self.openBracket, Self.closeBracket, bytes) else { return }
    repeat {
      var worker = PlanWorker(number: -1)
      guard try cursor.enter(Self.openBrace, Self.closeBrace, bytes) else { continue }
      repeat {
        let (hash, range) = try cursor.key(bytes)
        let key = table.key(hash: hash, length: range.count)
        switch (key, key?.kind) {
        case (.workerNumber?, _): worker.number = Int(exactly: try cursor.number(bytes).value) ?? -1
        case (.jit?, _): worker.jit = try jit(bytes)
        case (.fullSortGroups?, _), (.preSortedGroups?, _):
          try sortGroups(bytes, key ?? .fullSortGroups, into: &worker.measures)
        case (let key?, .number?): worker.measures.set(key, number: try number(bytes, key))
        case (let key?, .text?): worker.measures.put(key, .text(try cursor.string(bytes)))
        default: worker.measures.unknown.append(try unknown(bytes, range))
        }
      } while try cursor.goesOn(until: Self.closeBrace, bytes)
      node.add(worker: worker)
    } while try cursor.goesOn(until: Self.closeBracket, bytes)
  }

  private mutating func triggers(_ bytes: Span<UInt8>) throws(PlanError) -> [TriggerUsage] {
    var triggers: [TriggerUsage] = []
    guard try cursor.enter(Self.openBracket, Self.closeBracket, bytes) else { return triggers }
    repeat {
      var trigger = TriggerUsage()
      for property in try object(bytes).unknown {
        switch property.name {
        case "Trigger Name": trigger.name = property.value
        case "Constraint Name": trigger.constraint = property.value
        case "Relation": trigger.relation = property.value
        case "Time": trigger.time = Double(property.value)
        case "Calls": trigger.calls = Double(property.value) ?? 0
        default: break
        }
      }
      triggers.append(trigger)
    } while try cursor.goesOn(until: Self.closeBracket, bytes)
    return triggers
  }

  private mutating func jit(_ bytes: Span<UInt8>) throws(PlanError) -> JITUsage {
    var usage = JITUsage()
    for property in try flattened(bytes, depth: 0) {
      usage.set(property.name, property.value)
    }
    return usage
  }

  /// The scalars of nested objects, each under its keys joined by dots.
  private mutating func flattened(_ bytes: Span<UInt8>, depth: Int) throws(PlanError) -> [UnknownProperty] {
    var properties: [UnknownProperty] = []
    guard depth < 8 else { throw cursor.failure(bytes, "groups are nested too deeply") }
    guard try cursor.enter(Self.openBrace, Self.closeBrace, bytes) else { return properties }
    repeat {
      let (_, range) = try cursor.key(bytes)
      if cursor.peek(bytes) == Self.openBrace {
        let prefix = PlanJSONCursor.text(bytes, range) + "."
        for inner in try flattened(bytes, depth: depth + 1) {
          properties.append(UnknownProperty(name: prefix + inner.name, value: inner.value))
        }
      } else {
        properties.append(try unknown(bytes, range))
      }
    } while try cursor.goesOn(until: Self.closeBrace, bytes)
    return properties
  }

  private mutating func groupingSets(_ bytes: Span<UInt8>) throws(PlanError) -> [String] {
    var lines: [String] = []
    guard try cursor.enter(Self.openBracket, Self.closeBracket, bytes) else { return lines }
    repeat {
      guard try cursor.enter(Self.openBrace, Self.closeBrace, bytes) else { continue }
      repeat {
        let (_, range) = try cursor.key(bytes)
        let name = PlanJSONCursor.text(bytes, range)
        if name == "Group Keys" || name == "Hash Keys" {
          guard try cursor.enter(Self.openBracket, Self.closeBracket, bytes) else { continue }
          repeat {
            let keys = try list(bytes)
            lines.append(String(name.dropLast()) + ": " + (keys.isEmpty ? "()" : keys.joined(separator: ", ")))
          } while try cursor.goesOn(until: Self.closeBracket, bytes)
        } else {
          lines.append(name + ": " + (try list(bytes)).joined(separator: ", "))
        }
      } while try cursor.goesOn(until: Self.closeBrace, bytes)
    } while try cursor.goesOn(until: Self.closeBracket, bytes)
    return lines
  }

  private mutating func targetTables(_ bytes: Span<UInt8>) throws(PlanError) -> [String] {
    var tables: [String] = []
    guard try cursor.enter(Self.openBracket, Self.closeBracket, bytes) else { return tables }
    repeat {
      let properties = try object(bytes).unknown
      func value(_ name: String) -> String? { properties.first { $0.name == name }?.value }
      tables.append(
        PlanNode.targetName(schema: value("Schema"), relation: value("Relation Name") ?? "", alias: value("Alias")))
    } while try cursor.goesOn(until: Self.closeBracket, bytes)
    return tables
  }

  private mutating func sortGroups(
    _ bytes: Span<UInt8>, _ key: PlanKey, into measures: inout NodeMeasures
  ) throws(PlanError) {
    let keys = SortGroupKeys(key)
    guard try cursor.enter(Self.openBrace, Self.closeBrace, bytes) else { return }
    repeat {
      let (_, range) = try cursor.key(bytes)
      switch PlanJSONCursor.text(bytes, range) {
      case "Group Count": measures.set(keys.count, number: try cursor.number(bytes).value)
      case "Sort Methods Used": measures.put(keys.methods, .list(try list(bytes)))
      case let name where cursor.peek(bytes) == Self.openBrace:
        for property in try flattened(bytes, depth: 0) {
          keys.set(group: name, property.name, property.value, into: &measures)
        }
      default: measures.unknown.append(try unknown(bytes, range))
      }
    } while try cursor.goesOn(until: Self.closeBrace, bytes)
  }
}

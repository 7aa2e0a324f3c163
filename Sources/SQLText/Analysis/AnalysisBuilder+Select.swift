internal import Bytes
internal import Model

/// SELECT: its FROM, conditions, groups, orders and output.
extension AnalysisBuilder {
  /// A statement in the place of a query: a SELECT, or a data-modifying statement in WITH.
  mutating func query(_ node: JSONTree) -> [OutputColumn] {
    guard let member = node.members?.first else { return [] }
    if member.key == "SelectStmt" { return select(member.value) }
    return modifying(node)
  }

  mutating func select(_ node: JSONTree) -> [OutputColumn] {
    scopes.append(Scope())
    defer { scopes.removeLast() }
    commonTables(node["withClause"])
    if let operation = node["op"]?.string, operation != "SETOP_NONE" {
      let left = node["larg"].map { select($0) } ?? []
      if let right = node["rarg"] { _ = select(right) }
      return left.map { OutputColumn(name: $0.name, origin: nil) }
    }
    for row in node["valuesLists"]?.elements ?? [] { expression(row) }
    for item in node["fromClause"]?.elements ?? [] { from(item) }
    condition(node["whereClause"])

    let targets = (node["targetList"]?.elements ?? []).compactMap { $0["ResTarget"] }
    var output: [OutputColumn] = []
    for target in targets { output += self.output(target) }

    if let having = node["havingClause"] { expression(having) }
    let hasLimit = isPresent(node["limitCount"])
    groups(node, targets)
    if let distinct = node["distinctClause"]?.elements {
      // Plain DISTINCT is a list with one empty element.
      let keys = distinct.contains { $0.members?.isEmpty == false } ? distinct : targets.compactMap { $0["val"] }
      grouping(keys.map { target(of: $0, targets) })
    }
    windows(node, targets)
    extremes(targets, isGrouped: node["groupClause"] != nil)
    if let sort = node["sortClause"]?.elements { order(sort, targets, hasLimit: hasLimit) }
    if let limit = node["limitCount"] { expression(limit) }
    if let offset = node["limitOffset"] { expression(offset) }
    return output
  }

  private func isPresent(_ node: JSONTree?) -> Bool {
    guard let node else { return false }
    return node["A_Const"]?["isnull"]?.bool != true
  }

  private mutating func output(_ target: JSONTree) -> [OutputColumn] {
    guard let value = target["val"] else { return [] }
    if let reference = value["ColumnRef"] {
      let fields = reference["fields"]?.elements ?? []
      if let last = fields.last, last["A_Star"] != nil {
        let qualifier = fields.count > 1 ? fields[fields.count - 2]["String"]?["sval"]?.string : nil
        _ = resolve(reference)
        let items = scopes[scopes.count - 1].items.filter { qualifier == nil || $0.alias == qualifier }
        return items.flatMap { item in
          columnNames(item.source).map { OutputColumn(name: $0, origin: resolve($0, in: [item])) }
        }
      }
      let origin = resolve(reference)
      let name = target["name"]?.string ?? fields.last?["String"]?["sval"]?.string ?? ""
      return [OutputColumn(name: name, origin: origin)]
    }
    expression(value)
    return [OutputColumn(name: target["name"]?.string ?? Self.outputName(value), origin: nil)]
  }

  /// The name that PostgreSQL gives a computed column (`FigureColname`), as far as anyone refers to it.
  private static func outputName(_ node: JSONTree) -> String {
    if let function = node["FuncCall"] { return function["funcname"]?.elements?.last?["String"]?["sval"]?.string ?? "" }
    if let cast = node["TypeCast"], let argument = cast["arg"] {
      let inner = outputName(argument)
      return inner.isEmpty ? cast["typeName"]?["names"]?.elements?.last?["String"]?["sval"]?.string ?? "" : inner
    }
    if node["CoalesceExpr"] != nil { return "coalesce" }
    if node["CaseExpr"] != nil { return "case" }
    return ""
  }

  /// What an ORDER BY or GROUP BY item means: a position or an output name stands for the expression in the list.
  private func target(of item: JSONTree, _ targets: [JSONTree]) -> JSONTree {
    if let constant = item["A_Const"]?["ival"], let position = constant["ival"]?.integer,
      position >= 1, position <= targets.count, let value = targets[Int(position) - 1]["val"]
    {
      return value
    }
    if let fields = item["ColumnRef"]?["fields"]?.elements, fields.count == 1,
      let name = fields[0]["String"]?["sval"]?.string,
      let target = targets.first(where: { $0["name"]?.string == name }), let value = target["val"]
    {
      return value
    }
    return item
  }

  // MARK: Groups and orders

  private mutating func groups(_ node: JSONTree, _ targets: [JSONTree]) {
    guard let clause = node["groupClause"]?.elements else { return }
    guard !clause.contains(where: { $0["GroupingSet"] != nil }) else {
      for item in clause { expression(item) }
      return
    }
    grouping(clause.map { target(of: $0, targets) })
  }

  /// A grouping serves an index only where all its keys belong to one relation.
  private mutating func grouping(_ keys: [JSONTree]) {
    var subjects: [Owned] = []
    for key in keys {
      expression(key)
      guard let owned = owned(key) else { return }
      if !subjects.contains(owned) { subjects.append(owned) }
    }
    guard let first = subjects.first, subjects.allSatisfy({ $0.use == first.use }) else { return }
    let grouping = subjects.map(\.subject)
    if !uses[first.use].groupings.contains(grouping) { uses[first.use].groupings.append(grouping) }
  }

  private mutating func order(_ items: [JSONTree], _ targets: [JSONTree], hasLimit: Bool) {
    var keys: [SortOrder.Key] = []
    var use: Int?
    var isComplete = true
    for item in items {
      guard let sort = item["SortBy"], let node = sort["node"] else { continue }
      let value = target(of: node, targets)
      expression(value)
      guard isComplete else { continue }
      guard let owned = owned(value), use == nil || use == owned.use, sort["sortby_dir"]?.string != "SORTBY_USING"
      else {
        isComplete = false
        continue
      }
      use = owned.use
      let descending = sort["sortby_dir"]?.string == "SORTBY_DESC"
      let nullsFirst: Bool? =
        switch sort["sortby_nulls"]?.string {
        case "SORTBY_NULLS_FIRST": descending ? nil : true
        case "SORTBY_NULLS_LAST": descending ? false : nil
        default: nil
        }
      keys.append(.init(owned.subject, descending: descending, nullsFirst: nullsFirst))
    }
    guard let use, !keys.isEmpty else { return }
    addOrder(SortOrder(keys: keys, isComplete: isComplete, hasLimit: hasLimit), use)
  }

  private mutating func addOrder(_ order: SortOrder, _ use: Int) {
    if !uses[use].orders.contains(order) { uses[use].orders.append(order) }
  }

  /// `OVER (PARTITION BY a ORDER BY b)`, in the output or named in WINDOW.
  private mutating func windows(_ node: JSONTree, _ targets: [JSONTree]) {
    var definitions = (node["windowClause"]?.elements ?? []).compactMap { $0["WindowDef"] }
    definitions += targets.compactMap { $0["val"]?["FuncCall"]?["over"] }
    for definition in definitions {
      let partition = definition["partitionClause"]?.elements ?? []
      var items = partition.map { item in
        JSONTree.object([
          .init(key: "SortBy", value: .object([.init(key: "node", value: item)]))
        ])
      }
      items += definition["orderClause"]?.elements ?? []
      order(items, [], hasLimit: false)
    }
  }

  /// `min(x)` and `max(x)` without groups read one end of an index.
  private mutating func extremes(_ targets: [JSONTree], isGrouped: Bool) {
    guard !isGrouped else { return }
    for target in targets {
      guard let call = target["val"]?["FuncCall"], call["over"] == nil,
        let name = call["funcname"]?.elements?.last?["String"]?["sval"]?.string, name == "min" || name == "max",
        let arguments = call["args"]?.elements, arguments.count == 1, let owned = owned(arguments[0])
      else { continue }
      addOrder(SortOrder(keys: [.init(owned.subject)], isComplete: true, hasLimit: true), owned.use)
    }
  }
}

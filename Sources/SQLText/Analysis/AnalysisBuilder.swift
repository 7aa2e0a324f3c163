internal import Bytes
internal import Model

/// Walks libpg_query's tree and fills the uses of relations in.
struct AnalysisBuilder {
  let columns: StatementAnalyzer.ColumnLookup
  let view: StatementAnalyzer.ViewLookup

  var uses: [RelationUse] = []
  private var kind = StatementKind.unknown
  private var referenced: [Set<String>] = []
  /// Visible names, innermost last.
  var scopes: [Scope] = []
  /// The text that the tree at hand was parsed from, for spelling constants: the tree itself loses negative ones.
  var text: [UInt8] = []
  /// The output of each subquery in an expression, by its place in the text.
  var subqueryOutputs: [Int64: [OutputColumn]] = [:]
  /// Views that are being opened, so that none opens itself.
  private var openViews: [RelationName] = []

  init(columns: @escaping StatementAnalyzer.ColumnLookup, view: @escaping StatementAnalyzer.ViewLookup) {
    self.columns = columns
    self.view = view
  }

  mutating func addStatement(_ statement: JSONTree, text: String) throws(AnalysisError) {
    self.text = Array(text.utf8)
    guard let node = statement.members?.first else { throw .notOneQuery }
    switch node.key {
    case "SelectStmt":
      kind = .select
      _ = select(node.value)
    case "InsertStmt":
      kind = .insert
      insert(node.value)
    case "UpdateStmt":
      kind = .update
      update(node.value)
    case "DeleteStmt":
      kind = .delete
      delete(node.value)
    case "MergeStmt":
      kind = .merge
      merge(node.value)
    default: throw .notOneQuery
    }
  }

  func finish() -> StatementAnalysis {
    var result = uses
    for i in result.indices { result[i].referenced = referenced[i].sorted() }
    return StatementAnalysis(kind: kind, uses: result)
  }

  // MARK: Uses

  mutating func addUse(_ relation: RelationName, alias: String) -> Int {
    uses.append(RelationUse(relation: relation, alias: alias))
    referenced.append([])
    return uses.count - 1
  }

  mutating func reference(_ origin: Origin) { referenced[origin.use].insert(origin.column) }

  mutating func referenceWholeRow(_ source: Scope.Source) {
    switch source {
    case .base(let use): uses[use].referencesWholeRow = true
    case .derived(let columns):
      for column in columns { if let origin = column.origin { reference(origin) } }
    case .opaque: break
    }
  }

  // MARK: Statements

  /// INSERT, UPDATE or DELETE inside WITH: its output is what it returns, which no index serves.
  mutating func modifying(_ node: JSONTree) -> [OutputColumn] {
    guard let member = node.members?.first else { return [] }
    switch member.key {
    case "InsertStmt": insert(member.value)
    case "UpdateStmt": update(member.value)
    case "DeleteStmt": delete(member.value)
    case "MergeStmt": merge(member.value)
    default: return []
    }
    let targets = (member.value["returningList"]?.elements ?? []).compactMap { $0["ResTarget"] }
    return targets.map { target in
      let fields = target["val"]?["ColumnRef"]?["fields"]?.elements ?? []
      return OutputColumn(name: target["name"]?.string ?? fields.last?["String"]?["sval"]?.string ?? "", origin: nil)
    }
  }

  private mutating func insert(_ node: JSONTree) {
    scopes.append(Scope())
    defer { scopes.removeLast() }
    commonTables(node["withClause"])
    guard let relation = Self.relationName(node["relation"]) else { return }
    let target = addUse(relation, alias: Self.alias(node["relation"]) ?? relation.name)
    uses[target].write = .insert
    if let source = node["selectStmt"] { _ = query(source) }
    scopes[scopes.count - 1].items.append(.init(alias: uses[target].alias, source: .base(target)))
    if let conflict = node["onConflictClause"], conflict["action"]?.string == "ONCONFLICT_UPDATE" {
      scopes[scopes.count - 1].items.append(.init(alias: "excluded", source: .opaque))
      uses[target].write = .insertOrUpdate(assigned(conflict["targetList"]))
      condition(conflict["whereClause"])
    }
    targets(node["returningList"])
  }

  private mutating func update(_ node: JSONTree) {
    scopes.append(Scope())
    defer { scopes.removeLast() }
    commonTables(node["withClause"])
    guard let target = target(node["relation"]) else { return }
    for item in node["fromClause"]?.elements ?? [] { from(item) }
    uses[target].write = .update(assigned(node["targetList"]))
    condition(node["whereClause"])
    targets(node["returningList"])
  }

  private mutating func delete(_ node: JSONTree) {
    scopes.append(Scope())
    defer { scopes.removeLast() }
    commonTables(node["withClause"])
    guard let target = target(node["relation"]) else { return }
    uses[target].write = .delete
    for item in node["usingClause"]?.elements ?? [] { from(item) }
    condition(node["whereClause"])
    targets(node["returningList"])
  }

  private mutating func merge(_ node: JSONTree) {
    scopes.append(Scope())
    defer { scopes.removeLast() }
    commonTables(node["withClause"])
    guard let target = target(node["relation"]) else { return }
    if let source = node["sourceRelation"] { from(source) }
    condition(node["joinCondition"])
    var columns: Set<String> = []
    for clause in node["mergeWhenClauses"]?.elements ?? [] {
      guard let clause = clause["MergeWhenClause"] else { continue }
      if let test = clause["condition"] { expression(test) }
      if clause["commandType"]?.string == "CMD_UPDATE" { columns.formUnion(assigned(clause["targetList"])) }
    }
    uses[target].write = .insertOrUpdate(columns.sorted())
  }

  /// The relation that UPDATE, DELETE or MERGE writes, visible in the innermost scope.
  private mutating func target(_ node: JSONTree?) -> Int? {
    guard let relation = Self.relationName(node) else { return nil }
    let use = addUse(relation, alias: Self.alias(node) ?? relation.name)
    scopes[scopes.count - 1].items.append(.init(alias: uses[use].alias, source: .base(use)))
    return use
  }

  /// The assigned columns, sorted; the expressions assigned are walked.
  private mutating func assigned(_ list: JSONTree?) -> [String] {
    var names: Set<String> = []
    for element in list?.elements ?? [] {
      guard let target = element["ResTarget"] else { continue }
      if let name = target["name"]?.string { names.insert(name) }
      if let value = target["val"] { expression(value) }
    }
    return names.sorted()
  }

  private mutating func targets(_ list: JSONTree?) {
    for element in list?.elements ?? [] { if let value = element["ResTarget"]?["val"] { expression(value) } }
  }

  // MARK: FROM

  mutating func commonTables(_ clause: JSONTree?) {
    for element in clause?["ctes"]?.elements ?? [] {
      guard let table = element["CommonTableExpr"], let name = table["ctename"]?.string, let body = table["ctequery"]
      else { continue }
      if clause?["recursive"]?.bool == true {
        // Inside its own body the name stands for rows that no index holds.
        scopes[scopes.count - 1].commonTables[name] = []
      }
      var output = query(body)
      rename(&output, table["aliascolnames"])
      // A materialized common table keeps the conditions of its readers out, but the columns are the same.
      if table["ctematerialized"]?.string == "CTEMaterializeAlways" || clause?["recursive"]?.bool == true {
        for i in output.indices { output[i].origin = nil }
      }
      scopes[scopes.count - 1].commonTables[name] = output
    }
  }

  private func rename(_ output: inout [OutputColumn], _ names: JSONTree?) {
    for (i, name) in (names?.elements ?? []).enumerated() where i < output.count {
      if let name = name["String"]?["sval"]?.string { output[i].name = name }
    }
  }

  /// Adds one item of FROM to the innermost scope.
  mutating func from(_ node: JSONTree) {
    guard let member = node.members?.first else { return }
    let body = member.value
    switch member.key {
    case "RangeVar": relation(body)
    case "JoinExpr": join(body)
    case "RangeSubselect":
      guard let subquery = body["subquery"] else { return }
      var output = query(subquery)
      rename(&output, body["alias"]?["colnames"])
      let alias = body["alias"]?["aliasname"]?.string ?? ""
      scopes[scopes.count - 1].items.append(.init(alias: alias, source: .derived(output)))
    case "RangeTableSample":
      if let relation = body["relation"] { from(relation) }
    default:
      // Functions, XMLTABLE: their arguments may name columns (LATERAL).
      expression(body)
      let alias = body["alias"]?["aliasname"]?.string ?? ""
      scopes[scopes.count - 1].items.append(.init(alias: alias, source: .opaque))
    }
  }

  private mutating func relation(_ node: JSONTree) {
    guard let name = Self.relationName(node) else { return }
    let alias = Self.alias(node) ?? name.name
    if name.schema.isEmpty, var output = scopes.reversed().lazy.compactMap({ $0.commonTables[name.name] }).first {
      rename(&output, node["alias"]?["colnames"])
      scopes[scopes.count - 1].items.append(.init(alias: alias, source: .derived(output)))
      return
    }
    if !openViews.contains(name), openViews.count < 16, var output = openView(name) {
      rename(&output, node["alias"]?["colnames"])
      scopes[scopes.count - 1].items.append(.init(alias: alias, source: .derived(output)))
      return
    }
    let use = addUse(name, alias: alias)
    if node["alias"]?["colnames"] != nil, let columns = columns(name) {
      var output = columns.map { OutputColumn(name: $0, origin: Origin(use: use, column: $0)) }
      rename(&output, node["alias"]?["colnames"])
      scopes[scopes.count - 1].items.append(.init(alias: alias, source: .derived(output)))
    } else {
      scopes[scopes.count - 1].items.append(.init(alias: alias, source: .base(use)))
    }
  }

  /// The output of a view's query, as if it stood in the statement.
  private mutating func openView(_ name: RelationName) -> [OutputColumn]? {
    guard let definition = view(name), let tree = try? StatementAnalyzer.tree(definition), tree["SelectStmt"] != nil
    else { return nil }
    let outer = (text, scopes, subqueryOutputs)
    text = Array(definition.utf8)
    scopes = []
    subqueryOutputs = [:]
    openViews.append(name)
    defer {
      (text, scopes, subqueryOutputs) = outer
      openViews.removeLast()
    }
    var output = query(tree)
    for (i, column) in (columns(name) ?? []).enumerated() where i < output.count { output[i].name = column }
    return output
  }

  private mutating func join(_ node: JSONTree) {
    let first = scopes[scopes.count - 1].items.count
    if let left = node["larg"] { from(left) }
    let second = scopes[scopes.count - 1].items.count
    if let right = node["rarg"] { from(right) }
    var shared = (node["usingClause"]?.elements ?? []).compactMap { $0["String"]?["sval"]?.string }
    let items = scopes[scopes.count - 1].items
    if node["isNatural"]?.bool == true {
      let left = items[first..<second].flatMap { columnNames($0.source) }
      let right = Set(items[second...].flatMap { columnNames($0.source) })
      shared = left.filter(right.contains)
    }
    for name in shared {
      if let left = resolve(name, in: items[first..<second]), let right = resolve(name, in: items[second...]) {
        reference(left)
        reference(right)
        addJoin(
          Owned(use: left.use, subject: .column(left.column)), Owned(use: right.use, subject: .column(right.column)))
      }
    }
    condition(node["quals"])
  }

  func columnNames(_ source: Scope.Source) -> [String] {
    switch source {
    case .base(let use): columns(uses[use].relation) ?? []
    case .derived(let columns): columns.map(\.name)
    case .opaque: []
    }
  }

  mutating func addJoin(_ a: Owned, _ b: Owned) {
    guard a.use != b.use else { return }
    for (one, other) in [(a, b), (b, a)] {
      let join = JoinEquality(subject: one.subject, other: other.use, otherSubject: other.subject)
      if !uses[one.use].joins.contains(join) { uses[one.use].joins.append(join) }
    }
  }

  // MARK: Reading nodes

  static func relationName(_ node: JSONTree?) -> RelationName? {
    guard let node, let name = node["relname"]?.string else { return nil }
    return RelationName(schema: node["schemaname"]?.string ?? "", name: name)
  }

  static func alias(_ node: JSONTree?) -> String? { node?["alias"]?["aliasname"]?.string }
}

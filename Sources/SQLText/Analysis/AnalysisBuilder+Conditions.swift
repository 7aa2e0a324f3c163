internal import Bytes

/// WHERE, ON and everything else that is true or false.
extension AnalysisBuilder {
  /// Takes a condition that every row must meet apart, and walks all of it for the columns it reads.
  mutating func condition(_ node: JSONTree?) {
    guard let node else { return }
    expression(node)
    for conjunct in Self.conjuncts(node) { restrict(conjunct) }
  }

  static func conjuncts(_ node: JSONTree) -> [JSONTree] {
    guard let bool = node["BoolExpr"], bool["boolop"]?.string == "AND_EXPR" else { return [node] }
    return (bool["args"]?.elements ?? []).flatMap(conjuncts)
  }

  private static func disjuncts(_ node: JSONTree) -> [JSONTree] {
    guard let bool = node["BoolExpr"], bool["boolop"]?.string == "OR_EXPR" else { return [node] }
    return (bool["args"]?.elements ?? []).flatMap(disjuncts)
  }

  private mutating func restrict(_ node: JSONTree) {
    if let bool = node["BoolExpr"], bool["boolop"]?.string == "OR_EXPR" { return disjunction(Self.disjuncts(node)) }
    switch atom(node) {
    case .restriction(let use, let condition):
      if !uses[use].conditions.contains(condition) { uses[use].conditions.append(condition) }
    case .joins(let pairs):
      for (a, b) in pairs { addJoin(a, b) }
    case nil: break
    }
  }

  private enum Atom {
    case restriction(Int, Condition)
    case joins([(Owned, Owned)])
  }

  /// What is common to all branches holds for every row; what all branches say about one relation restricts it.
  private mutating func disjunction(_ branches: [JSONTree]) {
    struct Branch {
      var restrictions: [Int: [Condition]] = [:]
      var joins: [Set<Owned>] = []
    }
    var parsed: [Branch] = []
    for branch in branches {
      var result = Branch()
      for conjunct in Self.conjuncts(branch) {
        switch atom(conjunct) {
        case .restriction(let use, let condition): result.restrictions[use, default: []].append(condition)
        case .joins(let pairs): result.joins += pairs.map { [$0.0, $0.1] }
        case nil: break
        }
      }
      parsed.append(result)
    }
    guard let first = parsed.first else { return }
    for pair in first.joins where parsed.allSatisfy({ $0.joins.contains(pair) }) {
      let ends = pair.sorted { $0.use < $1.use }
      if ends.count == 2 { addJoin(ends[0], ends[1]) }
    }
    for use in first.restrictions.keys.sorted() {
      let lists = parsed.map { $0.restrictions[use] ?? [] }
      guard lists.allSatisfy({ !$0.isEmpty }) else { continue }
      let common = lists[0].filter { condition in lists.allSatisfy { $0.contains(condition) } }
      for condition in common where !uses[use].conditions.contains(condition) { uses[use].conditions.append(condition) }
      let rest = lists.map { $0.filter { !common.contains($0) } }
      guard rest.allSatisfy({ !$0.isEmpty }) else { continue }
      let disjunction = Disjunction(branches: rest)
      if !uses[use].disjunctions.contains(disjunction) { uses[use].disjunctions.append(disjunction) }
    }
  }

  // MARK: Atoms

  private mutating func atom(_ node: JSONTree) -> Atom? {
    guard let member = node.members?.first else { return nil }
    let body = member.value
    switch member.key {
    case "A_Expr": return comparison(body)
    case "NullTest":
      guard let argument = body["arg"], let owned = owned(argument) else { return nil }
      let isNull = body["nulltesttype"]?.string == "IS_NULL"
      return .restriction(owned.use, Condition([owned.subject], isNull ? .isNull : .isNotNull, .none))
    case "BooleanTest":
      guard let argument = body["arg"], let owned = owned(argument) else { return nil }
      switch body["booltesttype"]?.string {
      case "IS_TRUE": return .restriction(owned.use, Condition([owned.subject], .isTrue, .none))
      case "IS_FALSE": return .restriction(owned.use, Condition([owned.subject], .isFalse, .none))
      default: return nil
      }
    case "ColumnRef":
      guard let owned = owned(node) else { return nil }
      return .restriction(owned.use, Condition([owned.subject], .isTrue, .none))
    case "BoolExpr" where body["boolop"]?.string == "NOT_EXPR":
      guard let argument = body["args"]?.elements?.first, argument["ColumnRef"] != nil, let owned = owned(argument)
      else { return nil }
      return .restriction(owned.use, Condition([owned.subject], .isFalse, .none))
    case "SubLink": return subqueryComparison(body)
    default: return nil
    }
  }

  private mutating func comparison(_ node: JSONTree) -> Atom? {
    guard let left = node["lexpr"], let right = node["rexpr"], let kind = node["kind"]?.string,
      let name = node["name"]?.elements?.last?["String"]?["sval"]?.string
    else { return nil }
    switch kind {
    case "AEXPR_OP":
      if let row = left["RowExpr"]?["args"]?.elements, let other = right["RowExpr"]?["args"]?.elements,
        row.count == other.count
      {
        return rowComparison(row, name, other)
      }
      if name == "=", let a = owned(left), let b = owned(right), a.use != b.use { return .joins([(a, b)]) }
      if let subject = owned(left), let operand = operand(right) {
        return .restriction(subject.use, Condition([subject.subject], Self.comparison(name), operand))
      }
      if let subject = owned(right), let operand = operand(left), let flipped = Self.commutator(name) {
        return .restriction(subject.use, Condition([subject.subject], Self.comparison(flipped), operand))
      }
      return nil
    case "AEXPR_IN" where name == "=":
      let items = right["List"]?["items"]?.elements ?? []
      if let row = left["RowExpr"]?["args"]?.elements { return rowList(row, count: items.count) }
      guard let subject = owned(left) else { return nil }
      let operands = items.compactMap { operand($0) }
      guard operands.count == items.count else { return nil }
      if items.count == 1 { return .restriction(subject.use, Condition([subject.subject], .equal, operands[0])) }
      return .restriction(
        subject.use,
        Condition([subject.subject], .oneOf(items.count), .list(Array(operands.prefix(Condition.listLimit)))))
    case "AEXPR_OP_ANY" where name == "=":
      guard let subject = owned(left), let operand = operand(right) else { return nil }
      let count = right["A_ArrayExpr"]?["elements"]?.elements?.count ?? 0
      return .restriction(subject.use, Condition([subject.subject], .oneOf(count), operand))
    case "AEXPR_BETWEEN", "AEXPR_BETWEEN_SYM":
      let bounds = right["List"]?["items"]?.elements ?? []
      let operands = bounds.compactMap { operand($0) }
      guard let subject = owned(left), operands.count == 2 else { return nil }
      return .restriction(subject.use, Condition([subject.subject], .between, .list(operands)))
    case "AEXPR_LIKE", "AEXPR_ILIKE":
      guard !name.hasPrefix("!"), let subject = owned(left), let operand = operand(right) else { return nil }
      return .restriction(
        subject.use, Condition([subject.subject], kind == "AEXPR_LIKE" ? .like : .ilike, operand))
    case "AEXPR_SIMILAR":
      guard let subject = owned(left), let operand = operand(right) else { return nil }
      return .restriction(subject.use, Condition([subject.subject], .other(name), operand))
    default: return nil
    }
  }

  private mutating func rowComparison(_ row: [JSONTree], _ name: String, _ other: [JSONTree]) -> Atom? {
    let left = row.compactMap { owned($0) }
    if name == "=" {
      let right = other.compactMap { owned($0) }
      if left.count == row.count, right.count == other.count {
        return .joins(zip(left, right).filter { $0.use != $1.use }.map { ($0, $1) })
      }
    }
    guard let first = left.first, left.count == row.count, left.allSatisfy({ $0.use == first.use }),
      other.allSatisfy({ operand($0) != nil })
    else { return nil }
    return .restriction(first.use, Condition(left.map(\.subject), Self.comparison(name), .expression))
  }

  private mutating func rowList(_ row: [JSONTree], count: Int) -> Atom? {
    let left = row.compactMap { owned($0) }
    guard let first = left.first, left.count == row.count, left.allSatisfy({ $0.use == first.use }) else { return nil }
    return .restriction(first.use, Condition(left.map(\.subject), .oneOf(count), .expression))
  }

  /// `x IN (SELECT y …)` joins x with y; EXISTS has its join inside, where the walk of the subquery found it.
  private mutating func subqueryComparison(_ node: JSONTree) -> Atom? {
    guard node["subLinkType"]?.string == "ANY_SUBLINK", let test = node["testexpr"] else { return nil }
    let isEquality = node["operName"]?.elements?.last?["String"]?["sval"]?.string ?? "=" == "="
    guard isEquality, let location = node["location"]?.integer, let output = subqueryOutputs[location] else {
      return nil
    }
    let left = (test["RowExpr"]?["args"]?.elements ?? [test]).map { owned($0) }
    guard left.count == output.count else { return nil }
    let pairs = zip(left, output).compactMap { left, right -> (Owned, Owned)? in
      guard let left, let origin = right.origin, left.use != origin.use else { return nil }
      return (left, Owned(use: origin.use, subject: .column(origin.column)))
    }
    return pairs.isEmpty ? nil : .joins(pairs)
  }

  private static func comparison(_ name: String) -> Condition.Comparison {
    switch name {
    case "=": .equal
    case "<>", "!=": .notEqual
    case "<": .less
    case "<=": .lessOrEqual
    case ">": .greater
    case ">=": .greaterOrEqual
    case "~~": .like
    case "~~*": .ilike
    default: .other(name)
    }
  }

  private static func commutator(_ name: String) -> String? {
    switch name {
    case "=", "<>", "!=", "&&": name
    case "<": ">"
    case ">": "<"
    case "<=": ">="
    case ">=": "<="
    case "@>": "<@"
    case "<@": "@>"
    default: nil
    }
  }
}

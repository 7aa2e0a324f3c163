internal import Bytes
internal import Model

/// Expressions: the columns they read, the subjects they are, the operands they can be.
extension AnalysisBuilder {
  /// Walks an expression: records the columns it reads and opens the subqueries inside it.
  mutating func expression(_ node: JSONTree) {
    switch node {
    case .object(let members):
      for member in members {
        switch member.key {
        case "ColumnRef": _ = resolve(member.value)
        case "SubLink": subquery(member.value)
        case "SelectStmt": _ = select(member.value)
        default: expression(member.value)
        }
      }
    case .array(let elements):
      for element in elements { expression(element) }
    default: break
    }
  }

  private mutating func subquery(_ node: JSONTree) {
    if let test = node["testexpr"] { expression(test) }
    let location = node["location"]?.integer ?? -1
    // A condition is walked once for its columns and once for its atoms; the subquery is opened once.
    guard subqueryOutputs[location] == nil, let body = node["subselect"] else { return }
    subqueryOutputs[location] = []
    subqueryOutputs[location] = query(body)
  }

  /// The subject that an expression is, when it is one of a single relation: a column, or a function of its columns.
  mutating func owned(_ node: JSONTree) -> Owned? {
    if let reference = node["ColumnRef"] {
      guard let origin = resolve(reference) else { return nil }
      return Owned(use: origin.use, subject: .column(origin.column))
    }
    var origins: [Origin] = []
    guard let sql = expressionText(node, &origins), let first = origins.first,
      origins.allSatisfy({ $0.use == first.use })
    else { return nil }
    return Owned(
      use: first.use, subject: .expression(sql, columns: Array(Set(origins.map(\.column))).sorted()))
  }

  /// What a subject is compared with; nil where it depends on columns.
  mutating func operand(_ node: JSONTree) -> Condition.Operand? {
    guard let member = node.members?.first else { return nil }
    switch member.key {
    case "A_Const": return constant(member.value).map { .constant($0) } ?? .expression
    case "ParamRef": return (member.value["number"]?.integer).map { .parameter(Int($0)) } ?? .expression
    case "TypeCast":
      guard let argument = member.value["arg"], let inner = operand(argument) else { return nil }
      switch inner {
      case .constant(let sql):
        return typeName(member.value["typeName"]).map { .constant(sql + "::" + $0) } ?? .expression
      case .parameter: return inner
      default: return .expression
      }
    case "A_ArrayExpr":
      let elements = member.value["elements"]?.elements ?? []
      let operands = elements.prefix(Condition.listLimit).compactMap { operand($0) }
      return operands.count == min(elements.count, Condition.listLimit) ? .list(operands) : nil
    default: return readsColumns(node) ? nil : .expression
    }
  }

  /// Whether an expression reads a column of a relation at hand. A subquery in it counts as reading none: PostgreSQL
  /// evaluates it first unless it is correlated, and then it is no index condition anyway.
  private mutating func readsColumns(_ node: JSONTree) -> Bool {
    switch node {
    case .object(let members):
      for member in members where member.key != "SubLink" {
        if member.key == "ColumnRef" { return true }
        if readsColumns(member.value) { return true }
      }
      return false
    case .array(let elements):
      for element in elements { if readsColumns(element) { return true } }
      return false
    default: return false
    }
  }

  // MARK: Text

  /// A constant as the text spells it.
  func constant(_ node: JSONTree) -> String? {
    if node["isnull"]?.bool == true { return "NULL" }
    if let bool = node["boolval"] { return bool["boolval"]?.bool == true ? "true" : "false" }
    let start = Int(node["location"]?.integer ?? 0)
    guard start >= 0, start < text.count else { return nil }
    return text.withUnsafeBufferPointer { bytes in
      var lexer = SQLLexer(UnsafeBufferPointer(rebasing: bytes[start...]))
      var sign = ""
      while let token = lexer.next() {
        if token.kind == .symbol, bytes[start + token.start] == ascii("-") {
          sign = "-"
        } else if token.isLiteral {
          return sign + String(decoding: bytes[start + token.start..<start + token.end], as: UTF8.self)
        } else if token.kind != .whitespace, token.kind != .identifier {
          return nil
        }
      }
      return nil
    }
  }

  /// An expression over columns as SQL, for the kinds of expressions that indexes are made of; nil for others, and
  /// for parameters, which no index can hold.
  private mutating func expressionText(_ node: JSONTree, _ origins: inout [Origin]) -> String? {
    guard let member = node.members?.first else { return nil }
    let body = member.value
    switch member.key {
    case "ColumnRef":
      guard let origin = resolve(body) else { return nil }
      origins.append(origin)
      return SQLSpelling.identifier(origin.column)
    case "A_Const": return constant(body)
    case "TypeCast":
      guard let argument = body["arg"], let inner = expressionText(argument, &origins),
        let type = typeName(body["typeName"])
      else { return nil }
      return (argument["ColumnRef"] != nil || argument["A_Const"] != nil ? inner : "(" + inner + ")") + "::" + type
    case "FuncCall": return functionText(body, &origins)
    case "CoalesceExpr":
      guard let list = listText(body["args"], &origins) else { return nil }
      return "COALESCE(" + list + ")"
    case "A_Expr":
      guard let kind = body["kind"]?.string, kind == "AEXPR_OP", let right = body["rexpr"],
        let name = body["name"]?.elements?.last?["String"]?["sval"]?.string,
        body["name"]?.elements?.count == 1, let rightText = expressionText(right, &origins)
      else { return nil }
      let b = right["A_Expr"] == nil ? rightText : "(" + rightText + ")"
      guard let left = body["lexpr"] else { return name + " " + b }
      guard let leftText = expressionText(left, &origins) else { return nil }
      return (left["A_Expr"] == nil ? leftText : "(" + leftText + ")") + " " + name + " " + b
    default: return nil
    }
  }

  private mutating func functionText(_ node: JSONTree, _ origins: inout [Origin]) -> String? {
    // Aggregates and window functions are no index expressions.
    for key in ["agg_star", "agg_order", "agg_filter", "agg_distinct", "over", "func_variadic", "agg_within_group"]
    where node[key] != nil { return nil }
    let names = (node["funcname"]?.elements ?? []).compactMap { $0["String"]?["sval"]?.string }
    guard let name = names.last, !Self.aggregates.contains(name), let list = listText(node["args"], &origins)
    else { return nil }
    if names.count == 2, names[0] == "pg_catalog", name == "timezone", node["args"]?.elements?.count == 2 {
      var ignored: [Origin] = []
      guard let zone = node["args"]?.elements?.first.flatMap({ expressionText($0, &ignored) }),
        let value = node["args"]?.elements?.last.flatMap({ expressionText($0, &ignored) })
      else { return nil }
      return "(" + value + ") AT TIME ZONE " + zone
    }
    let qualified = names.count == 2 && names[0] != "pg_catalog" ? SQLSpelling.identifier(names[0]) + "." : ""
    // `date_part` and the like print with their quoted names; a key word as a function's name must be qualified.
    let spelled = SQLSpelling.identifier(name)
    return qualified + (spelled.hasPrefix("\"") && qualified.isEmpty ? "pg_catalog." + spelled : spelled)
      + "(" + list + ")"
  }

  private static let aggregates: Set<String> = [
    "array_agg", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "count", "every", "json_agg",
    "json_object_agg", "jsonb_agg", "jsonb_object_agg", "max", "min", "range_agg", "stddev", "stddev_pop",
    "stddev_samp", "string_agg", "sum", "var_pop", "var_samp", "variance",
  ]

  private mutating func listText(_ list: JSONTree?, _ origins: inout [Origin]) -> String? {
    var parts: [String] = []
    for element in list?.elements ?? [] {
      guard let part = expressionText(element, &origins) else { return nil }
      parts.append(part)
    }
    return parts.joined(separator: ", ")
  }

  private func typeName(_ node: JSONTree?) -> String? {
    guard let node else { return nil }
    let names = (node["names"]?.elements ?? []).compactMap { $0["String"]?["sval"]?.string }
    guard let name = names.last, node["setof"] == nil else { return nil }
    // Types that the grammar itself names live in pg_catalog and need no schema.
    let schema = names.count == 2 && names[0] != "pg_catalog" ? SQLSpelling.identifier(names[0]) + "." : ""
    if name == "bpchar", names.first == "pg_catalog" { return nil }
    var modifiers = ""
    if let list = node["typmods"]?.elements {
      guard name != "interval" else { return "interval" }
      let values = list.compactMap { $0["A_Const"]?["ival"]?["ival"]?.integer }
      guard values.count == list.count else { return nil }
      modifiers = "(" + values.map(String.init).joined(separator: ", ") + ")"
    }
    let bare = name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "_")
    }
    let spelled = bare ? name : SQLSpelling.identifier(name)
    return schema + spelled + modifiers + String(repeating: "[]", count: node["arrayBounds"]?.elements?.count ?? 0)
  }
}

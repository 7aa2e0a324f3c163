import Catalog
import Model

extension SchemaPlan {
  mutating func addFunctions() throws {
    // A range type and its multirange come with the functions that make their values.
    var constructors: Set<RelationName> = []
    for row in source["types"] {
      guard let range = try row.row("range") else { continue }
      let name = try Self.name(row)
      constructors.insert(name)
      if let multirange = try range.optionalString("multirange") {
        constructors.insert(RelationName(schema: name.schema, name: multirange))
      }
    }
    for row in source["functions"] {
      let name = try Self.name(row)
      if constructors.contains(name), try row.string("language") == "internal" { continue }
      let result = try row.optionalString("result") ?? ""
      let kind = try row.string("kind")
      // Procedures and trigger functions take no part in planning.
      guard kind != "procedure", result != "trigger", try row.optionalBool("is_event_trigger") != true else { continue }
      let arguments = try row.string("arguments")
      let object = "function \(name)(\(arguments))"
      let definition = try row.optionalString("definition")
      if kind == "aggregate" || kind == "window" {
        guard let definition else { continue }
        addDefinition(
          "aggregate \(name)(\(arguments))", definition, of: kind == "window" ? .function : .aggregate, name: name)
        continue
      }
      let support = try row.optionalString("support")
      let isLeakproof = try row.bool("is_leakproof")
      if isLeakproof || support != nil {
        privileged.append(
          PrivilegedFunction(name: name, arguments: arguments, isLeakproof: isLeakproof, support: support))
      }
      let stub = try Self.stub(row, name: name, arguments: arguments, result: result)
      let language = try row.string("language")
      if let definition, ["sql", "plpgsql"].contains(language) {
        addDefinition(
          object, Self.unprivileged(definition, support: support), of: .function, name: name,
          fallback: .init(
            statements: [stub],
            note: "only its declaration is here; statements that need its result to be planned fail"))
      } else {
        steps.append(SchemaStep(object, [stub], name: name))
        leftOut.append(
          LeftOut(
            object: object,
            reason:
              "written in \(language): only its declaration is here; statements that need its result to be planned fail",
            name: name))
      }
    }
  }

  /// The lines between a function's result and its body, as `pg_get_functiondef` writes them.
  private static func attributes(of definition: String) -> Range<String.Index>? {
    guard let start = definition.firstRange(of: "\n LANGUAGE ")?.lowerBound else { return nil }
    let ends = ["\nAS ", "\nRETURN", "\nBEGIN ATOMIC"].compactMap {
      definition[start...].firstRange(of: $0)?.lowerBound
    }
    return start..<(ends.min() ?? definition.endIndex)
  }

  /// The definition without what only a superuser may say; `PrivilegedFunction` brings it back.
  static func unprivileged(_ definition: String, support: String?) -> String {
    guard let range = attributes(of: definition) else { return definition }
    var header = String(definition[range])
    if let word = header.firstRange(of: " LEAKPROOF") { header.removeSubrange(word) }
    if let support, let words = header.firstRange(of: " SUPPORT " + support) { header.removeSubrange(words) }
    return definition[..<range.lowerBound] + header + definition[range.upperBound...]
  }

  /// A function with the properties that the planner looks at, and a body that says what it is.
  private static func stub(
    _ row: SnapshotRow, name: RelationName, arguments: String, result: String
  ) throws -> String {
    var sql = "CREATE FUNCTION \(name.sql)(\(arguments)) RETURNS \(result)"
    // The server's own words have the arguments' defaults.
    if let definition = try row.optionalString("definition"), DefinitionKind.function.matches(definition),
      let attributes = attributes(of: definition)
    {
      sql = String(definition[..<attributes.lowerBound])
    }
    sql += " LANGUAGE plpgsql"
    switch try row.string("volatility") {
    case "i": sql += " IMMUTABLE"
    case "s": sql += " STABLE"
    default: sql += " VOLATILE"
    }
    if try row.bool("is_strict") { sql += " STRICT" }
    switch try row.string("parallel") {
    case "s": sql += " PARALLEL SAFE"
    case "r": sql += " PARALLEL RESTRICTED"
    default: break
    }
    if let cost = try row.optionalDouble("cost"), cost > 0, cost.isFinite { sql += " COST \(Float(cost))" }
    if let rows = try row.optionalDouble("rows"), rows > 0, rows.isFinite { sql += " ROWS \(Float(rows))" }
    let message = "function \(name) has no body in the planner twin"
    return sql + " AS "
      + SQLSpelling.literal("BEGIN RAISE EXCEPTION \(SQLSpelling.literal("%")), \(SQLSpelling.literal(message)); END")
  }
}

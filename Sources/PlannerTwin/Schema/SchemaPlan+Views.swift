import Catalog
import Model

extension SchemaPlan {
  /// Views and materialized views in the order of their object ids, in which each stands behind what it reads.
  mutating func addViews() throws {
    var definitions: [Int64: String] = [:]
    for row in source["views"] {
      definitions[try row.integer("relation")] = try row.optionalString("definition")
    }
    for row in source["relations"] where try !Self.isOfExtension(row) {
      switch try row.string("kind") {
      case "view": try addView(row, definition: definitions[try row.integer("oid")])
      case "materialized_view": try addMaterializedView(row, definition: definitions[try row.integer("oid")])
      default: break
      }
    }
  }

  private func columnNames(_ row: SnapshotRow) throws -> String {
    let names = try (columns[try row.integer("oid")] ?? []).map { SQLSpelling.identifier(try $0.string("name")) }
    return names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
  }

  private mutating func addView(_ row: SnapshotRow, definition: String?) throws {
    let name = try Self.name(row)
    guard let definition else {
      leftOut.append(
        LeftOut(object: "view \(name)", reason: "the snapshot does not have its definition", name: name))
      return
    }
    guard DefinitionKind.view.matches(definition) else {
      leftOut.append(LeftOut(object: "view \(name)", reason: "its definition is no query", name: name))
      return
    }
    let options = try row.strings("options").filter { option in
      ["security_barrier=", "security_invoker=", "check_option="].contains { option.hasPrefix($0) }
    }
    steps.append(
      SchemaStep(
        "view \(name)",
        [
          "CREATE VIEW \(name.sql)" + (try columnNames(row))
            + (options.isEmpty ? "" : " WITH (\(options.joined(separator: ", ")))") + " AS " + definition
        ], name: name))
  }

  /// A materialized view is planned as a table; made as one where its query cannot be had.
  private mutating func addMaterializedView(_ row: SnapshotRow, definition: String?) throws {
    let oid = try row.integer("oid")
    let name = try Self.name(row)
    let specs = try (columns[oid] ?? []).map {
      try Self.columnSpecs($0, mayBeNull: true, hasOwnIdentity: false).plain
    }
    let options = try Self.storageOptions(row)
    let tail = options.isEmpty ? "" : " WITH (\(options.joined(separator: ", ")))"
    let asTable = "CREATE TABLE \(name.sql) (\(specs.joined(separator: ", ")))\(tail)"
    if let definition, DefinitionKind.view.matches(definition) {
      var query = definition[...]
      while let last = query.last, last == ";" || last.isWhitespace { query.removeLast() }
      steps.append(
        SchemaStep(
          "materialized view \(name)",
          ["CREATE MATERIALIZED VIEW \(name.sql)\(try columnNames(row))\(tail) AS \(query) WITH NO DATA"],
          fallback: .init(statements: [asTable], note: "made as a table"), name: name))
    } else {
      steps.append(SchemaStep("materialized view \(name)", [asTable], name: name))
    }
    try addIndexes(oid, name)
  }

  /// Rules that rewrite writes.
  mutating func addRules() throws {
    for row in source["views"] {
      guard let name = names[try row.integer("relation")] else { continue }
      for rule in try row.rows("rules") {
        addDefinition(
          "rule \(SQLSpelling.identifier(try rule.string("name"))) of \(name)", try rule.string("definition"),
          of: .rule, name: name)
      }
    }
  }

  /// Without a trigger INSTEAD OF it, a write to a view is an error while planning. What the trigger does is not
  /// planned, so it does nothing here; other triggers take no part in planning.
  mutating func addTriggers() throws {
    // `TRIGGER_TYPE_…`, pg_trigger.h.
    let (insert, delete, update, instead): (Int64, Int64, Int64, Int64) = (1 << 2, 1 << 3, 1 << 4, 1 << 6)
    for row in source["triggers"] where try row.string("enabled") != "D" {
      let bits = try row.integer("type_bits")
      guard bits & instead != 0, let name = names[try row.integer("relation")] else { continue }
      let events = [(insert, "INSERT"), (update, "UPDATE"), (delete, "DELETE")].filter { bits & $0.0 != 0 }.map(\.1)
      guard !events.isEmpty else { continue }
      let trigger = SQLSpelling.identifier(try row.string("name"))
      steps.append(
        SchemaStep(
          "trigger \(trigger) of \(name)",
          [
            "CREATE TRIGGER \(trigger) INSTEAD OF \(events.joined(separator: " OR ")) ON \(name.sql) FOR EACH ROW "
              + "EXECUTE FUNCTION \(TwinSupport.schema).does_nothing()"
          ], name: name))
    }
  }
}

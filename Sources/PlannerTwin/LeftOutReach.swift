import Catalog
import Model

/// Through what a statement reads objects that it does not name: views by what their definitions name, partitioned and
/// inherited tables by their children, functions in SQL by their bodies, tables by their policies.
struct LeftOutReach: Sendable {
  private var schemas: Set<String> = []
  private var searchPath: [String] = []
  private var known: [String: Set<RelationName>] = [:]
  /// By an object: those that are left out and are read through it.
  private var found: [RelationName: Set<RelationName>] = [:]

  /// - Parameter role: as whom statements are planned; its search path counts.
  init(_ source: Snapshot, role: String?, leftOut: Set<RelationName>) throws {
    for row in source["schemas"] { schemas.insert(try row.string("name")) }
    var settings = try PlannerSettings.settings(of: source)
    if let role { settings += try PlannerSettings.settings(of: source, role: role) }
    searchPath = SearchPath.names(settings.last { $0.name == "search_path" }?.value ?? "public")
    var names: [Int64: RelationName] = [:]
    for section in ["relations", "functions", "types"] {
      for row in source[section] {
        let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
        if section == "relations" { names[try row.integer("oid")] = name }
        add(name)
      }
    }
    for name in leftOut { add(name) }
    guard !leftOut.isEmpty else { return }
    reach(leftOut, by: try mentioned(source, names))
  }

  private mutating func add(_ name: RelationName) {
    schemas.insert(name.schema)
    known[name.name, default: []].insert(name)
  }

  /// What objects are made of.
  private func mentioned(
    _ source: Snapshot, _ names: [Int64: RelationName]
  ) throws -> [RelationName: Set<RelationName>] {
    var mentioned: [RelationName: Set<RelationName>] = [:]
    for row in source["relations"] {
      guard let child = names[try row.integer("oid")] else { continue }
      for parent in try row.integers("parents") {
        if let name = names[parent] { mentioned[name, default: []].insert(child) }
      }
    }
    for (section, keys) in [("views", ["definition"]), ("policies", ["using_expression", "check_expression"])] {
      for row in source[section] {
        guard let name = names[try row.integer("relation")] else { continue }
        for key in keys {
          if let sql = try row.optionalString(key) { mentioned[name, default: []].formUnion(resolved(in: sql)) }
        }
      }
    }
    // The planner puts the body of a function in SQL in its place, or plans it when the function is called.
    for row in source["functions"] where try row.optionalString("language") == "sql" {
      guard let definition = try row.optionalString("definition") else { continue }
      let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      for sql in [definition] + SQLScript.dollarQuoted(in: definition) {
        mentioned[name, default: []].formUnion(resolved(in: sql))
      }
    }
    return mentioned
  }

  /// Backwards from what is left out: most objects reach nothing.
  private mutating func reach(_ leftOut: Set<RelationName>, by mentioned: [RelationName: Set<RelationName>]) {
    var mentioning: [RelationName: [RelationName]] = [:]
    for (name, others) in mentioned {
      for other in others where leftOut.contains(other) || mentioned[other] != nil {
        mentioning[other, default: []].append(name)
      }
    }
    for target in leftOut {
      var open = [target]
      var seen: Set<RelationName> = [target]
      while let name = open.popLast() {
        for reader in mentioning[name] ?? [] where seen.insert(reader).inserted {
          found[reader, default: []].insert(target)
          open.append(reader)
        }
      }
    }
  }

  /// The objects that a statement names, and those left out that it reads through them.
  func objects(namedIn sql: String) -> Set<RelationName> {
    var objects = resolved(in: sql)
    for name in objects { objects.formUnion(found[name] ?? []) }
    return objects
  }

  private func resolved(in sql: String) -> Set<RelationName> {
    var objects: Set<RelationName> = []
    for reference in SQLScript.references(in: sql) {
      guard let candidates = known[reference.name] else { continue }
      if let schema = reference.qualifier {
        // What stands before the dot of a column is its table.
        if schemas.contains(schema) { objects.formUnion(candidates.filter { $0.schema == schema }) }
      } else if let nearest = searchPath.lazy.compactMap({ schema in candidates.filter { $0.schema == schema } })
        .first(where: { !$0.isEmpty })
      {
        objects.formUnion(nearest)
      } else {
        // A session may have another path.
        objects.formUnion(candidates)
      }
    }
    return objects
  }
}

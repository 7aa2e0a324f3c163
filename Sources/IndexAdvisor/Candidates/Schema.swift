internal import Model

/// The tables, found by name as statements write them.
struct Schema: Sendable {
  let facts: DatabaseFacts
  private let tables: [RelationName: TableFacts]

  init(_ facts: DatabaseFacts) {
    self.facts = facts
    tables = Dictionary(facts.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Bytes of all tables.
  var heapBytes: Int64 { facts.tables.reduce(0) { $0 + $1.heapBytes } }

  func table(_ name: RelationName, searchPath: [String]) -> TableFacts? {
    guard name.schema.isEmpty else { return tables[name] }
    for schema in searchPath.isEmpty ? facts.searchPath : searchPath {
      if let table = tables[RelationName(schema: schema, name: name.name)] { return table }
    }
    return nil
  }

  func view(_ name: RelationName, searchPath: [String]) -> String? {
    guard name.schema.isEmpty else { return facts.views[name] }
    for schema in searchPath.isEmpty ? facts.searchPath : searchPath {
      if let view = facts.views[RelationName(schema: schema, name: name.name)] { return view }
    }
    return nil
  }
}

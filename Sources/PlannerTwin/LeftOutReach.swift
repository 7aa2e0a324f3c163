import Catalog
import Model

/// Through which relations a statement reads what it does not name: views by what their definitions name, partitioned and
/// inherited tables by their children.
struct LeftOutReach {
  private var mentioned: [String: Set<String>] = [:]

  init(_ source: Snapshot) throws {
    var names: [Int64: String] = [:]
    for row in source["relations"] { names[try row.integer("oid")] = try row.string("name") }
    for row in source["relations"] {
      let child = try row.string("name")
      for parent in try row.integers("parents") {
        if let name = names[parent] { mentioned[name, default: []].insert(child) }
      }
    }
    for row in source["views"] {
      guard let name = names[try row.integer("relation")], let definition = try row.optionalString("definition") else {
        continue
      }
      mentioned[name, default: []].formUnion(SQLScript.names(in: definition))
    }
  }

  /// The names among `wanted` that a statement reads when it names a relation; relations that reach none are left out.
  func reaching(_ wanted: Set<String>) -> [String: Set<String>] {
    // Backwards from what is wanted: most relations reach nothing.
    var mentioning: [String: [String]] = [:]
    for (name, others) in mentioned {
      for other in others where wanted.contains(other) || mentioned[other] != nil {
        mentioning[other, default: []].append(name)
      }
    }
    var found: [String: Set<String>] = [:]
    for target in wanted {
      var open = [target]
      var seen: Set<String> = [target]
      while let name = open.popLast() {
        for reader in mentioning[name] ?? [] where seen.insert(reader).inserted {
          found[reader, default: []].insert(target)
          open.append(reader)
        }
      }
    }
    return found
  }
}

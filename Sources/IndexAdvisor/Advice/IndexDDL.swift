internal import Model

/// The statements that build and drop an index without locking its table against writes.
enum IndexDDL {
  /// A name as PostgreSQL would choose it, of 63 bytes at most and not among those `taken`.
  static func name(_ definition: IndexDefinition, taken: inout Set<String>) -> String {
    let parts = definition.keys.map { $0.columnName ?? "expr" } + definition.included.prefix(2)
    let stem = ([definition.table.name] + parts).joined(separator: "_")
    for number in 0... {
      let suffix = (definition.predicate == nil ? "" : "_part") + "_idx" + (number == 0 ? "" : String(number))
      let name = truncated(stem, to: 63 - suffix.utf8.count) + suffix
      if taken.insert(name).inserted { return name }
    }
    return stem
  }

  private static func truncated(_ text: String, to bytes: Int) -> String {
    var result = text
    while result.utf8.count > bytes { result.removeLast() }
    return result
  }

  static func build(_ definition: IndexDefinition, name: String, _ table: TableFacts?) -> [String] {
    guard let table, table.kind == .partitioned else {
      var statements = [definition.createStatement(name: name, concurrently: true) + ";"]
      if definition.keys.contains(where: { $0.columnName == nil }) {
        // The planner knows an expression's values only from statistics, which only ANALYZE gathers.
        statements.append("ANALYZE \(definition.table.sql);")
      }
      return statements
    }
    // CONCURRENTLY is not to be had on a partitioned table: an invalid index on the parent alone, one index on each
    // partition, attached; the parent's becomes valid with the last. (Manual, CREATE INDEX, "Building Indexes
    // Concurrently", and section 5.11.2.2.)
    let head = " ON " + definition.table.sql
    let parent = definition.createStatement(name: name)
    var statements: [String] = []
    if let range = parent.range(of: head) {
      statements.append(parent.replacingCharacters(in: range, with: " ON ONLY " + definition.table.sql) + ";")
    }
    var taken: Set<String> = [name]
    for partition in table.partitions {
      var copy = definition
      copy.table = partition
      let partitionName = Self.name(copy, taken: &taken)
      statements.append(copy.createStatement(name: partitionName, concurrently: true) + ";")
      let qualified = RelationName(schema: definition.table.schema, name: name).sql
      statements.append(
        "ALTER INDEX \(qualified) ATTACH PARTITION \(RelationName(schema: partition.schema, name: partitionName).sql);")
    }
    return statements
  }

  static func drop(_ definition: IndexDefinition, name: String, _ table: TableFacts?) -> [String] {
    let qualified = RelationName(schema: definition.table.schema, name: name).sql
    // A partitioned index cannot be dropped concurrently.
    return [table?.kind == .partitioned ? "DROP INDEX \(qualified);" : "DROP INDEX CONCURRENTLY \(qualified);"]
  }
}

extension String {
  fileprivate func range(of needle: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
      start = index(after: start)
    }
    return nil
  }

  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}

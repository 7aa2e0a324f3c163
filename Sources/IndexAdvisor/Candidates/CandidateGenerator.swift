internal import Model
internal import SQLText

/// Thinks of the B-tree indexes that could serve one query.
///
/// For each mention of a table: the columns compared by equality in every order (up to three), joined columns before
/// and after them, then one tail of a list, a range or an order; each prefix of all that; then the variants of each
/// key: covering, partial, byte-wise for LIKE. The planner decides what any of them is worth.
struct CandidateGenerator {
  let options: AdvisorOptions
  let version: ServerVersion

  /// In order of promise, without repetition, cut to `AdvisorOptions.candidatesPerStatement`.
  func candidates(for profile: StatementProfile) -> [IndexDefinition] {
    var perUse: [[IndexDefinition]] = []
    for use in profile.uses where isIndexable(use.table) { perUse.append(candidates(for: use)) }
    // One table's many candidates must not push another's out: take them in turns.
    var result: [IndexDefinition] = []
    var seen: Set<IndexDefinition> = []
    for round in 0..<(perUse.map(\.count).max() ?? 0) {
      for list in perUse where round < list.count && seen.insert(list[round]).inserted { result.append(list[round]) }
    }
    return Array(result.prefix(options.candidatesPerStatement))
  }

  private func isIndexable(_ table: TableFacts) -> Bool {
    table.rows >= options.minimumRows && table.kind != .foreign
  }

  private func candidates(for use: StatementProfile.Use) -> [IndexDefinition] {
    let keys = KeyLists(use, options: options)
    var result: [IndexDefinition] = []
    var seen: Set<IndexDefinition> = []
    func add(_ definition: IndexDefinition) {
      guard !definition.keys.isEmpty, isWorthPlanning(definition, use.table), seen.insert(definition).inserted else {
        return
      }
      result.append(definition)
    }
    for key in keys.lists { add(IndexDefinition(table: use.table.name, keys: key)) }
    if options.includesPartial { for definition in PartialVariants(use, keys).definitions { add(definition) } }
    if options.includesCovering { for definition in coveringVariants(use, keys, of: result) { add(definition) } }
    for key in keys.byteWise { add(IndexDefinition(table: use.table.name, keys: key)) }
    return result
  }

  /// Leaves out what exists already, what a unique key's lookup makes pointless, and types without a B-tree order.
  func isWorthPlanning(_ definition: IndexDefinition, _ table: TableFacts) -> Bool {
    for key in definition.keys {
      if let name = key.columnName {
        guard let column = table.column(name), column.hasBTree else { return false }
      } else if !options.includesExpressions {
        return false
      }
    }
    for index in table.indexes where index.isValid && index.definition.method == .btree {
      let existing = index.definition
      let coversKeys =
        existing.keys.count >= definition.keys.count
        && zip(existing.keys, definition.keys).allSatisfy { $0 == $1 }
      if coversKeys, existing.predicate == nil, definition.predicate == nil,
        Set(definition.included).isSubset(of: Set(existing.included + existing.keys.compactMap(\.columnName)))
      {
        return false
      }
    }
    let primary = table.primaryKey
    return primary.isEmpty || Set(definition.keys.prefix(primary.count).compactMap(\.columnName)) != Set(primary)
  }

  // MARK: Covering

  /// Each promising key with everything else that the statement reads: as further keys, which keeps deduplication, and
  /// as INCLUDE, which keeps the tree's inner pages small. Many columns that nothing is looked up by make no key.
  private func coveringVariants(
    _ use: StatementProfile.Use, _ keys: KeyLists, of plain: [IndexDefinition]
  ) -> [IndexDefinition] {
    guard !use.use.referencesWholeRow else { return [] }
    var result: [IndexDefinition] = []
    for definition in plain where definition.included.isEmpty {
      let present = Set(definition.keys.compactMap(\.columnName))
      let missing = use.use.referenced.filter { !present.contains($0) && use.table.column($0) != nil }
      guard !missing.isEmpty else { continue }
      let width = missing.reduce(0) { $0 + (use.table.column($1)?.averageWidth ?? 16) }
      if version.major >= 11, missing.count <= options.maximumIncludedColumns, width <= options.maximumIncludedBytes {
        var covering = definition
        covering.included = missing
        result.append(covering)
      }
      if definition.keys.count + missing.count <= options.maximumKeyColumns,
        missing.count == 1 || missing.allSatisfy(keys.usefulColumns.contains)
      {
        var covering = definition
        covering.keys += missing.map { .column($0) }
        result.append(covering)
      }
      if definition.keys.count < options.maximumKeyColumns, missing.count > 1 {
        // Part of what is read, where it filters or groups: fewer visits to the heap.
        for column in missing where keys.usefulColumns.contains(column) {
          var wider = definition
          wider.keys.append(.column(column))
          result.append(wider)
        }
      }
    }
    return result
  }
}

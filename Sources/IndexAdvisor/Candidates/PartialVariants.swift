internal import Model
internal import SQLText

/// Partial indexes from the conditions that are the same in every execution: each set of up to three of them as the
/// predicate, their columns taken out of the keys.
struct PartialVariants {
  private(set) var definitions: [IndexDefinition] = []

  /// Columns with more different values than this make no predicate: each value would want its own index.
  private static let distinctLimit = 10.0
  /// A predicate that keeps more of the rows than this saves too little.
  private static let keptLimit = 0.8

  init(_ profile: StatementProfile.Use, _ keys: KeyLists) {
    let usable = profile.stable.filter { Self.isUsable($0, profile.table) }.prefix(3)
    guard !usable.isEmpty else { return }
    var seen: Set<IndexDefinition> = []
    for subset in Self.subsets(Array(usable)) {
      let predicate = subset.compactMap { Self.sql($0, profile.table) }
      guard predicate.count == subset.count else { continue }
      let fixed = Set(subset.filter(Self.fixesColumn).compactMap(\.column))
      for list in keys.lists {
        let rest = list.filter { key in key.columnName.map { !fixed.contains($0) } ?? true }
        // Where nothing but the predicate is asked for, its own column is the key.
        let keys = rest.isEmpty ? Array(list.prefix(1)) : rest
        let definition = IndexDefinition(
          table: profile.table.name, keys: keys, predicate: predicate.sorted().joined(separator: " AND "))
        if seen.insert(definition).inserted { definitions.append(definition) }
      }
    }
  }

  private static func subsets(_ conditions: [Condition]) -> [[Condition]] {
    (1..<(1 << conditions.count)).map { mask in
      conditions.indices.filter { mask & (1 << $0) != 0 }.map { conditions[$0] }
    }
    .sorted { $0.count > $1.count }
  }

  private static func isUsable(_ condition: Condition, _ table: TableFacts) -> Bool {
    guard let name = condition.column, let column = table.column(name) else { return false }
    switch condition.comparison {
    case .isNull: return !column.isNotNull && (column.nullFraction ?? 0) <= keptLimit
    case .isNotNull: return !column.isNotNull && 1 - (column.nullFraction ?? 0) <= keptLimit
    case .isTrue, .isFalse: return true
    case .equal, .oneOf, .notEqual: return column.distinct.map { $0 <= distinctLimit } ?? false
    default: return false
    }
  }

  private static func fixesColumn(_ condition: Condition) -> Bool {
    switch condition.comparison {
    case .equal, .isNull, .isTrue, .isFalse: true
    default: false
    }
  }

  /// The condition as the planner simplifies it, so that a predicate matches wherever it should.
  private static func sql(_ condition: Condition, _ table: TableFacts) -> String? {
    guard let name = condition.column else { return nil }
    let column = SQLSpelling.identifier(name)
    let isBoolean = table.column(name)?.type == "boolean"
    switch (condition.comparison, condition.operand) {
    case (.isNull, _): return column + " IS NULL"
    case (.isNotNull, _): return column + " IS NOT NULL"
    case (.isTrue, _): return column
    case (.isFalse, _): return "NOT " + column
    case (.equal, .constant(let value)) where isBoolean: return boolean(value).map { $0 ? column : "NOT " + column }
    case (.notEqual, .constant(let value)) where isBoolean: return boolean(value).map { $0 ? "NOT " + column : column }
    case (.equal, .constant(let value)): return column + " = " + value
    case (.notEqual, .constant(let value)): return column + " <> " + value
    case (.oneOf, .list(let list)):
      let values = list.compactMap { if case .constant(let sql) = $0 { sql } else { nil } }
      return values.count == list.count ? column + " IN (" + values.joined(separator: ", ") + ")" : nil
    default: return nil
    }
  }

  private static func boolean(_ sql: String) -> Bool? {
    switch sql.lowercased() {
    case "true", "'t'", "'true'", "'t'::bool", "'true'::bool", "'t'::boolean", "'true'::boolean": true
    case "false", "'f'", "'false'", "'f'::bool", "'false'::bool", "'f'::boolean", "'false'::boolean": false
    default: nil
    }
  }
}

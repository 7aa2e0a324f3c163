import Findings
import Model

/// The statements that make an index which a plan seems to lack.
enum IndexSuggestion {
  /// - Parameter keys: column names, or SQL expressions with their order, in index order; nil where there are none.
  static func remedy(
    _ sentence: String, for node: PlanNode, keys: [String], isExpression: Bool = false, method: String? = nil
  ) -> Remedy {
    let general = "pgassay advise prices such an index with PostgreSQL's own planner over the whole workload."
    guard !keys.isEmpty, let relation = node.relation else { return Remedy(sentence + " " + general) }
    // A partition's index belongs on the parent, where it cannot be built concurrently.
    let parent = node.partitionParent
    let table = parent ?? relation
    let schema = node.schema.map { SQLSpelling.identifier($0) + "." } ?? ""
    let name = indexName(table, keys)
    let list = keys.map { isExpression ? $0 : SQLSpelling.identifier($0) }.joined(separator: ", ")
    let concurrently = parent == nil ? "CONCURRENTLY " : ""
    return Remedy(
      sentence + " " + general,
      sql: [
        "CREATE INDEX \(concurrently)\(SQLSpelling.identifier(name)) ON \(schema)\(SQLSpelling.identifier(table)) "
          + (method.map { "USING \($0) " } ?? "") + "(\(list));"
      ],
      rollback: ["DROP INDEX \(concurrently)\(schema)\(SQLSpelling.identifier(name));"],
      risk: parent == nil
        ? "Every INSERT, and every UPDATE of its columns, has to keep the index up to date."
        : "Building it blocks writes to the partitioned table; every INSERT has to keep it up to date.",
      showsValues: keys.contains { ExpressionText.withoutValues($0) != $0 })
  }

  /// PostgreSQL's own way of naming, cut to its limit of 63 bytes.
  private static func indexName(_ table: String, _ keys: [String]) -> String {
    let words = keys.map { key in
      String(
        decoding: key.lowercased().utf8.map { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: byte
          default: UInt8(ascii: "_")
          }
        }, as: UTF8.self
      ).split(separator: "_").joined(separator: "_")
    }
    var name = ([table] + words).joined(separator: "_")
    while name.utf8.count > 59 { name.removeLast() }
    return name + "_idx"
  }

  /// Columns that are searched inside (`@>`, `?`, `&&`, `@@`), as keys of a GIN index.
  static func containmentKeys(for condition: String) -> [String] {
    ExpressionText.conjuncts(condition).compactMap { part in
      guard let comparison = ExpressionText.comparison(part),
        ["@>", "?", "?|", "?&", "@@", "@?", "&&"].contains(comparison.operator),
        case .column(let name) = ExpressionText.operand(comparison.left)
      else { return nil }
      // The smaller and faster class answers containment only.
      let isDocument = comparison.operator == "@>" && comparison.right.contains("::jsonb")
      return SQLSpelling.identifier(name) + (isDocument ? " jsonb_path_ops" : "")
    }
  }

  static let equality: Set<String> = ["="]
  static let ranges: Set<String> = ["<", ">", "<=", ">="]

  /// Columns of a condition in the order in which a B-tree serves them: those compared for equality, then one range.
  static func keys(for condition: String) -> [String] {
    let equal = ExpressionText.columns(in: condition, comparedBy: equality)
    let range = ExpressionText.columns(in: condition, comparedBy: ranges).first { !equal.contains($0) }
    return equal + (range.map { [$0] } ?? [])
  }
}

public import Findings
import IndexAdvisor
import Model

public enum ForeignKeyWithoutIndex: ReviewRule {
  static let rows = 1_000.0

  public static let description = RuleDescription(
    "table.foreign-key-without-index", title: "Foreign key without index",
    finds:
      "A foreign key of a table with at least the rows below whose columns are not the first columns, in any order, of a "
      + "valid index without predicate.",
    explanation:
      "Deleting a referenced row, or changing its key, scans the whole referencing table; so does every join from "
      + "the referenced side. Where neither happens the index is not needed.",
    thresholds: [.init("rows", rows, .rows)])

  public static func findings(in input: ReviewInput) -> [Finding] {
    IndexReview.tables(input).flatMap { table -> [Finding] in
      guard table.rows >= rows else { return [] }
      return table.foreignKeys.filter { key in !table.indexes.contains { serves($0, key) } }.map { columns in
        let list = columns.map(SQLSpelling.identifier).joined(separator: ", ")
        let definition = IndexDefinition(table: table.name, keys: columns.map { .column($0) })
        let name = ([table.name.name] + columns + ["idx"]).joined(separator: "_")
        let isPartitioned = table.kind == .partitioned
        return Finding(
          rule: description.id, subject: .table(table.name, database: input.databaseName),
          discriminator: columns.joined(separator: ","),
          title: "The foreign key (\(list)) of \(table.name) has no index",
          severity: .notice,
          evidence: [
            .text("columns", "Columns", list), .quantity("rows", "Rows of the table", table.rows, .rows),
            .quantity("size", "Size of the table", Double(table.heapBytes), .bytes),
          ],
          remedy: Remedy(
            "Index the columns, if rows are ever deleted on the other side, or joined from there.",
            sql: [definition.createStatement(name: name, concurrently: !isPartitioned) + ";"],
            rollback: [
              "DROP INDEX \(isPartitioned ? "" : "CONCURRENTLY ")"
                + RelationName(schema: table.name.schema, name: name).sql + ";"
            ], risk: "Every INSERT, and every UPDATE of the columns, has to keep the index up to date."),
          confidence: .guess("the catalog shows the gap; whether the other side is changed is not in it"))
      }
    }.sorted()
  }

  private static func serves(_ index: IndexFacts, _ columns: [String]) -> Bool {
    let leading = index.definition.keys.prefix(columns.count).compactMap(\.columnName)
    return index.isValid && index.definition.predicate == nil && index.definition.method == .btree
      && leading.count == columns.count && Set(leading) == Set(columns)
  }
}

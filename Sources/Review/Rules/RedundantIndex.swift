public import Findings
import IndexAdvisor
import Model

public enum RedundantIndex: ReviewRule {
  public static let description = RuleDescription(
    "index.redundant", title: "Index that another one covers",
    finds:
      "A B-tree index that is not unique and backs no constraint, whose keys are the first keys of another B-tree of "
      + "the table, with the same order, operator classes, collations and predicate, and whose included columns the "
      + "other holds too.",
    explanation:
      "Every scan that uses it can use the other. The other is larger, so scans of very many rows can become a "
      + "little slower.")

  public static func findings(in input: ReviewInput) -> [Finding] {
    IndexReview.tables(input).flatMap { table -> [Finding] in
      table.indexes.compactMap { index -> Finding? in
        guard IndexReview.isDroppable(index), !index.definition.isUnique, index.definition.method == .btree,
          let wider = table.indexes.filter({ covers($0, index) }).min(by: { $0.sizeBytes < $1.sizeBytes })
        else { return nil }
        return IndexReview.dropping(
          input, description.id, index, of: table,
          title: "\(SQLSpelling.identifier(index.name)) is covered by \(SQLSpelling.identifier(wider.name))",
          evidence: [
            .text("covered_by", "Covered by", "\(SQLSpelling.identifier(wider.name)): \(wider.definition.summary)"),
            .quantity("size_covering", "Size of that one", Double(wider.sizeBytes), .bytes),
          ], severity: .notice, confidence: .measured("both definitions are in the catalog"))
      }
    }.sorted()
  }

  private static func covers(_ wide: IndexFacts, _ narrow: IndexFacts) -> Bool {
    let (a, b) = (wide.definition, narrow.definition)
    guard wide.isValid, wide.name != narrow.name, a.method == .btree, a.predicate == b.predicate,
      a.keys.count > b.keys.count, Array(a.keys.prefix(b.keys.count)) == b.keys
    else { return false }
    let held = Set(a.keys.compactMap(\.columnName) + a.included)
    return b.included.allSatisfy(held.contains)
  }
}

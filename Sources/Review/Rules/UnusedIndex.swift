public import Findings
import IndexAdvisor
import Model
import Plans

public enum UnusedIndex: ReviewRule {
  static let bytes: Int64 = 65_536
  static let days = 7.0

  public static let description = RuleDescription(
    "index.unused", title: "Index that nobody reads",
    finds:
      "An index of at least the size below that was never scanned since the counters began, at least as many days ago "
      + "as below, is not unique, backs no constraint, is not the replica identity, not a partition of another index, "
      + "and that no recorded plan uses.",
    explanation:
      "It costs writes, space and memory. Counters are of one server only: a replica may use it. An index on an "
      + "expression gives the planner statistics of it even when it is not scanned.",
    thresholds: [.init("size", Double(bytes), .bytes), .init("age of the counters", days, .days)])

  public static func findings(in input: ReviewInput) -> [Finding] {
    guard let database = input.database else { return [] }
    let used = Set(
      input.plans.values.joined().flatMap { recorded -> [String] in
        var names: [String] = []
        recorded.plan.root.walk { node in if let index = node.index { names.append(index) } }
        return names
      })
    return IndexReview.tables(input).flatMap { table -> [Finding] in
      table.indexes.compactMap { index -> Finding? in
        guard index.scans == 0, index.isValid, index.sizeBytes >= bytes, IndexReview.isDroppable(index),
          !index.definition.isUnique, !used.contains(index.name), database.statisticsAgeDays ?? days >= days
        else { return nil }
        let hasExpression = index.definition.keys.contains { $0.columnName == nil }
        let age = database.statisticsAgeDays
        return IndexReview.dropping(
          input, description.id, index, of: table,
          title: "\(SQLSpelling.identifier(index.name)) was never scanned"
            + (age.map { " in \(Figures.count($0)) days" } ?? ""),
          evidence: [
            age.map { .quantity("counters_age", "Age of the counters", $0, .days) },
            hasExpression
              ? .text("expression", "Beware", "an index on an expression also gives the planner statistics") : nil,
          ].compactMap { $0 }, severity: .notice,
          confidence: age == nil || hasExpression
            ? .guess("scans are counted, but since when is not known, or its statistics may be needed")
            : .measured("scans are counted by this server; replicas count their own"))
      }
    }.sorted()
  }
}

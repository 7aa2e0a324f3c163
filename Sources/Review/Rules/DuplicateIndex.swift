public import Findings
import IndexAdvisor
import Model

public enum DuplicateIndex: ReviewRule {
  public static let description = RuleDescription(
    "index.duplicate", title: "The same index twice",
    finds: "An index whose definition equals that of another index of the table in everything but the name, and which "
      + "backs no constraint.",
    explanation: "Both are kept up to date and take space and memory; the planner needs one.")

  public static func findings(in input: ReviewInput) -> [Finding] {
    IndexReview.tables(input).flatMap { table -> [Finding] in
      let groups = Dictionary(grouping: table.indexes.filter(\.isValid)) { IndexReview.identity($0.definition) }
      return groups.values.filter { $0.count > 1 }.flatMap { twins -> [Finding] in
        // What backs a constraint stays; then what is used most; then the shorter, earlier name.
        let kept = twins.min { IndexReview.rank($0) < IndexReview.rank($1) } ?? twins[0]
        return twins.filter { $0.name != kept.name && IndexReview.isDroppable($0) }.map { index in
          IndexReview.dropping(
            input, description.id, index, of: table,
            title: "\(SQLSpelling.identifier(index.name)) is the same index as \(SQLSpelling.identifier(kept.name))",
            evidence: [
              .text("same_as", "The same as", SQLSpelling.identifier(kept.name)),
              kept.scans.map { .quantity("scans_kept", "Scans of that one", Double($0), .count) },
            ].compactMap { $0 }, severity: .notice, confidence: .measured("both definitions are in the catalog"))
        }
      }
    }.sorted()
  }
}

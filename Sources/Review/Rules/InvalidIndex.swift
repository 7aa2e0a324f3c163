public import Findings
import IndexAdvisor
import Model

public enum InvalidIndex: ReviewRule {
  public static let description = RuleDescription(
    "index.invalid", title: "Invalid index",
    finds: "An index that CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY left behind unfinished.",
    explanation: "No plan uses it, but every write keeps it up to date.")

  public static func findings(in input: ReviewInput) -> [Finding] {
    IndexReview.tables(input).flatMap { table -> [Finding] in
      table.indexes.filter { !$0.isValid && !$0.isPartition }.map { index in
        var finding = IndexReview.dropping(
          input, description.id, index, of: table, title: "\(SQLSpelling.identifier(index.name)) is not valid",
          evidence: [], severity: .warning, confidence: .measured("marked so in the catalog"))
        finding.remedy = Remedy(
          "Build it again, or drop it and create it anew.",
          sql: [
            "REINDEX INDEX CONCURRENTLY \(IndexReview.name(index, of: table).sql);"
          ], risk: "Building takes time, space for a second copy, and waits for older transactions.")
        return finding
      }
    }.sorted()
  }
}

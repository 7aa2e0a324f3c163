import Findings
import IndexAdvisor
import Model

/// What the rules about indexes have in common.
enum IndexReview {
  /// Tables by name; partitions are judged with their parents.
  static func tables(_ input: ReviewInput) -> [TableFacts] {
    let tables = input.database?.tables ?? []
    let partitions = Set(tables.flatMap(\.partitions))
    return tables.filter { !partitions.contains($0.name) }.sorted { $0.name < $1.name }
  }

  /// Whether the index may go without anything but speed being lost.
  static func isDroppable(_ index: IndexFacts) -> Bool {
    !index.isPrimary && !index.isConstraint && !index.isReplicaIdentity && !index.isPartition
  }

  /// Equal for indexes that are the same but for their name and storage.
  static func identity(_ definition: IndexDefinition) -> IndexDefinition {
    var definition = definition
    definition.parameters = [:]
    return definition
  }

  /// Which of several equal indexes is kept: the smallest.
  static func rank(_ index: IndexFacts) -> (Int, Int64, Int, String) {
    (isDroppable(index) ? 1 : 0, -(index.scans ?? 0), index.name.utf8.count, index.name)
  }

  static func name(_ index: IndexFacts, of table: TableFacts) -> RelationName {
    RelationName(schema: table.name.schema, name: index.name)
  }

  /// A finding whose remedy is to drop the index.
  static func dropping(
    _ input: ReviewInput, _ rule: RuleID, _ index: IndexFacts, of table: TableFacts, title: String,
    evidence: [Evidence], severity: Severity, confidence: Confidence
  ) -> Finding {
    let name = name(index, of: table)
    // An index of a partitioned table can be dropped neither concurrently nor by parts.
    let isPartitioned = table.kind == .partitioned
    var all: [Evidence] = [
      .text("definition", "Definition", index.definition.summary),
      .quantity("size", "Size", Double(index.sizeBytes), .bytes),
    ]
    if let scans = index.scans { all.append(.quantity("scans", "Scans", Double(scans), .count)) }
    return Finding(
      rule: rule, subject: .index(name, on: table.name, database: input.databaseName), title: title, severity: severity,
      evidence: all + evidence,
      remedy: Remedy(
        "Drop it.", sql: ["DROP INDEX \(isPartitioned ? "" : "CONCURRENTLY ")\(name.sql);"],
        rollback: [index.definition.createStatement(name: index.name, concurrently: !isPartitioned) + ";"],
        risk: isPartitioned
          ? "Dropping locks the table for a moment; building it again takes as long as it did."
          : "Building it again takes as long as it did; ask the replicas' counters too.",
        showsValues: index.definition.predicate != nil),
      confidence: confidence)
  }
}

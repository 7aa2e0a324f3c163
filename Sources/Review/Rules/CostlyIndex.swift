public import Findings
import IndexAdvisor
import Model

public enum CostlyIndex: ReviewRule {
  static let writesPerScan = 100.0
  static let writes = 1_000.0
  /// A B-tree entry, and an update that cannot be heap-only for it: measured on PostgreSQL 15, warm (see `WriteBill`).
  static let millisecondsPerWrite = 0.018

  public static let description = RuleDescription(
    "index.costly", title: "Index written far more often than read",
    finds:
      "An index that is scanned, but on a table with at least as many entry writes for each scan as below. Updates that "
      + "stayed heap-only write no index.",
    explanation:
      "Each INSERT, and each UPDATE that is not heap-only, writes every index of the table. An index on a column "
      + "that every update changes also keeps those updates from being heap-only.",
    thresholds: [
      .init("writes for each scan", writesPerScan, .ratio), .init("writes", writes, .count),
    ])

  public static func findings(in input: ReviewInput) -> [Finding] {
    IndexReview.tables(input).flatMap { table -> [Finding] in
      guard let counters = table.writes else { return [] }
      let cold = max(0, counters.updates - counters.hotUpdates)
      let written = counters.inserts + cold
      return table.indexes.compactMap { index -> Finding? in
        guard let scans = index.scans, scans > 0, index.isValid, IndexReview.isDroppable(index),
          !index.definition.isUnique, written >= writes, written / Double(scans) >= writesPerScan
        else { return nil }
        let days = max(counters.seconds / 86_400, 1.0 / 1_440)
        let time = written * millisecondsPerWrite / days
        var finding = IndexReview.dropping(
          input, description.id, index, of: table,
          title:
            "\(SQLSpelling.identifier(index.name)) is written \(Figures.count(written / Double(scans))) times for each scan",
          evidence: [
            .quantity("writes", "Entries written", written, .count),
            .quantity("inserts", "Inserts", counters.inserts, .count),
            .quantity("updates", "Updates", counters.updates, .count),
            .quantity("hot_updates", "Heap-only updates", counters.hotUpdates, .count),
          ], severity: .notice,
          confidence: .estimated(
            "writes and scans are counted; what the scans would cost without the index is for the planner to say"))
        finding.recoverable = RecoverableTime(time, low: 0, high: time * 3, per: .day)
        finding.remedy.sentence +=
          " It is read now and then: see first what those statements would cost without it (pgassay advise)."
        return finding
      }
    }.sorted()
  }
}

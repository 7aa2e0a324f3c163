import Bytes
import Foundation
import History
import Model
import Plans
import SQLText
import ServerLog

/// Takes a file with the output of EXPLAIN into a history.
struct PlanIntake {
  private let history: HistoryStore
  private let fingerprinter: Fingerprinter
  private let reading: ReadingOptions
  /// Bytes of a file of plans at most.
  private static let limit = 256 << 20

  init(_ history: HistoryStore, _ fingerprinter: Fingerprinter, _ reading: ReadingOptions) {
    self.history = history
    self.fingerprinter = fingerprinter
    self.reading = reading
  }

  private static func format(_ bytes: [UInt8]) -> PlanSample.Format {
    switch bytes.first(where: { $0 > 0x20 }) {
    case UInt8(ascii: "{"), UInt8(ascii: "["): .json
    case UInt8(ascii: "<"): .xml
    default: String(decoding: bytes.prefix(4_000), as: UTF8.self).contains("(cost=") ? .text : .yaml
    }
  }

  func take(_ content: SourceContent) throws -> IngestReport.Source {
    let bytes = try SourceContent.take(PlanIntake.limit, from: content.open())
    let identity = "plan:" + SourceIdentity.digest(bytes)
    var row = IngestReport.Source(path: content.path, format: "plan", outcome: .read)
    row.bytes = Int64(bytes.count)
    if let known = try history.progress(ofSource: identity) {
      row.outcome = .alreadyRead
      row.plans = known.entries
      return row
    }
    let plans: [Plan]
    do {
      plans = try PlanReader.plans(in: bytes)
    } catch {
      throw IngestError.source(path: content.path, detail: "\(content.path): \(error.sentence)")
    }
    var batch = LogBatch()
    guard let documents = PlanDocuments.split(bytes, plans) else {
      throw IngestError.source(
        path: content.path,
        detail:
          "\(content.path) holds \(plans.count) plans that cannot be told apart; put each into a file of its own, or "
          + "all into one JSON array")
    }
    for (document, plan) in documents {
      guard let text = plan.queryText else { continue }
      let statement = fingerprinter.describe(text)
      batch.statements.append(statement)
      let format = PlanIntake.format(document)
      batch.plans.append(
        PlanSample(
          fingerprint: statement.fingerprint, dimensions: WorkloadDimensions(), at: content.modified,
          duration: Microseconds(Int64((plan.executionTime ?? 0) * 1_000)), format: format,
          document: reading.stored(String(decoding: document, as: UTF8.self), format), isNested: false,
          shape: plan.shape))
    }
    let nameless = plans.count - batch.plans.count
    if batch.plans.isEmpty {
      throw IngestError.source(
        path: content.path,
        detail:
          "\(content.path) holds \(nameless == 1 ? "a plan without its statement, so it" : "plans without their statements, so it") "
          + "cannot be told which query it is of; auto_explain logs both")
    }
    if nameless > 0 { row.skipped["plan without its statement"] = Int64(nameless) }
    row.plans = Int64(batch.plans.count)
    batch.progress = [
      SourceProgress(
        identity: identity, path: content.path, format: "plan", consumed: row.bytes, state: [], entries: row.plans,
        skipped: row.skipped, first: nil, last: nil)
    ]
    try history.apply(batch)
    return row
  }
}

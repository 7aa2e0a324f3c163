import Bytes
import Foundation
import History
import Model
import Plans
import SQLText

/// Takes a file with the output of EXPLAIN into a history.
struct PlanIntake {
  private let history: HistoryStore
  private let fingerprinter: Fingerprinter
  /// Bytes of a file of plans at most.
  private static let limit = 256 << 20

  init(_ history: HistoryStore, _ fingerprinter: Fingerprinter) {
    self.history = history
    self.fingerprinter = fingerprinter
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
    if plans.count > 1 { row.skipped["further plan in the file (one file, one plan)"] = Int64(plans.count - 1) }
    if let plan = plans.first {
      guard let text = plan.queryText else {
        throw IngestError.source(
          path: content.path,
          detail: "\(content.path) holds a plan without its statement, so it cannot be told which query it is of; "
            + "auto_explain logs both")
      }
      let statement = fingerprinter.describe(text)
      batch.statements.append(statement)
      batch.plans.append(
        PlanSample(
          fingerprint: statement.fingerprint, dimensions: WorkloadDimensions(), at: content.modified,
          duration: Microseconds(Int64((plan.executionTime ?? 0) * 1_000)), format: PlanIntake.format(bytes),
          document: String(decoding: bytes, as: UTF8.self), isNested: false, shape: plan.shape))
    }
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

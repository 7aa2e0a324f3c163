import Foundation
import GRDB
public import Model

extension HistoryStore {
  /// The plans that are kept of a window: for each statement and shape the slowest ones and some ordinary ones. By
  /// fingerprint, then by time; a plan that was kept for both reasons appears once.
  /// - Parameter statement: only of this one.
  public func plans(
    in window: TimeWindow = .everything, of statement: Fingerprint? = nil
  ) throws(HistoryError) -> [PlanSample] {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT DISTINCT s.fingerprint, p.at, p.duration_us, p.format, p.document, p.nested, p.shape, d.database,
            d.user, d.application, d.tags, p.content
          FROM plan p JOIN statement s ON s.id = p.statement_id JOIN dimensions d ON d.id = p.dimensions_id
          WHERE p.at >= ? AND p.at < ? AND (?3 IS NULL OR s.fingerprint = ?3)
          ORDER BY p.at, p.content
          """,
        arguments: [
          window.from?.microseconds ?? .min, window.to?.microseconds ?? .max,
          statement.map { Int64(bitPattern: $0.value) },
        ])
      var plans: [PlanSample] = []
      while let row = try rows.next() {
        let shape = UInt64(bitPattern: row[6] as Int64)
        plans.append(
          PlanSample(
            fingerprint: Fingerprint(UInt64(bitPattern: row[0] as Int64)),
            dimensions: WorkloadDimensions(database: row[7], user: row[8], application: row[9], tags: row[10]),
            at: Timestamp(microseconds: row[1]), duration: Microseconds(row[2]),
            format: PlanSample.Format(rawValue: row[3]) ?? .text,
            document: String(decoding: try Deflate.unpack(row[4]), as: UTF8.self), isNested: row[5],
            shape: shape == 0 ? nil : shape))
      }
      return plans.enumerated().sorted {
        ($0.element.fingerprint, $0.offset) < ($1.element.fingerprint, $1.offset)
      }.map(\.element)
    }
  }
}

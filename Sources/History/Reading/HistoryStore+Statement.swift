import Foundation
import GRDB
public import Model

extension HistoryStore {
  /// The statement whose fingerprint begins with these hexadecimal digits.
  /// - Throws: `HistoryError.noSuchStatement` for none, `.ambiguous` for several with the first of them named.
  public func statement(hex: String) throws(HistoryError) -> StatementText {
    let path = path
    return try read { db in
      let wanted = hex.lowercased()
      let found = try statementTexts(db).values.filter { $0.fingerprint.description.hasPrefix(wanted) }
        .sorted { $0.fingerprint < $1.fingerprint }
      guard !wanted.isEmpty, let first = found.first else {
        throw HistoryError.noSuchStatement(path: path, prefix: hex)
      }
      guard found.count == 1 else {
        let names = found.prefix(4).map { item -> String in
          let text = item.statement?.normalized ?? ""
          return item.fingerprint.description
            + (text.isEmpty ? "" : " " + text.prefix(40) + (text.count > 40 ? "…" : ""))
        }
        throw HistoryError.ambiguous(prefix: hex, candidates: names, count: found.count)
      }
      return first.statement
        ?? StatementText(
          fingerprint: first.fingerprint, normalized: "", kind: .unknown, relations: [], grammar: .masked)
    }
  }

  /// The kept executions of one statement, or of all, the slowest first.
  public func samples(
    of fingerprint: Fingerprint? = nil, in window: TimeWindow = .everything
  ) throws(HistoryError) -> [ExecutionSample] {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT fingerprint, database, user, application, tags, at, duration_us, x.text, parameters, reason
          FROM sample x JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
          WHERE (?1 IS NULL OR fingerprint = ?1) AND (?2 IS NULL OR at >= ?2) AND (?3 IS NULL OR at < ?3)
          ORDER BY duration_us DESC, at, content, reason
          """,
        arguments: [
          fingerprint.map { Int64(bitPattern: $0.value) }, window.from?.microseconds, window.to?.microseconds,
        ])
      var samples: [ExecutionSample] = []
      while let row = try rows.next() {
        samples.append(
          ExecutionSample(
            fingerprint: Fingerprint(UInt64(bitPattern: row[0] as Int64)),
            dimensions: WorkloadDimensions(database: row[1], user: row[2], application: row[3], tags: row[4]),
            at: Timestamp(microseconds: row[5]), duration: Microseconds(row[6]), text: row[7],
            parameters: try SampleParameters.decode(row[8]), reason: .init(rawValue: row[9]) ?? .ordinary))
      }
      return samples
    }
  }

  /// Who ran a statement in a window: its log counts by database, role, application and tags, the largest first.
  public func dimensions(
    of fingerprint: Fingerprint, in window: TimeWindow = .everything
  ) throws(HistoryError) -> [(dimensions: WorkloadDimensions, totals: LogTotals)] {
    try read { db in
      guard let id = try statementID(fingerprint, db) else { return [] }
      var result: [Int64: LogTotals] = [:]
      for part in try window.parts(keeping: LogReader(db: db).keptLevels()) {
        let rows = try Row.fetchCursor(
          db,
          sql: "SELECT * FROM \(part.level.table) WHERE statement_id = ? AND bucket >= ? AND bucket < ?",
          arguments: [id, part.buckets.lowerBound, part.buckets.upperBound])
        while let row = try rows.next() { try result[row["dimensions_id"], default: LogTotals()].add(row) }
      }
      return try result.compactMap { id, totals -> (dimensions: WorkloadDimensions, totals: LogTotals)? in
        guard
          let row = try Row.fetchOne(
            db, sql: "SELECT database, user, application, tags FROM dimensions WHERE id = ?", arguments: [id])
        else { return nil }
        return (WorkloadDimensions(database: row[0], user: row[1], application: row[2], tags: row[3]), totals)
      }.sorted {
        ($1.totals.total, $0.dimensions.database, $0.dimensions.user, $0.dimensions.application, $0.dimensions.tags)
          < ($0.totals.total, $1.dimensions.database, $1.dimensions.user, $1.dimensions.application, $1.dimensions.tags)
      }
    }
  }

  /// A statement's log counts over time, cut into at most so many equal stretches.
  public func logSeries(
    of fingerprint: Fingerprint, in window: TimeWindow, points: Int
  ) throws(HistoryError) -> [(window: TimeWindow, totals: LogTotals)] {
    guard let from = window.from, let to = window.to, from < to, points > 0 else { return [] }
    let width = max(60_000_000, ((to - from).value / Int64(points) / 60_000_000 + 1) * 60_000_000)
    return try read { db in
      let id = try statementID(fingerprint, db)
      var result: [(window: TimeWindow, totals: LogTotals)] = []
      var start = from
      while start < to {
        let end = min(to, start + Microseconds(width))
        let part = TimeWindow(from: start, to: end)
        var totals = LogTotals()
        if let id, let sum = try LogReader(db: db).totals(part, WorkloadFilter(), statement: id)[id] { totals = sum }
        result.append((part, totals))
        start = end
      }
      return result
    }
  }

  func statementID(_ fingerprint: Fingerprint, _ db: Database) throws -> Int64? {
    try Int64.fetchOne(
      db, sql: "SELECT id FROM statement WHERE fingerprint = ?", arguments: [Int64(bitPattern: fingerprint.value)])
  }
}

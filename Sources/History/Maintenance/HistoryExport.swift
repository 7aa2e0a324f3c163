import Foundation
import GRDB
import Model
import Sketch
import Statements

/// What `history export` writes: flat rows of one kind, which any tool can load.
public enum ExportKind: String, CaseIterable, Sendable {
  /// Executions by minute (hour or day where rolled up), statement and who ran it.
  case executions
  /// What pg_stat_statements counted between neighbouring snapshots.
  case intervals
  case statements, samples, plans, events, repetitions, sources, snapshots
}

/// A value of an exported row.
public enum ExportValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case bool(Bool)
}

extension HistoryStore {
  /// Hands out the rows of a kind in a window, in an order that depends on their contents only. Every row has the same
  /// columns; instants are RFC 3339 in UTC.
  /// - Parameter showsValues: samples and plans hold literals and parameters, and are exported only if this is set.
  public func export(
    _ kind: ExportKind, in window: TimeWindow = .everything, showsValues: Bool = false,
    columns: ([String]) -> Void, row body: ([ExportValue]) -> Void
  ) throws(HistoryError) {
    let names = HistoryExport.columns(kind)
    columns(names)
    try read { db in
      let export = HistoryExport(db: db, window: window, showsValues: showsValues)
      switch kind {
      case .executions: try export.executions(body)
      case .intervals: try export.intervals(body)
      default: try export.plain(kind, body)
      }
    }
  }
}

struct HistoryExport {
  let db: Database
  let window: TimeWindow
  let showsValues: Bool

  static func columns(_ kind: ExportKind) -> [String] {
    switch kind {
    case .executions:
      [
        "from", "width_minutes", "fingerprint", "database", "user", "application", "tags", "calls", "errors", "untimed",
        "total_ms", "max_ms", "parse_ms", "bind_ms", "p50_ms", "p95_ms", "p99_ms",
      ]
    case .intervals:
      ["from", "to", "system_identifier", "node", "fingerprint", "database", "user", "query_id", "top_level", "exact"]
        + ExportCounter.allCases.map(\.column)
    case .statements: ["fingerprint", "kind", "grammar", "text", "tables"]
    case .samples:
      [
        "at", "fingerprint", "database", "user", "application", "tags", "duration_ms", "reason", "text", "parameters",
      ]
    case .plans:
      ["at", "fingerprint", "database", "user", "application", "duration_ms", "format", "nested", "document"]
    case .events:
      [
        "minute", "category", "sqlstate", "shape", "database", "user", "application", "fingerprint", "count", "amount",
      ]
    case .repetitions:
      [
        "minute", "fingerprint", "database", "user", "application", "tags", "transactions", "executions", "most",
        "total_ms",
      ]
    case .sources: ["path", "format", "entries", "skipped", "consumed_bytes", "first", "last"]
    case .snapshots: ["id", "at", "system_identifier", "node", "statements", "hidden"]
    }
  }

  // MARK: Executions

  func executions(_ body: ([ExportValue]) -> Void) throws {
    for part in try levels() {
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT c.bucket, s.fingerprint, d.database, d.user, d.application, d.tags, sum(calls) AS calls,
            sum(errors) AS errors, sum(untimed) AS untimed, sum(total_us) AS total_us, max(longest_us) AS longest_us,
            sum(parse_us) AS parse_us, sum(bind_us) AS bind_us, group_concat(hex(sketch)) AS sketches
          FROM \(part.level.table) c JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
          WHERE c.bucket >= ? AND c.bucket < ? GROUP BY c.bucket, statement_id, dimensions_id
          ORDER BY c.bucket, s.fingerprint, d.database, d.user, d.application, d.tags
          """, arguments: [part.buckets.lowerBound, part.buckets.upperBound])
      while let row = try rows.next() {
        var totals = LogTotals()
        for hex in (row["sketches"] as String? ?? "").split(separator: ",") {
          try totals.sketch.merge(decoding: HistoryExport.bytes(hex))
        }
        func milliseconds(_ column: String) -> ExportValue { .real(Double(row[column] as Int64) / 1e3) }
        func quantile(_ q: Double) -> ExportValue {
          totals.sketch.quantile(q).map { .real($0.milliseconds) } ?? .null
        }
        body([
          HistoryExport.time((row["bucket"] as Int64) * part.level.minutes * 60_000_000),
          .integer(part.level.minutes), HistoryExport.fingerprint(row["fingerprint"]), .text(row["database"]),
          .text(row["user"]), .text(row["application"]), .text(row["tags"]), .integer(row["calls"]),
          .integer(row["errors"]), .integer(row["untimed"]), milliseconds("total_us"), milliseconds("longest_us"),
          milliseconds("parse_us"), milliseconds("bind_us"), quantile(0.5), quantile(0.95), quantile(0.99),
        ])
      }
    }
  }

  /// Days as far as only days are kept, then hours, then minutes.
  private func levels() throws -> [(level: CellLevel, buckets: Range<Int64>)] {
    let kept = try LogReader(db: db).keptLevels()
    let minutes = window.minutes
    func bound(_ minute: Int64) -> Int64 { min(max(minute, minutes.lowerBound), minutes.upperBound) }
    let hoursFrom = bound(kept.hoursFrom)
    let minutesFrom = bound(kept.minutesFrom)
    return [
      (CellLevel.day, CellLevel.day.bucket(ofMinute: minutes.lowerBound)..<CellLevel.day.bucket(ofMinute: hoursFrom)),
      (
        .hour, CellLevel.hour.bucket(ofMinute: hoursFrom)..<CellLevel.hour.bucket(ofMinute: max(hoursFrom, minutesFrom))
      ),
      (.minute, max(hoursFrom, minutesFrom)..<minutes.upperBound),
    ].filter { !$0.1.isEmpty }
  }

  private static func bytes(_ hex: Substring) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = hex
    while rest.count >= 2 {
      if let byte = UInt8(rest.prefix(2), radix: 16) { bytes.append(byte) }
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  // MARK: Intervals

  func intervals(_ body: ([ExportValue]) -> Void) throws {
    let reader = SnapshotReader(db: db)
    var fingerprints: [Int64: Int64] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT id, fingerprint FROM statement") { fingerprints[row[0]] = row[1] }
    for server in try reader.servers() {
      let entries = try reader.entries(server: server.id)
      // The finest level that each stretch of time still has.
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT * FROM statements_interval i WHERE server_id = ?1 AND chosen AND from_at >= ?2 AND to_at <= ?3
            AND NOT EXISTS (SELECT 1 FROM statements_interval f WHERE f.server_id = ?1 AND f.level < i.level AND f.chosen
              AND f.from_at >= i.from_at AND f.to_at <= i.to_at)
          ORDER BY to_at, from_at
          """,
        arguments: [server.id, window.from?.microseconds ?? .min, window.to?.microseconds ?? .max])
      while let row = try rows.next() {
        let interval = try IntervalTables.interval(row)
        let items = try IntervalTables.items(row).compactMap { item in entries[item.entry].map { ($0, item.delta) } }
          .sorted { $0.0.key < $1.0.key }
        for (entry, delta) in items {
          body(
            [
              HistoryExport.time(interval.from.microseconds), HistoryExport.time(interval.to.microseconds),
              .text(server.identity.systemIdentifier), .text(server.identity.node),
              HistoryExport.fingerprint(entry.statement.flatMap { fingerprints[$0] }), .text(entry.database),
              .text(entry.user), .integer(entry.key.queryID.value), .bool(entry.key.isTopLevel), .bool(delta.isExact),
            ] + ExportCounter.allCases.map { $0.value(delta.counters) })
        }
      }
    }
  }

  // MARK: Everything else

  func plain(_ kind: ExportKind, _ body: ([ExportValue]) -> Void) throws {
    let minutes = window.minutes
    let times: StatementArguments = [window.from?.microseconds ?? .min, window.to?.microseconds ?? .max]
    switch kind {
    case .executions, .intervals: break
    case .statements:
      try each("SELECT fingerprint, kind, grammar, text, relations FROM statement ORDER BY fingerprint", []) { row in
        let relations = try JSON.value([RelationName].self, row[4])
        body([
          HistoryExport.fingerprint(row[0]), .text(row[1]), .text(row[2]), .text(row[3]),
          .text(relations.map { $0.schema.isEmpty ? $0.name : $0.schema + "." + $0.name }.joined(separator: ", ")),
        ])
      }
    case .samples:
      try each(
        """
        SELECT at, fingerprint, database, user, application, tags, duration_us, reason, x.text, parameters
        FROM sample x JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
        WHERE at >= ? AND at < ? ORDER BY at, fingerprint, reason, rank, content
        """, times
      ) { row in
        body([
          HistoryExport.time(row[0]), HistoryExport.fingerprint(row[1]), .text(row[2]), .text(row[3]), .text(row[4]),
          .text(row[5]), .real(Double(row[6] as Int64) / 1e3), .text(row[7]), showsValues ? .text(row[8]) : .null,
          showsValues ? .text(row[9]) : .null,
        ])
      }
    case .plans:
      try each(
        """
        SELECT at, fingerprint, database, user, application, duration_us, format, nested, document
        FROM plan x JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
        WHERE at >= ? AND at < ? GROUP BY statement_id, shape, content, at ORDER BY at, fingerprint, content
        """, times
      ) { row in
        body([
          HistoryExport.time(row[0]), HistoryExport.fingerprint(row[1]), .text(row[2]), .text(row[3]), .text(row[4]),
          .real(Double(row[5] as Int64) / 1e3), .text(row[6]), .bool(row[7]),
          showsValues ? .text(String(decoding: try Deflate.unpack(row[8]), as: UTF8.self)) : .null,
        ])
      }
    case .events:
      try each(
        """
        SELECT minute, category, sqlstate, e.shape, database, user, application, fingerprint, sum(count),
          sum(amount_milli)
        FROM event x JOIN event_shape e ON e.id = shape_id JOIN dimensions d ON d.id = dimensions_id
        LEFT JOIN statement s ON s.id = statement_id WHERE minute >= ? AND minute < ?
        GROUP BY minute, shape_id, dimensions_id, statement_id
        ORDER BY minute, category, sqlstate, e.shape, database, user, application, fingerprint
        """, [minutes.lowerBound, minutes.upperBound]
      ) { row in
        body([
          HistoryExport.time((row[0] as Int64) * 60_000_000), .text(row[1]), .text(row[2]), .text(row[3]),
          .text(row[4]), .text(row[5]), .text(row[6]), HistoryExport.fingerprint(row[7]), .integer(row[8]),
          .real(Double(row[9] as Int64) / 1e3),
        ])
      }
    case .repetitions:
      try each(
        """
        SELECT minute, fingerprint, database, user, application, tags, sum(transactions), sum(executions), max(most),
          sum(total_us)
        FROM repetition x JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
        WHERE minute >= ? AND minute < ? GROUP BY minute, statement_id, dimensions_id
        ORDER BY minute, fingerprint, database, user, application, tags
        """, [minutes.lowerBound, minutes.upperBound]
      ) { row in
        body([
          HistoryExport.time((row[0] as Int64) * 60_000_000), HistoryExport.fingerprint(row[1]), .text(row[2]),
          .text(row[3]), .text(row[4]), .text(row[5]), .integer(row[6]), .integer(row[7]), .integer(row[8]),
          .real(Double(row[9] as Int64) / 1e3),
        ])
      }
    case .sources:
      try each(
        "SELECT path, format, entries, skipped, consumed, first_at, last_at FROM source ORDER BY path, identity", []
      ) { row in
        let skipped = try JSON.value([String: Int64].self, row[3]).values.reduce(0, +)
        body([
          .text(row[0]), .text(row[1]), .integer(row[2]), .integer(skipped), .integer(row[4]),
          (row[5] as Int64?).map(HistoryExport.time) ?? .null, (row[6] as Int64?).map(HistoryExport.time) ?? .null,
        ])
      }
    case .snapshots:
      try each(
        """
        SELECT system_identifier, node, at, statements, hidden FROM statements_snapshot x
        JOIN server s ON s.id = server_id WHERE at >= ? AND at < ? ORDER BY at, system_identifier, node
        """, [window.from?.microseconds ?? .min, window.to?.microseconds ?? .max]
      ) { row in
        let server = ServerIdentity(systemIdentifier: row[0], node: row[1])
        body([
          .text(HistoryStore.snapshotID(server, at: Timestamp(microseconds: row[2]))), HistoryExport.time(row[2]),
          .text(row[0]), .text(row[1]), .integer(row[3]), .integer(row[4]),
        ])
      }
    }
  }

  private func each(_ sql: String, _ arguments: StatementArguments, _ body: (Row) throws -> Void) throws {
    let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
    while let row = try rows.next() { try body(row) }
  }

  private static func time(_ microseconds: Int64) -> ExportValue {
    .text(Timestamp(microseconds: microseconds).description)
  }

  private static func fingerprint(_ bits: Int64?) -> ExportValue {
    bits.map { .text(Fingerprint(UInt64(bitPattern: $0)).description) } ?? .null
  }
}

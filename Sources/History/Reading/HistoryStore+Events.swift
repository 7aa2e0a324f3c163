import GRDB
public import Model

/// Log entries of one kind and shape in a window.
public struct EventTotals: Sendable, Hashable {
  public var category: EventCell.Category
  /// Five characters, or empty where the log does not say.
  public var sqlState: String
  /// The message without its values.
  public var shape: String
  public var count: Int64
  /// The category's own quantity, summed (`EventCell.amount`).
  public var amount: Double
  /// The statement in which most of them happened, where one is known.
  public var fingerprint: Fingerprint?
  /// One message as logged: shows values.
  public var sample: String
}

/// A statement that sessions of one origin ran again and again inside transactions.
public struct RepetitionTotals: Sendable, Hashable {
  public var fingerprint: Fingerprint
  public var dimensions: WorkloadDimensions
  public var transactions: Int64
  public var executions: Int64
  public var most: Int64
  public var total: Microseconds
}

/// A statement's executions by who ran them.
public struct OriginTotals: Sendable, Hashable {
  public var fingerprint: Fingerprint
  public var dimensions: WorkloadDimensions
  public var calls: Int64
  public var total: Microseconds

  public init(fingerprint: Fingerprint, dimensions: WorkloadDimensions, calls: Int64, total: Microseconds) {
    self.fingerprint = fingerprint
    self.dimensions = dimensions
    self.calls = calls
    self.total = total
  }
}

extension HistoryStore {
  /// Events by category and shape, the most frequent first.
  public func events(in window: TimeWindow = .everything) throws(HistoryError) -> [EventTotals] {
    try read { db in
      let minutes = window.minutes
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT h.id, h.category, h.sqlstate, h.shape, h.sample, s.fingerprint, sum(e.count), sum(e.amount_milli)
          FROM event e JOIN event_shape h ON h.id = e.shape_id LEFT JOIN statement s ON s.id = e.statement_id
          WHERE e.minute >= ? AND e.minute < ?
          GROUP BY h.id, e.statement_id ORDER BY h.category, h.sqlstate, h.shape, sum(e.count) DESC, s.fingerprint
          """, arguments: [minutes.lowerBound, minutes.upperBound])
      var result: [EventTotals] = []
      var last: Int64?
      while let row = try rows.next() {
        let fingerprint = (row[5] as Int64?).map { Fingerprint(UInt64(bitPattern: $0)) }
        if last == row[0], let index = result.indices.last {
          result[index].count += row[6]
          result[index].amount += Double(row[7] as Int64) / 1_000
          result[index].fingerprint = result[index].fingerprint ?? fingerprint
          continue
        }
        last = row[0]
        result.append(
          EventTotals(
            category: EventCell.Category(rawValue: row[1]) ?? .other, sqlState: row[2], shape: row[3], count: row[6],
            amount: Double(row[7] as Int64) / 1_000, fingerprint: fingerprint, sample: row[4]))
      }
      return result.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
    }
  }

  /// How often the statement failed, by SQLSTATE and message, the most frequent first.
  public func errors(
    of fingerprint: Fingerprint, in window: TimeWindow = .everything
  ) throws(HistoryError) -> [EventTotals] {
    try read { db in
      guard let id = try statementID(fingerprint, db) else { return [] }
      let minutes = window.minutes
      return try Row.fetchAll(
        db,
        sql: """
          SELECT h.category, h.sqlstate, h.shape, h.sample, sum(e.count)
          FROM event e JOIN event_shape h ON h.id = e.shape_id
          WHERE e.statement_id = ? AND e.minute >= ? AND e.minute < ?
          GROUP BY h.id ORDER BY sum(e.count) DESC, h.sqlstate, h.shape, h.category
          """, arguments: [id, minutes.lowerBound, minutes.upperBound]
      ).compactMap { row in
        guard let category = EventCell.Category(rawValue: row[0]), category.isFailure else { return nil }
        return EventTotals(
          category: category, sqlState: row[1], shape: row[2], count: row[4], amount: 0, fingerprint: fingerprint,
          sample: row[3])
      }
    }
  }

  /// Statements repeated inside transactions, by origin, the most executions first.
  public func repetitions(in window: TimeWindow = .everything) throws(HistoryError) -> [RepetitionTotals] {
    try read { db in
      let minutes = window.minutes
      return try Row.fetchAll(
        db,
        sql: """
          SELECT s.fingerprint, d.database, d.user, d.application, d.tags, sum(r.transactions), sum(r.executions),
            max(r.most), sum(r.total_us)
          FROM repetition r JOIN statement s ON s.id = r.statement_id JOIN dimensions d ON d.id = r.dimensions_id
          WHERE r.minute >= ? AND r.minute < ?
          GROUP BY r.statement_id, r.dimensions_id
          ORDER BY sum(r.executions) DESC, s.fingerprint, d.database, d.user, d.application, d.tags
          """, arguments: [minutes.lowerBound, minutes.upperBound]
      ).map {
        RepetitionTotals(
          fingerprint: Fingerprint(UInt64(bitPattern: $0[0] as Int64)),
          dimensions: WorkloadDimensions(database: $0[1], user: $0[2], application: $0[3], tags: $0[4]),
          transactions: $0[5], executions: $0[6], most: $0[7], total: Microseconds($0[8]))
      }
    }
  }

  /// Executions by statement and origin, as far as logs tell; by statement, the most calls first.
  public func origins(in window: TimeWindow = .everything) throws(HistoryError) -> [OriginTotals] {
    try read { db in
      var sums: [Fingerprint: [WorkloadDimensions: OriginTotals]] = [:]
      for part in try window.parts(keeping: LogReader(db: db).keptLevels()) {
        let rows = try Row.fetchCursor(
          db,
          sql: """
            SELECT s.fingerprint, d.database, d.user, d.application, d.tags, sum(c.calls), sum(c.total_us)
            FROM statement s CROSS JOIN \(part.level.table) c
              ON c.statement_id = s.id AND c.bucket >= ? AND c.bucket < ?
            JOIN dimensions d ON d.id = c.dimensions_id
            GROUP BY c.statement_id, c.dimensions_id
            """, arguments: [part.buckets.lowerBound, part.buckets.upperBound])
        while let row = try rows.next() {
          let fingerprint = Fingerprint(UInt64(bitPattern: row[0] as Int64))
          let dimensions = WorkloadDimensions(database: row[1], user: row[2], application: row[3], tags: row[4])
          var origin =
            sums[fingerprint]?[dimensions]
            ?? OriginTotals(fingerprint: fingerprint, dimensions: dimensions, calls: 0, total: .zero)
          origin.calls += row[5]
          origin.total.value += row[6]
          sums[fingerprint, default: [:]][dimensions] = origin
        }
      }
      func key(_ origin: OriginTotals) -> [String] {
        [origin.dimensions.database, origin.dimensions.user, origin.dimensions.application, origin.dimensions.tags]
      }
      return sums.sorted { $0.key < $1.key }.flatMap { _, origins in
        origins.values.sorted { a, b in
          a.calls != b.calls ? a.calls > b.calls : key(a).lexicographicallyPrecedes(key(b))
        }
      }
    }
  }
}

extension EventCell.Category {
  /// Whether the statement in which it happened failed; lock waits, temporary files and notices say nothing of that.
  var isFailure: Bool {
    switch self {
    case .error, .deadlock, .cancel, .timeout, .authenticationFailure, .crash, .replicationConflict: true
    case .lockWait, .temporaryFile, .checkpoint, .autovacuum, .autoanalyze, .connection, .disconnection, .restart,
      .wraparound, .other:
      false
    }
  }
}

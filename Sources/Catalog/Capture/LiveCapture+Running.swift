internal import Bytes
internal import Model
public import PostgresClient
internal import Synchronization

extension LiveCapture {
  /// Failed probes after which no further one is tried.
  private static let failedProbesLimit = 20
  /// A relation that is dropped while its definition is read fails the whole query: it is then run again.
  private static let attempts = 3

  /// Takes the snapshot and hands its lines, each with its newline, to `sink`: the header first, the end marker last.
  ///
  /// - Throws: `PostgresError` when the connection fails or even the header cannot be read, and what `sink` throws;
  ///   the connection is then no longer in a transaction.
  public func run(
    on connection: PostgresConnection, to sink: @escaping @Sendable ([UInt8]) throws -> Void
  ) async throws -> Outcome {
    try await connection.transaction(CaptureSettings.begin) { connection in
      try await connection.apply(
        CaptureSettings.session(statementTimeout: options.statementTimeout, lockTimeout: options.lockTimeout),
        forTransaction: true)
      let probe = try Probe.Answer(try await connection.query(Probe.sql).only())
      if probe.isSuperuser {
        try await connection.apply(
          SessionSettings(Probe.untracked.map { .init($0.name, $0.value) }), forTransaction: true)
      }
      let major = connection.serverVersion.major
      var outcome = Outcome(sections: [], bytes: 0)
      func hand(_ lines: [UInt8]) throws {
        outcome.bytes += lines.count
        if !lines.isEmpty { try sink(lines) }
      }

      let header = LineCollector()
      try await connection.forEachRow(
        of: HeaderQuery.sql(major, madeBy: "pgassay capture", keepsValues: options.keepsValues), [], header.take)
      let firstLine = header.lines()
      try hand(firstLine)
      let known = try self.known(SnapshotHeader(Self.row(firstLine)))
      var unseen: [Int64] = []

      for section in sections {
        guard let alternative = section.alternatives.first(where: { $0.needs.map(probe.flags.contains) ?? true }),
          var sql = alternative.sql(major).map(probe.filled)
        else { continue }
        var parameters: [String?] = []
        if section.name == StatementsQueries.texts.name, !known.isEmpty {
          // To ask for no text at all would still make the server read its whole file of texts.
          guard !unseen.isEmpty else {
            outcome.sections.append(.init(name: section.name, rows: 0))
            continue
          }
          sql = probe.filled(StatementsQueries.unseenTexts)
          parameters = ["{" + unseen.map(String.init).joined(separator: ",") + "}"]
        }
        let (result, lines) =
          section.isGenerator
          ? try await look(section, sql, on: connection) : try await take(section, sql, parameters, on: connection)
        if section.name == StatementsQueries.statements.name, !known.isEmpty {
          unseen = try Self.queryIDs(in: lines, without: known)
        }
        outcome.sections.append(result)
        try hand(lines)
      }
      try hand(Array((Self.endMarker(outcome.sections) + "\n").utf8))
      return outcome
    }
  }

  private var sections: [Section] {
    Sections.all(keepsValues: options.keepsValues, withStatistics: options.withStatistics)
      .filter { options.scope == .everything || $0.pace == .round }
  }

  private func take(
    _ section: Section, _ sql: String, _ parameters: [String?], on connection: PostgresConnection
  ) async throws -> (Outcome.SectionOutcome, lines: [UInt8]) {
    var attempt = 1
    while true {
      let lines = LineCollector()
      try await connection.execute("SAVEPOINT pgassay")
      do {
        let rows = try await connection.forEachRow(of: sql, parameters, lines.take)
        try await connection.execute("RELEASE SAVEPOINT pgassay")
        return (.init(name: section.name, rows: rows), lines.lines())
      } catch let error as PostgresError where error.kind == .server {
        try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
        if Self.isPassing(error), attempt < Self.attempts {
          attempt += 1
          continue
        }
        return (.init(name: section.name, rows: nil, fault: Self.reason(error)), [])
      }
    }
  }

  /// A relation that vanished between the query's snapshot and the look at its definition, or was locked meanwhile.
  private static func isPassing(_ error: PostgresError) -> Bool {
    ["XX000", "42P01", "42704", "42883", "3F000", "55P03"].contains(error.sqlState ?? "")
  }

  private static func reason(_ error: PostgresError) -> String {
    error.message + (error.sqlState.map { " [SQLSTATE \($0)]" } ?? "")
  }

  /// Runs the queries that `sql` gives, each under the probes' own timeout: one that fails costs only its own row.
  private func look(
    _ section: Section, _ sql: String, on connection: PostgresConnection
  ) async throws -> (Outcome.SectionOutcome, lines: [UInt8]) {
    let queries: Rows
    try await connection.execute("SAVEPOINT pgassay")
    do {
      queries = try await connection.query(sql)
    } catch let error as PostgresError where error.kind == .server {
      try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
      return (.init(name: section.name, rows: nil, fault: Self.reason(error)), [])
    }
    let lines = LineCollector()
    try await connection.apply(
      SessionSettings([.init("statement_timeout", String(Self.probeTimeoutMilliseconds))]), forTransaction: true)
    try await connection.execute("SAVEPOINT pgassay_probe")
    var rows = 0
    var failed = 0
    for query in queries {
      guard let text = query[0] else { continue }
      do {
        rows += try await connection.forEachRow(of: text, [], lines.take)
      } catch let error as PostgresError where error.kind == .server {
        try await connection.execute("ROLLBACK TO SAVEPOINT pgassay_probe")
        failed += 1
        if failed == Self.failedProbesLimit { break }
      }
    }
    // Takes the shorter timeout back as well.
    try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
    let missing = queries.count - rows
    let fault = missing == 0 ? nil : "\(missing) of \(queries.count) columns could not be looked up in time"
    return (.init(name: section.name, rows: rows, fault: fault), lines.lines())
  }

  /// The query ids of rows of pg_stat_statements whose entries are not among the known ones.
  private static func queryIDs(in lines: [UInt8], without known: Set<Entry>) throws -> [Int64] {
    var ids: Set<Int64> = []
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let row = try row(Array(line))
      guard let queryID = try row.optionalInteger("queryid") else { continue }
      let entry = Entry(
        databaseID: UInt32(clamping: try row.integer("dbid")), userID: UInt32(clamping: try row.integer("userid")),
        queryID: queryID, isTopLevel: try row.optionalBool("toplevel") ?? true)
      if !known.contains(entry) { ids.insert(queryID) }
    }
    return ids.sorted()
  }

  private static func row(_ line: [UInt8]) throws -> SnapshotRow {
    let tree = try line.withUnsafeBytes { try JSONTree(parsing: $0) }
    return SnapshotRow(fields: tree.members ?? [], line: 0)
  }

  private static func endMarker(_ sections: [Outcome.SectionOutcome]) -> String {
    // Names are ours: letters and underscores.
    let counts = sections.filter { $0.name != StatisticsQueries.extremes.name }
      .map { "\"\($0.name)\" : \($0.rows ?? -1)" }
    return "{\"pgassay_snapshot_end\" : { " + counts.joined(separator: ", ") + " }}"
  }
}

/// The lines of one section until it is known to be whole.
private final class LineCollector: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  var take: @Sendable (RowView) throws -> Void {
    { row in
      row.withBytes(0) { line in
        self.bytes.withLock { bytes in
          bytes.append(contentsOf: line)
          bytes.append(UInt8(ascii: "\n"))
        }
      }
    }
  }

  /// What was collected.
  func lines() -> [UInt8] { bytes.withLock { $0 } }
}

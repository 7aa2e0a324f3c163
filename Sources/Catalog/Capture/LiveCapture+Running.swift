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
      let chosen = sections.compactMap { section -> Chosen? in
        guard let alternative = section.alternatives.first(where: { $0.needs.map(probe.flags.contains) ?? true }),
          let query = alternative.sql(major, .all)?.edited(probe.filled)
        else { return nil }
        return Chosen(section: section, alternative: alternative, query: query)
      }
      var outcome = Outcome(sections: [], bytes: 0)
      func hand(_ lines: [UInt8]) throws {
        outcome.bytes += lines.count
        if !lines.isEmpty { try sink(lines) }
      }

      let header = LineCollector()
      try await connection.forEachRow(
        of: HeaderQuery.sql(
          major, madeBy: "pgassay capture", keepsValues: options.keepsValues, queries: Self.mark(of: chosen)), [],
        header.take)
      let firstLine = header.lines()
      try hand(firstLine)
      let snapshotHeader = try SnapshotHeader(Self.row(firstLine))
      let known = try self.known(snapshotHeader)
      var unseen: [Int64] = []
      // What is counted of tables and indexes tells which of them were written to.
      var counters: [String: [UInt8]] = [:]

      for choice in chosen where choice.section.pace != .catalog {
        let section = choice.section
        var query = choice.query
        var parameters: [String?] = []
        if section.name == StatementsQueries.texts.name, !known.isEmpty {
          // To ask for no text at all would still make the server read its whole file of texts.
          guard !unseen.isEmpty else {
            outcome.sections.append(.init(name: section.name, rows: 0))
            continue
          }
          query = StatementsQueries.unseenTexts.edited(probe.filled)
          parameters = [Self.array(unseen)]
        }
        let (result, lines) =
          section.name == StatementsQueries.texts.name
          ? try await texts(
            section, query, parameters,
            of: known.isEmpty
              ? Self.queryIDs(in: counters[StatementsQueries.statements.name] ?? [], without: []) : unseen,
            byID: StatementsQueries.unseenTexts.edited(probe.filled), on: connection)
          : try await take(section, query, parameters, on: connection)
        if section.name == StatementsQueries.statements.name, !known.isEmpty {
          unseen = try Self.queryIDs(in: lines, without: known)
        }
        outcome.sections.append(result)
        counters[section.name] = lines
        try hand(lines)
      }
      if options.scope == .everything {
        let parts = try await catalog(
          chosen.filter { $0.section.pace == .catalog }, major, snapshotHeader, probe, counters, on: connection)
        for (result, lines) in parts {
          outcome.sections.append(result)
          try hand(lines)
        }
      }
      try hand(Array((Self.endMarker(outcome.sections) + "\n").utf8))
      return outcome
    }
  }

  private var sections: [Section] {
    Sections.all(keepsValues: options.keepsValues, withStatistics: options.withStatistics)
      .filter { options.scope == .everything || $0.pace == .round }
  }

  /// A section, and what suits this server and role of it.
  struct Chosen: Sendable {
    var section: Section
    var alternative: Section.Alternative
    var query: SectionQuery
  }

  /// Equal for captures that ask the same in the same way.
  private static func mark(of chosen: [Chosen]) -> String {
    var hash: UInt64 = 0
    for choice in chosen {
      var text = Array(choice.section.name.utf8) + [0] + Array(choice.query.plain.utf8)
      hash = text.withUnsafeMutableBytes { ByteHash.combine(hash, ByteHash.hash(UnsafeRawBufferPointer($0))) }
    }
    return String(hash, radix: 16)
  }

  static func array(_ ids: [Int64]) -> String { "{" + ids.map(String.init).joined(separator: ",") + "}" }

  func take(
    _ section: Section, _ query: SectionQuery, _ parameters: [String?], on connection: PostgresConnection
  ) async throws -> (Outcome.SectionOutcome, lines: [UInt8]) {
    var attempt = 1
    // Columns of a type that is not known here are written by the server.
    var isWrittenThere = false
    while true {
      let lines = LineCollector(isWrittenThere ? nil : section.name)
      try await connection.execute("SAVEPOINT pgassay")
      do {
        let rows = try await connection.forEachRow(
          of: isWrittenThere ? query.json : query.plain, parameters, lines.take)
        try await connection.execute("RELEASE SAVEPOINT pgassay")
        return (.init(name: section.name, rows: rows), lines.lines())
      } catch is RowJSON.UnknownType where !isWrittenThere {
        try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
        isWrittenThere = true
      } catch let error as PostgresError where error.kind == .server {
        try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
        if Self.isPassing(error), attempt < Self.attempts {
          attempt += 1
          continue
        }
        if section.name == StatementsQueries.texts.name, Self.encodingFaults.contains(error.sqlState ?? "") {
          throw UnreadableText(reason: Self.reason(error))
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

  /// Runs the queries that `query` gives, each under the probes' own timeout: one that fails costs only its own row.
  func look(
    _ section: Section, _ query: SectionQuery, _ parameters: [String?], on connection: PostgresConnection
  ) async throws -> (Outcome.SectionOutcome, lines: [UInt8]) {
    let queries: Rows
    try await connection.execute("SAVEPOINT pgassay")
    do {
      queries = try await connection.query(query.plain, parameters)
    } catch let error as PostgresError where error.kind == .server {
      try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
      return (.init(name: section.name, rows: nil, fault: Self.reason(error)), [])
    }
    let lines = LineCollector(section.name)
    try await connection.apply(
      SessionSettings([.init("statement_timeout", String(options.probeTimeout.wholeMilliseconds))]),
      forTransaction: true)
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
  private struct State {
    var bytes: [UInt8] = []
    var form: RowJSON?
  }

  private let state = Mutex(State())
  private let section: String?

  /// - Parameter section: whose columns come; nil where each row is one column that holds its line.
  init(_ section: String? = nil) { self.section = section }

  var take: @Sendable (RowView) throws -> Void {
    { row in
      try self.state.withLock { state in
        if let section = self.section {
          let form = try state.form ?? RowJSON(row, section: section)
          state.form = form
          form.append(row, to: &state.bytes)
        } else {
          row.withBytes(0) { state.bytes.append(contentsOf: $0) }
        }
        state.bytes.append(UInt8(ascii: "\n"))
      }
    }
  }

  /// What was collected.
  func lines() -> [UInt8] { state.withLock { $0.bytes } }
}

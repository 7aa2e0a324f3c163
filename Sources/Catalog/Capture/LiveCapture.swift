internal import Model
public import PostgresClient
internal import Synchronization

/// A snapshot taken over a connection: one read-only transaction, one snapshot of the data, short timeouts.
public struct LiveCapture: Sendable {
  /// What to take.
  public struct Options: Sendable {
    /// Whether values inside planner statistics (common values, histograms, extremes) are taken.
    public var keepsValues: Bool
    public var withStatistics: Bool
    /// Whether statement texts are taken with the counters; a history that knows most of them asks for the others.
    public var withTexts: Bool
    public var scope: Scope
    /// For one section.
    public var statementTimeout: Duration
    public var lockTimeout: Duration

    public init(
      keepsValues: Bool = true, withStatistics: Bool = true, withTexts: Bool = true, scope: Scope = .everything,
      statementTimeout: Duration = .seconds(60), lockTimeout: Duration = .seconds(2)
    ) {
      self.keepsValues = keepsValues
      self.withStatistics = withStatistics
      self.withTexts = withTexts
      self.scope = scope
      self.statementTimeout = statementTimeout
      self.lockTimeout = lockTimeout
    }
  }

  public enum Scope: String, Sendable {
    /// Schema, statistics, sizes, settings and counters.
    case everything
    /// Counters and states only: what changes from minute to minute.
    case counters
  }

  /// What came of a capture.
  public struct Outcome: Sendable, Equatable {
    /// Rows by section, in the order in which they were taken; nil for a section that failed.
    public var sections: [SectionOutcome]
    public var bytes: Int

    public struct SectionOutcome: Sendable, Equatable {
      public var name: String
      public var rows: Int?
      /// Why it failed, or how many of its probes did.
      public var fault: String?
    }
  }

  /// Milliseconds that one look at an index's end may take: many dead entries there are no reason to wait.
  static let probeTimeoutMilliseconds = 250
  /// Failed probes after which no further one is tried.
  private static let failedProbesLimit = 20
  /// A relation that is dropped while its definition is read fails the whole query: it is then run again.
  private static let attempts = 3

  private let options: Options

  public init(_ options: Options = Options()) { self.options = options }

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
      let major = connection.serverVersion.major
      var outcome = Outcome(sections: [], bytes: 0)

      let header = LineCollector()
      try await connection.forEachRow(
        of: HeaderQuery.sql(major, madeBy: "pgassay capture", keepsValues: options.keepsValues), [], header.take)
      outcome.bytes += try header.flush(to: sink)

      for section in sections {
        guard let alternative = section.alternatives.first(where: { $0.needs.map(probe.flags.contains) ?? true }),
          let sql = alternative.sql(major).map(probe.filled)
        else { continue }
        let (result, bytes) = try await take(section, sql, on: connection, to: sink)
        outcome.sections.append(result)
        outcome.bytes += bytes
      }
      let end = Array((Self.endMarker(outcome.sections) + "\n").utf8)
      try sink(end)
      outcome.bytes += end.count
      return outcome
    }
  }

  private var sections: [Section] {
    Sections.all(
      keepsValues: options.keepsValues, withStatistics: options.withStatistics, withTexts: options.withTexts
    ).filter { options.scope == .everything || $0.pace == .counters }
  }

  private func take(
    _ section: Section, _ sql: String, on connection: PostgresConnection,
    to sink: @escaping @Sendable ([UInt8]) throws -> Void
  ) async throws -> (Outcome.SectionOutcome, bytes: Int) {
    if section.isGenerator { return try await probe(section, sql, on: connection, to: sink) }
    var attempt = 1
    while true {
      let lines = LineCollector()
      try await connection.execute("SAVEPOINT pgassay")
      do {
        let rows = try await connection.forEachRow(of: sql, [], lines.take)
        try await connection.execute("RELEASE SAVEPOINT pgassay")
        return (.init(name: section.name, rows: rows), try lines.flush(to: sink))
      } catch let error as PostgresError where error.kind == .server {
        try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
        if Self.isPassing(error), attempt < Self.attempts {
          attempt += 1
          continue
        }
        return (.init(name: section.name, rows: nil, fault: Self.reason(error)), 0)
      }
    }
  }

  /// A relation that vanished between the query's snapshot and the look at its definition.
  private static func isPassing(_ error: PostgresError) -> Bool {
    ["XX000", "42P01", "42704", "42883", "3F000", "55P03"].contains(error.sqlState ?? "")
  }

  private static func reason(_ error: PostgresError) -> String {
    error.message + (error.sqlState.map { " [SQLSTATE \($0)]" } ?? "")
  }

  private func probe(
    _ section: Section, _ sql: String, on connection: PostgresConnection,
    to sink: @escaping @Sendable ([UInt8]) throws -> Void
  ) async throws -> (Outcome.SectionOutcome, bytes: Int) {
    let queries: Rows
    try await connection.execute("SAVEPOINT pgassay")
    do {
      queries = try await connection.query(sql)
    } catch let error as PostgresError where error.kind == .server {
      try await connection.execute("ROLLBACK TO SAVEPOINT pgassay")
      return (.init(name: section.name, rows: nil, fault: Self.reason(error)), 0)
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
    return (
      .init(
        name: section.name, rows: rows,
        fault: missing == 0 ? nil : "\(missing) of \(queries.count) columns could not be looked up in time"),
      try lines.flush(to: sink)
    )
  }

  private static func endMarker(_ sections: [Outcome.SectionOutcome]) -> String {
    // Names are ours: letters and underscores.
    let counts = sections.filter { $0.name != "extremes" }.map { "\"\($0.name)\" : \($0.rows ?? -1)" }
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

  /// Hands over what was collected and gives its number of bytes.
  func flush(to sink: ([UInt8]) throws -> Void) throws -> Int {
    let collected = bytes.withLock { bytes in
      defer { bytes = [] }
      return bytes
    }
    if !collected.isEmpty { try sink(collected) }
    return collected.count
  }
}

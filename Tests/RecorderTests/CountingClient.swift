import Foundation
import Glibc
import Model
import PostgresClient
import SQLText
import TestSupport

/// A client that knows what it ran: the truth that differences of snapshots are held against.
///
/// Each shape reads a table of its own, so that it is an entry of its own for the server and a fingerprint of its own
/// for us. `frequent` shapes are run in every window, `rare` ones crowd the table of statements.
actor CountingClient {
  struct Count: Sendable {
    /// Completed executions by the client, and those inside a function.
    var calls = 0
    var nestedCalls = 0
    var rows = 0
    /// What the executions took at most: the client's clock. In nanoseconds.
    var longestTotal: Int64 = 0
    /// What they took at least: their sleeps.
    var shortestTotal: Int64 = 0
    var longest: Int64 = 0
    var longestSleep: Int64 = 0

    mutating func add(_ other: Count) {
      calls += other.calls
      nestedCalls += other.nestedCalls
      rows += other.rows
      longestTotal += other.longestTotal
      shortestTotal += other.shortestTotal
      longest = max(longest, other.longest)
      longestSleep = max(longestSleep, other.longestSleep)
    }
  }

  static let frequent = 24
  static let rare = 160

  /// An entry's place: which shape, run by whom in which database.
  struct Place: Hashable, Sendable {
    var shape: Int
    var connection: Int
  }

  static let sessions = [("postgres", "postgres"), ("app", "postgres"), ("app", "other")]

  /// Every third shape is run by one session, the others by two.
  static func connections(of shape: Int) -> [Int] {
    shape % 3 == 0 || shape >= frequent ? [shape / 3 % 3] : [shape % 3, (shape + 1) % 3]
  }

  private let server: RestartableServer
  private var connections: [PostgresConnection] = []
  /// What ran since the last `takeWindow`, by shape.
  private var window: [Place: Count] = [:]

  init(_ server: RestartableServer) { self.server = server }

  /// Letters: runs of digits in names do not count in libpg_query's fingerprints. And no alias: from PostgreSQL 18 on
  /// query ids are made of a table's alias where it has one, so that queries of different tables would be one entry.
  nonisolated static func table(_ shape: Int) -> String {
    "shape_" + [shape / 26, shape % 26].map { String(UnicodeScalar(UInt8(97 + $0))) }.joined()
  }

  nonisolated static func text(_ shape: Int) -> String {
    "SELECT v FROM \(table(shape)), pg_sleep($2) WHERE v <= $1"
  }

  /// The tables, roles and databases; two of each, so that entries of one shape are told apart by both.
  func prepare() async throws {
    let admin = try await connect("postgres", "postgres")
    for sql in ["CREATE ROLE app LOGIN", "CREATE ROLE monitor LOGIN IN ROLE pg_monitor", "CREATE DATABASE other"] {
      try await admin.execute(sql)
    }
    for database in ["postgres", "other"] {
      let connection = try await connect("postgres", database)
      try await connection.script(
        """
        SET pg_stat_statements.track = none;
        DO $$ BEGIN FOR i IN 0..\(Self.frequent + Self.rare - 1) LOOP
        EXECUTE format('CREATE TABLE shape_%s AS SELECT g AS v FROM generate_series(1, 20) g',
        chr(97 + i / 26) || chr(97 + i % 26));
        EXECUTE format('GRANT SELECT ON shape_%s TO app', chr(97 + i / 26) || chr(97 + i % 26)); END LOOP; END $$;
        CREATE FUNCTION nested(name text, n integer, naptime float8) RETURNS void LANGUAGE plpgsql AS
        $$ BEGIN EXECUTE format('SELECT v FROM %s, pg_sleep($2) WHERE v <= $1', name) USING n, naptime; END $$;
        """)
      await connection.close()
    }
    await admin.close()
  }

  private func connect(_ user: String, _ database: String) async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      ConnectionOptions(host: server.socketDirectory, port: String(server.port), user: user, database: database))
  }

  private func connection(_ number: Int) async throws -> PostgresConnection {
    if connections.isEmpty {
      for (user, database) in Self.sessions {
        connections.append(try await connect(user, database))
      }
    }
    return connections[number % connections.count]
  }

  /// The server is gone, and every connection with it.
  func forgetConnections() { connections = [] }

  private static let clock = ContinuousClock()

  private static func nanoseconds(_ duration: Duration) -> Int64 {
    duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
  }

  /// One execution. `sleep` is in milliseconds.
  func run(_ shape: Int, rows: Int, sleep: Int, on number: Int) async throws {
    let place = Place(shape: shape, connection: number)
    let connection = try await connection(number)
    let start = Self.clock.now
    let got = try await connection.query(Self.text(shape), [String(rows), String(Double(sleep) / 1e3)])
    count(place, rows: got.count, sleep: sleep, elapsed: Self.nanoseconds(Self.clock.now - start), isNested: false)
  }

  /// One execution inside a function, which is an entry of its own at the inner level.
  func runNested(_ shape: Int, rows: Int) async throws {
    let connection = try await connection(0)
    let start = Self.clock.now
    try await connection.execute("SELECT nested($1, $2, 0)", [Self.table(shape), String(rows)])
    count(
      Place(shape: shape, connection: 0), rows: rows, sleep: 0, elapsed: Self.nanoseconds(Self.clock.now - start),
      isNested: true)
  }

  /// One that fails, and so counts nowhere.
  func fail(_ shape: Int) async throws {
    let connection = try await connection(0)
    do {
      _ = try await connection.query("SELECT v / (v - 1) FROM \(Self.table(shape)) WHERE v <= $1", ["5"])
    } catch let error as PostgresError where error.sqlState == "22012" {}
  }

  /// A statement that is under way while a snapshot is taken: it waits for a lock until `finishHeld`.
  func beginHeld(_ shape: Int) async throws {
    let holder = try await connect("postgres", "postgres")
    try await holder.execute("SELECT pg_advisory_lock(7)")
    let runner = try await connect("app", "postgres")
    let start = Self.clock.now
    let text = "SELECT v FROM \(Self.table(shape)), pg_advisory_xact_lock(7) WHERE v <= $1"
    let task = Task { try await runner.query(text, ["1"]).count }
    held = (holder, runner, task, start, shape)
    // Until it waits for the lock it may not even be parsed.
    for _ in 0..<1_000 {
      let waiting = try await holder.query(
        "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
      if try waiting.only().int("n") > 0 { return }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  private var held:
    (
      holder: PostgresConnection, runner: PostgresConnection, task: Task<Int, any Error>,
      start: ContinuousClock.Instant, shape: Int
    )?

  /// The shapes of `beginHeld` have texts of their own.
  nonisolated static func heldText(_ shape: Int) -> String {
    "SELECT v FROM \(Self.table(shape)), pg_advisory_xact_lock(7) WHERE v <= $1"
  }
  static let heldOffset = 10_000

  func finishHeld() async throws {
    guard let held else { return }
    self.held = nil
    try await held.holder.execute("SELECT pg_advisory_unlock(7)")
    let rows = try await held.task.value
    count(
      Place(shape: held.shape + Self.heldOffset, connection: 1), rows: rows, sleep: 0,
      elapsed: Self.nanoseconds(Self.clock.now - held.start),
      isNested: false)
    await held.holder.close()
    await held.runner.close()
  }

  private func count(_ place: Place, rows: Int, sleep: Int, elapsed: Int64, isNested: Bool) {
    var count = window[place] ?? Count()
    if isNested { count.nestedCalls += 1 } else { count.calls += 1 }
    count.rows += rows
    count.longestTotal += elapsed
    count.shortestTotal += Int64(sleep) * 1_000_000
    count.longest = max(count.longest, elapsed)
    count.longestSleep = max(count.longestSleep, Int64(sleep) * 1_000_000)
    window[place] = count
  }

  /// What ran since the last call.
  func takeWindow() -> [Place: Count] {
    defer { window = [:] }
    return window
  }

  /// Runs SQL as the superuser over a connection of its own.
  @discardableResult
  func administer(_ sql: String, database: String = "postgres") async throws -> Rows {
    let connection = try await connect("postgres", database)
    let rows = try await connection.query(sql)
    await connection.close()
    return rows
  }

  /// Crashes all backends, as `kill -9` of one of them does; the postmaster stays.
  func crashBackends() async throws {
    let victim = try await connect("postgres", "postgres")
    let witness = try await connect("postgres", "postgres")
    _ = Glibc.kill(victim.backendPID, SIGKILL)
    connections = []
    // The postmaster lets sessions in until it has noticed; then it ends all there are.
    for _ in 0..<2_000 where (try? await witness.execute("SELECT 1")) != nil {
      try await Task.sleep(for: .milliseconds(10))
    }
    for _ in 0..<2_000 {
      try await Task.sleep(for: .milliseconds(10))
      if let connection = try? await connect("postgres", "postgres") {
        await connection.close()
        return
      }
    }
  }
}

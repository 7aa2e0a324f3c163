import Foundation
import PostgresClient
import PrivateServer
import TestSupport
import Testing

/// What `top` says of the time between captures of real servers.
@Suite(.serialized) struct CaptureWindowTests {
  /// A server with pg_stat_statements, and one history `h` in a directory of its own.
  struct Stage {
    let server: RestartableServer
    let directory: TemporaryDirectory

    func connect(as user: String = "postgres") async throws -> PostgresConnection {
      try await PostgresConnection.connect(
        ConnectionOptions(host: server.socketDirectory, port: String(server.port), user: user, database: "postgres"))
    }

    /// Runs a script in a session of its own.
    func run(_ script: String) async throws {
      let connection = try await connect()
      try await connection.script(script)
      await connection.close()
    }

    /// Shuts down in order and starts again with other settings.
    func restart(with settings: [String: String]) async throws {
      try server.configure(settings)
      try await server.stop()
      try await server.start()
    }

    func capture(as user: String = "postgres") throws {
      let outcome = try PgAssayBinary.run(
        [
          "capture", "--history", "h",
          "host=\(server.socketDirectory) port=\(server.port) user=\(user) dbname=postgres",
        ],
        in: directory.path)
      try #require(outcome.exitCode == 0, "\(outcome.stderr)")
    }

    /// Two numbers: what `history list` calls the newest snapshots, the older first.
    func lastSnapshots(_ count: Int = 2) throws -> [String] {
      let outcome = try PgAssayBinary.run(
        ["history", "list", "--history", "h", "--format", "json"], in: directory.path)
      let document = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
      let list = document?["snapshots"] as? [[String: Any]] ?? []
      return list.compactMap { $0["snapshot_id"] as? String }.suffix(count)
    }

    func top(_ arguments: [String] = []) throws -> String {
      let outcome = try PgAssayBinary.run(["top", "--history", "h"] + arguments, in: directory.path)
      try #require(outcome.exitCode == 0, "\(outcome.stderr)")
      return outcome.stdout
    }

    func topJSON(_ arguments: [String] = []) throws -> [String: Any] {
      let text = try top(["--limit", "1000", "--format", "json"] + arguments)
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
  }

  static func with(
    _ major: Int, settings: [String: String] = [:], _ body: (Stage) async throws -> Void
  ) async throws {
    guard TestServers.hasContrib(major) else {
      try Test.cancel("PostgreSQL \(major) with pg_stat_statements is missing; .ci/servers installs it")
    }
    try await RestartableServer.with(
      major, settings: ["shared_preload_libraries": "pg_stat_statements"].merging(settings) { $1 }
    ) { server in
      let stage = Stage(server: server, directory: try TemporaryDirectory())
      try await stage.run("CREATE EXTENSION pg_stat_statements; CREATE ROLE monitor LOGIN IN ROLE pg_monitor")
      try await body(stage)
    }
  }

  // MARK: Coverage

  @Test func `the share of the active time is told, and why it is not`() async throws {
    try await Self.with(15) { stage in
      try stage.capture()
      try await stage.run("SELECT pg_sleep(0.5); SELECT pg_sleep(0.3)")
      // What a session did is counted when it ends at the latest.
      try stage.capture()
      let coverage = try Self.coverage(try stage.topJSON())
      let fraction = try #require(coverage["coverage_fraction"] as? Double)
      let statements = try #require(coverage["statements_ms"] as? Double)
      let active = try #require(coverage["active_ms"] as? Double)
      #expect(abs(fraction - statements / active) < 1e-9)
      // Each sleep is in both, and what else the server did in the second.
      #expect(statements >= 800 && active >= 800)
      #expect(coverage["exact"] as? Bool == true && coverage["unknown_because"] is NSNull)
      #expect(try stage.top().contains("that the server was active, by pg_stat_database"))

      // A database that goes away takes its time with it.
      try await stage.run("CREATE DATABASE passing")
      try stage.capture()
      try await stage.run("SELECT pg_sleep(0.01)")
      try await stage.run("DROP DATABASE passing")
      try stage.capture()
      let lost = try Self.coverage(try stage.topJSON(["--between"] + stage.lastSnapshots()))
      #expect(lost["coverage_fraction"] is NSNull && lost["unknown_because"] as? String == "statistics_lost")

      // A reset, after which more is counted than before.
      try await stage.run("SELECT pg_sleep(0.01)")
      try await stage.run("SELECT pg_stat_reset()")
      try await stage.run("SELECT pg_sleep(1.5)")
      try stage.capture()
      let reset = try Self.coverage(try stage.topJSON(["--between"] + stage.lastSnapshots()))
      #expect(reset["coverage_fraction"] is NSNull && reset["unknown_because"] as? String == "statistics_lost")
      let report = try PgAssayBinary.run(
        ["report", "--history", "h", "--no-advice", "--format", "json"], in: stage.directory.path)
      #expect(report.stdout.contains("\"unknown_because\": \"statistics_lost\""), "\(report.stderr)")
    }
  }

  // MARK: Differences

  /// Calls of the statement whose text holds this, and whether they are exact.
  private static func calls(_ text: String, _ document: [String: Any]) throws -> (calls: Int, isExact: Bool)? {
    let queries = try #require(document["queries"] as? [[String: Any]])
    let found = queries.filter { ($0["text"] as? String)?.contains(text) == true }
    guard let query = found.first else { return nil }
    #expect(found.count == 1)
    return (try #require(query["calls"] as? Int), try #require(query["exact"] as? Bool))
  }

  private static func interruptions(_ document: [String: Any]) throws -> [String] {
    let sources = try #require(document["sources"] as? [[String: Any]])
    return try #require(sources.first?["interruptions"] as? [String])
  }

  private static func repeated(_ statement: String, _ count: Int) -> String {
    Array(repeating: statement, count: count).joined(separator: "; ")
  }

  /// The library is missing from the configuration for one life of the server: nothing is counted then, and what was
  /// counted before comes back afterwards.
  @Test(arguments: [15, 18]) func `a time without the library is no new beginning`(major: Int) async throws {
    try await Self.with(major) { stage in
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 40))
      try stage.capture(as: "monitor")
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 5))
      try await stage.restart(with: ["shared_preload_libraries": ""])
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 7))
      try stage.capture(as: "monitor")
      #expect(try stage.lastSnapshots(9).count == 2)
      try await stage.restart(with: ["shared_preload_libraries": "pg_stat_statements"])
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 3))
      try stage.capture(as: "monitor")
      let document = try stage.topJSON()
      let found = try #require(try Self.calls("known_statement", document))
      #expect(found == (8, false))
      #expect(try Self.interruptions(document).contains("not_loaded"))
      #expect(try stage.top().contains("the server ran without pg_stat_statements for a while"))
    }
  }

  @Test(arguments: [15, 18]) func `what one capture did not see, the ones around it tell`(major: Int) async throws {
    try await Self.with(major) { stage in
      try await stage.run("CREATE ROLE narrow LOGIN; SELECT pg_stat_statements_reset()")
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 4))
      try stage.capture(as: "monitor")
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 5))
      try stage.capture(as: "narrow")
      let half = try stage.topJSON()
      // Hidden, and so not known; nobody called anything.
      #expect(try Self.calls("known_statement", half).map { $0 == (0, false) } ?? true)
      #expect(try Self.interruptions(half).filter { $0 != "evictions_possible" } == ["reset_possible"])
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 6))
      try stage.capture(as: "monitor")
      let whole = try stage.topJSON()
      #expect(try #require(try Self.calls("known_statement", whole)) == (11, true))
      #expect(try Self.interruptions(whole).filter { $0 != "evictions_possible" } == [])
      // And on with the next ones, of either role.
      try await stage.run(Self.repeated("SELECT 1 AS known_statement", 2))
      try stage.capture(as: "narrow")
      try stage.capture(as: "narrow")
      try stage.capture(as: "monitor")
      #expect(try #require(try Self.calls("known_statement", stage.topJSON())) == (13, true))
      let ends = try stage.lastSnapshots()
      let outcome = try PgAssayBinary.run(
        ["top", "--history", "h", "--between"] + ends, in: stage.directory.path)
      #expect(outcome.exitCode == 2 && outcome.stderr.contains("hidden from"), "\(outcome.stderr)")
    }
  }

  // MARK: Nested statements

  @Test func `statements of functions are told apart and listed when asked for`() async throws {
    try await Self.with(15, settings: ["pg_stat_statements.track": "all"]) { stage in
      try await stage.run(
        """
        CREATE TABLE counted (n integer);
        CREATE FUNCTION twice() RETURNS void LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO counted VALUES (1); INSERT INTO counted VALUES (2); END $$;
        """)
      try stage.capture(as: "monitor")
      try await stage.run(Self.repeated("SELECT twice()", 5) + "; INSERT INTO counted VALUES (3)")
      try stage.capture(as: "monitor")
      let outer = try stage.topJSON(["--text", "counted values"])
      #expect(outer["level"] as? String == "top")
      #expect(try #require(try Self.calls("counted", outer)) == (1, true))
      let sum = try #require(outer["nested"] as? [String: Any])
      #expect(sum["statements"] as? Int == 1 && sum["calls"] as? Int == 10 && sum["exact"] as? Bool == true)
      let inner = try stage.topJSON(["--nested", "--text", "counted values"])
      #expect(inner["level"] as? String == "nested" && inner["total_ms"] is NSNull)
      #expect(try #require(try Self.calls("counted", inner)) == (10, true))
      #expect(try stage.top(["--text", "counted values"]).contains("not listed: 1 statement that functions"))
      #expect(try stage.top(["--nested"]).contains("that functions and procedures ran, within their callers' time"))
      let fingerprint = try #require((inner["queries"] as? [[String: Any]])?.first?["fingerprint"] as? String)
      let shown = try PgAssayBinary.run(["show", "--history", "h", fingerprint], in: stage.directory.path)
      #expect(shown.stdout.contains("Functions and procedures ran it 10 times"), "\(shown.stdout)\(shown.stderr)")
    }
  }

  @Test func `where nothing is nested, that is said`() async throws {
    try await Self.with(15) { stage in
      try stage.capture(as: "monitor")
      try await stage.run("SELECT 1")
      try stage.capture(as: "monitor")
      let outcome = try PgAssayBinary.run(["top", "--history", "h", "--nested"], in: stage.directory.path)
      #expect(outcome.exitCode == 2 && outcome.stderr.contains("no nested statement"), "\(outcome.stderr)")
    }
  }

  // MARK: Clones

  /// A clone has its origin's identifier and is no replica; both are captured into one history, in turn.
  @Test(arguments: [15, 18], [true, false]) func `a clone is a server of its own`(
    major: Int, startsBefore: Bool
  ) async throws {
    try await Self.with(major) { stage in
      func captureOrigin() async throws {
        try await stage.run(Self.repeated("SELECT abs(1) AS of_origin", 3))
        try stage.capture(as: "monitor")
      }
      try await stage.run("SELECT pg_sleep(0.01)")
      if !startsBefore { try await captureOrigin() }
      let clone = Stage(server: try await stage.server.makeClone(port: 5_434), directory: stage.directory)
      defer { clone.server.kill() }
      if startsBefore { try await captureOrigin() }
      for round in 0..<3 {
        try await clone.run(Self.repeated("SELECT upper('x') AS of_clone", 4))
        try clone.capture(as: "monitor")
        // What the clone did is never the origin's, also before it is known to be one.
        // One snapshot of either tells nothing yet.
        if round > 0 || !startsBefore, case let document = try stage.topJSON(),
          (document["sources"] as? [Any])?.count == 1
        {
          #expect(try Self.calls("of_clone", document).map { $0 == (0, false) } ?? true)
        }
        try await captureOrigin()
      }
      let document = try stage.topJSON()
      let sources = try #require(document["sources"] as? [[String: Any]])
      #expect(sources.map { $0["node"] as? String } == ["primary", "primary #2"])
      for source in sources {
        let told = try #require(source["interruptions"] as? [String]).filter { $0 != "evictions_possible" }
        #expect(told == [], "\(source)")
      }
      #expect(try #require(try Self.calls("of_origin", document)) == (9, true))
      // Its first capture is where its counting begins; where it could be a restart of the origin, its second.
      #expect(try #require(try Self.calls("of_clone", document)) == (startsBefore ? 8 : 4, true))
      #expect(try stage.lastSnapshots(99).count == 7)
    }
  }

  private static func coverage(_ document: [String: Any]) throws -> [String: Any] {
    let sources = try #require(document["sources"] as? [[String: Any]])
    return try #require(sources.first?["coverage"] as? [String: Any])
  }
}

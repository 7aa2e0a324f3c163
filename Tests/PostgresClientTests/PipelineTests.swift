import PostgresClient
import Testing

@Suite struct PipelineTests {
  let server = ScratchServer()

  @Test func `a pipeline answers in order, one failure keeps nothing else back, and the connection goes on`()
    async throws
  {
    let connection = try await server.connect()
    try await connection.execute("CREATE TEMP TABLE piped (n int PRIMARY KEY)")
    var statements = (1...250).map { PipelinedStatement("INSERT INTO piped VALUES (\($0)) RETURNING n") }
    statements[120] = PipelinedStatement("INSERT INTO piped VALUES (1)")
    statements[121] = PipelinedStatement("SELECT 1; SELECT 2")
    statements.append(PipelinedStatement("SELECT $1::int + $2::int AS sum", ["20", "22"]))
    let outcomes = try await connection.pipeline(statements)
    #expect(outcomes.count == 251)
    for (number, outcome) in outcomes.dropLast().enumerated() {
      switch outcome {
      case .success(let rows): #expect(try rows.only().int("n") == number + 1)
      case .failure(let error):
        #expect(number == 120 || number == 121)
        #expect(error.sqlState == (number == 120 ? "23505" : "42601"))
        #expect(error.sql == statements[number].sql)
      }
    }
    #expect(try outcomes[250].get().only().int("sum") == 42)
    #expect(try await connection.query("SELECT count(*) AS n FROM piped").only().int("n") == 248)
    #expect(try await connection.pipeline([]).isEmpty)
  }

  @Test func `a transaction in a pipeline is rolled back as a whole`() async throws {
    let connection = try await server.connect()
    try await connection.execute("CREATE TEMP TABLE whole (n int)")
    let outcomes = try await connection.pipeline(
      ["BEGIN", "INSERT INTO whole VALUES (1)", "SELECT 1 / 0", "INSERT INTO whole VALUES (2)", "COMMIT"].map {
        PipelinedStatement($0)
      })
    #expect(throws: PostgresError.self) { try outcomes[2].get() }
    #expect(!(await connection.isInTransaction))
    #expect(try await connection.query("SELECT count(*) AS n FROM whole").only().int("n") == 0)
  }

  @Test func `a pipeline that is cancelled leaves the connection usable`() async throws {
    let connection = try await server.connect()
    let task = Task { try await connection.pipeline((0..<3).map { _ in PipelinedStatement("SELECT pg_sleep(2)") }) }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await connection.query("SELECT 1 AS one").only().int("one") == 1)
  }

  @Test func `statements that the server keeps are planned once, and made again where it lost them`() async throws {
    let connection = try await server.connect(keepsStatements: true)
    for n in 1...3 { #expect(try await connection.query("SELECT $1::int + 1 AS n", ["\(n)"]).only().int("n") == n + 1) }
    let kept = "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int%'"
    #expect(try await connection.query(kept).only().int("n") == 1)
    try await connection.execute("DEALLOCATE ALL")
    #expect(try await connection.query("SELECT $1::int + 1 AS n", ["7"]).only().int("n") == 8)
    await #expect(throws: PostgresError.self) { try await connection.query("SELECT $1::int + 1 AS n", ["seven"]) }
    #expect(try await connection.query("SELECT $1::int + 1 AS n", ["8"]).only().int("n") == 9)
    let piped = try await connection.pipeline(
      ["1", "x", "3"].map { PipelinedStatement("SELECT $1::int * 2 AS n", [$0]) })
    #expect(try piped[0].get().only().int("n") == 2)
    #expect(throws: PostgresError.self) { try piped[1].get() }
    #expect(try piped[2].get().only().int("n") == 6)
  }
}

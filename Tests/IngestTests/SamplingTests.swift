import Foundation
import History
import Model
import PostgresClient
import PrivateServer
import ServerLog
import TestSupport
import Testing

@testable import Ingest

/// What real servers log of portals, repetitions and samples, against what the client knows that it did.
struct SamplingTests {
  private let folder = Folder()

  private static let settings = [
    "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
    "log_filename": "a.log", "log_rotation_age": "0", "log_line_prefix": "%m [%p] %l %v %q%u@%d/%a ",
    "log_timezone": "UTC",
  ]

  /// A portal that is fetched in parts is one execution, with the time of all its parts.
  @Test func aPortalThatIsFetchedInPartsIsOneExecution() async throws {
    let settings = Self.settings.merging(["log_min_duration_statement": "0"]) { $1 }
    try await withServer(version: 15, settings: settings) { server in
      let client = try WireClient(socketDirectory: server.socketDirectory, user: "postgres", database: "postgres")
      for _ in 0..<4 {
        let unnamed = try client.execute("SELECT typname FROM pg_type LIMIT 30", rows: 10)
        #expect(unnamed >= 3)
      }
      try client.simple("BEGIN")
      for number in 0..<5 {
        let parts = try client.execute(
          "SELECT proname FROM pg_proc LIMIT 25", statement: "s\(number)", portal: "c\(number)", rows: 7)
        #expect(parts >= 4)
      }
      try client.simple("COMMIT")
      // In the simple protocol a cursor's FETCH is a statement of its own.
      try client.simple("BEGIN")
      try client.simple("DECLARE c CURSOR FOR SELECT attname FROM pg_attribute LIMIT 9")
      for _ in 0..<3 { try client.simple("FETCH 3 FROM c") }
      try client.simple("COMMIT")
      try await server.finishLogs()
      for format in ["log", "csv", "json"] {
        let store = try ingest(server, format)
        let counts = try calls(store)
        #expect(counts["typname"] == 4 && counts["proname"] == 5, "\(format): \(counts)")
        #expect(counts["attname"] == 1 && counts["fetch"] == 3, "\(format): \(counts)")
        // The log itself says how long the parts took.
        let log = try String(contentsOfFile: server.dataDirectory + "/log/a.log", encoding: .utf8)
        var sum = 0.0
        for line in log.split(separator: "\n") where line.contains("FROM pg_proc ") && line.contains("  execute ") {
          let number = line.split(separator: "duration: ", maxSplits: 1)[1].prefix { $0 != " " }
          sum += try #require(Double(number))
        }
        #expect(log.contains("execute fetch from s3/c3: "))
        let total = try store.workload().statements.first { $0.statement?.normalized.contains("pg_proc") == true }?.log?
          .total
        #expect(total?.value == Int64((sum * 1_000).rounded()), "\(format)")
      }
    }
  }

  /// As an object-relational mapper with sqlcommenter does it: the list once, then each row's child.
  @Test(arguments: ["log", "csv", "json"]) func repetitionsNameTheRouteThatIssuedThem(_ format: String) async throws {
    let settings = Self.settings.merging(["log_min_duration_statement": "0"]) { $1 }
    try await withServer(version: 15, settings: settings) { server in
      let connection = try await connect(server)
      try await connection.script(
        "CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE lines (order_id int); INSERT INTO orders SELECT generate_series(1, 40)"
      )
      let tag = "/*function='list_orders',route='%2Forders%2F'*/"
      for size in [25, 9, 4] {
        try await connection.execute("BEGIN")
        _ = try await connection.execute("SELECT id FROM orders ORDER BY id LIMIT $1 \(tag)", ["\(size)"])
        for id in 1...size {
          _ = try await connection.execute("SELECT * FROM lines WHERE order_id = $1 \(tag)", ["\(id)"])
        }
        try await connection.execute("COMMIT")
      }
      // The same statement as often, but each in a transaction of its own, is no repetition.
      for id in 1...30 {
        _ = try await connection.execute("SELECT 1 FROM lines WHERE order_id = $1 /*route='single'*/", ["\(id)"])
      }
      await connection.close()
      try await server.finishLogs()
      let found = try ingest(server, format).repetitions()
      #expect(found.count == 1, "\(found)")
      let one = try #require(found.first)
      #expect(one.dimensions.tags == "function='list_orders',route='%2Forders%2F'")
      #expect(one.transactions == 2 && one.executions == 34 && one.most == 25)
    }
  }

  /// An execution that is logged with the probability p stands for 1/p: the sum is within five standard deviations of
  /// what the client ran, which a right one misses once in two million runs.
  @Test func sampledStatementsAreWeighted() async throws {
    let (rate, count) = (0.1, 20_000)
    let settings = Self.settings.merging([
      "log_min_duration_statement": "200ms", "log_min_duration_sample": "0", "log_statement_sample_rate": "\(rate)",
    ]) { $1 }
    try await withServer(version: 15, settings: settings) { server in
      let connection = try await connect(server)
      for number in 0..<count { _ = try await connection.execute("SELECT \(number % 7) AS sampled") }
      // What is over the other threshold is logged in any case, and counts once.
      for _ in 0..<3 { _ = try await connection.execute("SELECT pg_sleep(0.21) AS slow") }
      await connection.close()
      try await server.finishLogs()
      var options = IngestRun.Options()
      options.reading.sampling.statementRate = rate
      options.reading.sampling.alwaysOver = Microseconds(200_000)
      for format in ["log", "csv", "json"] {
        let counts = try calls(ingest(server, format, options))
        let deviation = (Double(count) * (1 - rate) / rate).squareRoot()
        #expect(abs(Double(counts["sampled"] ?? 0) - Double(count)) < 5 * deviation, "\(format): \(counts)")
        #expect(counts["slow"] == 3, "\(format): \(counts)")
        // Without the rate the log is taken at its word.
        let plain = try calls(ingest(server, format))
        #expect(Double(plain["sampled"] ?? 0) < Double(count) * 0.2)
      }
    }
  }

  /// All statements of a sampled transaction are logged, or none.
  @Test func sampledTransactionsAreWeighted() async throws {
    let (rate, count) = (0.2, 5_000)
    let settings = Self.settings.merging(["log_transaction_sample_rate": "\(rate)"]) { $1 }
    try await withServer(version: 15, settings: settings) { server in
      let connections = [try await connect(server), try await connect(server)]
      for number in 0..<count {
        let connection = connections[number % 2]
        try await connection.script("BEGIN")
        for _ in 0..<2 { try await connection.script("SELECT \(number % 9) AS inside") }
        try await connection.script("COMMIT")
      }
      for connection in connections { await connection.close() }
      try await server.finishLogs()
      var options = IngestRun.Options()
      options.reading.sampling.transactionRate = rate
      for format in ["log", "csv", "json"] {
        let counts = try calls(ingest(server, format, options))
        // Two statements share each throw of the dice.
        let deviation = 2 * (Double(count) * (1 - rate) / rate).squareRoot()
        #expect(abs(Double(counts["inside"] ?? 0) - Double(2 * count)) < 5 * deviation, "\(format): \(counts)")
      }
    }
  }

  // MARK: Helpers

  private func connect(_ server: PrivateServer) async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      ConnectionOptions(host: server.socketDirectory, user: "postgres", database: "postgres"))
  }

  private func ingest(
    _ server: PrivateServer, _ format: String, _ options: IngestRun.Options = IngestRun.Options()
  ) throws -> HistoryStore {
    var options = options
    options.end = .rest
    if format == "log" { options.prefix = Self.settings["log_line_prefix"] }
    let store = try HistoryStore(path: folder.path + "/\(UUID().uuidString).history", mode: .write)
    let report = try IngestRun(options).run(
      IngestRun(options).plan([server.dataDirectory + "/log/a." + format]), into: store)
    #expect(report.failures.isEmpty)
    return store
  }

  /// Calls by the word that names a statement here.
  private func calls(_ store: HistoryStore) throws -> [String: Int64] {
    var result: [String: Int64] = [:]
    for row in try store.workload().statements {
      let words = (row.statement?.normalized ?? "").lowercased().split { !$0.isLetter }.map(String.init)
      guard
        let name = words.first(where: {
          ["typname", "proname", "attname", "fetch", "sampled", "slow", "inside"].contains($0)
        })
      else { continue }
      result[name, default: 0] += row.log?.calls ?? 0
    }
    return result
  }
}

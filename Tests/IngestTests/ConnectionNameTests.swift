import Foundation
import History
import Model
import PostgresClient
import PrivateServer
import ServerLog
import TestSupport
import Testing

@testable import Ingest

/// Users, databases and applications of logs whose prefix has none of them, by what `log_connections` writes.
struct ConnectionNameTests {
  private let folder = Folder()

  @Test(arguments: ["%m [%p] ", "%m [%c] [%l] ", "%m [%p] %u "], [nil, "de"] as [String?])
  func namesAreThoseOfTheConnection(_ prefix: String, _ language: String?) async throws {
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,jsonlog", "log_directory": "log", "log_filename": "a.log",
      "log_rotation_age": "0", "log_min_duration_statement": "0", "log_line_prefix": prefix, "log_connections": "on",
      "log_disconnections": "on", "log_timezone": "UTC",
    ]
    try await RestartableServer.with(15, settings: settings, language: language) { server in
      func run(_ user: String, _ database: String, _ application: String, _ statements: [String]) async throws {
        let connection = "user='\(user)' dbname='\(database)' application_name='\(application)'"
        _ = try? await server.host.run(
          ["/usr/lib/postgresql/15/bin/psql", "-X", "-q", "-d", connection] + statements.flatMap { ["-c", $0] })
      }
      try await run(
        "postgres", "postgres", "setup",
        ["CREATE ROLE \"größe app\" LOGIN", "CREATE ROLE bob LOGIN", "CREATE DATABASE \"my shop\""])
      for round in 0..<3 {
        for (user, database, application) in [
          ("postgres", "postgres", "psql"), ("größe app", "my shop", "jobs [nightly] x"), ("bob", "my shop", "a, b=c"),
        ] {
          try await run(
            user, database, application,
            ["SELECT \(round) AS first", "SELECT missing", "SELECT relname FROM pg_class WHERE relpages = \(round)"])
        }
      }
      try await Task.sleep(for: .milliseconds(400))
      let directory = server.dataDirectory + "/log/a."
      var options = IngestRun.Options()
      let json = try cells(directory + "json", options)
      options.prefix = prefix
      // In two readings as well: what a session said is kept between them.
      let stderr = try cells(directory + "log", options)
      let whole = try [UInt8](Data(contentsOf: URL(filePath: directory + "log")))
      #expect(String(decoding: whole, as: UTF8.self).contains(language == "de" ? "Benutzer=bob" : "user=bob"))
      let lines = whole.split(separator: 0x0A, omittingEmptySubsequences: false)
      let half = folder.write("half.log", Array(lines.prefix(lines.count / 2).joined(separator: [0x0A])) + [0x0A])
      _ = try cells(half, options, "halves")
      _ = folder.write("half.log", whole)
      let halves = try cells(half, options, "halves")
      #expect(json.contains { $0.contains("größe app|my shop|jobs [nightly] x") })
      #expect(stderr == json)
      #expect(halves == json)
    }
  }

  /// Executions and errors by statement and dimensions.
  private func cells(_ path: String, _ options: IngestRun.Options, _ name: String = UUID().uuidString) throws
    -> [String]
  {
    var options = options
    options.end = .rest
    let history = folder.path + "/\(name).history"
    let store = try HistoryStore(path: history, mode: .write)
    let report = try IngestRun(options).run(IngestRun(options).plan([path]), into: store)
    #expect(report.failures.isEmpty)
    var rows: [String] = []
    for row in try store.workload().statements {
      guard let fingerprint = row.fingerprint else { continue }
      for (who, totals) in try store.dimensions(of: fingerprint) {
        rows.append(
          "\(who.user)|\(who.database)|\(who.application) \(row.statement?.normalized ?? "") \(totals.calls) \(totals.errors)"
        )
      }
    }
    try store.close()
    return rows.sorted()
  }
}

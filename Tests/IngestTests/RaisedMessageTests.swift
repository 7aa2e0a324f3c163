import Foundation
import History
import Model
import PostgresClient
import PrivateServer
import ServerLog
import TestSupport
import Testing

@testable import Ingest

/// Messages whose words a user's function chose, as a real server logs them: no shape holds them, in no format and mode.
struct RaisedMessageTests {
  private let folder = Folder()

  private static let recording = Task { try await record() }

  private static let prefix = "%m [%p] %e %q%u@%d/%a "

  /// Each stands in the server's logs, in what a function raised.
  private static let values = [
    "Alice Meyer", "Dora Voss", "Emil Haas", "Frieda Lang", "Gesa Timm", "Hanno Reich", "Ines Kolb",
  ]

  @Test(arguments: ["log", "csv", "json"], ReadingOptions.Parameters.allCases)
  func shapesHoldNoWordsOfRaise(_ format: String, _ parameters: ReadingOptions.Parameters) async throws {
    let log = try #require(try await Self.recording.value[format])
    let text = String(decoding: log, as: UTF8.self)
    for value in Self.values { #expect(text.contains(value), "\(value) is not in the server's log") }
    let path = folder.path + "/h.history"
    var options = IngestRun.Options()
    options.end = .rest
    options.reading.parameters = parameters
    if format == "log" { options.prefix = Self.prefix }
    let store = try HistoryStore(path: path, mode: .write)
    let report = try IngestRun(options).run(
      IngestRun(options).plan([folder.write("a." + format, log)]), into: store)
    #expect(report.failures.isEmpty)
    let open = try bytes(path) + bytes(path + "-wal")
    let events = try store.events()
    try store.close()
    let closed = try bytes(path)
    for value in Self.values {
      #expect(!events.contains { $0.shape.contains(value) }, "\(value) in a shape")
      guard parameters != .keep else { continue }
      #expect(!events.contains { $0.sample.contains(value) }, "\(value) in a sample")
      #expect(open.range(of: Data(value.utf8)) == nil, "\(value) in the open files")
      #expect(closed.range(of: Data(value.utf8)) == nil, "\(value) in the history")
    }
    #expect(events.contains { $0.sample.contains("Alice Meyer") } == (parameters == .keep))
    let counts = Dictionary(events.map { ($0.shape, $0.count) }, uniquingKeysWith: +)
    for (shape, count) in [
      "RAISE in PL/pgSQL function charge(text,text) line 3": 1_000,
      "RAISE in PL/pgSQL function refuse(text) line 3": 1,
      "ASSERT in PL/pgSQL function claim(text) line 3": 1,
      // Without CONTEXT only the SQLSTATE tells; terse leaves it out of stderr alone.
      "message of a RAISE, SQLSTATE P0001": format == "log" ? 1 : nil,
      "message of a RAISE, SQLSTATE ZX001": format == "log" ? 1 : nil,
      "RAISE in PL/pgSQL function inline_code_block line 1": format == "log" ? nil : 2,
    ] as [String: Int64?] {
      #expect(counts[shape] == count, "\(shape)")
    }
    for (shape, count) in [
      "NOTICE in words that may be a user's": 2, "WARNING in words that may be a user's": 2,
      "LOG in words that may be a user's": 2,
    ] as [String: Int64] {
      #expect(counts[shape] == count, "\(shape)")
    }
    #expect(counts["table \"?\" does not exist, skipping"] == 2)
    #expect(counts["there is no transaction in progress"] == 2)
    // The server's own words stay.
    #expect(counts["relation \"?\" does not exist"] == 1)
  }

  private func bytes(_ path: String) throws -> Data { FileManager.default.contents(atPath: path) ?? Data() }

  private static func record() async throws -> [String: [UInt8]] {
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
      "log_filename": "a.log", "log_rotation_age": "0", "log_min_messages": "notice",
      "log_line_prefix": prefix, "log_timezone": "UTC",
    ]
    return try await withServer(version: 15, settings: settings) { server in
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(host: server.socketDirectory, user: "postgres", database: "postgres"))
      func run(_ statement: String) async { _ = try? await connection.script(statement) }
      func function(_ head: String, _ body: String) async {
        await run("CREATE FUNCTION \(head) RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n\(body)\nEND $$")
      }
      await function("charge(who text, card text)", "RAISE EXCEPTION 'no account for % with card %', who, card;")
      await function(
        "refuse(who text)",
        "RAISE EXCEPTION '% waits', who USING ERRCODE = 'deadlock_detected', DETAIL = 'Process of ' || who;")
      await function("claim(who text)", "ASSERT false, who || ' is not known';")
      for n in 0..<1_000 {
        let word = String(
          String(n).map { Character(UnicodeScalar(UInt8(ascii: "a") + UInt8($0.wholeNumberValue ?? 0))) })
        await run("SELECT charge('Alice Meyer \(word)', '4711-Alice Meyer')")
      }
      await run("SELECT refuse('Dora Voss')")
      await run("SELECT claim('Emil Haas')")
      for verbosity in ["default", "terse"] {
        await run("SET log_error_verbosity = \(verbosity)")
        await run("DO $$ BEGIN RAISE NOTICE 'seat of Gesa Timm is free'; END $$")
        await run("DO $$ BEGIN RAISE WARNING 'Hanno Reich has % seats', 7; END $$")
        await run("DO $$ BEGIN RAISE LOG 'paid by Ines Kolb'; RAISE INFO 'seen by Ines Kolb'; END $$")
        await run("DROP TABLE IF EXISTS nowhere; COMMIT")
      }
      await run("SET log_error_verbosity = default")
      await run("SELECT * FROM nowhere")
      await run("SET log_error_verbosity = terse")
      await run("DO $$ BEGIN RAISE EXCEPTION 'Frieda Lang is unknown'; END $$")
      await run("DO $$ BEGIN RAISE EXCEPTION 'Frieda Lang is barred' USING ERRCODE = 'ZX001'; END $$")
      await run("SET log_min_duration_statement = 0")
      await run("SELECT 'the end is written'")
      await connection.close()
      var logs: [String: [UInt8]] = [:]
      for format in ["log", "csv", "json"] {
        for _ in 0..<400 {
          let bytes = [UInt8](try Data(contentsOf: URL(filePath: server.dataDirectory + "/log/a." + format)))
          if bytes == logs[format], String(decoding: bytes, as: UTF8.self).contains("the end is written") { break }
          logs[format] = bytes
          try await Task.sleep(for: .milliseconds(50))
        }
      }
      return logs
    }
  }
}

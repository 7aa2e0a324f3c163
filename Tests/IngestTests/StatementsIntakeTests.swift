import Foundation
import History
import Ingest
import Model
import PostgresClient
import PrivateServer
import TestSupport
import Testing

/// Exports of pg_stat_statements as people make them, from a real server.
@Suite struct StatementsIntakeTests {
  /// What happened between two exports: statements by their text.
  private func calls(_ history: String) throws -> [String: (calls: Int64, rows: Int64?, exact: Bool)] {
    let store = try HistoryStore(path: history, mode: .read)
    var result: [String: (Int64, Int64?, Bool)] = [:]
    for statement in try store.workload().statements {
      if let text = statement.statement?.normalized {
        result[text] = (statement.calls, statement.rows, statement.isExact)
      }
    }
    try store.close()
    return result
  }

  @discardableResult
  private func ingest(_ paths: [String], into history: String, server: String? = "shop") throws -> IngestReport {
    var options = IngestRun.Options()
    options.server = server
    let run = IngestRun(options)
    let store = try HistoryStore(path: history, mode: .write)
    defer { try? store.close() }
    return try run.run(try run.plan(paths), into: store)
  }

  /// Every way to export gives the same differences.
  @Test(arguments: [15, 18]) func `every form of an export of a real server counts the same`(major: Int) async throws {
    guard TestServers.hasContrib(major) else {
      try Test.cancel("PostgreSQL \(major) with pg_stat_statements is missing; .ci/servers installs it")
    }
    let settings = ["shared_preload_libraries": "pg_stat_statements"]
    try await withServer(version: major, settings: settings, binaryDirectory: TestServers.binaries(major)) { server in
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: server.connectionString()))
      try await connection.script(
        #"""
        CREATE EXTENSION pg_stat_statements;
        CREATE TABLE shop (id integer, "odd; ""name""" text);
        INSERT INTO shop SELECT g, 'x' FROM generate_series(1, 50) g;
        """#)
      let query =
        #"SELECT id, "odd; ""name""" FROM shop WHERE id <= $1"# + "\n  -- a comment, with \"quotes\"; and | signs"
      let folder = Folder()
      let psql =
        FileManager.default.isExecutableFile(atPath: server.binaries.directory + "/psql")
        ? server.binaries.directory + "/psql" : "psql"
      func psqlRun(_ arguments: [String]) async throws -> [UInt8] {
        Array(try await server.run([psql, "-X", "-d", "postgres"] + arguments).utf8)
      }
      let view = "SELECT now() AS captured_at, * FROM pg_stat_statements"
      let named =
        "SELECT now() AS captured_at, d.datname, r.rolname, s.queryid, s.query, s.calls, s.total_exec_time, s.rows"
        + " FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid"
      // As pgAdmin writes it, with each of its choices of quotes and delimiters.
      func copy(_ options: String) -> [String] { ["-q", "-c", "COPY (\(view)) TO STDOUT WITH (\(options))"] }
      let forms: [(name: String, arguments: [String])] = [
        ("csv", ["--csv", "-c", view]),
        ("copy", ["-c", "\\copy (\(view)) to stdout csv header"]),
        ("pgadmin", copy("FORMAT csv, HEADER, DELIMITER ';', FORCE_QUOTE *, QUOTE '''', NULL 'NULL'")),
        ("tabs", copy("FORMAT csv, HEADER, DELIMITER E'\\t', FORCE_QUOTE (query)")),
        ("bars", copy("FORMAT csv, HEADER, DELIMITER '|'")),
        ("array", ["-Atc", "SELECT json_agg(x) FROM (\(view)) x"]),
        (
          "pretty", ["-Atc", "SELECT jsonb_pretty(jsonb_build_object('Records', json_agg(x)::jsonb)) FROM (\(view)) x"]
        ),
        ("lines", ["-Atc", "SELECT row_to_json(x) FROM (\(view)) x"]),
        (
          "table",
          [
            "-Atc",
            """
            SELECT json_build_object('columns', '[{"name":"captured_at"},{"name":"queryid"},{"name":"dbid"},
            {"name":"userid"},{"name":"query"},{"name":"calls"},{"name":"total_exec_time"},{"name":"rows"}]'::json, 'rows',
            json_agg(json_build_array(now(), queryid, dbid, userid, query, calls, total_exec_time, rows)))
            FROM pg_stat_statements
            """,
          ]
        ),
        ("named", ["--csv", "-c", named]),
      ]
      var files: [String: [String]] = [:]
      for round in 0..<2 {
        for _ in 0..<(3 + round * 4) { _ = try await connection.query(query, ["7"]) }
        for form in forms {
          files[form.name, default: []].append(
            folder.write("\(form.name)\(round)", try await psqlRun(form.arguments)))
        }
      }
      for form in forms {
        let history = folder.path + "/\(form.name).sqlite"
        // Whatever order they are named in.
        let report = try ingest((files[form.name] ?? []).reversed(), into: history)
        #expect(report.failures == [], "\(form.name)")
        #expect(report.sources.map(\.outcome) == [.read, .read], "\(form.name)")
        #expect(report.sources.allSatisfy { $0.skipped.isEmpty }, "\(form.name)")
        let found = try calls(history).first { $0.key.contains("odd; ") && $0.key.contains("SELECT") }
        let value = try #require(found?.value, "\(form.name)")
        #expect(value.calls == 7 && value.rows == 49, "\(form.name): \(value)")
        // An export does not tell of resets and evictions.
        #expect(value.exact == false || major == 18, "\(form.name)")
        #expect(
          try ingest(files[form.name] ?? [], into: history).sources.map(\.outcome) == [.alreadyRead, .alreadyRead])
      }
    }
  }

  private static let header = "queryid,dbid,userid,calls,total_exec_time,query\n"

  @Test func `the time is that of the name, the option or the file, and it is said which`() throws {
    let folder = Folder()
    let named = folder.write("pgss-2026-03-02_14-05.csv", Array((Self.header + "1,5,10,3,1.5,SELECT 1\n").utf8))
    let plain = folder.write("pgss.csv", Array((Self.header + "1,5,10,5,2.5,SELECT 1\n").utf8))
    let report = try ingest([named, plain], into: folder.path + "/h", server: nil)
    #expect(report.failures == [])
    #expect(report.sources[0].first == Timestamp("2026-03-02 14:05"))
    #expect(report.sources[0].warnings.contains { $0.contains("taken from the file's name") })
    #expect(report.sources[0].warnings.contains { $0.contains("--server") })
    #expect(report.sources[1].warnings.contains { $0.contains("time of change") })
    var options = IngestRun.Options()
    options.capturedAt = Timestamp("2026-03-03 00:00")
    let run = IngestRun(options)
    let store = try HistoryStore(path: folder.path + "/h2", mode: .write)
    let told = try run.run(try run.plan([plain]), into: store)
    #expect(told.sources[0].first == Timestamp("2026-03-03 00:00"))
    #expect(!told.sources[0].warnings.contains { $0.contains("time of change") })
  }

  /// The first hundred are no whole: what was not among them may be old.
  @Test func `a statement that an export did not show before is not counted as new`() throws {
    let folder = Folder()
    let first = folder.write(
      "a-2026-03-02_14-05.csv", Array((Self.header + "1,5,10,300,100,SELECT 1\n2,5,10,200,90,SELECT 2 + 2\n").utf8))
    let second = folder.write(
      "b-2026-03-02_15-05.csv",
      Array((Self.header + "1,5,10,310,110,SELECT 1\n3,5,10,900,95,SELECT 3 * 3\n").utf8))
    try ingest([first, second], into: folder.path + "/h")
    let calls = try calls(folder.path + "/h")
    #expect(calls.first { $0.key.contains("*") }?.value.calls == 0)
    #expect(calls.values.contains { $0.calls == 10 })
  }

  @Test func `a password in an export does not reach the history`() throws {
    let folder = Folder()
    let file = folder.write(
      "a.csv", Array((Self.header + "1,5,10,3,1.5,\"ALTER ROLE app PASSWORD 'hunter2'\"\n").utf8))
    #expect(try ingest([file], into: folder.path + "/h").failures == [])
    for name in ["h", "h-wal"] {
      let bytes = (try? Data(contentsOf: URL(filePath: folder.path + "/" + name))) ?? Data()
      #expect(bytes.range(of: Data("hunter2".utf8)) == nil)
    }
  }

  @Test(arguments: [
    ("no-header.csv", "1,2,3\n4,5,6\n", "is not recognised"),
    ("cut.json", #"[{"queryid": 1, "calls": 2, "total_exec_time": 3}, {"queryid": 2, "ca"#, "this is no JSON object"),
    ("cut.csv", "queryid,calls,total_exec_time,query\n1,2,3,\"SELECT", "line 2: a quote is never closed"),
    ("words.csv", "queryid,calls,total_exec_time\none,two,three\n", "no row could be read"),
  ])
  func `what cannot be read is said with its place`(name: String, text: String, sentence: String) throws {
    let folder = Folder()
    let file = folder.write(name, Array(text.utf8))
    do {
      let report = try ingest([file], into: folder.path + "/h")
      #expect(report.failures.count == 1 && report.failures[0].contains(sentence), "\(report.failures)")
    } catch let error as IngestError {
      #expect(error.sentence.contains(sentence), "\(error.sentence)")
    }
  }

  /// A log in which somebody looks at pg_stat_statements is a log.
  @Test func `a log that mentions the columns stays a log`() throws {
    let folder = Folder()
    let line =
      "2026-03-02 14:05:33.123 UTC [77] postgres@shop LOG:  duration: 1.5 ms  statement: SELECT queryid, calls, total_exec_time FROM pg_stat_statements\n"
    let file = folder.write("postgresql.log", Array(String(repeating: line, count: 30).utf8))
    let report = try ingest([file], into: folder.path + "/h")
    #expect(report.sources[0].format.hasPrefix("stderr") && report.sources[0].executions == 30)
  }
}

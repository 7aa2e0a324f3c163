import Foundation
import GRDB
import History
import Model
import PostgresClient
import PrivateServer
import ServerLog
import Synchronization
import TestSupport
import Testing

@testable import Ingest

/// Passwords that a real server logged, in every place where it logs them: no byte of the history's files holds one.
struct SecretTests {
  private let folder = Folder()

  /// What was run, once for all tests: the logs by format, and the secrets, each in one statement.
  private struct Recording: Sendable {
    var logs: [String: [UInt8]]
    var secrets: [String]
  }

  private static let recording = Task { try await record() }

  @Test(arguments: ["log", "csv", "json"], ReadingOptions.Parameters.allCases)
  func noPasswordIsStored(_ format: String, _ parameters: ReadingOptions.Parameters) async throws {
    let recording = try await Self.recording.value
    let log = try #require(recording.logs[format])
    let text = String(decoding: log, as: UTF8.self)
    for secret in recording.secrets { #expect(text.contains(secret), "\(secret) is not in the server's log") }
    let path = folder.path + "/h.history"
    var options = IngestRun.Options()
    options.end = .rest
    options.reading.parameters = parameters
    let store = try HistoryStore(path: path, mode: .write)
    let report = try IngestRun(options).run(
      IngestRun(options).plan([folder.write("a." + format, log)]), into: store)
    #expect(report.failures.isEmpty)
    // While it is open there is a write-ahead log; afterwards all of it is in the file.
    let open = try bytes(path) + bytes(path + "-wal") + bytes(path + "-shm")
    let texts = try self.texts(store)
    try store.close()
    let closed = try bytes(path)
    for secret in recording.secrets {
      let needle = Data(secret.utf8)
      #expect(open.range(of: needle) == nil, "\(secret) in the open files")
      #expect(closed.range(of: needle) == nil, "\(secret) in the history")
      for text in texts where text.contains(secret) { Issue.record("\(secret) in \(text)") }
    }
    // The test would see what is stored: with keep, values that are no secrets are.
    #expect(texts.contains { $0.contains("plainlyvisible") } == (parameters == .keep))
    #expect(texts.contains { $0.contains("boundvisible") } == (parameters == .keep))
    #expect(closed.range(of: Data("ALTER ROLE".utf8)) != nil)
  }

  /// Everything that can be read back, unpacked: the file's plans and texts are compressed.
  private func texts(_ store: HistoryStore) throws -> [String] {
    var texts = try store.samples().map { "\($0.text) \($0.parameters)" }
    texts += try store.plans().map(\.document)
    texts += try store.events().map { "\($0.shape) \($0.sample)" }
    texts += try store.workload().statements.compactMap { $0.statement?.normalized }
    texts += try store.sources().map { String(decoding: $0.state, as: UTF8.self) + "\($0.skipped)" }
    return texts
  }

  private func bytes(_ path: String) throws -> Data {
    FileManager.default.contents(atPath: path) ?? Data()
  }

  /// Letters only, so that no mask of numbers hides one, and none in another.
  private static func secret(_ number: Int) -> String {
    let letters = Array("bcdfghjklm")
    return "sesam" + String([letters[number / 10], letters[number % 10]]) + "tureoffne"
  }

  private static func record() async throws -> Recording {
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
      "log_filename": "a.log", "log_rotation_age": "0", "log_min_duration_statement": "0", "log_statement": "all",
      "log_parameter_max_length_on_error": "-1", "log_line_prefix": "%m [%p] %q%u@%d/%a ", "log_timezone": "UTC",
      "shared_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
      "auto_explain.log_nested_statements": "on", "max_logical_replication_workers": "0",
    ]
    return try await withServer(version: 15, settings: settings) { server in
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(host: server.socketDirectory, user: "postgres", database: "postgres"))
      let used = Mutex<[String]>([])
      func next() -> String {
        used.withLock { used in
          used.append(secret(used.count))
          return used[used.count - 1]
        }
      }
      func run(_ statement: String) async { _ = try? await connection.script(statement) }
      func bind(_ statement: String, _ parameters: [String]) async {
        _ = try? await connection.execute(statement, parameters)
      }
      await run("CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw")
      await run("CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid', dbname 'd')")
      await run("SELECT 'plainlyvisible' AS value")
      await bind("SELECT $1::text AS value", ["boundvisible"])
      // Roles.
      await run("CREATE ROLE r1 LOGIN PASSWORD '\(next())'")
      await run("ALTER ROLE r1 PASSWORD '\(next())'")
      await run("alter user r1 with encrypted password '\(next())'")
      await run("ALTER ROLE r1 VALID UNTIL 'infinity' PASSWORD '\(next())' CONNECTION LIMIT 5")
      await run("CREATE ROLE r2 PASSWORD/* of r2 */\n\t$tag$\(next())$tag$")
      await run("ALTER ROLE r1 PASSWORD E'\(next())\\n'")
      await run("SELECT 1; ALTER ROLE r1 PASSWORD '\(next())'; SELECT 2")
      // Statements that the server refuses, or cannot even parse.
      await run("ALTER ROLE nobody PASSWORD '\(next())'")
      await run("CREATE ROLE r3 PASSWORD \(next())")
      await run("ALTER ROLE r1 PASSWORD \"\(next())\"")
      await run("ALTER ROLE r1 PASSWORD '\(next())")
      await run("ALTER ROLE r1 PASSWORD = '\(next())'")
      await run("ALTER ROLE r1 PASSWORD '\(next())' NONSENSE")
      await run("CREATE ROLE r4 PASSWORD ('\(next())')")
      // Options of foreign servers and user mappings.
      await run("CREATE USER MAPPING FOR CURRENT_USER SERVER away OPTIONS (user 'u', password '\(next())')")
      await run("ALTER USER MAPPING FOR CURRENT_USER SERVER away OPTIONS (SET password '\(next())')")
      await run("ALTER SERVER away OPTIONS (ADD password '\(next())')")
      await run("CREATE SERVER b FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h', password '\(next())')")
      await run("CREATE USER MAPPING FOR r1 SERVER away OPTIONS (password = '\(next())')")
      // Connection strings.
      await run("CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid user=u password=\(next())' PUBLICATION p")
      await run("CREATE SUBSCRIPTION s CONNECTION 'postgresql://u:\(next())@nowhere.invalid/d' PUBLICATION p")
      await run(
        "CREATE SUBSCRIPTION s CONNECTION 'password=\(next()) host=h' PUBLICATION p WITH (connect = false, slot_name = NONE)"
      )
      await run("ALTER SUBSCRIPTION s CONNECTION 'host=h password=\(next())'")
      await run("SELECT dblink_connect('host=nowhere.invalid password=\(next())')")
      await run("SELECT dblink_connect('host=nowhere.invalid password=''\(next()) \(next())''')")
      await run("SELECT dblink_connect('c', 'postgresql://u:\(next())@nowhere.invalid/d')")
      await run("SELECT * FROM dblink('postgres://h/d?user=u&password=\(next())', 'SELECT 1') AS t (a int)")
      await run("SELECT dblink_connect('hostaddr=127.0.0.1 PASSWORD = \(next())'")
      await bind("SELECT dblink_connect($1)", ["postgresql://u:\(next())@nowhere.invalid/d"])
      await bind("SELECT dblink_connect($1)", ["host=nowhere.invalid user=u password=\(next())"])
      await run("PREPARE connect (text) AS SELECT dblink_connect($1)")
      await run("EXECUTE connect('host=nowhere.invalid password=\(next())')")
      await run("EXECUTE connect('postgresql://u:\(next())@nowhere.invalid/d')")
      // In code, its CONTEXT and its messages.
      await run("DO $$ BEGIN EXECUTE 'ALTER ROLE r1 PASSWORD ''\(next())'''; END $$")
      await run("DO $$ BEGIN EXECUTE 'ALTER ROLE nobody PASSWORD ''\(next())'''; END $$")
      await run("DO $$ BEGIN PERFORM dblink_connect('host=nowhere.invalid password=\(next())'); END $$")
      await run("DO $$ BEGIN RAISE WARNING 'login with password=\(next()) failed'; END $$")
      await run(
        "DO $$ BEGIN RAISE EXCEPTION 'no login at postgresql://u:\(next())@h/d' USING DETAIL = 'password: \(next())'; END $$"
      )
      await run("DO $$ BEGIN EXECUTE format('ALTER ROLE r1 PASSWORD %L', '\(next())'); END $$")
      await run("DO $$ BEGIN EXECUTE 'ALTER ROLE r1 PASSWORD ' || quote_literal('\(next())'); END $$")
      await run("DO $$ DECLARE pw text := '\(next())'; BEGIN NULL; END $$")
      await run("DO 'DECLARE token text := ''\(next())''; BEGIN NULL; END'")
      await run("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '\(next())' AS api_key $$")
      await run("SELECT dblink_connect('host=nowhere.invalid password=' || '\(next())')")
      await run("COPY pg_temp.nothing FROM PROGRAM 'curl -u user:\(next()) http://nowhere.invalid'")
      // In plans.
      await run("SELECT count(*) FROM pg_class WHERE relname::text <> 'postgresql://u:\(next())@h/d'")
      await run("SELECT count(*) FROM pg_class WHERE relname::text <> 'host=h password=\(next())'")
      await bind("SELECT count(*) FROM pg_class WHERE relname::text <> $1", ["postgresql://u:\(next())@h/d"])
      // In settings, and in what the server says of them.
      await run("ALTER SYSTEM SET primary_conninfo = 'host=h password=\(next())'")
      await run("SELECT pg_reload_conf()")
      await run("SET application.password = '\(next())'")
      await run("SELECT set_config('app.password', '\(next())', false)")
      await bind("SELECT set_config('app.password', $1, false)", [next()])
      // The plan's filter compares with the secret, under no name that tells it.
      await bind(
        "SELECT count(*) FROM pg_class WHERE relname::text <> $1 AND set_config('app.password', $1, false) <> ''",
        [next()])
      await run("SELECT 1; COPY (SELECT 2) TO PROGRAM 'cat > /dev/null; : --user u:\(next())'")
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
      return Recording(logs: logs, secrets: used.withLock { $0 })
    }
  }
}

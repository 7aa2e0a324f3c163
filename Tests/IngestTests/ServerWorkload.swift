import Catalog
import Foundation
import History
import Model
import PostgresClient
import PrivateServer
import Recorder
import SQLText
import Synchronization
import TestSupport

/// A real server that writes three logs of one workload, run in one database for each way of logging; and what its own
/// pg_stat_statements counted.
final class ServerWorkload: Sendable {
  /// How a database logs, as settings of that database.
  enum Way: String, CaseIterable, Sendable {
    /// `duration: … statement: …`, and parse, bind and execute of the extended protocol.
    case durations
    /// `statement: …` first, then a bare `duration: …`.
    case statementsAndDurations
    /// As before, but every duration by `log_duration`.
    case statementsAndBare
    /// Nothing but `duration: … ms`: the texts are known from snapshots.
    case bare
    /// auto_explain beside the durations, in each of its formats.
    case plansText, plansJSON, plansXML, plansYAML
    /// auto_explain alone.
    case onlyPlans

    var settings: [String: String] {
      var settings = ["log_min_duration_statement": "-1", "log_statement": "none", "log_duration": "off"]
      switch self {
      case .durations: settings["log_min_duration_statement"] = "0"
      case .statementsAndDurations:
        settings["log_statement"] = "all"
        settings["log_min_duration_statement"] = "0"
      case .statementsAndBare:
        settings["log_statement"] = "all"
        settings["log_duration"] = "on"
      case .bare: settings["log_duration"] = "on"
      case .plansText, .plansJSON, .plansXML, .plansYAML:
        settings["log_min_duration_statement"] = "0"
        settings["auto_explain.log_min_duration"] = "0"
        settings["auto_explain.log_nested_statements"] = "on"
        settings["auto_explain.log_format"] = String(rawValue.dropFirst("plans".count)).lowercased()
      case .onlyPlans: settings["auto_explain.log_min_duration"] = "0"
      }
      return settings
    }
  }

  /// One entry of pg_stat_statements.
  struct Truth: Sendable {
    var database: String
    var fingerprint: Fingerprint
    var text: String
    var calls: Int64
    var isTopLevel: Bool
  }

  /// Nothing in it says what its numbers are: it has to be named.
  static let prefix = "%m [%p] %q%u@%d/%a %c %l %i %Q %s "

  let version: Int
  let truths: [Truth]
  /// The logs by format: log, csv, json.
  let logs: [String: [UInt8]]
  /// A history that holds a snapshot of the server, and nothing else.
  let snapshotHistory: [UInt8]

  private init(version: Int, truths: [Truth], logs: [String: [UInt8]], snapshotHistory: [UInt8]) {
    self.version = version
    self.truths = truths
    self.logs = logs
    self.snapshotHistory = snapshotHistory
  }

  /// The major versions here that have pg_stat_statements and auto_explain.
  static let versions = [15, 18].filter(TestServers.hasContrib)
  private static let recordings = versions.map { version in Task { try await record(version) } }
  /// Recorded once for all tests, on each version.
  static func all() async throws -> [ServerWorkload] {
    var result: [ServerWorkload] = []
    for recording in recordings { result.append(try await recording.value) }
    return result
  }

  private static func record(_ version: Int) async throws -> ServerWorkload {
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
      "log_filename": "a.log", "log_file_mode": "0644", "log_rotation_age": "0", "compute_query_id": "on",
      "shared_preload_libraries": "pg_stat_statements,auto_explain", "pg_stat_statements.track": "all",
      "log_line_prefix": prefix, "log_timezone": "Asia/Kolkata",
      "log_parameter_max_length": "100", "log_parameter_max_length_on_error": "40",
      // PostgreSQL's default; without it no format has a command tag.
      "update_process_title": "on",
    ]
    return try await withServer(
      version: version, settings: settings, binaryDirectory: TestServers.binaries(version)
    ) { server in
      func connect(_ database: String) async throws -> PostgresConnection {
        try await PostgresConnection.connect(
          ConnectionOptions(host: server.socketDirectory, user: "postgres", database: database))
      }
      let main = try await connect("postgres")
      try await main.script("CREATE EXTENSION pg_stat_statements")
      for way in Way.allCases {
        try await main.execute("CREATE DATABASE \(way.rawValue.lowercased())")
        for (name, value) in way.settings.sorted(by: { $0.key < $1.key }) {
          try await main.execute("ALTER DATABASE \(way.rawValue.lowercased()) SET \(name) = '\(value)'")
        }
      }
      for way in Way.allCases {
        let setup = try await connect(way.rawValue.lowercased())
        try await setup.script(
          """
          CREATE FUNCTION nested(n int) RETURNS bigint LANGUAGE plpgsql AS $$
          DECLARE r bigint; BEGIN SELECT count(*) INTO r FROM pg_class WHERE relnatts > n; RETURN r; END $$
          """)
        await setup.close()
      }
      try await main.execute("SELECT pg_stat_statements_reset()")
      for way in Way.allCases { try await run(try await connect(way.rawValue.lowercased())) }
      try await main.execute("CHECKPOINT")
      var truths: [Truth] = []
      let rows = try await main.query(
        """
        SELECT datname, query, calls, toplevel FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
        WHERE datname <> 'postgres' ORDER BY 1, 2
        """)
      for row in rows {
        let text = row[1] ?? ""
        truths.append(
          Truth(
            database: row[0] ?? "",
            fingerprint: Fingerprinter().describe(PreparedText.executed(text)).fingerprint, text: text,
            calls: Int64(row[2] ?? "") ?? 0, isTopLevel: row[3] == "t"))
      }
      let folder = Folder()
      let path = folder.path + "/snapshot.history"
      let history = try HistoryStore(path: path, mode: .write)
      let recorder = Mutex(SnapshotRecorder())
      _ = try await LiveCapture(LiveCapture.Options(keepsValues: false, withStatistics: false)).run(on: main) { lines in
        try recorder.withLock { try $0.add(lines) }
      }
      _ = try recorder.withLock { try $0.finish(into: history, Fingerprinter()) }
      try history.close()
      await main.close()
      // The collector writes what backends that have ended sent to it.
      var logs: [String: [UInt8]] = [:]
      for name in ["log", "csv", "json"] {
        for _ in 0..<400 {
          let bytes = [UInt8](try Data(contentsOf: URL(filePath: server.dataDirectory + "/log/a.\(name)")))
          if bytes == logs[name], !bytes.isEmpty { break }
          logs[name] = bytes
          try await Task.sleep(for: .milliseconds(50))
        }
      }
      return ServerWorkload(
        version: version, truths: truths, logs: logs,
        snapshotHistory: [UInt8](try Data(contentsOf: URL(filePath: path))))
    }
  }

  /// What every database runs.
  private static func run(_ connection: PostgresConnection) async throws {
    for n in 0..<20 { try await connection.script("SELECT relname FROM pg_class WHERE relpages = \(n) -- é") }
    for n in 0..<20 {
      try await connection.execute(
        "SELECT oid FROM pg_type WHERE typlen = $1::int AND typname::text <> $2",
        ["\(n)", n % 2 == 0 ? "it's" : String(repeating: "x", count: 200)])
    }
    try await connection.script("PREPARE \"my plan\" (int) AS\n  SELECT attname FROM pg_attribute WHERE attnum = $1")
    for n in 0..<15 { try await connection.script("EXECUTE \"my plan\"(\(n))") }
    for n in 0..<10 { try await connection.script("SELECT nested(\(n))") }
    for n in 0..<6 { try await connection.execute("SELECT nested($1) + 1", ["\(n)"]) }
    for _ in 0..<7 {
      _ = try? await connection.script("SELECT 1 / (relnatts - relnatts) FROM pg_class WHERE relname = 'pg_class'")
    }
    for _ in 0..<3 {
      _ = try? await connection.execute(
        "SELECT sqrt(-$1::float8) FROM pg_class WHERE relname = $2", ["1", "pg_class"])
    }
    try await connection.script("BEGIN")
    for n in 0..<12 {
      try await connection.script(
        "SELECT datname FROM pg_database WHERE oid = \(n) /*route='%2Forders',function='list'*/")
    }
    try await connection.script("COMMIT")
    await connection.close()
  }
}

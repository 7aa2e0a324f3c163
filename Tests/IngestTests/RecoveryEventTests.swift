import Foundation
import History
import Model
import PostgresClient
import PrivateServer
import ServerLog
import TestSupport
import Testing

@testable import Ingest

/// What a standby and a server that runs out of transaction numbers say, in their own logs.
struct RecoveryEventTests {
  private let folder = Folder()

  private static let settings = [
    "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
    "log_filename": "a.log", "log_rotation_age": "0", "log_line_prefix": "%m [%p] %q%u@%d/%a ", "log_timezone": "UTC",
  ]

  /// A standby cancels queries that hold back what its primary has removed.
  @Test func conflictsWithRecoveryAreEvents() async throws {
    let settings = Self.settings.merging([
      "max_standby_streaming_delay": "300ms", "log_recovery_conflict_waits": "on", "deadlock_timeout": "50ms",
      "wal_receiver_status_interval": "1", "hot_standby_feedback": "off",
    ]) { $1 }
    try await RestartableServer.with(15, settings: settings) { primary in
      func connect(_ server: RestartableServer) async throws -> PostgresConnection {
        try await PostgresConnection.connect(
          ConnectionOptions(
            connectionString: "host=\(server.socketDirectory) port=\(server.port) user=postgres dbname=postgres"))
      }
      let writer = try await connect(primary)
      try await writer.script("CREATE TABLE orders AS SELECT g AS id FROM generate_series(1, 1000) g")
      let standby = try await primary.makeStandby(port: 5_433)
      defer { standby.kill() }
      let monitor = try await connect(standby)
      for _ in 0..<3 {
        let reader = try await connect(standby)
        try await reader.script("BEGIN ISOLATION LEVEL REPEATABLE READ")
        // The primary's table is there once the standby has replayed it.
        for _ in 0..<200 {
          if (try? await reader.script("SELECT count(*) FROM orders")) != nil { break }
          _ = try? await reader.script("ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ")
          try await Task.sleep(for: .milliseconds(50))
        }
        let waiting = Task {
          try await reader.script("SELECT count(*), pg_sleep(20) FROM orders WHERE id < 3 GROUP BY id")
        }
        try await isRunning("pg_sleep(20)", monitor)
        try await writer.script("DELETE FROM orders WHERE id % 2 = 0")
        try await writer.script("VACUUM orders")
        try await writer.script("INSERT INTO orders SELECT g FROM generate_series(2, 500, 2) g")
        await #expect(throws: PostgresError.self) { _ = try await waiting.value }
        await reader.close()
      }
      await monitor.close()
      try await standby.finishLogs()
      for format in ["log", "csv", "json"] {
        let events = try events(standby.dataDirectory + "/log/a." + format)
        let cancelled = events.filter {
          $0.category == .replicationConflict && $0.shape == "canceling statement due to conflict with recovery"
        }
        #expect(cancelled.reduce(0) { $0 + $1.count } == 3, "\(format): \(events.map(\.shape))")
        #expect(cancelled.allSatisfy { $0.sqlState == (format == "log" ? "" : "40001") && $0.fingerprint != nil })
        let waits = events.filter { $0.category == .replicationConflict && $0.shape == "recovery waits" }
        #expect(waits.reduce(0) { $0 + $1.count } == 3, "\(format): \(events.map(\.shape))")
        #expect(waits.reduce(0) { $0 + $1.amount } > 0)
      }
    }
  }

  /// A server whose next transaction number is close to the limit warns, and then refuses: what pg_resetwal can bring
  /// about in a moment takes two thousand million transactions otherwise.
  @Test func wraparoundIsAnEvent() async throws {
    let settings = Self.settings.merging(["max_prepared_transactions": "1"]) { $1 }
    try await RestartableServer.with(15, settings: settings) { server in
      func connect() async throws -> PostgresConnection {
        try await PostgresConnection.connect(
          ConnectionOptions(
            connectionString: "host=\(server.socketDirectory) port=\(server.port) user=postgres dbname=template1"))
      }
      // Near the limit autovacuum starts by itself and takes the danger away, sooner or later than the client works:
      // not while a transaction of before is prepared, behind whose number nothing can be frozen.
      let holder = try await connect()
      for statement in ["BEGIN", "SELECT txid_current()", "PREPARE TRANSACTION 'held'"] {
        try await holder.script(statement)
      }
      await holder.close()
      try await server.stop()
      // The oldest number is 3 more or less; the warnings begin 40 million before 2^31 transactions later.
      let next = 2_110_000_000 & ~0xF_FFFF
      try await server.host.run([
        server.host.binaries.directory + "/pg_resetwal", "-f", "-x", String(next), "-D", server.dataDirectory,
      ])
      // Commit status is looked up in a segment that nobody has written.
      let segment = String(next / 0x100000, radix: 16, uppercase: true)
      let path = server.dataDirectory + "/pg_xact/" + String(repeating: "0", count: 4 - segment.count) + segment
      let empty = server.host.socketDirectory + "/segment"
      try Data(count: 256 << 10).write(to: URL(filePath: empty))
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: empty)
      try await server.host.run(["/bin/cp", empty, path])
      try await server.start()
      let connection = try await connect()
      for number in 0..<4 { _ = try? await connection.script("CREATE TABLE t\(number) (a int)") }
      await connection.close()
      // Autovacuum's workers warn too, again and again: only logs of a server that has ended hold the same.
      try await server.finishLogs()
      var counts: Set<Int64> = []
      for format in ["log", "csv", "json"] {
        let found = try events(server.dataDirectory + "/log/a." + format).filter { $0.category == .wraparound }
        #expect(found.contains { $0.shape == "database \"?\" must be vacuumed within # transactions" }, "\(found)")
        counts.insert(found.reduce(0) { $0 + $1.count })
      }
      #expect(counts.count == 1 && counts.first ?? 0 >= 4, "\(counts)")
    }
  }

  /// Waits until another session's statement runs.
  private func isRunning(_ text: String, _ monitor: PostgresConnection) async throws {
    for _ in 0..<2_000 {
      let rows = try await monitor.query(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep' AND strpos(query, $1) > 0",
        [text])
      if !rows.isEmpty { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("\(text) does not run")
  }

  private func events(_ path: String) throws -> [EventTotals] {
    var options = IngestRun.Options()
    options.end = .rest
    let store = try HistoryStore(path: folder.path + "/\(UUID().uuidString).history", mode: .write)
    let report = try IngestRun(options).run(IngestRun(options).plan([path]), into: store)
    #expect(report.failures.isEmpty)
    return try store.events()
  }
}

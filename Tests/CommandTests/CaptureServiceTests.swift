import Foundation
import Glibc
import Model
import PostgresClient
import PrivateServer
import TestSupport
import Testing

/// `pgassay capture` among accidents: what was committed stays, nothing is half written, and a sentence says what
/// happened.
@Suite(.serialized) struct CaptureServiceTests {
  private static let settings = ["shared_preload_libraries": "pg_stat_statements"]

  private func withServer(_ body: (RestartableServer, TemporaryDirectory) async throws -> Void) async throws {
    try await RestartableServer.with(15, settings: Self.settings) { server in
      let connection = try await connect(server)
      try await connection.execute("CREATE EXTENSION pg_stat_statements")
      await connection.close()
      try await body(server, TemporaryDirectory())
    }
  }

  private func connect(_ server: RestartableServer) async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      ConnectionOptions(host: server.socketDirectory, port: String(server.port), user: "postgres", database: "postgres")
    )
  }

  private func target(_ server: RestartableServer) -> String {
    "host=\(server.socketDirectory) port=\(server.port) user=postgres dbname=postgres"
  }

  /// `pgassay` in the background, its output in a file.
  private final class Running {
    let process = Process()
    let output: String

    init(_ arguments: [String], in directory: TemporaryDirectory) throws {
      output = directory.path + "/output-\(UUID().uuidString)"
      _ = FileManager.default.createFile(atPath: output, contents: nil)
      let handle = try FileHandle(forWritingTo: URL(filePath: output))
      process.executableURL = URL(filePath: PgAssayBinary.path)
      process.arguments = arguments
      process.currentDirectoryURL = URL(filePath: directory.path)
      process.standardOutput = handle
      process.standardError = handle
      process.environment = ["HOME": directory.path, "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
      try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// Waits for the end; nil when it does not come within a minute.
    func wait() async throws -> Int32? {
      for _ in 0..<6_000 {
        if !process.isRunning { return process.terminationStatus }
        try await Task.sleep(for: .milliseconds(10))
      }
      return nil
    }
  }

  /// Ids of the snapshots in the history `h`.
  private func snapshots(_ directory: TemporaryDirectory) throws -> [String] {
    guard FileManager.default.fileExists(atPath: directory.path + "/h") else { return [] }
    let outcome = try PgAssayBinary.run(["history", "list", "--history", "h", "--format", "json"], in: directory.path)
    try #require(outcome.exitCode == 0, "\(outcome.stderr)")
    let document = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
    let list = document?["snapshots"] as? [[String: Any]] ?? []
    return list.compactMap { ($0["snapshot_id"] ?? $0["id"]) as? String }
  }

  private func isSound(_ directory: TemporaryDirectory) throws -> Bool {
    let outcome = try PgAssayBinary.runShell("sqlite3 h 'PRAGMA integrity_check'", in: directory.path)
    return outcome.stdout == "ok\n"
  }

  private func until(_ what: String, _ isTrue: () throws -> Bool) async throws {
    for _ in 0..<600 {
      if try isTrue() { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("\(what) did not come in a minute")
  }

  @Test func `the service goes on after the server was killed, and ends in order`() async throws {
    try await withServer { server, directory in
      let service = try Running(
        ["capture", "--history", "h", "--every", "1s", target(server)], in: directory)
      try await until("two snapshots") { try snapshots(directory).count >= 2 }
      server.kill()
      try await until("word of the loss") { service.text.contains("trying again") }
      let before = try snapshots(directory)
      try await server.start()
      try await until("two more snapshots") { try snapshots(directory).count >= before.count + 2 }
      #expect(try Set(before).isSubset(of: snapshots(directory)))
      kill(service.process.processIdentifier, SIGTERM)
      #expect(try await service.wait() == 0)
      #expect(service.text.contains("the server was restarted"), "\(service.text)")
      #expect(service.text.contains("captured again after"), "\(service.text)")
      #expect(try isSound(directory))
      // Nothing is left open: no write-ahead log beside the file.
      #expect(!FileManager.default.fileExists(atPath: directory.path + "/h-wal"))
    }
  }

  /// One process, two servers; one of them is away.
  @Test func `a server that is away does not keep the others`() async throws {
    try await withServer { server, directory in
      let service = try Running(
        [
          "capture", "--history", "h", "--every", "1s", "--rounds", "60", target(server),
          "host=/no/such/directory user=me password=hunter2 dbname=postgres",
        ], in: directory)
      try await until("three snapshots") { try snapshots(directory).count >= 3 }
      // What `ps` shows.
      let title = try String(contentsOfFile: "/proc/\(service.process.processIdentifier)/cmdline", encoding: .utf8)
      #expect(title.contains("password=*******") && !title.contains("hunter2"))
      kill(service.process.processIdentifier, SIGTERM)
      #expect(try await service.wait() == 0)
      #expect(service.text.contains("cannot connect"))
      #expect(!service.text.contains("hunter2"))
    }
  }

  /// The primary dies, its standby takes over: libpq finds it, and its counters are not taken for the old ones'.
  @Test func `the service follows a fail-over`() async throws {
    try await withServer { primary, directory in
      let standby = try await primary.makeStandby(port: 5_433)
      defer { standby.kill() }
      let socket = primary.socketDirectory
      let service = try Running(
        [
          "capture", "--history", "h", "--every", "1s",
          "host=\(socket),\(socket) port=5432,5433 user=postgres dbname=postgres target_session_attrs=read-write",
        ], in: directory)
      try await until("two snapshots") { try snapshots(directory).count >= 2 }
      primary.kill()
      try await until("word of the loss") { service.text.contains("trying again") }
      let before = try snapshots(directory).count
      try await standby.promote()
      try await until("two more snapshots") { try snapshots(directory).count >= before + 2 }
      kill(service.process.processIdentifier, SIGTERM)
      #expect(try await service.wait() == 0)
      let top = try PgAssayBinary.run(
        ["top", "--history", "h", "--format", "json"], in: directory.path)
      #expect(top.stdout.contains("\"other_server\""), "\(top.stdout.prefix(2_000))")
    }
  }

  @Test func `a history that is deleted is noticed and begun anew`() async throws {
    try await withServer { server, directory in
      let service = try Running(["capture", "--history", "h", "--every", "1s", target(server)], in: directory)
      try await until("two snapshots") { try snapshots(directory).count >= 2 }
      for suffix in ["", "-wal", "-shm"] { _ = unlink(directory.path + "/h" + suffix) }
      try await until("word of the loss") { service.text.contains("was deleted: a new one is begun") }
      try await until("two snapshots of the new one") { try snapshots(directory).count >= 2 }
      kill(service.process.processIdentifier, SIGTERM)
      #expect(try await service.wait() == 0)
      #expect(try isSound(directory))
      let list = try PgAssayBinary.run(["history", "list", "--history", "h", "--format", "json"], in: directory.path)
      let document = try JSONSerialization.jsonObject(with: Data(list.stdout.utf8)) as? [String: Any]
      #expect((document?["catalogs"] as? [Any])?.isEmpty == false)
    }
  }

  @Test func `a standby is another node of the same cluster`() async throws {
    try await withServer { primary, directory in
      let standby = try await primary.makeStandby(port: 5_433)
      defer { standby.kill() }
      var documents: [[String: Any]] = []
      for server in [primary, standby] {
        let outcome = try PgAssayBinary.run(
          ["capture", "--history", "h", "--format", "json", target(server)], in: directory.path)
        #expect(outcome.exitCode == 0, "\(outcome.stderr)")
        documents.append(
          try #require(try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]))
      }
      #expect(documents[0]["system_identifier"] as? String == documents[1]["system_identifier"] as? String)
      #expect(documents[0]["node"] as? String == "primary")
      #expect((documents[1]["node"] as? String)?.hasPrefix("replica") == true)
      let sections = try #require(documents[1]["sections"] as? [[String: Any]])
      #expect(sections.allSatisfy { $0["fault"] is NSNull || $0["fault"] == nil })
      #expect(try snapshots(directory) == documents.compactMap { $0["snapshot_id"] as? String })
    }
  }

  @Test func `captures at once into one history all arrive`() async throws {
    try await withServer { server, directory in
      let first = try Running(["capture", "--history", "h", target(server)], in: directory)
      #expect(try await first.wait() == 0)
      let several = try (0..<6).map { _ in
        try Running(["capture", "--history", "h", target(server)], in: directory)
      }
      for process in several { #expect(try await process.wait() == 0, "\(process.text)") }
      #expect(try snapshots(directory).count == 7)
      #expect(try isSound(directory))
    }
  }

  /// `kill -9` at any moment: the history holds what was committed, whole.
  @Test func `a killed capture leaves a sound history`() async throws {
    try await withServer { server, directory in
      #expect(
        try PgAssayBinary.run(["capture", "--history", "h", target(server)], in: directory.path).exitCode == 0)
      var last = try snapshots(directory)
      for round in 0..<12 {
        let capture = try Running(["capture", "--history", "h", target(server)], in: directory)
        try await Task.sleep(for: .milliseconds(20 + round * 35))
        kill(capture.process.processIdentifier, SIGKILL)
        _ = try await capture.wait()
        let now = try snapshots(directory)
        #expect(now.starts(with: last) && now.count <= last.count + 1)
        last = now
      }
      #expect(try isSound(directory))
      #expect(
        try PgAssayBinary.run(["capture", "--history", "h", target(server)], in: directory.path).exitCode == 0)
      #expect(try snapshots(directory).count == last.count + 1)
    }
  }

  /// The server dies in the middle: here while the capture waits for a lock on the catalog.
  @Test func `a server that vanishes in the middle leaves the history as it was`() async throws {
    try await withServer { server, directory in
      #expect(
        try PgAssayBinary.run(["capture", "--history", "h", target(server)], in: directory.path).exitCode == 0)
      let before = try snapshots(directory)
      let holder = try await connect(server)
      try await holder.execute("BEGIN")
      try await holder.execute("LOCK TABLE pg_catalog.pg_trigger IN ACCESS EXCLUSIVE MODE")
      let capture = try Running(["capture", "--history", "h", target(server)], in: directory)
      let file = try Running(["capture", "--output", "s.ndjson", target(server)], in: directory)
      let watcher = try await connect(server)
      for _ in 0..<1_000 {
        let waiting = try await watcher.query(
          "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'pgassay' AND wait_event_type = 'Lock'")
        if try waiting.only().int("n") == 2 { break }
        try await Task.sleep(for: .milliseconds(10))
      }
      server.kill()
      for process in [capture, file] {
        #expect(try await process.wait() == 2)
        #expect(process.text.contains("was lost"), "\(process.text)")
      }
      #expect(try snapshots(directory) == before)
      let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      #expect(!files.contains { $0.contains("s.ndjson") })
    }
  }

  /// The connection breaks after any number of bytes.
  @Test func `a connection that breaks leaves everything as it was`() async throws {
    try await withServer { server, directory in
      let whole = try PgAssayBinary.run(["capture", "--output", "whole.ndjson", target(server)], in: directory.path)
      #expect(whole.exitCode == 0)
      let size = try FileManager.default.attributesOfItem(atPath: directory.path + "/whole.ndjson")[.size] as? Int ?? 0
      #expect(try PgAssayBinary.run(["capture", "--history", "h", target(server)], in: directory.path).exitCode == 0)
      let before = try snapshots(directory)
      var broken = 0
      for bytes in [1, 50, 400, 900, 3_000, 9_000, 20_000, 40_000, size / 2] {
        let proxy = try CuttingProxy(
          to: server.socketDirectory, port: server.port, in: directory, cutAfter: bytes)
        let place = "host=\(proxy.directory) port=5432 user=postgres dbname=postgres"
        for arguments in [["--history", "h"], ["--history", "new"], ["--output", "cut.ndjson.gz"]] {
          let outcome = try PgAssayBinary.run(["capture"] + arguments + [place], in: directory.path)
          #expect(outcome.exitCode == 2, "\(bytes) \(arguments)")
          #expect(
            outcome.stderr.hasPrefix("pgassay: cannot connect to") || outcome.stderr.contains("was lost"),
            "\(outcome.stderr)")
          broken += 1
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!files.contains { $0.contains("cut") || $0.hasPrefix("new") }, "\(files)")
      }
      #expect(broken == 27)
      #expect(try snapshots(directory) == before)
      #expect(try isSound(directory))
    }
  }

  @Test func `a locked history is waited for, then said`() async throws {
    try await withServer { server, directory in
      #expect(
        try PgAssayBinary.run(["capture", "--history", "h", target(server)], in: directory.path).exitCode == 0)
      let before = try snapshots(directory)
      let holder = Process()
      let input = Pipe()
      holder.executableURL = URL(filePath: "/usr/bin/env")
      holder.arguments = ["sqlite3", directory.path + "/h"]
      holder.standardInput = input
      try holder.run()
      try input.fileHandleForWriting.write(contentsOf: Data("BEGIN EXCLUSIVE;\n".utf8))
      try await Task.sleep(for: .milliseconds(500))
      let outcome = try PgAssayBinary.run(["capture", "--history", "h", target(server)], in: directory.path)
      try input.fileHandleForWriting.close()
      #expect(outcome.exitCode == 2)
      #expect(outcome.stderr.contains("another process is writing to h"), "\(outcome.stderr)")
      holder.waitUntilExit()
      #expect(try snapshots(directory) == before)
    }
  }

  /// A file system with 60 kB left: the capture that does not fit is refused whole.
  @Test func `a full disk keeps what was there`() async throws {
    try await withServer { server, directory in
      let connection = try await connect(server)
      try await connection.script(
        """
        DO $$ BEGIN FOR i IN 1..300 LOOP
        EXECUTE format('CREATE TABLE t%s AS SELECT md5((g * %s)::text) AS a FROM generate_series(1, 200) g', i, i);
        END LOOP; END $$; ANALYZE;
        """)
      let disk = directory.path + "/disk"
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
      guard try PgAssayBinary.runShell("mount -t tmpfs -o size=4m tmpfs \(disk)", in: "/").exitCode == 0 else {
        try Test.cancel("no file system can be mounted here")
      }
      defer { _ = try? PgAssayBinary.runShell("umount \(disk)", in: "/") }
      let small = ["capture", "--history", "disk/h", "--no-statistics", target(server)]
      #expect(try PgAssayBinary.run(small, in: directory.path).exitCode == 0)
      _ = try PgAssayBinary.runShell(
        "dd if=/dev/zero of=\(disk)/filler bs=1k count=100000; truncate -s -60K \(disk)/filler", in: "/")
      let list = ["history", "list", "--history", "disk/h"]
      let before = try PgAssayBinary.run(list, in: directory.path).stdout
      let outcome = try PgAssayBinary.run(["capture", "--history", "disk/h", target(server)], in: directory.path)
      #expect(outcome.exitCode == 2)
      #expect(outcome.stderr.contains("is full"), "\(outcome.stderr)")
      #expect(try PgAssayBinary.run(list, in: directory.path).stdout == before)
      let file = try PgAssayBinary.run(["capture", "--output", "disk/s.ndjson", target(server)], in: directory.path)
      #expect(file.exitCode == 2)
      #expect(file.stderr.contains("no space left"), "\(file.stderr)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk).contains { $0.contains("ndjson") } == false)
    }
  }
}

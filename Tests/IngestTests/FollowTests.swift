import Foundation
import History
import Model
import PostgresClient
import PrivateServer
import ServerLog
import TestSupport
import Testing

@testable import Ingest

/// A log that a real server writes and rotates while it is followed: the client's own count of its calls is the truth.
struct FollowTests {
  private let folder = Folder()

  /// How a log is rotated under the follower.
  enum Rotation: String, CaseIterable, Sendable {
    /// logrotate: the file is renamed, then the server is told to begin a new one.
    case rename
    /// logrotate's copytruncate: copied, then emptied in place.
    case copyTruncate
    /// The server begins a file with another name.
    case newName
    /// The file is compressed and removed as soon as the server has left it.
    case compress
  }

  @Test(arguments: ["stderr", "stderr,jsonlog"], Rotation.allCases)
  func everyCallIsCountedOnceThroughRotations(_ destination: String, _ rotation: Rotation) async throws {
    let calls = 240
    // The file's name is not among them: what the server's command line says cannot be changed afterwards.
    let settings = [
      "logging_collector": "on", "log_destination": destination, "log_directory": "log", "log_file_mode": "0644",
      "log_min_duration_statement": "0", "log_line_prefix": "%m [%p] %l %q%u@%d ", "log_rotation_age": "0",
      "log_truncate_on_rotation": "off",
    ]
    let endings = destination.contains("jsonlog") ? ["log", "json"] : ["log"]
    try await withServer(version: 15, settings: settings) { server in
      let directory = server.dataDirectory + "/log"
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(host: server.socketDirectory, user: "postgres", database: "postgres"))
      try await begin("a0", endings, directory, connection)
      _ = try await connection.query("SELECT 1 AS first")
      let done = Done()
      let path = history
      let following = Task {
        let store = try HistoryStore(path: path, mode: .write)
        var passes = 0
        var left = 4
        var follower = LogFollower([directory], IngestRun.Options(), into: store, note: { _ in }, warn: { _ in })
        while left > 0 {
          if await done.isSet { left -= 1 }
          try follower.pass()
          passes += 1
          // As if it was killed and started again.
          if passes % 5 == 0 {
            follower = LogFollower([directory], IngestRun.Options(), into: store, note: { _ in }, warn: { _ in })
          }
          try await Task.sleep(for: .milliseconds(40))
        }
        try store.close()
      }
      for number in 0..<calls {
        if number % 4 == 0 {
          _ = try await connection.script("SELECT relname\n\tFROM pg_class WHERE relpages = \(number) -- two\tlines")
        } else {
          _ = try await connection.execute("SELECT oid FROM pg_type WHERE typlen = $1::int", ["\(number)"])
        }
        if number % 60 == 45 {
          try await rotate(rotation, number / 60, endings, directory, connection)
        } else {
          try await Task.sleep(for: .milliseconds(2))
        }
      }
      await connection.close()
      try await server.finishLogs()
      await done.set()
      try await following.value
      let counted = try counts()
      #expect(counted["simple"] == Int64(calls / 4), "\(counted)")
      #expect(counted["extended"] == Int64(calls - calls / 4), "\(counted)")
      // One more ingest of all that lies there now finds nothing that was not counted.
      let again = try ingestAgain([directory])
      #expect(again.failures.isEmpty)
      let recounted = try counts()
      #expect(recounted == counted)
    }
  }

  private func rotate(
    _ rotation: Rotation, _ turn: Int, _ endings: [String], _ directory: String, _ connection: PostgresConnection
  ) async throws {
    switch rotation {
    case .rename:
      for ending in endings {
        try FileManager.default.moveItem(
          atPath: "\(directory)/a0.\(ending)", toPath: "\(directory)/a0.\(ending).\(turn)")
      }
      _ = try await connection.query("SELECT pg_rotate_logfile() AS rotated")
      try await appear("a0", endings, directory)
    case .copyTruncate:
      // Nothing is written in between, as copytruncate itself loses what is: all of it is in the files before.
      let mark = "'turn \(turn)'"
      _ = try await connection.script("SELECT \(mark) AS written")
      for ending in endings { try await hold(mark, "\(directory)/a0.\(ending)") }
      for ending in endings {
        try FileManager.default.copyItem(
          atPath: "\(directory)/a0.\(ending)", toPath: "\(directory)/a0.\(ending).\(turn)")
        truncate("\(directory)/a0.\(ending)", 0)
      }
    case .newName:
      try await begin("a\(turn + 1)", endings, directory, connection)
    case .compress:
      try await begin("a\(turn + 1)", endings, directory, connection)
      for ending in endings { try compress("\(directory)/a\(turn).\(ending)") }
    }
  }

  /// Makes the server go on in files of another name; returns when it has left the old ones.
  private func begin(
    _ name: String, _ endings: [String], _ directory: String, _ connection: PostgresConnection
  ) async throws {
    _ = try await connection.query("ALTER SYSTEM SET log_filename = '\(name).log'")
    _ = try await connection.query("SELECT pg_reload_conf()")
    try await appear(name, endings, directory)
  }

  private func appear(_ name: String, _ endings: [String], _ directory: String) async throws {
    for _ in 0..<6_000 where !endings.allSatisfy({ exists("\(directory)/\(name).\($0)") }) {
      try await Task.sleep(for: .milliseconds(5))
    }
    for ending in endings {
      try #require(exists("\(directory)/\(name).\(ending)"), "the server did not begin \(name).\(ending)")
    }
  }

  /// Waits until a file holds a text.
  private func hold(_ text: String, _ path: String) async throws {
    for _ in 0..<6_000 {
      if FileManager.default.contents(atPath: path)?.range(of: Data(text.utf8)) != nil { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("\(path) does not get \(text)")
  }

  /// `FILE` becomes `FILE.gz`.
  private func compress(_ path: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// What was written after the last look at a log is in its compressed copy, behind what was read.
  @Test(arguments: [false, true]) func aCompressedLogGoesOnWhereItStood(isRestarted: Bool) throws {
    let log = folder.write("logs/a.log", Lines.stderr(0..<50))
    let directory = (log as NSString).deletingLastPathComponent
    let store = try HistoryStore(path: history, mode: .write)
    func follower() -> LogFollower {
      LogFollower([directory], IngestRun.Options(), into: store, note: { _ in }, warn: { _ in })
    }
    var following = follower()
    for _ in 0..<2 { try following.pass() }
    #expect(try calls() == 50)
    append(log, Lines.stderr(50..<70))
    append(directory + "/b.log", Lines.stderr(70..<80))
    try compress(log)
    if isRestarted { following = follower() }
    for _ in 0..<5 { try following.pass() }
    #expect(try calls() == 80)
    // Compressed at once, before any look at it.
    append(directory + "/b.log", Lines.stderr(80..<85))
    append(directory + "/c.log", Lines.stderr(85..<90))
    try compress(directory + "/b.log")
    try compress(directory + "/c.log")
    if isRestarted { following = follower() }
    for _ in 0..<5 { try following.pass() }
    #expect(try calls() == 90)
  }

  @Test func oneFileIsFollowedByItsName() throws {
    let log = folder.write("one.log", Lines.stderr(0..<50))
    let store = try HistoryStore(path: history, mode: .write)
    let follower = LogFollower([log], IngestRun.Options(), into: store, note: { _ in }, warn: { _ in })
    try follower.pass()
    try follower.pass()
    #expect(try calls() == 50)
    append(log, Lines.stderr(50..<60))
    // Renamed, written to once more by its old name's owner, a new file in its place.
    rename(log, log + ".1")
    append(log + ".1", Lines.stderr(60..<70))
    append(log, Lines.stderr(70..<80))
    for _ in 0..<4 { try follower.pass() }
    #expect(try calls() == 80)
    // Emptied in place, with lines that nobody had read yet.
    append(log, Lines.stderr(80..<90))
    try FileManager.default.copyItem(atPath: log, toPath: log + ".2")
    truncate(log, 0)
    append(log, Lines.stderr(90..<95))
    for _ in 0..<4 { try follower.pass() }
    #expect(try calls() == 95)
    #expect(follower.report.sources.reduce(0) { $0 + $1.executions } == 95)
  }

  /// Rotated between the look at a log and its reading: what the name leads to now is not counted as the old log's.
  @Test(arguments: [false, true]) func aLogThatIsRotatedUnderTheReaderIsNotTakenForItself(isRenamed: Bool) throws {
    let log = folder.write("logs/a.log", Lines.stderr(0..<50))
    let plan = try IngestRun(IngestRun.Options()).plan([log])
    if isRenamed {
      rename(log, log + ".1")
    } else {
      try FileManager.default.copyItem(atPath: log, toPath: log + ".1")
      truncate(log, 0)
    }
    append(log, Lines.stderr(50..<70))
    let store = try HistoryStore(path: history, mode: .write)
    let report = try IngestRun(IngestRun.Options()).run(plan, into: store)
    #expect(report.failures.count == 1)
    try store.close()
    #expect(try ingestAgain([log, log + ".1"]).failures.isEmpty)
    #expect(try calls() == 70)
  }

  /// A log that only one client has written to does not prove what of its prefix is fixed; the one before it does.
  @Test func aLogOfOneClientHasThePrefixOfTheLogsBesideIt() throws {
    func lines(_ range: Range<Int>, _ applications: [String]) -> [UInt8] {
      Array(
        range.map { n in
          "2026-11-23 18:\(10 + n / 60 % 50):\(10 + n % 50).000 UTC [\(4_000 + n % 7)] me@shop/"
            + "\(applications[n % applications.count]) LOG:  duration: 1.500 ms  statement: SELECT \(n)\n"
        }.joined().utf8)
    }
    let first = folder.write("logs/a.log", lines(0..<1_200, ["psql", "web", "batch"]))
    let second = folder.write("logs/b.log", lines(1_200..<2_400, ["psql"]))
    let third = folder.write("logs/c.log", lines(2_400..<2_500, ["psql"]))
    #expect(try ingestAgain([first]).sources.map(\.format) == [#"stderr "%m [%p] %q%u@%d/%a ""#])
    let formats = try ingestAgain([second, third]).sources.map(\.format)
    #expect(formats == [#"stderr "%m [%p] %q%u@%d/%a ""#, #"stderr "%m [%p] %q%u@%d/%a ""#])
  }

  @Test func anEntryIsTakenWhenItIsWhole() throws {
    let lines =
      "2026-11-23 18:00:00.000 UTC [7] a@b ERROR:  no such thing\n"
      + "2026-11-23 18:00:00.000 UTC [7] a@b STATEMENT:  SELECT 1\n\tFROM nowhere\n"
      + "2026-11-23 18:00:01.000 UTC [7] a@b LOG:  duration: 1.000 ms  statement: SELECT 2\n\tFROM somewhere\n"
    let bytes = Array((lines).utf8)
    let whole = folder.write("whole.log", bytes)
    let expected = try content(of: [whole], in: folder.path + "/whole.history")
    for cut in 1..<bytes.count where cut % 9 == 0 || bytes[cut - 1] == 0x0A {
      let log = folder.write("\(cut).log", Array(bytes[..<cut]))
      let path = folder.path + "/\(cut).history"
      var options = IngestRun.Options()
      options.end = .open
      let store = try HistoryStore(path: path, mode: .write)
      if let plan = try? IngestRun(options).plan([log]) { _ = try IngestRun(options).run(plan, into: store) }
      try store.close()
      append(log, Array(bytes[cut...]))
      #expect(try content(of: [log], in: path) == expected, "cut at byte \(cut)")
    }
  }

  // MARK: Helpers

  private var history: String { folder.path + "/test.history" }

  private actor Done {
    private(set) var isSet = false
    func set() { isSet = true }
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func append(_ path: String, _ bytes: [UInt8]) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
    defer { close(descriptor) }
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }

  private func ingestAgain(_ paths: [String]) throws -> IngestReport {
    let store = try HistoryStore(path: history, mode: .write)
    defer { try? store.close() }
    return try IngestRun(IngestRun.Options()).run(IngestRun(IngestRun.Options()).plan(paths), into: store)
  }

  private func content(of paths: [String], in path: String) throws -> [String] {
    var options = IngestRun.Options()
    options.end = .rest
    let store = try HistoryStore(path: path, mode: .write)
    _ = try IngestRun(options).run(IngestRun(options).plan(paths), into: store)
    try store.close()
    return try HistoryContent(path).rows(withSources: false)
  }

  private func calls() throws -> Int64 {
    try HistoryStore(path: history, mode: .read).workload().statements.reduce(0) { $0 + ($1.log?.calls ?? 0) }
  }

  /// Calls by the name of the statement's first column.
  private func counts() throws -> [String: Int64] {
    var result: [String: Int64] = [:]
    for row in try HistoryStore(path: history, mode: .read).workload().statements {
      let words = (row.statement?.normalized ?? "").split { !$0.isLetter && $0 != "_" }.map(String.init)
      guard let name = ["relname": "simple", "typlen": "extended"].first(where: { words.contains($0.key) })?.value
      else { continue }
      result[name, default: 0] += row.log?.calls ?? 0
    }
    return result
  }
}

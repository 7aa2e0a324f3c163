import Foundation
import History
import Model
import PostgresClient
import PrivateServer
import SQLText
import ServerLog
import TestSupport
import Testing

@testable import Ingest

/// Logs whose `log_line_prefix` changes in mid-file: no entry is lost or counted twice.
struct PrefixChangeTests {
  private let folder = Folder()

  private static let prefixes = [
    "%m [%p] ", "%m [%p] %q%u@%d/%a ", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ", "%m [%p] %q%u@%d ",
    "%m [%p] ",
  ]

  /// A server is told four times to write another prefix, while one of its backends is busy and another idle; its
  /// jsonlog, which has no prefix, says what it wrote.
  @Test(arguments: [false, true]) func aReloadIsFollowed(isFollowed: Bool) async throws {
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,jsonlog", "log_directory": "log", "log_filename": "a.log",
      "log_rotation_age": "0", "log_min_duration_statement": "0", "log_timezone": "UTC",
    ]
    try await withServer(version: 15, settings: settings) { server in
      func connect(_ application: String) async throws -> PostgresConnection {
        try await PostgresConnection.connect(
          ConnectionOptions(
            connectionString:
              "host=\(server.socketDirectory) user=postgres dbname=postgres application_name=\(application)"))
      }
      let log = server.dataDirectory + "/log/a.log"
      let (main, busy, idle) = (try await connect("main"), try await connect("busy"), try await connect("idle"))
      let store = try HistoryStore(path: folder.path + "/follow.history", mode: .write)
      let notes = Notes()
      let follower = LogFollower(
        [log], IngestRun.Options(), into: store, note: { notes.add($0) }, warn: { notes.add($0) })
      for (turn, prefix) in Self.prefixes.enumerated() {
        let waiting = Task { try await busy.script("SELECT pg_sleep(0.4), \(turn) AS waiting") }
        try await Task.sleep(for: .milliseconds(100))
        _ = try await main.execute("ALTER SYSTEM SET log_line_prefix = '\(prefix)'")
        _ = try await main.execute("SELECT pg_reload_conf()")
        for number in 0..<12 {
          _ = try await main.execute("SELECT oid FROM pg_type WHERE typlen = $1::int", ["\(number)"])
          _ = try? await idle.script("SELECT relname\n\tFROM pg_class WHERE relpages = \(number) / (\(number) % 4)")
          if isFollowed { try follower.pass() }
          try await Task.sleep(for: .milliseconds(10))
        }
        _ = try await waiting.value
      }
      for connection in [main, busy, idle] { await connection.close() }
      try await server.finishLogs()
      for _ in 0..<3 where isFollowed { try follower.pass() }
      let json = try content([server.dataDirectory + "/log/a.json"], "json")
      if isFollowed {
        try store.close()
        #expect(try sums(folder.path + "/follow.history") == sums(json.path))
        #expect(notes.all.contains { $0.contains("log_line_prefix is \"%t [%p]: ") }, "\(notes.all)")
        #expect(follower.report.sources.first?.skipped["line without the prefix"] == nil)
      } else {
        let stderr = try content([log], "stderr")
        #expect(try sums(stderr.path) == sums(json.path))
        #expect(stderr.report.sources[0].skipped.isEmpty, "\(stderr.report.sources[0].skipped)")
        let changes = stderr.report.sources[0].prefixChanges
        #expect(changes.count >= 3, "\(changes)")
        // The names of entries behind a change are there.
        let samples = try HistoryStore(path: stderr.path, mode: .read).samples()
        #expect(samples.contains { $0.dimensions.application == "idle" && $0.dimensions.database == "postgres" })
        // In order, and where the file has it.
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(
          separator: "\n", omittingEmptySubsequences: false)
        for change in changes {
          let number = try #require(Int(change.dropFirst("line ".count).prefix { $0.isNumber }))
          #expect(lines[number - 1].contains("log_line_prefix"), "\(change): \(lines[number - 1])")
        }
      }
    }
  }

  private static let one = "%m [%p] %q%u@%d "
  private static let two = "%t [%p]: user=%u,db=%d,app=%a,client=%h "

  private func line(_ n: Int, _ prefix: String) -> String {
    let time = "2026-11-23 18:\(10 + n / 50 % 50):\(10 + n % 50)"
    let lead =
      switch prefix {
      case Self.one: "\(time).\(100 + n % 900) UTC [\(4_000 + n % 7)] \(n % 3 == 0 ? "bob" : "alice")@shop "
      default: "\(time) UTC [\(4_000 + n % 7)]: user=\(n % 3 == 0 ? "bob" : "alice"),db=shop,app=web,client=[local] "
      }
    if n % 11 == 5 { return lead + "ERROR:  no such thing\n" + lead + "STATEMENT:  SELECT \(n)\n\tFROM nowhere\n" }
    return lead + "LOG:  duration: \(n % 9).\(100 + n % 900) ms  statement: SELECT a\n\tFROM t WHERE id = \(n)\n"
  }

  /// As after a restart, which does not say that the prefix changed.
  private func log(_ parts: [(Range<Int>, String)]) -> [UInt8] {
    Array(parts.flatMap { range, prefix in range.map { line($0, prefix) } }.joined().utf8)
  }

  @Test(arguments: [1, 2], [40, 3_000]) func aRestartIsFollowed(_ workers: Int, _ count: Int) throws {
    let bytes = log([(0..<count, Self.one), (count..<2 * count, Self.two), (2 * count..<3 * count, Self.one)])
    let path = folder.write("a.log", bytes)
    let read = try content([path], "h", workers: workers)
    let source = read.report.sources[0]
    #expect(source.skipped.isEmpty, "\(source.skipped)")
    #expect(source.entries == Int64(3 * count))
    // Of the short log all is in sight: what it goes back to as well.
    let place = "line \(lines(bytes, upTo: count, Self.one) + 1): "
    let (one, two) = ("log_line_prefix \"\(Self.one)\"", "log_line_prefix is \"\(Self.two)\"")
    #expect(
      source.prefixChanges == [
        count == 40
          ? place + "lines with log_line_prefix \"\(Self.two)\" stand between those with \"\(Self.one)\""
          : place + two + " from here on, before it was" + one.dropFirst("log_line_prefix".count)
      ])
    let users = try HistoryStore(path: read.path, mode: .read).workload(.init(user: "bob")).statements
    #expect(users.reduce(0) { $0 + ($1.log?.calls ?? 0) + ($1.log?.errors ?? 0) } == Int64((3 * count + 2) / 3))
  }

  private func lines(_ bytes: [UInt8], upTo count: Int, _ prefix: String) -> Int {
    log([(0..<count, prefix)]).count { $0 == 0x0A }
  }

  /// The history is the same wherever a reading stopped and went on, and while the end of the log is being written.
  @Test func aChangeIsFollowedAcrossReadings() throws {
    let bytes = log([(0..<30, Self.one), (30..<60, Self.two)])
    let expected = try sums(try content([folder.write("whole.log", bytes)], "whole").path)
    for cut in stride(from: 200, to: bytes.count, by: 419) {
      let log = folder.write("\(cut).log", Array(bytes[..<cut]))
      let first = try content([log], "\(cut)", end: .open)
      _ = folder.write("\(cut).log", bytes)
      let second = try content([log], "\(cut)")
      #expect(try sums(first.path) == expected, "cut at byte \(cut): \(second.report.sources[0].skipped)")
    }
  }

  @Test func aRotatedLogMayHaveAnotherPrefix() throws {
    let paths = [
      folder.write("d/a.log", log([(0..<400, Self.one)])), folder.write("d/b.log", log([(400..<420, Self.two)])),
    ]
    let read = try content(paths, "h")
    #expect(read.report.sources.map(\.entries) == [400, 20])
    #expect(read.report.sources.map(\.format) == ["stderr \"\(Self.one)\"", "stderr \"\(Self.two)\""])
  }

  /// Lines of other programs between the server's are counted as unreadable, and change nothing.
  @Test func otherProgramsLinesAreNoChange() throws {
    var text = ""
    for n in 0..<3_000 {
      text += line(n, Self.one)
      if n % 25 == 3 { text += "2026/11/23 18:10:10 archiver[\(n)]: ERROR:  cannot push segment \(n)\n" }
      if n % 31 == 3 { text += "rsync: connection reset (\(n))\n" }
    }
    let read = try content([folder.write("a.log", Array(text.utf8))], "h")
    #expect(read.report.sources[0].entries >= 3_000)
    let calls = try HistoryStore(path: read.path, mode: .read).workload(.init(database: "shop")).statements
      .reduce(0) { $0 + ($1.log?.calls ?? 0) + ($1.log?.errors ?? 0) }
    #expect(calls == 3_000)
  }

  /// A word that all lines have, because one client wrote them, is a name; and that nothing proves it is said.
  @Test(arguments: ["shop/web", "shop@orders/web", "shop orders", "[shop@orders]"])
  func aShortLogOfOneClientHasNoNamesInItsPrefix(_ names: String) throws {
    let lines = (10..<30).map {
      "2026-11-23 18:00:\($0).000 UTC [77] \(names) LOG:  duration: 1.500 ms  statement: SELECT \($0)\n"
    }
    let read = try content([folder.write("a.log", Array(lines.joined().utf8))], "h")
    let format = read.report.sources[0].format
    for word in names.split(whereSeparator: { "/@ []".contains($0) }) { #expect(!format.contains(word), "\(format)") }
    #expect(format.contains("%u") && format.contains("%d"), "\(format)")
    // `%u@%d` is what everybody writes.
    let warning = read.report.sources[0].warnings.first
    if names == "[shop@orders]" {
      #expect(warning == nil)
    } else {
      #expect(warning?.contains("--prefix") == true && warning?.contains("is taken") == true, "\(warning ?? "")")
    }
  }

  /// Where the log says who connected to what, names are not guessed by their order.
  @Test func connectionsProveWhatNamesAre() throws {
    var text = ""
    for n in 10..<30 {
      text +=
        "2026-11-23 18:00:\(n).000 UTC [\(n)] orders shop LOG:  connection authorized: user=shop database=orders\n"
      text += "2026-11-23 18:00:\(n).100 UTC [\(n)] orders shop LOG:  duration: 1.500 ms  statement: SELECT \(n)\n"
    }
    let read = try content([folder.write("a.log", Array(text.utf8))], "h")
    #expect(read.report.sources[0].format.hasSuffix("%d %u \""), "\(read.report.sources[0].format)")
    #expect(read.report.sources[0].warnings.isEmpty)
  }

  // MARK: Helpers

  private final class Notes: @unchecked Sendable {
    private(set) var all: [String] = []
    func add(_ text: String) { all.append(text) }
  }

  private func content(
    _ paths: [String], _ name: String, workers: Int = 2, end: SourceEnd = .rest
  ) throws -> (path: String, report: IngestReport) {
    var options = IngestRun.Options()
    options.end = end
    options.workers = workers
    let path = folder.path + "/\(name).history"
    let store = try HistoryStore(path: path, mode: .write)
    let report = try IngestRun(options).run(IngestRun(options).plan(paths), into: store)
    #expect(report.failures.isEmpty)
    try store.close()
    return (path, report)
  }

  /// Calls and errors by statement, total time of executions.
  private func sums(_ path: String) throws -> [String] {
    try HistoryStore(path: path, mode: .read).workload().statements.map { row in
      "\(row.statement?.normalized ?? "") \(row.log?.calls ?? 0) \(row.log?.errors ?? 0) \(row.log?.total.value ?? 0)"
    }.sorted()
  }
}

import Foundation
import Testing

/// A log that is in syslog's lines may say more of its last entry in a next line: while the file is fresh the entry
/// waits, and `ingest` says so.
@Suite struct WaitingEntryTests {
  private static func line(_ n: Int) -> String {
    "Mar 10 02:00:0\(n) db1 postgres[7]: [\(n)-1] 2026-03-10 02:00:0\(n).000 UTC [7] app@shop LOG:  duration: 1.500 ms  "
      + "statement: SELECT \(n) FROM orders\n"
  }

  private struct Report: Decodable {
    struct Source: Decodable {
      var entries: Int
      var warnings: [String]
    }
    var sources: [Source]
  }

  @Test(arguments: [2, 3]) func aFreshLogsLastEntryIsSaidToWait(_ count: Int) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/syslog"
    let log = (1...count).map(Self.line).joined()
    /// Says when the file was written last: a minute ahead is as fresh as can be, however slow the machine is.
    func write(_ text: String, secondsAgo: Double) throws {
      try Data(text.utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -secondsAgo)], ofItemAtPath: path)
    }
    func ingest(_ history: String, _ more: [String] = []) throws -> (stdout: String, stderr: String) {
      let outcome = try PgAssayBinary.run(["ingest", "--history", history, "syslog"] + more, in: directory.path)
      try #require(outcome.exitCode == 0, "\(outcome.stderr)")
      return (outcome.stdout, outcome.stderr)
    }
    func report(_ text: String) throws -> Report.Source {
      try #require(try JSONDecoder().decode(Report.self, from: Data(text.utf8)).sources.first)
    }
    let said = "syslog: the last entry may go on in a next line"

    try write(log, secondsAgo: -60)
    let fresh = try ingest("a.sqlite", ["--format", "json"])
    #expect(fresh.stderr.contains(said))
    let source = try report(fresh.stdout)
    #expect(source.entries == count - 1)
    #expect(source.warnings.contains { $0.hasPrefix("the last entry may go on") })
    // It is said until it is counted, also where nothing new was found.
    #expect(try ingest("a.sqlite").stderr.contains(said))

    try write(log, secondsAgo: 60)
    let quiet = try ingest("a.sqlite", ["--format", "json"])
    #expect(!quiet.stderr.contains(said))
    #expect(try report(quiet.stdout).entries == 1)
    #expect(try report(quiet.stdout).warnings.isEmpty)
    #expect(try !ingest("b.sqlite").stderr.contains(said))
  }

  @Test func aFreshLogOfOneEntryIsSaidToWait() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/syslog"
    try Data(Self.line(1).utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: 60)], ofItemAtPath: path)
    let fresh = try PgAssayBinary.run(["ingest", "--history", "h.sqlite", "syslog"], in: directory.path)
    #expect(fresh.exitCode == 2 && fresh.stderr.contains("its only entry may go on in a next line"))
    // Of another program's nothing is waited for.
    try Data("Mar 10 02:00:00 db1 cron[7]: tick\n".utf8).write(to: URL(filePath: path))
    let foreign = try PgAssayBinary.run(["ingest", "--history", "h.sqlite", "syslog"], in: directory.path)
    #expect(foreign.exitCode == 2 && !foreign.stderr.contains("next line"))
  }

  @Test func plainLogsWaitForNothing() throws {
    let directory = try TemporaryDirectory()
    let text = "2026-03-10 02:00:00.000 UTC [7] app@shop LOG:  duration: 1.5 ms  statement: SELECT 1 FROM orders\n"
    try Data(text.utf8).write(to: URL(filePath: directory.path + "/log"))
    let outcome = try PgAssayBinary.run(["ingest", "--history", "h.sqlite", "log"], in: directory.path)
    #expect(outcome.exitCode == 0 && !outcome.stderr.contains("next line"))
  }
}

import Foundation
import Testing

/// Bad input is one clear sentence and exit code 2, and leaves every file as it was.
@Suite struct BadInputTests {
  private static let log = PgAssayBinary.root + "/Workloads/shop/recorded/week1/postgresql.log.gz"
  private static let binary = Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })

  /// What is handed in, as a name and its content, and what the sentence must say.
  @Test(
    arguments: [
      ("no.log", nil, "there is no file no.log"),
      ("empty.log", Data(), "empty.log is empty"),
      ("binary.log", binary, "binary.log is a binary file"),
      ("prose.log", Data(String(repeating: "These lines were never a server's log.\n", count: 40).utf8), "prose.log"),
    ] as [(String, Data?, String)])
  func aSourceThatCannotBeRead(name: String, content: Data?, sentence: String) throws {
    let directory = try TemporaryDirectory()
    if let content { try content.write(to: URL(filePath: directory.path + "/" + name)) }
    try expectRefusal(["ingest", "--history", "h", name], in: directory.path, saying: sentence)
  }

  @Test func aDirectoryWithoutFiles() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path + "/nothing", withIntermediateDirectories: false)
    try expectRefusal(["ingest", "--history", "h", "nothing"], in: directory.path, saying: "nothing holds no files")
  }

  /// Half of a compressed log says where it ends, and reading the whole one afterwards counts every entry once.
  @Test func aTruncatedArchiveCountsNothingTwice() throws {
    let directory = try TemporaryDirectory()
    let whole = try Data(contentsOf: URL(filePath: Self.log))
    try whole.prefix(whole.count / 3).write(to: URL(filePath: directory.path + "/cut.log.gz"))
    try expectRefusal(
      ["ingest", "--history", "h", "cut.log.gz"], in: directory.path, saying: "the gzip stream ends too early")
    for history in ["h", "fresh"] {
      let outcome = try PgAssayBinary.run(["ingest", "--history", history, Self.log], in: directory.path)
      #expect(outcome.exitCode == 0)
    }
    let both = try ["h", "fresh"].map {
      try PgAssayBinary.run(["top", "--history", $0, "--format", "csv", "--limit", "1000"], in: directory.path).stdout
    }
    #expect(both[0] == both[1])
    #expect(both[0].split(separator: "\n").count > 50)
  }

  @Test func aHistoryThatIsNone() throws {
    let directory = try TemporaryDirectory()
    let content = Data(String(repeating: "no database, only text\n", count: 100).utf8)
    let file = URL(filePath: directory.path + "/notes.txt")
    try content.write(to: file)
    for command in [["ingest", "--history", "notes.txt", Self.log], ["top", "--history", "notes.txt"]] {
      try expectRefusal(command, in: directory.path, saying: "notes.txt is not a history")
    }
    #expect(try Data(contentsOf: file) == content)
  }

  @Test func aHistoryOfANewerVersion() throws {
    let directory = try TemporaryDirectory()
    #expect(try PgAssayBinary.run(["ingest", "--history", "h", Self.log], in: directory.path).exitCode == 0)
    let file = URL(filePath: directory.path + "/h")
    var content = try Data(contentsOf: file)
    // The user version, where the schema's version is kept: bytes 60 to 63, big-endian (SQLite's file format, 1.3).
    content.replaceSubrange(60..<64, with: [0, 0, 3, 231])
    try content.write(to: file)
    try Data("SELECT 1;\n".utf8).write(to: URL(filePath: directory.path + "/q.sql"))
    #expect(try PgAssayBinary.run(["ingest", "--history", "known", Self.log], in: directory.path).exitCode == 0)
    for command in [
      ["ingest", Self.log], ["top"], ["show", "1"], ["report"], ["advise"], ["doctor"], ["history", "list"],
      ["history", "prune"], ["history", "merge", "known"], ["history", "export", "executions"], ["history", "vacuum"],
      ["capture", "host=/nonexistent"], ["twin", "plan", "q.sql"],
    ] {
      try expectRefusal(command + ["--history", "h"], in: directory.path, saying: "written by a newer pgassay")
    }
    try expectRefusal(
      ["history", "merge", "--history", "known", "h"], in: directory.path, saying: "written by a newer pgassay")
    #expect(try Data(contentsOf: file) == content)
  }

  /// A directory in which nobody, not even root, can make a file.
  @Test func aDirectoryThatCannotBeWrittenTo() throws {
    let directory = try TemporaryDirectory()
    try expectRefusal(
      ["ingest", "--history", "/proc/pgassay.history", Self.log], in: directory.path, saying: "/proc/pgassay.history")
  }

  @Test func aReportThatDoesNotFitOnTheDisk() throws {
    let directory = try TemporaryDirectory()
    #expect(try PgAssayBinary.run(["ingest", "--history", "h", Self.log], in: directory.path).exitCode == 0)
    let outcome = try PgAssayBinary.runShell("pgassay top --history h --format json > /dev/full", in: directory.path)
    #expect(outcome.exitCode == 2)
    #expect(outcome.stdout.contains("pgassay: "))
  }

  /// Snapshots every five minutes over eighteen days, of which the first four are rolled up to hours.
  private func snapshots(_ count: Int) -> Data {
    var lines = "captured_at,stats_since,userid,dbid,queryid,toplevel,query,calls,total_exec_time,rows\n"
    for number in 0..<count {
      let at = Date(timeIntervalSince1970: 1_793_491_200 + Double(number) * 300).ISO8601Format()
      lines += "\(at),2026-10-01T00:00:00Z,10,5,1,t,select a from t where x = $1,\(number * 7),\(number * 9),0\n"
    }
    return Data(lines.utf8)
  }

  /// What is kept by the hour only is not told by the minute, and what was deleted not at all.
  @Test func windowsOfWhatIsNotKept() throws {
    let directory = try TemporaryDirectory()
    try snapshots(18 * 288 + 1).write(to: URL(filePath: directory.path + "/sim.csv"))
    let read = try PgAssayBinary.run(["ingest", "--history", "h", "--server", "sim", "sim.csv"], in: directory.path)
    #expect(read.exitCode == 0)
    func top(_ arguments: String...) throws -> String {
      try PgAssayBinary.run(["top", "--history", "h", "--format", "json"] + arguments, in: directory.path).stdout
    }
    let hour = try top("--from", "2026-11-02 10:05", "--to", "2026-11-02 12:05")
    #expect(hour.contains(#""from": "2026-11-02T11:00:00Z""#) && hour.contains(#""to": "2026-11-02T12:00:00Z""#))
    #expect(hour.contains(#""exact": false"#) && hour.contains(#""calls": 84,"#))
    #expect(try top("--from", "2026-11-02 10:00", "--to", "2026-11-02 12:00").contains(#""calls": 168,"#))
    try expectRefusal(
      ["top", "--history", "h", "--from", "2026-11-02 10:05", "--to", "2026-11-02 10:55"], in: directory.path,
      saying: "only whole hours are kept of that time")
    let prune = ["history", "prune", "--history", "h", "--minutes", "1", "--hours", "2", "--days", "3"]
    let pruned = try PgAssayBinary.run(prune, in: directory.path)
    #expect(pruned.exitCode == 0, "\(pruned.stderr)")
    let rest = try top()
    #expect(rest.contains(#""from": "2026-11-16T00:00:00Z""#) && rest.contains(#""exact": true"#), "\(rest)")
    let clipped = try top("--from", "2026-11-02")
    #expect(clipped.contains(#""from": "2026-11-16T00:00:00Z""#) && clipped.contains(#""exact": false"#))
    try expectRefusal(
      ["top", "--history", "h", "--from", "2026-11-02", "--to", "2026-11-03"], in: directory.path,
      saying: "nothing from before 2026-11-16 00:00 UTC is kept")
  }

  @Test func aSingleSnapshot() throws {
    let directory = try TemporaryDirectory()
    try snapshots(1).write(to: URL(filePath: directory.path + "/sim.csv"))
    let read = try PgAssayBinary.run(["ingest", "--history", "h", "--server", "sim", "sim.csv"], in: directory.path)
    #expect(read.exitCode == 0)
    try expectRefusal(["top", "--history", "h"], in: directory.path, saying: "has no second snapshot of a server")
  }

  private func expectRefusal(
    _ arguments: [String], in directory: String, saying sentence: String, location: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try PgAssayBinary.run(arguments, in: directory)
    #expect(outcome.exitCode == 2, sourceLocation: location)
    #expect(outcome.stdout.isEmpty || outcome.stdout.contains("failed"), sourceLocation: location)
    let complaints = outcome.stderr.split(separator: "\n").filter { !$0.contains("note: ") }
    #expect(
      complaints.count == 1 && complaints[0].hasPrefix("pgassay: "), "\(outcome.stderr)", sourceLocation: location)
    #expect(outcome.stderr.contains(sentence), "\(outcome.stderr)", sourceLocation: location)
  }
}

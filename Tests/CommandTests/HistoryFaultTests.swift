import Foundation
import GRDB
import Testing

/// A writer that is killed, a disk that fills up, a history that another process holds, a directory that cannot be
/// written: what was committed stays, nothing is half there, and one sentence says what to do.
@Suite struct HistoryFaultTests {
  private static let log = PgAssayBinary.root + "/Workloads/shop/recorded/week1/postgresql.log.gz"

  private func export(_ history: String, in directory: String) throws -> [String] {
    try ["executions", "statements", "samples", "plans", "events", "repetitions"].map { kind in
      let outcome = try PgAssayBinary.run(
        ["history", "export", kind, "--history", history, "--show-values"], in: directory)
      #expect(outcome.exitCode == 0, "\(outcome.stderr)")
      return outcome.stdout
    }
  }

  /// Killed again and again at other moments, and run again: as if nothing had happened.
  @Test func aKilledWriterLeavesNothingHalf() throws {
    let directory = try TemporaryDirectory()
    let whole = try PgAssayBinary.run(["ingest", "--history", "whole", Self.log], in: directory.path)
    try #require(whole.exitCode == 0, "\(whole.stderr)")
    for delay in [0.02, 0.08, 0.15, 0.25, 0.4, 0.6, 0.9] {
      let process = Process()
      process.executableURL = URL(filePath: PgAssayBinary.path)
      process.arguments = ["ingest", "--history", "killed", Self.log]
      process.currentDirectoryURL = URL(filePath: directory.path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: delay)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      guard FileManager.default.fileExists(atPath: directory.path + "/killed") else { continue }
      let doctor = try PgAssayBinary.run(["doctor", "--history", "killed", "--format", "json"], in: directory.path)
      #expect(doctor.exitCode == 0, "\(doctor.stdout)\(doctor.stderr)")
    }
    let last = try PgAssayBinary.run(["ingest", "--history", "killed", Self.log], in: directory.path)
    #expect(last.exitCode == 0, "\(last.stderr)")
    #expect(try export("killed", in: directory.path) == export("whole", in: directory.path))
    // What a killed process had begun to make is taken away by the next one; -wal and -shm belong to SQLite.
    let left = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasPrefix("killed") }
    #expect(Set(left).isSubset(of: ["killed", "killed-wal", "killed-shm"]), "\(left)")
  }

  /// A small file system in memory, where this may be mounted.
  @Test(.enabled("mounting a tmpfs needs root", { geteuid() == 0 })) func aFullDiskKeepsWhatWasCommitted() throws {
    let directory = try TemporaryDirectory()
    let disk = directory.path + "/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard try run("/bin/mount", ["-t", "tmpfs", "-o", "size=700k", "tmpfs", disk]) == 0 else {
      withKnownIssue("this system does not let root mount a tmpfs") { Issue.record("not mounted") }
      return
    }
    defer { _ = try? run("/bin/umount", ["-l", disk]) }
    let outcome = try PgAssayBinary.run(["ingest", "--history", "disk/h", Self.log], in: directory.path)
    #expect(outcome.exitCode == 2)
    #expect(outcome.stderr.contains("the disk that holds disk/h is full"), "\(outcome.stderr)")
    #expect(!outcome.stderr.contains("Fatal"))
    let doctor = try PgAssayBinary.run(["doctor", "--history", "disk/h"], in: directory.path)
    #expect(doctor.stdout.contains("every page and index is sound"), "\(doctor.stdout)\(doctor.stderr)")
    // With room it goes on where it stopped.
    #expect(try run("/bin/mount", ["-o", "remount,size=64m", disk]) == 0)
    let again = try PgAssayBinary.run(["ingest", "--history", "disk/h", Self.log], in: directory.path)
    #expect(again.exitCode == 0, "\(again.stderr)")
    let fresh = try PgAssayBinary.run(["ingest", "--history", "fresh", Self.log], in: directory.path)
    #expect(fresh.exitCode == 0)
    #expect(try export("disk/h", in: directory.path) == export("fresh", in: directory.path))
  }

  /// On a read-only file system every reading command reads, also what is only in the write-ahead log.
  @Test(
    .enabled("mounting a tmpfs needs root", { geteuid() == 0 }), arguments: [false, true]
  ) func aReadOnlyHistoryIsRead(hasLog: Bool) throws {
    let directory = try TemporaryDirectory()
    let disk = directory.path + "/read only#1"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard try run("/bin/mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]) == 0 else {
      withKnownIssue("this system does not let root mount a tmpfs") { Issue.record("not mounted") }
      return
    }
    defer { _ = try? run("/bin/umount", ["-l", disk]) }
    let path = "read only#1/h"
    let ingest = try PgAssayBinary.run(["ingest", "--history", path, Self.log], in: directory.path)
    try #require(ingest.exitCode == 0, "\(ingest.stderr)")
    var queue: DatabaseQueue?
    if hasLog {
      // A writer that has not finished: the newest row is in the log only.
      queue = try DatabaseQueue(path: disk + "/h")
      try queue?.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 0; INSERT INTO setting VALUES ('of the log', '1')")
        try db.execute(sql: "UPDATE sample SET text = text || ' /* of the log */'")
      }
      // As a crash leaves it.
      for suffix in ["", "-wal"] {
        try FileManager.default.copyItem(atPath: disk + "/h" + suffix, toPath: disk + "/crashed" + suffix)
      }
    } else {
      try FileManager.default.copyItem(atPath: disk + "/h", toPath: disk + "/crashed")
    }
    try queue?.close()
    #expect(FileManager.default.fileExists(atPath: disk + "/crashed-wal") == hasLog)
    #expect(try run("/bin/mount", ["-o", "remount,ro", disk]) == 0)
    let history = ["--history", "read only#1/crashed"]
    let fingerprint = "79f64ed0"
    for command in [
      ["top"], ["show", fingerprint], ["report", "--no-advice", "--format", "json"], ["history", "list"], ["doctor"],
    ] {
      let outcome = try PgAssayBinary.run(command + history, in: directory.path)
      #expect(outcome.exitCode == 0, "\(command): \(outcome.stderr)")
    }
    let samples = try PgAssayBinary.run(
      ["history", "export", "samples", "--show-values"] + history, in: directory.path)
    #expect(samples.stdout.contains("of the log") == hasLog)
    let writer = try PgAssayBinary.run(["ingest", Self.log] + history, in: directory.path)
    #expect(writer.exitCode == 2 && writer.stderr.contains("cannot be used"), "\(writer.stderr)")
  }

  /// One bit of a stored catalog that SQLite takes for what it is.
  @Test func aChangedCatalogIsFound() throws {
    let directory = try TemporaryDirectory()
    let snapshot = PgAssayBinary.root + "/Workloads/shop/recorded/week2/snapshot-day0.ndjson.gz"
    try #require(try PgAssayBinary.run(["ingest", "--history", "h", snapshot], in: directory.path).exitCode == 0)
    #expect(try PgAssayBinary.run(["doctor", "--history", "h"], in: directory.path).exitCode == 0)
    let queue = try DatabaseQueue(path: directory.path + "/h")
    try queue.write {
      try $0.execute(sql: "UPDATE document SET hash = hash + 1 WHERE id = (SELECT max(id) FROM document)")
    }
    try queue.close()
    let doctor = try PgAssayBinary.run(["doctor", "--history", "h"], in: directory.path)
    #expect(doctor.exitCode != 0 && doctor.stdout.contains("1 parts of catalogs are not what was stored"))
  }

  /// Another process (this one) holds the write lock: reading goes on, writing waits and then says so.
  @Test func aLockedHistorySaysSo() throws {
    let directory = try TemporaryDirectory()
    let start = try PgAssayBinary.run(["ingest", "--history", "h", Self.log], in: directory.path)
    try #require(start.exitCode == 0)
    let before = try export("h", in: directory.path)
    let queue = try DatabaseQueue(path: directory.path + "/h")
    try queue.writeWithoutTransaction { db in
      try db.inTransaction(.immediate) {
        try db.execute(sql: "UPDATE source SET path = path")
        let top = try PgAssayBinary.run(["top", "--history", "h"], in: directory.path)
        #expect(top.exitCode == 0, "\(top.stderr)")
        let prune = try PgAssayBinary.run(["history", "prune", "--history", "h", "--minutes", "1"], in: directory.path)
        #expect(prune.exitCode == 2)
        #expect(
          prune.stderr
            == "pgassay: another process is writing to h and did not finish in time; nothing was changed; try again when it is done\n"
        )
        return .rollback
      }
    }
    try queue.close()
    #expect(try export("h", in: directory.path) == before)
  }

  @Test func aPlaceThatCannotBeWrittenIsOneSentence() throws {
    let directory = try TemporaryDirectory()
    for path in ["/proc/pgassay.history", "/sys/pgassay.history", "no/such/directory/h"] {
      let outcome = try PgAssayBinary.run(["ingest", "--history", path, Self.log], in: directory.path)
      #expect(outcome.exitCode == 2)
      #expect(outcome.stderr.hasPrefix("pgassay: the history \(path) cannot be used: "), "\(outcome.stderr)")
      #expect(outcome.stderr.split(separator: "\n").count == 1)
    }
  }

  @Test func aDamagedHistoryIsTold() throws {
    let directory = try TemporaryDirectory()
    let start = try PgAssayBinary.run(["ingest", "--history", "h", Self.log], in: directory.path)
    try #require(start.exitCode == 0)
    let sound = try Data(contentsOf: URL(filePath: directory.path + "/h"))
    // One flipped byte in every seventh page, then a file that ends in the middle.
    var flipped = sound
    for page in stride(from: 7, to: sound.count / 4_096, by: 7) { flipped[page * 4_096 + 3] ^= 0xFF }
    for (name, data) in [("flipped", flipped), ("cut", sound.prefix(sound.count / 2))] {
      try data.write(to: URL(filePath: directory.path + "/" + name))
      for format in ["text", "json"] {
        let outcome = try PgAssayBinary.run(["doctor", "--history", name, "--format", format], in: directory.path)
        #expect(outcome.exitCode == 1, "\(name): \(outcome.stdout)\(outcome.stderr)")
        #expect(outcome.stdout.contains("broken"), "\(outcome.stdout)")
        #expect(outcome.stdout.contains("restore"), "\(outcome.stdout)")
      }
    }
  }

  private func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

import Foundation
import Glibc
import History
import ServerLog
import Testing

@testable import Ingest

/// What paths may lead to besides plain files.
struct SourceKindTests {
  private let folder = Folder()

  /// As a shell's `<(zcat a.gz)`: it can be opened once only.
  @Test(arguments: [false, true]) func aPipeWithANameIsRead(isPacked: Bool) throws {
    let lines = Lines.stderr(0..<5_000)
    let file = isPacked ? folder.gzip("a.gz", lines) : folder.write("a.log", lines)
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let writer = Process()
    writer.executableURL = URL(filePath: "/bin/sh")
    writer.arguments = ["-c", "cat '\(file)' > '\(pipe)'"]
    try writer.run()
    let report = try ingest([pipe])
    writer.waitUntilExit()
    #expect(report.sources.map(\.outcome) == [.read])
    #expect(report.sources.map(\.executions) == [5_000])
    // It is the same log under its other name.
    #expect(try ingest([file]).sources.map(\.outcome) == [.alreadyRead])
  }

  /// In a directory a pipe that nobody writes to, a link back and a link to nothing are passed over.
  @Test func aDirectoryIsLookedThroughOnce() throws {
    _ = folder.write("d/e/a.log", Lines.stderr(0..<40))
    #expect(mkfifo(folder.path + "/d/pipe", 0o600) == 0)
    #expect(symlink("..", folder.path + "/d/e/up") == 0)
    #expect(symlink("e", folder.path + "/d/f") == 0)
    #expect(symlink("nowhere", folder.path + "/d/g") == 0)
    let report = try ingest([folder.path + "/d"])
    #expect(report.sources.map(\.path) == [folder.path + "/d/e/a.log"])
    #expect(report.sources.map(\.executions) == [40])
  }

  /// A directory that must not be read is said, and hides nothing of the others. Root may read all.
  @Test(.enabled(if: geteuid() != 0, "root reads every directory")) func aClosedDirectoryIsNamed() throws {
    _ = folder.write("d/a.log", Lines.stderr(0..<40))
    _ = folder.write("d/closed/b.log", Lines.stderr(40..<50))
    chmod(folder.path + "/d/closed", 0)
    defer { chmod(folder.path + "/d/closed", 0o700) }
    let report = try ingest([folder.path + "/d"])
    #expect(report.sources.map(\.executions) == [40, 0])
    #expect(report.failures.count == 1 && report.failures[0].contains("/d/closed"), "\(report.failures)")
  }

  /// An archive is no log with strange lines in it.
  @Test(arguments: ["tar", "tgz", "zip", "UTF-16"]) func whatHasToBeUnpackedIsSaid(_ kind: String) throws {
    let lines = Lines.stderr(0..<40)
    let path: String
    switch kind {
    case "zip":
      // A local file header with a stored member.
      let name = Array("a.log".utf8)
      func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
      let head: [UInt8] =
        [0x50, 0x4B, 0x03, 0x04] + bytes(UInt16(20)) + bytes(UInt64(0)) + bytes(UInt32(0))
        + bytes(UInt32(lines.count)) + bytes(UInt32(lines.count)) + bytes(UInt16(name.count)) + bytes(UInt16(0))
      path = folder.write("a.zip", head + name + lines)
    case "UTF-16":
      let text = String(decoding: lines, as: UTF8.self)
      path = folder.write("a.log", [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
    default:
      _ = folder.write("logs/a.log", lines)
      path = folder.path + "/a." + kind
      let tar = Process()
      tar.executableURL = URL(filePath: "/usr/bin/env")
      tar.arguments = ["tar", kind == "tgz" ? "-czf" : "-cf", path, "-C", folder.path, "logs"]
      try tar.run()
      tar.waitUntilExit()
      #expect(tar.terminationStatus == 0)
    }
    #expect {
      _ = try IngestRun(IngestRun.Options()).plan([path])
    } throws: { error in
      let sentence = (error as? IngestError)?.sentence ?? ""
      let word = kind == "tgz" ? "tar" : kind
      return sentence.hasPrefix(path) && sentence.contains(word) && sentence.contains("`")
    }
  }

  private func ingest(_ paths: [String]) throws -> IngestReport {
    var options = IngestRun.Options()
    options.end = .rest
    let plan = try IngestRun(options).plan(paths)
    let store = try HistoryStore(path: folder.path + "/test.history", mode: .write)
    defer { try? store.close() }
    return try IngestRun(options).run(plan, into: store)
  }
}

import Catalog
import Foundation
import Glibc
import Testing

@Suite struct SnapshotWriterTests {
  private func directory() throws -> String {
    let path = NSTemporaryDirectory() + "pgassay-writer-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    return path
  }

  @Test func `a gzip file holds what was written, and only its owner may read it`() throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/s.ndjson.gz"
    var bytes: [UInt8] = []
    var random = SplitMix(state: 7)
    for _ in 0..<300_000 { bytes.append(UInt8.random(in: 32...90, using: &random)) }
    let writer = try SnapshotWriter(path: path)
    for start in stride(from: 0, to: bytes.count, by: 70_000) {
      try writer.write(Array(bytes[start..<min(start + 70_000, bytes.count)]))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try writer.finish() < bytes.count)
    let gunzip = Process()
    let pipe = Pipe()
    gunzip.executableURL = URL(filePath: "/bin/gzip")
    gunzip.arguments = ["-dc", path]
    gunzip.standardOutput = pipe
    try gunzip.run()
    #expect(try pipe.fileHandleForReading.readToEnd() == Data(bytes))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["s.ndjson.gz"])
  }

  @Test func `what is not finished leaves nothing, and the old file stays`() throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/s.ndjson"
    try "old".write(toFile: path, atomically: true, encoding: .utf8)
    do {
      let writer = try SnapshotWriter(path: path)
      try writer.write(Array("new".utf8))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["s.ndjson"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
  }

  @Test func `a pipe is written to and stays one`() throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    let writer = try SnapshotWriter(path: path)
    try writer.write(Array("lines".utf8))
    try writer.finish()
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &buffer, buffer.count) == 5)
    #expect(buffer.starts(with: "lines".utf8))
    // Nor does one that is given up take it away.
    do { _ = try SnapshotWriter(path: path) }
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["pipe"])
  }

  @Test func `a device is written to and stays one`() throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/full"
    // The numbers of the device that is always full: a node of our own, which only the superuser may make.
    guard mknod(path, S_IFCHR | 0o600, dev_t(1 << 8 | 7)) == 0 else { try Test.cancel("no right to make a device") }
    let probe = open(path, O_WRONLY)
    guard probe >= 0 else { try Test.cancel("devices are not allowed on this file system") }
    close(probe)
    let writer = try SnapshotWriter(path: path)
    #expect { try writer.write(Array("lines".utf8)) } throws: { error in
      (error as? SnapshotWriter.Fault)?.reason == "no space left on device"
    }
    writer.discard()
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test(arguments: [true, false]) func `a link keeps pointing, its target is replaced`(exists: Bool) throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    if exists { try "old".write(toFile: directory + "/target", atomically: true, encoding: .utf8) }
    try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: "target")
    let writer = try SnapshotWriter(path: directory + "/link")
    try writer.write(Array("new".utf8))
    try writer.finish()
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory + "/link") == "target")
    #expect(try String(contentsOfFile: directory + "/target", encoding: .utf8) == "new")
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: directory)) == ["link", "target"])
  }

  @Test func `a full disk, a directory and a missing directory are told`() throws {
    #expect(throws: SnapshotWriter.Fault.self) { try SnapshotWriter(path: "/tmp") }
    #expect(throws: SnapshotWriter.Fault.self) { try SnapshotWriter(path: "/no/such/directory/x") }
  }
}

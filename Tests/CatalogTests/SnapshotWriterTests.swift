import Catalog
import Foundation
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

  @Test func `a full disk, a directory and a missing directory are told`() throws {
    #expect(throws: SnapshotWriter.Fault.self) { try SnapshotWriter(path: "/tmp") }
    #expect(throws: SnapshotWriter.Fault.self) { try SnapshotWriter(path: "/no/such/directory/x") }
  }
}

import Foundation
import Model
import Testing

@testable import History

/// Histories that earlier versions wrote are brought forward with everything they hold.
struct SchemaMigrationTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A history that pgassay wrote with schema 1: the beginning of a log of `Workloads/shop` and three daily snapshots,
  /// without their catalogs. The numbers below are what that version printed of it.
  private func old() throws -> String {
    let packed = try #require(
      Bundle.module.url(forResource: "schema-1.history", withExtension: "gz", subdirectory: "Fixtures"))
    let path = scratch.path("old.history")
    #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]))
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/bin/gzip")
    gzip.arguments = ["-dc", packed.path(percentEncoded: false)]
    gzip.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
    try gzip.run()
    gzip.waitUntilExit()
    #expect(gzip.terminationStatus == 0)
    return path
  }

  @Test(arguments: [HistoryStore.Mode.read, .update, .write])
  func `a history of the first schema is brought forward with all it holds`(mode: HistoryStore.Mode) throws {
    let path = try old()
    guard case .history(version: 1) = try HistoryFile(path: path).inspect() else {
      Issue.record("the fixture is not of schema 1")
      return
    }
    let history = try HistoryStore(path: path, mode: mode)
    #expect(try history.health().schema == Schema.version)
    #expect(try history.health().damage.isEmpty && history.health().contradictions.isEmpty)
    let workload = try history.workload()
    #expect(workload.statements.count == 82)
    #expect(workload.calls == 5_317)
    #expect(abs(workload.totalMilliseconds - 254_557.322505) < 1e-3)
    #expect(workload.statements.reduce(0) { $0 + ($1.rows ?? 0) } == 71_416)
    #expect(try history.snapshots().count == 3)
    #expect(try history.sources().map(\.weight) == [1])
    #expect(try history.retentionPolicy() == RetentionPolicy())
    try history.close()
  }

  @Test func `an old history takes in new snapshots beside its old blocks`() throws {
    let history = try HistoryStore(path: try old(), mode: .update)
    let before = try history.workload()
    let other = try HistoryStore(path: scratch.path(), mode: .write)
    try other.merge(from: history.path)
    #expect(try other.workload().statements == before.statements)
    // The merged copy has packed its blocks; both say the same.
    try history.merge(from: other.path)
    #expect(try history.workload().statements == before.statements)
  }
}

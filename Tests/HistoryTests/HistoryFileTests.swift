import Foundation
import GRDB
import Model
import Testing

@testable import History

/// What is no history is refused with one sentence and left as it is.
struct HistoryFileTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  private func error(_ path: String, _ mode: HistoryStore.Mode = .write) -> HistoryError? {
    do {
      _ = try HistoryStore(path: path, mode: mode, patience: 0.05)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a new history is readable by its owner only and nothing else is left behind`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    try history.apply(try HistoryStoreTests.batch(HistoryStoreTests.executions(1, count: 10)))
    for file in try FileManager.default.contentsOfDirectory(atPath: scratch.directory) {
      let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path(file))
      #expect((attributes[.posixPermissions] as? Int) == 0o600, "\(file)")
    }
    try history.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory) == ["test.history"])
  }

  @Test func `an empty file becomes a history`() throws {
    #expect(FileManager.default.createFile(atPath: scratch.path(), contents: Data()))
    #expect(error(scratch.path(), .read) == .missing(path: scratch.path()))
    try HistoryStore(path: scratch.path(), mode: .write).close()
    #expect(error(scratch.path(), .read) == nil)
  }

  @Test func `a missing file, a directory and text are refused`() throws {
    #expect(error(scratch.path("none"), .read) == .missing(path: scratch.path("none")))
    #expect(error(scratch.path("none"), .update) == .missing(path: scratch.path("none")))
    #expect(error(scratch.directory) == .isDirectory(path: scratch.directory))
    for text in ["x", "SQLite format 3\0", String(repeating: "2026-03-09 LOG: x\n", count: 50)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: scratch.path("text")))
      for mode in [HistoryStore.Mode.read, .update, .write] {
        #expect(error(scratch.path("text"), mode) == .notSQLite(path: scratch.path("text")))
      }
      #expect(try bytes(scratch.path("text")) == Data(text.utf8))
    }
  }

  @Test func `another program's file and a newer version are refused and left as they are`() throws {
    let path = scratch.path("other")
    let other = try DatabaseQueue(path: path)
    try other.write { try $0.execute(sql: "CREATE TABLE t (x); INSERT INTO t VALUES (1)") }
    try other.close()
    let before = try bytes(path)
    #expect(error(path) == .otherApplication(path: path))
    #expect(try bytes(path) == before)

    let newer = scratch.path("newer")
    let history = try HistoryStore(path: newer, mode: .write)
    try history.write { try $0.execute(sql: "PRAGMA user_version = 999") }
    try history.close()
    let newerBytes = try bytes(newer)
    for mode in [HistoryStore.Mode.read, .update, .write] {
      #expect(error(newer, mode) == .newerVersion(path: newer, found: 999, known: Schema.version))
    }
    #expect(try bytes(newer) == newerBytes)
  }

  @Test func `a place where nothing can be made is a permission error`() throws {
    // Not even root may create files here.
    let path = "/sys/pgassay.history"
    guard case .permission(path, _)? = error(path) else {
      Issue.record("expected a permission error, got \(String(describing: error(path)))")
      return
    }
    #expect(error(scratch.path("none/deeper")) != nil)
  }

  @Test func `a full disk stops the batch and keeps what was committed`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let executions = HistoryStoreTests.executions(4, count: 3_000)
    try history.apply(try HistoryStoreTests.batch(Array(executions[..<200]), consumed: 200))
    let before = try contents(history)
    try history.queue.inDatabase { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
    }
    #expect(throws: HistoryError.diskFull(path: scratch.path())) {
      try history.apply(try HistoryStoreTests.batch(Array(executions[200...]), consumed: 3_000))
    }
    #expect(try contents(history) == before)
    try history.queue.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
    try history.apply(try HistoryStoreTests.batch(Array(executions[200...]), consumed: 3_000))
    #expect(try history.progress(ofSource: "log")?.consumed == 3_000)
  }

  @Test func `a second writer waits and then says that the file is locked`() throws {
    let first = try HistoryStore(path: scratch.path(), mode: .write)
    let second = try HistoryStore(path: scratch.path(), mode: .write, patience: 0.05)
    let batch = try HistoryStoreTests.batch(HistoryStoreTests.executions(5, count: 10))
    try first.queue.inDatabase { db in
      try db.inTransaction(.immediate) {
        #expect(throws: HistoryError.locked(path: scratch.path())) { try second.apply(batch) }
        // Reading goes on beside a writer.
        let sources = try second.sources()
        #expect(sources.isEmpty)
        return .rollback
      }
    }
    try second.apply(batch)
    #expect(try first.sources().count == 1)
  }

  @Test func `two writers at once lose nothing`() async throws {
    let path = scratch.path()
    let whole = try HistoryStoreTests.batch(HistoryStoreTests.executions(6, count: 50))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let history = try HistoryStore(path: path, mode: .write, patience: 60)
          for round in 0..<5 {
            var batch = whole
            batch.progress[0].identity = "log \(writer)"
            batch.progress[0].consumed = Int64(round)
            try history.apply(batch)
          }
          try history.close()
        }
      }
      try await group.waitForAll()
    }
    let history = try HistoryStore(path: path, mode: .read)
    for table in CellLevel.allCases.map(\.table) {
      let calls = try history.read { try Int64.fetchOne($0, sql: "SELECT sum(calls) FROM \(table)") }
      #expect(calls == Int64(1_000))
    }
  }

  @Test func `a damaged file is an error and reading does not change it`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    try history.apply(try HistoryStoreTests.batch(HistoryStoreTests.executions(7, count: 2_000)))
    try history.close()
    var data = try bytes(scratch.path())
    for index in stride(from: 4_096, to: data.count, by: 7) { data[index] ^= 0x5A }
    try data.write(to: URL(fileURLWithPath: scratch.path()))
    do {
      let damaged = try HistoryStore(path: scratch.path(), mode: .read)
      _ = try contents(damaged)
      Issue.record("the damage was not noticed")
    } catch let error as HistoryError {
      guard case .damaged = error else {
        Issue.record("expected damage, got \(error)")
        return
      }
    }
    #expect(try bytes(scratch.path()) == data)
  }
}

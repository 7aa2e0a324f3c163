import Catalog
import Foundation
import History
import Model
import PostgresClient
import Recorder
import SQLText
import Statements
import Synchronization

/// Takes snapshots from connections into a history, which is created with the first one: a server that cannot be reached
/// leaves no empty file behind.
final class CaptureStore: Sendable {
  /// What one capture brought.
  struct Taken: Sendable {
    var recorded: SnapshotRecorder.Outcome
    var capture: LiveCapture.Outcome
  }

  private let path: String
  private let keepsValues: Bool
  private let opened: Mutex<HistoryStore?>
  private let fingerprinter = Fingerprinter()

  /// Opens the history where there is one, and otherwise makes sure that it can be created.
  static func open(_ options: HistoryOptions, keepsValues: Bool) throws -> CaptureStore {
    // With its slash: `deletingLastPathComponent` of NSString crashes on a name of one letter.
    let directory = options.path.lastIndex(of: "/").map { String(options.path[...$0]) } ?? "./"
    if options.isDefault {
      try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
    let isThere = FileManager.default.fileExists(atPath: options.path)
    let store = CaptureStore(path: options.path, keepsValues: keepsValues)
    if isThere || !FileManager.default.isWritableFile(atPath: directory) { _ = try store.history() }
    return store
  }

  private init(path: String, keepsValues: Bool) {
    self.path = path
    self.keepsValues = keepsValues
    opened = Mutex(nil)
  }

  /// The history; when it is created, what is kept in it and how not to is said once.
  private func history() throws -> HistoryStore {
    try opened.withLock { opened in
      if let opened { return opened }
      let isNew = !FileManager.default.fileExists(atPath: path)
      let history = try HistoryStore(path: path, mode: .write)
      opened = history
      if isNew, keepsValues {
        Diagnostics.note(
          "values inside planner statistics are kept in \(path), readable by you only; --values drop leaves them out")
      }
      return history
    }
  }

  func close() throws { try opened.withLock { try $0?.close() } }

  /// Takes one snapshot; the history gets it whole or not at all.
  func take(_ connection: PostgresConnection, _ options: LiveCapture.Options) async throws -> Taken {
    let recorder = Mutex(SnapshotRecorder())
    // A capture that fails creates none.
    let existing = opened.withLock { $0 }
    let capture = LiveCapture(
      options,
      known: { header in
        Set(
          try existing.map { try $0.statementsWithText(of: SnapshotRecorder.server(of: header, in: $0)) }?.map {
            LiveCapture.Entry(
              databaseID: $0.databaseID, userID: $0.userID, queryID: $0.queryID.value, isTopLevel: $0.isTopLevel)
          } ?? [])
      },
      base: { header in
        try existing.flatMap {
          try $0.latestCatalog(of: SnapshotRecorder.server(of: header, in: $0), database: header.database)?.lines
        }
      })
    let outcome = try await capture.run(on: connection) { lines in try recorder.withLock { try $0.add(lines) } }
    let history = try history()
    let recorded = try recorder.withLock { try $0.finish(into: history, fingerprinter) }
    HistoryUpkeep.rollUp(history)
    return Taken(recorded: recorded, capture: outcome)
  }
}

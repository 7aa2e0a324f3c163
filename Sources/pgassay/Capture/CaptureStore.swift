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
  private let generation = Mutex(0)
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

  /// Whether the history that was written to has gone from its path, since somebody deleted it or put another one there.
  /// It is said, and what comes is written to what is there now, or to a new one.
  @discardableResult func noticesLoss() -> Bool {
    opened.withLock { opened in
      guard let history = opened, history.isGone else { return false }
      let isThere = FileManager.default.fileExists(atPath: path)
      Diagnostics.warning(
        isThere
          ? "another file was put in the place of \(path): going on in that one"
          : "the history \(path) was deleted: a new one is begun, and what it held is lost")
      try? history.close()
      opened = nil
      generation.withLock { $0 += 1 }
      return true
    }
  }

  /// Rises when the history is another one than before.
  var number: Int { generation.withLock { $0 } }

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

import Catalog
import Foundation
import History
import Model
import PostgresClient
import Recorder
import SQLText
import Statements
import Synchronization

/// Takes snapshots from connections into a history.
struct CaptureStore: Sendable {
  /// What one capture brought.
  struct Taken: Sendable {
    var recorded: SnapshotRecorder.Outcome
    var capture: LiveCapture.Outcome
  }

  private let history: HistoryStore
  private let fingerprinter = Fingerprinter()

  /// Opens the history, and tells once what is kept in it and how not to.
  static func open(_ options: HistoryOptions, keepsValues: Bool) throws -> CaptureStore {
    if options.isDefault {
      try? FileManager.default.createDirectory(
        atPath: (options.path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    }
    let isNew = !FileManager.default.fileExists(atPath: options.path)
    let store = CaptureStore(history: try HistoryStore(path: options.path, mode: .write))
    if isNew, keepsValues {
      Diagnostics.note(
        "values inside planner statistics are kept in \(options.path), readable by you only; --values drop leaves them out"
      )
    }
    return store
  }

  private init(history: HistoryStore) { self.history = history }

  func close() throws { try history.close() }

  /// Takes one snapshot; the history gets it whole or not at all.
  func take(_ connection: PostgresConnection, _ options: LiveCapture.Options) async throws -> Taken {
    let recorder = Mutex(SnapshotRecorder())
    let history = history
    let capture = LiveCapture(options) { header in
      Set(
        try history.statementsWithText(of: header.server).map {
          LiveCapture.Entry(
            databaseID: $0.databaseID, userID: $0.userID, queryID: $0.queryID.value, isTopLevel: $0.isTopLevel)
        })
    }
    let outcome = try await capture.run(on: connection) { lines in try recorder.withLock { try $0.add(lines) } }
    let recorded = try recorder.withLock { try $0.finish(into: history, fingerprinter) }
    HistoryUpkeep.rollUp(history)
    return Taken(recorded: recorded, capture: outcome)
  }
}

import Foundation
import GRDB
import Sketch

/// A history: one SQLite file that holds everything recorded about one or several servers.
///
///     let history = try HistoryStore(path: "shop.history", mode: .write)
///     try history.apply(batch)
///     let top = try history.topStatements(in: .everything)
///
/// Every change is one transaction, so a process that is killed, a full disk or a lost machine leaves what was committed
/// and nothing half written. Any number of processes may read while one writes; a second writer waits.
public final class HistoryStore: Sendable {
  public enum Mode: Sendable {
    /// The file must exist and is not changed, except that an older schema is brought forward.
    case read
    /// The file must exist.
    case update
    /// The file is created when it does not exist, readable and writable by its owner only (0600).
    case write
  }

  public let path: String
  let queue: DatabaseQueue
  /// The file that was opened, whatever lies at its path later.
  private let file: FileIdentity?
  /// Where the file had to be copied to be read; taken away with the store.
  private let copy: ReadableCopy?

  /// Opens a history, creating it and bringing its schema forward where the mode allows.
  /// - Parameter patience: seconds to wait for another process that is writing.
  /// - Throws: `HistoryError`; a file that is not ours is never touched.
  public init(path: String, mode: Mode, patience: Double = 10) throws(HistoryError) {
    self.path = path
    let file = HistoryFile(path: path)
    switch (try file.inspect(), mode) {
    case (.absent, .write), (.empty, .write): try file.create()
    case (.absent, _), (.empty, _): throw .missing(path: path)
    case (.history(let version), .read) where version < Schema.version:
      // Reading needs the schema that we know; it only ever adds to what is there.
      guard access(path, W_OK) == 0 else {
        throw .olderVersion(path: path, found: version, known: Schema.version)
      }
      try HistoryStore(path: path, mode: .update, patience: patience).close()
    case (.history, _): break
    }
    self.file = FileIdentity(path: path)
    let reading = try ReadableCopy.place(of: path, isReader: mode == .read)
    copy = reading.copy
    queue = try HistoryError.translating(path) {
      var configuration = Configuration()
      configuration.busyMode = .timeout(patience)
      configuration.readonly = mode == .read
      configuration.label = "history"
      configuration.maximumReaderCount = 1
      configuration.prepareDatabase { db in
        db.add(function: HistoryStore.mergeSketches)
        // A purge need not overwrite what it frees (Debian's SQLite does so by default).
        try db.execute(sql: "PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF")
        // KiB of pages: an ingest stays within 100 MB as a whole, and the system's own cache is behind both.
        try db.execute(sql: "PRAGMA cache_size = \(db.configuration.readonly ? -65_536 : -16_384)")
        if !db.configuration.readonly { try db.execute(sql: "PRAGMA synchronous = NORMAL") }
      }
      if mode != .read { configuration.journalMode = .wal }
      let queue = try DatabaseQueue(path: reading.place, configuration: configuration)
      // A newer version that is at work may have written its number to the write-ahead log only.
      let version = try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
      guard version <= Schema.version else {
        throw HistoryError.newerVersion(path: path, found: version, known: Schema.version)
      }
      if mode != .read { try Schema.migrator.migrate(queue) }
      return queue
    }
  }

  /// Whether the file was deleted or another one was put in its place: what is written now would be lost.
  public var isGone: Bool { FileIdentity(path: path) != file }

  /// Writes what is in the write-ahead log into the file and closes it.
  public func close() throws(HistoryError) {
    try HistoryError.translating(path) { try queue.close() }
  }

  /// One transaction, committed whole or not at all.
  func write<T>(_ body: (Database) throws -> T) throws(HistoryError) -> T {
    try HistoryError.translating(path) {
      try queue.writeWithoutTransaction { db in
        var result: T?
        try db.inTransaction(.immediate) {
          result = try body(db)
          return .commit
        }
        guard let result else { throw HistoryError.failed(path: path, detail: "transaction without a result") }
        return result
      }
    }
  }

  /// Reads one consistent state.
  func read<T>(_ body: (Database) throws -> T) throws(HistoryError) -> T {
    try HistoryError.translating(path) { try queue.read(body) }
  }

  /// `merge_sketches(a, b)`: the encoded sum of two encoded sketches.
  private static let mergeSketches = DatabaseFunction("merge_sketches", argumentCount: 2, pure: true) { values in
    let parts = values.compactMap { Data.fromDatabaseValue($0) }
    if parts.count == 2, parts[0].isEmpty { return parts[1] }
    if parts.count == 2, parts[1].isEmpty { return parts[0] }
    var sketch = LatencySketch()
    for part in parts { try sketch.merge(decoding: part) }
    return Data(sketch.encoded)
  }
}

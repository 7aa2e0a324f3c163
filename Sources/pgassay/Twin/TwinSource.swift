import ArgumentParser
import Bytes
import Catalog
import Foundation
import History
import Model
import PlannerTwin
import PostgresClient
import Synchronization

/// Where the catalog of a twin comes from, and how the twin is made.
struct TwinSource: ParsableArguments {
  @OptionGroup var history: HistoryOptions

  @Option(help: ArgumentHelp("Take the catalog from a file of pgassay capture instead.", valueName: "file"))
  var snapshot: String?

  @Option(
    help: ArgumentHelp(
      "Take the catalog from this server instead, as pgassay capture does.",
      discussion: "A URI, a keyword string or a database name; libpq's variables and files hold.",
      valueName: "connection"))
  var connection: String?

  @Option(help: "The database. Default: that of the newest catalog in the history.")
  var database: String?

  @Option(
    help: ArgumentHelp(
      "Plan as this role: its row-level security and settings, not its privileges. Default: the owner of everything.",
      valueName: "role"))
  var role: String?

  @Option(
    help: ArgumentHelp("The directory of PostgreSQL's server programs. Default: searched for.", valueName: "directory"))
  var postgresBin: String?

  @Option(
    help: ArgumentHelp("The major version of the twin. Default: production's, or the nearest there is.", valueName: "n")
  )
  var postgresVersion: Int?

  func validate() throws {
    guard snapshot == nil || connection == nil else {
      throw ValidationError("--snapshot and --connection both say where the catalog is; leave one of them away")
    }
    guard database == nil || (snapshot == nil && connection == nil) else {
      throw ValidationError("--database chooses among the catalogs of a history; a snapshot holds one")
    }
    if let postgresVersion, !(10...99).contains(postgresVersion) {
      throw ValidationError("--postgres-version is a major version such as 16")
    }
  }

  /// Starts the twin and says on standard error what makes its plans differ from production's.
  func start(_ snapshot: Snapshot, label: String) async throws -> PlannerTwin {
    do {
      let twin = try await PlannerTwin.start(
        from: snapshot,
        options: .init(binaryDirectory: postgresBin, version: postgresVersion, role: role, label: label))
      for warning in twin.report.warnings { Diagnostics.warning(warning) }
      return twin
    } catch let error as SnapshotError where connection == nil {
      throw TwinSourceError.damaged(path: self.snapshot ?? history.path, reason: error.sentence)
    }
  }

  /// The history that the catalog comes from; nil where a file or a server is named.
  func openHistory() throws -> HistoryStore? {
    snapshot == nil && connection == nil ? try HistoryStore(path: history.path, mode: .read) : nil
  }

  /// - Parameter store: what `openHistory` gave.
  func read(_ store: HistoryStore?) async throws -> Snapshot {
    if let connection { return try await capture(connection) }
    guard let snapshot else {
      guard let store else { throw TwinSourceError.noCatalog(path: history.path, database: database) }
      guard let catalog = try store.latestCatalog(database: database) else {
        throw TwinSourceError.noCatalog(path: history.path, database: database)
      }
      do {
        return try Snapshot(lines: catalog.lines, needsEnd: false)
      } catch {
        throw TwinSourceError.damaged(path: history.path, reason: error.sentence)
      }
    }
    do {
      let file =
        snapshot == "-" ? FileByteSource(descriptor: 0, name: "standard input") : try FileByteSource(path: snapshot)
      let magic = try take(6, from: file)
      let content = try Compression(magic: magic).opened(PrefixedByteSource(magic, then: file), path: snapshot)
      var reader = SnapshotReader()
      while true {
        let piece = try take(1 << 20, from: content)
        if piece.isEmpty { return try reader.finish() }
        try reader.add(piece)
      }
    } catch let error as SnapshotError {
      throw TwinSourceError.damaged(path: snapshot, reason: error.sentence)
    } catch let error as ByteSourceError {
      throw TwinSourceError.unreadable(path: snapshot, reason: error.sentence)
    }
  }

  /// The catalog as it is now: one read-only transaction under short timeouts.
  private func capture(_ name: String) async throws -> Snapshot {
    let server = try await PostgresConnection.connect(
      ConnectionOptions(connectionString: name, answerTimeout: .seconds(75)))
    let reader = Mutex(SnapshotReader())
    do {
      let outcome = try await LiveCapture().run(on: server) { lines in try reader.withLock { try $0.add(lines) } }
      await server.close()
      for section in outcome.sections {
        if let fault = section.fault { Diagnostics.warning("\(section.name): \(fault)") }
      }
      return try reader.withLock { try $0.finish() }
    } catch {
      await server.close()
      throw error
    }
  }

  private func take(_ count: Int, from source: any ByteSource) throws(ByteSourceError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var read = 0
    do {
      read = try bytes.withUnsafeMutableBytes { try source.fill($0) }
    } catch let error as ByteSourceError {
      throw error
    } catch {
      return []
    }
    bytes.removeLast(count - read)
    return bytes
  }
}

/// Why there is nothing to make a twin of.
enum TwinSourceError: UserError, Equatable {
  case noCatalog(path: String, database: String?)
  case unreadable(path: String, reason: String)
  /// What was read is no snapshot, or one that nobody should believe.
  case damaged(path: String, reason: String)

  var sentence: String {
    switch self {
    case .noCatalog(let path, let database):
      "\(path) holds no catalog\(database.map { " of the database \($0)" } ?? ""): take one with 'pgassay capture' and "
        + "ingest it, or give its file with --snapshot"
    case .damaged(let path, let reason): "\(path): \(reason)"
    case .unreadable(let path, let reason): reason.contains(path) ? reason : "\(path): \(reason)"
    }
  }
}

import Bytes
import Catalog
import Foundation
import Model
import PostgresClient
import PrivateServer
import Synchronization
import TestSupport
import Testing

/// A server whose database `everything` holds one of everything, with contrib's modules where it has them.
struct EverythingServer {
  static let database = "everything"
  let server: PrivateServer
  let hasContrib: Bool

  /// Runs `body` against a server of this major version. Where there is none the test is cancelled with the reason.
  static func with(_ major: Int, _ body: (EverythingServer) async throws -> Void) async throws {
    guard let binaries = TestServers.binaries(major) else {
      try Test.cancel("PostgreSQL \(major) is missing; .ci/servers installs it")
    }
    let library = TestServers.hasContrib(major)
    let settings = library ? ["shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": "1000"] : [:]
    try await withServer(version: major, settings: settings, binaryDirectory: binaries) { server in
      let connection = try await Self.connect(server, database: "postgres")
      try await connection.execute("CREATE DATABASE \(Self.database)")
      let everything = EverythingServer(server: server, hasContrib: library)
      let inside = try await everything.connect()
      try await everything.psql(Self.fixture("everything.sql"))
      if library { try await everything.psql(Self.fixture("contrib.sql")) }
      // Pages of the indexes must be in their files for the heights to be read from there.
      try await inside.execute("VACUUM (ANALYZE)")
      try await inside.execute("CHECKPOINT")
      await inside.close()
      try await body(everything)
    }
  }

  func connect(as user: String = "postgres") async throws -> PostgresConnection {
    try await Self.connect(server, database: Self.database, user: user)
  }

  private static func connect(
    _ server: PrivateServer, database: String, user: String = "postgres"
  ) async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      ConnectionOptions(host: server.socketDirectory, user: user, database: database))
  }

  /// A live capture's lines and outcome; on a busy machine, too, it has the time to look up every column's ends.
  func capture(
    as user: String = "postgres", _ options: LiveCapture.Options = .init(probeTimeout: .seconds(30))
  ) async throws -> (lines: [UInt8], outcome: LiveCapture.Outcome) {
    let lines = Mutex<[UInt8]>([])
    let connection = try await connect(as: user)
    let outcome = try await LiveCapture(options).run(on: connection) { part in lines.withLock { $0 += part } }
    await connection.close()
    return (lines.withLock { $0 }, outcome)
  }

  /// What psql writes when it runs the script.
  func script(as user: String = "postgres", _ options: CaptureScript.Options = .init()) async throws -> [UInt8] {
    Array(try await psql(CaptureScript.text(options), as: user).utf8)
  }

  /// What psql, of the server's own version where it brings one, writes when it runs these statements one by one.
  @discardableResult
  func psql(_ text: String, as user: String = "postgres") async throws -> String {
    // psql runs as the server's user, who can read nothing of ours but may read what it is given.
    let path = NSTemporaryDirectory() + "pgassay-script-\(UUID().uuidString).sql"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o644)
    defer { unlink(path) }
    let own = server.binaries.directory + "/psql"
    let psql = access(own, X_OK) == 0 ? own : "psql"
    return try await server.run(
      [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", Self.database, "-f", path])
  }

  static func read(_ lines: [UInt8]) throws -> Snapshot {
    var reader = SnapshotReader()
    try reader.add(lines)
    return try reader.finish()
  }

  private static func fixture(_ name: String) throws -> String {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/" + name, withExtension: nil))
    return try String(contentsOf: url, encoding: .utf8)
  }
}

extension Snapshot {
  /// The relation of this name.
  func relation(_ name: String) throws -> SnapshotRow {
    try #require(self["relations"].first { $0["name"]?.string == name })
  }

  /// A section's rows of a relation.
  func rows(_ section: String, of relation: Int64) -> [SnapshotRow] {
    self[section].filter { $0["relation"]?.integer == relation }
  }

  func says(_ what: String) -> Bool { unseen.contains { $0.what.contains(what) } }
}

extension LiveCapture.Outcome {
  var faults: [String] { sections.compactMap(\.fault) }
}

extension [SnapshotRow] {
  /// The values of the slot of a kind (pg_statistic.h).
  func values(ofKind kind: Int64) -> String? { first { $0["kind"]?.integer == kind }?["values"]?.string }

  var byKind: [SnapshotRow] { sorted { ($0["kind"]?.integer ?? 0) < ($1["kind"]?.integer ?? 0) } }
}

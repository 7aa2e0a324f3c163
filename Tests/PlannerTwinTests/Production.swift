import Catalog
import Foundation
import PlannerTwin
import PostgresClient
import PrivateServer
import Synchronization
import TestSupport
import Testing

/// A server that stands for production: real tables with real rows, analyzed.
enum Production {
  /// Runs a test on a server that has executed `script` in a database of its own.
  ///
  /// - Parameters:
  ///   - statisticsTarget: ANALYZE samples 300 rows for each of it. A sample that holds every row makes what is compared
  ///     independent of chance.
  ///   - prepare: run first.
  ///   - afterwards: run when everything is analyzed.
  static func with<T>(
    _ script: String, database: String = "shop", version: Int? = nil, binaryDirectory: String? = nil,
    settings: [String: String] = [:], statisticsTarget: Int? = nil,
    prepare: (PrivateServer, PostgresConnection) async throws -> Void = { _, _ in }, afterwards: String? = nil,
    _ body: (PrivateServer, PostgresConnection) async throws -> T
  ) async throws -> T {
    try await withServer(version: version, settings: settings, binaryDirectory: binaryDirectory) { server in
      let main = try await PostgresConnection.connect(ConnectionOptions(connectionString: server.connectionString()))
      try await main.execute("CREATE DATABASE \"\(database)\"")
      await main.close()
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: server.connectionString(database: database)))
      try await prepare(server, connection)
      try await connection.script(script)
      // VACUUM runs alone, and makes pages all-visible as production's autovacuum does.
      if let statisticsTarget {
        try await connection.execute("SET default_statistics_target = \(statisticsTarget)")
      }
      try await connection.execute("VACUUM ANALYZE")
      if let afterwards { try await connection.script(afterwards) }
      // Heights are read from files.
      try await connection.execute("CHECKPOINT")
      let result = try await body(server, connection)
      await connection.close()
      return result
    }
  }

  /// What a capture of the database says.
  static func snapshot(_ connection: PostgresConnection) async throws -> Snapshot {
    try sections(await lines(connection))
  }

  static func lines(_ connection: PostgresConnection) async throws -> [UInt8] {
    let collected = Mutex<[UInt8]>([])
    let outcome = try await LiveCapture(.init(probeTimeout: .seconds(30))).run(on: connection) { bytes in
      collected.withLock { $0 += bytes }
    }
    for section in outcome.sections { #expect(section.fault == nil, "\(section.name): \(section.fault ?? "")") }
    return collected.withLock { $0 }
  }

  static func sections(_ lines: [UInt8]) throws -> Snapshot {
    try Snapshot(lines: lines)
  }

  static func plan(_ connection: PostgresConnection, _ sql: String) async throws -> String {
    try await connection.query("EXPLAIN " + sql).map { $0[0] ?? "" }.joined(separator: "\n")
  }
}

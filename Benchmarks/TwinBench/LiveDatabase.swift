import Catalog
import Foundation
import PostgresClient
import Synchronization

/// A database of the server that stands for production.
struct LiveDatabase {
  let connection: PostgresConnection

  static func options(_ server: String, _ database: String) -> ConnectionOptions {
    ConnectionOptions(connectionString: "\(server) dbname=\(database)")
  }

  init(server: String, database: String) async throws {
    connection = try await PostgresConnection.connect(Self.options(server, database))
    try await connection.execute("SET jit = off")
    // Heights are read from files.
    try await connection.execute("CHECKPOINT")
  }

  func snapshot() async throws -> Snapshot {
    let collected = Mutex<[UInt8]>([])
    _ = try await LiveCapture().run(on: connection) { bytes in collected.withLock { $0 += bytes } }
    return try Snapshot(lines: collected.withLock { $0 })
  }

  func explain(_ sql: String) async throws -> String {
    try await connection.query("EXPLAIN (FORMAT JSON) " + sql).only()[0] ?? ""
  }
}

/// Median and quantiles of absolute errors.
struct Errors {
  private var values: [Double] = []
  mutating func add(_ error: Double) { values.append(abs(error)) }
  var count: Int { values.count }

  /// The smallest value that this share of all does not exceed.
  func quantile(_ share: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    return values.sorted()[max(0, Int((share * Double(values.count)).rounded(.up)) - 1)]
  }
  var median: Double { quantile(0.5) }
  /// How many are larger.
  func over(_ limit: Double) -> Int { values.count { $0 > limit } }
  var worst: Double { values.max() ?? .nan }
}

func percent(_ value: Double, _ digits: Int = 2) -> String {
  value.isNaN ? "–" : String(format: "%.\(digits)f %%", value * 100)
}

extension String {
  func padded(_ width: Int, right: Bool = false) -> String {
    let room = String(repeating: " ", count: max(0, width - count))
    return right ? room + self : self + room
  }
}

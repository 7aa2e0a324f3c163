public import Model

/// The first line of a snapshot: which server, when, and what the role could see.
public struct SnapshotHeader: Hashable, Sendable {
  /// `pgassay capture` or `pgassay capture --script`.
  public var madeBy: String
  public var keepsValues: Bool
  /// Equal for captures that ran the same queries with the same rights; nil for files of psql.
  public var queries: String?
  /// By the server's clock.
  public var at: Timestamp
  public var version: ServerVersion
  public var server: ServerIdentity
  public var serverStart: Timestamp
  public var inRecovery: Bool
  /// The data directory and the port: no two servers of one machine share both. Nil where the role may not see it.
  public var place: String?
  /// The timeline of the write-ahead log; nil in files of older versions.
  public var timeline: Int64?
  public var database: String
  public var databaseOID: Int64
  /// Of pg_stat_statements; nil where the database does not have it.
  public var statementsVersion: String?
  public var statementsCapacity: Int64?
  public var statementsTrack: String?
  public var role: String
  public var isSuperuser: Bool
  public var readsStatistic: Bool
  public var readsAllStats: Bool
  public var readsAllSettings: Bool

  /// Whether the extension is there and the server runs without its library, which then counts nothing. Settings that
  /// only a configuration file knows are in `current_setting`, not in pg_settings.
  public var lacksStatementsLibrary: Bool { statementsVersion != nil && statementsTrack == nil }

  /// - Throws: `SnapshotError.notASnapshot` and `newerFormat` for what is no snapshot or one of a later pgassay.
  public init(_ row: SnapshotRow) throws(SnapshotError) {
    guard row["pgassay_snapshot"] != nil else {
      throw .notASnapshot(what: "its first line is no header (\"pgassay_snapshot\" is missing)")
    }
    let format = try row.integer("pgassay_snapshot")
    guard format <= HeaderQuery.formatVersion else {
      throw .newerFormat(version: format, supported: HeaderQuery.formatVersion)
    }
    func time(_ key: String) throws(SnapshotError) -> Timestamp {
      guard let time = Timestamp(try row.string(key)) else {
        throw .malformed(line: row.line, what: "\"\(key)\" is no time")
      }
      return time
    }
    madeBy = try row.string("made_by")
    keepsValues = try row.bool("keeps_values")
    queries = try row.optionalString("queries")
    at = try time("captured_at")
    version = ServerVersion(number: Int(try row.integer("server_version_num")))
    serverStart = try time("server_started_at")
    inRecovery = try row.bool("in_recovery")
    timeline = try row.optionalInteger("timeline")
    if let directory = try row.optionalString("data_directory"), let port = try row.optionalInteger("port") {
      place = "\(directory):\(port)"
    }
    database = try row.string("database")
    databaseOID = try row.integer("database_oid")
    statementsVersion = try row.optionalString("statements_version")
    statementsCapacity = try row.optionalInteger("statements_max")
    statementsTrack = try row.optionalString("statements_track")
    role = try row.string("role")
    isSuperuser = try row.bool("is_superuser")
    readsStatistic = try row.bool("reads_statistic")
    readsAllStats = try row.bool("reads_all_stats")
    readsAllSettings = try row.bool("reads_all_settings")

    // The statistics are each node's own: a primary and its replicas share only the system identifier.
    var node = "primary"
    if inRecovery {
      let name = try row.optionalString("cluster_name") ?? ""
      let address = try row.optionalString("server_address")
      let port = try row.optionalInteger("server_port")
      let socket = try row.optionalInteger("port")
      let place = address.map { $0 + (port.map { ":\($0)" } ?? "") } ?? "local" + (socket.map { ":\($0)" } ?? "")
      node = "replica " + (name.isEmpty ? place : name)
    }
    server = ServerIdentity(systemIdentifier: try row.optionalString("system_identifier") ?? "", node: node)
  }
}

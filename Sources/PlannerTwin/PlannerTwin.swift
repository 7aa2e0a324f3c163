public import Catalog
import IndexSize
public import Model
import PostgresClient
public import PrivateServer

/// A private, throw-away server with a production database's schema, planner statistics and relation sizes, and none of
/// its rows: its planner answers as production's would. (Indexes hold the ends of their first columns, which the planner
/// looks up, so that a query that is run may find two rows.)
///
/// ```swift
/// let twin = try await PlannerTwin.start(from: snapshot)
/// let planner = TwinPlanner(twin)
/// …
/// await twin.stop()
/// ```
///
/// 1. A cluster with the database's encoding and collation is copied from a template.
/// 2. Extensions, then the schema, object by object, as a role without rights.
/// 3. Column statistics, extended statistics, sizes in `pg_class`, the planner's settings.
/// 4. Files are given their lengths, sparse; those of indexes, with the heights of B-trees, when they are asked for.
public final class PlannerTwin: Sendable {
  public struct Options: Sendable {
    /// The directory that holds the server's programs; nil to search for it.
    public var binaryDirectory: String?
    /// The wanted major version; nil for production's.
    public var version: Int?
    /// As whom statements are planned: a role of production's; nil for the owner of everything.
    public var role: String?
    /// Databases alike, for as many statements planned at once.
    public var databases: Int
    /// Where the private directory is made; nil for the system's place for temporary files.
    public var temporaryDirectory: String?
    /// Seconds that one statement may take in the twin: code of the schema may run while one is planned.
    public var statementSeconds: Int
    /// What the twin is for; see `PrivateServer.Options.label`.
    public var label: String

    public init(
      binaryDirectory: String? = nil, version: Int? = nil, role: String? = nil, databases: Int = 1,
      temporaryDirectory: String? = nil, statementSeconds: Int = 60, label: String = "twin"
    ) {
      self.statementSeconds = statementSeconds
      self.role = role
      self.binaryDirectory = binaryDirectory
      self.version = version
      self.databases = databases
      self.temporaryDirectory = temporaryDirectory
      self.label = label
    }
  }

  /// What the twin is and is not.
  public struct Report: Sendable {
    /// Of the server that the snapshot was taken from.
    public var production: ServerVersion
    public var twin: ServerVersion
    /// Objects that are missing or simpler than in production, in the order of their making.
    public var leftOut: [LeftOut]
    /// What statements that name one object read besides.
    var reach: LeftOutReach
    /// What may make plans differ from production's: another version, another collation, missing statistics.
    public var warnings: [String]
    public var tables: Int
    public var indexes: Int
    /// Bytes of all tables and indexes as production has them.
    public var simulatedBytes: Int64
  }

  public let server: PrivateServer
  public let databases: [TwinDatabase]
  public let report: Report

  private let role: PlanningRole?

  init(server: PrivateServer, databases: [TwinDatabase], report: Report, role: PlanningRole?) {
    self.role = role
    self.server = server
    self.databases = databases
    self.report = report
  }

  /// Makes a twin of a snapshot.
  ///
  /// - Throws: `PrivateServerError`, `SnapshotError`, `TwinError`, `PostgresError`.
  public static func start(from source: Snapshot, options: Options = Options()) async throws -> PlannerTwin {
    var loader = try TwinLoader(source, options: options)
    return try await loader.run()
  }

  /// For psql: the twin's database, as the role that owns its schema, or the one that was asked for. Our own sessions have
  /// files of indexes made when they are missed; for others, all are made now.
  public func connectionString() async throws -> String {
    try await databases[0].makeAllFiles()
    return
      "host=\(server.socketDirectory) port=5432 user=\(TwinSupport.owner) dbname=\(TwinSupport.quoted(databases[0].name))"
      + (role.map { " options=" + TwinSupport.quoted($0.startupOptions) } ?? "")
  }

  /// Ends the server and removes everything it had.
  public func stop() async {
    for database in databases { await database.close() }
    await server.stop()
  }
}

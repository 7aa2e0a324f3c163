import Glibc
public import Model

/// A PostgreSQL server of our own: in a private directory, reachable through a Unix socket in that directory alone,
/// and gone with the process that started it.
///
/// ```swift
/// let server = try await PrivateServer.start(.init(version: 15))
/// let connection = server.connectionString(database: "postgres")
/// …
/// await server.stop()
/// ```
///
/// The server is the child of a small shell that waits for the end of a pipe which this process holds. When the pipe
/// closes, because of `stop` or because this process ended in whatever way, the shell ends the server at once and
/// removes its directory. Should the shell be killed too, the next start finds the lock without an owner and removes
/// what was left. Started by root, the server runs as a user without rights that no other process has.
public final class PrivateServer: Sendable {
  public struct Options: Sendable {
    /// The wanted major version; nil for the newest there is.
    public var version: Int?
    /// Without the wanted version, take the nearest instead of failing.
    public var acceptsOtherVersion: Bool
    /// The directory that holds `initdb` and `postgres`; nil to search for it.
    public var binaryDirectory: String?
    /// Encoding and collation of the cluster.
    public var locale: ServerLocale
    /// Settings for the server's command line; they come after, and so override, those that every private server has.
    public var settings: [String: String]
    /// Only one database, named `PrivateServer.singleDatabaseName`, instead of the usual three.
    public var singleDatabase: Bool
    /// Where the private directory is made; nil for `TMPDIR`, `/tmp` or `/var/tmp`.
    public var temporaryDirectory: String?
    /// What the server is for, in a word: `running` tells servers apart by it.
    public var label: String

    public init(
      version: Int? = nil, acceptsOtherVersion: Bool = false, binaryDirectory: String? = nil,
      locale: ServerLocale = ServerLocale(), settings: [String: String] = [:], singleDatabase: Bool = false,
      temporaryDirectory: String? = nil, label: String = "server"
    ) {
      self.version = version
      self.acceptsOtherVersion = acceptsOtherVersion
      self.binaryDirectory = binaryDirectory
      self.locale = locale
      self.settings = settings
      self.singleDatabase = singleDatabase
      self.temporaryDirectory = temporaryDirectory
      self.label = label
    }
  }

  /// The one database of a server that was started with `singleDatabase`.
  public static let singleDatabaseName = "twin"
  /// The superuser, who is let in without a password: nobody but the server's user and root can reach the socket.
  public static let superuser = "postgres"

  public let binaries: ServerBinaries
  public var version: ServerVersion { binaries.version }
  private let directory: ServerDirectory
  private let user: ServerUser
  private let watchdog: Watchdog

  private init(binaries: ServerBinaries, directory: ServerDirectory, user: ServerUser, watchdog: Watchdog) {
    self.binaries = binaries
    self.directory = directory
    self.user = user
    self.watchdog = watchdog
  }

  /// Starts a server and returns when it answers.
  ///
  /// - Throws: `PrivateServerError`.
  public static func start(_ options: Options = Options()) async throws -> PrivateServer {
    let named = try ServerUser.current()
    let user = named.alone()
    let binaries = try await ServerBinaries.find(
      major: options.version, in: options.binaryDirectory, orNearest: options.acceptsOtherVersion)
    let base = try ServerDirectory.base(in: options.temporaryDirectory, user: user)
    _ = try await ChildProcess.offPool { ServerDirectory.removeLeftovers(in: base) }
    let directory = try ServerDirectory.make(in: base, user: user, label: options.label)
    do {
      try await ServerTemplate(binaries: binaries, options: options, user: named, serverUser: user, base: base)
        .copy(to: directory.dataDirectory)
      let watchdog = try Watchdog(
        directory: directory, user: user, command: command(binaries, options: options, directory: directory))
      let server = PrivateServer(binaries: binaries, directory: directory, user: user, watchdog: watchdog)
      try await server.waitUntilReady()
      return server
    } catch {
      // A server that finds no room often cannot even log it.
      let isFull = FileTree.isFull(base)
      _ = FileTree.remove(directory.path)
      unlink(directory.exitPath)
      unlink(directory.lockPath)
      close(directory.lockDescriptor)
      try Task.checkCancellation()
      if isFull { throw PrivateServerError.noSpace(base, needed: ServerTemplate.neededBytes) }
      throw error
    }
  }

  /// A private server of any process of this user.
  public struct Running: Sendable, Hashable {
    /// As `PrivateServer.name`.
    public var name: String
    /// Its private directory, which holds its socket.
    public var directory: String
    /// The process that started it and with which it ends.
    public var owner: Int32
    public var label: String
  }

  /// The servers that live, of all processes of this user.
  ///
  /// - Throws: `PrivateServerError`.
  public static func running(temporaryDirectory: String? = nil) throws -> [Running] {
    let base = try ServerDirectory.base(in: temporaryDirectory, user: try ServerUser.current())
    return ServerDirectory.running(in: base).map {
      Running(name: ServerDirectory.name(of: $0.path), directory: $0.path, owner: $0.owner, label: $0.label)
    }
  }

  /// Tells it from every other server of this user: 16 hexadecimal digits.
  public var name: String { ServerDirectory.name(of: directory.path) }
  /// The directory of the server's sockets: private to the server's user.
  public var socketDirectory: String { directory.path }
  /// The cluster's data directory.
  public var dataDirectory: String { directory.dataDirectory }

  /// A libpq connection string for a database of this server, as its superuser.
  public func connectionString(database: String = "postgres") -> String {
    func quoted(_ value: String) -> String {
      "'" + value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
    }
    return "host=\(quoted(socketDirectory)) port=5432 user=\(Self.superuser) dbname=\(quoted(database))"
  }

  /// Runs a program as the server's user, in a clean environment, and returns what it printed.
  ///
  /// - Throws: `PrivateServerError.failed` when it cannot be started or its exit code is not 0.
  @discardableResult
  public func run(_ arguments: [String]) async throws -> String {
    do {
      let outcome = try await ChildProcess.run(
        user.prefix + arguments,
        environment: ChildProcess.environment(adding: ["PGHOST": socketDirectory, "PGUSER": Self.superuser]))
      guard outcome.status == 0 else {
        try Task.checkCancellation()
        throw PrivateServerError.failed(program: arguments.first ?? "", said: outcome.said)
      }
      return outcome.text
    } catch let failure as ChildProcess.SpawnFailure {
      throw PrivateServerError.failed(program: failure.program, said: failure.reason)
    }
  }

  /// Whether the server has ended by itself: it crashed, or somebody killed it.
  public var hasEnded: Bool { access(directory.exitPath, F_OK) == 0 || access(directory.path, F_OK) != 0 }

  /// The end of the server's own log.
  public var recentLog: String { lastLines(of: FileTree.contents(of: directory.logPath) ?? "", count: 8) }

  /// The reason of a failure that the disk is to blame for; nil where there is room.
  public var lackOfSpace: PrivateServerError? {
    FileTree.isFull(directory.path) ? .noSpace(directory.path, needed: ServerTemplate.neededBytes) : nil
  }

  /// Ends the server and removes everything it had. Does nothing when that was done before.
  public func stop() async {
    guard await watchdog.end() else { return }
    _ = FileTree.remove(directory.path)
    unlink(directory.exitPath)
    unlink(directory.lockPath)
    close(directory.lockDescriptor)
  }

  private func waitUntilReady() async throws {
    let pidFile = dataDirectory + "/postmaster.pid"
    // The postmaster writes its state into the eighth line (pg_ctl reads it there too; src/include/utils/pidfile.h).
    for _ in 0..<12_000 {
      if let lines = FileTree.contents(of: pidFile)?.split(separator: "\n", omittingEmptySubsequences: false),
        lines.count >= 8, lines[7].hasPrefix("ready")
      {
        return
      }
      if access(directory.exitPath, F_OK) == 0 { break }
      do {
        try await Task.sleep(nanoseconds: 5_000_000)
      } catch {
        _ = await watchdog.end()
        throw error
      }
    }
    let said = recentLog
    _ = await watchdog.end()
    throw PrivateServerError.failed(program: "postgres", said: said)
  }

  private static func command(_ binaries: ServerBinaries, options: Options, directory: ServerDirectory) -> [String] {
    var settings = [
      "listen_addresses": "", "unix_socket_directories": directory.path, "unix_socket_permissions": "0700",
      "port": "5432", "cluster_name": "pgassay", "update_process_title": "off",
      // Nothing in it is worth a write to disk, and nothing may change behind our back.
      "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
      // With less, commit would read the pages of a new index into the server's cache, where the file's later content
      // is not seen.
      "wal_level": "replica", "max_wal_senders": "0", "checkpoint_timeout": "1d", "min_wal_size": "2MB",
      // What is logged is never read again: used segments are not kept, and none is filled in advance.
      "max_wal_size": "16MB", "wal_recycle": "off", "wal_init_zero": "off",
      "bgwriter_lru_maxpages": "0", "shared_buffers": "32MB", "max_connections": "32",
      // Thousands of tables may be made in one transaction.
      "max_locks_per_transaction": "512", "huge_pages": "off", "jit": "off", "logging_collector": "off",
      "log_destination": "stderr", "max_logical_replication_workers": "0",
    ]
    settings.merge(options.settings) { _, new in new }
    return [binaries.directory + "/postgres", "-D", directory.dataDirectory]
      + settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
  }
}

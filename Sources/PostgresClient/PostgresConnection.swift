internal import CLibPQ
internal import Glibc
public import Model
internal import Synchronization

/// One connection to a PostgreSQL server, over libpq, on a thread of its own.
///
///     let connection = try await PostgresConnection.connect(ConnectionOptions(connectionString: "dbname=shop"))
///     let rows = try await connection.query("SELECT relname FROM pg_class WHERE relkind = $1", ["r"])
///     for row in rows { try use(row.string("relname")) }
///
/// Each call is whole: two tasks' calls on one connection follow one another, never mix. A transaction of several
/// calls is the business of one task at a time. A cancelled task cancels its statement on the server and throws
/// `CancellationError`; the connection stays usable.
public actor PostgresConnection {
  private let thread: ConnectionThread
  let pipe: WakePipe
  /// Nil once the connection is closed or given up.
  var handle: LibPQHandle?
  let answerTimeout: Duration?
  /// Never shown: known only to be taken out of messages.
  let password: String?
  let keepsStatements: Bool
  /// Kept statements by their text, and the names of those that the server has.
  var preparedNumbers: [String: Int] = [:]
  var prepared: Set<String> = []

  /// Whom we speak to, for people: `database "shop" on db1:5432`.
  public nonisolated let server: String
  public nonisolated let serverVersion: ServerVersion
  public nonisolated let database: String
  public nonisolated let user: String
  /// The server's process for this connection.
  public nonisolated let backendPID: Int32

  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private init(
    thread: ConnectionThread, pipe: WakePipe, handle: LibPQHandle, server: String, options: ConnectionOptions
  ) {
    let connection = handle.connection
    self.thread = thread
    self.pipe = pipe
    self.handle = handle
    self.server = server
    answerTimeout = options.answerTimeout
    keepsStatements = options.keepsStatements
    serverVersion = ServerVersion(number: Int(PQserverVersion(connection)))
    database = PQdb(connection).map { String(cString: $0) } ?? ""
    user = PQuser(connection).map { String(cString: $0) } ?? ""
    backendPID = PQbackendPID(connection)
    password = PQpass(connection).map { String(cString: $0) }
  }

  deinit { thread.stop() }

  /// Connects, and sets `session` for the life of the connection.
  ///
  /// Bounded by libpq's `connect_timeout` (10 s for each host unless said otherwise), not by cancellation.
  /// - Throws: `PostgresError` of kind `options` or `connect`, or `server` when a setting is refused.
  public static func connect(
    _ options: ConnectionOptions, session: SessionSettings? = nil
  ) async throws -> PostgresConnection {
    try Task.checkCancellation()
    let keywords = try options.keywords()
    let opener = Opener()
    let pipe = try WakePipe()
    let (handle, server) = try await opener.open(keywords)
    let connection = PostgresConnection(
      thread: opener.thread, pipe: pipe, handle: handle, server: server, options: options)
    if let session { try await connection.apply(session) }
    return connection
  }

  /// Sets the settings for the session, or for the transaction only.
  public func apply(_ session: SessionSettings, forTransaction: Bool = false) throws {
    guard !session.settings.isEmpty else { return }
    let calls = session.settings.indices.map {
      "pg_catalog.set_config($\(2 * $0 + 1), $\(2 * $0 + 2), \(forTransaction))"
    }
    let parameters = session.settings.flatMap { [$0.name, $0.value] }
    _ = try rows("SELECT " + calls.joined(separator: ", "), parameters, ticket: Ticket())
  }

  /// Runs one statement (extended protocol: a text that holds two is refused by the server) and gives its rows.
  /// `parameters` are the values of `$1`, `$2`, …, as text; their types are the server's to infer.
  public nonisolated func query(_ sql: String, _ parameters: [String?] = []) async throws -> Rows {
    try await cancellable { connection, ticket in try await connection.rows(sql, parameters, ticket: ticket) }
  }

  /// Runs one statement (extended protocol) for its effect.
  @discardableResult
  public nonisolated func execute(_ sql: String, _ parameters: [String?] = []) async throws -> Rows {
    try await query(sql, parameters)
  }

  /// Sends statements one behind the other without waiting for the answers in between (libpq's pipeline), and gives what
  /// became of each, in order. Each is a transaction of its own unless one is open; one that fails does not keep back
  /// those behind it.
  ///
  /// - Throws: `PostgresError` where the connection breaks, `CancellationError`; then nobody knows how far it went.
  public nonisolated func pipeline(_ statements: [PipelinedStatement]) async throws -> [Result<Rows, PostgresError>] {
    try await cancellable { connection, ticket in try await connection.runPipeline(statements, ticket: ticket) }
  }

  /// Runs one statement and hands each row to `body` as it comes, on the connection's thread; no more than a row is
  /// kept. When `body` throws, the statement is cancelled and the error passed on.
  /// - Returns: the number of rows.
  @discardableResult
  public nonisolated func forEachRow(
    of sql: String, _ parameters: [String?] = [], _ body: @escaping @Sendable (RowView) throws -> Void
  ) async throws -> Int {
    try await cancellable { connection, ticket in
      try await connection.stream(sql, parameters, ticket: ticket, body)
    }
  }

  /// Runs one statement by the simple protocol, in which placeholders such as `$1` are not parameters that want values:
  /// EXPLAIN (GENERIC_PLAN) is for these. The server has parsed the text as one statement before, so that a text which
  /// holds two is refused.
  public nonisolated func queryWithPlaceholders(_ sql: String) async throws -> Rows {
    try await cancellable { connection, ticket in try await connection.runSingle(sql, ticket: ticket) }
  }

  /// Runs a text of any number of statements by the simple protocol, in one transaction unless it says otherwise.
  /// Only for text that we wrote or that the server may run as it stands. Gives the last statement's rows.
  @discardableResult
  public nonisolated func script(_ sql: String) async throws -> Rows {
    try await cancellable { connection, ticket in try await connection.runScript(sql, ticket: ticket) }
  }

  /// The notices since the last call of this; at most 1,000 are kept.
  public func takeNotices() -> [PostgresNotice] { handle?.takeNotices() ?? [] }

  /// A value that the server reports by itself, for example `server_encoding`, `in_hot_standby`.
  public func reported(_ name: String) -> String? {
    handle.flatMap { PQparameterStatus($0.connection, name) }.map { String(cString: $0) }
  }

  /// False when the connection was closed or broke.
  public var isUsable: Bool { handle.map { PQstatus($0.connection) == CONNECTION_OK } ?? false }

  /// Whether a transaction is open, failed or not.
  public var isInTransaction: Bool { handle.map { PQtransactionStatus($0.connection) != PQTRANS_IDLE } ?? false }

  /// Takes leave of the server. Later calls throw.
  public func close() { handle = nil }

  /// Runs `body` between `begin` and COMMIT; rolls back when it throws.
  public nonisolated func transaction<T: Sendable>(
    _ begin: String = "BEGIN", _ body: @Sendable (PostgresConnection) async throws -> T
  ) async throws -> T {
    try await execute(begin)
    do {
      let value = try await body(self)
      try await execute("COMMIT")
      return value
    } catch {
      // Shielded from the task's cancellation; if the connection is gone, so is the transaction.
      await rollBack()
      throw error
    }
  }

  private func rollBack() {
    _ = try? rows("ROLLBACK", [], ticket: Ticket())
  }

  private nonisolated func cancellable<T: Sendable>(
    _ work: @Sendable (PostgresConnection, Ticket) async throws -> T
  ) async throws -> T {
    try Task.checkCancellation()
    let ticket = Ticket()
    return try await withTaskCancellationHandler {
      try await work(self, ticket)
    } onCancel: {
      ticket.isCancelled.store(true, ordering: .releasing)
      pipe.wake()
    }
  }
}

/// Tells the thread that waits for an answer that the task that asked was cancelled.
final class Ticket: Sendable {
  let isCancelled = Atomic<Bool>(false)
}

/// Makes the connection on the thread that will own it.
private actor Opener {
  let thread = ConnectionThread(name: "pgassay libpq")
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  private var hasOpened = false

  deinit { if !hasOpened { thread.stop() } }

  func open(_ keywords: [(name: String, value: String)]) throws(PostgresError) -> (LibPQHandle, String) {
    var names: [UnsafePointer<CChar>?] = keywords.map { UnsafePointer(strdup($0.name)) } + [nil]
    var values: [UnsafePointer<CChar>?] = keywords.map { UnsafePointer(strdup($0.value)) } + [nil]
    defer { for pointer in names + values { free(UnsafeMutablePointer(mutating: pointer)) } }
    guard let connection = PQconnectdbParams(&names, &values, 1) else {
      throw PostgresError(.connect, "out of memory")
    }
    let server = Self.describe(connection)
    guard PQstatus(connection) == CONNECTION_OK else {
      let message = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
      let password = PQpass(connection).map { String(cString: $0) }
      PQfinish(connection)
      throw PostgresError(.connect, tidied(message, hiding: password), server: server)
    }
    hasOpened = true
    return (LibPQHandle(connection), server)
  }

  private static func describe(_ connection: OpaquePointer) -> String {
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    let database = text(PQdb(connection))
    let host = text(PQhost(connection))
    let port = text(PQport(connection))
    return "database \"\(database)\" on " + (host.isEmpty ? "the default host" : host)
      + (port.isEmpty ? "" : ":" + port)
  }
}

/// libpq's message in one line, without its repetition of whom it spoke to, and without the password.
func tidied(_ message: String, hiding password: String?) -> String {
  var text = message.split(separator: "\n").map { line in
    String(line.drop { $0 == " " || $0 == "\t" })
  }.joined(separator: "; ")
  if let password, !password.isEmpty {
    text = text.split(separator: password, omittingEmptySubsequences: false).joined(separator: "****")
  }
  return text
}

public import Model

/// What went wrong between us and a PostgreSQL server. Never holds a password.
public struct PostgresError: UserError, Equatable {
  public enum Kind: String, Sendable, Equatable {
    /// The connection string or an option cannot be read.
    case options
    /// No connection could be made.
    case connect
    /// The connection broke; the connection cannot be used again.
    case lost
    /// The server refused or failed the statement; the connection is usable.
    case server
    /// The server did not answer within the client's own limit; the connection cannot be used again.
    case noAnswer
    /// The answer is not what the caller's SQL should give: a missing column, a NULL, not a number.
    case unexpectedResult
    /// The call itself cannot be sent: a NUL byte in a text, a COPY.
    case usage
  }

  public var kind: Kind
  /// Five characters, for example `57014`; nil where the server did not say.
  public var sqlState: String?
  /// The server's or libpq's primary message.
  public var message: String
  public var detail: String?
  public var hint: String?
  /// Offset of the fault in `sql`, in characters counted from 1.
  public var position: Int?
  /// The statement that failed.
  public var sql: String?
  /// Whom we spoke to, for people: `database "shop" on /run/postgresql:5432`.
  public var server: String?

  public init(
    _ kind: Kind, _ message: String, sqlState: String? = nil, detail: String? = nil, hint: String? = nil,
    position: Int? = nil, sql: String? = nil, server: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.sqlState = sqlState
    self.detail = detail
    self.hint = hint
    self.position = position
    self.sql = sql
    self.server = server
  }

  /// Whether the connection can be used for further statements.
  public var isConnectionUsable: Bool {
    switch kind {
    case .server, .unexpectedResult, .usage: true
    case .options, .connect, .lost, .noAnswer: false
    }
  }

  public var sentence: String {
    var text: String
    switch kind {
    case .options: text = "connection options: " + message
    case .connect: text = "cannot connect" + (server.map { " to " + $0 } ?? "") + ": " + message
    case .lost: text = "the connection" + (server.map { " to " + $0 } ?? "") + " was lost: " + message
    case .noAnswer: text = "no answer" + (server.map { " from " + $0 } ?? "") + ": " + message
    case .server: text = (server.map { $0 + ": " } ?? "") + message
    case .unexpectedResult, .usage: text = message
    }
    if let detail, !detail.isEmpty { text += " (" + detail + ")" }
    if let sqlState { text += " [SQLSTATE " + sqlState + "]" }
    if let hint, !hint.isEmpty { text += "; hint: " + hint }
    if let sql, kind != .connect, kind != .options { text += "; statement: " + Self.excerpt(sql, position: position) }
    return text
  }

  /// One line of the statement, at most 120 characters, around the fault where the server told its place.
  private static func excerpt(_ sql: String, position: Int?) -> String {
    let limit = 120
    let characters = Array(sql.unicodeScalars)
    let start = max(0, min((position ?? 1) - 1, characters.count) - (position == nil ? 0 : limit / 2))
    let end = min(characters.count, start + limit)
    var line = ""
    for scalar in characters[start..<end] { line.unicodeScalars.append(scalar.properties.isWhitespace ? " " : scalar) }
    return (start > 0 ? "…" : "") + line + (end < characters.count ? "…" : "")
  }
}

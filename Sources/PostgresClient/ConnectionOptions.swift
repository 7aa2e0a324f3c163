internal import CLibPQ
internal import Glibc

/// How to reach a server. Whatever is left out comes from where libpq takes it: `PG*` variables, the service file,
/// `.pgpass`, and then its defaults.
public struct ConnectionOptions: Sendable {
  /// A URI (`postgresql://…`), a keyword string (`host=… dbname=…`) or a plain database name.
  public var connectionString: String?
  /// Named keywords, which win over those of `connectionString`.
  public var host: String?
  public var port: String?
  public var user: String?
  public var database: String?
  public var applicationName: String
  /// How long a call waits for the server's answer before it cancels the statement; nil waits for ever (the server's
  /// `statement_timeout` still holds).
  public var answerTimeout: Duration?
  /// Whether the server keeps the statements that have parameters, so that each is parsed and planned once.
  public var keepsStatements: Bool

  public init(
    connectionString: String? = nil, host: String? = nil, port: String? = nil, user: String? = nil,
    database: String? = nil, applicationName: String = "pgassay", answerTimeout: Duration? = nil,
    keepsStatements: Bool = false
  ) {
    self.connectionString = connectionString
    self.host = host
    self.port = port
    self.user = user
    self.database = database
    self.applicationName = applicationName
    self.answerTimeout = answerTimeout
    self.keepsStatements = keepsStatements
  }

  /// Seconds to wait for one host when neither the options, the environment nor a service says otherwise.
  private static let connectTimeout = "10"

  /// libpq's keywords in the order of rising precedence. Throws when the connection string cannot be read.
  func keywords() throws(PostgresError) -> [(name: String, value: String)] {
    var list: [(name: String, value: String)] = []
    let written = try connectionString.map { text throws(PostgresError) in try Self.parse(text) } ?? [:]
    if written["connect_timeout"] == nil, written["service"] == nil, getenv("PGCONNECT_TIMEOUT") == nil,
      getenv("PGSERVICE") == nil
    {
      list.append(("connect_timeout", Self.connectTimeout))
    }
    list.append(("fallback_application_name", applicationName))
    if let connectionString, !connectionString.isEmpty { list.append(("dbname", connectionString)) }
    let named = [("host", host), ("port", port), ("user", user)]
    for case (let name, let value?) in named { list.append((name, value)) }
    list.append(("client_encoding", "UTF8"))
    // Without `connectionString` this is the keyword that libpq expands, so a plain name stays a plain name only
    // when it holds no "=" and no URI prefix: spelled as a keyword string it always does.
    if let database {
      if connectionString?.isEmpty == false {
        list.append(("dbname", database))
      } else {
        list.append(("dbname", "dbname='" + Self.quoted(database) + "'"))
      }
    }
    for (name, value) in list where value.utf8.contains(0) {
      throw PostgresError(.options, "the value of \(name) holds a NUL byte")
    }
    return list
  }

  private static func quoted(_ value: String) -> String {
    var text = ""
    for character in value.unicodeScalars {
      if character == "'" || character == "\\" { text.unicodeScalars.append("\\") }
      text.unicodeScalars.append(character)
    }
    return text
  }

  /// The keywords that the text itself holds. A plain database name holds none.
  private static func parse(_ text: String) throws(PostgresError) -> [String: String] {
    guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || text.contains("=") else { return [:] }
    var errorText: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &errorText) else {
      let message = errorText.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(errorText)
      throw PostgresError(
        .options, masked(message),
        hint: "write postgresql://user@host:port/database, or keyword='value' with spaces inside quotes")
    }
    defer { PQconninfoFree(options) }
    var found: [String: String] = [:]
    var next = options
    while let keyword = next.pointee.keyword {
      if let value = next.pointee.val { found[String(cString: keyword)] = String(cString: value) }
      next += 1
    }
    return found
  }

  /// libpq quotes the part that it could not read, which may be a piece of a password.
  private static func masked(_ message: String) -> String {
    var text = ""
    var isInside = false
    for character in message where character != "\n" {
      if character == "\"" {
        text += isInside ? "…\"" : "\""
        isInside.toggle()
      } else if !isInside {
        text.append(character)
      }
    }
    return text
  }
}

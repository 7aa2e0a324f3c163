/// Settings that a session or transaction runs under, in the order in which they are set.
public struct SessionSettings: Sendable, Equatable {
  public struct Setting: Sendable, Equatable {
    public var name: String
    public var value: String
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var settings: [Setting]

  public init(_ settings: [Setting]) { self.settings = settings }

  /// What every look at somebody else's server runs under: it cannot write, cannot wait long and leaves nothing open.
  ///
  /// - Parameter searchPath: `nil` leaves it as it is; the empty text makes the server print every name with its
  ///   schema and takes hostile schemas out of operator and function lookup.
  public static func readOnly(
    statementTimeout: Duration, lockTimeout: Duration = .seconds(2), idleInTransactionTimeout: Duration = .seconds(60),
    searchPath: String? = nil
  ) -> SessionSettings {
    var list = [
      Setting("default_transaction_read_only", "on"),
      Setting("statement_timeout", String(statementTimeout.wholeMilliseconds)),
      Setting("lock_timeout", String(lockTimeout.wholeMilliseconds)),
      Setting("idle_in_transaction_session_timeout", String(idleInTransactionTimeout.wholeMilliseconds)),
      Setting("application_name", "pgassay"),
    ]
    if let searchPath { list.append(Setting("search_path", searchPath)) }
    return SessionSettings(list)
  }
}

extension Duration {
  /// Rounded up, so that a positive duration never becomes 0, which PostgreSQL takes as "no limit".
  package var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}

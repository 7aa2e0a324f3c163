/// Which server's counters are meant: pg_stat_statements and the other cumulative statistics are local to a node, while
/// a primary and its physical replicas share the system identifier.
public struct ServerIdentity: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  /// `pg_control_system().system_identifier` in decimal digits; empty where the source does not say.
  public var systemIdentifier: String
  /// Tells the nodes of one cluster apart, for example `primary` or `replica db2:5432`.
  public var node: String

  public init(systemIdentifier: String, node: String = "") {
    self.systemIdentifier = systemIdentifier
    self.node = node
  }

  public var description: String {
    switch (systemIdentifier.isEmpty, node.isEmpty) {
    case (true, true): "unknown server"
    case (true, false): node
    case (false, true): systemIdentifier
    case (false, false): systemIdentifier + " " + node
    }
  }

  public static func < (a: ServerIdentity, b: ServerIdentity) -> Bool {
    (a.systemIdentifier, a.node) < (b.systemIdentifier, b.node)
  }
}

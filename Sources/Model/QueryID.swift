/// PostgreSQL's `queryid` (pg_stat_statements, `%Q`, `query_id`): a signed 64-bit hash that is stable inside one
/// server version and one set of object ids. Zero means "not known" and is never a key.
public struct QueryID: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  public let value: Int64

  public init(_ value: Int64) { self.value = value }

  public static let unknown = QueryID(0)
  public var isKnown: Bool { value != 0 }
  public var description: String { String(value) }
  public static func < (a: QueryID, b: QueryID) -> Bool { a.value < b.value }
}

/// What an index is, apart from its name: enough to write its DDL and to compare two of them.
public struct IndexDefinition: Hashable, Sendable, Codable {
  /// An index's access method, by PostgreSQL's own name (`pg_am.amname`).
  public struct Method: Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    public var name: String
    public init(_ name: String) { self.name = name }
    public init(stringLiteral value: String) { self.name = value }
    public var description: String { name }

    public static let btree: Method = "btree"
    public static let hash: Method = "hash"
    public static let gin: Method = "gin"
    public static let gist: Method = "gist"
    public static let spgist: Method = "spgist"
    public static let brin: Method = "brin"
  }

  /// One key of an index: a column or an expression, with its order.
  public struct Key: Hashable, Sendable, Codable {
    public enum Subject: Hashable, Sendable, Codable {
      /// A column's name, as the catalog spells it.
      case column(String)
      /// An expression as the server would print it, without outer parentheses.
      case expression(String)
    }

    public var subject: Subject
    /// The operator class when it is not the type's default, for example `gin_trgm_ops`.
    public var operatorClass: String?
    /// The collation as SQL when it is not the column's own, for example `"C"`.
    public var collation: String?
    public var descending: Bool
    /// Nulls first or last; nil is the default (last when ascending, first when descending).
    public var nullsFirst: Bool?

    public init(
      _ subject: Subject, operatorClass: String? = nil, collation: String? = nil, descending: Bool = false,
      nullsFirst: Bool? = nil
    ) {
      self.subject = subject
      self.operatorClass = operatorClass
      self.collation = collation
      self.descending = descending
      self.nullsFirst = nullsFirst == descending ? nil : nullsFirst
    }

    /// A plain ascending column.
    public static func column(_ name: String, descending: Bool = false) -> Key {
      Key(.column(name), descending: descending)
    }
    public static func expression(_ sql: String) -> Key { Key(.expression(sql)) }

    /// The column's name, nil for an expression.
    public var columnName: String? {
      if case .column(let name) = subject { name } else { nil }
    }

    public var sql: String {
      var text: String
      switch subject {
      case .column(let name): text = SQLSpelling.identifier(name)
      case .expression(let expression): text = "(" + expression + ")"
      }
      if let collation { text += " COLLATE " + collation }
      if let operatorClass { text += " " + operatorClass }
      if descending { text += " DESC" }
      if let nullsFirst { text += nullsFirst ? " NULLS FIRST" : " NULLS LAST" }
      return text
    }
  }

  public var table: RelationName
  public var method: Method
  public var keys: [Key]
  /// Columns carried in the leaf pages only (`INCLUDE`), in order.
  public var included: [String]
  /// The predicate of a partial index as SQL, without `WHERE`.
  public var predicate: String?
  public var isUnique: Bool
  /// Storage parameters, for example `["fillfactor": "70"]`.
  public var parameters: [String: String]

  public init(
    table: RelationName, method: Method = .btree, keys: [Key], included: [String] = [], predicate: String? = nil,
    isUnique: Bool = false, parameters: [String: String] = [:]
  ) {
    self.table = table
    self.method = method
    self.keys = keys
    self.included = included
    self.predicate = predicate
    self.isUnique = isUnique
    self.parameters = parameters
  }

  /// `CREATE INDEX` of this definition, without a closing semicolon.
  public func createStatement(name: String, concurrently: Bool = false) -> String {
    var sql = "CREATE " + (isUnique ? "UNIQUE " : "") + "INDEX " + (concurrently ? "CONCURRENTLY " : "")
    sql += SQLSpelling.identifier(name) + " ON " + table.sql + " USING " + SQLSpelling.identifier(method.name)
    sql += " (" + keys.map(\.sql).joined(separator: ", ") + ")"
    if !included.isEmpty { sql += " INCLUDE (" + included.map(SQLSpelling.identifier).joined(separator: ", ") + ")" }
    if !parameters.isEmpty {
      let list = parameters.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
      sql += " WITH (" + list.joined(separator: ", ") + ")"
    }
    if let predicate { sql += " WHERE " + predicate }
    return sql
  }

  /// For people: `orders (customer_id, created_at DESC) INCLUDE (total) WHERE deleted_at IS NULL`, with the method
  /// named only when it is not a B-tree.
  public var summary: String {
    var text = table.description + (method == .btree ? "" : " USING " + method.name)
    text += " (" + keys.map(\.sql).joined(separator: ", ") + ")"
    if !included.isEmpty { text += " INCLUDE (" + included.map(SQLSpelling.identifier).joined(separator: ", ") + ")" }
    if let predicate { text += " WHERE " + predicate }
    return isUnique ? "UNIQUE " + text : text
  }
}

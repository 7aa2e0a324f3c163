/// The names that are visible at one level of a statement.
struct Scope {
  /// One item of FROM.
  struct Item {
    var alias: String
    var source: Source
  }

  enum Source {
    /// A base relation, by its index in the analysis.
    case base(Int)
    /// A subquery, a view or a common table expression: its output columns.
    case derived([OutputColumn])
    /// A function or anything else whose columns lead nowhere.
    case opaque
  }

  var items: [Item] = []
  var commonTables: [String: [OutputColumn]] = [:]
}

/// A column that a subquery yields.
struct OutputColumn: Hashable {
  var name: String
  /// The base column behind it, nil where it is computed.
  var origin: Origin?
}

/// A column of a base relation.
struct Origin: Hashable {
  /// Index in the analysis.
  var use: Int
  var column: String
}

/// A subject together with the relation that it belongs to.
struct Owned: Hashable {
  var use: Int
  var subject: IndexSubject
}

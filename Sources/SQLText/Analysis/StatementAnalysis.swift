public import Model

/// What a statement asks of each base relation it touches: everything an index could serve.
public struct StatementAnalysis: Hashable, Sendable {
  public var kind: StatementKind
  /// One entry for each mention of a relation, so a self-join has two. Views are replaced by their definitions where
  /// the analyzer knows them; common table expressions and subqueries by the relations inside.
  public var uses: [RelationUse]

  public init(kind: StatementKind, uses: [RelationUse]) {
    self.kind = kind
    self.uses = uses
  }
}

/// One mention of a relation.
public struct RelationUse: Hashable, Sendable {
  /// As written: the schema is empty where the statement gave none.
  public var relation: RelationName
  public var alias: String
  /// Conditions that every row must meet, apart from joins.
  public var conditions: [Condition]
  /// ORs: one list of branches each; every branch has conditions on this relation.
  public var disjunctions: [Disjunction] = []
  /// Equalities with other relations of the statement.
  public var joins: [JoinEquality] = []
  /// Orders in which the rows are wanted: ORDER BY, window clauses.
  public var orders: [SortOrder] = []
  /// Groups in which the rows are wanted (GROUP BY, DISTINCT): their columns in no particular order.
  public var groupings: [[IndexSubject]] = []
  /// Columns that the statement reads, sorted, conditions included.
  public var referenced: [String] = []
  /// `*` or a reference to the row as a whole.
  public var referencesWholeRow = false
  /// What the statement writes here.
  public var write: Write?

  public enum Write: Hashable, Sendable {
    case insert
    /// The columns that are assigned, sorted.
    case update([String])
    case delete
    /// INSERT … ON CONFLICT DO UPDATE and MERGE: inserts, and updates of these columns.
    case insertOrUpdate([String])
  }

  public init(relation: RelationName, alias: String, conditions: [Condition] = []) {
    self.relation = relation
    self.alias = alias
    self.conditions = conditions
  }
}

/// What an index key could be: a column or an expression over columns.
public enum IndexSubject: Hashable, Sendable {
  case column(String)
  /// As SQL, its columns unqualified, with those columns sorted.
  case expression(String, columns: [String])

  public var columns: [String] {
    switch self {
    case .column(let name): [name]
    case .expression(_, let columns): columns
    }
  }
}

/// A comparison of a subject with something that is no column of another relation.
public struct Condition: Hashable, Sendable {
  public enum Comparison: Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, between
    /// `IN (…)` and `= ANY (…)` with the number of elements, zero where the text does not show it.
    case oneOf(Int)
    case like, ilike
    case isNull, isNotNull, isTrue, isFalse
    /// Any other operator by name: `@>`, `~`, `@@`, `&&`.
    case other(String)
  }

  public enum Operand: Hashable, Sendable {
    case none
    /// A constant as the statement spells it, with its cast.
    case constant(String)
    case parameter(Int)
    /// The elements of a list; at most `Condition.listLimit` of them are kept.
    case list([Operand])
    /// Constant while the statement runs: `now() - interval '1 day'`, a subquery that does not depend on the row.
    case expression
  }

  /// Several subjects for a row comparison, `(a, b) > (1, 2)`; else one.
  public var subjects: [IndexSubject]
  public var comparison: Comparison
  public var operand: Operand

  public static let listLimit = 16

  public init(_ subjects: [IndexSubject], _ comparison: Comparison, _ operand: Operand) {
    self.subjects = subjects
    self.comparison = comparison
    self.operand = operand
  }

  /// The single column that is compared, nil for expressions and rows.
  public var column: String? {
    if subjects.count == 1, case .column(let name) = subjects[0] { name } else { nil }
  }
}

/// An OR of conditions on one relation.
public struct Disjunction: Hashable, Sendable {
  /// Each branch holds where all its conditions hold.
  public var branches: [[Condition]]

  public init(branches: [[Condition]]) { self.branches = branches }
}

/// `subject = other.otherSubject`.
public struct JoinEquality: Hashable, Sendable {
  public var subject: IndexSubject
  /// Index of the other relation in `StatementAnalysis.uses`.
  public var other: Int
  public var otherSubject: IndexSubject

  public init(subject: IndexSubject, other: Int, otherSubject: IndexSubject) {
    self.subject = subject
    self.other = other
    self.otherSubject = otherSubject
  }
}

/// An order that the statement wants, as far as its leading keys belong to one relation.
public struct SortOrder: Hashable, Sendable {
  public struct Key: Hashable, Sendable {
    public var subject: IndexSubject
    public var descending: Bool
    /// Nil is the default: last when ascending, first when descending.
    public var nullsFirst: Bool?

    public init(_ subject: IndexSubject, descending: Bool = false, nullsFirst: Bool? = nil) {
      self.subject = subject
      self.descending = descending
      self.nullsFirst = nullsFirst
    }
  }

  public var keys: [Key]
  /// All the keys of the order belong to this relation.
  public var isComplete: Bool
  /// Only the first rows are wanted: LIMIT, min(), max().
  public var hasLimit: Bool

  public init(keys: [Key], isComplete: Bool, hasLimit: Bool) {
    self.keys = keys
    self.isComplete = isComplete
    self.hasLimit = hasLimit
  }
}

/// Why a statement could not be analysed.
public enum AnalysisError: Error, Hashable, Sendable, CustomStringConvertible {
  /// libpg_query refused the text, with its message.
  case syntax(String)
  /// More bytes than the analyzer takes.
  case tooLarge(bytes: Int)
  /// Nested more deeply than the analyzer follows.
  case tooDeep
  /// Not one SELECT, INSERT, UPDATE, DELETE or MERGE.
  case notOneQuery

  public var description: String {
    switch self {
    case .syntax(let message): "the statement does not parse: \(message)"
    case .tooLarge(let bytes): "the statement has \(bytes) bytes, too many to analyse"
    case .tooDeep: "the statement is nested too deeply to analyse"
    case .notOneQuery: "not one SELECT, INSERT, UPDATE, DELETE or MERGE"
    }
  }
}

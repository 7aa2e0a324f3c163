public import Model

/// A statement that can be planned: its text and what its placeholders stand for.
public struct PlannableStatement: Hashable, Sendable {
  /// The caller's own name for the statement: a fingerprint, a file name.
  public var id: String
  /// One statement, with literals or with placeholders `$1`, `$2`, …
  public var sql: String
  /// The placeholders' values in order. Nil (or too short a list) with placeholders in the text: the statement gets its
  /// generic plan.
  public var parameters: [ExecutionSample.Parameter]?
  /// Likely values by the number of the placeholder, where `parameters` are not known: see `ParameterDraw`. The other
  /// placeholders stay, and what depends on them is planned by averages.
  public var drawn: [Int: String] = [:]
  /// The database that it ran in.
  public var database: String
  /// The schemas in which unqualified names are looked up, first to last; empty for the database's own setting.
  public var searchPath: [String]

  public init(
    id: String, sql: String, parameters: [ExecutionSample.Parameter]? = nil, database: String, searchPath: [String] = []
  ) {
    self.id = id
    self.sql = sql
    self.parameters = parameters
    self.database = database
    self.searchPath = searchPath
  }
}

/// An index that a planner was told of: as if it had been built on production's rows.
public struct HypotheticalIndex: Hashable, Sendable {
  /// The name by which `Planner.plan` is told of it and plans speak of it.
  public var name: String
  public var definition: IndexDefinition
  /// Predicted size on disk.
  public var sizeBytes: Int64
  /// Levels above the leaves of a B-tree: 0 for an index of one leaf page; 0 for other kinds.
  public var height: Int
  /// True where the size is a guess by rule of thumb rather than by the page layout.
  public var isRoughSize: Bool

  public init(name: String, definition: IndexDefinition, sizeBytes: Int64, height: Int, isRoughSize: Bool) {
    self.name = name
    self.definition = definition
    self.sizeBytes = sizeBytes
    self.height = height
    self.isRoughSize = isRoughSize
  }
}

/// What the planner answered for one statement under one set of indexes.
public struct PlannedStatement: Hashable, Sendable {
  /// The top node's total cost, in PostgreSQL's cost units.
  public var totalCost: Double
  /// The indexes that the plan reads, hypothetical and existing, sorted, without repetition, unqualified. Where it
  /// reads a partition's index, the partitioned table's index that this belongs to is named as well.
  public var usedIndexes: [String]
  /// The server's own EXPLAIN (FORMAT JSON) document.
  public var document: String
  /// What stood in the place of its placeholders.
  public var parameters: ParameterOrigin

  public init(
    totalCost: Double, usedIndexes: [String], document: String, parameters: ParameterOrigin = .none
  ) {
    self.totalCost = totalCost
    self.usedIndexes = usedIndexes
    self.document = document
    self.parameters = parameters
  }
}

/// Where the values come from that a statement with placeholders was planned for.
public enum ParameterOrigin: String, Hashable, Sendable, CaseIterable {
  /// It has no placeholders.
  case none
  /// Of a recorded execution.
  case recorded
  /// Drawn from the statistics of the columns that they are compared with.
  case drawn
  /// Some drawn, and the plan made for any value of the others.
  case partlyDrawn = "partly_drawn"
  /// None but a LIMIT or OFFSET, for which a page of results is assumed.
  case assumedLimit = "assumed_limit"
  /// None: the plan for any values.
  case generic

  /// For people, behind "planned".
  public var words: String {
    switch self {
    case .none: "as it is written"
    case .recorded: "with the values of a recorded execution"
    case .drawn: "with values drawn from the column statistics"
    case .partlyDrawn: "with values drawn from the column statistics, and generically for the others"
    case .assumedLimit: "with an assumed LIMIT of 50 rows"
    case .generic: "generically, for any values"
    }
  }
}

/// PostgreSQL's planner asked what it would do if the indexes were others.
///
/// ```swift
/// let index = try await planner.add(IndexDefinition(table: orders, keys: [.column("customer_id")]))
/// let before = try await planner.plan(statement, with: [], without: [])
/// let after = try await planner.plan(statement, with: [index.name], without: [])
/// ```
public protocol Planner: Sendable {
  /// Makes `definition` known and predicts its size. It is part of no plan until `plan` names it. Adding an equal
  /// definition twice gives the same index.
  ///
  /// - Throws: `WhatIfError.indexRefused` where the server refuses the definition.
  func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex

  /// Plans `statement` as if the hypothetical indexes `added` existed and the existing indexes `dropped` did not.
  /// Only the names matter: hypothetical ones from `add`, existing ones as the catalog has them (without schema where
  /// that is unambiguous, `schema.name` in any case).
  ///
  /// - Throws: `WhatIfError.statementRefused` with the server's message where the statement cannot be planned: an
  ///   error of this one statement, after which the planner goes on working.
  func plan(
    _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
  ) async throws -> PlannedStatement
}

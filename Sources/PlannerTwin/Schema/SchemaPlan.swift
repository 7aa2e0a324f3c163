import Catalog
import Model
import PrivateServer

/// Turns the rows of a snapshot into the steps that make the same schema, in an order in which most of them succeed at
/// the first attempt. Names are quoted here; definitions are the server's own words, must begin as what they claim to be,
/// and run one statement at a time.
struct SchemaPlan {
  /// Types, functions, sequences, tables with their indexes, partitions, foreign keys, views: in this order.
  var steps: [SchemaStep] = []
  /// Checks of domains: only once statistics are loaded, since reading a value of a domain runs its checks,
  /// and whatever reads statistics has a superuser's rights.
  var domainChecks: [SchemaStep] = []
  var leftOut: [LeftOut] = []
  /// Names of relations and indexes by their object id in production.
  var names: [Int64: RelationName] = [:]
  /// Properties of functions that only a superuser may give.
  var privileged: [PrivilegedFunction] = []

  /// A function that is leakproof, or that has a support function.
  struct PrivilegedFunction: Sendable {
    var name: RelationName
    /// As `pg_get_function_identity_arguments` has them.
    var arguments: String
    var isLeakproof: Bool
    var support: String?
  }

  let source: Snapshot
  let major: Int
  var columns: [Int64: [SnapshotRow]] = [:]
  var constraints: [Int64: [SnapshotRow]] = [:]
  var indexes: [Int64: [SnapshotRow]] = [:]

  init(_ source: Snapshot, major: Int) throws {
    self.source = source
    self.major = major
    for row in source["relations"] { names[try row.integer("oid")] = try Self.name(row) }
    for row in source["indexes"] { names[try row.integer("oid")] = try Self.name(row) }
    for row in source["columns"] { columns[try row.integer("relation"), default: []].append(row) }
    for row in source["constraints"] { constraints[try row.integer("relation"), default: []].append(row) }
    for row in source["indexes"] { indexes[try row.integer("relation"), default: []].append(row) }

    try addTypes()
    try addFunctions()
    try addOperators()
    try addSequences()
    try addTables()
    try addPartitions()
    try addForeignKeys()
    try addViews()
    try addRules()
    try addTriggers()
    try addStatisticsObjects()
    try addPolicies()
  }

  static func name(_ row: SnapshotRow) throws -> RelationName {
    RelationName(schema: try row.string("schema"), name: try row.string("name"))
  }

  static func isOfExtension(_ row: SnapshotRow) throws -> Bool {
    try row.optionalString("extension") != nil
  }

  /// A step that runs a definition as it stands, if it begins as it should; otherwise the object is left out.
  mutating func addDefinition(
    _ object: String, _ definition: String, of kind: DefinitionKind, name: RelationName? = nil,
    fallback: SchemaStep.Fallback? = nil
  ) {
    guard kind.matches(definition) else {
      leftOut.append(LeftOut(object: object, reason: "its definition is no \(kind.rawValue) statement", name: name))
      return
    }
    steps.append(SchemaStep(object, [definition], fallback: fallback, name: name))
  }
}

/// The statements of a snapshot that are run as they stand, by how they begin.
enum DefinitionKind: String {
  case index = "CREATE INDEX"
  case function = "CREATE FUNCTION"
  case aggregate = "CREATE AGGREGATE"
  case operation = "CREATE OPERATOR"
  case cast = "CREATE CAST"
  case statistics = "CREATE STATISTICS"
  case rule = "CREATE RULE"
  case view = "SELECT"

  func matches(_ definition: String) -> Bool {
    let words = SQLScript.leadingWords(of: definition, count: 4)
    switch self {
    case .index: return words.starts(with: ["create", "index"]) || words.starts(with: ["create", "unique", "index"])
    case .function:
      return words.starts(with: ["create", "function"]) || words.starts(with: ["create", "or", "replace", "function"])
    case .operation:
      return words.starts(with: ["create", "operator"]) && !words.starts(with: ["create", "operator", "class"])
    case .aggregate, .cast, .statistics, .rule:
      return words.starts(with: rawValue.lowercased().split(separator: " ").map(String.init))
    case .view:
      let first = words.first ?? SQLScript.firstSymbol(of: definition)
      return ["select", "with", "values", "table", "("].contains(first)
    }
  }
}

import Catalog
import Model
import PrivateServer

/// Turns the rows of a snapshot into the steps that make the same schema, in an order in which most of them succeed at
/// the first attempt. Names are quoted here; definitions are the server's own words and run one statement at a time.
struct SchemaPlan {
  /// Types, functions, sequences, tables with their indexes, partitions, foreign keys, views: in this order.
  private(set) var steps: [SchemaStep] = []
  /// Checks of domains: only once statistics are loaded, since reading a value of a domain runs its checks, and whatever
  /// reads statistics has a superuser's rights.
  private(set) var domainChecks: [SchemaStep] = []
  private(set) var leftOut: [LeftOut] = []
  /// Names of relations and indexes by their object id in production.
  private(set) var names: [Int64: RelationName] = [:]

  private let source: Snapshot
  private let major: Int
  private var columns: [Int64: [SnapshotRow]] = [:]
  private var constraints: [Int64: [SnapshotRow]] = [:]
  private var indexes: [Int64: [SnapshotRow]] = [:]

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
    try addSequences()
    try addTables()
    try addPartitions()
    try addForeignKeys()
    try addViews()
    try addStatisticsObjects()
    try addPolicies()
  }

  private static func name(_ row: SnapshotRow) throws -> RelationName {
    RelationName(schema: try row.string("schema"), name: try row.string("name"))
  }

  private static func isOfExtension(_ row: SnapshotRow) throws -> Bool {
    try row.optionalString("extension") != nil
  }

  // MARK: Types and functions

  private mutating func addTypes() throws {
    for row in source["collations"] {
      let name = try Self.name(row)
      var options: [String] = []
      switch try row.string("provider") {
      case "i":
        options.append("PROVIDER = icu")
        let locale = try row.optionalString("locale") ?? row.optionalString("collate") ?? "und"
        options.append("LOCALE = " + SQLSpelling.literal(locale))
      case "b":
        options.append("PROVIDER = builtin")
        options.append("LOCALE = " + SQLSpelling.literal(try row.optionalString("locale") ?? "C"))
      default:
        options.append("LC_COLLATE = " + SQLSpelling.literal(try row.optionalString("collate") ?? "C"))
        options.append("LC_CTYPE = " + SQLSpelling.literal(try row.optionalString("ctype") ?? "C"))
      }
      if try row.optionalBool("is_deterministic") == false { options.append("DETERMINISTIC = false") }
      steps.append(
        SchemaStep(
          "collation \(name)", ["CREATE COLLATION \(name.sql) (\(options.joined(separator: ", ")))"],
          fallback: .init(
            statements: ["CREATE COLLATION \(name.sql) FROM pg_catalog.\"C\""],
            note: "the collation is not to be had here; C takes its place, so texts sort otherwise")))
    }
    for row in source["types"] { try addType(row) }
    for row in source["operators"] {
      steps.append(
        SchemaStep(
          "operator \(SQLSpelling.identifier(try row.string("schema"))).\(try row.string("name"))",
          [try row.string("definition")]))
    }
  }

  private mutating func addType(_ row: SnapshotRow) throws {
    let name = try Self.name(row)
    switch try row.string("kind") {
    case "enum":
      let labels = try row.strings("labels").map(SQLSpelling.literal)
      steps.append(SchemaStep("type \(name)", ["CREATE TYPE \(name.sql) AS ENUM (\(labels.joined(separator: ", ")))"]))
    case "domain":
      var sql = "CREATE DOMAIN \(name.sql) AS \(try row.string("base_type"))"
      if let collation = try row.optionalString("collation") { sql += " COLLATE " + collation }
      if try row.bool("is_not_null") { sql += " NOT NULL" }
      steps.append(SchemaStep("domain \(name)", [sql]))
      for check in try row.rows("constraints") {
        let constraint = SQLSpelling.identifier(try check.string("name"))
        domainChecks.append(
          SchemaStep(
            "check \(constraint) of domain \(name)",
            ["ALTER DOMAIN \(name.sql) ADD CONSTRAINT \(constraint) \(try check.string("definition"))"]))
      }
    case "composite":
      let attributes = try row.rows("attributes").map { attribute throws in
        SQLSpelling.identifier(try attribute.string("name")) + " " + (try attribute.string("type"))
          + (try attribute.optionalString("collation").map { " COLLATE " + $0 } ?? "")
      }
      steps.append(
        SchemaStep("type \(name)", ["CREATE TYPE \(name.sql) AS (\(attributes.joined(separator: ", ")))"]))
    case "range":
      guard let range = try row.row("range") else { return }
      // A canonical function is somebody else's code that runs whenever a value is read: left out.
      var options = ["SUBTYPE = " + (try range.string("subtype"))]
      if let opclass = try range.optionalString("operator_class") { options.append("SUBTYPE_OPCLASS = " + opclass) }
      if let collation = try range.optionalString("collation") { options.append("COLLATION = " + collation) }
      if major >= 14, let multirange = try range.optionalString("multirange") {
        options.append(
          "MULTIRANGE_TYPE_NAME = " + RelationName(schema: name.schema, name: multirange).sql)
      }
      steps.append(
        SchemaStep("type \(name)", ["CREATE TYPE \(name.sql) AS RANGE (\(options.joined(separator: ", ")))"]))
    default:
      leftOut.append(LeftOut(object: "type \(name)", reason: "a base type is made by a program that is not here"))
    }
  }

  private mutating func addFunctions() throws {
    for row in source["functions"] {
      let name = try Self.name(row)
      let result = try row.optionalString("result") ?? ""
      let kind = try row.string("kind")
      // Procedures and trigger functions take no part in planning.
      guard kind != "procedure", result != "trigger", try row.optionalBool("is_event_trigger") != true else { continue }
      let arguments = try row.string("arguments")
      let object = "function \(name)(\(arguments))"
      let definition = try row.optionalString("definition")
      if kind == "aggregate" || kind == "window" {
        if let definition { steps.append(SchemaStep("aggregate \(name)(\(arguments))", [definition])) }
        continue
      }
      let stub = try Self.stub(row, name: name, arguments: arguments, result: result)
      let language = try row.string("language")
      if let definition, ["sql", "plpgsql"].contains(language) {
        steps.append(
          SchemaStep(
            object, [definition],
            fallback: .init(
              statements: [stub],
              note: "only its declaration is here; statements that need its result to be planned fail")))
      } else {
        steps.append(SchemaStep(object, [stub]))
        leftOut.append(
          LeftOut(
            object: object,
            reason:
              "written in \(language): only its declaration is here; statements that need its result to be planned fail"
          ))
      }
    }
  }

  /// A function with the properties that the planner looks at, and a body that says what it is.
  private static func stub(
    _ row: SnapshotRow, name: RelationName, arguments: String, result: String
  ) throws -> String {
    var sql = "CREATE FUNCTION \(name.sql)(\(arguments)) RETURNS \(result) LANGUAGE plpgsql"
    switch try row.string("volatility") {
    case "i": sql += " IMMUTABLE"
    case "s": sql += " STABLE"
    default: sql += " VOLATILE"
    }
    if try row.bool("is_strict") { sql += " STRICT" }
    switch try row.string("parallel") {
    case "s": sql += " PARALLEL SAFE"
    case "r": sql += " PARALLEL RESTRICTED"
    default: break
    }
    if let cost = try row.optionalDouble("cost"), cost > 0 { sql += " COST \(cost)" }
    if let rows = try row.optionalDouble("rows"), rows > 0 { sql += " ROWS \(rows)" }
    let message = "function \(name) has no body in the planner twin"
    return sql + " AS "
      + SQLSpelling.literal("BEGIN RAISE EXCEPTION \(SQLSpelling.literal("%")), \(SQLSpelling.literal(message)); END")
  }

  private mutating func addSequences() throws {
    for row in source["sequences"] where try !Self.isOfExtension(row) && row.optionalBool("is_identity") != true {
      let name = try Self.name(row)
      steps.append(
        SchemaStep(
          "sequence \(name)", ["CREATE SEQUENCE \(name.sql) AS \(try row.string("type"))"],
          fallback: .init(statements: ["CREATE SEQUENCE \(name.sql)"], note: "made as bigint")))
    }
  }

  // MARK: Tables

  private mutating func addTables() throws {
    for row in source["relations"] where try !Self.isOfExtension(row) && row.string("kind") != "view" {
      try addTable(row)
    }
  }

  private mutating func addTable(_ row: SnapshotRow) throws {
    let oid = try row.integer("oid")
    let name = try Self.name(row)
    let kind = try row.string("kind")
    let object = (kind == "materialized_view" ? "materialized view " : "table ") + name.description
    var specs: [String] = []
    var plainSpecs: [String] = []
    var gaps: [String] = []
    var number: Int64 = 1
    for column in columns[oid] ?? [] {
      // Columns that were dropped in production keep their numbers, and so do the others: statistics go by number.
      let own = try column.integer("number")
      while number < own, own - number < 2_000 {
        gaps.append("pgassay dropped \(number)")
        specs.append(SQLSpelling.identifier("pgassay dropped \(number)") + " integer")
        plainSpecs.append(SQLSpelling.identifier("pgassay dropped \(number)") + " integer")
        number += 1
      }
      let (full, plain) = try Self.columnSpecs(column, isTable: kind != "materialized_view")
      specs.append(full)
      plainSpecs.append(plain)
      number = own + 1
    }
    var tail = ""
    if kind == "partitioned_table", let key = try row.optionalString("partition_key") { tail += " PARTITION BY " + key }
    // The planner looks at these two; what autovacuum may do here is nobody's business.
    let options = try row.strings("options").filter {
      $0.hasPrefix("parallel_workers=") || $0.hasPrefix("fillfactor=")
    }
    if !options.isEmpty, kind != "partitioned_table" { tail += " WITH (" + options.joined(separator: ", ") + ")" }
    let dropping = gaps.map { "ALTER TABLE \(name.sql) DROP COLUMN \(SQLSpelling.identifier($0))" }
    steps.append(
      SchemaStep(
        object, ["CREATE TABLE \(name.sql) (\(specs.joined(separator: ", ")))\(tail)"] + dropping,
        fallback: .init(
          statements: ["CREATE TABLE \(name.sql) (\(plainSpecs.joined(separator: ", ")))\(tail)"] + dropping,
          note: "made without its defaults")))
    if kind == "foreign_table" {
      leftOut.append(
        LeftOut(
          object: "foreign \(object)", reason: "planned as a local table; a foreign scan is priced by its wrapper"))
    }
    try addChecks(oid, name)
    try addIndexes(oid, name)
    if try row.optionalBool("has_row_security") == true {
      steps.append(SchemaStep("row security of \(name)", ["ALTER TABLE \(name.sql) ENABLE ROW LEVEL SECURITY"]))
    }
  }

  /// A column's definition, in full and without what may fail and matters little to the planner.
  private static func columnSpecs(
    _ column: SnapshotRow, isTable: Bool
  ) throws -> (full: String, plain: String) {
    var plain = SQLSpelling.identifier(try column.string("name")) + " " + (try column.string("type"))
    if let collation = try column.optionalString("collation") { plain += " COLLATE " + collation }
    var full = plain
    if isTable {
      if let expression = try column.optionalString("default_expression") {
        switch try column.optionalString("generated") {
        case "s"?: full += " GENERATED ALWAYS AS (\(expression)) STORED"
        case "v"?: full += " GENERATED ALWAYS AS (\(expression)) VIRTUAL"
        default: full += " DEFAULT " + expression
        }
      }
      switch try column.optionalString("identity") {
      case "a"?: full += " GENERATED ALWAYS AS IDENTITY"
      case "d"?: full += " GENERATED BY DEFAULT AS IDENTITY"
      default: break
      }
      if try column.bool("is_not_null") {
        full += " NOT NULL"
        plain += " NOT NULL"
      }
    }
    return (full, plain)
  }

  private mutating func addChecks(_ oid: Int64, _ table: RelationName) throws {
    for row in constraints[oid] ?? [] where try row.string("kind") == "check" {
      let constraint = SQLSpelling.identifier(try row.string("name"))
      steps.append(
        SchemaStep(
          "check \(constraint) of \(table)",
          ["ALTER TABLE ONLY \(table.sql) ADD CONSTRAINT \(constraint) \(try row.string("definition"))"]))
    }
  }

  /// Indexes in the order of their object ids, in which the planner looks at them, whether a constraint made them or not.
  private mutating func addIndexes(_ oid: Int64, _ table: RelationName) throws {
    var byIndex: [Int64: SnapshotRow] = [:]
    for row in constraints[oid] ?? [] where try ["primary_key", "unique", "exclusion"].contains(row.string("kind")) {
      if let index = try row.optionalInteger("index") { byIndex[index] = row }
    }
    for row in indexes[oid] ?? [] {
      guard try row.optionalBool("is_valid") != false else { continue }
      let name = try Self.name(row)
      if let constraint = byIndex[try row.integer("oid")] {
        let constraintName = SQLSpelling.identifier(try constraint.string("name"))
        steps.append(
          SchemaStep(
            "constraint \(constraintName) of \(table)",
            ["ALTER TABLE ONLY \(table.sql) ADD CONSTRAINT \(constraintName) \(try constraint.string("definition"))"]))
      } else {
        steps.append(SchemaStep("index \(name)", [try row.string("definition")]))
      }
    }
  }

  private mutating func addPartitions() throws {
    for row in source["relations"] where try !Self.isOfExtension(row) {
      let child = try Self.name(row)
      for parentOID in try row.integers("parents") {
        guard let parent = names[parentOID] else { continue }
        if try row.optionalBool("is_partition") == true, let bound = try row.optionalString("partition_bound") {
          steps.append(
            SchemaStep("partition \(child)", ["ALTER TABLE \(parent.sql) ATTACH PARTITION \(child.sql) \(bound)"]))
        } else {
          steps.append(SchemaStep("inheritance of \(child)", ["ALTER TABLE \(child.sql) INHERIT \(parent.sql)"]))
        }
      }
    }
  }

  private mutating func addForeignKeys() throws {
    for row in source["constraints"]
    where try row.string("kind") == "foreign_key" && row.optionalInteger("parent") == nil {
      guard let table = names[try row.integer("relation")] else { continue }
      let constraint = SQLSpelling.identifier(try row.string("name"))
      steps.append(
        SchemaStep(
          "foreign key \(constraint) of \(table)",
          ["ALTER TABLE \(table.sql) ADD CONSTRAINT \(constraint) \(try row.string("definition"))"]))
    }
  }

  // MARK: What stands on tables

  private mutating func addViews() throws {
    var definitions: [Int64: String] = [:]
    for row in source["views"] {
      definitions[try row.integer("relation")] = try row.optionalString("definition")
      if !(try row.rows("rules")).isEmpty, let name = names[try row.integer("relation")] {
        leftOut.append(LeftOut(object: "rules of \(name)", reason: "rules that rewrite writes are not replayed"))
      }
    }
    for row in source["relations"] where try row.string("kind") == "view" && !Self.isOfExtension(row) {
      let name = try Self.name(row)
      guard let definition = definitions[try row.integer("oid")] else {
        leftOut.append(LeftOut(object: "view \(name)", reason: "the snapshot does not have its definition"))
        continue
      }
      let options = try row.strings("options").filter {
        $0.hasPrefix("security_barrier=") || $0.hasPrefix("security_invoker=")
      }
      let columns = try (columns[try row.integer("oid")] ?? []).map { row throws in
        SQLSpelling.identifier(try row.string("name"))
      }
      steps.append(
        SchemaStep(
          "view \(name)",
          [
            "CREATE VIEW \(name.sql)" + (columns.isEmpty ? "" : " (\(columns.joined(separator: ", ")))")
              + (options.isEmpty ? "" : " WITH (\(options.joined(separator: ", ")))") + " AS " + definition
          ]))
    }
  }

  private mutating func addStatisticsObjects() throws {
    for row in source["extended_statistics"] {
      steps.append(SchemaStep("statistics \(try Self.name(row))", [try row.string("definition")]))
    }
  }

  private mutating func addPolicies() throws {
    for row in source["policies"] {
      guard let table = names[try row.integer("relation")] else { continue }
      let name = SQLSpelling.identifier(try row.string("name"))
      var sql = "CREATE POLICY \(name) ON \(table.sql)"
      sql += try row.bool("is_permissive") ? " AS PERMISSIVE" : " AS RESTRICTIVE"
      switch try row.string("command") {
      case "r": sql += " FOR SELECT"
      case "a": sql += " FOR INSERT"
      case "w": sql += " FOR UPDATE"
      case "d": sql += " FOR DELETE"
      default: sql += " FOR ALL"
      }
      let roles = try row.strings("roles").map { $0 == "public" ? "PUBLIC" : SQLSpelling.identifier($0) }
      if !roles.isEmpty { sql += " TO " + roles.joined(separator: ", ") }
      if let using = try row.optionalString("using_expression") { sql += " USING (\(using))" }
      if let check = try row.optionalString("check_expression") { sql += " WITH CHECK (\(check))" }
      steps.append(SchemaStep("policy \(name) of \(table)", [sql]))
    }
  }
}

import Catalog
import Model

extension SchemaPlan {
  mutating func addTables() throws {
    for row in source["relations"] where try !Self.isOfExtension(row) {
      // Views and materialized views need the tables first.
      if try !["view", "materialized_view"].contains(row.string("kind")) { try addTable(row) }
    }
  }

  private mutating func addTable(_ row: SnapshotRow) throws {
    let oid = try row.integer("oid")
    let name = try Self.name(row)
    let kind = try row.string("kind")
    let object = "table \(name)"
    var specs: [String] = []
    var plainSpecs: [String] = []
    var gaps: [String] = []
    var number: Int64 = 1
    let laterChecked = try unvalidatedNotNulls(oid)
    let hasOwnIdentity = try major < 17 || row.optionalBool("is_partition") != true
    for column in columns[oid] ?? [] {
      // Columns that were dropped in production keep their numbers, and so do the others: statistics go by number.
      let own = try column.integer("number")
      // `MaxHeapAttributeNumber`, htup_details.h.
      guard (1...1_600).contains(own) else {
        throw SnapshotError.malformed(line: column.line, what: "\"number\" is no number of a column")
      }
      while number < own {
        gaps.append("pgassay dropped \(number)")
        specs.append(SQLSpelling.identifier("pgassay dropped \(number)") + " integer")
        plainSpecs.append(SQLSpelling.identifier("pgassay dropped \(number)") + " integer")
        number += 1
      }
      let (full, plain) = try Self.columnSpecs(
        column, mayBeNull: laterChecked.keys.contains(own), hasOwnIdentity: hasOwnIdentity)
      specs.append(full)
      plainSpecs.append(plain)
      number = own + 1
    }
    var tail = ""
    if kind == "partitioned_table", let key = try row.optionalString("partition_key") { tail += " PARTITION BY " + key }
    let options = try Self.storageOptions(row)
    if !options.isEmpty, kind != "partitioned_table" { tail += " WITH (" + options.joined(separator: ", ") + ")" }
    let dropping = gaps.map { "ALTER TABLE \(name.sql) DROP COLUMN \(SQLSpelling.identifier($0))" }
    steps.append(
      SchemaStep(
        object, ["CREATE TABLE \(name.sql) (\(specs.joined(separator: ", ")))\(tail)"] + dropping,
        fallback: .init(
          statements: ["CREATE TABLE \(name.sql) (\(plainSpecs.joined(separator: ", ")))\(tail)"] + dropping,
          note: "made without its defaults"), name: name))
    if kind == "foreign_table" {
      leftOut.append(
        LeftOut(
          object: "foreign \(object)", reason: "planned as a local table; a foreign scan is priced by its wrapper",
          name: name))
    } else if let method = try row.optionalString("access_method"), method != "heap" {
      leftOut.append(
        LeftOut(
          object: "access method \(method) of \(object)", reason: "planned as an ordinary table", name: name))
    }
    if major >= 18 {
      for (_, constraint) in laterChecked.sorted(by: { $0.key < $1.key }) {
        let constraintName = SQLSpelling.identifier(try constraint.string("name"))
        steps.append(
          SchemaStep(
            "constraint \(constraintName) of \(name)",
            ["ALTER TABLE ONLY \(name.sql) ADD CONSTRAINT \(constraintName) \(try constraint.string("definition"))"]))
      }
    }
    try addChecks(oid, name)
    try addIndexes(oid, name)
    if try row.optionalBool("has_row_security") == true {
      var statements = ["ALTER TABLE \(name.sql) ENABLE ROW LEVEL SECURITY"]
      if try row.optionalBool("forces_row_security") == true {
        statements.append("ALTER TABLE \(name.sql) FORCE ROW LEVEL SECURITY")
      }
      steps.append(SchemaStep("row security of \(name)", statements, name: name))
    }
  }

  /// The planner looks at these two; what autovacuum may do here is nobody's business.
  static func storageOptions(_ row: SnapshotRow) throws -> [String] {
    try row.strings("options").filter { $0.hasPrefix("parallel_workers=") || $0.hasPrefix("fillfactor=") }
  }

  /// NOT NULL constraints that were not checked for the rows that were there: the planner must not rely on them. By column
  /// number; from version 18 on.
  private func unvalidatedNotNulls(_ oid: Int64) throws -> [Int64: SnapshotRow] {
    var found: [Int64: SnapshotRow] = [:]
    for row in constraints[oid] ?? []
    where try row.string("kind") == "not_null" && row.optionalBool("is_validated") == false {
      if let number = try row.integers("columns").first { found[number] = row }
    }
    return found
  }

  /// A column's definition, in full and without what may fail and matters little to the planner.
  static func columnSpecs(
    _ column: SnapshotRow, mayBeNull: Bool, hasOwnIdentity: Bool
  ) throws -> (full: String, plain: String) {
    var plain = SQLSpelling.identifier(try column.string("name")) + " " + (try column.string("type"))
    if let collation = try column.optionalString("collation") { plain += " COLLATE " + collation }
    var full = plain
    if let expression = try column.optionalString("default_expression") {
      switch try column.optionalString("generated") {
      case "s"?: full += " GENERATED ALWAYS AS (\(expression)) STORED"
      case "v"?: full += " GENERATED ALWAYS AS (\(expression)) VIRTUAL"
      default: full += " DEFAULT " + expression
      }
    }
    if hasOwnIdentity {
      switch try column.optionalString("identity") {
      case "a"?: full += " GENERATED ALWAYS AS IDENTITY"
      case "d"?: full += " GENERATED BY DEFAULT AS IDENTITY"
      default: break
      }
    }
    if try column.bool("is_not_null"), !mayBeNull {
      full += " NOT NULL"
      plain += " NOT NULL"
    }
    return (full, plain)
  }

  private mutating func addChecks(_ oid: Int64, _ table: RelationName) throws {
    for row in constraints[oid] ?? [] where try row.string("kind") == "check" {
      let constraint = SQLSpelling.identifier(try row.string("name"))
      steps.append(
        SchemaStep(
          "check \(constraint) of \(table)",
          ["ALTER TABLE ONLY \(table.sql) ADD CONSTRAINT \(constraint) \(try row.string("definition"))"],
          name: table))
    }
  }

  /// Indexes in the order of their object ids, in which the planner looks at them, whether a constraint made them or not.
  mutating func addIndexes(_ oid: Int64, _ table: RelationName) throws {
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
            ["ALTER TABLE ONLY \(table.sql) ADD CONSTRAINT \(constraintName) \(try constraint.string("definition"))"],
            name: table))
      } else {
        addDefinition("index \(name)", try row.string("definition"), of: .index, name: table)
      }
    }
  }

  mutating func addPartitions() throws {
    for row in source["relations"] where try !Self.isOfExtension(row) {
      let child = try Self.name(row)
      for parentOID in try row.integers("parents") {
        guard let parent = names[parentOID] else { continue }
        if try row.optionalBool("is_partition") == true, let bound = try row.optionalString("partition_bound") {
          steps.append(
            SchemaStep(
              "partition \(child)", ["ALTER TABLE \(parent.sql) ATTACH PARTITION \(child.sql) \(bound)"],
              name: parent))
        } else {
          steps.append(
            SchemaStep(
              "inheritance of \(child)", ["ALTER TABLE \(child.sql) INHERIT \(parent.sql)"], name: parent))
        }
      }
    }
  }

  mutating func addForeignKeys() throws {
    for row in source["constraints"]
    where try row.string("kind") == "foreign_key" && row.optionalInteger("parent") == nil {
      guard let table = names[try row.integer("relation")] else { continue }
      let constraint = SQLSpelling.identifier(try row.string("name"))
      steps.append(
        SchemaStep(
          "foreign key \(constraint) of \(table)",
          ["ALTER TABLE \(table.sql) ADD CONSTRAINT \(constraint) \(try row.string("definition"))"], name: table))
    }
  }

  mutating func addStatisticsObjects() throws {
    for row in source["extended_statistics"] {
      addDefinition("statistics \(try Self.name(row))", try row.string("definition"), of: .statistics)
    }
  }

  mutating func addPolicies() throws {
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
      steps.append(SchemaStep("policy \(name) of \(table)", [sql], name: table))
    }
  }
}

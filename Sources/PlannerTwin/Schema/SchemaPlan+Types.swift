import Catalog
import Model

extension SchemaPlan {
  mutating func addTypes() throws {
    for row in source["collations"] { try addCollation(row) }
    for row in source["types"] { try addType(row) }
  }

  private mutating func addCollation(_ row: SnapshotRow) throws {
    let name = try Self.name(row)
    var options: [String] = []
    switch try row.string("provider") {
    case "i":
      options.append("PROVIDER = icu")
      let locale = try row.optionalString("locale") ?? row.optionalString("collate") ?? "und"
      options.append("LOCALE = " + SQLSpelling.literal(locale))
      if major >= 16, let rules = try row.optionalString("icu_rules") {
        options.append("RULES = " + SQLSpelling.literal(rules))
      }
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
          note: "the collation is not to be had here; C takes its place, so texts sort otherwise"), name: name))
  }

  private mutating func addType(_ row: SnapshotRow) throws {
    let name = try Self.name(row)
    switch try row.string("kind") {
    case "enum":
      let labels = try row.strings("labels").map(SQLSpelling.literal)
      steps.append(
        SchemaStep(
          "type \(name)", ["CREATE TYPE \(name.sql) AS ENUM (\(labels.joined(separator: ", ")))"], name: name))
    case "domain":
      try addDomain(row, name)
    case "composite":
      let attributes = try row.rows("attributes").map { attribute throws in
        SQLSpelling.identifier(try attribute.string("name")) + " " + (try attribute.string("type"))
          + (try attribute.optionalString("collation").map { " COLLATE " + $0 } ?? "")
      }
      steps.append(
        SchemaStep(
          "type \(name)", ["CREATE TYPE \(name.sql) AS (\(attributes.joined(separator: ", ")))"], name: name))
    case "range":
      try addRange(row, name)
    default:
      leftOut.append(
        LeftOut(
          object: "type \(name)", reason: "a base type is made by a program that is not here", name: name))
    }
  }

  private mutating func addDomain(_ row: SnapshotRow, _ name: RelationName) throws {
    var sql = "CREATE DOMAIN \(name.sql) AS \(try row.string("base_type"))"
    if let collation = try row.optionalString("collation") { sql += " COLLATE " + collation }
    if try row.bool("is_not_null") { sql += " NOT NULL" }
    // A domain on a domain takes that one's default over as it stands; said again, it would be a longer expression.
    let base = try row.string("base_type")
    if let expression = try row.optionalString("default_expression"),
      try !source["types"].contains(where: {
        try Self.name($0).sql == base && $0.optionalString("default_expression") == expression
      })
    {
      steps.append(
        SchemaStep(
          "domain \(name)", [sql + " DEFAULT " + expression],
          fallback: .init(statements: [sql], note: "made without its default"), name: name))
    } else {
      steps.append(SchemaStep("domain \(name)", [sql], name: name))
    }
    for check in try row.rows("constraints") {
      let constraint = SQLSpelling.identifier(try check.string("name"))
      domainChecks.append(
        SchemaStep(
          "check \(constraint) of domain \(name)",
          ["ALTER DOMAIN \(name.sql) ADD CONSTRAINT \(constraint) \(try check.string("definition"))"]))
    }
  }

  private mutating func addRange(_ row: SnapshotRow, _ name: RelationName) throws {
    guard let range = try row.row("range") else { return }
    // A canonical function, or the comparison of a class that a user made, is somebody else's code that runs whenever a
    // value is read: left out. The difference of two values is asked for only while planning.
    var options = ["SUBTYPE = " + (try range.string("subtype"))]
    if let opclass = try range.optionalString("operator_class") {
      if try source["operator_classes"].contains(where: { try Self.name($0).sql == opclass }) {
        leftOut.append(
          LeftOut(object: "operator class of type \(name)", reason: "it is not the server's own", name: name))
      } else {
        options.append("SUBTYPE_OPCLASS = " + opclass)
      }
    }
    if let collation = try range.optionalString("collation") { options.append("COLLATION = " + collation) }
    if major >= 14, let multirange = try range.optionalString("multirange") {
      options.append("MULTIRANGE_TYPE_NAME = " + RelationName(schema: name.schema, name: multirange).sql)
    }
    let plain = "CREATE TYPE \(name.sql) AS RANGE (\(options.joined(separator: ", ")))"
    guard let difference = try range.optionalString("difference") else {
      steps.append(SchemaStep("type \(name)", [plain], name: name))
      return
    }
    options.append("SUBTYPE_DIFF = " + difference)
    steps.append(
      SchemaStep(
        "type \(name)", ["CREATE TYPE \(name.sql) AS RANGE (\(options.joined(separator: ", ")))"],
        fallback: .init(
          statements: [plain], note: "made without its function for differences, so ranges are estimated coarsely"),
        name: name))
  }

  // MARK: Operators

  mutating func addOperators() throws {
    for row in source["operators"] {
      addDefinition(
        "operator \(SQLSpelling.identifier(try row.string("schema"))).\(try row.string("name"))",
        try row.string("definition"), of: .operation)
    }
    for row in source["casts"] {
      addDefinition(
        "cast from \(try row.string("source")) to \(try row.string("target"))", try row.string("definition"), of: .cast)
    }
    for row in source["operator_classes"] {
      let name = try Self.name(row)
      // Only a superuser may make one, and a superuser runs nothing that a snapshot says.
      leftOut.append(
        LeftOut(
          object: "operator class \(name)",
          reason: "it is not the server's own or an extension's; indexes by it are left out, too", name: name))
    }
  }

  mutating func addSequences() throws {
    for row in source["sequences"] where try !Self.isOfExtension(row) && row.optionalBool("is_identity") != true {
      let name = try Self.name(row)
      steps.append(
        SchemaStep(
          "sequence \(name)", ["CREATE SEQUENCE \(name.sql) AS \(try row.string("type"))"],
          fallback: .init(statements: ["CREATE SEQUENCE \(name.sql)"], note: "made as bigint"), name: name))
    }
  }
}

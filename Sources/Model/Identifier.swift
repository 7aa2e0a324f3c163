/// SQL spelling of names and strings, as PostgreSQL's `quote_ident` and `quote_literal` spell them.
public enum SQLSpelling {
  /// `name`, in double quotes unless it is lower-case letters, digits and underscores and no reserved word.
  /// Quoting a word that did not need it is harmless, so every key word of PostgreSQL 18 that cannot be a bare
  /// column or function name counts as reserved.
  public static func identifier(_ name: String) -> String {
    let bare =
      name.utf8.first.map { $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } == true
      && name.utf8.allSatisfy {
        $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      } && !reserved.contains(name)
    return bare ? name : "\"" + name.replacingQuotes("\"") + "\""
  }

  /// `text` as a string constant that reads the same whatever `standard_conforming_strings` is.
  public static func literal(_ text: String) -> String {
    let body = text.replacingQuotes("'")
    guard body.utf8.contains(UInt8(ascii: "\\")) else { return "'" + body + "'" }
    return "E'" + body.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\") + "'"
  }

  // Source: src/include/parser/kwlist.h, categories RESERVED_KEYWORD, TYPE_FUNC_NAME_KEYWORD and COL_NAME_KEYWORD.
  private static let reserved: Set<String> = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "bigint",
    "binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check", "coalesce", "collate",
    "collation",
    "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
    "current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable",
    "desc", "distinct", "do", "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for", "foreign",
    "freeze", "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner",
    "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "json", "json_array",
    "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query", "json_scalar", "json_serialize",
    "json_table", "json_value", "lateral", "leading", "least", "left", "like", "limit", "localtime", "localtimestamp",
    "merge_action", "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric",
    "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing", "position", "precision",
    "primary", "real", "references", "returning", "right", "row", "select", "session_user", "setof", "similar",
    "smallint", "some", "substring", "symmetric", "system_user", "table", "tablesample", "then", "time", "timestamp",
    "to", "trailing", "treat", "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic",
    "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest",
    "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
  ]
}

extension String {
  fileprivate func replacingQuotes(_ quote: Character) -> String {
    contains(quote)
      ? split(separator: quote, omittingEmptySubsequences: false).joined(separator: String([quote, quote])) : self
  }
}

/// A relation's name with the schema that holds it.
public struct RelationName: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  public var schema: String
  public var name: String

  public init(schema: String, name: String) {
    self.schema = schema
    self.name = name
  }

  /// The name as SQL, with its schema unless that is not known.
  public var sql: String {
    schema.isEmpty ? SQLSpelling.identifier(name) : SQLSpelling.identifier(schema) + "." + SQLSpelling.identifier(name)
  }
  /// For people: without the schema when that is `public`.
  public var description: String { schema == "public" ? SQLSpelling.identifier(name) : sql }

  public static func < (a: RelationName, b: RelationName) -> Bool { (a.schema, a.name) < (b.schema, b.name) }
}

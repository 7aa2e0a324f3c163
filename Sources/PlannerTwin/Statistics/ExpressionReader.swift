import Model
import PostgresClient

/// Takes a table's expressions apart and runs them on values, as the owner of the schema: they may call the snapshot's
/// own functions.
struct ExpressionReader {
  /// A connection of the schema's owner, outside a transaction.
  var owner: PostgresConnection
  /// The table, as SQL.
  var relation: String
  var relationOID: String

  struct Column {
    var number: Int
    var name: String
    /// Cast to the column's type and collation, as SQL behind a text.
    var cast: String
  }

  struct ResultType {
    /// What is under a domain.
    var oid: String
    var length: Int
    /// Whether its input function is the server's or an extension's own, down to the last element.
    var isSafe: Bool
    /// A text search vector.
    var isVector: Bool
  }

  /// Seconds that a statement may take.
  private static let seconds = 5

  /// Runs a body in a transaction that leaves nothing behind.
  ///
  /// - Returns: nil where the server refuses a statement: a value that the expression cannot be run on, a type without
  ///   an order, a function that takes too long.
  func attempt<T>(_ body: (ExpressionReader) async throws -> T?) async throws -> T? {
    // What a connection's own settings have to do with values as text is as on the superuser's connection.
    try await owner.script(
      """
      BEGIN; SET LOCAL search_path = pg_catalog; SET LOCAL "DateStyle" = 'ISO, YMD';
      SET LOCAL "IntervalStyle" = 'postgres'; SET LOCAL "TimeZone" = 'UTC'; SET LOCAL bytea_output = 'hex';
      SET LOCAL extra_float_digits = 1; SET LOCAL lc_monetary = 'C'; SET LOCAL xmloption = 'content';
      SET LOCAL statement_timeout = '\(Self.seconds)s'
      """)
    do {
      let result = try await body(self)
      try await owner.execute("ROLLBACK")
      return result
    } catch let error as PostgresError where error.isConnectionUsable {
      try await owner.execute("ROLLBACK")
      return nil
    } catch {
      _ = try? await owner.execute("ROLLBACK")
      throw error
    }
  }

  /// The columns of the table that an expression reads, and its type, by way of a view that is never read.
  func columns(of expression: String) async throws -> (columns: [Column], type: ResultType?) {
    try await owner.execute(
      "CREATE TEMPORARY VIEW pgassay_expression AS SELECT (\(expression)) AS value FROM ONLY \(relation)")
    let rows = try await owner.query(
      """
      SELECT a.attnum AS number, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
        (SELECT pg_catalog.format('%I.%I', n.nspname, c.collname) FROM pg_catalog.pg_collation c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation) AS collation
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum IN (
        SELECT d.refobjsubid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
        WHERE r.ev_class = 'pg_temp.pgassay_expression'::pg_catalog.regclass
        AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid AND d.refobjsubid > 0)
      ORDER BY a.attnum
      """, [relationOID])
    let type = try await owner.query(
      """
      WITH RECURSIVE chain (oid) AS (
        SELECT a.atttypid FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = 'pg_temp.pgassay_expression'::pg_catalog.regclass AND a.attnum = 1
        UNION ALL
        SELECT t.typbasetype FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.oid WHERE t.typtype = 'd')
      SELECT t.oid::text AS oid, t.typlen AS length_, t.oid = 'pg_catalog.tsvector'::pg_catalog.regtype AS is_vector, COALESCE(e.typtype, t.typtype) IN ('b', 'e', 'r', 'm')
        AND (COALESCE(e.typtype, t.typtype) = 'e' OR t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
          OR EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
            AND d.objid = COALESCE(e.oid, t.oid) AND d.deptype = 'e')) AS is_safe
      FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.oid AND t.typtype <> 'd'
      LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
      """
    ).first
    try await owner.execute("DROP VIEW pg_temp.pgassay_expression")
    return (
      try rows.map { row in
        Column(
          number: try row.int("number"), name: try row.string("name"),
          cast: "::" + (try row.string("type"))
            + (try row.optionalString("collation").map { " COLLATE " + $0 } ?? ""))
      },
      try type.map {
        ResultType(
          oid: try $0.string("oid"), length: try $0.int("length_"), isSafe: try $0.bool("is_safe"),
          isVector: try $0.bool("is_vector"))
      }
    )
  }

  /// A query of rows that are made of arrays: one parameter of texts for each column, then one for each of `others`
  /// (name and type), which are called `pgassay_` and their name.
  static func rows(of columns: [Column], with others: [String]) -> String {
    let pairs = others.map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
    let names = columns.indices.map { "pgassay_v\($0)" } + pairs.map { "pgassay_" + $0[0] }
    let types = columns.map { _ in "text" } + pairs.map { $0[1] }
    let selected =
      columns.enumerated().map { "pgassay_v\($0)\($1.cast) AS \(SQLSpelling.identifier($1.name))" }
      + pairs.map { "pgassay_" + $0[0] }
    let arrays = types.enumerated().map { "pg_catalog.unnest($\($0 + 1)::\($1)[])" }
    return "SELECT \(selected.joined(separator: ", ")) FROM ROWS FROM (\(arrays.joined(separator: ", "))) "
      + "pgassay_u (\(names.joined(separator: ", ")))"
  }
}

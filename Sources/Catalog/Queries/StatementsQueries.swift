/// pg_stat_statements: whole rows, whatever columns the extension's version has, and the texts apart from them: they are
/// most of the bytes, are masked, and a history that knows them needs no second copy.
enum StatementsQueries {
  static let statements = Section(
    "statements", .round,
    whenMissing: "statement statistics (the extension pg_stat_statements is not created in this database)",
    alternatives: [
      .init(needs: .hasStatements) { _ in
        Fragment.rows(
          "statements",
          """
          s.*, d.datname, a.rolname FROM :statements_function(false) s
          LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid LEFT JOIN pg_catalog.pg_roles a ON a.oid = s.userid
          ORDER BY s.dbid, s.userid, s.queryid
          """)
      }
    ])

  /// Before and after the rows: what is reset or thrown out while they are read shows as a difference between the two.
  static let info = info("statements_info")
  static let infoAfter = info("statements_info_after")

  private static func info(_ name: String) -> Section {
    Section(
      name, .round,
      alternatives: [
        .init(needs: .hasStatementsInfo) { _ in Fragment.rows(name, "i.* FROM :statements_info_function() i") }
      ])
  }

  static let texts = Section(
    "statement_texts", .round,
    alternatives: [.init(needs: .hasStatements) { _ in texts(where: "s.queryid IS NOT NULL") }])

  /// The texts of the query ids given as the first parameter, an array.
  static let unseenTexts = texts(where: "s.queryid = ANY ($1::bigint[])")

  /// One text for each query id of a database: users and levels share it.
  private static func texts(where condition: String) -> SectionQuery {
    Fragment.rows(
      "statement_texts",
      """
      t.dbid, t.queryid, \(Masking.sql("t.query")) AS query
      FROM (SELECT DISTINCT ON (s.dbid, s.queryid) s.dbid, s.queryid, s.query FROM :statements_function(true) s
      WHERE \(condition) AND s.query IS NOT NULL ORDER BY s.dbid, s.queryid) t
      """)
  }
}

/// pg_stat_statements: whole rows, whatever columns the extension's version has.
enum StatementsQueries {
  static func statements(withTexts: Bool) -> Section {
    Section(
      "statements", .counters,
      whenMissing: "statement statistics (the extension pg_stat_statements is not created in this database)",
      alternatives: [
        .init(needs: .hasStatements) { _ in
          Fragment.rows(
            "statements",
            """
            s.*, d.datname, a.rolname FROM :statements_function(\(withTexts)) s
            LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid LEFT JOIN pg_catalog.pg_roles a ON a.oid = s.userid
            ORDER BY s.dbid, s.userid, s.queryid
            """)
        }
      ])
  }

  static let info = Section(
    "statements_info", .counters,
    alternatives: [
      .init(needs: .hasStatementsInfo) { _ in
        Fragment.rows("statements_info", "i.* FROM :statements_info_function() i")
      }
    ])

  /// Texts of the query ids given as the first parameter, for a history that has the others.
  static let texts = """
    SELECT pg_catalog.row_to_json(r) FROM (SELECT DISTINCT ON (s.dbid, s.queryid) 'statement_texts' AS section,
    s.dbid, s.queryid, s.query FROM :statements_function(true) s
    WHERE s.queryid = ANY ($1::bigint[]) ORDER BY s.dbid, s.queryid) r
    """
}

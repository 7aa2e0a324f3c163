internal import PostgresClient

/// What is asked before everything else: what the role may and what the server has.
enum Probe {
  /// One row. The boolean columns are `Flag`s; the texts are names, quoted as SQL, for the placeholders of the same
  /// name in the sections' queries (`:statements_function`), as psql spells its variables.
  static let sql = """
    SELECT
      pg_catalog.current_setting('server_version_num') AS version_number,
      pg_catalog.current_setting('is_superuser') = 'on' AS is_superuser,
      pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT') AS reads_statistic,
      pg_catalog.has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT') AS reads_extended_statistic,
      pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS reads_all_stats,
      pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE') AS reads_all_settings,
      pg_catalog.has_function_privilege('pg_catalog.pg_read_binary_file(text,bigint,bigint,boolean)', 'EXECUTE')
        AND pg_catalog.pg_has_role('pg_read_server_files', 'USAGE') AS reads_files,
      pg_catalog.current_setting('is_superuser') = 'on' AND tree.name IS NOT NULL AS reads_tree_pages,
      statements.name IS NOT NULL AS has_statements,
      info.name IS NOT NULL AS has_statements_info,
      pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT')
        AND pg_catalog.has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT') AS reads_all_statistics,
      NOT pg_catalog.pg_is_in_recovery()
        AND (SELECT s.reset_val FROM pg_catalog.pg_settings s WHERE s.name = 'track_counts') = 'on'
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_db_role_setting r, pg_catalog.unnest(r.setconfig) AS e (setting)
          WHERE e.setting LIKE 'track_counts=%') AS counts_changes,
      COALESCE(statements.name, 'none') AS statements_function,
      COALESCE(info.name, 'none') AS statements_info_function,
      COALESCE(tree.name, 'none') AS tree_function
    FROM (VALUES (1)) AS one (n)
    LEFT JOIN LATERAL (\(function("pg_stat_statements", "pg_stat_statements"))) AS statements ON true
    LEFT JOIN LATERAL (\(function("pg_stat_statements", "pg_stat_statements_info"))) AS info ON true
    LEFT JOIN LATERAL (\(function("pageinspect", "bt_metap"))) AS tree ON true
    """

  /// Keeps the capture's own statements out of pg_stat_statements, and its probes out of the usage counters of indexes;
  /// only a superuser may ask for that.
  static let untracked = [
    (name: "pg_stat_statements.track", value: "none"), (name: "track_counts", value: "off"),
  ]

  /// The placeholders that queries may hold.
  static let placeholders = ["statements_function", "statements_info_function", "tree_function"]

  /// A function of an extension, wherever its schema is: a function of the same name that somebody else made is none.
  private static func function(_ extensionName: String, _ name: String) -> String {
    """
    SELECT pg_catalog.format('%I.%I', n.nspname, p.proname) AS name FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
    AND d.refobjid = e.oid AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    JOIN pg_catalog.pg_proc p ON p.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE e.extname = '\(extensionName)' AND p.proname = '\(name)' LIMIT 1
    """
  }

  /// What a server answered.
  struct Answer: Sendable {
    var flags: Set<Flag>
    var isSuperuser: Bool
    var names: [String: String]

    init(_ row: Row) throws(PostgresError) {
      flags = []
      isSuperuser = try row.bool("is_superuser")
      for flag in Flag.allCases where try row.bool(flag.rawValue) { flags.insert(flag) }
      names = [:]
      for placeholder in Probe.placeholders { names[placeholder] = try row.string(placeholder) }
    }

    /// `sql` with the server's own names in place of the placeholders.
    func filled(_ sql: String) -> String {
      var sql = sql
      for (placeholder, name) in names.sorted(by: { $0.key.utf8.count > $1.key.utf8.count }) {
        sql = sql.split(separator: ":" + placeholder, omittingEmptySubsequences: false).joined(separator: name)
      }
      return sql
    }
  }
}

/// Settings, and those that roles and databases have of their own.
enum SettingsQueries {
  /// Settings that may hold a password, a token or a command line with one.
  private static func isSecret(_ name: String) -> String {
    """
    (\(name) IN ('primary_conninfo', 'archive_command', 'restore_command', 'archive_cleanup_command',
    'recovery_end_command', 'ssl_passphrase_command', 'krb_server_keyfile', 'ssl_key_file')
    OR \(name) ~* '(passw|secret|token|credential|api_?key|passphrase)'
    OR \(name) LIKE '%.%' AND \(name) !~
    '^(pg_stat_statements|auto_explain|pg_hint_plan|hypopg|plpgsql|hnsw|ivfflat|vector|pg_trgm|timescaledb|citus|cron|pg_stat_monitor)\\.')
    """
  }

  /// Where a setting comes from. What the capture sets for its own transaction shows as `session`; the value that a
  /// session starts with then tells a default, and no more.
  private static let source = """
    CASE WHEN s.source <> 'session' THEN s.source WHEN s.reset_val IS NOT DISTINCT FROM s.boot_val THEN 'default'
    ELSE 'not default' END
    """

  /// What sessions start with; settings at their defaults only where they matter to the planner or to a judgement.
  static let settings = Section("settings", .catalog) { _ in
    Fragment.rows(
      "settings",
      """
      s.name, CASE WHEN NOT \(isSecret("s.name")) THEN s.reset_val END AS value, s.unit, s.vartype AS type,
      s.category, \(source) AS source, CASE WHEN NOT \(isSecret("s.name")) THEN s.boot_val END AS default_value,
      s.pending_restart AS is_pending_restart, \(isSecret("s.name")) AND \(source) <> 'default' AND s.reset_val <> '' AS is_withheld
      FROM pg_catalog.pg_settings s
      WHERE s.name NOT IN ('application_name', 'client_encoding', 'transaction_isolation', 'transaction_read_only',
      'transaction_deferrable', 'is_superuser', 'session_authorization', 'role', 'seed')
      AND (\(source) <> 'default' OR s.category LIKE 'Query Tuning%' OR s.category LIKE 'Resource Usage%'
      OR s.category LIKE 'Autovacuum%' OR s.category LIKE 'Statistics%' OR s.category LIKE 'Write-Ahead Log%'
      OR s.category LIKE 'Reporting and Logging%' OR s.category LIKE 'Client Connection Defaults / Statement%'
      OR s.name LIKE 'jit%' OR s.name LIKE 'pg_stat_statements.%' OR s.name LIKE 'auto_explain.%'
      OR s.name IN ('max_connections', 'block_size', 'wal_block_size', 'data_checksums', 'server_version',
      'quote_all_identifiers', 'row_security', 'default_tablespace', 'default_toast_compression'))
      ORDER BY s.name COLLATE "C"
      """)
  }

  static let roleSettings = Section("role_settings", .catalog) { _ in
    Fragment.rows(
      "role_settings",
      """
      d.datname AS database, CASE WHEN s.setrole <> 0 THEN pg_catalog.pg_get_userbyid(s.setrole) END AS role,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', p.name, 'value',
      CASE WHEN NOT \(isSecret("p.name")) THEN p.value END, 'is_withheld', \(isSecret("p.name"))) ORDER BY p.n)
      FROM (SELECT e.n, pg_catalog.split_part(e.text, '=', 1) AS name,
      pg_catalog.substr(e.text, pg_catalog.strpos(e.text, '=') + 1) AS value
      FROM pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS e (text, n)) p) AS settings
      FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
      WHERE s.setdatabase = 0 OR d.datname = pg_catalog.current_database() ORDER BY s.setdatabase, s.setrole
      """)
  }

  /// Roles without their passwords: row-level security looks at who a role is, and of which roles it is a member.
  static let roles = Section("roles", .catalog) { _ in
    Fragment.rows(
      "roles",
      """
      r.rolname AS name, r.rolsuper AS is_superuser, r.rolbypassrls AS bypasses_row_security,
      r.rolinherit AS inherits, r.rolcanlogin AS can_log_in,
      (SELECT pg_catalog.json_agg(b.rolname ORDER BY b.rolname) FROM pg_catalog.pg_auth_members m
      JOIN pg_catalog.pg_roles b ON b.oid = m.roleid WHERE m.member = r.oid) AS member_of
      FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' ORDER BY r.oid
      """)
  }

  /// Tablespaces: the planner takes the costs of pages from their options.
  static let tablespaces = Section("tablespaces", .catalog) { _ in
    Fragment.rows(
      "tablespaces",
      """
      t.oid::bigint AS oid, t.spcname AS name, t.spcoptions AS options,
      EXISTS (SELECT 1 FROM pg_catalog.pg_database d
      WHERE d.datname = pg_catalog.current_database() AND d.dattablespace = t.oid) AS is_default
      FROM pg_catalog.pg_tablespace t ORDER BY t.oid
      """)
  }
}

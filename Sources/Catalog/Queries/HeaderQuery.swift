/// The first line of a snapshot: which server, which database, when, and what the role could see.
enum HeaderQuery {
  /// The format's version: raised when an old reader would misunderstand a new file.
  static let formatVersion = 1

  /// Settings are the ones that sessions start with: the capture's own transaction has others.
  /// - Parameter queries: what tells whether another capture ran the same queries with the same rights.
  static func sql(_ major: Int, madeBy: String, keepsValues: Bool, queries: String? = nil) -> String {
    """
    SELECT pg_catalog.row_to_json(r) FROM (SELECT \(formatVersion) AS pgassay_snapshot, '\(madeBy)' AS made_by,
    \(keepsValues) AS keeps_values, \(queries.map { "'\($0)'" } ?? "NULL") AS queries,
    pg_catalog.clock_timestamp() AS captured_at,
    pg_catalog.current_setting('server_version_num')::integer AS server_version_num,
    pg_catalog.version() AS server_version,
    (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS system_identifier,
    pg_catalog.pg_postmaster_start_time() AS server_started_at,
    pg_catalog.pg_is_in_recovery() AS in_recovery,
    CASE WHEN pg_catalog.pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_catalog.pg_control_checkpoint())
    ELSE ('x' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::integer
    END AS timeline,
    pg_catalog.current_setting('cluster_name') AS cluster_name,
    pg_catalog.current_setting('block_size')::integer AS block_size_bytes,
    pg_catalog.host(pg_catalog.inet_server_addr()) AS server_address,
    pg_catalog.inet_server_port() AS server_port,
    pg_catalog.current_setting('port')::integer AS port,
    (SELECT s.setting FROM pg_catalog.pg_settings s WHERE s.name = 'data_directory') AS data_directory,
    d.datname AS database, d.oid::bigint AS database_oid,
    pg_catalog.pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collate, d.datctype AS ctype,
    \(major >= 15 ? "d.datlocprovider" : "'c'") AS locale_provider,
    \(major >= 17 ? "d.datlocale" : major >= 15 ? "d.daticulocale" : "NULL") AS locale,
    \(major >= 16 ? "d.daticurules" : "NULL") AS icu_rules,
    \(major >= 15 ? "d.datcollversion" : "NULL") AS collation_version,
    (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'pg_stat_statements') AS statements_version,
    pg_catalog.current_setting('pg_stat_statements.max', true)::bigint AS statements_max,
    (SELECT s.reset_val FROM pg_catalog.pg_settings s WHERE s.name = 'pg_stat_statements.track') AS statements_track,
    current_user AS role,
    pg_catalog.current_setting('is_superuser') = 'on' AS is_superuser,
    pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT') AS reads_statistic,
    pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS reads_all_stats,
    pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE') AS reads_all_settings
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) r
    """
  }
}

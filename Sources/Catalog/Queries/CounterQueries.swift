/// The server's cumulative statistics and its state now. The views' columns differ by version, so whole rows are taken
/// and the reader finds columns by name.
enum CounterQueries {
  /// A view's rows as they are.
  private static func view(
    _ section: String, _ name: String, _ pace: Section.Pace = .counters, since: Int = 0, order: String
  ) -> Section {
    Section(section, pace) { major in
      guard major >= since else { return nil }
      return Fragment.rows(section, "v.* FROM pg_catalog.\(name) v ORDER BY \(order)")
    }
  }

  static let database = view("stat_database", "pg_stat_database", .round, order: "v.datid")
  static let databaseConflicts = view("stat_database_conflicts", "pg_stat_database_conflicts", order: "v.datid")
  static let backgroundWriter = view("stat_bgwriter", "pg_stat_bgwriter", .round, order: "1")
  static let checkpointer = view("stat_checkpointer", "pg_stat_checkpointer", since: 17, order: "1")
  static let wal = view("stat_wal", "pg_stat_wal", .round, since: 14, order: "1")
  static let io = view("stat_io", "pg_stat_io", since: 16, order: "v.backend_type, v.object, v.context")
  static let slru = view("stat_slru", "pg_stat_slru", order: "v.name")
  static let archiver = view("stat_archiver", "pg_stat_archiver", order: "1")
  static let userFunctions = view("stat_user_functions", "pg_stat_user_functions", order: "v.funcid")

  /// Standbys that are fed from here; addresses are nobody's business.
  static let replication = Section("stat_replication", .counters) { _ in
    Fragment.rows(
      "stat_replication",
      """
      v.pid, v.usename, \(Masking.clientName("v.application_name")) AS application_name, v.backend_start,
      v.state, v.sent_lsn, v.write_lsn, v.flush_lsn, v.replay_lsn, pg_catalog.date_part('epoch', v.write_lag) * 1000 AS write_lag_ms,
      pg_catalog.date_part('epoch', v.flush_lag) * 1000 AS flush_lag_ms,
      pg_catalog.date_part('epoch', v.replay_lag) * 1000 AS replay_lag_ms, v.sync_state,
      CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
      pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), v.replay_lsn) END AS replay_lag_bytes
      FROM pg_catalog.pg_stat_replication v ORDER BY v.pid
      """)
  }

  static let replicationSlots = Section("replication_slots", .counters) { _ in
    Fragment.rows(
      "replication_slots",
      """
      v.*, CASE WHEN v.restart_lsn IS NOT NULL THEN pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery()
      THEN pg_catalog.pg_last_wal_receive_lsn() ELSE pg_catalog.pg_current_wal_lsn() END, v.restart_lsn) END
      AS retained_bytes FROM pg_catalog.pg_replication_slots v ORDER BY v.slot_name
      """)
  }

  /// Where this server stands in its own and its primary's write-ahead log.
  static let position = Section("wal_position", .counters) { _ in
    Fragment.rows(
      "wal_position",
      """
      pg_catalog.pg_is_in_recovery() AS in_recovery,
      CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_lsn() END AS current_lsn,
      pg_catalog.pg_last_wal_receive_lsn() AS received_lsn, pg_catalog.pg_last_wal_replay_lsn() AS replayed_lsn,
      pg_catalog.pg_last_xact_replay_timestamp() AS replayed_at
      """)
  }

  /// Usage of tables, with the age of their oldest transaction. Sizes are in `relations`: asking for one is a look at a
  /// file.
  static let tables = Section("stat_tables", .counters) { _ in
    Fragment.rows(
      "stat_tables",
      """
      v.*, \(blocksRead("v.relid")) AS heap_blks_read, pg_catalog.pg_stat_get_blocks_hit(v.relid) AS heap_blks_hit,
      CASE WHEN c.reltoastrelid <> 0 THEN \(blocksRead("c.reltoastrelid")) END AS toast_blks_read,
      CASE WHEN c.reltoastrelid <> 0 THEN pg_catalog.pg_stat_get_blocks_hit(c.reltoastrelid) END AS toast_blks_hit,
      pg_catalog.age(c.relfrozenxid) AS frozen_age, pg_catalog.mxid_age(c.relminmxid) AS multixact_age
      FROM pg_catalog.pg_stat_user_tables v JOIN pg_catalog.pg_class c ON c.oid = v.relid
      WHERE c.relpersistence <> 't' ORDER BY v.relid
      """)
  }

  /// Usage of indexes: the functions behind `pg_stat_user_indexes` and `pg_statio_user_indexes`, which would join the
  /// catalog twice.
  static let indexes = Section("stat_indexes", .counters) { major in
    Fragment.rows(
      "stat_indexes",
      """
      i.indrelid AS relid, i.indexrelid, pg_catalog.pg_stat_get_numscans(i.indexrelid) AS idx_scan,
      \(major >= 16 ? "pg_catalog.pg_stat_get_lastscan(i.indexrelid) AS last_idx_scan, " : "")\
      pg_catalog.pg_stat_get_tuples_returned(i.indexrelid) AS idx_tup_read,
      pg_catalog.pg_stat_get_tuples_fetched(i.indexrelid) AS idx_tup_fetch,
      \(blocksRead("i.indexrelid")) AS idx_blks_read, pg_catalog.pg_stat_get_blocks_hit(i.indexrelid) AS idx_blks_hit
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 't', 'm') AND c.relpersistence <> 't' AND \(Fragment.userSchema("n")) ORDER BY i.indexrelid
      """)
  }

  private static func blocksRead(_ oid: String) -> String {
    "pg_catalog.pg_stat_get_blocks_fetched(\(oid)) - pg_catalog.pg_stat_get_blocks_hit(\(oid))"
  }

  /// Databases with the ages that end in a forced shutdown at two thousand million.
  static let databases = Section("databases", .counters) { _ in
    Fragment.rows(
      "databases",
      """
      d.oid::bigint AS oid, d.datname AS name, pg_catalog.age(d.datfrozenxid) AS frozen_age,
      pg_catalog.mxid_age(d.datminmxid) AS multixact_age, d.datallowconn AS allows_connections,
      d.datistemplate AS is_template FROM pg_catalog.pg_database d ORDER BY d.oid
      """)
  }

  /// Sizes of whole databases: a walk over their files, so not in every round.
  static let databaseSizes = Section("database_sizes", .catalog) { _ in
    Fragment.rows(
      "database_sizes",
      """
      d.oid::bigint AS oid, d.datname AS name,
      CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
      THEN pg_catalog.pg_database_size(d.oid) END AS size_bytes FROM pg_catalog.pg_database d ORDER BY d.oid
      """)
  }

  /// Sessions at work or inside a transaction, without their texts, the oldest transactions first.
  static let sessions = Section("sessions", .counters) { major in
    Fragment.rows(
      "sessions",
      """
      v.pid, v.datname, v.usename, \(Masking.clientName("v.application_name")) AS application_name,
      v.backend_type, v.backend_start, v.xact_start, v.query_start,
      v.state_change, v.wait_event_type, v.wait_event, v.state, \(major >= 14 ? "v.query_id" : "NULL::bigint") AS query_id,
      pg_catalog.age(v.backend_xid) AS xid_age, pg_catalog.age(v.backend_xmin) AS xmin_age,
      CASE WHEN v.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(v.pid) END AS blocked_by,
      CASE WHEN v.wait_event_type = 'Lock' THEN (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'type', l.locktype, 'mode', l.mode, 'relation', l.relation::bigint, 'database', l.database::bigint))
      FROM pg_catalog.pg_locks l WHERE l.pid = v.pid AND NOT l.granted) END AS awaited_locks
      FROM pg_catalog.pg_stat_activity v
      WHERE v.pid <> pg_catalog.pg_backend_pid() AND (v.backend_type = 'client backend' AND v.state <> 'idle'
      OR v.backend_xid IS NOT NULL OR v.backend_xmin IS NOT NULL)
      ORDER BY v.xact_start NULLS LAST, v.pid LIMIT 500
      """)
  }

  /// Connections counted, so that their number is known without their list.
  static let connections = Section("connections", .counters) { _ in
    Fragment.rows(
      "connections",
      """
      v.datname, v.usename, v.application_name, v.state, pg_catalog.count(*) AS connections
      FROM (SELECT a.datname, a.usename, \(Masking.clientName("a.application_name")) AS application_name, a.state
      FROM pg_catalog.pg_stat_activity a WHERE a.backend_type = 'client backend') v GROUP BY v.datname, v.usename,
      v.application_name, v.state ORDER BY v.datname, v.usename, v.application_name, v.state
      """)
  }

  static let preparedTransactions = Section("prepared_transactions", .counters) { _ in
    Fragment.rows(
      "prepared_transactions",
      """
      v.prepared, v.owner, v.database, pg_catalog.age(v.transaction) AS xid_age
      FROM pg_catalog.pg_prepared_xacts v ORDER BY v.prepared
      """)
  }
}

/// Which extensions a twin installs. Their scripts run with a superuser's rights, and their functions may be called while
/// planning: only extensions are let in whose functions stay inside the database.
enum ExtensionPolicy {
  /// Contrib modules of types, operators, index methods and text search, and known others of that kind.
  static let harmless: Set<String> = [
    "bloom", "btree_gin", "btree_gist", "citext", "cube", "dict_int", "dict_xsyn", "earthdistance", "fuzzystrmatch",
    "hstore", "intarray", "isn", "ltree", "pg_trgm", "pgcrypto", "plpgsql", "seg", "tablefunc", "tsm_system_rows",
    "tsm_system_time", "unaccent", "uuid-ossp", "vector", "halfvec", "postgis", "postgis_topology",
    "address_standardizer", "intagg",
    "h3", "ip4r", "semver", "hll", "topn", "rum", "pg_bigm", "prefix", "temporal_tables", "periods",
    "pg_uuidv7", "pg_ivm", "smlar", "unit", "numeral", "q3c", "pg_sphere", "rdkit", "tdigest", "first_last_agg",
  ]

  /// Extensions that watch or run the server: nothing that the planner looks at hangs on them.
  static let irrelevant: Set<String> = [
    "pg_stat_statements", "pg_stat_kcache", "pg_stat_monitor", "pg_qualstats", "pg_wait_sampling", "auto_explain",
    "pageinspect", "pg_buffercache", "pgstattuple", "pg_visibility", "pg_freespacemap", "pg_prewarm", "pgrowlocks",
    "amcheck", "hypopg", "pg_cron", "pg_repack", "pg_partman", "pgaudit", "adminpack", "sslinfo", "pg_hint_plan",
    "pg_walinspect", "pg_surgery", "old_snapshot", "pg_squeeze", "pglogical", "powa", "set_user", "tcn", "lo", "refint",
    "autoinc", "moddatetime", "insert_username", "pg_logicalinspect",
    "pg_store_plans", "system_stats", "pg_proctab", "pldbgapi", "rds_tools", "aiven_extras",
  ]
}

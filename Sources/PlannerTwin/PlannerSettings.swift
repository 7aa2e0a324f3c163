import Catalog
import Model

/// The settings that production's planner plans by, for the twin's database. Only names listed here are ever set: a
/// snapshot cannot make the twin load a library or write a log somewhere.
enum PlannerSettings {
  /// Source: `guc_tables.c` of versions 13 to 18: "Query Tuning", memory that the planner reckons with, parallel
  /// query, and what decides how constants in a statement are read.
  static let names: Set<String> = [
    "enable_async_append", "enable_bitmapscan", "enable_distinct_reordering", "enable_gathermerge",
    "enable_group_by_reordering", "enable_hashagg", "enable_hashjoin", "enable_incremental_sort",
    "enable_indexonlyscan", "enable_indexscan", "enable_material", "enable_memoize", "enable_mergejoin",
    "enable_nestloop", "enable_parallel_append", "enable_parallel_hash", "enable_partition_pruning",
    "enable_partitionwise_aggregate", "enable_partitionwise_join", "enable_presorted_aggregate",
    "enable_self_join_elimination", "enable_seqscan", "enable_sort", "enable_tidscan",
    "cpu_index_tuple_cost", "cpu_operator_cost", "cpu_tuple_cost", "effective_cache_size",
    "min_parallel_index_scan_size", "min_parallel_table_scan_size", "parallel_setup_cost", "parallel_tuple_cost",
    "random_page_cost", "seq_page_cost", "geqo", "geqo_effort", "geqo_generations", "geqo_pool_size", "geqo_seed",
    "geqo_selection_bias", "geqo_threshold", "constraint_exclusion", "cursor_tuple_fraction",
    "default_statistics_target", "from_collapse_limit", "join_collapse_limit", "recursive_worktable_factor",
    "force_parallel_mode", "debug_parallel_query", "parallel_leader_participation",
    "max_parallel_workers_per_gather", "max_parallel_workers", "work_mem", "hash_mem_multiplier",
    "effective_io_concurrency", "maintenance_work_mem", "hnsw.ef_search", "hnsw.iterative_scan", "ivfflat.probes",
    "pg_trgm.similarity_threshold", "pg_trgm.word_similarity_threshold", "pg_trgm.strict_word_similarity_threshold",
    "search_path", "DateStyle", "IntervalStyle", "TimeZone", "array_nulls", "backslash_quote", "bytea_output",
    "extra_float_digits", "lc_monetary", "lc_numeric", "lc_time", "default_text_search_config",
    "standard_conforming_strings", "transform_null_equals", "xmloption", "row_security",
  ]

  static let lowercasedNames = Set(names.map { $0.lowercased() })

  /// Name and value, sorted by name: what a session in production's database starts with.
  static func settings(of source: Snapshot) throws -> [(name: String, value: String)] {
    let known = Dictionary(names.map { ($0.lowercased(), $0) }) { first, _ in first }
    var values: [String: String] = [:]
    for row in source["settings"] {
      // What the capturing session set for itself says nothing of the application's.
      guard let name = known[try row.string("name").lowercased()], let value = try row.optionalString("value"),
        try row.optionalString("source") != "session", try row.optionalString("source") != "client"
      else { continue }
      values[name] = value
    }
    try apply(source["role_settings"], of: nil, to: &values)
    return values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  /// What sessions of a role have beside: its own settings, those for this database last.
  static func settings(of source: Snapshot, role: String) throws -> [(name: String, value: String)] {
    var values: [String: String] = [:]
    try apply(source["role_settings"], of: role, to: &values)
    return values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  private static func apply(_ rows: [SnapshotRow], of role: String?, to values: inout [String: String]) throws {
    let known = Dictionary(names.map { ($0.lowercased(), $0) }) { first, _ in first }
    // For every database first, then for this one: the nearer wins.
    for wantsDatabase in [false, true] {
      for row in rows where try row.optionalString("role") == role {
        guard (try row.optionalString("database") != nil) == wantsDatabase else { continue }
        for setting in try row.rows("settings") {
          guard let name = known[try setting.string("name").lowercased()],
            let value = try setting.optionalString("value")
          else { continue }
          values[name] = value
        }
      }
    }
  }
}

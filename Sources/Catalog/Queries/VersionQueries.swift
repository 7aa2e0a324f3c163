/// One number for each relation that changes whenever its definition, its planner statistics or its pages and rows as
/// VACUUM and ANALYZE last saw them change, and one (relation 0) for what other relations' definitions may name.
///
/// A capture that knows an earlier one asks again only for what differs. The numbers are sums over the catalog's rows of
/// a hash of who wrote the row (`xmin`): every change of a row but VACUUM's and ANALYZE's in place gives it a new one
/// (`heap_inplace_update`, heapam.c; those columns are hashed themselves). Freezing keeps it.
enum VersionQueries {
  static let versions = Section(
    "relation_versions", .catalog,
    alternatives: [
      .init(needs: .readsAllStatistics) { major in sql(major, withStatistics: true) },
      .init { major in sql(major, withStatistics: false) },
    ])

  /// Relations that somebody may be writing to now: what is counted of that comes when the transaction ends.
  static let written = """
    SELECT DISTINCT l.relation::bigint AS relation FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'relation' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    """

  private static func sql(_ major: Int, withStatistics: Bool) -> SectionQuery {
    let frozen = major >= 18 ? ", relallfrozen" : ""
    var parts = [
      hash("o.oid", "o.xmin, o.relpages, o.reltuples, o.relallvisible, o.relfilenode\(frozen)", "1", "own o"),
      hash("o.oid", "t.xmin, t.relfilenode", "2", "own o JOIN pg_catalog.pg_class t ON t.oid = o.reltoastrelid"),
      hash(
        "i.indrelid", "i.xmin, x.xmin, x.relpages, x.reltuples, x.relfilenode", "i.indexrelid::bigint",
        "pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid >= 16384"),
      hash(
        "COALESCE(i.indrelid, a.attrelid)", "a.xmin", "a.attrelid::bigint * 2048 + a.attnum",
        """
        pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = a.attrelid
        WHERE a.attnum > 0 AND a.attrelid >= 16384
        """),
      hash("d.adrelid", "d.xmin", "d.oid::bigint", "pg_catalog.pg_attrdef d"),
      hash("d.conrelid", "d.xmin", "d.oid::bigint", "pg_catalog.pg_constraint d WHERE d.conrelid >= 16384"),
      hash("d.inhrelid", "d.xmin", "d.inhparent::bigint", "pg_catalog.pg_inherits d"),
      hash("d.tgrelid", "d.xmin", "d.oid::bigint", "pg_catalog.pg_trigger d"),
      hash("d.ev_class", "d.xmin", "d.oid::bigint", "pg_catalog.pg_rewrite d WHERE d.ev_class >= 16384"),
      hash("d.polrelid", "d.xmin", "d.oid::bigint", "pg_catalog.pg_policy d"),
      hash("d.partrelid", "d.xmin", "3", "pg_catalog.pg_partitioned_table d"),
      hash("d.ftrelid", "d.xmin", "4", "pg_catalog.pg_foreign_table d"),
      hash("d.stxrelid", "d.xmin", "d.oid::bigint", "pg_catalog.pg_statistic_ext d"),
    ]
    if withStatistics {
      parts += [
        hash(
          "COALESCE(i.indrelid, d.starelid)", "d.xmin",
          "d.starelid::bigint * 8192 + d.staattnum * 2 + d.stainherit::integer",
          """
          pg_catalog.pg_statistic d LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = d.starelid
          WHERE d.starelid >= 16384
          """),
        hash(
          "e.stxrelid", "d.xmin",
          major >= 15 ? "d.stxoid::bigint * 2 + d.stxdinherit::integer" : "d.stxoid::bigint * 2",
          "pg_catalog.pg_statistic_ext_data d JOIN pg_catalog.pg_statistic_ext e ON e.oid = d.stxoid"),
      ]
    }
    return Fragment.rows(
      "relation_versions",
      with: """
        \(Fragment.locked), own AS MATERIALIZED (SELECT c.oid, c.reltoastrelid, c.xmin, c.relpages, c.reltuples,
        c.relallvisible, c.relfilenode\(frozen) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v') AND c.relpersistence <> 't' AND \(Fragment.userSchema("n"))),
        parts (relation, hash) AS (\(parts.joined(separator: "\nUNION ALL "))),
        names (hash) AS (\(names.joined(separator: "\nUNION ALL ")))
        """,
      """
      v.relation, v.version FROM (SELECT 0::bigint AS relation, pg_catalog.sum(w.hash)::text AS version FROM names w
      UNION ALL SELECT p.relation::bigint, CASE WHEN \(Fragment.isFree("p.relation"))
      THEN pg_catalog.sum(p.hash)::text END FROM parts p JOIN own ON own.oid = p.relation GROUP BY p.relation) v
      ORDER BY v.relation
      """)
  }

  private static func hash(_ relation: String, _ values: String, _ seed: String, _ source: String) -> String {
    let text = values.contains(",") ? "pg_catalog.concat_ws(' ', \(values))" : "\(values)::text"
    return "SELECT \(relation), pg_catalog.hashtextextended(\(text), \(seed)) FROM \(source)"
  }

  /// What definitions name besides relations and their columns, which the reader compares itself. Types of relations'
  /// rows and arrays come and go with every temporary table, and are named after what they are made of.
  private static let names: [String] =
    [
      ("pg_namespace", "WHERE m.nspname !~ '^pg_(toast_)?temp_'"),
      ("pg_type", "WHERE m.typrelid = 0 AND m.typcategory <> 'A'"),
      ("pg_class", "WHERE m.relkind = 'c'"),
      ("pg_proc", "WHERE m.oid >= 16384"), ("pg_operator", "WHERE m.oid >= 16384"),
      ("pg_opclass", "WHERE m.oid >= 16384"), ("pg_collation", "WHERE m.oid >= 16384"), ("pg_enum", ""),
      ("pg_extension", ""), ("pg_language", ""), ("pg_am", ""), ("pg_ts_config", ""), ("pg_ts_dict", ""),
      ("pg_foreign_server", ""), ("pg_foreign_data_wrapper", ""), ("pg_tablespace", ""),
    ].map { catalog, condition in
      "SELECT pg_catalog.hashtextextended(m.xmin::text, m.oid::bigint) FROM pg_catalog.\(catalog) m \(condition)"
    } + [
      """
      SELECT pg_catalog.hashtextextended(d.xmin::text, d.objid::bigint) FROM pg_catalog.pg_depend d
      WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
      """,
      "SELECT pg_catalog.hashtextextended(m.xmin::text, m.roleid::bigint * 65536 + m.member::bigint) "
        + "FROM pg_catalog.pg_auth_members m",
      "SELECT pg_catalog.hashtextextended(pg_catalog.concat_ws(' ', r.rolname, r.rolsuper, r.rolinherit, r.rolbypassrls), "
        + "r.oid::bigint) FROM pg_catalog.pg_roles r",
    ]
}

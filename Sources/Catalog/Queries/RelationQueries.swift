/// Tables, views, columns, constraints, indexes and what hangs on them.
enum RelationQueries {
  private static let isUserRelation = """
    c.relkind IN ('r', 'p', 'f', 'm', 'v') AND c.relpersistence <> 't' AND \(Fragment.userSchema("n"))
    """

  static let relations = Section("relations", .catalog, reuse: .init(owner: .first, followsContents: true)) {
    major, among in
    Fragment.rows(
      "relations", with: Fragment.locked,
      """
      c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name,
      CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned_table' WHEN 'f' THEN 'foreign_table'
      WHEN 'm' THEN 'materialized_view' ELSE 'view' END AS kind, c.relpersistence AS persistence,
      pg_catalog.pg_get_userbyid(c.relowner) AS owner, am.amname AS access_method, ts.spcname AS tablespace,
      c.reloptions AS options, tc.reloptions AS toast_options, c.relreplident AS replica_identity,
      c.relrowsecurity AS has_row_security, c.relforcerowsecurity AS forces_row_security,
      c.relispopulated AS is_populated, c.relispartition AS is_partition,
      pg_catalog.pg_get_expr(c.relpartbound, 0) AS partition_bound,
      CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_key,
      (SELECT pg_catalog.json_agg(i.inhparent::bigint ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i
      WHERE i.inhrelid = c.oid) AS parents,
      CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS of_type,
      fs.srvname AS foreign_server, fw.fdwname AS foreign_data_wrapper,
      c.relpages AS pages, c.reltuples AS tuples, c.relallvisible AS all_visible_pages,
      \(major >= 18 ? "c.relallfrozen" : "NULL::integer") AS all_frozen_pages,
      CASE WHEN c.relkind IN ('r', 'm') THEN \(Fragment.size("c.oid")) END AS size_bytes,
      CASE WHEN c.reltoastrelid <> 0 THEN \(Fragment.size("c.reltoastrelid")) END AS toast_size_bytes,
      CASE WHEN c.relkind IN ('r', 'm') THEN EXISTS (SELECT 1 FROM locked WHERE relation IN (c.oid, c.reltoastrelid))
      ELSE false END AS is_locked,
      pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AS is_readable,
      \(Fragment.extensionOf("pg_class", "c.oid")) AS extension
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_class tc ON tc.oid = c.reltoastrelid
      LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
      LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
      LEFT JOIN pg_catalog.pg_foreign_table ft ON ft.ftrelid = c.oid
      LEFT JOIN pg_catalog.pg_foreign_server fs ON fs.oid = ft.ftserver
      LEFT JOIN pg_catalog.pg_foreign_data_wrapper fw ON fw.oid = fs.srvfdw
      WHERE \(isUserRelation)\(among("c.oid")) ORDER BY c.oid
      """)
  }

  static let columns = Section("columns", .catalog, reuse: .init(owner: .first)) { major, among in
    Fragment.rows(
      "columns", with: Fragment.locked,
      """
      a.attrelid::bigint AS relation, a.attnum AS number, a.attname AS name,
      pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_not_null,
      CASE WHEN d.adbin IS NOT NULL THEN (SELECT \(Masking.columnDefault("f.text", of: "a.attname"))
      FROM (SELECT CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, 0)
      WHEN \(Fragment.isFree("d.adrelid")) THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS text OFFSET 0) f) END
      AS default_expression, NULLIF(a.attgenerated, '') AS generated,
      NULLIF(a.attidentity, '') AS identity,
      CASE WHEN a.attcollation <> t.typcollation THEN \(Fragment.collationName("a.attcollation")) END AS collation,
      \(major >= 17 ? "a.attstattarget" : "NULLIF(a.attstattarget, -1)") AS statistics_target,
      a.attoptions AS options, NULLIF(a.attstorage, t.typstorage) AS storage,
      \(major >= 14 ? "NULLIF(a.attcompression, '')" : "NULL") AS compression,
      a.attlen AS length_bytes, a.attalign AS alignment, a.attislocal AS is_local, a.attinhcount AS ancestors
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_attrdef d ON a.atthasdef AND d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attnum > 0 AND NOT a.attisdropped AND \(isUserRelation)\(among("a.attrelid")) ORDER BY a.attrelid, a.attnum
      """)
  }

  static let constraints = Section("constraints", .catalog, reuse: .init(owner: .second, isOrderedByRelation: true)) {
    major, among in
    Fragment.rows(
      "constraints", with: Fragment.locked,
      """
      k.oid::bigint AS oid, k.conrelid::bigint AS relation, k.conname AS name,
      CASE k.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign_key' WHEN 'p' THEN 'primary_key'
      WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclusion' ELSE 'not_null' END AS kind,
      CASE WHEN k.contype IN ('c', 'x') THEN (SELECT \(Masking.definition("f.text"))
      FROM pg_catalog.pg_get_constraintdef(k.oid) AS f (text)) ELSE pg_catalog.pg_get_constraintdef(k.oid) END AS definition,
      k.conkey AS columns,
      NULLIF(k.confrelid, 0)::bigint AS target, k.confkey AS target_columns,
      CASE WHEN k.contype = 'f' THEN k.confupdtype END AS on_update,
      CASE WHEN k.contype = 'f' THEN k.confdeltype END AS on_delete,
      k.convalidated AS is_validated, \(major >= 18 ? "k.conenforced" : "true") AS is_enforced,
      k.condeferrable AS is_deferrable, k.condeferred AS is_deferred, k.connoinherit AS is_not_inherited,
      k.conislocal AS is_local, NULLIF(k.conparentid, 0)::bigint AS parent, NULLIF(k.conindid, 0)::bigint AS index
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE k.contype IN ('c', 'f', 'p', 'u', 'x', 'n') AND \(isUserRelation)
      AND (k.contype NOT IN ('c', 'x') OR \(Fragment.isFree("k.conrelid")))\(among("k.conrelid")) ORDER BY k.conrelid, k.oid
      """)
  }

  static let indexes = Section("indexes", .catalog, reuse: .init(owner: .second, followsContents: true)) {
    major, among in
    Fragment.rows(
      "indexes", with: Fragment.locked,
      """
      i.indexrelid::bigint AS oid, i.indrelid::bigint AS relation, xn.nspname AS schema, x.relname AS name,
      am.amname AS method, CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
      THEN (SELECT \(Masking.definition("f.text")) FROM pg_catalog.pg_get_indexdef(i.indexrelid) AS f (text))
      ELSE pg_catalog.pg_get_indexdef(i.indexrelid) END AS definition,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('number', ia.attnum, 'name', ia.attname,
      'column', ta.attname,
      'expression', CASE WHEN i.indkey[ia.attnum - 1] = 0 THEN
      (SELECT \(Masking.definition("f.text")) FROM pg_catalog.pg_get_indexdef(i.indexrelid, ia.attnum, false) AS f (text)) END,
      'type', pg_catalog.format_type(ia.atttypid, ia.atttypmod),
      'statistics_target', \(major >= 17 ? "ia.attstattarget" : "NULLIF(ia.attstattarget, -1)"),
      'operator_class', oc.opcname, 'operator_class_schema', ocn.nspname,
      'is_default_class', oc.opcdefault, 'class_options', ia.attoptions,
      'collation', CASE WHEN i.indcollation[ia.attnum - 1] <> 0 AND i.indcollation[ia.attnum - 1] <>
      CASE WHEN ta.attnum IS NULL THEN 100::pg_catalog.oid ELSE ta.attcollation END
      THEN \(Fragment.collationName("i.indcollation[ia.attnum - 1]")) END,
      'is_descending', (i.indoption[ia.attnum - 1] & 1) <> 0, 'nulls_first', (i.indoption[ia.attnum - 1] & 2) <> 0) ORDER BY ia.attnum)
      FROM pg_catalog.pg_attribute ia
      LEFT JOIN pg_catalog.pg_attribute ta ON i.indkey[ia.attnum - 1] <> 0 AND ta.attrelid = i.indrelid
      AND ta.attnum = i.indkey[ia.attnum - 1]
      LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[ia.attnum - 1]
      LEFT JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
      WHERE ia.attrelid = i.indexrelid AND ia.attnum BETWEEN 1 AND i.indnkeyatts) AS keys,
      CASE WHEN i.indnatts > i.indnkeyatts THEN (SELECT pg_catalog.json_agg(ta.attname ORDER BY k.n)
      FROM pg_catalog.generate_series(i.indnkeyatts + 1, i.indnatts) AS k (n)
      JOIN pg_catalog.pg_attribute ta ON ta.attrelid = i.indrelid AND ta.attnum = i.indkey[k.n - 1]) END AS included,
      CASE WHEN i.indpred IS NOT NULL THEN (SELECT \(Masking.definition("f.text")) FROM pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) AS f (text))
      END AS predicate,
      i.indisunique AS is_unique, i.indisprimary AS is_primary, i.indisexclusion AS is_exclusion,
      \(major >= 15 ? "i.indnullsnotdistinct" : "false") AS nulls_not_distinct, i.indimmediate AS is_immediate,
      i.indisvalid AS is_valid, i.indisready AS is_ready, i.indislive AS is_live, i.indisclustered AS is_clustered,
      i.indisreplident AS is_replica_identity, k.oid::bigint AS constraint_oid, k.conname AS constraint_name,
      (SELECT h.inhparent::bigint FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid) AS parent,
      ts.spcname AS tablespace, x.reloptions AS options, x.relpages AS pages, x.reltuples AS tuples,
      CASE WHEN x.relkind = 'i' THEN \(Fragment.size("x.oid")) END AS size_bytes
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace xn ON xn.oid = x.relnamespace
      JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_am am ON am.oid = x.relam
      LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = x.reltablespace
      LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = i.indrelid AND k.conindid = i.indexrelid
      AND k.contype IN ('p', 'u', 'x')
      WHERE \(isUserRelation) AND \(Fragment.isFree("i.indrelid"))\(among("i.indrelid")) ORDER BY i.indexrelid
      """)
  }

  /// Triggers by name and kind; their functions are among the functions.
  static let triggers = Section("triggers", .catalog, reuse: .init(owner: .second, isOrderedByRelation: true)) {
    _, among in
    Fragment.rows(
      "triggers",
      """
      g.oid::bigint AS oid, g.tgrelid::bigint AS relation, g.tgname AS name, g.tgenabled AS enabled,
      g.tgtype AS type_bits, pg_catalog.format('%I.%I', fn.nspname, p.proname) AS function
      FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
      JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
      WHERE NOT g.tgisinternal AND \(isUserRelation)\(among("g.tgrelid")) ORDER BY g.tgrelid, g.tgname
      """)
  }

  static let policies = Section("policies", .catalog, reuse: .init(owner: .second, isOrderedByRelation: true)) {
    _, among in
    Fragment.rows(
      "policies", with: Fragment.locked,
      """
      p.oid::bigint AS oid, p.polrelid::bigint AS relation, p.polname AS name, p.polcmd AS command,
      p.polpermissive AS is_permissive,
      (SELECT pg_catalog.json_agg(CASE WHEN m.role = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(m.role) END
      ORDER BY m.role) FROM pg_catalog.unnest(p.polroles) AS m (role)) AS roles,
      (SELECT \(Masking.definition("f.text")) FROM pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS f (text))
      AS using_expression, (SELECT \(Masking.definition("f.text")) FROM pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS f (text))
      AS check_expression
      FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE \(isUserRelation)
      AND \(Fragment.isFree("p.polrelid"))\(among("p.polrelid")) ORDER BY p.polrelid, p.polname
      """)
  }

  /// Definitions of views and rules. They come last: to print one the server locks (in share) what it reads, until
  /// the transaction ends.
  static let views = Section("views", .catalog, reuse: .init(owner: .first)) { _, among in
    Fragment.rows(
      "views", with: Fragment.locked,
      """
      c.oid::bigint AS relation,
      CASE WHEN w.is_free AND c.relkind IN ('v', 'm') THEN (SELECT \(Masking.sql("f.text"))
      FROM pg_catalog.pg_get_viewdef(c.oid) AS f (text)) END AS definition,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', r.rulename, 'definition',
      (SELECT \(Masking.definition("f.text")) FROM pg_catalog.pg_get_ruledef(r.oid) AS f (text))) ORDER BY r.rulename) FROM pg_catalog.pg_rewrite r
      WHERE w.is_free AND r.ev_class = c.oid AND r.rulename <> '_RETURN') AS rules, NOT w.is_free AS is_locked
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL (SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass JOIN locked ON locked.relation = d.refobjid
      WHERE r.ev_class = c.oid) AS is_free) w
      WHERE c.relhasrules AND \(isUserRelation)\(among("c.oid")) ORDER BY c.oid
      """)
  }
}

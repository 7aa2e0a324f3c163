/// Schemas, extensions, types, collations, functions, operators: what tables are made of.
enum SchemaQueries {
  static let schemas = Section("schemas", .catalog) { _ in
    Fragment.rows(
      "schemas",
      """
      n.oid::bigint AS oid, n.nspname AS name, pg_catalog.pg_get_userbyid(n.nspowner) AS owner,
      \(Fragment.extensionOf("pg_namespace", "n.oid")) AS extension
      FROM pg_catalog.pg_namespace n WHERE \(Fragment.userSchema("n")) ORDER BY n.oid
      """)
  }

  static let extensions = Section("extensions", .catalog) { _ in
    Fragment.rows(
      "extensions",
      """
      e.oid::bigint AS oid, e.extname AS name, e.extversion AS version, n.nspname AS schema,
      e.extrelocatable AS is_relocatable
      FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace ORDER BY e.oid
      """)
  }

  /// Enums, domains, composites and ranges; base types are named, since no SQL can make them again.
  static let types = Section("types", .catalog) { major in
    Fragment.rows(
      "types",
      """
      t.oid::bigint AS oid, n.nspname AS schema, t.typname AS name,
      CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range'
      ELSE 'base' END AS kind, pg_catalog.pg_get_userbyid(t.typowner) AS owner,
      (SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e
      WHERE e.enumtypid = t.oid) AS labels,
      CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END AS base_type,
      t.typnotnull AS is_not_null, \(Masking.definition("t.typdefault")) AS default_expression,
      CASE WHEN t.typtype = 'd' AND t.typcollation <>
      (SELECT b.typcollation FROM pg_catalog.pg_type b WHERE b.oid = t.typbasetype)
      THEN \(Fragment.collationName("t.typcollation")) END AS collation,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', k.conname, 'definition',
      (SELECT \(Masking.definition("f.text")) FROM pg_catalog.pg_get_constraintdef(k.oid) AS f (text)), 'is_validated', k.convalidated) ORDER BY k.conname)
      FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS constraints,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type',
      pg_catalog.format_type(a.atttypid, a.atttypmod), 'collation',
      CASE WHEN a.attcollation <> at.typcollation THEN \(Fragment.collationName("a.attcollation")) END)
      ORDER BY a.attnum) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
      WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS attributes,
      (SELECT pg_catalog.json_build_object('subtype', pg_catalog.format_type(g.rngsubtype, NULL),
      'operator_class', (SELECT pg_catalog.format('%I.%I', ocn.nspname, oc.opcname) FROM pg_catalog.pg_opclass oc
      JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace WHERE oc.oid = g.rngsubopc AND NOT oc.opcdefault),
      'collation', \(Fragment.collationName("g.rngcollation")),
      'canonical', CASE WHEN g.rngcanonical <> 0 THEN g.rngcanonical::pg_catalog.regproc::text END,
      'difference', CASE WHEN g.rngsubdiff <> 0 THEN g.rngsubdiff::pg_catalog.regproc::text END,
      'multirange', \(major >= 14 ? "(SELECT m.typname FROM pg_catalog.pg_type m WHERE m.oid = g.rngmultitypid)" : "NULL"))
      FROM pg_catalog.pg_range g WHERE g.rngtypid = t.oid) AS range
      FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
      WHERE \(Fragment.userSchema("n")) AND t.typtype IN ('e', 'd', 'c', 'r', 'b')
      AND (t.typrelid = 0 OR c.relkind = 'c')
      AND NOT (t.typtype = 'b' AND t.typelem <> 0 AND t.typlen = -1 AND t.typname LIKE '\\_%')
      AND \(Fragment.extensionOf("pg_type", "t.oid")) IS NULL ORDER BY t.oid
      """)
  }

  static let collations = Section("collations", .catalog) { major in
    Fragment.rows(
      "collations",
      """
      c.oid::bigint AS oid, n.nspname AS schema, c.collname AS name, c.collprovider AS provider,
      c.collisdeterministic AS is_deterministic, c.collcollate AS collate, c.collctype AS ctype,
      \(major >= 17 ? "c.colllocale" : major >= 15 ? "c.colliculocale" : "NULL") AS locale,
      \(major >= 16 ? "c.collicurules" : "NULL") AS icu_rules, c.collversion AS version
      FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
      WHERE \(Fragment.userSchema("n")) AND \(Fragment.extensionOf("pg_collation", "c.oid")) IS NULL ORDER BY c.oid
      """)
  }

  static let functions = Section("functions", .catalog) { _ in
    Fragment.rows(
      "functions",
      """
      p.oid::bigint AS oid, n.nspname AS schema, p.proname AS name,
      pg_catalog.pg_get_function_identity_arguments(p.oid) AS arguments,
      pg_catalog.pg_get_function_result(p.oid) AS result,
      CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window'
      ELSE 'function' END AS kind, l.lanname AS language, p.provolatile AS volatility, p.proparallel AS parallel,
      p.proisstrict AS is_strict, p.prosecdef AS is_security_definer, p.proleakproof AS is_leakproof,
      p.procost AS cost, p.prorows AS rows, p.prorettype = 'pg_catalog.event_trigger'::pg_catalog.regtype
      AS is_event_trigger, p.proconfig AS settings,
      CASE WHEN p.prosupport <> 0 THEN p.prosupport::pg_catalog.regproc::text END AS support,
      pg_catalog.pg_get_userbyid(p.proowner) AS owner,
      CASE WHEN p.prokind <> 'a' THEN (SELECT \(Masking.sql("f.text")) FROM pg_catalog.pg_get_functiondef(p.oid) AS f (text))
      ELSE (
      SELECT pg_catalog.format('CREATE AGGREGATE %I.%I(%s) (', n.nspname, p.proname,
      pg_catalog.pg_get_function_arguments(p.oid)) || pg_catalog.concat_ws(', ',
      'SFUNC = ' || g.aggtransfn::pg_catalog.regproc::text,
      'STYPE = ' || pg_catalog.format_type(g.aggtranstype, NULL),
      CASE WHEN g.aggtransspace <> 0 THEN 'SSPACE = ' || g.aggtransspace END,
      CASE WHEN g.aggfinalfn <> 0 THEN 'FINALFUNC = ' || g.aggfinalfn::pg_catalog.regproc::text END,
      CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
      CASE WHEN g.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || g.aggcombinefn::pg_catalog.regproc::text END,
      CASE WHEN g.aggserialfn <> 0 THEN 'SERIALFUNC = ' || g.aggserialfn::pg_catalog.regproc::text END,
      CASE WHEN g.aggdeserialfn <> 0 THEN 'DESERIALFUNC = ' || g.aggdeserialfn::pg_catalog.regproc::text END,
      'INITCOND = ' || pg_catalog.quote_literal(g.agginitval),
      CASE WHEN g.aggmtransfn <> 0 THEN 'MSFUNC = ' || g.aggmtransfn::pg_catalog.regproc::text END,
      CASE WHEN g.aggminvtransfn <> 0 THEN 'MINVFUNC = ' || g.aggminvtransfn::pg_catalog.regproc::text END,
      CASE WHEN g.aggmtranstype <> 0 THEN 'MSTYPE = ' || pg_catalog.format_type(g.aggmtranstype, NULL) END,
      CASE WHEN g.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || g.aggmfinalfn::pg_catalog.regproc::text END,
      CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
      'MINITCOND = ' || pg_catalog.quote_literal(g.aggminitval),
      CASE WHEN g.aggsortop <> 0 THEN (SELECT pg_catalog.format('SORTOP = OPERATOR(%I.%s)', sn.nspname, so.oprname)
      FROM pg_catalog.pg_operator so JOIN pg_catalog.pg_namespace sn ON sn.oid = so.oprnamespace
      WHERE so.oid = g.aggsortop) END,
      CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
      CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END) || ')'
      FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = p.oid) END AS definition
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang
      WHERE \(Fragment.userSchema("n")) AND \(Fragment.extensionOf("pg_proc", "p.oid")) IS NULL ORDER BY p.oid
      """)
  }

  static let operators = Section("operators", .catalog) { _ in
    Fragment.rows(
      "operators",
      """
      o.oid::bigint AS oid, n.nspname AS schema, o.oprname AS name,
      CASE WHEN o.oprleft <> 0 THEN pg_catalog.format_type(o.oprleft, NULL) END AS left_type,
      CASE WHEN o.oprright <> 0 THEN pg_catalog.format_type(o.oprright, NULL) END AS right_type,
      pg_catalog.format('CREATE OPERATOR %I.%s (', n.nspname, o.oprname) || pg_catalog.concat_ws(', ',
      'FUNCTION = ' || o.oprcode::pg_catalog.regproc::text,
      CASE WHEN o.oprleft <> 0 THEN 'LEFTARG = ' || pg_catalog.format_type(o.oprleft, NULL) END,
      CASE WHEN o.oprright <> 0 THEN 'RIGHTARG = ' || pg_catalog.format_type(o.oprright, NULL) END,
      (SELECT pg_catalog.format('COMMUTATOR = OPERATOR(%I.%s)', xn.nspname, x.oprname) FROM pg_catalog.pg_operator x
      JOIN pg_catalog.pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprcom),
      (SELECT pg_catalog.format('NEGATOR = OPERATOR(%I.%s)', xn.nspname, x.oprname) FROM pg_catalog.pg_operator x
      JOIN pg_catalog.pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprnegate),
      CASE WHEN o.oprrest <> 0 THEN 'RESTRICT = ' || o.oprrest::pg_catalog.regproc::text END,
      CASE WHEN o.oprjoin <> 0 THEN 'JOIN = ' || o.oprjoin::pg_catalog.regproc::text END,
      CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END) || ')' AS definition
      FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
      WHERE \(Fragment.userSchema("n")) AND o.oprcode <> 0
      AND \(Fragment.extensionOf("pg_operator", "o.oid")) IS NULL ORDER BY o.oid
      """)
  }

  /// Casts that users made; those between a range and its multirange come with the types.
  static let casts = Section("casts", .catalog) { _ in
    Fragment.rows(
      "casts",
      """
      k.oid::bigint AS oid, pg_catalog.format_type(k.castsource, NULL) AS source,
      pg_catalog.format_type(k.casttarget, NULL) AS target,
      pg_catalog.format('CREATE CAST (%s AS %s) ', pg_catalog.format_type(k.castsource, NULL),
      pg_catalog.format_type(k.casttarget, NULL)) || CASE k.castmethod
      WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::pg_catalog.regprocedure::text WHEN 'b' THEN 'WITHOUT FUNCTION'
      ELSE 'WITH INOUT' END || CASE k.castcontext WHEN 'i' THEN ' AS IMPLICIT' WHEN 'a' THEN ' AS ASSIGNMENT'
      ELSE '' END AS definition
      FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_type t ON t.oid = k.casttarget
      JOIN pg_catalog.pg_type f ON f.oid = k.castsource
      WHERE k.oid >= 16384 AND NOT (t.typtype = 'm' AND f.typtype = 'r')
      AND \(Fragment.extensionOf("pg_cast", "k.oid")) IS NULL ORDER BY k.oid
      """)
  }

  /// Operator classes that users made, with the members for their own input type.
  static let operatorClasses = Section("operator_classes", .catalog) { _ in
    Fragment.rows(
      "operator_classes",
      """
      c.oid::bigint AS oid, n.nspname AS schema, c.opcname AS name, am.amname AS method, c.opcdefault AS is_default,
      pg_catalog.format_type(c.opcintype, NULL) AS type,
      CASE WHEN c.opckeytype <> 0 THEN pg_catalog.format_type(c.opckeytype, NULL) END AS storage,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('number', o.amopstrategy,
      'operator', o.amopopr::pg_catalog.regoperator::text) ORDER BY o.amopstrategy) FROM pg_catalog.pg_amop o
      WHERE o.amopfamily = c.opcfamily AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype
      AND o.amoppurpose = 's') AS operators,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('number', p.amprocnum,
      'function', p.amproc::pg_catalog.regprocedure::text) ORDER BY p.amprocnum) FROM pg_catalog.pg_amproc p
      WHERE p.amprocfamily = c.opcfamily AND p.amproclefttype = c.opcintype AND p.amprocrighttype = c.opcintype)
      AS functions
      FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
      JOIN pg_catalog.pg_am am ON am.oid = c.opcmethod
      WHERE \(Fragment.userSchema("n")) AND \(Fragment.extensionOf("pg_opclass", "c.oid")) IS NULL ORDER BY c.oid
      """)
  }

  static let sequences = Section("sequences", .catalog) { _ in
    Fragment.rows(
      "sequences", with: Fragment.locked,
      """
      c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name, c.relpersistence AS persistence,
      pg_catalog.format_type(s.seqtypid, NULL) AS type, s.seqstart AS start_value, s.seqmin AS minimum,
      s.seqmax AS maximum, s.seqincrement AS increment, s.seqcache AS cache, s.seqcycle AS is_cyclic,
      CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT,USAGE') AND \(Fragment.isFree("c.oid"))
      AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
      THEN pg_catalog.pg_sequence_last_value(c.oid) END AS last_value,
      d.refobjid::bigint AS owner_relation, d.refobjsubid AS owner_column, d.deptype = 'i' AS is_identity,
      \(Fragment.extensionOf("pg_class", "c.oid")) AS extension
      FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype IN ('a', 'i')
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      WHERE \(Fragment.userSchema("n")) AND c.relpersistence <> 't' ORDER BY c.oid
      """)
  }
}

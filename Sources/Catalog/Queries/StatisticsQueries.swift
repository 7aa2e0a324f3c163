/// What ANALYZE found: `pg_statistic` where the role may read it, else the views that show a role its own share.
enum StatisticsQueries {
  /// Tables, materialized views and foreign tables of users, and the indexes on them (expression columns have
  /// statistics under the index).
  private static let isAnalyzed = """
    c.relkind IN ('r', 'p', 'f', 'm', 'i', 'I') AND c.relpersistence <> 't' AND \(Fragment.userSchema("n"))
    """

  static func columns(keepsValues: Bool) -> Section {
    Section(
      "column_statistics", .catalog, reuse: .init(owner: .firstOrIndex, needs: .readsAllStatistics),
      alternatives: [
        .init(needs: .readsStatistic) { _, among in fromCatalog(keepsValues: keepsValues, among) },
        .init { major in fromView(major, keepsValues: keepsValues) },
      ])
  }

  /// A slot's element type is the column's type, except where the type has an `analyze` function of its own.
  /// Sources: `array_typanalyze.c` (kinds 4, 5: elements), `ts_typanalyze.c` (4: text), `rangetypes_typanalyze.c`
  /// (6: double precision, 7: the range type, also for a multirange). An index's own column types say what it stores,
  /// not what its expression yields, so there the values themselves are asked (`elementType`).
  private static func slots(_ s: String, keepsValues: Bool) -> String {
    let list = (1...5).map { n in
      "(\(n), \(s).stakind\(n), \(s).staop\(n), \(s).stacoll\(n), \(s).stanumbers\(n), "
        + (keepsValues
          ? "\(s).stavalues\(n)::text, CASE WHEN c.relkind IN ('i', 'I') AND \(s).stavalues\(n) IS NOT NULL THEN "
            + elementType("\(s).stavalues\(n)") + " END" : "NULL::text, NULL::text") + ")"
    }
    return """
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('slot', v.n, 'kind', v.kind,
      'operator', CASE WHEN v.operator <> 0 THEN v.operator::pg_catalog.regoperator::text END,
      'collation', CASE WHEN v.collation_oid <> 0 THEN \(Fragment.collationName("v.collation_oid")) END,
      'numbers', v.numbers, 'values', v.vals, 'type', CASE WHEN v.vals IS NULL THEN NULL
      WHEN v.type IS NOT NULL THEN v.type ELSE \(slotType("v.kind")) END) ORDER BY v.n)
      FROM (VALUES \(list.joined(separator: ", "))) AS v (n, kind, operator, collation_oid, numbers, vals, type)
      WHERE v.kind <> 0)
      """
  }

  private static func fromCatalog(keepsValues: Bool, _ among: Among) -> SectionQuery {
    let row = """
      s.starelid::bigint AS relation, s.staattnum AS column_number, s.stainherit AS is_inherited,
      s.stanullfrac AS null_fraction, s.stawidth AS width_bytes, s.stadistinct AS distinct_values
      """
    let source = """
      FROM pg_catalog.pg_statistic s JOIN pg_catalog.pg_class c ON c.oid = s.starelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum AND NOT a.attisdropped
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      LEFT JOIN LATERAL (SELECT pg_catalog.format_type(d.refobjid, NULL) AS name FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_type rt ON rt.oid = d.refobjid WHERE t.typtype = 'm'
      AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = t.oid
      AND d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND rt.typtype = 'r' LIMIT 1) mr ON true
      """
    let tail = "WHERE \(isAnalyzed)\(among("s.starelid")) ORDER BY s.starelid, s.staattnum, s.stainherit"
    var query = Fragment.rows(
      "column_statistics", "\(row), \(slots("s", keepsValues: keepsValues)) AS slots \(source) \(tail)")
    query.spread = """
      WITH operators AS MATERIALIZED (SELECT o.oid, o.oid::pg_catalog.regoperator::text AS name
      FROM pg_catalog.pg_operator o WHERE o.oprname IN ('=', '<'))
      SELECT \(row), \(spreadSlots(keepsValues: keepsValues)) \(source)
      \((1...5).map { "LEFT JOIN operators o\($0) ON o\($0).oid = s.staop\($0)" }.joined(separator: " ")) \(tail)
      """
    return query
  }

  /// The slots as columns of their own. Names are looked up once for all rows where nearly all have the same ones: the
  /// operators that ANALYZE takes by itself, and the collation with the fixed object id 100 (`DEFAULT_COLLATION_OID`,
  /// pg_collation.dat).
  private static func spreadSlots(keepsValues: Bool) -> String {
    (1...5).map { n in
      let type = """
        CASE WHEN s.stavalues\(n) IS NULL THEN NULL
        WHEN c.relkind IN ('i', 'I') THEN \(elementType("s.stavalues\(n)")) ELSE \(slotType("s.stakind\(n)")) END
        """
      return """
        CASE WHEN s.stakind\(n) <> 0 THEN \(n) END AS "slots.\(n).slot", s.stakind\(n) AS "slots.\(n).kind",
        COALESCE(o\(n).name, CASE WHEN s.staop\(n) <> 0 THEN s.staop\(n)::pg_catalog.regoperator::text END)
        AS "slots.\(n).operator", CASE WHEN s.stacoll\(n) = 100 THEN 'pg_catalog."default"'
        WHEN s.stacoll\(n) <> 0 THEN \(Fragment.collationName("s.stacoll\(n)")) END AS "slots.\(n).collation",
        s.stanumbers\(n) AS "slots.\(n).numbers",
        \(keepsValues ? "s.stavalues\(n)::text" : "NULL::text") AS "slots.\(n).values",
        \(keepsValues ? type : "NULL::text") AS "slots.\(n).type"
        """
    }.joined(separator: ", ")
  }

  /// The type of a column's values in a slot of this kind.
  private static func slotType(_ kind: String) -> String {
    """
    CASE WHEN \(kind) = 4 AND t.typname = 'tsvector' THEN 'text'
    WHEN \(kind) = 4 AND t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL)
    WHEN \(kind) = 6 THEN 'double precision'
    WHEN \(kind) = 7 AND t.typtype = 'm' THEN mr.name ELSE pg_catalog.format_type(t.oid, NULL) END
    """
  }

  /// The views name neither operators nor collations: the reader takes the type's default ones
  /// (`typeOperators`) and the column's collation, which is what ANALYZE takes (`std_typanalyze`).
  private static func fromView(_ major: Int, keepsValues: Bool) -> SectionQuery {
    func slot(_ kind: Int, _ numbers: String, _ values: String, _ type: String, when: String) -> String {
      """
      SELECT \(kind) AS kind, \(numbers) AS numbers, \(keepsValues ? values : "NULL::text") AS vals, \(type) AS type
      WHERE \(when) IS NOT NULL
      """
    }
    let own = "pg_catalog.format_type(t.oid, NULL)"
    let element = "CASE WHEN t.typname = 'tsvector' THEN 'text' ELSE pg_catalog.format_type(t.typelem, NULL) END"
    var slots = [
      slot(1, "v.most_common_freqs", "v.most_common_vals::text", own, when: "v.most_common_vals"),
      slot(2, "NULL::real[]", "v.histogram_bounds::text", own, when: "v.histogram_bounds"),
      slot(3, "ARRAY[v.correlation]", "NULL::text", "NULL::text", when: "v.correlation"),
      slot(4, "v.most_common_elem_freqs", "v.most_common_elems::text", element, when: "v.most_common_elems"),
      slot(5, "v.elem_count_histogram", "NULL::text", "NULL::text", when: "v.elem_count_histogram"),
    ]
    if major >= 17 {
      slots += [
        slot(
          6, "ARRAY[v.range_empty_frac]", "v.range_length_histogram::text", "'double precision'",
          when: "v.range_length_histogram"),
        slot(
          7, "NULL::real[]", "v.range_bounds_histogram::text",
          "CASE WHEN t.typtype = 'm' THEN pg_catalog.regexp_replace(\(own), '_?multirange$', 'range') ELSE \(own) END",
          when: "v.range_bounds_histogram"),
      ]
    }
    return Fragment.rows(
      "column_statistics",
      """
      c.oid::bigint AS relation, a.attnum AS column_number, v.inherited AS is_inherited,
      v.null_frac AS null_fraction, v.avg_width AS width_bytes, v.n_distinct AS distinct_values,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('kind', p.kind, 'numbers', p.numbers, 'values', p.vals,
      'type', CASE WHEN p.vals IS NOT NULL THEN p.type END) ORDER BY p.kind)
      FROM (\(slots.joined(separator: " UNION ALL "))) p) AS slots
      FROM pg_catalog.pg_stats v JOIN pg_catalog.pg_namespace n ON n.nspname = v.schemaname
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = v.tablename
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = v.attname AND NOT a.attisdropped
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      WHERE \(isAnalyzed) ORDER BY c.oid, a.attnum, v.inherited
      """)
  }

  /// The equality and less-than operators of each column type's default B-tree class: what ANALYZE uses.
  /// Source of the order of the search: `GetDefaultOpClass`, indexcmds.c: the type itself, then a binary-coercible one;
  /// polymorphic classes for arrays, enums, ranges and composites.
  static let typeOperators = Section("type_operators", .catalog, reuse: .init(owner: .all)) { _, _ in
    Fragment.rows(
      "type_operators",
      with: """
        used AS MATERIALIZED (SELECT t.oid, b.oid AS base, b.typcollation,
        CASE WHEN b.typelem <> 0 AND b.typlen = -1 THEN 2277 WHEN b.typtype = 'e' THEN 3500 WHEN b.typtype = 'r' THEN 3831
        WHEN b.typtype = 'm' THEN 4537 WHEN b.typtype = 'c' THEN 2249 END::pg_catalog.oid AS polymorphic
        FROM (SELECT DISTINCT a.atttypid AS oid FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND \(isAnalyzed)) u JOIN pg_catalog.pg_type t ON t.oid = u.oid
        JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END),
        classes AS MATERIALIZED (SELECT oc.oid, oc.opcintype, eq.amopopr AS equal, lt.amopopr AS less
        FROM pg_catalog.pg_opclass oc JOIN pg_catalog.pg_am am ON am.oid = oc.opcmethod AND am.amname = 'btree'
        JOIN pg_catalog.pg_amop eq ON eq.amopfamily = oc.opcfamily AND eq.amoplefttype = oc.opcintype
        AND eq.amoprighttype = oc.opcintype AND eq.amopstrategy = 3 AND eq.amoppurpose = 's'
        JOIN pg_catalog.pg_amop lt ON lt.amopfamily = oc.opcfamily AND lt.amoplefttype = oc.opcintype
        AND lt.amoprighttype = oc.opcintype AND lt.amopstrategy = 1 AND lt.amoppurpose = 's' WHERE oc.opcdefault),
        found AS (SELECT u.oid, u.typcollation, k.equal, k.less, 0 AS rank, k.oid AS class
        FROM used u JOIN classes k ON k.opcintype = u.base
        UNION ALL SELECT u.oid, u.typcollation, k.equal, k.less, 1, k.oid
        FROM used u JOIN classes k ON k.opcintype = u.polymorphic
        UNION ALL SELECT u.oid, u.typcollation, k.equal, k.less, 2, k.oid
        FROM used u JOIN pg_catalog.pg_cast ca ON ca.castsource = u.base AND ca.castmethod = 'b' AND ca.castcontext = 'i'
        JOIN classes k ON k.opcintype = ca.casttarget)
        """,
      """
      pg_catalog.format_type(f.oid, NULL) AS type, f.equal::pg_catalog.regoperator::text AS equal,
      f.less::pg_catalog.regoperator::text AS less, \(Fragment.collationName("f.typcollation")) AS collation
      FROM (SELECT DISTINCT ON (found.oid) * FROM found ORDER BY found.oid, found.rank, found.class) f
      """)
  }

  static func extended(keepsValues: Bool) -> Section {
    Section(
      "extended_statistics", .catalog, reuse: .init(owner: .second, needs: .readsAllStatistics),
      alternatives: [
        .init(needs: .readsExtendedStatistic) { major, among in
          definitions(
            major, among,
            data: """
              (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
              'is_inherited', \(major >= 15 ? "d.stxdinherit" : "false"),
              'distinct_counts', d.stxdndistinct::text, 'dependencies', d.stxddependencies::text\
              \(keepsValues ? """
                , 'common_values', (SELECT pg_catalog.json_agg(pg_catalog.row_to_json(m) ORDER BY m.index)
                FROM pg_catalog.pg_mcv_list_items(d.stxdmcv) m),
                'common_values_bytes', pg_catalog.encode(d.stxdmcv::bytea, 'hex')
                """ : "")\
              \(major >= 14 ? """
                , 'expressions', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('number', x.n,
                'null_fraction', x.stanullfrac, 'width_bytes', x.stawidth, 'distinct_values', x.stadistinct,
                'slots', \(expressionSlots(keepsValues: keepsValues))) ORDER BY x.n)
                FROM pg_catalog.unnest(d.stxdexpr) WITH ORDINALITY AS x (starelid, staattnum, stainherit, stanullfrac,
                stawidth, stadistinct, stakind1, stakind2, stakind3, stakind4, stakind5, staop1, staop2, staop3, staop4,
                staop5, stacoll1, stacoll2, stacoll3, stacoll4, stacoll5, stanumbers1, stanumbers2, stanumbers3,
                stanumbers4, stanumbers5, stavalues1, stavalues2, stavalues3, stavalues4, stavalues5, n))
                """ : "")) \(major >= 15 ? "ORDER BY d.stxdinherit" : ""))
              FROM pg_catalog.pg_statistic_ext_data d WHERE d.stxoid = e.oid)
              """)
        },
        .init { major in
          definitions(
            major, .all,
            data: """
              (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
              'is_inherited', \(major >= 15 ? "v.inherited" : "false"), 'distinct_counts', v.n_distinct::text,
              'dependencies', v.dependencies::text\
              \(keepsValues ? """
                , 'common_values', CASE WHEN v.most_common_vals IS NOT NULL THEN
                (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('index', g.i - 1,
                'values', (SELECT pg_catalog.json_agg(v.most_common_vals[g.i][h.j] ORDER BY h.j)
                FROM pg_catalog.generate_series(1, pg_catalog.array_length(v.most_common_vals, 2)) AS h (j)),
                'nulls', (SELECT pg_catalog.json_agg(v.most_common_val_nulls[g.i][h.j] ORDER BY h.j)
                FROM pg_catalog.generate_series(1, pg_catalog.array_length(v.most_common_vals, 2)) AS h (j)),
                'frequency', v.most_common_freqs[g.i], 'base_frequency', v.most_common_base_freqs[g.i]) ORDER BY g.i)
                FROM pg_catalog.generate_series(1, pg_catalog.array_length(v.most_common_vals, 1)) AS g (i)) END
                """ : "")))
              FROM pg_catalog.pg_stats_ext v WHERE v.statistics_schemaname = en.nspname
              AND v.statistics_name = e.stxname)
              """)
        },
      ])
  }

  /// An expression's own type is not in the catalog; its values are in the binary form of an array, which names the
  /// type of its elements in bytes 9 to 12 (`array_send`).
  private static func expressionSlots(keepsValues: Bool) -> String {
    let list = (1...5).map { n in
      "(\(n), x.stakind\(n), x.staop\(n), x.stacoll\(n), x.stanumbers\(n), "
        + (keepsValues
          ? "x.stavalues\(n)::text, CASE WHEN x.stavalues\(n) IS NOT NULL THEN " + elementType("x.stavalues\(n)")
            + " END"
          : "NULL::text, NULL::text") + ")"
    }
    return """
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('slot', v.n, 'kind', v.kind,
      'operator', CASE WHEN v.operator <> 0 THEN v.operator::pg_catalog.regoperator::text END,
      'collation', CASE WHEN v.collation_oid <> 0 THEN \(Fragment.collationName("v.collation_oid")) END,
      'numbers', v.numbers, 'values', v.vals, 'type', v.type) ORDER BY v.n)
      FROM (VALUES \(list.joined(separator: ", "))) AS v (n, kind, operator, collation_oid, numbers, vals, type)
      WHERE v.kind <> 0)
      """
  }

  static func elementType(_ values: String) -> String {
    """
    (SELECT pg_catalog.format_type(((pg_catalog.get_byte(b.b, 8)::bigint << 24) + (pg_catalog.get_byte(b.b, 9) << 16)
    + (pg_catalog.get_byte(b.b, 10) << 8) + pg_catalog.get_byte(b.b, 11))::pg_catalog.oid, NULL)
    FROM (SELECT pg_catalog.array_send(\(values)) AS b) b)
    """
  }

  private static func definitions(_ major: Int, _ among: Among, data: String) -> SectionQuery {
    Fragment.rows(
      "extended_statistics", with: Fragment.locked,
      """
      e.oid::bigint AS oid, e.stxrelid::bigint AS relation, en.nspname AS schema, e.stxname AS name,
      pg_catalog.pg_get_userbyid(e.stxowner) AS owner, pg_catalog.pg_get_statisticsobjdef(e.oid) AS definition,
      e.stxkeys::smallint[] AS columns, e.stxkind AS kinds,
      \(major >= 17 ? "e.stxstattarget" : "NULLIF(e.stxstattarget, -1)") AS statistics_target,
      \(data) AS data
      FROM pg_catalog.pg_statistic_ext e JOIN pg_catalog.pg_namespace en ON en.oid = e.stxnamespace
      JOIN pg_catalog.pg_class c ON c.oid = e.stxrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE \(isAnalyzed) AND \(Fragment.isFree("e.stxrelid"))\(among("e.stxrelid")) ORDER BY e.oid
      """)
  }

  /// Height and root of each B-tree, from its first page.
  /// Source of the layout: `BTMetaPageData`, nbtree.h, behind a page header of 24 bytes, in the server's byte order;
  /// the magic number tells whether that is ours.
  static let treeHeights = Section(
    "tree_heights", .catalog, reuse: .init(owner: .firstOrIndex, followsContents: true),
    whenMissing: "heights of B-trees (superuser with pageinspect, or pg_read_server_files with pg_read_binary_file)",
    alternatives: [
      .init(needs: .readsTreePages) { _, among in
        heights(among, "CROSS JOIN LATERAL :tree_function(pg_catalog.format('%I.%I', xn.nspname, x.relname)) AS p")
      },
      .init(needs: .readsFiles) { _, among in
        heights(
          among,
          """
          CROSS JOIN LATERAL (SELECT pg_catalog.pg_read_binary_file(pg_catalog.pg_relation_filepath(x.oid), 0, 72, true)
          AS b) f CROSS JOIN LATERAL (SELECT \(number(24)) AS magic, \(number(36)) AS level, \(number(44)) AS fastlevel,
          pg_catalog.get_byte(f.b, 64) <> 0 AS allequalimage WHERE pg_catalog.length(f.b) = 72) AS p
          """, where: " AND p.magic = 340322")
      },
    ])

  /// How the pages and entries of each GIN index are divided, from its first page: the planner reads it there.
  /// Source of the layout: `GinMetaPageData`, ginblock.h, behind a page header of 24 bytes, in the server's byte order;
  /// the version of the format tells whether that is ours.
  static let ginPages = Section(
    "gin_pages", .catalog, reuse: .init(owner: .firstOrIndex, followsContents: true),
    alternatives: [
      .init(needs: .readsFiles) { _, among in
        Fragment.rows(
          "gin_pages",
          """
          x.oid::bigint AS index, \(number(36)) AS pending_pages, \(number(48)) AS total_pages,
          \(number(52)) AS entry_pages, \(number(56)) AS data_pages, (\(number(64))) + ((\(number(68))) << 32) AS entries
          FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
          JOIN pg_catalog.pg_am am ON am.oid = x.relam AND am.amname = 'gin'
          CROSS JOIN LATERAL (SELECT pg_catalog.pg_read_binary_file(pg_catalog.pg_relation_filepath(x.oid), 0, 80, true)
          AS b) f WHERE x.relkind = 'i' AND i.indisvalid AND x.relpersistence <> 't' AND \(Fragment.userSchema("n"))
          AND CASE WHEN pg_catalog.length(f.b) = 80 THEN \(number(72)) ELSE 0 END IN (1, 2)\(among("x.oid")) ORDER BY x.oid
          """)
      }
    ])

  private static func number(_ offset: Int) -> String {
    (0..<4).map { "(pg_catalog.get_byte(f.b, \(offset + $0))::bigint << \(8 * $0))" }.joined(separator: " + ")
  }

  private static func heights(_ among: Among, _ source: String, where condition: String = "") -> SectionQuery {
    Fragment.rows(
      "tree_heights",
      """
      x.oid::bigint AS index, p.level AS height, p.fastlevel AS fast_height,
      p.allequalimage AS deduplicates
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace xn ON xn.oid = x.relnamespace
      JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_am am ON am.oid = x.relam AND am.amname = 'btree' \(source)
      WHERE x.relkind = 'i' AND i.indisvalid AND x.relpersistence <> 't' AND \(Fragment.userSchema("n"))\(condition)\(among("x.oid"))
      ORDER BY x.oid
      """)
  }

  /// The queries that look up a column's real least and greatest value, one probe into each end of an index: the
  /// planner does the same (`get_actual_variable_range`, selfuncs.c) where a comparison falls on a histogram's end.
  ///
  /// The sort key is spelled with its table: a bare name would mean the text beside it, sorted as text without the index.
  ///
  /// Only plain columns with types and operator classes of the server itself, on tables without row security for
  /// this role: nothing that somebody else wrote is run. Where the probes count as scans (see `Probe.untracked`), an
  /// index that nobody has used yet is left alone: a probe would make it look used.
  static let extremes = Section(
    "extremes", .catalog, isGenerator: true, isValues: true, reuse: .init(owner: .first, followsContents: true),
    alternatives: [
      .init { _, among in
        var query = Fragment.rows(
          "extremes", with: leadingColumns(among),
          probes("SELECT pg_catalog.row_to_json(r) FROM (SELECT ''extremes'' AS section, ", among, ") r"))
        // To plan a probe is most of its cost, so it is as plain as can be where rows are written here.
        query.spread = "WITH \(leadingColumns(among)) SELECT " + probes("SELECT ", among, "")
        return query
      }
    ])

  /// `ends`: columns that lead an index whose order is the column's own.
  private static func leadingColumns(_ among: Among) -> String {
    """
    \(Fragment.locked), ends AS (SELECT DISTINCT i.indrelid AS relation, i.indkey[0] AS number,
    i.indcollation[0] AS collation FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    JOIN pg_catalog.pg_am am ON am.oid = x.relam AND am.amname = 'btree'
    JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[0] AND oc.opcdefault
    AND oc.opcnamespace = 'pg_catalog'::pg_catalog.regnamespace
    WHERE i.indisvalid AND i.indisready AND i.indpred IS NULL AND NOT i.indcheckxmin\(among("i.indrelid")))
    """
  }

  private static func probes(_ head: String, _ among: Among, _ tail: String) -> String {
    """
    pg_catalog.format('\(head)%s::bigint AS relation, %s AS column_number,
    (SELECT v.%I::text FROM ONLY %I.%I v WHERE v.%I IS NOT NULL ORDER BY v.%I LIMIT 1) AS minimum,
    (SELECT v.%I::text FROM ONLY %I.%I v WHERE v.%I IS NOT NULL ORDER BY v.%I DESC LIMIT 1) AS maximum\(tail)',
    c.oid, a.attnum, a.attname, n.nspname, c.relname, a.attname, a.attname,
    a.attname, n.nspname, c.relname, a.attname, a.attname)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN ends e ON e.relation = c.oid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = e.number AND a.attnum > 0
    AND NOT a.attisdropped AND (e.collation = 0 OR e.collation = a.attcollation)
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND c.relispopulated AND c.relpages > 0
    AND \(Fragment.userSchema("n")) AND NOT EXISTS (SELECT 1 FROM locked WHERE relation = c.oid)
    AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND NOT (c.relrowsecurity AND pg_catalog.row_security_active(c.oid))
    AND (pg_catalog.current_setting('track_counts') = 'off' OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index i
    WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND pg_catalog.pg_stat_get_numscans(i.indexrelid) = 0))
    \(among("c.oid")) ORDER BY c.oid, a.attnum
    """
  }
}

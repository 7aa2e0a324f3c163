/// One topic of a snapshot: the query whose every row is one JSON object, and so one line of the file.
///
/// The live capture and the psql script run the same queries: `sql` says what suits a major version,
/// `Alternative.needs` what the role and the server must have.
struct Section: Sendable {
  /// How often a section is worth its cost.
  enum Pace: Sendable {
    /// What the statements' counters are compared by: part of every round of a service.
    case round
    /// The server's other counters and its state: part of a full capture.
    case counters
    /// Changes with DDL and ANALYZE: part of a full capture.
    case catalog
  }

  struct Alternative: Sendable {
    /// A column of `Probe.sql` that must be true; nil always holds.
    var needs: Flag?
    /// The query for a major version; nil where that version has no such thing.
    var sql: @Sendable (_ major: Int, _ among: Among) -> SectionQuery?
    /// Whether it can be asked for the rows of some relations only.
    var canChoose: Bool

    init(needs: Flag? = nil, _ sql: @escaping @Sendable (_ major: Int, _ among: Among) -> SectionQuery?) {
      self.needs = needs
      self.sql = sql
      canChoose = true
    }

    init(needs: Flag? = nil, _ sql: @escaping @Sendable (_ major: Int) -> SectionQuery?) {
      self.needs = needs
      self.sql = { major, _ in sql(major) }
      canChoose = false
    }
  }

  /// The value of `section` in every row.
  var name: String
  var pace: Pace
  /// The first whose need holds is run.
  var alternatives: [Alternative]
  /// Whether the rows are queries to be run in turn, each with the section's rows as its own result.
  var isGenerator = false
  /// Whether it shows values of the users' data, and so is left out when values are dropped.
  var isValues = false
  /// How rows of an earlier capture can be told to be true still; nil where all are taken each time.
  var reuse: Reuse?
  /// What a reader misses where no alternative holds; nil where nothing is missing then.
  var whenMissing: String?

  init(
    _ name: String, _ pace: Pace, isGenerator: Bool = false, isValues: Bool = false, reuse: Reuse? = nil,
    whenMissing: String? = nil, alternatives: [Alternative]
  ) {
    self.name = name
    self.pace = pace
    self.isGenerator = isGenerator
    self.isValues = isValues
    self.reuse = reuse
    self.whenMissing = whenMissing
    self.alternatives = alternatives
  }

  /// A section that every role can read on every version.
  init(_ name: String, _ pace: Pace, _ sql: @escaping @Sendable (_ major: Int) -> SectionQuery?) {
    self.init(name, pace, alternatives: [Alternative(sql)])
  }

  /// A section of rows that each belong to a relation, which every role can read on every version.
  init(
    _ name: String, _ pace: Pace, reuse: Reuse,
    _ sql: @escaping @Sendable (_ major: Int, _ among: Among) -> SectionQuery?
  ) {
    self.init(name, pace, reuse: reuse, alternatives: [Alternative(sql)])
  }

  /// What ties a section's rows to relations. Every row begins with one or two object ids.
  struct Reuse: Sendable, Hashable {
    enum Owner: Sendable {
      /// The first id is the relation's.
      case first
      /// The first id is the row's own, the second the relation's.
      case second
      /// The first id is the relation's or that of an index on it.
      case firstOrIndex
      /// Rows of no relation, which follow from all of them.
      case all
    }

    var owner: Owner
    /// Whether rows are ordered by the relation although their own id comes first.
    var isOrderedByRelation = false
    /// Whether rows change with the relation's contents, and not only with its definition and statistics.
    var followsContents = false
    /// What the role must have for the relations' versions to tell a change of these rows.
    var needs: Flag?
  }
}

/// What a role may and a server has; each is a boolean column of `Probe.sql`.
enum Flag: String, Sendable, CaseIterable {
  case readsStatistic = "reads_statistic"
  case readsExtendedStatistic = "reads_extended_statistic"
  case readsFiles = "reads_files"
  case readsTreePages = "reads_tree_pages"
  case hasStatements = "has_statements"
  case hasStatementsInfo = "has_statements_info"
  case readsAllStatistics = "reads_all_statistics"
  /// Whether the server counts what is written to each table.
  case countsChanges = "counts_changes"
}

/// Pieces of SQL that several sections share. All run with an empty `search_path`, so that the server prints every
/// name with its schema and no foreign schema takes part in looking up functions and operators.
enum Fragment {
  /// Schemas of users. Names that begin with `pg_` are the server's own.
  static func userSchema(_ alias: String) -> String {
    "\(alias).nspname !~ '^pg_' AND \(alias).nspname <> 'information_schema'"
  }

  /// The name of the extension that `object` of the catalog `catalog` belongs to.
  static func extensionOf(_ catalog: String, _ object: String) -> String {
    """
    (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_catalog.\(catalog)'::pg_catalog.regclass AND d.objid = \(object) AND d.objsubid = 0
    AND d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1)
    """
  }

  /// A collation as SQL, with its schema; NULL for none.
  static func collationName(_ oid: String) -> String {
    """
    (SELECT pg_catalog.format('%I.%I', cn.nspname, co.collname) FROM pg_catalog.pg_collation co
    JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = \(oid))
    """
  }

  /// Relations that somebody holds or awaits an exclusive lock on: asking their size would wait behind it.
  static let locked = """
    locked AS MATERIALIZED (SELECT DISTINCT l.relation FROM pg_catalog.pg_locks l
    WHERE l.mode = 'AccessExclusiveLock' AND l.locktype = 'relation' AND l.relation IS NOT NULL
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
    """

  /// Whether nobody holds or awaits an exclusive lock on a relation. To print an expression of one (a default that is
  /// generated, a CHECK, an index's definition) the server opens it (`set_relation_column_names`, ruleutils.c), and
  /// would wait.
  static func isFree(_ oid: String) -> String { "NOT EXISTS (SELECT 1 FROM locked WHERE relation = \(oid))" }

  /// Bytes of a relation's main fork; NULL where it is locked or has no storage.
  static func size(_ oid: String) -> String {
    "CASE WHEN \(isFree(oid)) THEN pg_catalog.pg_relation_size(\(oid)) END"
  }

  /// The rows of a SELECT list with what follows it.
  static func rows(_ section: String, with: String? = nil, _ select: String) -> SectionQuery {
    SectionQuery(section: section, with: with, select: select)
  }
}

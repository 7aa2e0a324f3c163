import PostgresClient
import PrivateServer

/// What a twin's database has beside production's schema: a role that owns everything from the snapshot and has no rights
/// beyond this database, and a few functions that do for it what only a superuser may.
enum TwinSupport {
  /// Owns the replayed schema and plans the statements. Whatever the snapshot's own code does, it does as this role.
  static let owner = "pgassay_owner"
  static let schema = "pgassay_twin"
  /// Makes numbers of files that are above every number that the server gives out by itself in a cluster this young.
  static let fileNumberShift: Int64 = 3_000_000_000

  /// A value in libpq's connection string.
  static func quoted(_ value: String) -> String {
    "'" + value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
  }

  /// Of functions that do what only a superuser may. Their plans are kept for the session, whatever it plans otherwise.
  private static let definer =
    "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp "
    + "SET plan_cache_mode = force_generic_plan"

  /// Run once in a cluster, by the superuser.
  static let clusterScript = """
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '\(owner)') THEN
        CREATE ROLE \(owner) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
        ALTER ROLE \(owner) SET temp_file_limit = '1GB';
      END IF;
    END $$
    """

  /// Run once in the database, by the superuser, before the schema is replayed.
  ///
  /// `sized` keeps what the planner is to see of each table. To build an index without reading the holes of a sparse
  /// terabyte, the table is given the file of `no_rows` for the length of a transaction.
  ///
  /// A block of code in a migration must not write rows while tables share that file: `deny_writes` takes the right to.
  ///
  /// `new_index` hides what has just been built and tells of it. An index of a kind whose first pages building has brought
  /// into the server's cache gets a new file number, since there a change of the file is not seen.
  static let databaseScript = """
    CREATE SCHEMA \(schema);
    GRANT USAGE ON SCHEMA \(schema) TO \(owner);
    CREATE TABLE \(schema).no_rows ();
    CREATE TABLE \(schema).sized (
      relation oid PRIMARY KEY, filenode oid NOT NULL, pages integer NOT NULL, tuples real NOT NULL,
      all_visible integer NOT NULL, tablespace oid NOT NULL, acl aclitem[]);
    CREATE FUNCTION \(schema).descendants(oid) RETURNS TABLE (relation oid) LANGUAGE sql STABLE AS $$
      WITH RECURSIVE tree (relation) AS (
        SELECT $1 UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i
        JOIN tree t ON t.relation OPERATOR(pg_catalog.=) i.inhparent)
      SELECT relation FROM tree $$;
    CREATE FUNCTION \(schema).hide_rows(target oid) RETURNS void \(definer) AS $$
      DECLARE
        empty_file CONSTANT oid := (SELECT e.relfilenode FROM pg_class e WHERE e.oid = '\(schema).no_rows'::regclass);
      BEGIN
        IF target IS NULL THEN
          UPDATE pg_class c SET relfilenode = empty_file, reltablespace = 0
            FROM \(schema).sized s WHERE s.relation = c.oid;
        ELSE
          UPDATE pg_class c SET relfilenode = empty_file, reltablespace = 0
            FROM \(schema).descendants(target) d JOIN \(schema).sized s ON s.relation = d.relation
            WHERE c.oid = d.relation;
        END IF;
      END $$;
    CREATE FUNCTION \(schema).show_rows(target oid) RETURNS TABLE (rewritten text) \(definer) AS $$
      DECLARE
        empty_file CONSTANT oid := (SELECT e.relfilenode FROM pg_class e WHERE e.oid = '\(schema).no_rows'::regclass);
      BEGIN
        IF target IS NULL THEN
          RETURN QUERY UPDATE \(schema).sized s SET filenode = c.relfilenode, tablespace = c.reltablespace
            FROM pg_class c
            WHERE c.oid = s.relation AND c.relfilenode <> s.filenode AND c.relfilenode <> empty_file
            RETURNING c.oid::text;
          UPDATE pg_class c SET relfilenode = s.filenode, reltablespace = s.tablespace, relpages = s.pages,
            reltuples = s.tuples, relallvisible = s.all_visible FROM \(schema).sized s WHERE s.relation = c.oid;
        ELSE
          UPDATE pg_class c SET relfilenode = s.filenode, reltablespace = s.tablespace, relpages = s.pages,
            reltuples = s.tuples, relallvisible = s.all_visible
            FROM \(schema).descendants(target) d JOIN \(schema).sized s ON s.relation = d.relation
            WHERE c.oid = d.relation;
        END IF;
      END $$;
    CREATE FUNCTION \(schema).deny_writes(denied boolean) RETURNS void \(definer) AS $$
      BEGIN
        IF denied THEN
          UPDATE \(schema).sized s SET acl = c.relacl FROM pg_class c WHERE c.oid = s.relation;
          UPDATE pg_class c SET relacl = ARRAY['\(owner)=rxt/\(owner)'::aclitem]
            FROM \(schema).sized s WHERE s.relation = c.oid AND c.relkind IN ('r', 'm');
        ELSE
          UPDATE pg_class c SET relacl = s.acl
            FROM \(schema).sized s WHERE s.relation = c.oid AND c.relkind IN ('r', 'm');
        END IF;
      END $$;
    CREATE FUNCTION \(schema).switch_indexes(valid oid[], hidden oid[]) RETURNS void \(definer) AS $$
      BEGIN
        UPDATE pg_index SET indisvalid = indexrelid = ANY (valid)
          WHERE indexrelid = ANY (valid || hidden) AND indisvalid <> (indexrelid = ANY (valid));
      END $$;
    CREATE FUNCTION \(schema).new_index(in_schema text, index_name text) RETURNS TABLE (
        oid text, table_oid text, name text, method text, path text, moved_from text) \(definer) AS $$
      #variable_conflict use_column
      DECLARE
        index_oids CONSTANT oid[] := ARRAY(SELECT d.relation FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL \(schema).descendants(c.oid) d
          WHERE n.nspname = in_schema AND c.relname = index_name AND c.relkind IN ('i', 'I')
          ORDER BY d.relation <> c.oid, d.relation);
      BEGIN
        UPDATE pg_index x SET indisvalid = false WHERE x.indexrelid = ANY (index_oids);
        RETURN QUERY WITH before AS (
          SELECT i.n, c.oid, x.indrelid, c.relname, am.amname, COALESCE(pg_relation_filepath(c.oid), '') AS path,
            c.relfilenode::bigint AS number
          FROM unnest(index_oids) WITH ORDINALITY AS i (relation, n) JOIN pg_class c ON c.oid = i.relation
          JOIN pg_index x ON x.indexrelid = c.oid JOIN pg_am am ON am.oid = c.relam),
        moved AS (
          UPDATE pg_class c SET relfilenode = (b.number + \(fileNumberShift))::oid FROM before b
          WHERE c.oid = b.oid AND b.amname IN ('gin', 'brin') AND b.path <> '' RETURNING c.oid)
        SELECT b.oid::text, b.indrelid::text, b.relname::text, b.amname::text,
          CASE WHEN m.oid IS NULL THEN b.path
            ELSE regexp_replace(b.path, '[0-9]+$', '') || (b.number + \(fileNumberShift)) END,
          CASE WHEN m.oid IS NOT NULL THEN b.path END
        FROM before b LEFT JOIN moved m ON m.oid = b.oid ORDER BY b.n;
      END $$;
    CREATE FUNCTION \(schema).does_nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema) FROM PUBLIC;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema) TO \(owner);
    """

  /// Gives `no_rows` a page of zeros. A table's indexes still point to its first page when it is given that file, so that
  /// whoever plans or runs something meanwhile looks into it: there is nothing in it, as in a page that was never used.
  static func makeEmptyPage(of server: PrivateServer, _ administration: PostgresConnection) async throws {
    let path = try await administration.query(
      "SELECT pg_catalog.pg_relation_filepath('\(schema).no_rows'::pg_catalog.regclass) AS path"
    ).only().string("path")
    do {
      try RelationFile(directory: server.dataDirectory, path: path).extend(toPages: 1)
    } catch {
      throw TwinError.file(path: error.path, reason: error.reason)
    }
  }

  /// Tables without rows need no TOAST tables, of which the planner knows nothing: a third of what making a table costs,
  /// and half of its files. A table gets one where a column's type may be stored elsewhere.
  static let withoutStorageScript = """
    CREATE TEMPORARY TABLE type_storage AS SELECT oid, typstorage FROM pg_catalog.pg_type WHERE typstorage <> 'p';
    UPDATE pg_catalog.pg_type SET typstorage = 'p' WHERE typstorage <> 'p'
    """

  /// Domains that were made meanwhile have their storage from the type below them.
  static let withStorageScript = """
    UPDATE pg_catalog.pg_type t SET typstorage = s.typstorage FROM pg_temp.type_storage s WHERE s.oid = t.oid;
    DROP TABLE pg_temp.type_storage;
    WITH RECURSIVE chain (oid, typstorage) AS (
      SELECT t.oid, t.typstorage FROM pg_catalog.pg_type t WHERE t.typtype <> 'd'
      UNION ALL
      SELECT t.oid, c.typstorage FROM chain c JOIN pg_catalog.pg_type t ON t.typbasetype = c.oid AND t.typtype = 'd')
    UPDATE pg_catalog.pg_type t SET typstorage = c.typstorage FROM chain c
    WHERE c.oid = t.oid AND t.typtype = 'd' AND t.typstorage <> c.typstorage
    """
}

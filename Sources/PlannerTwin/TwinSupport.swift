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
  static let databaseScript = """
    CREATE SCHEMA \(schema);
    GRANT USAGE ON SCHEMA \(schema) TO \(owner);
    CREATE TABLE \(schema).no_rows ();
    CREATE TABLE \(schema).sized (
      relation oid PRIMARY KEY, filenode oid NOT NULL, pages integer NOT NULL, tuples real NOT NULL,
      all_visible integer NOT NULL, tablespace oid NOT NULL);
    CREATE FUNCTION \(schema).descendants(oid) RETURNS TABLE (relation oid)
      LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
      WITH RECURSIVE tree (relation) AS (
        SELECT $1 UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree t ON t.relation = i.inhparent)
      SELECT relation FROM tree $$;
    CREATE FUNCTION \(schema).hide_rows(oid) RETURNS void
      LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      UPDATE pg_catalog.pg_class c
        SET relfilenode = (SELECT e.relfilenode FROM pg_catalog.pg_class e WHERE e.oid = '\(schema).no_rows'::regclass),
          reltablespace = 0
        FROM \(schema).sized s
        WHERE s.relation = c.oid AND ($1 IS NULL OR c.oid IN (SELECT relation FROM \(schema).descendants($1))) $$;
    CREATE FUNCTION \(schema).show_rows(oid) RETURNS TABLE (rewritten text)
      LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      WITH written AS (
        UPDATE \(schema).sized s SET filenode = c.relfilenode, tablespace = c.reltablespace FROM pg_catalog.pg_class c
        WHERE c.oid = s.relation AND c.relfilenode <> s.filenode AND c.relfilenode <>
          (SELECT e.relfilenode FROM pg_catalog.pg_class e WHERE e.oid = '\(schema).no_rows'::regclass)
        RETURNING c.oid)
      , shown AS (
        UPDATE pg_catalog.pg_class c
        SET relfilenode = CASE WHEN c.oid IN (SELECT oid FROM written) THEN c.relfilenode ELSE s.filenode END,
          reltablespace = CASE WHEN c.oid IN (SELECT oid FROM written) THEN c.reltablespace ELSE s.tablespace END,
          relpages = s.pages, reltuples = s.tuples, relallvisible = s.all_visible
        FROM \(schema).sized s
        WHERE s.relation = c.oid AND ($1 IS NULL OR c.oid IN (SELECT relation FROM \(schema).descendants($1))))
      SELECT oid::text FROM written $$;
    CREATE FUNCTION \(schema).switch_indexes(valid oid[], hidden oid[]) RETURNS void
      LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      UPDATE pg_catalog.pg_index SET indisvalid = indexrelid = ANY ($1)
        WHERE indexrelid = ANY ($1 || $2) AND indisvalid <> (indexrelid = ANY ($1)) $$;
    CREATE FUNCTION \(schema).set_index_size(oid, integer, real) RETURNS void
      LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      UPDATE pg_catalog.pg_class SET relpages = $2, reltuples = $3 WHERE oid = $1 AND relkind = 'i' $$;
    CREATE FUNCTION \(schema).move_index(oid) RETURNS text
      LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      UPDATE pg_catalog.pg_class SET relfilenode = (relfilenode::bigint + \(fileNumberShift))::oid
        WHERE oid = $1 AND relkind = 'i' RETURNING relfilenode::text $$;
    CREATE FUNCTION \(schema).does_nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema) FROM PUBLIC;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema) TO \(owner);
    """
}

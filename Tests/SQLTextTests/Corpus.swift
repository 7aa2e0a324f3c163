/// Statements of every sort that the tests mutate and compare.
enum Corpus {
  static let queries = [
    "SELECT abalance FROM pgbench_accounts WHERE aid = 4711;",
    "UPDATE pgbench_accounts SET abalance = abalance + -1234 WHERE aid = 99",
    "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 2, 3, -4, CURRENT_TIMESTAMP)",
    "INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, E'z\\'') ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING a",
    "SELECT o.id, c.\"Name\" FROM orders AS o JOIN customers c ON c.id = o.customer_id WHERE o.status IN ('a', 'b') AND o.total > 1.5e3 ORDER BY o.created_at DESC NULLS LAST LIMIT 20 OFFSET 40",
    "SELECT * FROM users WHERE lower(email) = 'x@y.z' AND deleted_at IS NULL /*controller='users',action='login'*/",
    "WITH x AS (SELECT 1 a UNION ALL SELECT 2) SELECT a, count(*) FROM x GROUP BY a HAVING count(*) > 1",
    "SELECT $$it's$$, $tag$a $$ b$tag$, U&'\\0041', N'n', B'101', X'1F', E'a\\nb'",
    "SELECT 'a'\n  'b' AS joined, 1.5, .5, 2., 1e10, -3 -- trailing",
    "SELECT a->>'k', b @> '{\"x\": 1}'::jsonb, c ?| ARRAY['p','q'] FROM j WHERE d BETWEEN 1 AND 2 OR e ~* 'x'",
    "DELETE FROM sessions WHERE expires < now() - interval '30 days' AND id = ANY($1::int[])",
    "SELECT DISTINCT ON (a) a, b, row_number() OVER (PARTITION BY a ORDER BY b DESC) FROM t, LATERAL (SELECT 1) s",
    "SELECT CASE WHEN a = 1 THEN 'one' ELSE NULL END, coalesce(b, 0), CAST(c AS numeric(10,2)), d::float(24) FROM t",
    "select /* a /* nested */ comment */ 1 from t where x = -5 and y=-$1 and z = - '5'",
    "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1, 2)",
    "SELECT extract(year FROM ts), date '2020-01-01', ts AT TIME ZONE 'UTC' FROM t FOR UPDATE SKIP LOCKED",
    "SELECT t1.a FROM part_2026_01 t1 WHERE EXISTS (SELECT 1 FROM s WHERE s.id = t1.id) AND NOT b",
    "select float8 '1.5', a::float ( 53 ) from t where \"float\" (1) is true",
    "SELECT 1; SELECT 2",
  ]

  static let utilities = [
    "BEGIN ISOLATION LEVEL SERIALIZABLE", "COMMIT", "ROLLBACK TO SAVEPOINT s1", "SET work_mem = '64MB'",
    "SET application_name TO 'x'", "NOTIFY ch, 'payload'", "ALTER ROLE app PASSWORD 'geheim'",
    "CREATE ROLE app LOGIN PASSWORD E'geheim\\'x' CONNECTION LIMIT 5",
    "COPY t FROM '/tmp/geheim.csv' WITH (FORMAT csv)",
    "CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'u', password 'geheim')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=geheim' PUBLICATION p",
    "ALTER SUBSCRIPTION s CONNECTION 'host=h password=geheim'",
    "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'geheim')",
    "DO $$ BEGIN PERFORM dblink('password=geheim'); END $$", "DO LANGUAGE plpgsql 'BEGIN RAISE ''geheim''; END'",
    "COMMENT ON TABLE t IS 'geheim'", "FETCH 100 FROM c", "VACUUM (PARALLEL 2) t", "EXPLAIN (ANALYZE) SELECT 1 FROM t",
    "CREATE TABLE p PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER 1)",
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'geheim' $$",
    "ALTER TABLE t ALTER a SET STATISTICS 500",
    "PREPARE q AS SELECT 'geheim' FROM t WHERE a = $1", "EXECUTE q('geheim')", "LISTEN ch", "DEALLOCATE q",
    "CREATE TYPE mood AS ENUM ('geheim', 'b')", "ALTER SYSTEM SET x = 'geheim'", "GRANT SELECT ON t TO app",
    "SELECT dblink_connect('c', 'host=h password=geheim')",
  ]

  static let all = queries + utilities
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

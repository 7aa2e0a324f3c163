/// Views of all kinds.
enum ViewsCase {
  static let value = PlannerCase(
    name: "views",
    schema: #"""
      CREATE TABLE sale (id int PRIMARY KEY, shop int NOT NULL, product int NOT NULL, amount numeric NOT NULL, at date NOT NULL);
      INSERT INTO sale SELECT i, i % 30, i % 400, i % 90, date '2024-01-01' + i % 365 FROM generate_series(1, 40000) i;
      CREATE INDEX ON sale (shop, at);
      CREATE VIEW recent AS SELECT * FROM sale WHERE at > '2024-10-01';
      CREATE VIEW per_shop (shop, n, total) AS SELECT shop, count(*), sum(amount) FROM recent GROUP BY shop;
      CREATE VIEW guarded WITH (security_barrier) AS SELECT * FROM sale WHERE shop < 5;
      CREATE RECURSIVE VIEW numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 50;
      CREATE MATERIALIZED VIEW daily WITH (fillfactor = 70) AS SELECT at, shop, count(*) AS n, sum(amount) AS total FROM sale GROUP BY at, shop;
      CREATE UNIQUE INDEX daily_key ON daily (at, shop); CREATE INDEX ON daily ((n * 2));
      CREATE MATERIALIZED VIEW monthly AS SELECT date_trunc('month', at) AS month, sum(total) FROM daily GROUP BY 1;
      CREATE MATERIALIZED VIEW never AS SELECT 1 AS a WITH NO DATA;
      CREATE VIEW both_ways AS SELECT d.at, d.n, p.total FROM daily d LEFT JOIN per_shop p USING (shop);
      CREATE TABLE listed (LIKE sale INCLUDING ALL);
      CREATE VIEW everything AS SELECT * FROM sale UNION ALL SELECT * FROM listed;
      CREATE VIEW "View ""quoted""" AS SELECT id AS "the id", 'a;b -- c' AS "te;xt" FROM sale;
      """#,
    queries: [
      "SELECT * FROM recent WHERE shop = 5", "SELECT * FROM per_shop WHERE total > 100",
      "SELECT * FROM guarded WHERE amount = 5 AND product = 7",
      "SELECT * FROM numbers", "SELECT * FROM daily WHERE at = '2024-05-05'", "SELECT * FROM daily WHERE n * 2 = 8",
      "SELECT * FROM monthly",
      "SELECT * FROM both_ways WHERE at > '2024-12-20'", "SELECT * FROM everything WHERE id = 5",
      "SELECT * FROM \"View \"\"quoted\"\"\" WHERE \"the id\" < 9",
      "SELECT * FROM never", "SELECT * FROM daily WHERE total > 400 ORDER BY at LIMIT 3",
      "UPDATE recent SET amount = 0 WHERE shop = 3",
    ])
}

/// Functions, operators, aggregates and casts in expressions.
enum FunctionsCase {
  static let value = PlannerCase(
    name: "functions",
    schema: #"""
      CREATE TABLE n (id int PRIMARY KEY, a int, b text, c double precision);
      INSERT INTO n SELECT i, i % 200, 'b' || i % 90, random() FROM generate_series(1, 20000) i;
      CREATE FUNCTION inlined(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2 + 1';
      CREATE FUNCTION stable_one(int, step int DEFAULT 3) RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE COST 400 AS 'BEGIN RETURN $1 + step; END';
      CREATE FUNCTION volatile_one() RETURNS int LANGUAGE plpgsql COST 7 AS 'BEGIN RETURN 4; END';
      CREATE FUNCTION folded(int) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS 'BEGIN RETURN $1 * 10; END';
      CREATE FUNCTION many(int) RETURNS SETOF n LANGUAGE sql STABLE ROWS 77 AS 'SELECT * FROM public.n WHERE a = $1';
      CREATE FUNCTION table_of(low int, OUT x int, OUT y text) RETURNS SETOF record LANGUAGE plpgsql ROWS 12 COST 3 AS 'BEGIN RETURN; END';
      CREATE FUNCTION secret(int) RETURNS boolean LANGUAGE plpgsql STABLE LEAKPROOF COST 2 AS 'BEGIN RETURN true; END';
      CREATE FUNCTION supported(int, int) RETURNS SETOF int LANGUAGE internal IMMUTABLE STRICT SUPPORT generate_series_int4_support AS 'generate_series_int4';
      CREATE FUNCTION supported_too(int, int) RETURNS SETOF int LANGUAGE plpgsql IMMUTABLE STRICT SUPPORT generate_series_int4_support AS 'BEGIN RETURN; END';
      CREATE FUNCTION defined(x int) RETURNS int LANGUAGE sql IMMUTABLE SECURITY DEFINER SET work_mem = '7MB' AS 'SELECT $1';
      CREATE FUNCTION generic(anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT $1';
      CREATE FUNCTION all_of(VARIADIC int[]) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT cardinality($1)';
      CREATE FUNCTION same(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2';
      CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = same, RESTRICT = eqsel, JOIN = eqjoinsel);
      CREATE FUNCTION add_up(int, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 + $2';
      CREATE AGGREGATE my_sum (int) (SFUNC = add_up, STYPE = int, INITCOND = '0', COMBINEFUNC = add_up, PARALLEL = SAFE);
      CREATE TYPE pair AS (x int, y int);
      CREATE FUNCTION to_pair(int) RETURNS pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, $1)::public.pair';
      CREATE CAST (int AS pair) WITH FUNCTION to_pair(int) AS IMPLICIT;
      CREATE FUNCTION of_pair(pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x';
      CREATE FUNCTION row_name(n) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.b || $1.a';
      CREATE INDEX ON n (inlined(a)); CREATE INDEX ON n (folded(a)) WHERE a > 5;
      CREATE VIEW barrier WITH (security_barrier) AS SELECT * FROM n WHERE a < 50;
      CREATE FUNCTION on_table() RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT count(*) FROM public.n); END';
      """#,
    queries: [
      "SELECT * FROM n WHERE inlined(a) = 7", "SELECT * FROM n WHERE a = inlined(5)",
      "SELECT * FROM n WHERE a = stable_one(5)",
      "SELECT stable_one(a), volatile_one() FROM n", "SELECT * FROM n WHERE volatile_one() = a",
      "SELECT * FROM n WHERE a = folded(4)", "SELECT * FROM n WHERE folded(a) = 60 AND a > 5",
      "SELECT * FROM many(5)", "SELECT * FROM table_of(5) WHERE x = 4",
      "SELECT * FROM barrier WHERE secret(id) AND b = 'b7'", "SELECT * FROM barrier WHERE stable_one(id) > 5",
      "SELECT * FROM supported_too(1, 500)", "SELECT defined(a) FROM n", "SELECT * FROM n WHERE generic(a) = 4",
      "SELECT all_of(1, a, id) FROM n",
      "SELECT * FROM n WHERE a === '5'", "SELECT my_sum(a) FROM n", "SELECT b, my_sum(a) FROM n GROUP BY b",
      "SELECT of_pair(a) FROM n WHERE id < 5", "SELECT row_name(n) FROM n",
      "SELECT * FROM n, LATERAL many(n.a) m WHERE n.id = 5",
    ],
    leftOut: ["function supported("])
}

/// Row-level security, as somebody else than the owner.
enum RowSecurityCase {
  private static let schema = #"""
    CREATE ROLE staff; CREATE ROLE app LOGIN PASSWORD 'not to be copied' IN ROLE staff; CREATE ROLE "Mr. Other";
    CREATE TABLE document (id int PRIMARY KEY, tenant int NOT NULL, owner text NOT NULL, body text);
    INSERT INTO document SELECT i, i % 50, (ARRAY['app', 'other', 'third'])[1 + i % 3], 'body ' || i FROM generate_series(1, 20000) i;
    CREATE INDEX ON document (tenant); CREATE TABLE tenant (id int PRIMARY KEY, name text); INSERT INTO tenant SELECT i, 't' || i FROM generate_series(0, 49) i;
    CREATE FUNCTION my_tenant() RETURNS int LANGUAGE sql STABLE AS 'SELECT 7';
    CREATE POLICY by_tenant ON document USING (tenant = my_tenant()) WITH CHECK (tenant = my_tenant());
    CREATE POLICY by_owner ON document FOR UPDATE TO staff USING (owner = current_user);
    CREATE POLICY not_those ON document AS RESTRICTIVE FOR SELECT TO "Mr. Other", staff USING (id > 100);
    CREATE POLICY of_others ON document FOR SELECT TO "Mr. Other" USING (true);
    ALTER TABLE document ENABLE ROW LEVEL SECURITY;
    CREATE POLICY all_tenants ON tenant USING (id IN (SELECT tenant FROM document));
    ALTER TABLE tenant ENABLE ROW LEVEL SECURITY; ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
    CREATE VIEW documents AS SELECT * FROM document WHERE body <> '';
    ALTER ROLE app SET work_mem = '64kB'; ALTER ROLE app IN DATABASE shop SET random_page_cost = 9; ALTER ROLE app SET search_path = public, "$user";
    ALTER DATABASE shop SET random_page_cost = 2; GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC;
    """#

  private static let queries = [
    "SELECT * FROM document WHERE id = 5", "SELECT * FROM document WHERE body LIKE 'b%'", "SELECT * FROM tenant",
    "SELECT * FROM documents",
    "SELECT * FROM document d JOIN tenant t ON t.id = d.tenant ORDER BY d.body",
    "UPDATE document SET body = 'x' WHERE id = 9",
    "DELETE FROM document WHERE tenant = 3", "INSERT INTO document VALUES (0, 7, 'app', 'x')",
    "SELECT owner, count(*) FROM document GROUP BY owner",
  ]

  static let value = PlannerCase(name: "row security as app", schema: schema, queries: queries, role: "app")
  /// The superuser in production; the owner in the twin, whom policies concern only where they are forced.
  static let forOwner = PlannerCase(
    name: "row security as owner", schema: schema,
    queries: queries.filter { !$0.contains("tenant t") && $0 != "SELECT * FROM tenant" })
}

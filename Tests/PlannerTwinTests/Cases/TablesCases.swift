/// Constraints, generated columns, sequences, rules, triggers.
enum ConstraintsCase {
  static let value = PlannerCase(
    name: "constraints",
    schema: #"""
      CREATE EXTENSION IF NOT EXISTS plpgsql;
      CREATE SEQUENCE numbers AS smallint START 5; CREATE SEQUENCE big_numbers;
      CREATE TABLE country (code char(2) PRIMARY KEY, name text NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO country SELECT chr(97 + i / 26) || chr(97 + i % 26), 'country ' || i FROM generate_series(0, 199) i;
      CREATE TABLE city (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, country char(2) NOT NULL REFERENCES country,
        name text NOT NULL, people int CHECK (people >= 0), born int DEFAULT nextval('numbers'), serial_ serial,
        half int GENERATED ALWAYS AS (people / 2) STORED, upper_ text GENERATED ALWAYS AS (upper(name)) STORED,
        CONSTRAINT sane CHECK (born < 3000 OR people IS NULL) NOT VALID, UNIQUE (country, name));
      INSERT INTO city (country, name, people, born)
        SELECT c.code, 'city ' || i, (i * 7919) % 100000, i % 2000 FROM generate_series(1, 60) i, country c;
      CREATE INDEX ON city (half); CREATE INDEX ON city (upper_);
      CREATE TABLE street (city bigint NOT NULL, number int NOT NULL, name text, PRIMARY KEY (city, number),
        FOREIGN KEY (city) REFERENCES city ON DELETE CASCADE);
      INSERT INTO street SELECT c.id, n, 's' || n FROM city c, generate_series(1, 5) n;
      CREATE TABLE house (city bigint, number int, door int, owner text,
        FOREIGN KEY (city, number) REFERENCES street MATCH FULL NOT VALID);
      INSERT INTO house SELECT s.city, s.number, d, 'o' || d FROM street s, generate_series(1, 2) d;
      CREATE INDEX ON house (city, number);
      CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree, path text);
      INSERT INTO tree SELECT i, NULLIF(i / 3, 0), 'p' || i FROM generate_series(1, 3000) i;
      CREATE TABLE booking (room int, during int4range, EXCLUDE USING gist (during WITH &&) WHERE (room = 1));
      INSERT INTO booking SELECT 1 + i % 3, int4range(i * 10, i * 10 + 5) FROM generate_series(1, 3000) i;
      CREATE TABLE january (day date NOT NULL CHECK (day >= '2024-01-01' AND day < '2024-02-01'), n int);
      INSERT INTO january SELECT date '2024-01-01' + i % 31, i FROM generate_series(1, 3000) i;
      CREATE FUNCTION bell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER ring BEFORE UPDATE ON city FOR EACH ROW EXECUTE FUNCTION bell();
      CREATE TRIGGER ring_later AFTER INSERT ON house REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION bell();
      CREATE TABLE log (what text, at timestamptz DEFAULT now());
      CREATE RULE house_log AS ON DELETE TO house DO ALSO INSERT INTO log (what) VALUES (OLD.owner);
      CREATE RULE no_update AS ON UPDATE TO log DO INSTEAD NOTHING;
      CREATE VIEW big_city AS SELECT * FROM city WHERE people > 90000 WITH CHECK OPTION;
      CREATE VIEW city_names AS SELECT DISTINCT name FROM city;
      CREATE TRIGGER instead INSTEAD OF INSERT OR DELETE ON city_names FOR EACH ROW EXECUTE FUNCTION bell();
      ALTER DATABASE shop SET constraint_exclusion = on;
      """#,
    queries: [
      "SELECT * FROM city c JOIN country n ON n.code = c.country WHERE c.people > 50000",
      "SELECT * FROM city WHERE half BETWEEN 10 AND 20", "SELECT * FROM city WHERE upper_ = 'CITY 5'",
      "SELECT * FROM city WHERE country = 'ab' AND name = 'city 3'", "SELECT * FROM city WHERE born > 5000",
      "SELECT * FROM street s JOIN house h ON (h.city, h.number) = (s.city, s.number) WHERE s.name = 's3'",
      "SELECT c.id, count(*) FROM city c JOIN street s ON s.city = c.id GROUP BY c.id",
      "SELECT c.id, c.name FROM city c LEFT JOIN country n ON n.code = c.country",
      "SELECT * FROM city WHERE name IS NULL", "SELECT * FROM country WHERE name = 'country 7'",
      "WITH RECURSIVE t AS (SELECT * FROM tree WHERE id = 1 UNION ALL SELECT c.* FROM tree c JOIN t ON c.parent = t.id) SELECT * FROM t",
      "SELECT * FROM booking WHERE room = 1 AND during && int4range(100, 200)",
      "SELECT * FROM january WHERE day = '2024-03-01'", "SELECT * FROM january WHERE day = '2024-01-05'",
      "SELECT * FROM numbers", "INSERT INTO city (country, name) VALUES ('aa', 'x')",
      "INSERT INTO city (country, name) SELECT code, name FROM country ON CONFLICT (country, name) DO UPDATE SET people = 1",
      "UPDATE city SET people = people + 1 WHERE id < 100", "DELETE FROM house WHERE city = 5",
      "UPDATE log SET what = 'x'", "UPDATE big_city SET people = 95000 WHERE id = 5",
      "INSERT INTO big_city (country, name, people) VALUES ('aa', 'y', 99999)",
      "INSERT INTO city_names VALUES ('z')", "DELETE FROM city_names WHERE name = 'city 1'",
      "SELECT * FROM city WHERE id IN (SELECT city FROM street WHERE name = 's2')",
      "SELECT * FROM city c WHERE NOT EXISTS (SELECT FROM street s WHERE s.city = c.id)",
    ])
}

/// Tables of every state: settings, tablespaces, nothing in them, nothing known of them.
enum TablesCase {
  static let value = PlannerCase(
    name: "tables and settings",
    schema: #"""
      CREATE TABLE costly (id int PRIMARY KEY USING INDEX TABLESPACE "Slow space", a int) TABLESPACE "Slow space";
      INSERT INTO costly SELECT i, i % 50 FROM generate_series(1, 20000) i;
      CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
      CREATE TABLE plain (id int PRIMARY KEY, gone text, a int, gone_too int, b text);
      ALTER TABLE plain DROP COLUMN gone; ALTER TABLE plain DROP COLUMN gone_too;
      INSERT INTO plain SELECT i, i % 100, 'b' || i % 7 FROM generate_series(1, 30000) i;
      CREATE UNLOGGED TABLE quick AS SELECT i AS id, i % 9 AS n FROM generate_series(1, 4000) i;
      CREATE TABLE empty_one (id int PRIMARY KEY, a text);
      CREATE TABLE parallel_one (id int, a text) WITH (parallel_workers = 3);
      INSERT INTO parallel_one SELECT i, repeat('x', 30) FROM generate_series(1, 200000) i;
      CREATE TABLE loose (id int, a text) WITH (fillfactor = 40, autovacuum_enabled = off, toast_tuple_target = 256);
      INSERT INTO loose SELECT i, 'x' FROM generate_series(1, 4000) i;
      CREATE TABLE long_texts (id int PRIMARY KEY, body text, raw text);
      ALTER TABLE long_texts ALTER body SET STORAGE EXTERNAL, ALTER raw SET STATISTICS 0;
      INSERT INTO long_texts SELECT i, repeat(md5(i::text), 200), 'r' || i FROM generate_series(1, 500) i;
      CREATE TABLE counted (a int, b int);
      ALTER TABLE counted ALTER a SET (n_distinct = 50), ALTER b SET (n_distinct = -0.2), ALTER b SET STATISTICS 20;
      INSERT INTO counted SELECT i % 9, i % 500 FROM generate_series(1, 9000) i;
      CREATE TABLE "Weird ""name"" $1;--" ("a ""b"" c" int PRIMARY KEY, "select" text, "Ünïcode" text);
      INSERT INTO "Weird ""name"" $1;--" SELECT i, 's' || i % 8, 'ü' || i % 5 FROM generate_series(1, 900) i;
      CREATE INDEX "index; DROP TABLE plain;" ON "Weird ""name"" $1;--" ("select");
      CREATE FOREIGN TABLE elsewhere (id int, name text) SERVER far;
      CREATE TABLE nothing_to_see ();
      CREATE SCHEMA "Other Schema"; CREATE TABLE "Other Schema".plain AS SELECT i AS a FROM generate_series(1, 100) i;
      ALTER DATABASE shop SET random_page_cost = 1.3; ALTER DATABASE shop SET work_mem = '1MB';
      ALTER DATABASE shop SET search_path = '"Other Schema"', public; ALTER DATABASE shop SET cpu_tuple_cost = 0.02;
      ALTER DATABASE shop SET from_collapse_limit = 3; ALTER DATABASE shop SET min_parallel_table_scan_size = '1MB';
      ALTER DATABASE shop SET effective_cache_size = '100MB'; ALTER DATABASE shop SET enable_hashjoin = off;
      """#,
    afterwards: #"""
      CREATE TABLE public.never_analysed (id int, a text, b numeric);
      INSERT INTO public.never_analysed SELECT i, 'a' || i, i FROM generate_series(1, 5000) i;
      """#,
    tablespace: "Slow space",
    queries: [
      "SELECT * FROM public.plain WHERE a = 5", "SELECT * FROM plain WHERE a = 5",
      "SELECT * FROM public.plain WHERE b = 'b3' AND a > 90",
      "SELECT * FROM quick WHERE n = 3", "SELECT * FROM empty_one WHERE a = 'x'",
      "SELECT * FROM empty_one WHERE id = 5",
      "SELECT * FROM empty_one e JOIN public.plain p ON p.id = e.id", "SELECT count(*) FROM parallel_one",
      "SELECT * FROM loose WHERE id = 6",
      "SELECT * FROM long_texts WHERE raw = 'r5'", "SELECT * FROM long_texts WHERE body = 'x'",
      "SELECT a, count(*) FROM counted GROUP BY a", "SELECT b, count(*) FROM counted GROUP BY b",
      "SELECT * FROM \"Weird \"\"name\"\" $1;--\" WHERE \"a \"\"b\"\" c\" = 5",
      "SELECT * FROM \"Weird \"\"name\"\" $1;--\" WHERE \"select\" = 's5' AND \"Ünïcode\" = 'ü1'",
      "SELECT * FROM nothing_to_see",
      "SELECT * FROM public.plain a, public.plain b, public.plain c, quick d WHERE a.id = b.id AND c.id = b.a AND d.id = a.id",
      "SELECT sum(a) OVER (PARTITION BY b ORDER BY a) FROM public.plain", "SELECT * FROM never_analysed WHERE id = 7",
      "SELECT * FROM never_analysed n JOIN public.plain p ON p.id = n.id", "SELECT * FROM costly WHERE a = 5",
      "SELECT * FROM costly WHERE id BETWEEN 10 AND 400", "SELECT * FROM public.plain p JOIN costly c ON c.id = p.a",
    ],
    leftOut: ["foreign table elsewhere"])
}

/// Columns that are computed when they are read, constraints that are not enforced.
enum VirtualCase {
  static let value = PlannerCase(
    name: "what is new in 18", since: 18,
    schema: #"""
      CREATE TABLE sale (id bigint GENERATED ALWAYS AS IDENTITY, amount int, doubled int GENERATED ALWAYS AS (amount * 2) VIRTUAL,
        at date NOT NULL, CHECK (amount < 5000) NOT ENFORCED, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE sale_1 PARTITION OF sale FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
      CREATE TABLE sale_2 PARTITION OF sale FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
      INSERT INTO sale (amount, at) SELECT i % 700, date '2024-01-01' + i % 360 FROM generate_series(1, 20000) i;
      CREATE TABLE loose (a int, b int);
      INSERT INTO loose SELECT NULLIF(i, 5), i % 3 FROM generate_series(1, 3000) i;
      ALTER TABLE loose ADD CONSTRAINT later NOT NULL a NOT VALID, ADD CONSTRAINT at_once NOT NULL b;
      CREATE TABLE stay (room int4range, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS));
      INSERT INTO stay SELECT int4range(i, i + 1), daterange(date '2024-01-01', date '2024-01-05') FROM generate_series(1, 2000) i;
      CREATE INDEX ON loose (b, a);
      """#,
    queries: [
      "SELECT * FROM sale WHERE doubled = 100", "SELECT * FROM sale WHERE amount > 6000",
      "SELECT * FROM sale WHERE id = 5",
      "SELECT * FROM loose WHERE a IS NULL", "SELECT * FROM loose WHERE b IS NULL", "SELECT * FROM loose WHERE a = 7",
      "SELECT * FROM stay WHERE room @> 5 AND during @> date '2024-01-02'",
      "SELECT max(doubled) FROM sale WHERE at < '2024-02-01'",
      "INSERT INTO sale (amount, at) VALUES (1, '2024-02-02')",
    ])
}

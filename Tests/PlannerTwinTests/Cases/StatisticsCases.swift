/// Extended statistics of all kinds.
enum ExtendedStatisticsCase {
  static let value = PlannerCase(
    name: "extended statistics", since: 14,
    schema: #"""
      CREATE TYPE level AS ENUM ('low', 'middle', 'high');
      CREATE DOMAIN zip AS text CHECK (VALUE ~ '^[0-9]*$');
      CREATE TYPE span AS RANGE (subtype = int4);
      CREATE TABLE address (id int PRIMARY KEY, city text, zip zip, country char(2), level level, flag boolean, at date, amount numeric,
        n int, note text, span span, fixed character(6), small smallint);
      INSERT INTO address SELECT i, 'city ' || i % 40, (i % 40 * 100 + i % 3)::text, (ARRAY['de', 'fr', 'us'])[1 + i % 40 % 3],
        (enum_range(NULL::level))[1 + i % 40 % 3], i % 40 < 5, date '2024-01-01' + i % 12, i % 12 / 4.0, i % 1000, CASE WHEN i % 5 = 0 THEN NULL ELSE 'note ' || i % 4 END,
        span(i % 6, i % 6 + 2), 'f' || i % 6, i % 6 FROM generate_series(1, 20000) i;
      CREATE STATISTICS s1 ON city, zip, country FROM address;
      CREATE STATISTICS s2 (mcv) ON level, flag, country FROM address;
      CREATE STATISTICS s3 (dependencies) ON at, amount FROM address;
      CREATE STATISTICS s4 (mcv) ON amount, note, at FROM address;
      CREATE STATISTICS s5 ON (n % 10), (upper(city)) FROM address;
      CREATE STATISTICS s6 (mcv, ndistinct, dependencies) ON country, (n % 7), (lower(note)) FROM address;
      CREATE STATISTICS s7 ON (extract(month FROM at)) FROM address;
      CREATE STATISTICS s8 (mcv) ON span, fixed, small FROM address;
      CREATE STATISTICS s9 (ndistinct) ON n, small FROM address;
      CREATE STATISTICS s10 ON (flag::int), (level::text) FROM address;
      CREATE TABLE part (a int, b int, c text) PARTITION BY RANGE (a);
      CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (50);
      CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (50) TO (100);
      INSERT INTO part SELECT i % 100, i % 100 / 3, 'c' || i % 100 / 20 FROM generate_series(1, 10000) i;
      CREATE STATISTICS p1 ON a, b, c FROM part; CREATE STATISTICS p2 ON a, b FROM part_1;
      CREATE STATISTICS p3 ON (a + b), (b * 2) FROM part_2;
      CREATE TABLE ancestor (a int, b int); CREATE TABLE heir () INHERITS (ancestor);
      INSERT INTO ancestor SELECT i % 10, i % 10 FROM generate_series(1, 1000) i; INSERT INTO heir SELECT i % 100, i % 50 FROM generate_series(1, 5000) i;
      CREATE STATISTICS h1 ON a, b FROM ancestor;
      CREATE MATERIALIZED VIEW summary AS SELECT city, country, count(*) AS n FROM address GROUP BY city, country, n;
      CREATE STATISTICS m1 ON city, country FROM summary;
      CREATE TABLE "Odd ""one""" ("x y" int, "y;z" text);
      INSERT INTO "Odd ""one""" SELECT i % 7, E'v\n"''\\,{}' || i % 7 FROM generate_series(1, 2000) i;
      CREATE STATISTICS "odd; stats" ON "x y", "y;z" FROM "Odd ""one""";
      """#,
    queries: [
      "SELECT * FROM address WHERE city = 'city 5' AND zip = '500'",
      "SELECT * FROM address WHERE city = 'city 5' AND zip = '500' AND country = 'us'",
      "SELECT city, zip, count(*) FROM address GROUP BY city, zip",
      "SELECT * FROM address WHERE level = 'high' AND flag AND country = 'us'",
      "SELECT * FROM address WHERE level = 'low' AND NOT flag",
      "SELECT * FROM address WHERE level > 'low' AND flag AND country = 'fr'",
      "SELECT * FROM address WHERE at = '2024-01-05' AND amount = 1",
      "SELECT * FROM address WHERE at = '2024-01-05' AND amount = 1 AND note IS NULL",
      "SELECT * FROM address WHERE note = 'note 3' AND amount = 0.25", "SELECT * FROM address WHERE n % 10 = 3",
      "SELECT * FROM address WHERE n % 10 = 3 AND upper(city) = 'CITY 3'",
      "SELECT n % 10, upper(city), count(*) FROM address GROUP BY 1, 2",
      "SELECT * FROM address WHERE country = 'us' AND n % 7 = 2",
      "SELECT * FROM address WHERE n % 7 = 2 AND lower(note) = 'note 1'",
      "SELECT extract(month FROM at), count(*) FROM address GROUP BY 1",
      "SELECT * FROM address WHERE extract(month FROM at) = 1",
      "SELECT * FROM address WHERE span = span(1, 3) AND fixed = 'f1'",
      "SELECT * FROM address WHERE fixed = 'f2' AND small = 2",
      "SELECT n, small, count(*) FROM address GROUP BY n, small",
      "SELECT * FROM address WHERE flag::int = 1 AND level::text = 'low'",
      "SELECT * FROM part WHERE a = 7 AND b = 2 AND c = 'c0'", "SELECT a, b, c, count(*) FROM part GROUP BY a, b, c",
      "SELECT * FROM part_1 WHERE a = 7 AND b = 2", "SELECT * FROM part_2 WHERE a + b = 90 AND b * 2 = 40",
      "SELECT * FROM ancestor WHERE a = 5 AND b = 5", "SELECT * FROM ONLY ancestor WHERE a = 5 AND b = 5",
      "SELECT a, b FROM ancestor GROUP BY a, b",
      "SELECT * FROM summary WHERE city = 'city 3' AND country = 'de'",
      "SELECT * FROM \"Odd \"\"one\"\"\" WHERE \"x y\" = 3 AND \"y;z\" = E'v\\n\"''\\\\,{}3'",
      "SELECT * FROM address WHERE city IN ('city 1', 'city 2') AND country IN ('de', 'fr')",
      "SELECT * FROM address WHERE (flag OR country = 'de') AND level = 'low'",
    ])
}

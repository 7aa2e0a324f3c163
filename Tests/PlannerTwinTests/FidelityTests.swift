import Foundation
import PlannerTwin
import PostgresClient
import Testing

@Suite struct FidelityTests {
  static let schema = """
    SELECT setseed(0.4);
    CREATE TYPE status AS ENUM ('new', 'paid', 'sent', 'closed');
    CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
    CREATE TABLE customer (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, dropped int, address email NOT NULL, name varchar(60),
      country char(2) NOT NULL, since date NOT NULL, tags text[]);
    ALTER TABLE customer DROP COLUMN dropped;
    INSERT INTO customer (address, name, country, since, tags)
      SELECT 'user' || i || '@example.org', CASE WHEN i % 7 = 0 THEN NULL ELSE 'Name ' || i % 9000 END,
        (ARRAY['de', 'fr', 'us', 'gb', 'nl'])[1 + floor(random() * random() * 5)::int],
        date '2015-01-01' + i / 20, ARRAY['t' || i % 13, 'u' || i % 101]
      FROM generate_series(1, 40000) i;
    CREATE INDEX ON customer (lower(address));
    CREATE INDEX customer_country ON customer (country, since DESC);
    CREATE TABLE orders (
      id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer, state status NOT NULL,
      total numeric(12, 2) NOT NULL CHECK (total >= 0), at timestamptz NOT NULL, note text,
      twice numeric GENERATED ALWAYS AS (total * 2) STORED);
    INSERT INTO orders (id, customer_id, state, total, at, note)
      SELECT i, 1 + floor(random() * random() * 39999)::int,
        (enum_range(NULL::status))[1 + floor(random() ^ 3 * 4)::int], round((random() * 900)::numeric, 2),
        timestamptz '2024-01-01' + i * interval '3 minutes', CASE WHEN random() < 0.1 THEN md5(i::text) END
      FROM generate_series(1, 200000) i;
    CREATE INDEX ON orders (customer_id);
    CREATE INDEX ON orders (at);
    CREATE INDEX ON orders (total DESC, id);
    CREATE INDEX orders_open ON orders (at) WHERE state = 'new';
    CREATE STATISTICS orders_state (ndistinct, dependencies, mcv) ON customer_id, state FROM orders;
    CREATE TABLE item (
      order_id bigint NOT NULL REFERENCES orders, line int NOT NULL, product int NOT NULL, amount int NOT NULL,
      PRIMARY KEY (order_id, line));
    INSERT INTO item SELECT o, l, 1 + floor(random() ^ 2 * 5000)::int, 1 + l
      FROM generate_series(1, 200000) o, generate_series(1, 3) l;
    CREATE TABLE event (id bigint NOT NULL, at date NOT NULL, kind text NOT NULL, body jsonb) PARTITION BY RANGE (at);
    CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
    CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
    CREATE TABLE event_rest PARTITION OF event DEFAULT;
    CREATE INDEX event_at ON event (at, kind);
    INSERT INTO event SELECT i, date '2024-01-01' + i / 800, 'kind' || i % 9, jsonb_build_object('n', i % 50)
      FROM generate_series(1, 60000) i;
    CREATE TABLE parent (a int, b text);
    CREATE TABLE child (c int) INHERITS (parent);
    INSERT INTO parent SELECT i, 'p' || i FROM generate_series(1, 3000) i;
    INSERT INTO child SELECT i, 'c' || i, i FROM generate_series(1, 9000) i;
    CREATE INDEX ON child (a);
    CREATE FUNCTION bonus(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 1.1';
    CREATE VIEW open_orders AS SELECT o.id, o.total, c.address FROM orders o JOIN customer c ON c.id = o.customer_id
      WHERE o.state <> 'closed';
    CREATE MATERIALIZED VIEW per_customer AS SELECT customer_id, count(*) AS orders, sum(total) AS total FROM orders
      GROUP BY customer_id;
    CREATE UNIQUE INDEX ON per_customer (customer_id);
    CREATE TABLE "Odd ""Name""; DROP TABLE orders" ("a b" int PRIMARY KEY, "select" text);
    INSERT INTO "Odd ""Name""; DROP TABLE orders" SELECT i, 'x' FROM generate_series(1, 500) i;
    """

  static let queries = [
    "SELECT * FROM orders WHERE id = 4711",
    "SELECT * FROM orders WHERE customer_id = 17",
    "SELECT * FROM orders WHERE customer_id = 17 AND state = 'new'",
    "SELECT customer_id, state, count(*) FROM orders GROUP BY customer_id, state",
    "SELECT * FROM orders WHERE at > '2025-02-20'",
    "SELECT * FROM orders WHERE at > '2024-03-01' AND at < '2024-03-02' AND state = 'new' ORDER BY at LIMIT 10",
    "SELECT * FROM orders WHERE total BETWEEN 10 AND 20",
    "SELECT * FROM orders WHERE twice > 1700",
    "SELECT * FROM orders WHERE total > 899.97",
    "SELECT * FROM orders WHERE note IS NOT NULL AND note LIKE 'ab%'",
    "SELECT * FROM customer WHERE lower(address) = 'user77@example.org'",
    "SELECT * FROM customer WHERE country = 'nl' ORDER BY since DESC LIMIT 20",
    "SELECT * FROM customer WHERE 't5' = ANY (tags)",
    "SELECT * FROM customer WHERE tags @> ARRAY['t5', 'u7']",
    "SELECT * FROM customer WHERE name = 'Name 5'",
    "SELECT count(*) FROM customer WHERE address LIKE 'user1%'",
    "SELECT c.country, sum(o.total) FROM orders o JOIN customer c ON c.id = o.customer_id GROUP BY c.country",
    "SELECT * FROM orders o JOIN item i ON i.order_id = o.id WHERE o.customer_id = 99",
    "SELECT o.id, sum(i.amount) FROM orders o JOIN item i ON i.order_id = o.id WHERE o.at > '2025-01-01' GROUP BY o.id",
    "SELECT * FROM customer c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)",
    "SELECT * FROM customer c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.total > 899)",
    "SELECT * FROM item WHERE product = 12",
    "SELECT product, count(*) FROM item GROUP BY product ORDER BY 2 DESC LIMIT 5",
    "SELECT * FROM event WHERE at = '2024-01-15' AND kind = 'kind3'",
    "SELECT kind, count(*) FROM event WHERE at >= '2024-02-10' GROUP BY kind",
    "SELECT * FROM event WHERE body ->> 'n' = '7'",
    "SELECT * FROM parent WHERE a = 100",
    "SELECT * FROM open_orders WHERE total > 800 ORDER BY total LIMIT 3",
    "SELECT * FROM per_customer WHERE customer_id = 5",
    "SELECT * FROM orders WHERE bonus(total) > 900",
    "SELECT * FROM \"Odd \"\"Name\"\"; DROP TABLE orders\" WHERE \"a b\" = 7",
    "UPDATE orders SET note = 'x' WHERE customer_id = 4",
    "DELETE FROM item WHERE order_id = 5",
    "SELECT max(at) FROM orders",
    "SELECT * FROM orders WHERE at < now() - interval '1 year'",
    "SELECT * FROM orders WHERE at > now() + interval '1 year'",
    "SELECT * FROM orders WHERE at > '2025-02-20'",
    "SELECT * FROM customer WHERE id < 0",
    "SELECT * FROM customer WHERE country > 'us'",
    "SELECT * FROM customer WHERE country < 'de'",
    "SELECT DISTINCT country FROM customer",
    "SELECT * FROM orders ORDER BY at DESC LIMIT 50 OFFSET 1000",
    "SELECT *, rank() OVER (PARTITION BY customer_id ORDER BY total) FROM orders WHERE customer_id < 100",
    "WITH recent AS (SELECT * FROM orders WHERE at > '2025-02-01') SELECT * FROM recent r JOIN recent s USING (customer_id)",
  ]

  /// With the usual sample of rows, and with one of all rows and twenty times as many common values.
  @Test(arguments: [nil, 2_000])
  func `the twin plans as production does, to the last digit`(statisticsTarget: Int?) async throws {
    try await Production.with(Self.schema, statisticsTarget: statisticsTarget) { _, production in
      try await production.script(
        """
        ALTER DATABASE shop SET random_page_cost = 1.7;
        ALTER DATABASE shop SET work_mem = '9MB';
        """)
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      _ = try await twin.connectionString()
      #expect(twin.report.leftOut == [])
      #expect(twin.report.warnings == [])
      try await production.script("SET random_page_cost = 1.7; SET work_mem = '9MB'; SET jit = off")
      for query in Self.queries {
        let real = try await Production.plan(production, query)
        let same = try await Production.plan(twin.databases[0].planning, query)
        #expect(same == real, "\(query)")
      }
      await twin.stop()
    }
  }
}

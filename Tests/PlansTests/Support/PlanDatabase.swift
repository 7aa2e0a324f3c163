import PostgresClient
import PrivateServer
import TestSupport

/// A database with what the plan tests ask about: skew, a foreign key without index, partitions, odd names.
enum PlanDatabase {
  private static let reading = Task { try await make("plans") }
  private static let writing = Task { try await make("plans_writes") }

  /// For tests that change nothing.
  static func connect() async throws -> PostgresConnection {
    try await reading.value
    return try await open("plans")
  }

  static func connectForWriting() async throws -> PostgresConnection {
    try await writing.value
    return try await open("plans_writes")
  }

  private static func open(_ database: String) async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      .init(host: try await SharedServer.get().socketDirectory, user: "postgres", database: database))
  }

  private static func make(_ database: String) async throws {
    let host = try await SharedServer.get().socketDirectory
    let first = try await PostgresConnection.connect(.init(host: host, user: "postgres", database: "postgres"))
    try await first.execute(
      "CREATE DATABASE \(database) TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    await first.close()
    let connection = try await PostgresConnection.connect(.init(host: host, user: "postgres", database: database))
    try await connection.script(schema)
    for table in ["customers", "orders", "items", "log", "\"Odd Name\""] {
      try await connection.execute("VACUUM ANALYZE \(table)")
    }
    await connection.close()
  }

  // One tenth of the size at which the recorded plans beside these tests were made.
  private static let schema = """
    CREATE TABLE customers (id int PRIMARY KEY, email text, country text, vip bool, created date);
    INSERT INTO customers SELECT g, 'user' || g || '@example.com',
      CASE WHEN g % 10 < 7 THEN 'PL' WHEN g % 10 < 9 THEN 'DE' ELSE 'FR' END, g % 100 = 0, date '2020-01-01' + g % 2000
      FROM generate_series(1, 2000) g;
    CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, status text, total numeric,
      note text, created timestamp);
    INSERT INTO orders SELECT g, 1 + (g * 7919) % 2000,
      CASE WHEN g % 1000 = 0 THEN 'pending' WHEN g % 50 = 0 THEN 'open' ELSE 'done' END, (g % 1000) / 10.0,
      repeat('x', 40), timestamp '2024-01-01' + g * interval '5 min' FROM generate_series(1, 20000) g;
    CREATE INDEX orders_customer ON orders (customer_id);
    CREATE INDEX orders_created ON orders (created);
    CREATE TABLE items (order_id int REFERENCES orders ON DELETE CASCADE, product int, qty int, price numeric);
    INSERT INTO items SELECT 1 + g % 20000, g % 500, g % 7, g % 100 FROM generate_series(1, 40000) g;
    CREATE INDEX items_product ON items (product);
    CREATE TABLE log (id bigserial, at date, msg text) PARTITION BY RANGE (at);
    CREATE TABLE log_2024_01 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
    CREATE TABLE log_2024_02 PARTITION OF log FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
    CREATE TABLE log_2024_03 PARTITION OF log FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
    INSERT INTO log (at, msg) SELECT date '2024-01-01' + g % 90, 'm' || g FROM generate_series(1, 900) g;
    CREATE INDEX ON log (at);
    CREATE TABLE "Odd Name" ("Id" int PRIMARY KEY, "väl" text, tags text[], doc jsonb, r int4range);
    INSERT INTO "Odd Name" SELECT g, 'v' || g, array['a', 'b,c'], '{"a": 1}', int4range(g, g + 3)
      FROM generate_series(1, 1000) g;
    """
}

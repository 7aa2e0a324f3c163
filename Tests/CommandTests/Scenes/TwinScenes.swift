/// `pgassay twin plan` on the recorded shop, on a twin of its own major version.
enum TwinScenes {
  private static let snapshot = ["--snapshot", "Workloads/shop/recorded/week2/snapshot-day7.ndjson.gz"]

  private static let orders = """
    -- A customer's last orders.
    SELECT id, status FROM orders WHERE customer_id = 42 ORDER BY placed_at DESC LIMIT 10;

    SELECT count(*) FROM page_views WHERE visitor = 'a;b';

    """

  private static let migration = """
    BEGIN;
    /* One of them under a name of its own. */
    CREATE INDEX CONCURRENTLY items_by_product ON order_items (product_id) INCLUDE (quantity);
    ALTER TABLE tickets ADD COLUMN escalated boolean NOT NULL DEFAULT false;
    UPDATE tickets SET escalated = true WHERE priority > 8;
    COMMIT;

    """

  static let all: [GoldenScene] = [
    GoldenScene(
      "twin plan",
      files: [
        "orders.sql": Array(orders.utf8), "migration.sql": Array(migration.utf8),
        "items.sql": Array("SELECT sum(quantity) FROM order_items WHERE product_id = $1 LIMIT $2".utf8),
        "tickets.sql": Array("SELECT * FROM tickets WHERE escalated".utf8),
        "broken.sql": Array("SELECT * FROM no_such_table; SELEC 1".utf8), "empty.sql": Array("-- nothing".utf8),
      ],
      [
        .init("twin-plan", ["twin", "plan"] + snapshot + ["orders.sql"]),
        .init(
          "twin-plan-index",
          ["twin", "plan"] + snapshot + [
            "orders.sql", "items.sql", "broken.sql", "--with",
            "CREATE INDEX ON orders (customer_id) WHERE status = 'open'",
            "--without", "ix_orders_customer_id_placed_at",
          ]),
        .init(
          "twin-plan-migration",
          ["twin", "plan"] + snapshot + ["items.sql", "tickets.sql", "--with-file", "migration.sql"]),
        .init("twin-plan-nothing", ["twin", "plan"] + snapshot + ["broken.sql"]),
        .init(
          "twin-plan-refused",
          ["twin", "plan"] + snapshot + ["items.sql", "--with", "CREATE INDEX ON order_items (no_such_column)"]),
        .init("twin-plan-unknown-index", ["twin", "plan"] + snapshot + ["items.sql", "--without", "no_such_index"]),
        .init("twin-plan-no-statement", ["twin", "plan"] + snapshot + ["empty.sql"]),
        .init("twin-plan-no-file", ["twin", "plan"] + snapshot + ["missing.sql"]),
        .init("twin-plan-no-query", ["twin", "plan"] + snapshot),
        .init("twin-plan-no-catalog", ["twin", "plan", "--history", "none.sqlite", "items.sql"]),
        .init("twin-plan-two-sources", ["twin", "plan", "items.sql", "--connection", "x"] + snapshot),
        .init("twin-plan-no-server", ["twin", "plan", "items.sql", "--connection", "host=/nowhere dbname=x"]),
        .init(
          "twin-plan-no-binaries", ["twin", "plan", "items.sql", "--postgres-bin", "Workloads"] + snapshot),
      ])
  ]
}

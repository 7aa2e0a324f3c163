import Model
import PlannerTwin
import PostgresClient
import PrivateServer
import TestSupport
import Testing
import WhatIf

/// Migrations as frameworks write them, applied to a twin and to the server that it stands for.
@Suite struct MigrationTests {
  private static let schema = """
    CREATE SCHEMA app; CREATE ROLE clerk; CREATE EXTENSION pg_trgm;
    CREATE TABLE app.orders (id bigint PRIMARY KEY, customer int NOT NULL, state text NOT NULL, total int NOT NULL, at date NOT NULL);
    INSERT INTO app.orders SELECT i, i % 900, (ARRAY['open', 'paid', 'sent'])[1 + i % 3], i % 5000, date '2024-01-01' + i % 700
      FROM generate_series(1, 60000) i;
    CREATE TABLE app.item (order_id bigint NOT NULL, product int NOT NULL, note text);
    INSERT INTO app.item SELECT i / 2, i % 3000, md5(i::text) FROM generate_series(1, 80000) i;
    CREATE INDEX orders_customer ON app.orders (customer);
    CREATE TABLE app.audit (id int, at date NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE app.audit_1 PARTITION OF app.audit FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    INSERT INTO app.audit SELECT i, date '2024-01-01' + i % 360 FROM generate_series(1, 9000) i;
    """

  /// Each with a part of the note that is made of it; nil where it runs.
  private static let statements: [(sql: String, note: String?)] = [
    ("BEGIN", "changes no plan"), ("SET application_name = 'x'", "changes no plan"),
    ("ANALYZE app.orders", "recorded statistics and sizes are kept"), ("SET ROLE clerk", "it may change plans"),
    ("CREATE STATISTICS app.both ON customer, state FROM app.orders", "before ANALYZE has run in production"),
    ("SET LOCAL enable_seqscan = off", "changes no plan"), ("SET LOCAL lock_timeout = '5s'", "changes no plan"),
    ("SET LOCAL search_path TO app, public", nil),
    ("CREATE ROLE auditor", "changes no plan"), ("ALTER TABLE orders OWNER TO clerk", "changes no plan"),
    ("ALTER TABLE orders DISABLE TRIGGER ALL", "changes no plan"),
    ("GRANT SELECT ON orders TO clerk", "changes no plan"),
    ("CREATE PUBLICATION everything FOR ALL TABLES", "changes no plan"),
    ("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", "changes no plan"),
    ("CREATE EXTENSION IF NOT EXISTS btree_gin", nil), ("CREATE EXTENSION IF NOT EXISTS bloom", "only a superuser"),
    ("ALTER DATABASE shop SET work_mem = '64kB'", "beyond the database"),
    ("CREATE INDEX orders_state ON orders (state, at DESC)", nil),
    ("CREATE INDEX orders_total ON orders (total) TABLESPACE \"Fast space\"", nil),
    ("CREATE INDEX item_cheap ON item (note) WHERE product < 1500", nil),
    ("CREATE INDEX item_note ON item USING gin (note gin_trgm_ops)", nil),
    (
      "DO $$ BEGIN CREATE TYPE kind AS ENUM ('web', 'shop'); EXCEPTION WHEN duplicate_object THEN NULL; END $$", nil
    ),
    (
      """
      DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_indexes WHERE indexname = 'item_product') THEN
          EXECUTE 'CREATE INDEX item_product ON item (product) INCLUDE (order_id)';
        END IF;
        ALTER TABLE item ADD CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES orders NOT VALID;
      END $$
      """, nil
    ),
    ("DO $$ BEGIN UPDATE orders SET state = 'paid' WHERE state = 'none'; END $$", "such as to write rows"),
    (
      "DO $$ BEGIN INSERT INTO item VALUES (1, 1, 'x'); DELETE FROM orders WHERE id < 0; END $$",
      "such as to write rows"
    ),
    ("ALTER TABLE orders ADD COLUMN kind kind NOT NULL DEFAULT 'web'", nil),
    ("ALTER TABLE orders RENAME COLUMN total TO cents", nil),
    ("CREATE TABLE refund (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, cents int)", nil),
    ("CREATE INDEX ON refund (order_id)", nil),
    ("CREATE TABLE copied AS SELECT * FROM orders WHERE id < 0", "how many rows it makes is not known"),
    ("CREATE TABLE audit_2 PARTITION OF audit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')", nil),
    ("DROP INDEX orders_customer", nil), ("UPDATE orders SET kind = 'shop' WHERE id < 0", "concerns rows"),
    ("SELECT set_config('work_mem', '1GB', false)", "concerns rows"), ("COMMIT", "changes no plan"),
  ]

  private static let queries = [
    "SELECT * FROM app.orders WHERE state = 'open' ORDER BY at DESC LIMIT 5",
    "SELECT * FROM app.orders WHERE customer = 7", "SELECT * FROM app.item WHERE note = 'ab' AND product < 1500",
    "SELECT * FROM app.orders WHERE cents = 4711",
    "SELECT * FROM app.item WHERE note LIKE '%abcdef%'", "SELECT order_id FROM app.item WHERE product = 55",
    "SELECT * FROM app.orders WHERE kind = 'shop'", "SELECT * FROM app.refund WHERE order_id = 6",
    "SELECT * FROM app.audit WHERE at = '2025-05-05'", "SELECT * FROM app.audit WHERE at > '2024-12-01'",
    "SELECT * FROM app.orders o JOIN app.item i ON i.order_id = o.id WHERE o.state = 'sent' AND o.at = '2024-05-05'",
  ]

  @Test(arguments: [15, 16, 18])
  func `a whole migration does in the twin what it does in production`(version: Int) async throws {
    guard version == 15 || TestServers.has(version) else { try Test.cancel("PostgreSQL \(version) is missing") }
    let binaries = version == 15 ? nil : TestServers.binaries(version)
    let hasContrib = version == 15 || TestServers.hasContrib(version)
    let contrib = ["btree_gin", "bloom", "pg_trgm", "gin_trgm_ops", "pg_stat_statements", "%abcdef%"]
    func isPossible(_ sql: String) -> Bool { hasContrib || !contrib.contains { sql.contains($0) } }
    try await Production.with(
      hasContrib ? Self.schema : Self.schema.replacing("CREATE EXTENSION pg_trgm;", with: ""), version: version,
      binaryDirectory: binaries, settings: ["jit": "off"],
      prepare: { server, connection in
        let path = server.socketDirectory + "/fast"
        try await server.run(["mkdir", path])
        try await connection.execute("CREATE TABLESPACE \"Fast space\" LOCATION '\(path)'")
      }
    ) { _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(binaryDirectory: binaries, version: version))
      #expect(twin.report.leftOut == [])
      let statements = Self.statements.filter { isPossible($0.sql) }
      let queries = Self.queries.filter(isPossible)
      let trial = try await PlanTrial.run(
        on: twin.databases[0], queries.map { PlannableStatement(id: $0, sql: $0, database: "shop") },
        changes: statements.map(\.sql), without: [])
      #expect(trial.changes.map(\.statement) == statements.map(\.sql))
      for (change, expected) in zip(trial.changes, statements) {
        if let note = expected.note {
          #expect(change.note?.contains(note) == true, "\(change.statement): \(change.note ?? "no note")")
        } else {
          #expect(change.note == nil, "\(change.statement): \(change.note ?? "")")
        }
      }
      #expect(trial.changes.flatMap(\.indexes).contains { $0.name.name == "item_product" && $0.sizeBytes > 1 << 20 })

      for statement in statements where statement.note == nil || statement.sql.contains("copied") {
        try await production.execute(statement.sql.replacing("SET LOCAL search_path", with: "SET search_path"))
      }
      try await production.execute("RESET search_path")
      for query in trial.queries {
        let real = try await production.query("EXPLAIN (FORMAT JSON) " + query.statement.sql).only()[0] ?? ""
        let after = try #require(query.after, "\(query.statement.sql): \(query.error ?? "")")
        let cost = try #require(PlanText(real).totalCost)
        #expect(abs(after.totalCost - cost) <= 0.01 * cost, "\(query.statement.sql): \(after.totalCost) for \(cost)")
        #expect(after.usedIndexes == PlanText(real).indexNames, "\(query.statement.sql)")
      }
      await twin.stop()
    }
  }

  @Test func `a migration's planner settings hold for the plans behind it, and ROLLBACK is refused`() async throws {
    try await Production.with(Self.schema, settings: ["jit": "off"]) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let query = PlannableStatement(id: "q", sql: "SELECT * FROM app.orders WHERE id = 5", database: "shop")
      func run(_ changes: [String]) async throws -> PlanTrial {
        try await PlanTrial.run(on: twin.databases[0], [query], changes: changes, without: [])
      }
      for changes in [
        ["BEGIN", "CREATE INDEX ON app.orders (total)", "ROLLBACK"], ["SAVEPOINT a", "rollback to savepoint a"],
        ["ABORT"],
      ] {
        await #expect(throws: TwinError.rollback) { try await run(changes) }
      }
      let set = try await run(["SET enable_indexscan TO off", "SET SESSION \"enable_bitmapscan\" = off"])
      #expect(set.queries[0].before?.usedIndexes == ["orders_pkey"] && set.queries[0].after?.usedIndexes == [])
      for change in set.changes { #expect(change.note?.contains("holds for the plans after the change") == true) }
      let reset = try await run(["RESET enable_indexscan"])
      #expect(reset.queries[0].before?.usedIndexes == [] && reset.queries[0].after?.usedIndexes == ["orders_pkey"])
      await twin.stop()
    }
  }

  @Test func `a unique index on a key of which production has duplicates is warned of`() async throws {
    try await Production.with(Self.schema) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let changes = [
        // Before the planner takes the state for unique.
        ("CREATE UNIQUE INDEX ON app.orders (customer) WHERE state = 'open'", true),
        ("CREATE UNIQUE INDEX ON app.orders (state)", true),
        ("CREATE UNIQUE INDEX ON app.orders (customer, state)", true),
        ("ALTER TABLE app.orders ADD UNIQUE (total)", true), ("CREATE UNIQUE INDEX ON app.item (note)", false),
        ("CREATE UNIQUE INDEX ON app.orders (customer, total, at)", false),
        ("CREATE INDEX ON app.orders (state)", false),
        ("CREATE UNIQUE INDEX ON app.item (product) WHERE product IS NOT NULL", true),
        ("CREATE UNIQUE INDEX ON app.orders (state) WHERE id < 50000", true),
        // So few rows may all have different ones.
        ("CREATE UNIQUE INDEX ON app.orders (total) WHERE customer = 5", false),
        ("CREATE UNIQUE INDEX ON app.item (order_id) WHERE product = 1", false),
        ("CREATE UNIQUE INDEX ON app.item (note) WHERE product < 100", false),
      ]
      let trial = try await PlanTrial.run(on: twin.databases[0], [], changes: changes.map(\.0), without: [])
      for (change, (sql, isWarned)) in zip(trial.changes, changes) {
        let notes = try #require(change.indexes.first, "\(sql)").notes
        #expect(
          notes.contains { $0.hasPrefix("WARNING: production's statistics show duplicates") } == isWarned, "\(sql)")
      }
      await twin.stop()
    }
  }

  @Test func `what is left out is told of statements that read it through views and partitions`() async throws {
    try await Production.with(
      """
      CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
      CREATE TABLE near (id int, at date NOT NULL) PARTITION BY RANGE (at);
      CREATE TABLE near_1 PARTITION OF near FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE FOREIGN TABLE far (id int, at date NOT NULL) SERVER files OPTIONS (filename '/dev/null');
      CREATE TABLE beside (id int);
      CREATE VIEW outer_1 AS SELECT id FROM far; CREATE VIEW outer_2 AS SELECT id FROM outer_1;
      CREATE VIEW plain AS SELECT id FROM near_1;
      """,
      afterwards: """
        CREATE FOREIGN TABLE near_2 PARTITION OF near FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
          SERVER files OPTIONS (filename '/dev/null');
        CREATE VIEW outer_3 AS SELECT id FROM near;
        CREATE SCHEMA other; CREATE TABLE other.far (id int); CREATE VIEW other.inner_1 AS SELECT id FROM other.far;
        CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM far';
        CREATE FUNCTION counted_other() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM other.far';
        CREATE FUNCTION twice() RETURNS bigint LANGUAGE sql STABLE RETURN 2 * counted();
        CREATE POLICY few ON beside USING (id < counted());
        """
    ) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      func found(_ sql: String) -> Set<String> {
        Set(twin.report.leftOut(affecting: sql).compactMap { $0.name?.description })
      }
      for relation in ["far", "outer_1", "outer_2"] {
        #expect(found("SELECT id FROM \(relation)") == ["far"], "\(relation)")
      }
      for relation in ["near", "outer_3"] {
        #expect(found("SELECT id FROM public.\(relation)") == ["near_2"], "\(relation)")
      }
      // Bodies of functions in SQL, also through each other and through policies.
      for sql in ["SELECT counted()", "SELECT public.twice()", "SELECT * FROM beside"] {
        #expect(found(sql) == ["far"], "\(sql)")
      }
      // Another schema's table of the same name is there, and a column of a table is no table.
      for sql in [
        "SELECT id FROM other.far", "SELECT id FROM other.inner_1", "SELECT counted_other()",
        "SELECT b.far FROM plain b",
      ] {
        #expect(found(sql) == [], "\(sql)")
      }
      for relation in ["near_1", "plain"] {
        #expect(found("SELECT id FROM \(relation)") == [], "\(relation)")
      }
      await twin.stop()
    }
  }

  /// The server keeps what it knows of a prepared statement's columns, and refuses to plan it when these have changed.
  @Test func `statements with placeholders are planned before and after their tables change`() async throws {
    try await Production.with(Self.schema, settings: ["jit": "off"]) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let statements = [
        PlannableStatement(id: "g", sql: "SELECT * FROM app.orders WHERE lower(state) = $1", database: "shop"),
        PlannableStatement(
          id: "r", sql: "SELECT * FROM app.orders WHERE total = $1", parameters: [.text("17")], database: "shop"),
        PlannableStatement(id: "l", sql: "SELECT * FROM app.orders WHERE id IN ($1 /*, ... */)", database: "shop"),
      ]
      let trial = try await PlanTrial.run(
        on: twin.databases[0], statements,
        changes: [
          "ALTER TABLE app.orders ADD COLUMN more text, ALTER COLUMN customer TYPE bigint",
          "CREATE INDEX ON app.orders (total)", "CREATE INDEX ON app.orders (lower(state))",
        ], without: [])
      for query in trial.queries { #expect(query.error == nil, "\(query.statement.sql)") }
      #expect(trial.queries[0].after?.usedIndexes == ["orders_lower_idx"])
      #expect(trial.queries[1].after?.usedIndexes == ["orders_total_idx"])
      #expect(trial.queries.map { $0.before?.parameters } == [.generic, .recorded, .generic])
      // A list whose text keeps one element is planned as the list that it was.
      #expect(PlanText(trial.queries[2].before?.document ?? "").rows == 5)
      await twin.stop()
    }
  }

  @Test func `what a migration makes can be read by the role that statements are planned as`() async throws {
    try await Production.with(Self.schema) { _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(role: "clerk"))
      let trial = try await PlanTrial.run(
        on: twin.databases[0], [.init(id: "q", sql: "SELECT * FROM extra.refund WHERE id = 5", database: "shop")],
        changes: ["CREATE SCHEMA extra", "CREATE TABLE extra.refund (id int PRIMARY KEY)"], without: [])
      #expect(trial.queries[0].after?.usedIndexes == ["refund_pkey"])
      await twin.stop()
    }
  }

  @Test func `a statement that the server refuses is told with its reason`() async throws {
    try await Production.with(Self.schema) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      for statement in [
        "ALTER TABLE app.orders DROP COLUMN nothing", "CREATE INDEX ON app.orders (total) TABLESPACE nowhere",
        "DO $$ BEGIN RAISE EXCEPTION 'no'; END $$", "SELEC 1",
      ] {
        await #expect(throws: WhatIfError.self, "\(statement)") {
          try await PlanTrial.run(on: twin.databases[0], [], changes: [statement], without: [])
        }
      }
      // The twin is as it was.
      let plan = try await TwinPlanner(twin).plan(
        .init(id: "q", sql: "SELECT * FROM app.orders WHERE id = 5", database: "shop"), with: [], without: [])
      #expect(plan.usedIndexes == ["orders_pkey"])
      await twin.stop()
    }
  }
}

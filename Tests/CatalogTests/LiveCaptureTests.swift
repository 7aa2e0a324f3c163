import Bytes
import Catalog
import Foundation
import Model
import PostgresClient
import PrivateServer
import Synchronization
import TestSupport
import Testing

@Suite struct LiveCaptureTests {
  /// Sections that differ from one moment to the next.
  static let momentary: Set<String> = [
    "statements", "statements_info", "statements_info_after", "statement_texts", "stat_database",
    "stat_database_conflicts", "stat_bgwriter",
    "stat_checkpointer", "stat_wal", "stat_io", "stat_slru", "stat_archiver", "sessions", "connections", "wal_position",
    "databases", "database_sizes", "stat_tables", "stat_indexes", "stat_user_functions",
  ]

  @Test(arguments: [15, 16, 17, 18])
  func `script and live capture give equal snapshots, for every role`(major: Int) async throws {
    try await EverythingServer.with(major) { server in
      let admin = try await server.connect()
      try await admin.execute("CREATE ROLE monitor LOGIN IN ROLE pg_monitor")
      for role in ["postgres", "monitor", "app"] {
        let (lines, outcome) = try await server.capture(as: role)
        let live = try EverythingServer.read(lines)
        let script = try EverythingServer.read(try await server.script(as: role))
        #expect(outcome.faults == [])
        #expect(live.unknown == [:] && script.unknown == [:])
        #expect(live.sectionNames.filter { !Self.momentary.contains($0) }.count > 15)
        for section in Set(live.sectionNames).union(script.sectionNames) where !Self.momentary.contains(section) {
          #expect(live[section] == script[section], "section \(section) as \(role)")
        }
        for section in live.sectionNames where !["sessions", "connections"].contains(section) {
          #expect(!script[section].isEmpty, "section \(section) as \(role)")
        }
        #expect(live.header.server == script.header.server)
        #expect(live.header.version.major == major)
        let counted = live.unseen.map(\.what).filter { !$0.contains("statements") }
        #expect(counted == script.unseen.map(\.what).filter { !$0.contains("statements") })
      }
    }
  }

  @Test(arguments: [15, 16, 17, 18])
  func `what is captured is what the server says`(major: Int) async throws {
    try await EverythingServer.with(major) { server in
      let snapshot = try EverythingServer.read(try await server.capture().lines)
      let connection = try await server.connect()
      try await connection.execute("SET search_path = ''")
      let own = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

      let definitions = try await connection.query(
        """
        SELECT i.indexrelid AS oid, pg_get_indexdef(i.indexrelid) AS definition, pg_relation_size(i.indexrelid) AS size
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE \(own) ORDER BY 1
        """)
      #expect(snapshot["indexes"].count == definitions.count)
      for (row, expected) in zip(snapshot["indexes"], definitions) {
        #expect(try row.integer("oid") == Int64(expected.int("oid")))
        #expect(try row.string("definition") == expected.string("definition"))
        if let size = try row.optionalInteger("size_bytes") { #expect(size == Int64(try expected.int("size"))) }
      }

      let columns = try await connection.query(
        """
        SELECT a.attrelid AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
        pg_get_expr(d.adbin, d.adrelid) AS expression
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE \(own) AND c.relkind IN ('r', 'p', 'f', 'm', 'v') AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attrelid, a.attnum
        """)
      #expect(snapshot["columns"].count == columns.count)
      for (row, expected) in zip(snapshot["columns"], columns) {
        #expect(try row.string("name") == expected.string("name"))
        #expect(try row.string("type") == expected.string("type"))
        #expect(try row.optionalString("default_expression") == expected.optionalString("expression"))
      }

      // pg_stats is the server's own reading of pg_statistic.
      let statistics = try await connection.query(
        """
        SELECT c.oid AS relation, a.attnum AS number, s.inherited, s.null_frac, s.n_distinct,
        s.most_common_vals::text AS common, s.histogram_bounds::text AS histogram
        FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
        WHERE \(own) ORDER BY c.oid, a.attnum, s.inherited
        """)
      #expect(snapshot["column_statistics"].count == statistics.count)
      #expect(statistics.count > 30)
      for (row, expected) in zip(snapshot["column_statistics"], statistics) {
        #expect(try row.integer("relation") == Int64(expected.int("relation")))
        #expect(try row.integer("column_number") == Int64(expected.int("number")))
        #expect(try row.bool("is_inherited") == expected.bool("inherited"))
        #expect(try Float(row.double("null_fraction")) == Float(expected.double("null_frac")))
        #expect(try Float(row.double("distinct_values")) == Float(expected.double("n_distinct")))
        let slots = try row.rows("slots")
        #expect(try slots.values(ofKind: 1) == expected.optionalString("common"))
        #expect(try slots.values(ofKind: 2) == expected.optionalString("histogram"))
      }
    }
  }

  /// Everything that a later question may be about, with something of it on the server.
  @Test(arguments: [15, 16, 17, 18]) func `a capture is complete`(major: Int) async throws {
    try await EverythingServer.with(major) { server in
      let admin = try await server.connect()
      try await admin.execute("SELECT pg_create_physical_replication_slot('standby', true)")
      try await admin.script(
        """
        SET track_functions = 'all'; SELECT shop.nearly(1, 2);
        DO $$ DECLARE n integer := 1; BEGIN CALL shop.work(n); END $$;
        SELECT pg_stat_force_next_flush();
        """)
      let holder = try await server.connect()
      try await holder.execute("BEGIN")
      try await holder.execute("LOCK TABLE shop.empty IN EXCLUSIVE MODE")
      let waiter = try await server.connect()
      let waiting = Task { try await waiter.query("SELECT 1 FROM shop.empty FOR UPDATE") }
      for _ in 0..<500 {
        let count = try await admin.query("SELECT count(*) AS n FROM pg_locks WHERE NOT granted").only().int("n")
        if count > 0 { break }
        try await Task.sleep(for: .milliseconds(10))
      }
      let (lines, outcome) = try await server.capture()
      let snapshot = try EverythingServer.read(lines)
      #expect(outcome.faults == [])
      var sections: Set = [
        "stat_database", "stat_tables", "stat_indexes", "stat_wal", "stat_bgwriter", "stat_archiver", "stat_slru",
        "replication_slots", "wal_position", "stat_user_functions", "settings", "role_settings", "extensions",
        "sessions",
        "connections", "databases", "database_sizes", "sequences", "schemas", "relations", "columns", "constraints",
        "indexes", "triggers", "policies", "types", "collations", "functions", "operators", "views",
        "column_statistics",
        "extended_statistics", "tree_heights", "extremes", "type_operators",
      ]
      if server.hasContrib { sections.formUnion(["statements", "statements_info", "statement_texts"]) }
      if major >= 16 { sections.insert("stat_io") }
      if major >= 17 { sections.insert("stat_checkpointer") }
      for section in sections { #expect(!snapshot[section].isEmpty, "\(section)") }
      #expect(outcome.sections.contains { $0.name == "stat_replication" })

      let blocked = try #require(snapshot["sessions"].first { $0["blocked_by"] != nil })
      #expect(try blocked.integers("blocked_by") == [Int64(holder.backendPID)])
      #expect(try blocked.rows("awaited_locks").first?.string("mode") == "RowShareLock")
      #expect(
        snapshot["sessions"].contains { $0["pid"]?.integer == Int64(holder.backendPID) && $0["xact_start"] != nil })
      let numbers = try #require(snapshot["sequences"].first { $0["name"]?.string == "numbers" })
      let real = try await admin.query("SELECT last_value FROM pg_sequences WHERE sequencename = 'numbers'").only()
      #expect(try numbers.integer("last_value") == Int64(real.int("last_value")))
      #expect(try numbers.integer("maximum") == 32_000)
      let ages = try await admin.query("SELECT oid, age(datfrozenxid) AS age FROM pg_database ORDER BY oid")
      for (row, expected) in zip(snapshot["databases"], ages) {
        // The two queries are some transactions apart.
        #expect(try abs(row.integer("frozen_age") - Int64(expected.int("age"))) < 100)
      }
      let slot = try #require(snapshot["replication_slots"].first)
      #expect(try slot.integer("retained_bytes") >= 0)
      #expect(snapshot["stat_user_functions"].contains { $0["funcname"]?.string == "work" })
      let statistics = try #require(snapshot["extended_statistics"].first { $0["name"]?.string == "customers_both" })
      #expect(try statistics.rows("data").first?.rows("common_values").isEmpty == false)
      try await holder.execute("ROLLBACK")
      _ = try await waiting.value
    }
  }

  @Test func `tree heights and extremes are the real ones`() async throws {
    try await EverythingServer.with(15) { server in
      let snapshot = try EverythingServer.read(try await server.capture().lines)
      let connection = try await server.connect()
      let heights = snapshot["tree_heights"]
      #expect(heights.count > 10)
      for row in heights {
        let real = try await connection.query(
          "SELECT p.level, p.fastlevel, p.allequalimage FROM bt_metap($1::bigint::oid::regclass::text) p",
          [String(try row.integer("index"))]
        ).only()
        #expect(try row.integer("height") == Int64(real.int("level")))
        #expect(try row.integer("fast_height") == Int64(real.int("fastlevel")))
        #expect(try row.bool("deduplicates") == real.bool("allequalimage"))
      }
      #expect(heights.contains { ($0["height"]?.integer ?? 0) > 0 })

      let customers = try snapshot.relation("customers").integer("oid")
      let extremes = try #require(snapshot.rows("extremes", of: customers).first)
      // As texts these would be 1 and 999.
      #expect(try extremes.string("minimum") == "1" && extremes.string("maximum") == "5000")
    }
  }

  /// The files themselves say the same as pageinspect, and no extension is needed for them.
  @Test func `heights come from the files where pageinspect is missing`() async throws {
    try await EverythingServer.with(15) { server in
      let with = try EverythingServer.read(try await server.capture().lines)
      let connection = try await server.connect()
      try await connection.execute("DROP EXTENSION pageinspect")
      let without = try EverythingServer.read(try await server.capture().lines)
      #expect(!with["tree_heights"].isEmpty)
      #expect(with["tree_heights"] == without["tree_heights"])
    }
  }

  @Test func `hostile names are taken as they are`() async throws {
    try await EverythingServer.with(15) { server in
      let snapshot = try EverythingServer.read(try await server.capture().lines)
      let table = try snapshot.relation("T'able \"1\" \\ $1")
      #expect(try table.string("schema") == "Odd \"name\"; DROP TABLE x")
      let oid = try table.integer("oid")
      let columns = snapshot.rows("columns", of: oid).map { $0["name"]?.string }
      #expect(columns == ["C'ol \"1\"; SELECT", "zwei  Füße"])
      let extremes = snapshot.rows("extremes", of: oid)
      #expect(extremes.map { $0["minimum"]?.string } == ["1", "tab\t nl\n \"q\" \\ 1"])
    }
  }

  /// Secrets in code: statements put together from literals, quotes in quotes, names and commands.
  private let codeWithSecrets = [
    "do $$ begin execute 'alter role app password ''doubled-hunter2'''; end $$",
    "do $$ begin execute 'do ''begin execute ''''alter role app password ''''''''four-hunter2''''''''''''; end'''; end $$",
    "do $$ begin execute format('alter role app password %L', 'format-hunter2'); end $$",
    "do $$ begin execute 'alter role app password ' || quote_literal('joined-hunter2'); end $$",
    "do $$ declare pw text := 'short-hunter2'; begin null; end $$",
    "do $$ declare password text := $x$dollar-hunter2$x$; begin null; end $$",
    "do $$ declare c text := 'host=x password=' || 'part-hunter2'; begin null; end $$",
    "do 'begin execute ''alter role app password ''''quoted-hunter2''''''; end'",
    "do language 'plpgsql' $x$ begin null; /* the token is comment-hunter2 */ end $x$",
    #"do $$ begin execute E'alter role app password \'escaped-hunter2\''; end $$"#,
    "/* it's a block */ do $$ declare api_key text := 'behind-hunter2'; begin null; end $$",
    "create function shop.renew() returns void language plpgsql as $$ begin "
      + "execute 'alter role app password ''body-hunter2''' || quote_literal('other-hunter2') /* hunter2 */; end $$",
    "create or replace procedure shop.again() set search_path to 'shop' language plpgsql as $$ begin "
      + "execute format('alter role app password %L', 'procedure-hunter2'); end $$",
    #"create function shop.back() returns text language sql as $$ select E'token \'back-hunter2' $$"#,
    "create table shop.program (line text)",
    "copy shop.program from program 'echo -u user:program-hunter2'",
    "copy shop.program to program $x$cat >/dev/null; : user:away-hunter2$x$",
  ]

  @Test func `no password leaves the server`() async throws {
    try await EverythingServer.with(15) { server in
      let connection = try await server.connect()
      for secret in [
        "ALTER ROLE app PASSWORD 'plain-hunter2'", "ALTER ROLE app PASSWORD $x$dollar-hunter2$x$",
        "CREATE FUNCTION shop.leak() RETURNS text LANGUAGE plpgsql AS "
          + "$$ BEGIN RETURN 'host=x password=body-hunter2 user=y'; END $$",
        "CREATE FUNCTION shop.url() RETURNS text LANGUAGE sql AS $$ SELECT 'postgres://me:uri-hunter2@host/db' $$",
        "SET app.secret_key = 'set-hunter2'",
        "CREATE SUBSCRIPTION s CONNECTION 'password=sub-hunter2 dbname=x' "
          + "PUBLICATION p WITH (connect = false)",
        // Spellings that a simple pattern misses.
        #"ALTER ROLE app PASSWORD E'quoted\'escaped-hunter2'"#, "ALTER ROLE app PASSWORD 'it''s doubled-hunter2'",
        "ALTER ROLE app /* why */ PASSWORD /* it's */ 'commented-hunter2'",
        "ALTER ROLE app PASSWORD -- next line\n'below-hunter2'", "ALTER ROLE app PASSWORD 'con'\n'tinued-hunter2'",
        #"ALTER ROLE app PASSWORD U&'unicode\0041-hunter2'"#,
        "COMMENT ON TABLE shop.customers IS 'host=x password=''two words-hunter2'' user=y'",
        "COMMENT ON TABLE shop.customers IS $$host=x password=raw-hunter2$$",
        "COMMENT ON TABLE shop.customers IS 'host=x password=com,ma-hunter2'",
        "CREATE TABLE shop.told (link text DEFAULT 'host=x password=default-hunter2' "
          + "CHECK (link <> 'password=check-hunter2'))",
        "CREATE INDEX ON shop.told ((link || 'password=index-hunter2')) WHERE link <> 'password=predicate-hunter2'",
        "CREATE POLICY p ON shop.told USING (link <> 'password=policy-hunter2')",
        "CREATE RULE r AS ON UPDATE TO shop.told DO ALSO SELECT 'password=rule-hunter2'",
        "CREATE DOMAIN shop.link AS text DEFAULT 'password=base-hunter2' CHECK (VALUE <> 'password=domain-hunter2')",
      ] {
        try await connection.execute(secret)
      }
      for secret in [
        "CREATE FUNCTION shop.opens(a integer, password text DEFAULT 'header-hunter2') RETURNS text LANGUAGE sql "
          + "AS $$ SELECT $2 $$",
        "CREATE TABLE shop.accounts (password varchar(40) DEFAULT 'column-hunter2' CHECK (password <> 'check-hunter2'), "
          + "n integer, CHECK (n > 1 OR password NOT IN ('in-hunter2', 'list-hunter2')), "
          + "password_number integer DEFAULT nextval('shop.numbers'))",
        "CREATE POLICY q ON shop.accounts USING (lower(password) = 'policy-hunter2' OR n = 1)",
        "CREATE VIEW shop.open_accounts AS SELECT n FROM shop.accounts WHERE password <> 'view-hunter2' AND n > 7",
        "CREATE VIEW shop.other_accounts AS SELECT n FROM shop.accounts WHERE 'left-hunter2' <> password "
          + "OR md5('hash-hunter2') = password OR password IS DISTINCT FROM 'distinct-hunter2'",
        "CREATE POLICY l ON shop.accounts USING ('password=' || n || ' stays' <> 'host' AND password <> 'other-hunter2')",
        "CREATE INDEX ON shop.accounts (n) WHERE password = 'predicate-hunter2'",
        "CREATE FUNCTION shop.reads() RETURNS text LANGUAGE sql AS $$ SELECT '/etc/passwd' || 'stays' $$",
      ] { try await connection.execute(secret) }
      let named = try await server.connect()
      try await named.execute("SET application_name = 'app password=named-hunter2'")
      try await named.execute("BEGIN")
      for secret in codeWithSecrets { try await connection.execute(secret) }
      try await connection.execute(
        "CREATE FUNCTION shop.plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 || 'is kept' -- so\n $$")
      for user in ["postgres", "app"] {
        let text = String(decoding: try await server.capture(as: user).lines, as: UTF8.self)
        #expect(!text.contains("hunter2"))
        #expect(text.contains("****"))
        #expect(!String(decoding: try await server.script(as: user), as: UTF8.self).contains("hunter2"))
        let definitions = try EverythingServer.read(Array(text.utf8))["functions"].compactMap {
          $0["definition"]?.string
        }
        #expect(definitions.contains { $0.contains("$1 || 'is kept' -- so") })
        #expect(definitions.contains { $0.contains("'/etc/passwd' || 'stays'") })
        #expect(definitions.contains { $0.contains("password text DEFAULT '****'::text") })
        #expect(text.contains("'password='::text || n") && text.contains("' stays'::text") || user != "postgres")
        #expect(text.contains("n > 7") && (text.contains("app password=****") || user != "postgres"))
        // What is left is a function still.
        #expect(definitions.contains { $0.contains("execute '****' || quote_literal('****') /*****/; end") })
      }
      try await connection.execute("ALTER SUBSCRIPTION s SET (slot_name = NONE)")
      try await connection.execute("DROP SUBSCRIPTION s")
    }
  }

  /// A column may be called like a secret: what compares and assigns it must stay a statement.
  @Test(arguments: [15, 18]) func `statements that name a secret stay whole`(major: Int) async throws {
    guard TestServers.hasContrib(major) else { try Test.cancel("PostgreSQL \(major) with contrib is missing") }
    try await EverythingServer.with(major) { server in
      let connection = try await server.connect()
      try await connection.execute("CREATE TABLE shop.session (id integer PRIMARY KEY, token text, api_key text)")
      let statements = [
        "INSERT INTO shop.session AS s VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET token = excluded.token, api_key=s.token",
        "SELECT a.id FROM shop.session a JOIN shop.session b ON a.token = b.token AND a.api_key=b.api_key",
        "SELECT id /* app='x',token=y */ FROM shop.session a WHERE token=api_key AND id = $1 -- don't",
      ]
      _ = try await connection.query(statements[0], ["1", "x"])
      _ = try await connection.query(statements[1])
      _ = try await connection.query(statements[2], ["1"])
      try await connection.execute(
        "CREATE VIEW shop.twice AS SELECT a.id FROM shop.session a JOIN shop.session b ON a.token = b.token")
      try await connection.execute("CREATE INDEX ON shop.session (id) WHERE token = 'common' OR api_key <> 'secret=x'")
      let snapshot = try EverythingServer.read(try await server.capture().lines)
      let texts = snapshot["statement_texts"].compactMap { $0["query"]?.string }
      #expect(texts.contains(statements[0]) && texts.contains(statements[1]))
      #expect(texts.contains(statements[2].split(separator: "token=y").joined(separator: "token=****")))
      let view = try snapshot.relation("twice")["oid"]?.integer
      let definition = snapshot["views"].first { $0["relation"]?.integer == view }?["definition"]?.string
      #expect(definition?.contains("a.token = b.token") == true)
      let session = try #require(try snapshot.relation("session")["oid"]?.integer)
      let predicates = snapshot.rows("indexes", of: session).compactMap { $0["predicate"]?.string }
      #expect(predicates == ["token = 'common'::text OR api_key <> 'secret=****'::text"])
    }
  }

  @Test func `values stay away when they are dropped, and everything else stays`() async throws {
    try await EverythingServer.with(15) { server in
      let text = String(decoding: try await server.capture(.init(keepsValues: false)).lines, as: UTF8.self)
      // A common value, one of an expression, one of extended statistics and a histogram's end.
      for value in ["O'Brien", "name 100\"", "1950-01-02", "user100@example.org"] { #expect(!text.contains(value)) }
      let snapshot = try EverythingServer.read(Array(text.utf8))
      #expect(snapshot["extremes"].isEmpty && !snapshot.header.keepsValues)
      let statistics = snapshot["column_statistics"]
      #expect(statistics.count > 30)
      for row in statistics { for slot in try row.rows("slots") { #expect(slot["values"] == nil) } }
      let none = try EverythingServer.read(try await server.capture(.init(withStatistics: false)).lines)
      #expect(none["column_statistics"].isEmpty && !none["indexes"].isEmpty)
    }
  }

  @Test func `a restricted role is told what it could not see`() async throws {
    try await EverythingServer.with(15) { server in
      let connection = try await server.connect()
      try await connection.execute("CREATE ROLE monitor LOGIN IN ROLE pg_monitor")
      let all = try EverythingServer.read(try await server.capture().lines)
      let monitor = try EverythingServer.read(try await server.capture(as: "monitor").lines)
      let plain = try EverythingServer.read(try await server.capture(as: "app").lines)
      #expect(!all.says("planner statistics") && !all.says("heights") && !all.says("other roles"))
      #expect(monitor.says("planner statistics") && monitor.says("heights") && !monitor.says("other roles"))
      #expect(plain.says("planner statistics") && plain.says("statements") && plain.says("other roles"))
      // What is there to see for everybody is the same for everybody.
      for section in ["columns", "constraints", "indexes", "types", "functions", "views"] {
        #expect(monitor[section] == all[section] && plain[section] == all[section])
      }
      // With SELECT on a table its statistics are seen, through the view.
      try await connection.execute("GRANT USAGE ON SCHEMA shop TO monitor")
      try await connection.execute("GRANT SELECT ON shop.orders_2025 TO monitor")
      let oid = try all.relation("orders_2025").integer("oid")
      // A probe would make an index that nobody uses look used, since only a superuser can keep it uncounted.
      let unused = try EverythingServer.read(try await server.capture(as: "monitor").lines)
      #expect(unused.rows("extremes", of: oid).isEmpty)
      try await connection.script(
        """
        SET enable_seqscan = off; SET enable_bitmapscan = off;
        SELECT count(*) FROM shop.orders_2025 WHERE id = 5;
        SELECT count(*) FROM shop.orders_2025 WHERE customer_id = 5;
        SELECT count(*) FROM shop.orders_2025 WHERE note = 'n5';
        SELECT pg_stat_force_next_flush();
        """)
      _ = try await connection.query("SELECT 1")
      let granted = try EverythingServer.read(try await server.capture(as: "monitor").lines)
      #expect(monitor.rows("column_statistics", of: oid).isEmpty)
      #expect(granted.rows("column_statistics", of: oid).count == all.rows("column_statistics", of: oid).count)
      for (seen, real) in zip(
        granted.rows("column_statistics", of: oid), all.rows("column_statistics", of: oid))
      {
        #expect(seen["null_fraction"] == real["null_fraction"])
        let slots = try (seen.rows("slots"), real.rows("slots").byKind)
        #expect(slots.0.map { $0["kind"] } == slots.1.map { $0["kind"] })
        #expect(slots.0.map { $0["values"] } == slots.1.map { $0["values"] })
        #expect(slots.0.map { $0["numbers"] } == slots.1.map { $0["numbers"] })
        #expect(slots.0.map { $0["type"] } == slots.1.map { $0["type"] })
      }
      #expect(!granted.rows("extremes", of: oid).isEmpty)
    }
  }

  /// The view names no operators; the section beside it names those that ANALYZE takes.
  @Test(arguments: [15, 16, 17, 18])
  func `default operators are those that ANALYZE took`(major: Int) async throws {
    try await EverythingServer.with(major) { server in
      let snapshot = try EverythingServer.read(try await server.capture().lines)
      var operators: [String: (equal: String, less: String)] = [:]
      for row in snapshot["type_operators"] {
        operators[try row.string("type")] = (try row.string("equal"), try row.string("less"))
      }
      var compared = 0
      for row in snapshot["column_statistics"] {
        for slot in try row.rows("slots") where slot["values"] != nil {
          guard let found = operators[try slot.string("type")], let used = try slot.optionalString("operator") else {
            continue
          }
          switch try slot.integer("kind") {
          case 1: #expect(used == found.equal)
          case 2: #expect(used == found.less)
          default: continue
          }
          compared += 1
        }
      }
      #expect(compared > 30)
    }
  }

  @Test func `a capture writes nothing and resets nothing`() async throws {
    try await EverythingServer.with(15) { server in
      let connection = try await server.connect()
      func state() async throws -> [String?] {
        let row = try await connection.query(
          """
          SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xmax,
          (SELECT stats_reset FROM pg_stat_statements_info)::text AS reset,
          (SELECT string_agg(t.relname || n_tup_ins || n_tup_upd || n_tup_del, ',' ORDER BY relid) FROM pg_stat_all_tables t
          -- Shared catalogs count for sessions of other databases too, which hand in their counters when they like.
          JOIN pg_class c ON c.oid = t.relid WHERE NOT c.relisshared) AS writes, (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database())::text AS own_reset
          """
        ).only()
        return row.columns.indices.map { row[$0] }
      }
      // What made the server's tables hands in its counters when its session ends, a moment after it was closed.
      try await Task.sleep(for: .seconds(2))
      let before = try await state()
      _ = try await server.capture()
      _ = try await server.capture(as: "app")
      _ = try await server.script()
      let after = try await state()
      #expect(after == before)
    }
  }

  @Test func `a superuser's capture leaves no trace among the statements`() async throws {
    try await EverythingServer.with(15) { server in
      let connection = try await server.connect()
      try await connection.execute("SELECT pg_stat_statements_reset()")
      _ = try await server.capture()
      _ = try await server.script()
      let own = try await connection.query(
        "SELECT count(*) AS n FROM pg_stat_statements WHERE query LIKE '%row_to_json%' AND query LIKE '%AS section%'")
      #expect(try own.only().int("n") == 0)
    }
  }

  @Test func `a locked table is left out, not waited for`() async throws {
    try await EverythingServer.with(15) { server in
      let holder = try await server.connect()
      try await holder.execute("BEGIN")
      try await holder.execute("LOCK TABLE shop.customers IN ACCESS EXCLUSIVE MODE")
      let (lines, outcome) = try await server.capture(
        .init(statementTimeout: .seconds(10), lockTimeout: .milliseconds(100)))
      let snapshot = try EverythingServer.read(lines)
      #expect(snapshot.says("indexes, checks and policies of 1 tables"))
      #expect(snapshot.says("definitions of 1 views"))
      let customers = try snapshot.relation("customers")
      #expect(customers["size_bytes"] == nil)
      let oid = try customers.integer("oid")
      #expect(snapshot.rows("indexes", of: oid).isEmpty && !snapshot["indexes"].isEmpty)
      #expect(snapshot.rows("columns", of: oid).count == 11)
      #expect(snapshot.rows("constraints", of: oid).allSatisfy { $0["definition"] != nil })
      #expect(outcome.faults == [])
      try await holder.execute("ROLLBACK")
    }
  }

  /// Every statement that reaches the server, by its own log: reads, and what a transaction is made of.
  @Test(arguments: [15, 16, 17, 18]) func `only reads reach the server`(major: Int) async throws {
    try await EverythingServer.with(major) { server in
      let admin = try await server.connect()
      try await admin.script(
        """
        CREATE ROLE monitor LOGIN IN ROLE pg_monitor;
        ALTER DATABASE everything SET default_transaction_read_only = on;
        """)
      for setting in ["log_statement = 'all'", "log_line_prefix = '%u|'", "log_min_error_statement = 'panic'"] {
        try await admin.execute("ALTER SYSTEM SET \(setting)")
      }
      try await admin.execute("SELECT pg_reload_conf()")
      try await Task.sleep(for: .milliseconds(300))
      #expect(try await server.capture(as: "monitor").outcome.faults == [])
      _ = try await server.script(as: "monitor")
      let log = try String(contentsOfFile: server.server.socketDirectory + "/log", encoding: .utf8)
      let statements = log.split(separator: "\n").compactMap { line -> Substring? in
        guard line.hasPrefix("monitor|LOG:  "), let place = line.range(of: "statement: ") ?? line.range(of: "execute ")
        else { return nil }
        return line[place.upperBound...].drop { line[place].hasPrefix("execute") && $0 != ":" }.drop {
          $0 == ":" || $0 == " "
        }
      }
      #expect(statements.count > 60)
      let harmless = [
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT", "WITH", "SAVEPOINT", "RELEASE", "ROLLBACK",
        "COMMIT",
        "SET LOCAL", "set client_encoding to",
      ]
      for statement in statements {
        #expect(harmless.contains { statement.hasPrefix($0) }, "\(statement)")
      }
      #expect(statements.contains { $0.hasPrefix("BEGIN") } && statements.contains { $0.hasPrefix("WITH") })
      for word in ["_reset", "nextval", "setval", "pg_terminate", "pg_cancel", "pg_switch", "lo_", "dblink", "COPY"] {
        #expect(!statements.contains { $0.contains(word + "(") || $0.hasPrefix(word) }, "\(word)")
      }
    }
  }

  @Test func `where pg_stat_statements is missing, unloaded or elsewhere, it is said or found`() async throws {
    guard TestServers.hasContrib(15) else { try Test.cancel("PostgreSQL 15 with contrib is missing") }
    try await withServer(version: 15) { server in
      func capture() async throws -> Snapshot {
        let lines = Mutex<[UInt8]>([])
        let connection = try await PostgresConnection.connect(
          ConnectionOptions(connectionString: server.connectionString()))
        _ = try await LiveCapture().run(on: connection) { part in lines.withLock { $0 += part } }
        return try EverythingServer.read(lines.withLock { $0 })
      }
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: server.connectionString()))
      let none = try await capture().unseen[0]
      #expect(none.what == "statement statistics: database postgres has no extension pg_stat_statements")
      #expect(none.remedy.contains("shared_preload_libraries"))
      try await connection.execute("CREATE EXTENSION pg_stat_statements")
      let unloaded = try await capture().unseen
      #expect(unloaded[0].what.contains("its library is not loaded"))
      #expect(!unloaded.contains { $0.what.hasPrefix("section statement") })
    }
    try await withServer(version: 15, settings: ["shared_preload_libraries": "pg_stat_statements"]) { server in
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: server.connectionString()))
      let lines = Mutex<[UInt8]>([])
      // A function of the same name that somebody else made is not the extension's.
      try await connection.script(
        """
        CREATE SCHEMA "Odd; schema"; CREATE EXTENSION pg_stat_statements SCHEMA "Odd; schema";
        CREATE FUNCTION public.pg_stat_statements(boolean) RETURNS integer LANGUAGE sql AS 'SELECT 1/0';
        """)
      let outcome = try await LiveCapture().run(on: connection) { part in lines.withLock { $0 += part } }
      let snapshot = try EverythingServer.read(lines.withLock { $0 })
      #expect(outcome.faults == [] && snapshot["statements"].count > 0)
      #expect(!snapshot.says("statement statistics"))
    }
  }

  @Test func `the connection can be used again after a capture that failed`() async throws {
    try await EverythingServer.with(15) { server in
      let connection = try await server.connect()
      struct Full: Error {}
      await #expect(throws: Full.self) { _ = try await LiveCapture().run(on: connection) { _ in throw Full() } }
      #expect(await !connection.isInTransaction)
      #expect(try await connection.query("SELECT 1 AS n").only().int("n") == 1)
    }
  }
}

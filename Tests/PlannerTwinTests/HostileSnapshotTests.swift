import Catalog
import Foundation
import Model
import PlannerTwin
import PostgresClient
import PrivateServer
import TestSupport
import Testing

/// Snapshots come from elsewhere: what is in them may break the twin, and nothing else.
@Suite(.serialized) struct HostileSnapshotTests {
  /// Code of a schema that tries what it should not, wherever the server or the planner might run it. It says in the
  /// server's log who ran it.
  static let schema = """
    CREATE FUNCTION attempt(what text) RETURNS text LANGUAGE plpgsql AS $$
      BEGIN
        -- In production it ran as a superuser; there is nothing to prove.
        IF current_setting('cluster_name') = 'pgassay' AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'pgassay_owner') THEN
          EXECUTE what;
        END IF;
        RAISE LOG 'pgassay-done: %', what;
        RETURN 'done';
      EXCEPTION WHEN OTHERS THEN
        RAISE LOG 'pgassay-refused: % (%)', what, SQLERRM;
        RETURN 'refused';
      END $$;
    CREATE FUNCTION evil(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
      BEGIN
        RAISE LOG 'pgassay-ran-as: % % %', session_user, current_user, current_setting('is_superuser');
        PERFORM public.attempt('COPY (SELECT 1) TO PROGRAM ''touch $MARKER''');
        PERFORM public.attempt('COPY (SELECT 1) TO ''$MARKER''');
        PERFORM public.attempt('SELECT pg_read_file(''/etc/hostname'')');
        PERFORM public.attempt('SELECT pg_ls_dir(''/'')');
        PERFORM public.attempt('SELECT lo_import(''/etc/hostname'')');
        PERFORM public.attempt('SELECT lo_export(1, ''$MARKER'')');
        PERFORM public.attempt('SET ROLE postgres');
        PERFORM public.attempt('SET SESSION AUTHORIZATION postgres');
        PERFORM public.attempt('ALTER ROLE pgassay_owner SUPERUSER');
        PERFORM public.attempt('ALTER SYSTEM SET archive_command = ''touch $MARKER''');
        PERFORM public.attempt('CREATE EXTENSION dblink');
        PERFORM public.attempt('CREATE EXTENSION postgres_fdw');
        PERFORM public.attempt('CREATE FUNCTION libc() RETURNS int LANGUAGE c AS ''libc'', ''getpid''');
        PERFORM public.attempt('LOAD ''auto_explain''');
        PERFORM public.attempt('CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION public.attempt()');
        PERFORM public.attempt('SELECT pg_reload_conf()');
        PERFORM public.attempt('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ''postgres''');
        PERFORM public.attempt('UPDATE pg_catalog.pg_authid SET rolsuper = true');
        RETURN x;
      END $$;
    CREATE FUNCTION evil_text(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT public.evil(1) = 1';
    CREATE FUNCTION evil_difference(int, int) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT public.evil(1)::float8';
    CREATE DOMAIN checked AS text CHECK (evil_text(VALUE));
    CREATE DOMAIN numbered AS int DEFAULT evil(4);
    CREATE TYPE span AS RANGE (subtype = int, subtype_diff = evil_difference);
    CREATE TYPE pair AS (x checked, y numbered);
    CREATE TABLE victim (id int PRIMARY KEY, word checked, twice int GENERATED ALWAYS AS (evil(4)) STORED, CHECK (evil(7) = 7),
      span span, both_ pair, number int DEFAULT evil(9), done numbered);
    CREATE INDEX ON victim ((evil(id))); CREATE INDEX ON victim (id) WHERE evil(5) = 5;
    CREATE INDEX ON victim USING gist (span);
    CREATE STATISTICS vs ON (evil(id)), word FROM victim;
    CREATE POLICY p ON victim USING (evil(1) = 1); ALTER TABLE victim ENABLE ROW LEVEL SECURITY;
    CREATE VIEW looking AS SELECT * FROM victim WHERE evil(6) = 6;
    CREATE RULE r AS ON DELETE TO victim DO ALSO SELECT evil(1);
    CREATE TABLE divided (a int) PARTITION BY RANGE (a);
    CREATE TABLE divided_1 PARTITION OF divided FOR VALUES FROM (0) TO (100);
    INSERT INTO victim (id, word, span, both_, done) SELECT i, 'w' || i % 9, span(i, i + 5), ROW('a', 1)::pair, i FROM generate_series(1, 300) i;
    CREATE EXTENSION dblink;
    CREATE FUNCTION outside() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE FUNCTION started() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE LOG 'pgassay-event'; END $$;
    CREATE EVENT TRIGGER started ON ddl_command_start EXECUTE FUNCTION started();
    CREATE PUBLICATION everything FOR ALL TABLES;
    CREATE SUBSCRIPTION something CONNECTION 'host=/nowhere password=topsecret' PUBLICATION p WITH (connect = false);
    CREATE ROLE app LOGIN PASSWORD 'topsecret';
    """

  static let queries = [
    "SELECT * FROM victim WHERE word = 'w1'", "SELECT * FROM victim WHERE evil(id) = 5", "SELECT * FROM looking",
    "SELECT * FROM victim WHERE span && span(4, 9)", "SELECT * FROM victim WHERE id = evil(3)",
    "INSERT INTO victim (id) VALUES (0)",
    "DELETE FROM victim WHERE id = 5", "SELECT * FROM victim WHERE both_ = ROW('a', 1)::pair",
    "SELECT 'x'::checked, 5::numbered",
  ]

  /// A place that everybody may write to, with a file that must not appear.
  private static func withMarker(_ body: (String) async throws -> Void) async throws {
    let directory = "/tmp/pgassay-marker-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    chmod(directory, 0o777)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory + "/marker")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [])
  }

  private static func log(of twin: PlannerTwin) throws -> String {
    try String(contentsOfFile: twin.server.socketDirectory + "/log", encoding: .utf8)
  }

  /// What holds of every twin, whatever it was made of.
  private static func expectHarmless(_ twin: PlannerTwin) async throws {
    let connection = try await PostgresConnection.connect(
      ConnectionOptions(connectionString: twin.server.connectionString(database: twin.databases[0].name)))
    func one(_ sql: String) async throws -> String? { try await connection.query(sql).only()[0] }
    #expect(
      try await one("SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper OR rolcreaterole OR rolreplication")
        == "postgres")
    #expect(try await one("SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL") == "0")
    #expect(try await one("SELECT count(*) FROM pg_event_trigger") == "0")
    #expect(try await one("SELECT count(*) FROM pg_publication") == "0")
    #expect(try await one("SELECT count(*) FROM pg_subscription") == "0")
    #expect(try await one("SELECT count(*) FROM pg_foreign_server") == "0")
    #expect(
      try await one("SELECT count(*) FROM pg_language WHERE NOT lanpltrusted AND lanname NOT IN ('internal', 'c')")
        == "0")
    #expect(
      try await one("SELECT count(*) FROM pg_extension WHERE extname IN ('dblink', 'postgres_fdw', 'file_fdw')") == "0")
    #expect(
      try await one(
        "SELECT count(*) FROM pg_auth_members WHERE member = 'pgassay_owner'::regrole AND roleid::regrole::text ~ '^pg_'"
      ) == "0")
    #expect(
      try await one(
        "SELECT count(*) FROM pg_proc WHERE prosecdef AND proowner = 'postgres'::regrole AND pronamespace <> 'pgassay_twin'::regnamespace AND oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')"
      ) == "0")
    #expect(try await one("SHOW listen_addresses") == "")
    await connection.close()
  }

  @Test func `code in a schema runs, if at all, as a role that can do nothing`() async throws {
    try await Self.withMarker { marker in
      try await Production.with(
        Self.schema.replacingOccurrences(of: "$MARKER", with: marker),
        settings: ["wal_level": "logical"],
        prepare: { _, _ in }
      ) { _, production in
        let lines = String(decoding: try await Production.lines(production), as: UTF8.self)
        #expect(!lines.contains("topsecret"))
        let twin = try await PlannerTwin.start(from: try Production.sections(Array(lines.utf8)))
        _ = try await twin.connectionString()
        for query in Self.queries {
          _ = try? await Production.plan(twin.databases[0].planning, query)
        }
        let log = try Self.log(of: twin)
        let ran = log.split(separator: "\n").filter { $0.contains("pgassay-ran-as: ") }
        #expect(!ran.isEmpty, "the planner folds constants by running immutable functions")
        for line in ran { #expect(line.contains("pgassay-ran-as: pgassay_owner pgassay_owner off"), "\(line)") }
        let done = log.split(separator: "\n").filter { $0.contains("pgassay-done: ") }
        #expect(done == [], "\(done)")
        #expect(!log.contains("pgassay-event"))
        #expect(log.contains("pgassay-refused: COPY (SELECT 1) TO PROGRAM"))
        try await Self.expectHarmless(twin)
        await twin.stop()
      }
    }
  }

  private static let plain = """
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
    CREATE FUNCTION same(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
    CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = same);
    CREATE TABLE a (id int PRIMARY KEY, b text, c mood, d numeric, e text[], g int4range, CHECK (id > 0));
    INSERT INTO a SELECT i, 'b' || i % 50, (enum_range(NULL::mood))[1 + i % 2], i % 7, ARRAY['x' || i % 5], int4range(i, i + 3) FROM generate_series(1, 3000) i;
    CREATE INDEX a_b ON a (b, id); CREATE INDEX ON a ((id % 10)); CREATE STATISTICS s ON b, c, d FROM a;
    CREATE VIEW v AS SELECT * FROM a WHERE id < 10; CREATE RULE r AS ON DELETE TO v DO INSTEAD NOTHING;
    CREATE MATERIALIZED VIEW m AS SELECT b, count(*) AS n FROM a GROUP BY b;
    CREATE TABLE parted (a int, b text) PARTITION BY LIST (a); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
    CREATE POLICY p ON a USING (id > 0); ALTER DATABASE shop SET work_mem = '5MB';
    """

  private static let plainQueries = [
    "SELECT * FROM a WHERE b = 'b3'", "SELECT * FROM a WHERE b > 'b3' AND c = 'sad' AND d = 3",
    "SELECT * FROM a WHERE id % 10 = 3",
    "SELECT * FROM a WHERE e @> ARRAY['x3']", "SELECT * FROM a WHERE g && int4range(5, 9)", "SELECT * FROM v",
    "SELECT * FROM m WHERE n > 3",
    "SELECT * FROM parted WHERE a = 1", "SELECT c, d, b, count(*) FROM a GROUP BY 1, 2, 3",
    "SELECT * FROM a x JOIN a y ON x.b = y.b WHERE x.id > 2990",
  ]

  /// Lines of a capture as objects, to be edited.
  static func capture() async throws -> [[String: Any]] {
    var bytes: [UInt8] = []
    try await Production.with(plain) { _, production in bytes = try await Production.lines(production) }
    return try bytes.split(separator: 10).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
    }
  }

  static func text(_ lines: [[String: Any]]) throws -> [UInt8] {
    // The header's first key is what tells a snapshot.
    var bytes: [UInt8] = []
    for line in lines {
      bytes += [UInt8](try JSONSerialization.data(withJSONObject: line, options: [.sortedKeys])) + [10]
    }
    return bytes
  }

  @Test func `definitions that are something else are not run`() async throws {
    let lines = try await Self.capture()
    try await Self.withMarker { marker in
      let attacks = [
        "COPY a TO PROGRAM 'touch \(marker)'", "ALTER ROLE pgassay_owner SUPERUSER", "CREATE EXTENSION dblink",
        "DROP TABLE a CASCADE",
        "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch \(marker)'''; END $$",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT 1; COPY (SELECT 1) TO PROGRAM 'touch \(marker)'", "\\! touch \(marker)", "CREATE DATABASE other",
        "CREATE LANGUAGE plpython3u", "SET SESSION AUTHORIZATION postgres",
        "CHECK (true); ALTER ROLE pgassay_owner SUPERUSER --",
        "int); ALTER ROLE pgassay_owner SUPERUSER --", "GRANT pg_execute_server_program TO pgassay_owner",
        "') ; DROP TABLE a; --", "$$ ; DROP TABLE a; $$",
      ]
      let places = [
        "definition", "type", "partition_bound", "partition_key", "default_expression", "using_expression", "predicate",
        "result", "arguments", "base_type", "check_expression", "collation", "locale",
      ]
      for (number, attack) in attacks.enumerated() {
        var edited = lines
        for index in edited.indices where edited[index]["section"] != nil {
          // One attack in every place of every second row, so that what depends on the others stays.
          guard (index + number) % 2 == 0 else { continue }
          for place in places where edited[index][place] is String { edited[index][place] = attack }
        }
        let twin = try await PlannerTwin.start(from: try Snapshot(lines: try Self.text(edited)))
        _ = try await twin.connectionString()
        for query in Self.plainQueries { _ = try? await Production.plan(twin.databases[0].planning, query) }
        try await Self.expectHarmless(twin)
        #expect(!(try Self.log(of: twin)).contains("terminated by signal"))
        #expect(!FileManager.default.fileExists(atPath: marker), "\(attack)")
        await twin.stop()
      }
    }
  }

  @Test func `names are quoted, whatever is in them`() async throws {
    let lines = try await Self.capture()
    for name in [
      "a\"; DROP TABLE a; --", "a'); COPY a TO PROGRAM 'true'; --", "\\! true", "$$", "/* ", "a\nb", "üñí\u{1F600}",
      "select", "pg_evil", " ", "%s%n",
      "a\u{202E}b", "pgassay_owner",
    ] {
      var edited = lines
      for index in edited.indices {
        guard let section = edited[index]["section"] as? String else {
          if edited[index]["database"] != nil { edited[index]["database"] = name }
          continue
        }
        if [
          "functions", "collations", "policies", "schemas", "role_settings", "extensions",
          "roles", "tablespaces",
        ].contains(section) {
          for key in ["name", "role", "database"] where edited[index][key] is String { edited[index][key] = name }
        }
        if section == "constraints", edited[index]["kind"] as? String == "check" { edited[index]["name"] = name }
        if section == "relations", edited[index]["name"] as? String == "m" { edited[index]["name"] = name }
        if section == "columns", edited[index]["name"] as? String == "e" { edited[index]["name"] = name }
      }
      let twin = try await PlannerTwin.start(from: try Snapshot(lines: try Self.text(edited)))
      _ = try await twin.connectionString()
      try await Self.expectHarmless(twin)
      let plan = try? await Production.plan(twin.databases[0].planning, "SELECT b FROM a WHERE id = 5")
      #expect(plan?.contains("Index Scan") == true, "\(name): \(twin.report.leftOut)")
      await twin.stop()
    }
  }

  @Test func `statistics that do not fit their columns are left out and crash nothing`() async throws {
    let lines = try await Self.capture()
    let edits: [(String, (inout [String: Any]) -> Void)] = [
      ("type", { $0["type"] = "bigint" }), ("unknown type", { $0["type"] = "no_such_type" }),
      ("text", { $0["type"] = "text" }),
      ("operator", { $0["operator"] = "=(bigint,bigint)" }), ("null element", { $0["values"] = "{NULL,1}" }),
      ("no array", { $0["values"] = "nonsense" }), ("two dimensions", { $0["values"] = "{{1,2},{3,4}}" }),
      ("empty", { $0["values"] = "{}" }),
      ("too few numbers", { $0["numbers"] = [0.5] }), ("no numbers", { $0["numbers"] = NSNull() }),
      ("kind", { $0["kind"] = 7 }), ("collation", { $0["collation"] = "nowhere.nothing" }),
    ]
    for (name, edit) in edits {
      var edited = lines
      for index in edited.indices where edited[index]["section"] as? String == "column_statistics" {
        guard var slots = edited[index]["slots"] as? [[String: Any]] else { continue }
        for slot in slots.indices { edit(&slots[slot]) }
        edited[index]["slots"] = slots
      }
      let twin = try await PlannerTwin.start(from: try Snapshot(lines: try Self.text(edited)))
      _ = try await twin.connectionString()
      for query in Self.plainQueries {
        do {
          _ = try await Production.plan(twin.databases[0].planning, query)
        } catch let error as PostgresError {
          Issue.record("\(name): \(query): \(error.message)")
        }
      }
      if name != "collation", name != "empty" {
        #expect(twin.report.leftOut.contains { $0.object.hasPrefix("statistics of column") }, "\(name)")
      }
      #expect(!(try Self.log(of: twin)).contains("terminated by signal"), "\(name)")
      await twin.stop()
    }
  }

  @Test func `a cut or edited snapshot is a clear error or a twin, never a crash`() async throws {
    let lines = try await Self.capture()
    let whole = try Self.text(lines)
    for share in [0.0, 0.001, 0.1, 0.5, 0.9, 0.999] {
      #expect(throws: SnapshotError.self) {
        _ = try Snapshot(lines: Array(whole[..<Int(share * Double(whole.count - 2))]))
      }
    }
    var newer = lines
    newer[0]["pgassay_snapshot"] = 99
    #expect(throws: SnapshotError.newerFormat(version: 99, supported: 1)) {
      _ = try Snapshot(lines: try Self.text(newer))
    }

    var generator = SplitMix(state: 20_260)
    let values: [Any] = [
      -1, 0, Int64.max, Int64.min, 4_294_967_295, -2_147_483_648, 1e300, -1e300, "", "text", NSNull(), true, [Any](),
      [1, "two", NSNull()],
      ["key": "value"], String(repeating: "long ", count: 2_000), "\u{0001}", "{}", "9999999999999999999",
    ]
    for round in 0..<60 {
      var edited = lines
      for _ in 0..<3 {
        let index = Int(generator.next() % UInt64(edited.count - 1))
        let keys = edited[index].keys.filter { $0 != "section" && $0 != "pgassay_snapshot" }.sorted()
        guard !keys.isEmpty else { continue }
        let key = keys[Int(generator.next() % UInt64(keys.count))]
        if generator.next() % 5 == 0 {
          edited[index][key] = nil
        } else {
          edited[index][key] = values[Int(generator.next() % UInt64(values.count))]
        }
      }
      do {
        let twin = try await PlannerTwin.start(from: try Snapshot(lines: try Self.text(edited)))
        _ = try await twin.connectionString()
        for query in Self.plainQueries { _ = try? await Production.plan(twin.databases[0].planning, query) }
        #expect(!(try Self.log(of: twin)).contains("terminated by signal"), "round \(round)")
        await twin.stop()
      } catch let error as any UserError {
        #expect(!error.sentence.isEmpty)
      }
    }
  }

  /// The server's user owns the data directory; we may be root.
  @Test func `no file is made where a link in the server's directory leads`() async throws {
    let twin = try await PlannerTwin.start(from: try Snapshot(lines: try Self.text(try await Self.capture())))
    let files = FileManager.default
    let base = twin.server.dataDirectory + "/base"
    let database = try #require(try files.contentsOfDirectory(atPath: base).first { Int($0) ?? 0 > 0 })
    let elsewhere = twin.server.socketDirectory + "/elsewhere"
    try files.moveItem(atPath: base + "/" + database, toPath: elsewhere)
    try files.createSymbolicLink(atPath: base + "/" + database, withDestinationPath: elsewhere)
    let before = try files.contentsOfDirectory(atPath: elsewhere).sorted()
    do {
      _ = try await twin.connectionString()
      Issue.record("files were made")
    } catch let error as TwinError {
      #expect(error.sentence.contains(base + "/" + database), "\(error.sentence)")
    }
    #expect(try files.contentsOfDirectory(atPath: elsewhere).sorted() == before)
    // In its place again, all is well.
    try files.removeItem(atPath: base + "/" + database)
    try files.moveItem(atPath: elsewhere, toPath: base + "/" + database)
    _ = try await twin.connectionString()
    #expect(try files.contentsOfDirectory(atPath: base + "/" + database).count > before.count)
    await twin.stop()
  }

  @Test func `a function that never ends is stopped`() async throws {
    let schema = """
      CREATE FUNCTION slow(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
        PERFORM set_config('statement_timeout', '0', false);
        IF current_setting('port') = '5432' AND session_user <> 'postgres' THEN PERFORM pg_sleep(3600); END IF;
        RETURN x; END $$;
      CREATE TABLE t (id int PRIMARY KEY, x int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) i;
      CREATE INDEX ON t (id) WHERE slow(5) = 5; CREATE VIEW w AS SELECT * FROM t WHERE slow(1) = 1;
      """
    try await Production.with(schema) { _, production in
      let snapshot = try await Production.snapshot(production)
      let twin = try await PlannerTwin.start(from: snapshot, options: .init(statementSeconds: 2))
      _ = try await twin.connectionString()
      await #expect(throws: PostgresError.self) {
        try await Production.plan(twin.databases[0].planning, "SELECT * FROM w")
      }
      await twin.stop()
    }
  }
}

/// A small generator of repeatable numbers (Steele, Lea, Flood 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

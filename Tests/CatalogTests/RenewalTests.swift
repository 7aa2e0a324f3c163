import Bytes
import Catalog
import Foundation
import Model
import PostgresClient
import Synchronization
import TestSupport
import Testing

/// A capture that takes what is unchanged from an earlier one is the capture that asks for everything.
@Suite struct RenewalTests {
  /// What happens between captures: everything that a catalog row can depend on, near and far.
  static let changes = [
    "SELECT 1",
    "INSERT INTO shop.renewed SELECT g, 'new ' || g, now() FROM generate_series(2000, 9000) g",
    "DELETE FROM shop.renewed WHERE id > 4000",
    "VACUUM shop.renewed", "ANALYZE shop.renewed",
    "ALTER TABLE shop.renewed ALTER COLUMN name SET STATISTICS 50",
    "ALTER TABLE shop.renewed ALTER COLUMN name SET DEFAULT 'x'",
    "ALTER TABLE shop.renewed ALTER COLUMN name SET DEFAULT 'y'",
    "ALTER TABLE shop.renewed ALTER COLUMN name SET NOT NULL",
    "CREATE INDEX renewed_lower ON shop.renewed (lower(name))", "ANALYZE shop.renewed",
    "ALTER INDEX shop.renewed_lower ALTER COLUMN 1 SET STATISTICS 20",
    "CREATE TABLE shop.scion (id integer PRIMARY KEY, parent integer REFERENCES shop.renewed, note text)",
    "CREATE VIEW shop.look AS SELECT r.id, r.name, c.note FROM shop.renewed r JOIN shop.scion c ON c.parent = r.id",
    // Names that others' definitions show.
    "ALTER TABLE shop.renewed RENAME COLUMN id TO identity",
    "ALTER TABLE shop.renewed RENAME TO renamed",
    "ALTER SEQUENCE shop.renewed_seq RENAME TO renamed_seq",
    "ALTER TABLE shop.scion ALTER COLUMN note SET DEFAULT nextval('shop.renamed_seq')::text",
    "CREATE FUNCTION shop.half(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 / 2'",
    "CREATE INDEX scion_half ON shop.scion (shop.half(parent))",
    "ALTER FUNCTION shop.half(integer) RENAME TO halved",
    "CREATE TYPE shop.temper AS ENUM ('calm', 'wild')",
    "ALTER TABLE shop.scion ADD COLUMN mood shop.temper DEFAULT 'calm'",
    "ALTER TYPE shop.temper RENAME VALUE 'calm' TO 'quiet'",
    "ALTER TYPE shop.temper RENAME TO tempers",
    "CREATE ROLE renewer", "ALTER TABLE shop.scion OWNER TO renewer", "ALTER ROLE renewer RENAME TO renewers",
    "CREATE STATISTICS shop.scion_both ON parent, note FROM shop.scion",
    "INSERT INTO shop.scion SELECT g, 2000 + g, g % 7 FROM generate_series(1, 900) g", "ANALYZE shop.scion",
    "CREATE POLICY own ON shop.scion USING (parent > 5)", "ALTER TABLE shop.scion ENABLE ROW LEVEL SECURITY",
    "DROP POLICY own ON shop.scion",
    "CREATE RULE quiet AS ON INSERT TO shop.scion WHERE new.id < 0 DO INSTEAD NOTHING",
    "CREATE TABLE shop.part (id integer) PARTITION BY RANGE (id)",
    "CREATE TABLE shop.part_one PARTITION OF shop.part FOR VALUES FROM (0) TO (1000)",
    "INSERT INTO shop.part SELECT generate_series(1, 999)", "CREATE INDEX ON shop.part (id)", "ANALYZE shop.part",
    "ALTER TABLE shop.part DETACH PARTITION shop.part_one",
    "CREATE TABLE shop.heir (more text) INHERITS (shop.scion)", "DROP TABLE shop.heir",
    "COMMENT ON TABLE shop.scion IS 'no matter'", "CREATE TEMPORARY TABLE passing (n integer)",
    "CREATE MATERIALIZED VIEW shop.kept AS SELECT * FROM shop.scion",
    "INSERT INTO shop.scion SELECT g, 2000, NULL FROM generate_series(1000, 3000) g",
    "REFRESH MATERIALIZED VIEW shop.kept", "TRUNCATE shop.scion", "REINDEX TABLE shop.renamed",
    "CLUSTER shop.renamed USING renewed_pkey", "VACUUM FULL pg_statistic", "ALTER SCHEMA shop RENAME TO store",
    "DROP TABLE store.scion CASCADE", "GRANT SELECT ON store.renamed TO app",
  ]

  private func capture(
    _ server: EverythingServer, as role: String, from base: [UInt8]?
  ) async throws -> (lines: [UInt8], outcome: LiveCapture.Outcome) {
    let lines = Mutex<[UInt8]>([])
    let connection = try await server.connect(as: role)
    let outcome = try await LiveCapture(.init(probeTimeout: .seconds(30)), base: { _ in base }).run(on: connection) {
      part in
      lines.withLock { $0 += part }
    }
    await connection.close()
    #expect(outcome.faults == [])
    return (lines.withLock { $0 }, outcome)
  }

  @Test(arguments: [15, 16, 17, 18], ["postgres", "monitor", "app"])
  func `what is taken from an earlier capture is what the server says`(major: Int, role: String) async throws {
    try await EverythingServer.with(major) { server in
      let admin = try await server.connect()
      try await admin.script(
        """
        CREATE ROLE monitor LOGIN IN ROLE pg_monitor;
        CREATE TABLE shop.renewed (id integer PRIMARY KEY, name text, at timestamptz);
        INSERT INTO shop.renewed SELECT g, 'name ' || g, now() FROM generate_series(1, 1000) g;
        CREATE SEQUENCE shop.renewed_seq;
        ANALYZE shop.renewed;
        """)
      // Counters of rows written are handed in when a session has been idle for a moment, or ends.
      let probe = try await server.connect()
      _ = try await probe.query("SELECT count(*) FROM shop.renewed WHERE id > 0")
      await probe.close()
      var base = try await capture(server, as: role, from: nil).lines
      var reused = 0
      for change in Self.changes {
        let session = try await server.connect()
        try await session.execute(change)
        await session.close()
        try await waitForCounters(admin)
        let renewed = try await capture(server, as: role, from: base)
        let whole = try await capture(server, as: role, from: nil)
        reused += renewed.outcome.sections.reduce(0) { $0 + $1.reusedRows }
        let (a, b) = (try EverythingServer.read(renewed.lines), try EverythingServer.read(whole.lines))
        #expect(a.counts.keys.sorted() == b.counts.keys.sorted(), "\(change)")
        for section in Set(a.sectionNames).union(b.sectionNames) where !LiveCaptureTests.momentary.contains(section) {
          #expect(a[section] == b[section], "\(section) after \(change)")
        }
        base = renewed.lines
      }
      #expect(reused > 1_000)
    }
  }

  /// A session hands in what it wrote when it ends, a moment after it was closed.
  private func waitForCounters(_ admin: PostgresConnection) async throws {
    for _ in 0..<200 {
      let others = try await admin.query(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
      if try others.only().int("n") == 0 { return }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test func `nothing is taken from another database's, role's or way's capture, nor from a damaged one`() async throws
  {
    try await EverythingServer.with(15) { server in
      let admin = try await server.connect()
      try await admin.script("CREATE ROLE monitor LOGIN IN ROLE pg_monitor")
      let own = try await capture(server, as: "postgres", from: nil).lines
      func reused(as role: String, from base: [UInt8]) async throws -> Int {
        try await capture(server, as: role, from: base).outcome.sections.reduce(0) { $0 + $1.reusedRows }
      }
      #expect(try await reused(as: "postgres", from: own) > 150)
      #expect(try await reused(as: "monitor", from: own) == 0)
      #expect(try await reused(as: "postgres", from: Array(own.prefix(own.count / 2))) == 0)
      #expect(try await reused(as: "postgres", from: Array("nonsense\n".utf8)) == 0)
      #expect(try await reused(as: "postgres", from: []) == 0)
      let text = String(decoding: own, as: UTF8.self)
      let foreign = text.replacing("\"database_oid\":", with: "\"database_oid\":9")
      #expect(try await reused(as: "postgres", from: Array(foreign.utf8)) == 0)
      #expect(try await reused(as: "postgres", from: try await server.script()) == 0)
      // A section without one of its rows is asked for again.
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let lost = try #require(lines.firstIndex { $0.hasPrefix("{\"section\":\"constraints\"") })
      let short = lines.enumerated().filter { $0.offset != lost }.map(\.element).joined(separator: "\n")
      let outcome = try await capture(server, as: "postgres", from: Array(short.utf8)).outcome
      #expect(outcome.sections.first { $0.name == "constraints" }?.reusedRows == 0)
      #expect(outcome.sections.first { $0.name == "indexes" }?.reusedRows ?? 0 > 0)
    }
  }

  @Test func `what somebody may be writing is measured, and a locked table is looked at again`() async throws {
    try await EverythingServer.with(15) { server in
      let admin = try await server.connect()
      try await admin.script("CREATE TABLE shop.growing (id integer PRIMARY KEY); ANALYZE shop.growing")
      let base = try await capture(server, as: "postgres", from: nil).lines
      let writer = try await server.connect()
      try await writer.execute("BEGIN")
      try await writer.execute("INSERT INTO shop.growing SELECT generate_series(1, 20000)")
      let during = try EverythingServer.read(try await capture(server, as: "postgres", from: base).lines)
      #expect(try during.relation("growing").integer("size_bytes") > 500_000)
      try await writer.execute("COMMIT")

      try await writer.execute("BEGIN")
      try await writer.execute("LOCK TABLE shop.growing IN ACCESS EXCLUSIVE MODE")
      let locked = try await capture(server, as: "postgres", from: nil).lines
      #expect(try EverythingServer.read(locked).relation("growing")["size_bytes"] == nil)
      try await writer.execute("ROLLBACK")
      let after = try EverythingServer.read(try await capture(server, as: "postgres", from: locked).lines)
      #expect(try after.relation("growing").integer("size_bytes") > 500_000)
      #expect(after["indexes"].contains { $0["name"]?.string == "growing_pkey" })
    }
  }
}

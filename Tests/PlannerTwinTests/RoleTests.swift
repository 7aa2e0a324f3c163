import Model
import PlannerTwin
import PostgresClient
import PrivateServer
import TestSupport
import Testing
import WhatIf

/// Statements planned as one of production's roles: its settings and the policies that concern it, also with indexes and
/// migrations that only the owner of the schema may make.
@Suite struct RoleTests {
  private static let schema = #"""
    CREATE ROLE staff; CREATE ROLE "App User" LOGIN PASSWORD 'topsecret' IN ROLE staff; CREATE ROLE reporter LOGIN;
    CREATE SCHEMA "Odd Schema"; CREATE TABLE "Odd Schema".document (id int PRIMARY KEY, tenant int NOT NULL, body text, at date NOT NULL);
    INSERT INTO "Odd Schema".document SELECT i, i % 50, 'body ' || i, date '2024-01-01' + i % 900 FROM generate_series(1, 40000) i;
    CREATE TABLE document (id int); INSERT INTO document VALUES (1);
    CREATE POLICY of_staff ON "Odd Schema".document TO staff USING (tenant = 7);
    CREATE POLICY of_reporter ON "Odd Schema".document TO reporter USING (true);
    ALTER TABLE "Odd Schema".document ENABLE ROW LEVEL SECURITY;
    GRANT ALL ON ALL TABLES IN SCHEMA public, "Odd Schema" TO PUBLIC; GRANT USAGE ON SCHEMA "Odd Schema" TO PUBLIC;
    ALTER DATABASE shop SET random_page_cost = 3; ALTER DATABASE shop SET cpu_tuple_cost = 0.02;
    ALTER DATABASE shop SET search_path = "Odd Schema", public;
    ALTER ROLE ALL SET seq_page_cost = 1.5;
    ALTER ROLE "App User" SET search_path = "Odd Schema", public; ALTER ROLE "App User" SET random_page_cost = 7;
    ALTER ROLE "App User" IN DATABASE shop SET random_page_cost = 1.25; ALTER ROLE "App User" SET work_mem = '64kB';
    ALTER ROLE reporter SET enable_indexscan = off; ALTER ROLE reporter SET enable_bitmapscan = off;
    ALTER ROLE reporter SET search_path = "Odd Schema";
    """#

  private static let queries = [
    "SELECT * FROM document WHERE id = 77", "SELECT * FROM document WHERE tenant = 7 AND at = '2024-03-04'",
    "SELECT at, count(*) FROM document GROUP BY at", "SELECT * FROM document ORDER BY body",
    "SELECT * FROM document WHERE body = 'body 5'", "UPDATE document SET body = 'x' WHERE at > '2026-05-01'",
  ]

  @Test(arguments: ["App User", "reporter", "postgres"])
  func `indexes and migrations are made as the owner, and statements planned as the role`(role: String) async throws {
    try await Production.with(Self.schema, settings: ["jit": "off"]) { server, production in
      let snapshot = try await Production.snapshot(production)
      // A superuser of production's is the owner of everything in the twin.
      let wanted = role == "postgres" ? nil : role
      let twin = try await PlannerTwin.start(from: snapshot, options: .init(role: wanted))
      #expect(twin.report.warnings.contains { $0.contains("may read is not part of a snapshot") } == (wanted != nil))
      _ = try await twin.connectionString()
      let database = twin.databases[0]
      func compare(_ what: String, withCosts: Bool) async throws {
        let application = try await PostgresConnection.connect(
          ConnectionOptions(connectionString: server.connectionString(database: "shop"), user: role))
        for query in Self.queries {
          let real = try await Production.plan(application, query)
          let same = try await Production.plan(database.planning, query)
          if withCosts {
            #expect(same == real, "\(what): \(query)")
          } else {
            // An index that is built has a page more or less than was foretold.
            let costs = /cost=[0-9.]+/
            #expect(same.replacing(costs, with: "") == real.replacing(costs, with: ""), "\(what): \(query)")
          }
        }
        await application.close()
      }
      func user() async throws -> String {
        try await database.planning.query("SELECT current_user").only()[0] ?? ""
      }
      #expect(try await user() == (wanted ?? "pgassay_owner"))
      try await compare("as it is", withCosts: true)

      // A hypothetical index.
      let planner = TwinPlanner(twin)
      let table = RelationName(schema: "Odd Schema", name: "document")
      let index = try await planner.add(IndexDefinition(table: table, keys: [.column("tenant"), .column("at")]))
      let query = "SELECT * FROM \"Odd Schema\".document WHERE tenant = 7 AND at = '2024-03-04'"
      let plan = try await planner.plan(.init(id: "q", sql: query, database: "shop"), with: [index.name], without: [])
      #expect(plan.usedIndexes.contains(index.name) == (role != "reporter"))
      #expect(try await user() == (wanted ?? "pgassay_owner"))
      _ = try await planner.plan(.init(id: "q", sql: query, database: "shop"), with: [], without: [])

      // A migration, there and here.
      for statement in [
        "CREATE INDEX by_body ON \"Odd Schema\".document (body)",
        "CREATE INDEX by_lower ON \"Odd Schema\".document (lower(body))",
        "ALTER TABLE \"Odd Schema\".document ADD CONSTRAINT positive CHECK (id > 0)",
      ] {
        let change = try await database.apply(statement)
        #expect(change.note == nil)
        try await production.execute(statement)
      }
      #expect(try await user() == (wanted ?? "pgassay_owner"))
      await #expect(throws: PostgresError.self) { try await database.apply("ALTER TABLE nowhere ADD x int") }
      #expect(try await user() == (wanted ?? "pgassay_owner"))
      // Building an index counted the rows anew; what the expression's values are is not known there yet.
      try await production.execute("ANALYZE \"Odd Schema\".document (id)")
      try await compare("after the migration", withCosts: false)
      // Nobody's password came along, and nobody can read whether.
      await #expect(throws: PostgresError.self) {
        try await database.planning.query("SELECT rolpassword FROM pg_authid")
      }
      let superuser = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: twin.server.connectionString(database: "shop")))
      #expect(
        try await superuser.query("SELECT rolname FROM pg_authid WHERE rolpassword IS NOT NULL").isEmpty)
      await superuser.close()
      await twin.stop()
    }
  }

  @Test func `an unknown role is named with those that there are`() async throws {
    try await Production.with(Self.schema) { _, production in
      let snapshot = try await Production.snapshot(production)
      await #expect(throws: TwinError.self) { try await PlannerTwin.start(from: snapshot, options: .init(role: "app")) }
    }
  }
}

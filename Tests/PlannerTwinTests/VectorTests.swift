import Foundation
import Model
import PlannerTwin
import PostgresClient
import TestSupport
import Testing
import WhatIf

/// pgvector's indexes: hypothetical ones beside those really built.
@Suite struct VectorTests {
  private static let schema = """
    CREATE EXTENSION vector;
    SELECT setseed(0.3);
    CREATE TABLE document (id bigint PRIMARY KEY, owner int NOT NULL, embedding vector(32) NOT NULL);
    INSERT INTO document SELECT i, i % 50,
      (SELECT array_agg(round(random()::numeric, 4)) FROM generate_series(1, 32) WHERE i > 0)::real[]::vector
      FROM generate_series(1, 8000) i;
    """

  private static func hasVector(_ major: Int) -> Bool {
    TestServers.binaries(major).map { directory in
      ["../share/extension", "../share/postgresql/extension", "../../share/postgresql/extension"].contains {
        FileManager.default.fileExists(atPath: directory + "/" + $0 + "/vector.control")
      }
    } ?? false
  }

  @Test(
    .enabled(if: [16, 18].contains(where: hasVector), "no server with pgvector; .ci/servers installs them"),
    arguments: [16, 18].filter(hasVector))
  func `an index on vectors is planned and sized like the one that is built`(version: Int)
    async throws
  {
    let programs = TestServers.binaries(version)
    try await Production.with(Self.schema, version: version, binaryDirectory: programs) { _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(binaryDirectory: programs, version: version))
      #expect(twin.report.leftOut == [])
      let planner = TwinPlanner(twin)
      try await production.execute("SET jit = off")
      let table = RelationName(schema: "public", name: "document")
      let query =
        "SELECT id FROM document ORDER BY embedding <-> '[\(Array(repeating: "0.5", count: 32).joined(separator: ","))]' LIMIT 10"
      let statement = PlannableStatement(id: "q", sql: query, database: "shop")
      for (method, parameters) in [("hnsw", ["m": "8"]), ("ivfflat", ["lists": "40"])] {
        let definition = IndexDefinition(
          table: table, method: .init(method), keys: [.init(.column("embedding"), operatorClass: "vector_l2_ops")],
          parameters: parameters)
        let index = try await planner.add(definition)
        let plan = try await planner.plan(statement, with: [index.name], without: [])
        try await production.execute(definition.createStatement(name: "really"))
        let document = try await production.query("EXPLAIN (FORMAT JSON) " + query).only()[0] ?? ""
        let size = try await production.query("SELECT pg_relation_size('really') AS bytes").only().double("bytes")
        let real = PlanText(document)
        #expect(plan.usedIndexes == [index.name] && real.indexNames == ["really"], "\(method)")
        #expect(Self.shape(plan.document) == Self.shape(document), "\(method)")
        let cost = try #require(real.totalCost)
        #expect(abs(plan.totalCost - cost) <= 0.05 * cost, "\(method): \(plan.totalCost) for \(cost)")
        #expect(
          abs(Double(index.sizeBytes) - size) <= 0.3 * size || index.isRoughSize,
          "\(method): \(index.sizeBytes) for \(size)")
        #expect(abs(Double(index.sizeBytes) - size) <= size, "\(method): \(index.sizeBytes) for \(size)")
        try await production.execute("DROP INDEX really")
      }
      await twin.stop()
    }
  }

  /// The kinds of nodes, top down.
  private static func shape(_ document: String) -> [String] {
    document.split(separator: "\n").filter { $0.contains("\"Node Type\"") }.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}

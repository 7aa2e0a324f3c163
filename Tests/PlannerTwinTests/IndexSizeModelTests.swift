import Model
import PlannerTwin
import PostgresClient
import TestSupport
import Testing
import WhatIf

/// Predicted sizes of indexes of every kind against the same indexes really built.
@Suite struct IndexSizeModelTests {
  private static let schema = """
    SELECT setseed(0.5);
    CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin; CREATE EXTENSION btree_gist; CREATE EXTENSION bloom;
    CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 7000);
    CREATE TABLE item (
      id bigint PRIMARY KEY, code int NOT NULL, skewed int NOT NULL, parent int NOT NULL REFERENCES parent, rare int,
      key uuid NOT NULL, price numeric(10, 2) NOT NULL, at timestamptz NOT NULL, mark char(8) NOT NULL, mail text NOT NULL,
      note text, tags text[] NOT NULL, doc jsonb NOT NULL, words tsvector NOT NULL, during tstzrange NOT NULL,
      place point NOT NULL, address inet NOT NULL);
    INSERT INTO item SELECT i, random() * 4000, (random() ^ 4 * 30000)::int, 1 + (random() * 6999)::int,
      CASE WHEN random() < 0.03 THEN random() * 200 END, gen_random_uuid(), round((exp(random() * 9))::numeric, 2),
      timestamptz '2024-01-01' + i * interval '7 minutes', upper(substr(md5((random() * 300)::int::text), 1, 8)),
      CASE WHEN random() < 0.4 THEN 'User' ELSE 'user' END || i || '@mail' || (random() * 20)::int || '.example',
      CASE WHEN random() < 0.4 THEN 'ok' WHEN random() < 0.5 THEN NULL ELSE md5(random()::text) || md5(random()::text) END,
      ARRAY['t' || (random() ^ 3 * 500)::int, 'u' || (random() * 40)::int],
      jsonb_build_object('color', (ARRAY['red', 'green', 'blue'])[1 + (random() * 2)::int], 'size', (random() * 40)::int),
      to_tsvector('simple', 'w' || (random() ^ 2 * 3000)::int || ' v' || (random() * 90)::int || ' common'),
      tstzrange(timestamptz '2024-01-01' + i * interval '7 minutes', timestamptz '2024-01-01' + i * interval '7 minutes' + random() * interval '2 hours'),
      point(random() * 1000, random() * 1000), ('10.' || (random() * 255)::int || '.' || (random() * 255)::int || '.' || (random() * 255)::int)::inet
      FROM generate_series(1, 60000) i;
    """

  private static func key(_ text: String) -> IndexDefinition.Key {
    if text.hasPrefix("(") { return .expression(String(text.dropFirst().dropLast())) }
    let words = text.split(separator: " ").map(String.init)
    return IndexDefinition.Key(.column(words[0]), operatorClass: words.count > 1 ? words[1] : nil)
  }

  private static func index(
    _ method: String, _ keys: String..., include: [String] = [], where predicate: String? = nil,
    with parameters: [String: String] = [:]
  ) -> IndexDefinition {
    IndexDefinition(
      table: RelationName(schema: "public", name: "item"), method: .init(method), keys: keys.map(key),
      included: include, predicate: predicate, parameters: parameters)
  }

  /// Two columns of which no statistics say how far they depend on each other.
  private static let open = index("btree", "mark", "skewed")

  static let trees: [IndexDefinition] = [
    index("btree", "code"), index("btree", "skewed"), index("btree", "parent"), index("btree", "rare"),
    index("btree", "rare", where: "rare IS NOT NULL"), index("btree", "key"), index("btree", "price"),
    index("btree", "at"), index("btree", "mark"), index("btree", "mail"), index("btree", "note"),
    index("btree", "note", where: "note <> 'ok'"), index("btree", "tags"), index("btree", "code", "at"),
    index("btree", "code", include: ["price"]), open,
    index("btree", "skewed", with: ["fillfactor": "60"]), index("btree", "code", with: ["deduplicate_items": "off"]),
    index("btree", "(lower(mail))"), index("btree", "(date_trunc('day', at AT TIME ZONE 'UTC'))"),
    index("btree", "(doc ->> 'color')"), index("btree", "(code % 10)"), index("btree", "(coalesce(rare, 0))"),
    index("btree", "code", where: "skewed < 100"),
  ]

  static let others: [IndexDefinition] = [
    index("hash", "mail"), index("hash", "skewed"), index("hash", "rare"), index("brin", "at"),
    index("brin", "at", "mail", with: ["pages_per_range": "4"]), index("brin", "code int4_minmax_multi_ops"),
    index("brin", "mail text_bloom_ops"), index("brin", "during"), index("gin", "tags"), index("gin", "doc"),
    index("gin", "doc jsonb_path_ops"), index("gin", "words"), index("gin", "mail gin_trgm_ops"), index("gin", "code"),
    index("gin", "code", "tags"), index("gist", "during"), index("gist", "place"), index("gist", "address inet_ops"),
    index("gist", "words"), index("gist", "code", "during"), index("spgist", "place"), index("spgist", "mail"),
    index("spgist", "address"), index("bloom", "code", "skewed"), index("bloom", "code", with: ["length": "160"]),
  ]

  @Test func `sizes are those of the indexes really built, or marked as rough`() async throws {
    try await Production.with(Self.schema) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let planner = TwinPlanner(twin)
      for definition in Self.trees {
        let (predicted, real) = try await Self.pages(definition, planner, production)
        #expect(
          abs(predicted.pages - real) <= max(1, 0.06 * real), "\(definition.summary): \(predicted.pages) for \(real)")
        #expect(predicted.isRough == (definition == Self.open), "\(definition.summary)")
        #expect(predicted.height == (try await Self.height(production, definition)), "\(definition.summary)")
      }
      for definition in Self.others {
        let (predicted, real) = try await Self.pages(definition, planner, production)
        let error = abs(predicted.pages - real) / real
        // Rough guesses, too, must be of use.
        #expect(
          error <= (predicted.isRough ? 0.6 : 0.3) || abs(predicted.pages - real) <= 2,
          "\(definition.summary): \(predicted.pages) for \(real)")
      }
      await twin.stop()
    }
  }

  @Test(.enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"))
  func `indexes on vectors have the size of the ones really built`() async throws {
    let schema = """
      CREATE EXTENSION vector;
      CREATE TABLE item (id int PRIMARY KEY, place vector(32), small vector(3));
      INSERT INTO item SELECT i, (SELECT array_agg(random() * k) FROM generate_series(1, 32 + 0 * i) k)::vector,
        CASE WHEN i % 4 > 0 THEN (SELECT array_agg(random() * k) FROM generate_series(1, 3 + 0 * i) k)::vector END
        FROM generate_series(1, 4000) i;
      """
    let binaries = TestServers.binaries(18)
    try await Production.with(schema, version: 18, binaryDirectory: binaries) { _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(binaryDirectory: binaries, version: 18))
      let planner = TwinPlanner(twin)
      for definition in [
        Self.index("hnsw", "place vector_l2_ops"), Self.index("hnsw", "small vector_cosine_ops", with: ["m": "8"]),
        Self.index("ivfflat", "place vector_l2_ops", with: ["lists": "20"]),
        Self.index("ivfflat", "small vector_l2_ops"),
      ] {
        let (predicted, real) = try await Self.pages(definition, planner, production)
        #expect(
          abs(predicted.pages - real) <= 0.3 * real || predicted.isRough,
          "\(definition.summary): \(predicted.pages) for \(real)")
      }
      await twin.stop()
    }
  }

  private static func pages(
    _ definition: IndexDefinition, _ planner: TwinPlanner, _ production: PostgresConnection
  ) async throws -> (predicted: (pages: Double, height: Int, isRough: Bool), real: Double) {
    let index = try await planner.add(definition)
    try await production.execute("DROP INDEX IF EXISTS really")
    try await production.execute(definition.createStatement(name: "really"))
    let bytes = try await production.query("SELECT pg_relation_size('really') AS bytes").only().double("bytes")
    return ((Double(index.sizeBytes) / 8192, index.height, index.isRoughSize), bytes / 8192)
  }

  /// Of the index that was built last.
  private static func height(_ production: PostgresConnection, _ definition: IndexDefinition) async throws -> Int {
    // The level of the fast root, in the metapage on disk (nbtree.h).
    try await production.execute("CHECKPOINT")
    return try await production.query(
      "SELECT get_byte(pg_read_binary_file(pg_relation_filepath('really'), 44, 1), 0) AS height"
    ).only().int("height")
  }
}

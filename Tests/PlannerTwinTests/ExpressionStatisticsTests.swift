import Foundation
import Model
import PlannerTwin
import PostgresClient
import TestSupport
import Testing
import WhatIf

/// Statistics of expressions that no index has yet, against those that ANALYZE finds when the index is built.
@Suite struct ExpressionStatisticsTests {
  private static let schema = """
    SELECT setseed(0.6);
    CREATE TYPE mood AS ENUM ('calm', 'glad', 'sad');
    CREATE TABLE person (
      id int PRIMARY KEY, mail text NOT NULL, city varchar(40), born date, seen timestamptz, seen_local timestamp NOT NULL,
      amount numeric(12, 2) NOT NULL, level int NOT NULL, doc jsonb NOT NULL, mood mood NOT NULL, first text NOT NULL,
      last text NOT NULL COLLATE "C", code char(6) NOT NULL);
    INSERT INTO person SELECT i, CASE WHEN random() < 0.5 THEN 'Anna' ELSE 'berta' END || i || '@x.example',
      CASE WHEN random() < 0.8 THEN CASE WHEN random() < 0.5 THEN 'City ' ELSE 'CITY ' END || (random() ^ 3 * 400)::int END,
      CASE WHEN random() < 0.9 THEN date '1950-01-01' + (random() * 20000)::int END,
      CASE WHEN random() < 0.7 THEN timestamptz '2023-01-01' + i * interval '9 minutes' END,
      timestamp '2023-01-01' + i * interval '9 minutes', round((exp(random() * 8))::numeric, 2), (random() ^ 2 * 5000)::int,
      jsonb_build_object('kind', (ARRAY['a', 'b', 'c', 'd'])[1 + floor(random() ^ 2 * 4)], 'n', (random() * 30)::int),
      (enum_range(NULL::mood))[1 + floor(random() ^ 2 * 3)], 'f' || (random() ^ 2 * 60)::int, 'L' || (random() * 900)::int,
      lpad(((random() ^ 2 * 90000)::int)::text, 6, '0')
      FROM generate_series(1, 80000) i;
    CREATE FUNCTION half(int) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS 'BEGIN RETURN $1 / 2; END';
    CREATE FUNCTION fails(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pgassay_owner') THEN RAISE 'not here'; END IF; RETURN $1; END $$;
    CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pgassay_owner') THEN PERFORM pg_sleep(60); END IF; RETURN $1; END $$;
    """

  /// Expression, and conditions whose rows the planner reckons from its statistics.
  private static let expressions: [(sql: String, conditions: [String])] = [
    ("lower(mail)", ["lower(mail) = 'anna77@x.example'", "lower(mail) < 'anna5'", "lower(mail) > 'berta2'"]),
    (
      "lower(city)",
      ["lower(city) = 'city 0'", "lower(city) = 'city 3'", "lower(city) IS NULL", "lower(city) < 'city 2'"]
    ),
    ("upper(city)", ["upper(city) = 'CITY 1'", "upper(city) LIKE 'CITY 2%'"]),
    (
      "date_trunc('month', seen_local)",
      ["date_trunc('month', seen_local) = '2023-05-01'", "date_trunc('month', seen_local) > '2024-01-01'"]
    ),
    ("date_trunc('day', seen AT TIME ZONE 'UTC')", ["date_trunc('day', seen AT TIME ZONE 'UTC') = '2023-05-05'"]),
    (
      "seen_local::date", ["seen_local::date = '2023-07-07'", "seen_local::date BETWEEN '2023-02-01' AND '2023-02-05'"]
    ),
    ("EXTRACT(year FROM born)", ["EXTRACT(year FROM born) = 1980", "EXTRACT(year FROM born) < 1960"]),
    ("coalesce(city, 'none')", ["coalesce(city, 'none') = 'none'", "coalesce(city, 'none') = 'City 0'"]),
    ("doc ->> 'kind'", ["doc ->> 'kind' = 'a'", "doc ->> 'kind' = 'd'"]),
    ("(doc ->> 'n')::int", ["(doc ->> 'n')::int = 7", "(doc ->> 'n')::int < 5"]),
    ("level % 10", ["level % 10 = 3"]), ("level / 100", ["level / 100 = 0", "level / 100 > 40"]),
    ("half(level)", ["half(level) = 0", "half(level) > 2000"]),
    ("round(amount)", ["round(amount) < 10", "round(amount) = 3"]),
    ("amount * 2", ["amount * 2 > 1000", "amount * 2 < 4"]),
    ("left(code, 3)", ["left(code, 3) = '000'", "left(code, 3) > '050'"]), ("last || ''", ["last || '' < 'L5'"]),
    ("-level", ["-level < -4000"]),
    ("lower(first || ' ' || last)", ["lower(first || ' ' || last) < 'f2'"]),
  ]

  @Test(arguments: [15, 16, 18])
  func `plans reckon with nearly the rows that they would after ANALYZE`(version: Int) async throws {
    guard version == 15 || TestServers.has(version) else { try Test.cancel("PostgreSQL \(version) is missing") }
    let binaries = version == 15 ? nil : TestServers.binaries(version)
    try await Production.with(Self.schema, version: version, binaryDirectory: binaries, settings: ["jit": "off"]) {
      _, production in
      let twin = try await PlannerTwin.start(
        from: try await Production.snapshot(production), options: .init(binaryDirectory: binaries, version: version))
      let planner = TwinPlanner(twin)
      var names: Set<String> = []
      for (number, item) in Self.expressions.enumerated() {
        let index = try await planner.add(
          IndexDefinition(table: RelationName(schema: "public", name: "person"), keys: [.expression(item.sql)]))
        names.insert(index.name)
        try await production.execute("CREATE INDEX really_\(number) ON person ((\(item.sql)))")
      }
      try await production.execute("ANALYZE person")
      for item in Self.expressions {
        for condition in item.conditions {
          let query = "SELECT * FROM person WHERE \(condition)"
          let plan = try await planner.plan(.init(id: "q", sql: query, database: "shop"), with: names, without: [])
          let real =
            PlanText(
              try await production.query("EXPLAIN (FORMAT JSON) " + query).only()[0] ?? ""
            ).rows ?? 0
          let found = PlanText(plan.document).rows ?? 0
          // Two samples of a hundred bounds differ, too.
          #expect(
            abs(found - real) <= max(0.35 * real, 200), "\(condition): \(found) rows for \(real)")
        }
      }
      await twin.stop()
    }
  }

  @Test func `words of texts have statistics before there is an index on them`() async throws {
    let schema = """
      SELECT setseed(0.4);
      CREATE TABLE page (id int PRIMARY KEY, title text NOT NULL);
      INSERT INTO page SELECT i, (SELECT string_agg('word' || floor(exp(random() * 6))::int, ' ') FROM generate_series(1, 6 + 0 * i))
        || CASE WHEN random() < 0.3 THEN ' often' ELSE '' END FROM generate_series(1, 60000) i;
      """
    // What is known of the words is as good as the sample of texts: of a hundred, chance would decide.
    try await Production.with(schema, settings: ["jit": "off"], statisticsTarget: 1_000) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let planner = TwinPlanner(twin)
      let definition = IndexDefinition(
        table: RelationName(schema: "public", name: "page"), method: .gin,
        keys: [.expression("to_tsvector('simple', title)")])
      let index = try await planner.add(definition)
      #expect(index.isRoughSize)
      try await production.execute(definition.createStatement(name: "really"))
      try await production.execute("ANALYZE page")
      for word in ["often", "word1", "word2 & often", "often | word1"] {
        let query = "SELECT * FROM page WHERE to_tsvector('simple', title) @@ to_tsquery('simple', '\(word)')"
        let plan = try await planner.plan(
          .init(id: "q", sql: query, database: "shop"), with: [index.name], without: [])
        let real = PlanText(try await production.query("EXPLAIN (FORMAT JSON) " + query).only()[0] ?? "").rows ?? 0
        let found = PlanText(plan.document).rows ?? 0
        #expect(abs(found - real) <= 0.4 * real, "\(word): \(found) rows for \(real)")
      }
      let bytes = try await production.query("SELECT pg_relation_size('really') AS bytes").only().double("bytes")
      #expect(abs(Double(index.sizeBytes) - bytes) <= 0.5 * bytes, "\(index.sizeBytes) for \(bytes)")
      await twin.stop()
    }
  }

  @Test func `costs that rest on a guess are told as such, with how far they may be off`() async throws {
    try await Production.with(Self.schema) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      func statement(_ sql: String) -> PlannableStatement { PlannableStatement(id: sql, sql: sql, database: "shop") }
      func trial(_ change: String, _ sql: String) async throws -> PlanTrial {
        let trial = try await PlanTrial.run(on: twin.databases[0], [statement(sql)], changes: [change], without: [])
        try await twin.databases[0].planning.execute("DROP INDEX made")
        return trial
      }
      let guessed = try await trial(
        "CREATE INDEX made ON person ((first || last))", "SELECT * FROM person WHERE first || last = 'xy'"
      ).queries[0]
      #expect(guessed.isGuess && guessed.after?.usedIndexes == ["made"])
      let (cost, range) = (try #require(guessed.after?.totalCost), try #require(guessed.costRange))
      #expect(range.contains(cost) && range.lowerBound < range.upperBound)
      // The statistics are as they were.
      let derived = try await trial(
        "CREATE INDEX made ON person (lower(mail))", "SELECT * FROM person WHERE lower(mail) = 'x'"
      ).queries[0]
      #expect(!derived.isGuess && derived.costRange == nil && derived.after?.usedIndexes == ["made"])
      let unknown = try await trial(
        "CREATE INDEX made ON person (fails(level))", "SELECT * FROM person WHERE fails(level) = 3"
      ).queries[0]
      #expect(unknown.isGuess == (unknown.after?.totalCost != unknown.before?.totalCost) && unknown.costRange == nil)
      await twin.stop()
    }
  }

  @Test func `an expression of which nothing can be known is said to be so`() async throws {
    try await Production.with(Self.schema) { _, production in
      let twin = try await PlannerTwin.start(from: try await Production.snapshot(production))
      let table = RelationName(schema: "public", name: "person")
      func build(_ expression: String) async throws -> TwinDatabase.BuiltIndex {
        try await twin.databases[0].build(
          IndexDefinition(table: table, keys: [.expression(expression)]).createStatement(name: "made"), on: table,
          named: "made")
      }
      let lower = try await build("lower(mail)")
      #expect(!lower.isRough)
      #expect(lower.notes == ["the statistics of lower(mail) are derived from those of mail"])
      #expect(lower.statistics.map(\.origin) == [.derived] && lower.statistics[0].range == nil)
      try await twin.databases[0].planning.execute("DROP INDEX made")
      let both = try await build("first || last")
      #expect(both.isRough)
      #expect(both.notes.first?.contains("rough guess") == true)
      #expect(both.statistics.map(\.origin) == [.guessed])
      let (number, range) = (try #require(both.statistics[0].distinct), try #require(both.statistics[0].range))
      #expect(range.contains(number) && range.lowerBound < range.upperBound, "\(both.statistics)")
      try await twin.databases[0].planning.execute("DROP INDEX made")
      for sql in ["fails(level)", "slow(level)"] {
        let unknown = try await build(sql)
        #expect(unknown.isRough)
        #expect(unknown.statistics.map(\.origin) == [.unknown])
        #expect(unknown.notes.count == 1 && unknown.notes[0].hasPrefix("nothing is known of"), "\(unknown.notes)")
        try await twin.databases[0].planning.execute("DROP INDEX made")
      }
      // The session goes on as it was.
      #expect(try await twin.databases[0].planning.query("SHOW search_path").only()[0] == "\"$user\", public")
      await twin.stop()
    }
  }
}

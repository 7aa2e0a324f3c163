import PostgresClient
import Testing

@testable import Plans

/// The same statement explained in four formats must give the same tree, whatever the options.
@Suite(.serialized) struct FormatEquivalenceTests {
  static let statements = [
    "SELECT * FROM orders WHERE id = 5",
    "SELECT * FROM orders WHERE id BETWEEN 5 AND 5000 AND note LIKE 'y%' ORDER BY id DESC",
    "SELECT count(*) FROM orders WHERE customer_id < 100",
    "SELECT o.*, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'FR' AND o.total > 90",
    "SELECT c.id, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status = 'open' GROUP BY c.id",
    "SELECT status, total, count(*) FROM orders GROUP BY ROLLUP (status, total)",
    "SELECT status, customer_id % 3 AS k, count(*) FROM orders GROUP BY GROUPING SETS ((status), (customer_id % 3), ())",
    "SELECT * FROM orders ORDER BY note, total DESC NULLS LAST",
    "SELECT * FROM orders ORDER BY customer_id, created LIMIT 50",
    "SELECT * FROM orders WHERE total > (SELECT avg(total) FROM orders)",
    "SELECT *, (SELECT count(*) FROM items i WHERE i.product = o.id % 500) FROM orders o WHERE o.id < 20",
    "SELECT * FROM orders WHERE id NOT IN (SELECT order_id FROM items WHERE product = 3)",
    "SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id AND i.qty = 6) AND o.id < 100",
    "WITH r AS MATERIALIZED (SELECT * FROM orders WHERE status = 'open') SELECT * FROM r a JOIN r b ON a.id = b.id + 50",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 50) SELECT sum(n) FROM t",
    "SELECT * FROM log WHERE at = date '2024-02-10'",
    "SELECT at, count(*) FROM log GROUP BY at ORDER BY at",
    "SELECT * FROM log l WHERE at > now() - interval '100 years' ORDER BY at LIMIT 3",
    "SELECT \"väl\" FROM \"Odd Name\" AS \"The Alias\" WHERE \"Id\" IN (1, 2, 3) AND \"väl\" <> 'it''s, (odd)'",
    "SELECT * FROM \"Odd Name\" WHERE tags = ARRAY['a', 'b,c'] ORDER BY \"Id\", doc ->> 'a, b'",
    "SELECT * FROM generate_series(1, 10) g(n), LATERAL (VALUES (n, 'a'), (n + 1, 'b')) v(x, y) WHERE x > 3",
    "SELECT * FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY['x', 'y'])) AS f(a, b)",
    "SELECT rank() OVER (PARTITION BY status ORDER BY total DESC), id FROM orders WHERE id < 500",
    "SELECT id FROM orders WHERE id < 100 INTERSECT SELECT id FROM orders WHERE id > 50",
    "SELECT id FROM orders WHERE id < 10 UNION SELECT id FROM customers WHERE id < 20",
    "SELECT * FROM orders TABLESAMPLE bernoulli (10) REPEATABLE (7) WHERE total > 5",
    "SELECT * FROM orders WHERE ctid = '(0,1)'",
    "SELECT * FROM orders WHERE ctid > '(10,1)' AND ctid < '(12,1)'",
    "SELECT * FROM orders WHERE customer_id = 5 OR created < '2024-01-02'",
    "SELECT generate_series(1, 3), unnest(ARRAY[1, 2])",
    "SELECT DISTINCT ON (customer_id) * FROM orders ORDER BY customer_id, created DESC",
    "SELECT 1 WHERE false",
    "SELECT * FROM orders WHERE note = E'line one\nFilter: (two)\n  ->  Seq Scan on three' AND total > 1",
    "SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS x text) AS xt",
  ]

  static let writes = [
    "INSERT INTO items SELECT id, 1, 1, 1 FROM orders WHERE id < 50",
    "INSERT INTO customers (id, email) VALUES (1, 'x'), (999999, 'y') ON CONFLICT (id) DO UPDATE SET email = excluded.email WHERE customers.country <> 'PL'",
    "UPDATE log SET msg = 'x' WHERE at >= date '2024-02-01'",
    "DELETE FROM orders WHERE id < 3",
    "MERGE INTO customers c USING (SELECT 1 AS id UNION SELECT 999998) s ON c.id = s.id WHEN MATCHED THEN UPDATE SET vip = true WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)",
    "WITH d AS (DELETE FROM items WHERE product = 3 RETURNING *) SELECT count(*) FROM d",
    "SELECT * FROM orders FOR UPDATE SKIP LOCKED LIMIT 3",
  ]

  static let options = [
    "COSTS OFF", "VERBOSE", "ANALYZE, TIMING OFF, SUMMARY OFF", "ANALYZE, TIMING OFF, SUMMARY OFF, VERBOSE, COSTS OFF",
    "ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS, WAL, SETTINGS, VERBOSE",
  ]
  static let settings = [
    "", "SET work_mem = '64kB'; SET enable_hashjoin = off",
    "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; "
      + "SET min_parallel_index_scan_size = 0; SET max_parallel_workers_per_gather = 2",
  ]

  @Test(arguments: options, settings)
  func everyFormatGivesTheSameTree(options: String, settings: String) async throws {
    try await check(Self.statements, options: options, settings: settings, on: PlanDatabase.connect(), isWriting: false)
  }

  @Test(arguments: options, settings)
  func everyFormatGivesTheSameTreeOfAWrite(options: String, settings: String) async throws {
    try await check(
      Self.writes, options: options, settings: settings, on: PlanDatabase.connectForWriting(), isWriting: true)
  }

  func check(
    _ statements: [String], options: String, settings: String, on connection: PostgresConnection, isWriting: Bool
  ) async throws {
    if !settings.isEmpty { try await connection.script(settings) }
    // Workers finish in another order each time; what differs by run is left out.
    let isParallel = settings.contains("parallel")
    for statement in statements {
      var trees: [String: Plan] = [:]
      var texts: [String: String] = [:]
      // The first run brings the blocks into memory and sets hint bits.
      for format in ["JSON", "TEXT", "JSON", "XML", "YAML"] {
        let text = try await Self.explain(statement, "\(options), FORMAT \(format)", connection)
        texts[format] = text
        do {
          trees[format] = try PlanReader.plan(in: text)
        } catch {
          Issue.record("\(format) of \(statement): \(error)\n\(text)")
        }
      }
      guard let reference = trees["JSON"] else { continue }
      for format in ["TEXT", "XML", "YAML"] {
        guard let plan = trees[format] else { continue }
        let a = Self.comparable(reference, isParallel: isParallel, isText: format == "TEXT", isWriting: isWriting)
        let b = Self.comparable(plan, isParallel: isParallel, isText: format == "TEXT", isWriting: isWriting)
        if a != b {
          let (x, y) = Self.firstDifference(Self.dumped(a), Self.dumped(b))
          Issue.record(
            "\(format) (\(options); \(settings)) of \(statement)\nJSON: \(x)\n\(format): \(y)\n\(texts[format] ?? "")")
        }
      }
    }
    await connection.close()
  }

  static func explain(_ statement: String, _ options: String, _ connection: PostgresConnection) async throws -> String {
    try await connection.script("BEGIN")
    let rows = try await connection.query("EXPLAIN (\(options)) \(statement)")
    let text = rows.map { $0[0] ?? "" }.joined(separator: "\n")
    try await connection.script("ROLLBACK")
    return text
  }

  /// The plan without what may differ from run to run, and without what the text format does not print.
  static func comparable(_ plan: Plan, isParallel: Bool, isText: Bool, isWriting: Bool) -> Plan {
    var plan = plan
    func strip(_ measures: inout NodeMeasures) {
      // A run may find a page prunable, a hint bit unset, or a full page image due.
      let isTouched = measures.buffers.touched > 0
      measures.buffers = BufferUsage()
      measures.buffers.sharedHit = isTouched ? 1 : 0
      measures.wal = WALUsage()
      if isParallel {
        measures.buffers = BufferUsage()
        if var actual = measures.actual, actual.loops > 0 {
          (actual.rows, actual.loops) = (0, 1)
          measures.actual = actual
        }
        let varying: Set<PlanKey> = [
          .rowsRemovedByFilter, .peakMemoryUsage, .sortSpaceUsed, .exactHeapBlocks, .sortMethod, .sortSpaceType,
          .rowsRemovedByJoinFilter, .heapFetches, .hashAggBatches, .cacheHits, .cacheMisses, .rowsRemovedByIndexRecheck,
          .fullSortGroupCount, .preSortedGroupCount, .fullSortMethods, .preSortedMethods, .fullSortMemoryAverage,
          .fullSortMemoryPeak, .preSortedMemoryAverage, .preSortedMemoryPeak, .hashBatches, .hashBuckets,
          .originalHashBatches, .originalHashBuckets, .diskUsage, .workersLaunched,
        ]
        measures.properties.removeAll { varying.contains($0.key) }
      }
    }
    func strip(_ node: inout PlanNode) {
      strip(&node.measures)
      // Rows of writes that were taken back bloat the table from run to run.
      if isWriting { node.estimate = node.estimate.map { _ in Estimate() } }
      if isText {
        node.flags.remove(.innerUnique)
        // Without a name of its own a function scan prints only its alias.
        if node.type == .functionScan { node.measures.properties.removeAll { $0.key == .functionName } }
      }
      if isParallel {
        node.workers = []
        if var actual = node.measures.actual, actual.loops == 0 {
          actual.loops = 1
          node.measures.actual = actual
        }
      } else {
        for index in node.workers.indices { strip(&node.workers[index].measures) }
      }
      for index in node.children.indices { strip(&node.children[index]) }
    }
    strip(&plan.root)
    plan.planningBuffers = BufferUsage()
    if isText {
      for index in plan.triggers.indices {
        plan.triggers[index].relation = nil
        if plan.triggers[index].constraint != nil { plan.triggers[index].name = nil }
      }
    }
    return plan
  }

  static func dumped(_ plan: Plan) -> String {
    var text = ""
    dump(plan, to: &text)
    return text
  }

  static func firstDifference(_ a: String, _ b: String) -> (String, String) {
    let (x, y) = (a.split(separator: "\n"), b.split(separator: "\n"))
    for index in 0..<min(x.count, y.count) where x[index] != y[index] {
      func part(_ lines: [Substring]) -> String {
        lines[max(0, index - 6)..<min(lines.count, index + 6)].joined(separator: "\n")
      }
      return (part(x), part(y))
    }
    return ("\(x.count) lines", "\(y.count) lines")
  }
}

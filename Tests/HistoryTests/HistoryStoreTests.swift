import Foundation
import GRDB
import Model
import Sketch
import Testing

@testable import History

/// A directory for one test, removed with it.
final class Scratch {
  let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "pgassay-history-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func path(_ name: String = "test.history") -> String { directory + "/" + name }
}

/// Everything a history holds, in an order and by names that do not depend on how its ids were given out.
func contents(_ history: HistoryStore, _ extra: [String] = []) throws -> [String] {
  let cells = CellLevel.allCases.map { level in
    """
    SELECT '\(level.table)', s.fingerprint, c.bucket, d.database, d.user, d.application, d.tags, o.identity, c.calls,
      c.errors, c.untimed, c.total_us, c.longest_us, c.parse_us, c.bind_us, hex(c.sketch)
    FROM \(level.table) c JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
    LEFT JOIN source o ON o.id = source_id
    """
  }
  let queries =
    cells + [
      "SELECT 'statement', fingerprint, kind, grammar, text, relations FROM statement",
      "SELECT 'source', identity, path, format, consumed, hex(state), entries, skipped, first_at, last_at FROM source",
      """
      SELECT 'sample', s.fingerprint, reason, rank, content, d.database, d.user, d.application, d.tags, at,
        duration_us, x.text, parameters
      FROM sample x JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
      """,
      """
      SELECT 'plan', s.fingerprint, shape, reason, rank, content, d.database, at, duration_us, format, hex(document),
        nested
      FROM plan x JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
      """,
      """
      SELECT 'event', e.category, e.sqlstate, e.shape, e.sample, minute, d.database, d.user, d.application,
        s.fingerprint, o.identity, count, amount_milli
      FROM event x JOIN event_shape e ON e.id = shape_id JOIN dimensions d ON d.id = dimensions_id
      LEFT JOIN statement s ON s.id = statement_id LEFT JOIN source o ON o.id = source_id
      """,
      """
      SELECT 'repetition', s.fingerprint, minute, d.database, o.identity, transactions, executions, most, total_us
      FROM repetition x JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
      LEFT JOIN source o ON o.id = source_id
      """,
      "SELECT 'query_id', query_id, database, s.fingerprint FROM query_id JOIN statement s ON s.id = statement_id",
    ] + extra
  return try history.read { db in
    try queries.flatMap { sql in
      try Row.fetchAll(db, sql: sql).map { row in row.databaseValues.map(\.description).joined(separator: "|") }
    }
  }.sorted()
}

struct HistoryStoreTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Executions as an importer sees them, from a seed.
  static func executions(_ seed: UInt64, count: Int) -> [ExecutionSample] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in
      let dimensions = WorkloadDimensions(
        database: ["shop", "life"][Int(random.next() % 2)], user: "app",
        application: ["web", "worker", "größe|x\n"][Int(random.next() % 3)],
        tags: random.next() % 4 == 0 ? "route='%2Forders'" : "")
      let value = random.next() % 1_000
      return ExecutionSample(
        fingerprint: Fingerprint(random.next() % 7 &+ 0xFFFF_FFFF_FFFF_FFF0), dimensions: dimensions,
        at: Timestamp(microseconds: 1_767_225_600_000_000 + Int64(random.next() % 10_000) * 60_000_000 / 3),
        duration: Microseconds(Int64(random.next() >> (40 + random.next() % 20))),
        text: "SELECT * FROM orders WHERE id = \(value)",
        parameters: [.text("a'b\(value)"), .null, .truncated("long…")], reason: .ordinary)
    }
  }

  /// The batch that these executions make.
  static func batch(_ executions: [ExecutionSample], source: String = "log", consumed: Int64 = 0) throws -> LogBatch {
    struct Key: Hashable {
      var fingerprint: Fingerprint
      var dimensions: WorkloadDimensions
      var minute: Int64
    }
    var cells: [Key: (calls: Int64, total: Int64, longest: Int64, sketch: LatencySketch)] = [:]
    var batch = LogBatch()
    for item in executions {
      let key = Key(fingerprint: item.fingerprint, dimensions: item.dimensions, minute: item.at.minute)
      var cell = cells[key] ?? (0, 0, 0, LatencySketch())
      cell.calls += 1
      cell.total += item.duration.value
      cell.longest = max(cell.longest, item.duration.value)
      cell.sketch.record(item.duration)
      cells[key] = cell
      batch.samples.append(item)
      var slow = item
      slow.reason = .slow
      batch.samples.append(slow)
      batch.plans.append(
        PlanSample(
          fingerprint: item.fingerprint, dimensions: item.dimensions, at: item.at, duration: item.duration,
          format: .text, document: "Seq Scan on orders (\(item.text))", isNested: false,
          shape: item.duration.value % 3 == 0 ? nil : UInt64(item.duration.value % 3)))
      batch.queryIDs.append(
        QueryIDEdge(
          database: item.dimensions.database, queryID: QueryID(item.duration.value % 5), fingerprint: item.fingerprint))
      batch.statements.append(
        StatementText(
          fingerprint: item.fingerprint, normalized: "SELECT * FROM orders WHERE id = $1", kind: .select,
          relations: [RelationName(schema: "", name: "orders")],
          grammar: item.duration.value % 2 == 0 ? .parsed : .masked))
      batch.events.append(
        EventCell(
          category: .temporaryFile, minute: item.at.minute, sqlState: "00000", shape: "temporary file",
          database: item.dimensions.database, user: "app", application: "",
          fingerprint: item.duration.value % 2 == 0 ? item.fingerprint : nil, count: 1,
          amount: Double(item.duration.value) / 1e3, sample: item.text))
      batch.repetitions.append(
        RepetitionCell(
          fingerprint: item.fingerprint, dimensions: item.dimensions, minute: item.at.minute, transactions: 1,
          executions: 3, most: item.duration.value % 10, total: item.duration))
    }
    for (key, cell) in cells {
      batch.cells.append(
        MinuteCell(
          fingerprint: key.fingerprint, dimensions: key.dimensions, minute: key.minute, calls: cell.calls, errors: 1,
          untimed: 0, total: Microseconds(cell.total), longest: Microseconds(cell.longest), parse: Microseconds(2),
          bind: Microseconds(3), sketch: cell.sketch.encoded))
    }
    batch.progress = [
      SourceProgress(
        identity: source, path: "/var/log/\(source)", format: "csvlog", consumed: consumed, state: [1, 2],
        entries: consumed, skipped: ["not understood": 2, "another": 1], first: Timestamp(seconds: 1), last: nil)
    ]
    return batch
  }

  @Test func `the same executions make the same history whatever the batches and their order`() throws {
    let executions = HistoryStoreTests.executions(1, count: 2_000)
    var results: [[String]] = []
    var random = SplitMix(state: 9)
    for pieces in [1, 2, 13, 400] {
      let history = try HistoryStore(path: scratch.path("pieces-\(pieces)"), mode: .write)
      let order = pieces == 1 ? executions : executions.shuffled(using: &random)
      let size = (order.count + pieces - 1) / pieces
      for start in stride(from: 0, to: order.count, by: size) {
        var batch = try HistoryStoreTests.batch(Array(order[start..<min(start + size, order.count)]), consumed: 7)
        for index in batch.cells.indices {
          // Only what is additive by execution can agree between different cuts.
          batch.cells[index].errors = batch.cells[index].calls
          batch.cells[index].parse = batch.cells[index].total
          batch.cells[index].bind = .zero
        }
        try history.apply(batch)
      }
      results.append(try contents(history))
      try history.close()
    }
    #expect(results[0].count > 5_000)
    for other in results.dropFirst() { #expect(other == results[0]) }
  }

  @Test func `hours and days are the exact sum of their minutes`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let executions = HistoryStoreTests.executions(2, count: 3_000)
    for start in stride(from: 0, to: 3_000, by: 500) {
      try history.apply(try HistoryStoreTests.batch(Array(executions[start..<start + 500])))
    }
    struct Key: Hashable {
      var statement: Int64
      var bucket: Int64
      var dimensions: Int64
    }
    for level in [CellLevel.hour, .day] {
      var expected: [Key: CellSums] = [:]
      try history.read { db in
        for row in try Row.fetchAll(db, sql: "SELECT * FROM cell_minute") {
          let key = Key(
            statement: row["statement_id"], bucket: level.bucket(ofMinute: row["bucket"]),
            dimensions: row["dimensions_id"])
          if expected[key] == nil { expected[key] = try CellSums(row) } else { try expected[key]?.add(CellSums(row)) }
        }
        let found = try Row.fetchAll(db, sql: "SELECT * FROM \(level.table)")
        #expect(found.count == expected.count)
        for row in found {
          let key = Key(statement: row["statement_id"], bucket: row["bucket"], dimensions: row["dimensions_id"])
          #expect(try CellSums(row) == expected[key])
          #expect(try LatencySketch(decoding: (row["sketch"] as Data)).count == row["calls"])
        }
      }
    }
    #expect(CellLevel.hour.bucket(ofMinute: -1) == -1 && CellLevel.hour.bucket(ofMinute: -60) == -1)
    #expect(CellLevel.hour.bucket(ofMinute: -61) == -2 && CellLevel.day.bucket(ofMinute: 1439) == 0)
  }

  @Test func `samples and plans stay bounded and the slowest stay`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let executions = HistoryStoreTests.executions(3, count: 1_000)
    for start in stride(from: 0, to: 1_000, by: 100) {
      try history.apply(try HistoryStoreTests.batch(Array(executions[start..<start + 100])))
    }
    let groups = Dictionary(grouping: executions, by: \.fingerprint)
    try history.read { db in
      for (fingerprint, members) in groups {
        let slow = try Int64.fetchAll(
          db,
          sql: """
            SELECT duration_us FROM sample JOIN statement s ON s.id = statement_id
            WHERE fingerprint = ? AND reason = 'slow' ORDER BY duration_us DESC
            """, arguments: [Int64(bitPattern: fingerprint.value)])
        #expect(slow == Array(members.map(\.duration.value).sorted(by: >).prefix(ExecutionSample.limit(.slow))))
        let draws = try Int64.fetchAll(
          db,
          sql: """
            SELECT rank FROM sample JOIN statement s ON s.id = statement_id
            WHERE fingerprint = ? AND reason = 'ordinary' ORDER BY rank
            """, arguments: [Int64(bitPattern: fingerprint.value)])
        let expected = members.map(\.draw).sorted().prefix(ExecutionSample.limit(.ordinary))
        #expect(draws.map { UInt64(bitPattern: $0) ^ 1 << 63 } == Array(expected))
      }
      #expect(
        try Int.fetchOne(
          db, sql: "SELECT max(n) FROM (SELECT count(*) n FROM plan GROUP BY statement_id, shape, reason)") == 2)
    }
  }

  @Test func `progress is kept with the batch and comes back`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    try history.apply(try HistoryStoreTests.batch([], source: "a", consumed: 10))
    try history.apply(try HistoryStoreTests.batch([], source: "b", consumed: 20))
    try history.apply(try HistoryStoreTests.batch([], source: "a", consumed: 30))
    #expect(try history.sources().map(\.identity) == ["a", "b"])
    let progress = try #require(try history.progress(ofSource: "a"))
    #expect(progress.consumed == 30 && progress.state == [1, 2] && progress.skipped["not understood"] == 2)
    #expect(progress.first == Timestamp(seconds: 1) && progress.last == nil)
    #expect(try history.progress(ofSource: "c") == nil)
  }
}

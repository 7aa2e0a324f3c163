import Foundation
import GRDB
import Model
import Statements
import Testing

@testable import History

/// Snapshots and catalogs of a history by names that do not depend on its ids.
func snapshotContents(_ history: HistoryStore) throws -> [String] {
  try history.read { db in
    var lines: [String] = []
    var entries: [Int64: String] = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT e.id, s.system_identifier, e.query_id, e.database_id, e.user_id, e.toplevel, t.fingerprint, e.is_reset
        FROM statement_entry e JOIN server s ON s.id = e.server_id LEFT JOIN statement t ON t.id = e.statement_id
        """)
    {
      entries[row[0]] = row.databaseValues.dropFirst().map(\.description).joined(separator: "|")
    }
    lines += entries.values.map { "entry|" + $0 }
    for row in try Row.fetchAll(
      db, sql: "SELECT s.system_identifier, i.* FROM statements_interval i JOIN server s ON s.id = server_id")
    {
      let interval = try IntervalTables.interval(row)
      let items = try IntervalTables.items(row).map { "\(entries[$0.entry] ?? "?"): \($0.delta)" }.sorted()
      lines.append(
        "interval|\(row[0] as String)|\(row["level"] as Int)|\(row["bucket"] as Int64)|\(row["chain_at"] as Int64)|"
          + "\(row["chosen"] as Bool)|\(interval)|" + items.joined(separator: ";"))
    }
    for sql in [
      """
      SELECT 'snapshot', s.system_identifier, at, statements, hidden, c.context FROM statements_snapshot
      JOIN server s ON s.id = server_id JOIN statements_context c ON c.id = context_id
      """,
      """
      SELECT 'chain', s.system_identifier, key_at, first_at, hex(first_state), last_at, hex(last_state)
      FROM statements_chain JOIN server s ON s.id = server_id
      """, "SELECT 'name', s.system_identifier, kind, oid, name, at FROM server_name JOIN server s ON s.id = server_id",
      """
      SELECT 'catalog', s.system_identifier, database, at, position, name, hex(content) FROM catalog c
      JOIN server s ON s.id = server_id JOIN catalog_section x ON x.catalog_id = c.id
      JOIN document d ON d.id = document_id
      """, "SELECT 'retention', level, from_minute FROM retention",
    ] {
      lines += try Row.fetchAll(db, sql: sql).map { $0.databaseValues.map(\.description).joined(separator: "|") }
    }
    return lines.sorted()
  }
}

struct MergeTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func everything(_ history: HistoryStore) throws -> [String] {
    try contents(history) + snapshotContents(history)
  }

  private func texts(_ snapshot: StatementsSnapshot) -> [StatementKey: StatementText] {
    Dictionary(
      uniqueKeysWithValues: snapshot.rows.map { row in
        (
          row.key,
          StatementText(
            fingerprint: Fingerprint(UInt64(row.key.queryID.value)), normalized: row.query ?? "", kind: .select,
            relations: [], grammar: .parsed)
        )
      })
  }

  /// Equal, or the first differences named.
  private func expectEqual(_ found: [String], _ expected: [String]) {
    let (extra, missing) = (Set(found).subtracting(expected), Set(expected).subtracting(found))
    #expect(extra.isEmpty && missing.isEmpty, "more: \(extra.sorted().prefix(2)) fewer: \(missing.sorted().prefix(2))")
    #expect(found.count == expected.count)
  }

  /// Takes some sources and snapshots into a new history.
  private func make(
    _ name: String, logs: [(source: String, batches: Range<Int>)], snapshots: [StatementsSnapshot], catalogs: [Int64]
  ) throws -> HistoryStore {
    let history = try HistoryStore(path: scratch.path(name), mode: .write)
    for log in logs {
      for part in log.batches {
        let seed = UInt64(log.source.utf8.reduce(7) { $0 &* 31 &+ Int($1) } & 0xFFFF) * 100 + UInt64(part)
        try history.apply(
          try HistoryStoreTests.batch(
            HistoryStoreTests.executions(seed, count: 60), source: log.source, consumed: Int64(part + 1)))
      }
    }
    for snapshot in snapshots { try history.apply(snapshot, texts: texts(snapshot)) }
    for time in catalogs {
      try history.store(
        CatalogDocument(
          server: ServerIdentity(systemIdentifier: "77"), database: "shop", at: Timestamp(seconds: time),
          lines: Array("{\"section\":\"a\"}\n{\"section\":\"b\",\"t\":\(time / 1_000)}\n".utf8)))
    }
    return history
  }

  private func copy(_ history: HistoryStore, _ name: String) throws -> HistoryStore {
    try history.queue.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [scratch.path(name)]) }
    return try HistoryStore(path: scratch.path(name), mode: .update)
  }

  @Test func `merging is commutative and idempotent, and counts nothing twice`() throws {
    var maker = SnapshotMaker(seed: 21, queries: 12)
    let shared = (0..<30).map { _ in maker.next(after: 1_300) }
    var other = SnapshotMaker(seed: 22, server: ServerIdentity(systemIdentifier: "88"), queries: 5)
    let second = (0..<10).map { _ in other.next(after: 900) }
    // Both know the sources `b` (the right one has read more of it) and `d` (equally far).
    let left = try make(
      "left", logs: [("a", 0..<2), ("b", 0..<1), ("d", 0..<2)], snapshots: Array(shared[..<20]),
      catalogs: [1_000, 2_000])
    let right = try make(
      "right", logs: [("c", 0..<2), ("b", 0..<3), ("d", 0..<2)],
      snapshots: shared.enumerated().filter { $0.offset < 8 || $0.offset % 3 == 0 }.map(\.element) + second,
      catalogs: [2_000, 3_000])
    let leftBefore = try everything(left)

    let leftRight = try copy(left, "left-right")
    try leftRight.merge(from: right.path)
    let rightLeft = try copy(right, "right-left")
    try rightLeft.merge(from: left.path)
    let merged = try everything(leftRight)
    expectEqual(try everything(rightLeft), merged)
    // What was merged from is as it was.
    #expect(try everything(left) == leftBefore)

    for source in [left, right, rightLeft] {
      try leftRight.merge(from: source.path)
      expectEqual(try everything(leftRight), merged)
    }
    // The logs' part is what one history would hold that had read all sources as far as either has.
    let whole = try make(
      "whole", logs: [("a", 0..<2), ("b", 0..<3), ("c", 0..<2), ("d", 0..<2)], snapshots: [], catalogs: [])
    for table in CellLevel.allCases.map(\.table) + ["event", "repetition"] {
      let sum = table.hasPrefix("cell") ? "sum(calls)" : table == "event" ? "sum(count)" : "sum(executions)"
      let found = try leftRight.read { try Int64.fetchOne($0, sql: "SELECT \(sum) FROM \(table)") }
      let expected = try whole.read { try Int64.fetchOne($0, sql: "SELECT \(sum) FROM \(table)") }
      #expect(found == expected, "\(table)")
    }
    #expect(try leftRight.health().contradictions.isEmpty)
  }

  @Test func `histories that were pruned merge the same way in both orders`() throws {
    var maker = SnapshotMaker(seed: 31, queries: 8)
    let shared = (0..<120).map { _ in maker.next(after: 7_200) }
    let left = try make("left", logs: [("a", 0..<2)], snapshots: shared, catalogs: [])
    let right = try make("right", logs: [("a", 0..<2), ("b", 0..<1)], snapshots: Array(shared[..<100]), catalogs: [])
    _ = try left.prune(RetentionPolicy(fineDays: 2, hourDays: 4))
    let leftRight = try copy(left, "left-right")
    try leftRight.merge(from: right.path)
    let rightLeft = try copy(right, "right-left")
    try rightLeft.merge(from: left.path)
    let merged = try everything(leftRight)
    let reverse = try everything(rightLeft)
    #expect(reverse == merged)
    try leftRight.merge(from: right.path)
    #expect(try everything(leftRight) == merged)
  }

  @Test func `what is no history cannot be merged, and nothing changes`() throws {
    let history = try make("left", logs: [("a", 0..<1)], snapshots: [], catalogs: [])
    let before = try everything(history)
    try Data("no history".utf8).write(to: URL(fileURLWithPath: scratch.path("text")))
    #expect(throws: HistoryError.notSQLite(path: scratch.path("text"))) {
      try history.merge(from: scratch.path("text"))
    }
    #expect(throws: HistoryError.missing(path: scratch.path("none"))) { try history.merge(from: scratch.path("none")) }
    try history.merge(from: history.path)
    #expect(try everything(history) == before)
  }
}

struct RetentionTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Executions spread over 40 days.
  private func batch(_ seed: UInt64) throws -> LogBatch {
    var random = SplitMix(state: seed)
    let executions = HistoryStoreTests.executions(seed, count: 1_500).map { execution in
      var execution = execution
      execution.at = Timestamp(microseconds: 1_767_225_600_000_000 + Int64(random.next() % 57_600) * 60_000_000)
      return execution
    }
    return try HistoryStoreTests.batch(executions)
  }

  @Test func `what is rolled up keeps its sums and histograms`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    try history.apply(try batch(1))
    var maker = SnapshotMaker(seed: 3, queries: 6)
    var snapshots: [StatementsSnapshot] = []
    for _ in 0..<480 { snapshots.append(maker.next(after: 7_200)) }
    for snapshot in snapshots { try history.apply(snapshot, texts: [:]) }
    let day = { (n: Int64) in Timestamp(seconds: 1_767_225_600 + n * 86_400) }
    let windows = [
      TimeWindow.everything, TimeWindow(from: day(1), to: day(9)), TimeWindow(from: day(30), to: day(33)),
      TimeWindow(from: day(38), to: Timestamp(seconds: day(39).microseconds / 1_000_000 + 3_660)),
    ]
    let before = try windows.map { try history.workload(in: $0).statements }
    let rows = try history.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") ?? 0 }
    let result = try #require(try history.prune(RetentionPolicy(fineDays: 3, hourDays: 10)))
    #expect(result.minuteRows > 0 && result.hourRows > 0 && result.intervals > 0 && result.dayRows == 0)
    for (window, expected) in zip(windows, before) {
      #expect(try history.workload(in: window).statements == expected, "\(window)")
    }
    #expect(try history.health().contradictions.isEmpty)
    #expect(try history.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM event") ?? 0 } < rows)
    #expect(try history.events().reduce(0) { $0 + $1.count } == 1_500)
    // Neighbouring windows that begin inside a rolled-up day count everything once.
    let edge = Timestamp(seconds: day(5).microseconds / 1_000_000 + 40_000)
    let parts = try [TimeWindow(to: edge), TimeWindow(from: edge)].map { window in
      try history.workload(in: window).statements.reduce(0) { $0 + ($1.log?.calls ?? 0) }
    }
    #expect(parts.reduce(0, +) == 1_500)
    // Pruning again removes nothing more.
    let again = try #require(try history.prune(RetentionPolicy(fineDays: 3, hourDays: 10)))
    #expect(again.minuteRows + again.hourRows + again.intervals + again.otherRows == 0)
    // A snapshot from the rolled-up time is refused by name.
    var old = SnapshotMaker(seed: 4, queries: 6)
    let late = old.next(after: 99_999)
    #expect(throws: HistoryError.self) { try history.apply(late, texts: [:]) }
    let shorter = try #require(try history.prune(RetentionPolicy(fineDays: 1, hourDays: 5, totalDays: 20)))
    #expect(shorter.dayRows > 0)
    let (size, after) = try history.vacuum()
    #expect(after < size)
    #expect(throws: HistoryError.self) { try history.prune(RetentionPolicy(fineDays: 5, hourDays: 2)) }
  }

  @Test func `an empty history has nothing to prune`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    #expect(try history.prune(RetentionPolicy()) == nil)
    #expect(try history.health().damage.isEmpty)
    #expect(try history.contents().statements == 0)
  }
}

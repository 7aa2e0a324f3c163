import Foundation
import GRDB
import Model
import Statements
import Testing

@testable import History

/// Snapshots of one server that is sometimes reset, with entries that come and go.
struct SnapshotMaker {
  var random: SplitMix
  var at: Int64
  var counters: [Int64: (calls: Int64, time: Int64, since: Int64, longest: Int64)] = [:]
  let server: ServerIdentity
  let queries: Int

  init(seed: UInt64, server: ServerIdentity = ServerIdentity(systemIdentifier: "77"), queries: Int = 30) {
    random = SplitMix(state: seed)
    at = 1_767_225_600_000_000
    self.server = server
    self.queries = queries
  }

  mutating func next(after seconds: Int64) -> StatementsSnapshot {
    for query in 1...Int64(queries) where random.next() % 3 != 0 {
      var entry = counters[query] ?? (0, 0, at + 1, 0)
      let calls = Int64(random.next() % 20) + 1
      let longest = Int64(random.next() % 5_000_000) + 1
      entry = (entry.calls + calls, entry.time + calls * longest, entry.since, max(entry.longest, longest))
      counters[query] = entry
    }
    if random.next() % 10 == 0 { counters[Int64(random.next() % UInt64(queries)) + 1] = nil }
    at += seconds * 1_000_000
    let rows = counters.map { query, entry in
      var sums = StatementCounters()
      sums[.calls] = entry.calls
      sums[.execTime] = entry.time
      sums[.rows] = entry.calls * 2
      sums.execSquares = StatementCounters.squares(count: entry.calls, total: entry.time, deviation: 0.5)
      return StatementRow(
        key: StatementKey(
          databaseID: 5, userID: UInt32(10 + query % 2), queryID: QueryID(query), isTopLevel: query % 7 != 0),
        query: "SELECT \(query)", counters: sums, exec: DurationExtremes(shortest: 1, longest: entry.longest),
        since: Timestamp(microseconds: entry.since), extremesSince: Timestamp(microseconds: entry.since))
    }
    var known = CounterSet()
    for counter in [StatementCounter.calls, .execTime, .rows] { known.insert(counter) }
    return StatementsSnapshot(
      server: server, at: Timestamp(microseconds: at),
      context: StatementsContext(
        deallocations: 0, extensionVersion: "1.11", known: known, activeTime: [5: at / 10]), rows: rows,
      databases: [5: "shop"], users: [10: "app", 11: "worker"])
  }
}

struct StatementsSnapshotTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func texts(_ snapshot: StatementsSnapshot) -> [StatementKey: StatementText] {
    Dictionary(
      uniqueKeysWithValues: snapshot.rows.map { row in
        (
          row.key,
          StatementText(
            fingerprint: Fingerprint(UInt64(row.key.queryID.value) * 1_000), normalized: row.query ?? "", kind: .select,
            relations: [], grammar: .parsed)
        )
      })
  }

  /// The sums of a window, straight from neighbouring snapshots.
  private func expected(
    _ snapshots: [StatementsSnapshot], _ window: TimeWindow
  ) throws -> [Int64: (calls: Int64, time: Int64, isExact: Bool)] {
    var result: [Int64: (calls: Int64, time: Int64, isExact: Bool)] = [:]
    for (before, after) in zip(snapshots, snapshots.dropFirst()) {
      guard before.at >= window.from ?? before.at, after.at <= window.to ?? after.at else { continue }
      for delta in try StatementsDifference(from: before, to: after).deltas where delta.key.isTopLevel {
        var sum = result[delta.key.queryID.value] ?? (0, 0, true)
        sum.calls += delta.counters[.calls]
        sum.time += delta.counters[.execTime]
        sum.isExact = sum.isExact && delta.isExact
        result[delta.key.queryID.value] = sum
      }
    }
    return result
  }

  private func check(_ history: HistoryStore, _ snapshots: [StatementsSnapshot], _ window: TimeWindow) throws {
    let workload = try history.workload(in: window)
    let expected = try expected(snapshots, window)
    #expect(workload.statements.count == expected.count)
    for statement in workload.statements {
      let query = try #require(statement.snapshots?.queryIDs.first).value
      let sum = try #require(expected[query])
      #expect(statement.calls == sum.calls)
      #expect(statement.snapshots?.counters[.execTime] == sum.time)
      #expect(statement.rows == sum.calls * 2)
      #expect(statement.isExact == sum.isExact)
      #expect(statement.source == .snapshots)
      #expect(statement.fingerprint?.value == UInt64(query) * 1_000)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func `any window is the sum of what lies between its snapshots`(seed: UInt64)
    throws
  {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    var maker = SnapshotMaker(seed: seed)
    var snapshots: [StatementsSnapshot] = []
    for _ in 0..<200 {
      let seconds = Int64(maker.random.next() % 2_400) + 60
      snapshots.append(maker.next(after: seconds))
    }
    for snapshot in snapshots { try history.apply(snapshot, texts: texts(snapshot)) }
    try check(history, snapshots, .everything)
    for _ in 0..<20 {
      let ends = [snapshots.randomElement(using: &maker.random), snapshots.randomElement(using: &maker.random)]
        .compactMap { $0?.at }.sorted()
      try check(history, snapshots, TimeWindow(from: ends[0], to: ends[1]))
      let slack = Microseconds(Int64(maker.random.next() % 3_000_000_000))
      try check(history, snapshots, TimeWindow(from: ends[0] + slack, to: ends[1] + slack))
      try check(history, snapshots, TimeWindow(from: ends[0], to: nil))
    }
    #expect(try history.snapshots().map(\.at) == snapshots.map(\.at))
    #expect(try history.statementsWithText(of: maker.server).count == maker.queries)
    let ids = Set(try history.snapshots().map(\.id))
    #expect(ids.count == 200 && ids.allSatisfy { $0.utf8.count == 10 })
  }

  @Test func `the same snapshot twice, and older ones later, never count twice`() throws {
    var maker = SnapshotMaker(seed: 5)
    let snapshots = (0..<40).map { _ in maker.next(after: 600) }
    // Backwards: every snapshot goes before the chain.
    let backwards = try HistoryStore(path: scratch.path("backwards"), mode: .write)
    for snapshot in snapshots.reversed() { try backwards.apply(snapshot, texts: texts(snapshot)) }
    try check(backwards, snapshots, .everything)
    let outcome = try backwards.apply(snapshots[3], texts: texts(snapshots[3]))
    #expect(outcome == .alreadyThere(id: HistoryStore.snapshotID(maker.server, at: snapshots[3].at)))
    try check(backwards, snapshots, .everything)
    // The even ones first, then the odd ones: two chains that overlap, of which windows read one at a time.
    let mixed = try HistoryStore(path: scratch.path("mixed"), mode: .write)
    let even = snapshots.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    let odd = snapshots.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    for snapshot in even + odd { try mixed.apply(snapshot, texts: texts(snapshot)) }
    let whole = try mixed.workload()
    let truth = try expected(snapshots, .everything)
    for statement in whole.statements {
      let query = try #require(statement.snapshots?.queryIDs.first).value
      #expect(statement.calls <= truth[query]?.calls ?? 0)
    }
    #expect(whole.calls > truth.values.reduce(0) { $0 + $1.calls } * 9 / 10)
  }

  /// Whether a capture of a server without the extension's library comes in order or late.
  @Test(arguments: [false, true]) func `a time without the library makes lower bounds`(isLate: Bool) throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    var maker = SnapshotMaker(seed: 9)
    let snapshots = (0..<3).map { _ in maker.next(after: 600) }
    var context = StatementsContext(extensionVersion: "1.11")
    context.isLoaded = false
    let unloaded = StatementsSnapshot(
      server: maker.server, at: snapshots[0].at + Microseconds(300_000_000), context: context, rows: [])
    let order = isLate ? snapshots + [unloaded] : [snapshots[0], unloaded, snapshots[1], snapshots[2]]
    for snapshot in order { try history.apply(snapshot, texts: texts(snapshot)) }
    for window in [TimeWindow.everything, TimeWindow(from: snapshots[0].at, to: snapshots[1].at)] {
      let workload = try history.workload(in: window)
      let expected = try expected(snapshots, window)
      #expect(workload.statements.count == expected.count)
      #expect(workload.interruptions.contains(.notLoaded))
      for statement in workload.statements {
        let query = try #require(statement.snapshots?.queryIDs.first).value
        #expect(statement.calls == expected[query]?.calls)
      }
    }
    let first = try history.workload(in: TimeWindow(from: snapshots[0].at, to: snapshots[1].at))
    #expect(first.statements.allSatisfy { !$0.isExact && $0.snapshots?.longest == nil })
    try check(history, snapshots, TimeWindow(from: snapshots[1].at, to: snapshots[2].at))
  }

  @Test func `entries without a text get it from a later snapshot or from the log`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    var maker = SnapshotMaker(seed: 6, queries: 3)
    let snapshots = (0..<4).map { _ in maker.next(after: 600) }
    try history.apply(snapshots[0], texts: [:])
    try history.apply(snapshots[1], texts: [:])
    #expect(try history.workload().statements.allSatisfy { $0.fingerprint == nil })
    #expect(try history.statementsWithText(of: maker.server).isEmpty)
    var batch = LogBatch()
    batch.queryIDs = [QueryIDEdge(database: "shop", queryID: QueryID(2), fingerprint: Fingerprint(42))]
    try history.apply(batch)
    try history.apply(snapshots[2], texts: texts(snapshots[2]).filter { $0.key.queryID.value == 1 })
    let statements = try history.workload().statements
    #expect(Set(statements.map { $0.fingerprint?.value }) == [1_000, 42, nil])
  }

  @Test func `packed blocks give back what was packed, and damage is an error`() throws {
    var maker = SnapshotMaker(seed: 8)
    let first = maker.next(after: 60)
    let second = maker.next(after: 60)
    let difference = try StatementsDifference(from: first, to: second)
    let blank = StatementKey(databaseID: 0, userID: 0, queryID: QueryID(0))
    let items = difference.deltas.enumerated().map { index, delta in
      var delta = delta
      delta.key = blank
      return (entry: Int64(index * index + 3), delta: delta)
    }
    let bytes = DeltaBlock.encode(items)
    let decoded = try bytes.withUnsafeBytes { try DeltaBlock.decode($0) }
    #expect(decoded.map(\.entry) == items.map(\.entry))
    #expect(decoded.map(\.delta) == items.map(\.delta))
    let state = StateBlock.encode(second.rows)
    #expect(
      try state.withUnsafeBytes { try StateBlock.decode($0) }
        == second.rows.map { row in
          var row = row
          row.query = nil
          return row
        })
    for round in 0..<4_000 {
      var broken = round % 2 == 0 ? bytes : state
      for _ in 0...(maker.random.next() % 4) {
        broken[Int(maker.random.next() % UInt64(broken.count))] = UInt8(maker.random.next() & 0xFF)
      }
      if maker.random.next() % 2 == 0 { broken.removeLast(Int(maker.random.next() % UInt64(broken.count))) }
      _ = try? broken.withUnsafeBytes { try DeltaBlock.decode($0) }
      _ = try? broken.withUnsafeBytes { try StateBlock.decode($0) }
    }
  }

  @Test func `catalogs come back whole and equal sections are stored once`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let server = ServerIdentity(systemIdentifier: "1")
    func lines(_ time: Int, _ rows: Int) -> [UInt8] {
      var text = "{\"pgassay_snapshot\":1,\"captured_at\":\(time)}\n{\"section\":\"tables\",\"name\":\"orders\"}\n"
      for row in 0..<200 { text += "{\"section\":\"columns\",\"n\":\"column \(row)\"}\n" }
      text += "{\"section\":\"statements\",\"queryid\":\(time)}\n{\"section\":\"counters\",\"rows\":\(rows)}\n"
      return Array(text.utf8)
    }
    for (index, time) in [100, 300, 200].enumerated() {
      let document = CatalogDocument(
        server: server, database: "shop", at: Timestamp(seconds: Int64(time)), lines: lines(time, index))
      #expect(try history.store(document) == .stored(id: HistoryStore.snapshotID(server, at: document.at)))
      #expect(try history.store(document) == .alreadyThere(id: HistoryStore.snapshotID(server, at: document.at)))
    }
    let latest = try #require(try history.latestCatalog(database: "shop"))
    #expect(latest.at == Timestamp(seconds: 300))
    let text = String(decoding: lines(300, 1), as: UTF8.self)
    let expected = text.split(separator: "\n").filter { !$0.contains("\"statements\"") }.joined(separator: "\n") + "\n"
    #expect(String(decoding: latest.lines, as: UTF8.self) == expected)
    #expect(try history.latestCatalog(before: Timestamp(seconds: 300))?.at == Timestamp(seconds: 200))
    #expect(try history.latestCatalog(database: "other") == nil)
    #expect(try history.catalogs().map(\.at) == [100, 200, 300].map { Timestamp(seconds: $0) })
    // Three headers, three counters, one of tables and one of columns.
    #expect(try history.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM document") } == 8)
  }
}

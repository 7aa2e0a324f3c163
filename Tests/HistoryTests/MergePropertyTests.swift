import Foundation
import GRDB
import Model
import Statements
import Testing

@testable import History

/// Merging, on histories made at random: which sources and snapshots each has read how far, and what it has rolled up.
struct MergePropertyTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func random(_ seed: UInt64, _ name: String, _ snapshots: [StatementsSnapshot]) throws -> HistoryStore {
    var random = SplitMix(state: seed)
    let history = try HistoryStore(path: scratch.path(name), mode: .write)
    for source in ["a", "b", "c", "d"] where random.next() % 3 != 0 {
      for part in 0...Int(random.next() % 3) {
        let seed = UInt64(source.utf8.first ?? 0) * 100 + UInt64(part)
        try history.apply(
          try HistoryStoreTests.batch(
            HistoryStoreTests.executions(seed, count: 30), source: source, consumed: Int64(part + 1)))
      }
    }
    let keep = random.next() % 3 + 1
    for snapshot in snapshots where keep == 1 || random.next() % keep == 0 {
      let texts = Dictionary(
        uniqueKeysWithValues: snapshot.rows.map { row in
          (
            row.key,
            StatementText(
              fingerprint: Fingerprint(UInt64(row.key.queryID.value)), normalized: row.query ?? "", kind: .select,
              relations: [], grammar: .parsed)
          )
        })
      try history.apply(snapshot, texts: random.next() % 2 == 0 ? texts : [:])
    }
    for time in [1_000, 2_000, 3_000] as [Int64] where random.next() % 2 == 0 {
      try history.store(
        CatalogDocument(
          server: ServerIdentity(systemIdentifier: "77"), database: "shop", at: Timestamp(seconds: time),
          lines: Array("{\"section\":\"a\"}\n{\"section\":\"b\",\"t\":\(time)}\n".utf8)))
    }
    if random.next() % 3 == 0 { _ = try history.prune(RetentionPolicy(fineDays: 1, hourDays: 2)) }
    return history
  }

  private func everything(_ history: HistoryStore) throws -> [String] {
    try contents(history) + snapshotContents(history)
  }

  private func merged(_ a: HistoryStore, _ b: HistoryStore, _ name: String) throws -> HistoryStore {
    try a.queue.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [scratch.path(name)]) }
    let copy = try HistoryStore(path: scratch.path(name), mode: .update)
    try copy.merge(from: b.path)
    return copy
  }

  /// Every kind of export as text: what a person would compare.
  private func exports(_ history: HistoryStore) throws -> [String] {
    var lines: [String] = []
    for kind in ExportKind.allCases {
      try history.export(
        kind, showsValues: true, columns: { lines.append("\(kind) \($0)") }, row: { lines.append("\($0)") })
    }
    return lines
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>) func `a with b is b with a, and a with a is a`(seed: UInt64) throws {
    var maker = SnapshotMaker(seed: seed, queries: 6)
    let snapshots = (0..<36).map { _ in maker.next(after: 5_400) }
    let a = try random(seed * 2, "a", snapshots)
    let b = try random(seed * 2 + 1, "b", snapshots)
    let ab = try merged(a, b, "ab")
    let ba = try merged(b, a, "ba")
    let (left, right) = (try everything(ab), try everything(ba))
    let difference = Set(left).symmetricDifference(right)
    #expect(difference.isEmpty, "\(difference.sorted().prefix(2))")
    #expect(try exports(ab) == exports(ba))

    let before = try everything(a)
    let same = try merged(a, a, "aa")
    #expect(try everything(same) == before)
    for history in [a, b, ba] {
      try ab.merge(from: history.path)
      #expect(try everything(ab) == left)
    }
    #expect(try ab.health().contradictions.isEmpty)
  }
}

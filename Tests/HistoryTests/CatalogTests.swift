import GRDB
import Model
import Statements
import Testing

@testable import History

/// Catalogs: what is stored of one that is like the last, and what is kept of old ones.
struct CatalogTests {
  let scratch: Scratch
  private static let server = ServerIdentity(systemIdentifier: "7", node: "primary")

  init() throws { scratch = try Scratch() }

  private func lines(_ rows: Int, marked: [Int: String] = [:], prefix: String = "") -> [UInt8] {
    var text = "{\"pgassay_snapshot\":1}\n"
    for row in 0..<rows {
      text +=
        "{\"section\":\"relations\",\"oid\":\(20_000 + row * 7),\"name\":\"\(prefix)t\(row)\(marked[row] ?? "")\"}\n"
      text += "{\"section\":\"relations\",\"oid\":\(20_000 + row * 7),\"again\":true}\n"
    }
    return Array((text + "{\"pgassay_snapshot_end\":{\"relations\":\(rows * 2)}}\n").utf8)
  }

  private func document(_ lines: [UInt8], _ at: Timestamp, database: String = "shop") -> CatalogDocument {
    CatalogDocument(server: Self.server, database: database, at: at, lines: lines)
  }

  private func size(_ history: HistoryStore) throws -> Int {
    try history.read { try Int.fetchOne($0, sql: "SELECT sum(length(content)) FROM document") ?? 0 }
  }

  @Test func `one row that changed costs a piece of its section, not the whole`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let first = lines(4_000)
    try history.store(document(first, Timestamp(seconds: 1_000)))
    let whole = try size(history)
    let second = lines(4_000, marked: [1_234: " changed"])
    try history.store(document(second, Timestamp(seconds: 2_000)))
    #expect(try size(history) - whole < whole / 8)
    #expect(try history.latestCatalog()?.lines == second)
    #expect(try history.latestCatalog(before: Timestamp(seconds: 2_000))?.lines == first)
    // The same again costs nothing.
    let both = try size(history)
    try history.store(document(second, Timestamp(seconds: 3_000)))
    #expect(try size(history) == both)
  }

  /// The statements fit on the disk, and the catalog that was taken with them does not.
  @Test func `a capture is stored with its statements and its catalog or not at all`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    var maker = SnapshotMaker(seed: 4, server: Self.server)
    let statements = maker.next(after: 60)
    let catalog = document(lines(4_000), statements.at)
    try history.queue.inDatabase { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages + 6)")
    }
    #expect(throws: HistoryError.diskFull(path: scratch.path())) {
      try history.store((statements, [:]), with: catalog, omitting: [])
    }
    func count(_ table: String) throws -> Int? {
      try history.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }
    #expect(try count("statements_snapshot") == 0)
    // What was refused was the catalog: the statements alone have room.
    try history.apply(statements, texts: [:])
    #expect(try count("statements_snapshot") == 1)
    try history.queue.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
    _ = try history.store((statements, [:]), with: catalog, omitting: [])
    #expect(try count("statements_snapshot") == 1)
    #expect(try history.latestCatalog()?.lines == catalog.lines)
  }

  @Test func `catalogs are of a server and a database`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let other = ServerIdentity(systemIdentifier: "7", node: "replica b")
    try history.store(document(lines(1), Timestamp(seconds: 1)))
    try history.store(
      CatalogDocument(server: other, database: "shop", at: Timestamp(seconds: 2), lines: lines(2)))
    try history.store(document(lines(3), Timestamp(seconds: 3), database: "billing"))
    #expect(try history.latestCatalog(of: Self.server, database: "shop")?.lines == lines(1))
    #expect(try history.latestCatalog(of: other, database: "shop")?.lines == lines(2))
    #expect(try history.latestCatalog(of: other, database: "billing") == nil)
    #expect(try history.latestCatalog(database: "shop")?.lines == lines(2))
  }

  @Test func `of old catalogs the last of a day, then of a week stays, and the first and the newest`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let day: Int64 = 86_400
    let start: Int64 = 20_454 * day
    // Every six hours for 200 days, and something to count days back from.
    for quarter in 0..<800 {
      let at = Timestamp(seconds: start + Int64(quarter) * day / 4 + 60)
      try history.store(document(lines(40, prefix: "q\(quarter / 100)"), at))
    }
    try history.store(document(lines(5), Timestamp(seconds: start + 60), database: "seldom"))
    var batch = LogBatch()
    batch.cells = [
      MinuteCell(
        fingerprint: Fingerprint(1), dimensions: WorkloadDimensions(database: "shop"),
        minute: (start + 200 * day) / 60 - 1, calls: 1, errors: 0, untimed: 0, total: Microseconds(5),
        longest: Microseconds(5), parse: .zero, bind: .zero, sketch: [])
    ]
    batch.statements = [
      .init(fingerprint: Fingerprint(1), normalized: "SELECT 1", kind: .select, relations: [], grammar: .parsed)
    ]
    try history.apply(batch)
    let newest = try #require(try history.latestCatalog(database: "shop"))

    let result = try #require(try history.prune(RetentionPolicy()))
    let kept = try history.catalogs().filter { $0.database == "shop" }.map { $0.at.microseconds / 1_000_000 - start }
    #expect(result.catalogs == 801 - kept.count - 1)
    let ages = kept.map { 200 * day - $0 }
    #expect(ages.filter { $0 <= 14 * day }.count == 56)
    #expect(ages.filter { $0 > 14 * day && $0 <= 92 * day }.count == 78)
    #expect((15...18).contains(ages.filter { $0 > 92 * day }.count))
    #expect(kept.first == 60)
    #expect(try history.latestCatalog(database: "shop") == newest)
    #expect(try history.latestCatalog(database: "seldom")?.lines == lines(5))
    #expect(try history.prune(RetentionPolicy())?.catalogs == 0)
    try history.read { db in
      let orphans = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM document WHERE id NOT IN (SELECT document_id FROM catalog_section)")
      #expect(orphans == 0)
      let lost = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM catalog_section WHERE catalog_id NOT IN (SELECT id FROM catalog)")
      #expect(lost == 0)
    }
    for catalog in try history.catalogs() {
      #expect(try history.latestCatalog(before: catalog.at + Microseconds(1))?.lines.isEmpty == false)
    }
  }
}

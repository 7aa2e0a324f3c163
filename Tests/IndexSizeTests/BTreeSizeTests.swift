import IndexSize
import Testing

@Suite struct BTreeSizeTests {
  /// The sizes that PostgreSQL's own pgbench_accounts_pkey has: 100,000 and 1,000,000 integers.
  @Test(arguments: [(100_000.0, Int64(276), 1), (1_000_000.0, 2745, 2), (10_000_000.0, 27_422, 2)])
  func `a unique integer key fills pages as nbtsort does`(rows: Double, pages: Int64, height: Int) {
    let key = IndexedColumn(typeLength: 4, alignment: 4, distinct: rows)
    let size = BTreeSize.estimate(
      IndexShape(rows: rows, keys: [key], prefixDistinct: [rows], isUnique: true, deduplicates: false))
    #expect(size.pages == pages)
    #expect(size.height == height)
  }
}

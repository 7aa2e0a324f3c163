import Glibc

/// Sizes of pgvector's indexes.
///
/// Sources: pgvector 0.8 `hnsw.h` (`HNSW_ELEMENT_TUPLE_SIZE`, `HNSW_NEIGHBOR_TUPLE_SIZE`, `HNSW_HEAPTIDS` 10),
/// `hnswbuild.c` (`CreateGraphPages`), `ivfflat.h` (`IvfflatListData`), `ivfbuild.c` (`InsertTuples`: each list begins
/// a page).
public enum VectorSize {
  private static let pageSpace = 8192 - 24 - 8

  /// - Parameter connections: the storage parameter `m`.
  public static func hnsw(_ shape: IndexShape, connections m: Int) -> IndexSizeEstimate {
    let value = Int(shape.keys.first?.averageWidth.rounded() ?? 0)
    let element = BTreeSize.aligned(72 + value) + 4
    // A new element reaches one level more with a chance of 1 / m; each level above the lowest has m neighbours.
    let levels = m > 1 ? 1 / Double(m - 1) : 0
    let neighbours = Double(BTreeSize.aligned(4 + 2 * m * 6)) + levels * Double(m * 6) + 4
    let both = Double(element) + neighbours
    let rows = shape.rows * (1 - (shape.keys.first?.nullFraction ?? 0))
    let perPage = both <= Double(pageSpace) ? (Double(pageSpace) / both).rounded(.down) : 0.5
    let pages = 1 + (rows / max(0.5, perPage)).rounded(.up)
    return IndexSizeEstimate(pages: Int64(pages), height: 0, entries: rows, isRough: false)
  }

  public static func ivfflat(_ shape: IndexShape, lists: Int) -> IndexSizeEstimate {
    let value = Int(shape.keys.first?.averageWidth.rounded() ?? 0)
    let lists = Double(max(1, lists))
    let listsPerPage = max(1, (Double(pageSpace) / Double(BTreeSize.aligned(8 + value) + 4)).rounded(.down))
    let perPage = max(1, (Double(pageSpace) / Double(BTreeSize.aligned(8 + value) + 4)).rounded(.down))
    let rows = shape.rows * (1 - (shape.keys.first?.nullFraction ?? 0))
    // A list's last page is half full on average.
    let pages = 1 + (lists / listsPerPage).rounded(.up) + max(lists, rows / perPage + lists / 2)
    return IndexSizeEstimate(pages: Int64(pages.rounded(.up)), height: 0, entries: rows, isRough: false)
  }
}

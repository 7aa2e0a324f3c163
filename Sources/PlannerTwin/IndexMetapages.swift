import Catalog
import IndexSize

/// First pages of GIN and BRIN indexes, from which the planner takes what a search will read.
///
/// Sources: PostgreSQL `ginblock.h` (`GinMetaPageData`, `GinPageOpaqueData`), `ginutil.c` (`ginGetStats`),
/// `brin_page.h` (`BrinMetaPageData`, `BrinSpecialSpace`), `brin.c` (`brinGetStats`), `bufpage.h`; the layouts are the
/// same from 13 to 18. Bytes in the machine's own order, which is the server's.
enum IndexMetapages {
  private static let headerBytes = 24
  private static let specialBytes = 8
  private static let noBlock: UInt32 = 0xffff_ffff

  /// Whether the planner reads this kind's first page, other than a B-tree's.
  static func has(_ method: String) -> Bool { method == "gin" || method == "brin" }

  /// How the pages and entries of a GIN index are divided.
  struct GINCounts: Sendable {
    var pendingPages: UInt32
    var totalPages: UInt32
    var entryPages: UInt32
    var dataPages: UInt32
    var entries: Int64

    /// Of an index without pending entries.
    init(_ counts: IndexSizeEstimate.GINPages, pages: Int64) {
      pendingPages = 0
      totalPages = UInt32(clamping: pages)
      entryPages = UInt32(clamping: counts.entryPages)
      dataPages = UInt32(clamping: counts.dataPages)
      entries = counts.entries
    }

    /// As captured.
    init(_ row: SnapshotRow) throws(SnapshotError) {
      func count(_ key: String) throws(SnapshotError) -> UInt32 {
        guard let value = UInt32(exactly: try row.integer(key)) else {
          throw SnapshotError.malformed(line: row.line, what: "\"\(key)\" is no number of pages")
        }
        return value
      }
      pendingPages = try count("pending_pages")
      totalPages = try count("total_pages")
      entryPages = try count("entry_pages")
      dataPages = try count("data_pages")
      entries = max(0, try row.integer("entries"))
    }
  }

  static func gin(_ counts: GINCounts) -> [UInt8] {
    var page = empty(dataBytes: 56)
    func put(_ value: some FixedWidthInteger, _ offset: Int) { page.write(value, at: headerBytes + offset) }
    put(noBlock, 0)  // head and tail of the list of pending pages
    put(noBlock, 4)
    put(counts.pendingPages, 12)
    put(counts.totalPages, 24)
    put(counts.entryPages, 28)
    put(counts.dataPages, 32)
    put(counts.entries, 40)
    put(UInt32(2), 48)  // GIN_CURRENT_VERSION
    page.write(noBlock, at: page.count - specialBytes)
    page.write(UInt16(1 << 3), at: page.count - 2)  // GIN_META
    return page
  }

  static func brin(pagesPerRange: Int, mapPages: Int64) -> [UInt8] {
    var page = empty(dataBytes: 16)
    func put(_ value: UInt32, _ offset: Int) { page.write(value, at: headerBytes + offset) }
    put(0xa810_9cfa, 0)  // BRIN_META_MAGIC
    put(1, 4)  // BRIN_CURRENT_VERSION
    put(UInt32(clamping: pagesPerRange), 8)
    put(UInt32(clamping: mapPages), 12)
    page.write(UInt16(0xf091), at: page.count - 2)  // BRIN_PAGETYPE_META
    return page
  }

  private static func empty(dataBytes: Int) -> [UInt8] {
    var page = [UInt8](repeating: 0, count: BTreePages.pageBytes)
    page.write(UInt16(headerBytes + dataBytes), at: 12)
    page.write(UInt16(page.count - specialBytes), at: 14)
    page.write(UInt16(page.count - specialBytes), at: 16)
    page.write(UInt16(page.count | 4), at: 18)
    return page
  }
}

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

  /// An index without pending entries.
  static func gin(_ counts: IndexSizeEstimate.GINPages, pages: Int64) -> [UInt8] {
    var page = empty(dataBytes: 56)
    func put(_ value: some FixedWidthInteger, _ offset: Int) { page.write(value, at: headerBytes + offset) }
    put(noBlock, 0)  // head and tail of the list of pending pages
    put(noBlock, 4)
    put(UInt32(clamping: pages), 24)
    put(UInt32(clamping: counts.entryPages), 28)
    put(UInt32(clamping: counts.dataPages), 32)
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

extension [UInt8] {
  fileprivate mutating func write(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: type(of: value)) }
  }
}

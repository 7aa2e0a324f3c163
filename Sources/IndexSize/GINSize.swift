import Glibc

/// Size of a GIN index as CREATE INDEX builds it: a tree of entries with short posting lists in them, and a tree of data
/// pages for each entry whose list is long.
///
/// Sources: PostgreSQL `ginpostinglist.c` (differences of heap pointers as numbers of 7 bits a byte), `ginentrypage.c`
/// (`GinFormTuple`, `entrySplitPage`: pages are split in the middle, also when entries come in order, as they do in a
/// build), `gindatapage.c` (`createPostingTree`, `dataBeginPlaceToPageLeaf`: in a build data pages are filled),
/// `ginblock.h` (`GinMaxItemSize`), `ginbulk.c` (memory of the entries that are gathered before they are inserted).
public enum GINSize {
  private static let pageSpace = 8192.0 - 24 - 8
  private static let dataPageSpace = 8192.0 - 24 - 8 - 8
  /// `GinMaxItemSize`.
  private static let longestTuple = 2_712
  private static let linePointer = 4.0
  /// First heap pointer and length of a posting list.
  private static let listHeader = 8.0
  /// `GinPostingListSegmentTargetSize` and `GinPostingListSegmentMaxSize`.
  private static let segmentBytes = 256.0
  private static let firstSegmentBytes = 384.0
  /// Child pointers of an inner page of a posting tree: `PostingItem` of 10 bytes.
  private static let childrenPerDataPage = 815.0
  /// How full pages are that were split in the middle again and again while their entries grew in several passes (Yao,
  /// "On random 2-3 trees", Acta Informatica 9, 1978: ln 2).
  private static let fillOfSeveralPasses = 0.69

  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    let tablePages = Double(max(1, shape.tablePages))
    let header = shape.keys.count > 1 ? 8 + 2 : 8
    var leafBytes = 0.0
    var keyBytes = 0.0
    var entries = 0.0
    var dataPages = 0.0
    var memory = 0.0
    var isRough = false
    // Pages of entries whose list is about as long as fits beside the key: whether it gets pages of its own hangs on how
    // the rows lie.
    var undecidedPages = 0.0
    for column in shape.keys {
      isRough = isRough || column.entriesAreRough
      for entry in column.entries where entry.values > 0 {
        // With several columns the column's number comes first.
        let base = Double(BTreeSize.aligned(column.end(after: header, bytes: entry.keyBytes)))
        let each = averageDifference(rows: entry.rows, tablePages: tablePages, column: column, of: shape)
        let list = listHeader + max(0, entry.rows - 1) * each
        let tuple = Double(BTreeSize.aligned(Int((base + list).rounded(.up))))
        entries += entry.values
        keyBytes += entry.values * (base + linePointer)
        if tuple <= Double(longestTuple) {
          leafBytes += entry.values * (tuple + linePointer)
        } else {
          leafBytes += entry.values * (base + linePointer)
          dataPages += entry.values * pagesOfPostingTree(rows: entry.rows, difference: each)
        }
        if tuple > Double(longestTuple) / 2, tuple < Double(longestTuple) * 2 {
          undecidedPages += entry.values * max(tuple / pageSpace, tuple > Double(longestTuple) ? 1 : 0)
        }
        memory += entry.values * (64 + Double(entry.keyBytes) + max(32, entry.rows * 6 * 1.44))
      }
    }
    entries = max(entries, 1)
    let passes = max(1, (memory / Double(max(1, shape.buildMemoryBytes))).rounded(.up))
    let entryPages = pagesOfEntryTree(
      leafBytes: leafBytes, tuple: leafBytes / entries, inner: keyBytes / entries, passes: passes)
    dataPages = dataPages.rounded()
    return IndexSizeEstimate(
      pages: Int64(1 + entryPages + dataPages), height: 0, entries: shape.rows,
      isRough: isRough || passes > 1 || undecidedPages > 0.25 * (entryPages + dataPages),
      gin: .init(entryPages: Int64(entryPages), dataPages: Int64(dataPages), entries: Int64(entries.rounded())))
  }

  private static func pagesOfEntryTree(leafBytes: Double, tuple: Double, inner: Double, passes: Double) -> Double {
    guard leafBytes > pageSpace else { return 1 }
    func pages(_ bytes: Double, _ item: Double) -> Double {
      // The left page keeps what exceeds half of a full page and the tuple that did not fit.
      let kept = passes > 1 ? pageSpace * fillOfSeveralPasses : pageSpace / 2 + 0.75 * item
      return max(1, (bytes / min(kept, pageSpace)).rounded(.up))
    }
    var level = pages(leafBytes, tuple)
    var total = level
    while level > 1 {
      level = level * inner > pageSpace ? pages(level * inner, inner) : 1
      total += level
    }
    return total
  }

  private static func pagesOfPostingTree(rows: Double, difference: Double) -> Double {
    let first = (dataPageSpace / firstSegmentBytes).rounded(.down) * (1 + (firstSegmentBytes - listHeader) / difference)
    guard rows > first else { return 1 }
    let perPage = (dataPageSpace / segmentBytes).rounded(.down) * (1 + (segmentBytes - listHeader) / difference)
    let leaves = 1 + max(1, ((rows - first) / perPage).rounded(.up))
    return leaves + 1 + (leaves > childrenPerDataPage ? (leaves / childrenPerDataPage).rounded(.up) : 0)
  }

  /// Average bytes of the difference of two neighbours in a posting list.
  private static func averageDifference(
    rows: Double, tablePages: Double, column: IndexedColumn, of shape: IndexShape
  ) -> Double {
    guard rows > 1 else { return 1 }
    let rowsPerPage = max(1, shape.rows / tablePages)
    // Spread over the table as by chance, or packed where equal values lie together.
    let density = column.isClustered ? max(rowsPerPage, rows / tablePages) : rows / tablePages
    let pages = column.isClustered ? max(1, rows / density) : tablePages
    let filled = pages * -expm1(-density)
    let crossings = max(0, min(rows, filled) - 1)
    let inside = max(0, rows - 1 - crossings)
    guard crossings > 0 else { return 1 }
    // The pointer is block * 2,048 + line: pages crossed that still fit into 14, 21 and 28 bits.
    func beyond(_ pages: Double) -> Double { exp(-density * pages) }
    let crossing = 2 + beyond(7.5) + beyond(1_023.5) + beyond(131_071.5)
    return (inside + crossings * crossing) / (rows - 1)
  }
}

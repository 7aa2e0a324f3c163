import Glibc

/// Size of a BRIN index: one summary for each range of pages, and a map from ranges to summaries.
///
/// Sources: PostgreSQL `brin_tuple.c` (`brin_form_tuple`), `brin_page.h` (`REVMAP_PAGE_MAXITEMS`), `brin_minmax_multi.c`
/// (32 values a range unless told otherwise), `brin_bloom.c` (`brin_bloom_get_ndistinct`, `bloom_init`).
public enum BRINSize {
  static let rangesPerMapPage = 1_360.0
  private static let pageSpace = 8192.0 - 24 - 8

  /// Pages of the map of an index whose table has so many pages.
  public static func mapPages(tablePages: Int64, pagesPerRange: Int) -> Int64 {
    let ranges = max(1, (Double(tablePages) / Double(max(1, pagesPerRange))).rounded(.up))
    return Int64((ranges / rangesPerMapPage).rounded(.up))
  }

  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    let ranges = max(1, (Double(shape.tablePages) / Double(max(1, shape.pagesPerRange))).rounded(.up))
    let rowsPerRange = shape.rows / ranges
    var end = 0
    var isRough = false
    for column in shape.keys {
      let width = Int(column.averageWidth.rounded())
      switch column.operatorClass {
      case let name where name.hasSuffix("_minmax_multi_ops"):
        // Values of a range as one byte string behind a header of 24 bytes; no more values than rows.
        let values = min(32, rowsPerRange, column.isClustered ? rowsPerRange : column.distinct)
        end = column.variableEnd(
          after: end, bytes: 28 + Int(values.rounded()) * (width + (column.isFixedLength ? 0 : 4)))
        isRough = true
      case let name where name.hasSuffix("_bloom_ops"):
        let rows = 291 * Double(shape.pagesPerRange)
        let distinct = min(max(16, 0.1 * rows), rows)
        end = column.variableEnd(
          after: end, bytes: 20 + Int((distinct * -log(0.01) / (M_LN2 * M_LN2) / 8).rounded(.up)))
        isRough = true
      case let name where name.contains("inclusion"):
        // The union and two flags.
        end = column.end(after: end, bytes: width) + 2
      default:
        for _ in 0..<2 { end = column.end(after: end, bytes: width) }
      }
    }
    // Two bits for nulls of each column where there are any.
    let hasNulls = shape.keys.contains { $0.nullFraction > 0 }
    let header = BTreeSize.aligned(5 + (hasNulls ? (2 * shape.keys.count + 7) / 8 : 0))
    let perPage = max(1, (pageSpace / Double(BTreeSize.aligned(header + end) + 4)).rounded(.down))
    let map = mapPages(tablePages: shape.tablePages, pagesPerRange: shape.pagesPerRange)
    let pages = 1 + map + Int64((ranges / perPage).rounded(.up))
    return IndexSizeEstimate(pages: pages, height: 0, entries: shape.rows, isRough: isRough)
  }
}

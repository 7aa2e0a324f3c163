/// Size of a BRIN index: one summary for each range of pages, and a map from ranges to summaries.
///
/// Sources: PostgreSQL `brin_tuple.h`, `brin_tuple.c` (`brin_form_tuple`), `brin_page.h` (`REVMAP_PAGE_MAXITEMS`).
public enum BRINSize {
  private static let rangesPerMapPage = 1_360.0
  private static let pageSpace = 8192.0 - 24 - 8

  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    let ranges = max(1, (Double(shape.tablePages) / Double(max(1, shape.pagesPerRange))).rounded(.up))
    // The minmax classes keep two values; two bits for nulls of each column.
    var end = 0
    for column in shape.keys {
      for _ in 0..<2 { end = column.end(after: end, bytes: Int(column.averageWidth.rounded())) }
    }
    let hasNulls = shape.keys.contains { $0.nullFraction > 0 }
    let header = BTreeSize.aligned(5 + (hasNulls ? (2 * shape.keys.count + 7) / 8 : 0))
    let perPage = max(1, (pageSpace / Double(BTreeSize.aligned(header + end) + 4)).rounded(.down))
    let pages = 1 + (ranges / rangesPerMapPage).rounded(.up) + (ranges / perPage).rounded(.up)
    return IndexSizeEstimate(pages: Int64(pages), height: 0, entries: shape.rows, isRough: false)
  }
}

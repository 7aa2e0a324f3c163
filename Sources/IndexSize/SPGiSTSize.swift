/// A rough size of an SP-GiST index: one leaf tuple for each row; inner tuples and the room that unequal branches leave
/// take a third of it. Measured on PostgreSQL 15: pages 58 to 78 % full. Leaf tuples: `spgist_private.h`
/// (`SpGistLeafTupleData`, 12 bytes, aligned).
public enum SPGiSTSize {
  private static let fill = 0.68

  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    var end = 16
    for column in shape.keys + shape.included {
      end = column.end(after: end, bytes: Int(column.averageWidth.rounded()))
    }
    let perPage = max(1, (8192.0 - 24 - 8) * fill / Double(BTreeSize.aligned(end) + 4))
    // Metapage, root, and the root of the nulls (`SPGIST_LAST_FIXED_BLKNO`).
    let pages = 3 + (shape.rows / perPage).rounded(.up)
    return IndexSizeEstimate(pages: Int64(pages), height: 0, entries: shape.rows, isRough: true)
  }
}

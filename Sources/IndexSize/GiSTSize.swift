/// A rough size of a GiST index: one tuple for each row, on pages as full as splitting leaves them.
///
/// How full that is depends on how an operator class divides a page, which no statistics tell. Measured on PostgreSQL 15
/// to 18 with ranges, points, addresses, trigrams, texts and numbers: 47 % where rows come in the key's order, 51 to 63 %
/// otherwise, 70 % where the class sorts (points, from version 14 on). Tuple layout: `gistutil.c` (`gistFormTuple`).
public enum GiSTSize {
  private static let pageSpace = 8192.0 - 24 - 16

  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    var end = 8
    for column in shape.keys { end = column.end(after: end, bytes: keyBytes(column)) }
    for column in shape.included { end = column.end(after: end, bytes: Int(column.averageWidth.rounded())) }
    let tuple = Double(BTreeSize.aligned(end) + 4)
    let fill =
      shape.keys.first?.operatorClass == "point_ops" ? 0.70 : shape.keys.contains(where: \.isClustered) ? 0.48 : 0.57
    let perPage = max(1, (pageSpace * fill / tuple).rounded(.down))
    var level = max(1, (shape.rows / perPage).rounded(.up))
    var pages = level
    while level > 1 {
      level = (level / max(2, perPage)).rounded(.up)
      pages += level
    }
    return IndexSizeEstimate(pages: Int64(pages), height: 0, entries: shape.rows, isRough: true)
  }

  /// Bytes of a leaf's key, by operator class.
  private static func keyBytes(_ column: IndexedColumn) -> Int {
    let width = Int(column.averageWidth.rounded())
    switch column.operatorClass {
    case "point_ops", "box_ops", "circle_ops", "poly_ops": return 32
    // Family, bits and the address, `network_gist.c`.
    case "inet_ops", "cidr_ops": return 8
    // One trigram of 3 bytes a letter and one more for each word, `trgm_gist.c`.
    case "gist_trgm_ops": return 5 + 3 * (width + 1)
    // A hash of 4 bytes for each word, `tsgistidx.c`.
    case "tsvector_ops": return 5 + 4 * max(1, (width - 8) / 14)
    case let name where name.hasPrefix("gist_") && column.typeLength > 0:
      // btree_gist keeps a lower and an upper bound, also in leaves.
      return 2 * column.typeLength
    default: return width
    }
  }
}

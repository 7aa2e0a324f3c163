/// A rough size for an index of a kind whose layout depends on values that no statistics tell: one entry of the keys'
/// width for each row, on pages two thirds full, as trees are that grew by splitting pages.
public enum GenericSize {
  public static func estimate(_ shape: IndexShape) -> IndexSizeEstimate {
    let width = shape.keys.reduce(8) { BTreeSize.aligned($0 + Int($1.averageWidth.rounded())) }
    let entriesPerPage = max(1, (8192.0 - 40) * 0.67 / Double(width + 4))
    let leaves = (shape.rows / entriesPerPage).rounded(.up)
    let pages = 1 + leaves + (leaves / 100).rounded(.up)
    return IndexSizeEstimate(pages: Int64(max(2, pages)), height: 0, entries: shape.rows, isRough: true)
  }
}

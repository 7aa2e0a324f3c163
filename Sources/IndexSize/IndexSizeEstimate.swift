/// How large an index will be once it is built on production's rows.
public struct IndexSizeEstimate: Hashable, Sendable {
  /// Bytes of a page. Every server that is spoken to has the default block size.
  public static let pageBytes: Int64 = 8192

  /// Pages of the main fork, the metapage included.
  public var pages: Int64
  /// Levels above the leaves of a B-tree (`btm_level`); 0 for other kinds.
  public var height: Int
  /// Entries in the index, one for each row that it covers.
  public var entries: Double
  /// True where the size is a guess by rule of thumb rather than by the page layout and known statistics.
  public var isRough: Bool

  public var bytes: Int64 { pages * Self.pageBytes }

  public init(pages: Int64, height: Int, entries: Double, isRough: Bool) {
    self.pages = pages
    self.height = height
    self.entries = entries
    self.isRough = isRough
  }
}

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
  /// Pages if its columns depend on each other as far as they can, where the size is that of columns that have nothing
  /// to do with each other and that makes a difference.
  public var leastPages: Int64?
  /// What a GIN index's metapage counts; nil for other kinds.
  public var gin: GINPages?

  /// The counts by which the planner reckons what a search in a GIN index reads (`ginGetStats`).
  public struct GINPages: Hashable, Sendable {
    public var entryPages: Int64
    public var dataPages: Int64
    public var entries: Int64
    public init(entryPages: Int64, dataPages: Int64, entries: Int64) {
      self.entryPages = entryPages
      self.dataPages = dataPages
      self.entries = entries
    }

    /// The same proportions in an index of which the number of pages is known.
    public func scaled(toPages pages: Int64) -> GINPages {
      let total = Double(max(1, entryPages + dataPages))
      let available = Double(max(1, pages - 1))
      let entry = max(1, (Double(entryPages) * available / total).rounded())
      return GINPages(
        entryPages: Int64(entry), dataPages: Int64(max(0, available - entry)),
        entries: max(1, Int64((Double(entries) * available / total).rounded())))
    }
  }

  public var bytes: Int64 { pages * Self.pageBytes }

  public init(pages: Int64, height: Int, entries: Double, isRough: Bool, gin: GINPages? = nil) {
    self.pages = pages
    self.height = height
    self.entries = entries
    self.isRough = isRough
    self.gin = gin
  }
}

/// What the size of an index depends on in one of its columns or expressions.
public struct IndexedColumn: Hashable, Sendable {
  /// Stored values of this many bytes, and their share among the values that are not null.
  public struct Width: Hashable, Sendable {
    /// With the value's length word: 1 byte for short values, 4 for long ones.
    public var bytes: Int
    public var share: Double
    public init(bytes: Int, share: Double) {
      self.bytes = bytes
      self.share = share
    }
  }

  /// Values that are about equally frequent.
  public struct FrequencyClass: Hashable, Sendable {
    /// Share of the index's rows that have one of these values.
    public var share: Double
    /// Values in the class.
    public var values: Double
    public init(share: Double, values: Double) {
      self.share = share
      self.values = values
    }
  }

  /// `pg_type.typlen`: bytes of a value of fixed length, -1 for a length word, -2 for a C string.
  public var typeLength: Int
  /// `pg_type.typalign` in bytes: 1, 2, 4 or 8.
  public var alignment: Int
  /// Stored widths of the values; one entry is enough where only the average is known. Ignored for fixed lengths.
  public var widths: [Width]
  /// Stored widths of the common values, as long as `commonFrequencies`, or empty.
  public var commonWidths: [Int] = []
  /// Stored widths of the values that are not common; empty where they are not known apart.
  public var otherWidths: [Width] = []
  /// Share of the index's rows in which it is null.
  public var nullFraction: Double
  /// Distinct values that are not null, among the index's rows.
  public var distinct: Double
  /// Shares of the index's rows that have the most common values, largest first.
  public var commonFrequencies: [Double]
  /// The values that are not common, where they are known not to be alike.
  public var others: [FrequencyClass] = []
  /// Whether equal values lie together in the table.
  public var isClustered: Bool
  /// `pg_opclass.opcname`; empty where it makes no difference.
  public var operatorClass: String
  /// What a GIN index keeps of this column.
  public var entries: [EntryClass] = []
  /// Whether `entries` were reckoned from so few values that they are only a rough guess.
  public var entriesAreRough = false

  public init(
    typeLength: Int, alignment: Int, widths: [Width] = [], nullFraction: Double = 0, distinct: Double,
    commonFrequencies: [Double] = [], isClustered: Bool = false, operatorClass: String = ""
  ) {
    self.typeLength = typeLength
    self.alignment = alignment
    self.widths = widths
    self.nullFraction = nullFraction
    self.distinct = distinct
    self.commonFrequencies = commonFrequencies
    self.isClustered = isClustered
    self.operatorClass = operatorClass
  }

  public var isFixedLength: Bool { typeLength > 0 }

  /// Average stored width of a value that is not null, in bytes.
  public var averageWidth: Double {
    if isFixedLength { return Double(typeLength) }
    let total = widths.reduce(0) { $0 + $1.share }
    return total > 0 ? widths.reduce(0) { $0 + Double($1.bytes) * $1.share } / total : 32
  }

  /// Where a value of `bytes` ends when the tuple's data so far end at `offset`.
  /// Source: `heap_compute_data_size` and `att_align_datum`: a value with a one-byte length word is not aligned.
  func end(after offset: Int, bytes: Int) -> Int {
    if typeLength == -1, bytes <= Self.longestShort { return offset + bytes }
    return (offset + alignment - 1) / alignment * alignment + bytes
  }

  /// The same for a value of variable width, whatever the column's own type is.
  func variableEnd(after offset: Int, bytes: Int) -> Int {
    bytes <= Self.longestShort ? offset + bytes : (offset + 3) / 4 * 4 + bytes
  }

  /// `VARATT_SHORT_MAX`: a value whose one-byte length word still counts it.
  public static let longestShort = 127
}

/// What the size of an index depends on.
public struct IndexShape: Hashable, Sendable {
  /// Rows that the index covers.
  public var rows: Double
  public var keys: [IndexedColumn]
  /// Columns in leaf pages only.
  public var included: [IndexedColumn]
  /// For each number of leading key columns, from 1 on, how many distinct combinations they take in the index's rows,
  /// null counted as a value. As long as `keys`, and never falling.
  public var prefixDistinct: [Double]
  /// How many rows have the same key, in classes of keys that are about equally frequent.
  public var groups: [KeyGroup]
  /// The same if the columns depend on each other as far as they can; nil where that is not open.
  public var leastGroups: [KeyGroup]?
  public var isUnique: Bool
  /// Whether equal keys share one tuple: what the empty index's own metapage says (`btm_allequalimage`) and its
  /// storage parameter `deduplicate_items`. From PostgreSQL 13 on.
  public var deduplicates: Bool
  /// Storage parameter `fillfactor` in percent; nil for the kind's own default.
  public var fillFactor: Int?
  /// Pages of the table.
  public var tablePages: Int64
  /// BRIN's `pages_per_range`.
  public var pagesPerRange: Int
  /// Storage parameters by name.
  public var options: [String: String] = [:]
  /// `maintenance_work_mem` of the server that builds the index, in bytes.
  public var buildMemoryBytes: Int64 = 64 << 20

  /// The `bloom` module's storage parameter `length`.
  var signatureBits: Int { options["length"].flatMap { Int($0) } ?? 80 }

  public init(
    rows: Double, keys: [IndexedColumn], included: [IndexedColumn] = [], prefixDistinct: [Double],
    groups: [KeyGroup] = [], isUnique: Bool = false, deduplicates: Bool = true, fillFactor: Int? = nil,
    tablePages: Int64 = 0,
    pagesPerRange: Int = 128
  ) {
    self.rows = rows
    self.keys = keys
    self.included = included
    self.prefixDistinct = prefixDistinct
    let distinct = min(max(prefixDistinct.last ?? rows, 1), max(rows, 1))
    self.groups = groups.isEmpty ? [KeyGroup(rows: max(1, rows / distinct), values: distinct)] : groups
    self.isUnique = isUnique
    self.deduplicates = deduplicates
    self.fillFactor = fillFactor
    self.tablePages = tablePages
    self.pagesPerRange = pagesPerRange
  }
}

/// Keys that occur about equally often.
public struct KeyGroup: Hashable, Sendable {
  /// Rows that have the same key, on average over the keys that occur at all.
  public var rows: Double
  /// Keys that occur.
  public var values: Double
  /// The key of which every column is null.
  public var isNull: Bool
  /// Stored width of the only column, where these keys' own width is known.
  public var width: Int?

  public init(rows: Double, values: Double, isNull: Bool = false, width: Int? = nil) {
    self.rows = rows
    self.values = values
    self.isNull = isNull
    self.width = width
  }
}

/// Entries of a GIN index that point to about equally many rows.
public struct EntryClass: Hashable, Sendable {
  /// Rows that have the entry.
  public var rows: Double
  /// Entries alike.
  public var values: Double
  /// Stored bytes of the entry's key.
  public var keyBytes: Int

  public init(rows: Double, values: Double, keyBytes: Int) {
    self.rows = rows
    self.values = values
    self.keyBytes = keyBytes
  }
}

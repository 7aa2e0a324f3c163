public import Model

/// What the adviser needs to know of one table; where it comes from (a captured catalog, a test) is the caller's matter.
public struct TableFacts: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, Codable {
    case table, partitioned, partition, materializedView, foreign
  }

  public var name: RelationName
  public var kind: Kind
  /// The planner's estimate of live rows; of all partitions together for a partitioned table.
  public var rows: Double
  public var heapBytes: Int64
  public var columns: [ColumnFacts]
  public var indexes: [IndexFacts]
  /// Column lists of this table's own foreign keys.
  public var foreignKeys: [[String]]
  /// The direct partitions of a partitioned table.
  public var partitions: [RelationName]
  /// Counters since `WriteCounters.seconds` ago; nil where not captured.
  public var writes: WriteCounters?

  public init(
    name: RelationName, kind: Kind = .table, rows: Double, heapBytes: Int64, columns: [ColumnFacts],
    indexes: [IndexFacts] = [], foreignKeys: [[String]] = [], partitions: [RelationName] = [],
    writes: WriteCounters? = nil
  ) {
    self.name = name
    self.kind = kind
    self.rows = rows
    self.heapBytes = heapBytes
    self.columns = columns
    self.indexes = indexes
    self.foreignKeys = foreignKeys
    self.partitions = partitions
    self.writes = writes
  }

  public func column(_ name: String) -> ColumnFacts? { columns.first { $0.name == name } }
  /// The primary key's columns, empty for none.
  public var primaryKey: [String] { indexes.first(where: \.isPrimary)?.definition.keys.compactMap(\.columnName) ?? [] }
}

/// A column with what the planner's statistics say of it.
public struct ColumnFacts: Hashable, Sendable {
  public var name: String
  /// `format_type`: `integer`, `character varying(20)`, `jsonb`.
  public var type: String
  public var isNotNull: Bool
  /// Bytes, of the values that are not null; nil where there are no statistics.
  public var averageWidth: Int?
  /// Different values in the whole table (not a ratio), nil where there are no statistics.
  public var distinct: Double?
  /// 0…1.
  public var nullFraction: Double?
  /// −1…1: how well the rows' order follows the column's.
  public var correlation: Double?
  /// Whether the type's default operator classes include one for B-trees.
  public var hasBTree: Bool
  /// Whether the column sorts by bytes (collation C or POSIX, or a type without collation).
  public var sortsByBytes: Bool

  public init(
    name: String, type: String, isNotNull: Bool = false, averageWidth: Int? = nil, distinct: Double? = nil,
    nullFraction: Double? = nil, correlation: Double? = nil, hasBTree: Bool = true, sortsByBytes: Bool = false
  ) {
    self.name = name
    self.type = type
    self.isNotNull = isNotNull
    self.averageWidth = averageWidth
    self.distinct = distinct
    self.nullFraction = nullFraction
    self.correlation = correlation
    self.hasBTree = hasBTree
    self.sortsByBytes = sortsByBytes
  }

  var isText: Bool {
    type == "text" || type.hasPrefix("character") || type.hasPrefix("varchar") || type == "name" || type == "citext"
  }
}

/// An existing index.
public struct IndexFacts: Hashable, Sendable {
  /// Without its schema.
  public var name: String
  public var definition: IndexDefinition
  public var sizeBytes: Int64
  public var isPrimary: Bool
  /// It enforces a constraint (primary key, unique, exclusion).
  public var isConstraint: Bool
  public var isReplicaIdentity: Bool
  public var isClustered: Bool
  public var isValid: Bool
  /// Scans since the counters were reset; nil where not captured.
  public var scans: Int64?
  /// Where the index is a partition of a partitioned index: it cannot be dropped alone.
  public var isPartition: Bool

  public init(
    name: String, definition: IndexDefinition, sizeBytes: Int64, isPrimary: Bool = false, isConstraint: Bool = false,
    isReplicaIdentity: Bool = false, isClustered: Bool = false, isValid: Bool = true, scans: Int64? = nil,
    isPartition: Bool = false
  ) {
    self.name = name
    self.definition = definition
    self.sizeBytes = sizeBytes
    self.isPrimary = isPrimary
    self.isConstraint = isConstraint
    self.isReplicaIdentity = isReplicaIdentity
    self.isClustered = isClustered
    self.isValid = isValid
    self.scans = scans
    self.isPartition = isPartition
  }
}

/// Rows written to a table (`pg_stat_user_tables`) in some time.
public struct WriteCounters: Hashable, Sendable {
  public var inserts: Double
  public var updates: Double
  /// Updates that touched no index (heap-only tuples).
  public var hotUpdates: Double
  public var deletes: Double
  /// The time in which they happened.
  public var seconds: Double

  public init(inserts: Double, updates: Double, hotUpdates: Double, deletes: Double, seconds: Double) {
    self.inserts = inserts
    self.updates = updates
    self.hotUpdates = hotUpdates
    self.deletes = deletes
    self.seconds = seconds
  }
}

/// The database that is advised.
public struct DatabaseFacts: Sendable {
  public var version: ServerVersion
  public var tables: [TableFacts]
  /// Queries of views by name.
  public var views: [RelationName: String]
  /// The schemas in which unqualified names are looked up, first to last.
  public var searchPath: [String]
  /// Days since the usage counters (`idx_scan` …) were reset; nil where that is not known.
  public var statisticsAgeDays: Double?

  public init(
    version: ServerVersion, tables: [TableFacts], views: [RelationName: String] = [:],
    searchPath: [String] = ["public"], statisticsAgeDays: Double? = nil
  ) {
    self.version = version
    self.tables = tables
    self.views = views
    self.searchPath = searchPath
    self.statisticsAgeDays = statisticsAgeDays
  }
}

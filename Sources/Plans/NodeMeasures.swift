/// What the planner expected of a node.
public struct Estimate: Hashable, Sendable {
  /// Planner cost units.
  public var startupCost: Double = 0
  public var totalCost: Double = 0
  /// For each execution of the node.
  public var rows: Double = 0
  /// Bytes of an average row.
  public var width: Double = 0

  public init() {}
}

/// What the executor measured of a node, as printed: averages over `loops` executions.
public struct Actual: Hashable, Sendable {
  /// Milliseconds to the first row; nil with `TIMING OFF`.
  public var startup: Double?
  /// Milliseconds to the last row; nil with `TIMING OFF`.
  public var total: Double?
  public var rows: Double = 0
  /// Executions; 0 for a node that was never executed.
  public var loops: Double = 0

  public init() {}
}

/// Blocks and block times, of the node and everything below it, summed over all its executions and workers.
public struct BufferUsage: Hashable, Sendable {
  /// Blocks.
  public var sharedHit = 0.0, sharedRead = 0.0, sharedDirtied = 0.0, sharedWritten = 0.0
  public var localHit = 0.0, localRead = 0.0, localDirtied = 0.0, localWritten = 0.0
  public var tempRead = 0.0, tempWritten = 0.0
  /// Milliseconds, with `track_io_timing`. Before PostgreSQL 17 the shared figures hold the local ones too.
  public var sharedReadTime = 0.0, sharedWriteTime = 0.0, localReadTime = 0.0, localWriteTime = 0.0
  public var tempReadTime = 0.0, tempWriteTime = 0.0

  public init() {}

  public var isZero: Bool { self == BufferUsage() }
  /// Blocks of every kind that were asked for.
  public var touched: Double { sharedHit + sharedRead + localHit + localRead + tempRead }
}

/// Write-ahead log of the node and everything below it.
public struct WALUsage: Hashable, Sendable {
  public var records = 0.0, fullPageImages = 0.0, bytes = 0.0, buffersFull = 0.0

  public init() {}
}

/// A property's value. Flags and counters that are zero are absent, because the text format leaves them out.
public enum PlanValue: Hashable, Sendable {
  case number(Double)
  case text(String)
  case list([String])
}

/// A property that this release does not know, kept as printed.
public struct UnknownProperty: Hashable, Sendable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// Everything that is measured both for a node and for each of its parallel workers.
public struct NodeMeasures: Hashable, Sendable {
  public var actual: Actual?
  public var buffers = BufferUsage()
  public var wal = WALUsage()
  /// The rest of the known properties, each key once, in the order of the document.
  public var properties: [(key: PlanKey, value: PlanValue)] = []
  public var unknown: [UnknownProperty] = []

  public init() {}

  public static func == (a: NodeMeasures, b: NodeMeasures) -> Bool {
    a.actual == b.actual && a.buffers == b.buffers && a.wal == b.wal && a.unknown == b.unknown
      && a.properties.count == b.properties.count
      && zip(
        a.properties.sorted { $0.key.rawValue < $1.key.rawValue },
        b.properties.sorted { $0.key.rawValue < $1.key.rawValue }
      ).allSatisfy { $0 == $1 }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(actual)
    hasher.combine(properties.count)
  }

  public subscript(key: PlanKey) -> PlanValue? {
    for property in properties where property.key == key { return property.value }
    return nil
  }

  /// The number of that key; 0 where it is absent.
  public func number(_ key: PlanKey) -> Double {
    if case .number(let number)? = self[key] { number } else { 0 }
  }
  public func text(_ key: PlanKey) -> String? {
    if case .text(let text)? = self[key] { text } else { nil }
  }
  public func list(_ key: PlanKey) -> [String] {
    if case .list(let list)? = self[key] { list } else { [] }
  }

  /// Sets or replaces a property.
  mutating func put(_ key: PlanKey, _ value: PlanValue) {
    for index in properties.indices where properties[index].key == key {
      properties[index].value = value
      return
    }
    if properties.isEmpty { properties.reserveCapacity(4) }
    properties.append((key, value))
  }

  /// Takes a number that is printed for nodes and workers alike.
  mutating func set(_ key: PlanKey, number: Double) {
    switch key {
    case .actualStartupTime: withActual { $0.startup = number }
    case .actualTotalTime: withActual { $0.total = number }
    case .actualRows: withActual { $0.rows = number }
    case .actualLoops: withActual { $0.loops = number }
    case .sharedHitBlocks: buffers.sharedHit = number
    case .sharedReadBlocks: buffers.sharedRead = number
    case .sharedDirtiedBlocks: buffers.sharedDirtied = number
    case .sharedWrittenBlocks: buffers.sharedWritten = number
    case .localHitBlocks: buffers.localHit = number
    case .localReadBlocks: buffers.localRead = number
    case .localDirtiedBlocks: buffers.localDirtied = number
    case .localWrittenBlocks: buffers.localWritten = number
    case .tempReadBlocks: buffers.tempRead = number
    case .tempWrittenBlocks: buffers.tempWritten = number
    case .ioReadTime, .sharedIOReadTime: buffers.sharedReadTime = number
    case .ioWriteTime, .sharedIOWriteTime: buffers.sharedWriteTime = number
    case .localIOReadTime: buffers.localReadTime = number
    case .localIOWriteTime: buffers.localWriteTime = number
    case .tempIOReadTime: buffers.tempReadTime = number
    case .tempIOWriteTime: buffers.tempWriteTime = number
    case .walRecords: wal.records = number
    case .walFPI: wal.fullPageImages = number
    case .walBytes: wal.bytes = number
    case .walBuffersFull: wal.buffersFull = number
    default: if number != 0 { put(key, .number(number)) }
    }
  }

  private mutating func withActual(_ change: (inout Actual) -> Void) {
    var value = actual ?? Actual()
    change(&value)
    actual = value
  }
}

/// A parallel worker's share of a node.
public struct PlanWorker: Hashable, Sendable {
  public var number: Int
  public var measures = NodeMeasures()
  public var jit: JITUsage?

  public init(number: Int) { self.number = number }
}

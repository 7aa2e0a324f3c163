public import Model

/// All rows of one server's pg_stat_statements at one instant, with what is needed to compare them with others.
public struct StatementsSnapshot: Hashable, Sendable {
  public var server: ServerIdentity
  /// When the rows were read, by the server's clock.
  public var at: Timestamp
  public var context: StatementsContext
  /// Ascending by key, no key twice.
  public private(set) var rows: [StatementRow]
  /// Rows that cannot be followed because the role may not see their query id, and their execution time in nanoseconds.
  public private(set) var hiddenRows: Int
  public private(set) var hiddenExecTime: Int64
  /// Names by number, as far as the source knows them.
  public var databases: [UInt32: String]
  public var users: [UInt32: String]

  public init(
    server: ServerIdentity, at: Timestamp, context: StatementsContext, rows: [StatementRow],
    databases: [UInt32: String] = [:], users: [UInt32: String] = [:]
  ) {
    self.server = server
    self.at = at
    self.context = context
    self.databases = databases
    self.users = users
    let visible = rows.filter(\.key.queryID.isKnown).sorted { $0.key < $1.key }
    let hidden = rows.filter { !$0.key.queryID.isKnown }
    hiddenRows = hidden.count
    hiddenExecTime = hidden.reduce(0) { $0 + $1.counters[.execTime] }
    let isRepeated = zip(visible, visible.dropFirst()).contains { $0.key == $1.key }
    if isRepeated, context.isComplete ?? true, !context.tellsLevels {
      self.rows = Self.withoutLevels(visible)
    } else if isRepeated {
      // An export that was pasted together.
      var seen: Set<StatementKey> = []
      self.rows = visible.filter { seen.insert($0.key).inserted }
    } else {
      self.rows = visible
    }
    let users = Set(hidden.map(\.key.userID))
    if !users.isEmpty { self.context.hiddenUsers = users.sorted() }
  }

  /// One row for each key without its level: where a statement has a nested and an outer entry, the sum of both, of
  /// which nobody knows when it began or what its extremes would be.
  static func withoutLevels(_ rows: [StatementRow]) -> [StatementRow] {
    var result: [StatementRow] = []
    result.reserveCapacity(rows.count)
    // Ascending by key with the level last, so both levels are neighbours.
    for row in rows {
      var row = row
      row.key.isTopLevel = true
      guard let last = result.last, last.key == row.key else {
        result.append(row)
        continue
      }
      var sum = StatementRow(key: row.key, query: last.query ?? row.query, counters: last.counters)
      sum.counters += row.counters
      result[result.count - 1] = sum
    }
    return result
  }

  public func databaseName(_ id: UInt32) -> String { databases[id] ?? (id == 0 ? "" : "database \(id)") }
  public func userName(_ id: UInt32) -> String { users[id] ?? (id == 0 ? "" : "role \(id)") }
}

/// What a snapshot's counters depend on: whatever changes here between two snapshots may have interrupted them.
public struct StatementsContext: Hashable, Sendable, Codable {
  /// `pg_postmaster_start_time()`.
  public var serverStart: Timestamp?
  /// `pg_stat_statements_info.stats_reset` (extension 1.9).
  public var statementsReset: Timestamp?
  /// `pg_stat_statements_info.dealloc` (extension 1.9): how often the least used entries were thrown out.
  public var deallocations: Int64?
  /// `pg_stat_statements.max`.
  public var capacity: Int64?
  /// The oldest `stats_reset` of the server-wide statistics (pg_stat_bgwriter or pg_stat_wal): a crash renews it.
  public var serverStatisticsReset: Timestamp?
  public var serverVersion: ServerVersion?
  /// `pg_extension.extversion` of pg_stat_statements, for example `1.10`.
  public var extensionVersion: String
  /// The counters that the extension has.
  public var known: UInt64
  /// Time spent executing by database (`pg_stat_database.active_time`, 14 and later), in nanoseconds.
  public var activeTime: [UInt32: Int64]
  /// When each database's statistics were last reset (`pg_stat_database.stats_reset`), where they were; a reset sets the
  /// active time to zero.
  public var databaseResets: [UInt32: Timestamp]?
  /// Where resets and evictions were read both before and after the rows and differ: what stood before. The later of
  /// two snapshots is judged by what stood after its rows, the earlier by what stood before.
  public var earlyStatementsReset: Timestamp?
  public var earlyDeallocations: Int64?
  /// The timeline that the server writes or replays: a fail-over begins a new one.
  public var timeline: Int64?
  /// Whether the source has the column `toplevel` (extension 1.9); nil where only its version tells.
  public var tellsLevel: Bool?
  /// False where there may be entries that the source does not show, such as an export of the first hundred.
  public var isComplete: Bool?
  /// Roles whose entries are shown without their query ids; nil for none.
  public var hiddenUsers: [UInt32]?
  /// False where the server ran without the extension's library: it counted nothing, and what it had counted before may
  /// come back with the next start. Such a snapshot has no rows, and there is no difference to it.
  public var isLoaded: Bool?
  /// Where the server is on its machine, such as its data directory and port.
  public var place: String?
  /// `pg_stat_statements.track`: with `all`, nested statements are rows of their own.
  public var track: String?

  public init(
    serverStart: Timestamp? = nil, statementsReset: Timestamp? = nil, deallocations: Int64? = nil,
    capacity: Int64? = nil, serverStatisticsReset: Timestamp? = nil, serverVersion: ServerVersion? = nil,
    extensionVersion: String = "", known: CounterSet = CounterSet(), activeTime: [UInt32: Int64] = [:],
    track: String? = nil
  ) {
    self.serverStart = serverStart
    self.statementsReset = statementsReset
    self.deallocations = deallocations
    self.capacity = capacity
    self.serverStatisticsReset = serverStatisticsReset
    self.serverVersion = serverVersion
    self.extensionVersion = extensionVersion
    self.known = known.bits
    self.activeTime = activeTime
    self.track = track
  }

  public var knownCounters: CounterSet { CounterSet(bits: known) }

  /// Whether the statements that functions run are counted both as rows that look like their callers' and within these.
  public var countsNestedTwice: Bool { track == "all" && !tellsLevels }

  /// Whether the role saw every role's entries.
  public var seesAllUsers: Bool { hiddenUsers?.isEmpty ?? true }

  /// Whether nested statements are entries of their own.
  var tellsLevels: Bool {
    if let tellsLevel { return tellsLevel }
    let numbers = extensionVersion.split(separator: ".").map { Int($0) ?? 0 }
    return numbers.count < 2 || (numbers[0], numbers[1]) >= (1, 9)
  }
}

public import Model

/// Reads rows of pg_stat_statements by their column names, so that any version, any order and any selection of columns
/// is understood.
public struct StatementColumns: Sendable {
  /// Why columns or a row are not pg_stat_statements.
  public enum Problem: UserError, Equatable {
    case missingColumn(String)
    case notANumber(column: String, value: String)
    case tooFewValues(expected: Int, found: Int)
    /// What only ever rises from zero.
    case negative(column: String, value: String, queryID: Int64)

    public var sentence: String {
      switch self {
      case .missingColumn(let column):
        "these are no rows of pg_stat_statements: there is no column \(column) (select at least queryid, calls and total_exec_time)"
      case .notANumber(let column, let value): "column \(column) holds \"\(value.prefix(40))\" where a number belongs"
      case .negative(let column, let value, let queryID):
        "column \(column) of query id \(queryID) holds \(value), and it cannot be negative: the rows are no counters as "
          + "pg_stat_statements has them (differences of two readings?); export the rows as the view gives them"
      case .tooFewValues(let expected, let found): "a row has \(found) values where \(expected) belong"
      }
    }
  }

  private let names: [String]
  private let counters: [(counter: StatementCounter, index: Int)]
  private let index: [String: Int]
  /// The counters that these columns have.
  public let known: CounterSet

  /// - Parameter names: the columns' names in their order; letters in any case.
  public init(_ names: [String]) throws(Problem) {
    let names = names.map { $0.lowercased() }
    self.names = names
    let index = Dictionary(names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    self.index = index
    var known = CounterSet()
    counters = StatementCounter.allCases.compactMap { counter in
      guard let place = counter.columns.lazy.compactMap({ index[$0] }).first else { return nil }
      known.insert(counter)
      return (counter, place)
    }
    self.known = known
    for required in [StatementCounter.calls, .execTime] where !known.contains(required) {
      throw .missingColumn(required.columns[0])
    }
    guard index["queryid"] != nil else { throw .missingColumn("queryid") }
  }

  /// A row from its values as text, in the order of the columns; nil is SQL's null.
  /// - Parameters:
  ///   - database: the number of a database known by name only (`datname`, or nil for a source without one).
  ///   - user: the number of a role known by name only.
  public func row(
    _ values: [String?], database: (String) -> UInt32 = StatementColumns.number,
    user: (String) -> UInt32 = StatementColumns.number
  ) throws(Problem) -> StatementRow {
    guard values.count >= names.count else { throw .tooFewValues(expected: names.count, found: values.count) }
    func text(_ columns: String...) -> String? {
      for column in columns {
        // pgAdmin writes nulls as this text, in quotes when all values are.
        if let place = index[column], let value = values[place], column == "query" || value != "NULL" { return value }
      }
      return nil
    }
    func integer(_ column: String) throws(Problem) -> Int64? {
      guard let value = text(column), !value.isEmpty else { return nil }
      guard let number = Int64(value) else { throw .notANumber(column: column, value: value) }
      return number
    }
    func milliseconds(_ columns: [String]) throws(Problem) -> Double? {
      guard let column = columns.first(where: { index[$0] != nil }), let place = index[column],
        let value = values[place], !value.isEmpty, value != "NULL"
      else { return nil }
      guard let number = Double(value), number.isFinite, abs(number) < 9e12 else {
        throw .notANumber(column: column, value: value)
      }
      return number
    }
    func identifier(_ oid: String, _ names: [String], _ number: (String) -> UInt32) throws(Problem) -> UInt32 {
      if let value = try integer(oid) {
        guard let id = UInt32(exactly: value) else { throw .notANumber(column: oid, value: String(value)) }
        return id
      }
      for name in names {
        if let place = index[name], let value = values[place], !value.isEmpty { return number(value) }
      }
      return 0
    }

    let queryID: Int64
    do {
      queryID = try integer("queryid") ?? 0
    } catch {
      // Spreadsheets and some consoles print the 64 bits unsigned.
      guard let value = text("queryid"), let bits = UInt64(value) else { throw error }
      queryID = Int64(bitPattern: bits)
    }
    let key = StatementKey(
      databaseID: try identifier("dbid", ["datname", "database", "database_name"], database),
      userID: try identifier("userid", ["rolname", "usename", "username", "user", "user_name"], user),
      queryID: QueryID(queryID),
      isTopLevel: text("toplevel").map { ["t", "true", "1", "yes"].contains($0.lowercased()) } ?? true)

    var sums = StatementCounters()
    for (counter, place) in counters {
      guard let value = values[place], !value.isEmpty, value != "NULL" else { continue }
      if counter.isTime {
        sums[counter] = StatementColumns.nanoseconds(try milliseconds([names[place]]) ?? 0)
      } else if let number = Int64(value) {
        sums[counter] = number
      } else if let number = Double(value), number >= 0, number < 9e18 {
        // `wal_bytes` is numeric, and spreadsheets write large numbers with an exponent.
        sums[counter] = Int64(number)
      } else {
        throw .notANumber(column: names[place], value: value)
      }
      guard sums[counter] >= 0 else { throw .negative(column: names[place], value: value, queryID: queryID) }
    }
    sums.execSquares = StatementCounters.squares(
      count: sums[.calls], total: sums[.execTime],
      deviation: try milliseconds(["stddev_exec_time", "stddev_time"]) ?? 0)
    sums.planSquares = StatementCounters.squares(
      count: sums[.plans], total: sums[.planTime], deviation: try milliseconds(["stddev_plan_time"]) ?? 0)

    var query = text("query")
    // `showtext` of pg_stat_statements.c prints this to roles without pg_read_all_stats.
    if query == "<insufficient privilege>" { query = nil }
    return StatementRow(
      key: key, query: query, counters: sums,
      exec: DurationExtremes(
        shortest: StatementColumns.nanoseconds(try milliseconds(["min_exec_time", "min_time"]) ?? 0),
        longest: StatementColumns.nanoseconds(try milliseconds(["max_exec_time", "max_time"]) ?? 0)),
      plan: DurationExtremes(
        shortest: StatementColumns.nanoseconds(try milliseconds(["min_plan_time"]) ?? 0),
        longest: StatementColumns.nanoseconds(try milliseconds(["max_plan_time"]) ?? 0)),
      since: text("stats_since").flatMap { Timestamp($0) },
      extremesSince: text("minmax_stats_since").flatMap { Timestamp($0) })
  }

  /// Whether the source tells nested statements from others.
  public var hasLevel: Bool { index["toplevel"] != nil }
  /// Whether the source tells how widely durations spread.
  public var hasDeviation: Bool { index["stddev_exec_time"] != nil || index["stddev_time"] != nil }
  /// Whether the source tells the shortest and the longest duration.
  public var hasExtremes: Bool {
    (index["min_exec_time"] ?? index["min_time"]) != nil && (index["max_exec_time"] ?? index["max_time"]) != nil
  }

  static func nanoseconds(_ milliseconds: Double) -> Int64 { Int64((milliseconds * 1e6).rounded()) }

  /// A number that stands for a name, the same on every run: FNV-1a (Fowler, Noll, Vo) in the range no real object id
  /// reaches soon.
  public static func number(_ name: String) -> UInt32 {
    0x8000_0000 | name.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}

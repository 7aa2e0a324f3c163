import Model
import Statements

/// A server's pg_stat_statements as its source describes it, with the truth kept beside it: every call ever made.
struct SimulatedServer {
  struct Entry {
    var calls: Int64 = 0
    var total: Int64 = 0
    var mean = 0.0
    var moment = 0.0
    var shortest: Int64 = 0
    var longest: Int64 = 0
    var since: Int64
    var extremesSince: Int64
    var usage = 0.0
  }

  /// What pg_stat_statements_info shows.
  enum Info { case none, dealloc, since }

  var random: SplitMix
  let info: Info
  let capacity: Int
  var clock: Int64 = 1_000_000
  var entries: [Int64: Entry] = [:]
  var deallocations: Int64 = 0
  var reset: Int64 = 0
  var start: Int64 = 0
  var statisticsReset: Int64 = 0
  /// Every call ever made, by query.
  var truth: [Int64: (calls: Int64, total: Int64)] = [:]
  /// Durations since the last snapshot, by query.
  var window: [Int64: [Int64]] = [:]

  static let resetQuery: Int64 = 999_999

  init(seed: UInt64, info: Info, capacity: Int) {
    random = SplitMix(state: seed)
    self.info = info
    self.capacity = capacity
  }

  mutating func execute(_ query: Int64, duration: Int64) {
    clock += 1 + duration / 1_000
    truth[query, default: (0, 0)].calls += 1
    truth[query, default: (0, 0)].total += duration
    window[query, default: []].append(duration)
    if entries[query] == nil {
      if entries.count >= capacity { evict() }
      entries[query] = Entry(since: clock, extremesSince: clock)
    }
    guard var entry = entries[query] else { return }
    // pgss_store: Welford's method for the mean and the sum of squared differences.
    entry.calls += 1
    entry.total += duration
    let value = Double(duration) / 1e6
    if entry.calls == 1 {
      entry.mean = value
    } else {
      let old = entry.mean
      entry.mean += (value - old) / Double(entry.calls)
      entry.moment += (value - old) * (value - entry.mean)
    }
    if entry.longest == 0 && entry.shortest == 0 {
      (entry.shortest, entry.longest) = (duration, duration)
    } else {
      entry.shortest = min(entry.shortest, duration)
      entry.longest = max(entry.longest, duration)
    }
    entry.usage += 1
    entries[query] = entry
  }

  /// entry_dealloc: usage decays, the least used 5 %, at least ten, go.
  mutating func evict() {
    for key in entries.keys { entries[key]?.usage *= 0.99 }
    let order = entries.sorted { ($0.value.usage, $0.key) < ($1.value.usage, $1.key) }
    for item in order.prefix(max(10, entries.count / 20)) { entries[item.key] = nil }
    deallocations += 1
  }

  mutating func resetAll() {
    entries = [:]
    clock += 10
    reset = clock
    deallocations = 0
    execute(Self.resetQuery, duration: 50_000 + Int64(random.next() % 100_000))
  }

  mutating func resetOne(_ query: Int64) {
    entries[query] = nil
    execute(Self.resetQuery, duration: 50_000 + Int64(random.next() % 100_000))
  }

  mutating func resetExtremes(_ query: Int64) {
    clock += 10
    entries[query]?.shortest = 0
    entries[query]?.longest = 0
    entries[query]?.extremesSince = clock
    execute(Self.resetQuery, duration: 50_000 + Int64(random.next() % 100_000))
  }

  /// A crash: nothing is written, so nothing is read back. Shared memory begins anew, with or without a new postmaster.
  mutating func crash(postmaster: Bool) {
    entries = [:]
    clock += 1_000_000
    deallocations = 0
    reset = clock
    statisticsReset = clock
    if postmaster { start = clock }
  }

  mutating func restart() {
    clock += 1_000_000
    start = clock
  }

  /// A snapshot as a reader of the view's text would make it.
  mutating func snapshot() throws -> StatementsSnapshot {
    clock += 5
    window = [:]
    let names =
      ["userid", "dbid", "queryid", "query", "calls", "total_exec_time", "min_exec_time", "max_exec_time"]
      + ["stddev_exec_time", "rows", "shared_blks_hit"] + (info == .since ? ["stats_since", "minmax_stats_since"] : [])
    let columns = try StatementColumns(names)
    let rows = try entries.map { query, entry in
      let deviation = entry.calls > 1 ? (entry.moment / Double(entry.calls)).squareRoot() : 0
      var values: [String?] = [
        "10", "5", String(query),
        query == Self.resetQuery ? "SELECT pg_stat_statements_reset($1,$2,$3)" : "SELECT \(query)",
        String(entry.calls), "\(Double(entry.total) / 1e6)", "\(Double(entry.shortest) / 1e6)",
        "\(Double(entry.longest) / 1e6)", "\(deviation)", String(entry.calls * 3), String(entry.calls * 17),
      ]
      if info == .since {
        values += [
          Timestamp(microseconds: entry.since).description, Timestamp(microseconds: entry.extremesSince).description,
        ]
      }
      return try columns.row(values)
    }
    let hasInfo = info != .none
    return StatementsSnapshot(
      server: ServerIdentity(systemIdentifier: "1"), at: Timestamp(microseconds: clock),
      context: StatementsContext(
        serverStart: Timestamp(microseconds: start), statementsReset: hasInfo ? Timestamp(microseconds: reset) : nil,
        deallocations: hasInfo ? deallocations : nil, capacity: Int64(capacity),
        serverStatisticsReset: nil, known: columns.known), rows: rows)
  }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers on every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

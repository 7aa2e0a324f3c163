import Foundation
import History
import Model
import Statements

/// A year of snapshots every five minutes of 500 active statements, made by simulation: how large the history grows,
/// before and after it is rolled up, and how long `top` and `show` take on it.
///
///     swift run -c release history-year [DAYS] [FILE] [STATEMENTS] [--check-sizes]
///
/// With `--check-sizes` it fails where the sizes, scaled to a year of 500 statements, are over the bars: 1.5 GB before
/// and 150 MB after.
@main
enum HistoryYear {
  /// Bytes for each statement and snapshot that a year of 105,120 snapshots of 500 statements may take in 1.5 GB.
  private static let barBefore = 1.5e9 / 105_120 / 500

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst().filter { !$0.hasPrefix("--") }
    let checksSizes = CommandLine.arguments.contains("--check-sizes")
    let days = arguments.first.flatMap { Int($0) } ?? 365
    let path = arguments.dropFirst().first ?? NSTemporaryDirectory() + "history-year.history"
    let statements = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 500
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }

    let history = try HistoryStore(path: path, mode: .write)
    var server = SimulatedYear(statements: statements)
    let rounds = days * 288
    let start = cpuSeconds()
    for round in 0..<rounds {
      let snapshot = server.snapshot()
      try history.apply(snapshot, texts: round == 0 ? server.texts() : [:])
    }
    let applied = cpuSeconds() - start
    try history.close()
    report("snapshots", "\(rounds) of \(statements) statements, \(days) days")
    report("taking one in", "\(milliseconds(applied / Double(rounds))) of CPU")
    let size = try bytes(path)
    let each = Double(size) / Double(rounds * statements)
    report(
      "file before roll-up", "\(megabytes(size)), \(String(format: "%.1f", each)) bytes per statement and snapshot")
    try time(path, "before roll-up")

    let update = try HistoryStore(path: path, mode: .update)
    _ = try update.prune(RetentionPolicy())
    _ = try update.vacuum()
    try update.close()
    report("file after roll-up", "\(megabytes(try bytes(path))) (minutes 14 days, hours 92 days, days for ever)")
    try time(path, "after roll-up")
    // A small run has the same blocks with more around each: what the rows, keys and pages take beside them.
    let after = Double(try bytes(path))
    if checksSizes, each > barBefore * (statements < 500 ? 1.8 : 1) || after > 150e6 {
      report("over the bar", String(format: "%.1f bytes allowed", barBefore))
      exit(1)
    }
  }

  /// Warm figures: the median of five runs, each with a newly opened history as the command does it.
  private static func time(_ path: String, _ when: String) throws {
    func median(_ body: () throws -> Void) rethrows -> Double {
      var times: [Double] = []
      for _ in 0..<6 {
        let start = cpuSeconds()
        try body()
        times.append(cpuSeconds() - start)
      }
      return times.dropFirst().sorted()[2]
    }
    let top = try median {
      let history = try HistoryStore(path: path, mode: .read)
      _ = WorkloadOrder.total.sorted(try history.workload().statements)
    }
    report("top over everything, \(when)", milliseconds(top) + " of CPU")
    let span = try HistoryStore(path: path, mode: .read).span()
    let week = TimeWindow(
      from: span?.to.map { Timestamp(microseconds: $0.microseconds - 7 * 86_400_000_000) }, to: span?.to)
    let last = try median {
      let history = try HistoryStore(path: path, mode: .read)
      _ = WorkloadOrder.total.sorted(try history.workload(in: week).statements)
    }
    report("top over the last week, \(when)", milliseconds(last) + " of CPU")
    // As the command does it: steps of a week that begin on whole ones.
    let step: Int64 = 10_080
    let show = try median {
      let history = try HistoryStore(path: path, mode: .read)
      let statement = try history.statement(hex: Fingerprint(0x1000).description)
      _ = try history.workload()
      if let from = try history.span()?.from, let to = try history.span()?.to {
        let aligned = TimeWindow(
          from: Timestamp(seconds: from.minute / step * step * 60),
          to: Timestamp(seconds: (to.minute / step + 1) * step * 60))
        _ = try history.timeline(in: aligned, stepMinutes: step, statement: statement.fingerprint)
      }
      _ = try history.dimensions(of: statement.fingerprint)
      _ = try history.samples(of: statement.fingerprint)
      _ = try history.plans(of: statement.fingerprint)
    }
    report("show over everything, \(when)", milliseconds(show) + " of CPU")
  }

  private static func report(_ what: String, _ value: String) {
    FileHandle.standardOutput.write(Data((what + ": " + value + "\n").utf8))
  }

  private static func bytes(_ path: String) throws -> Int64 {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 ?? 0
  }

  private static func megabytes(_ bytes: Int64) -> String { String(format: "%.1f MB", Double(bytes) / 1e6) }
  private static func milliseconds(_ seconds: Double) -> String { String(format: "%.2f ms", seconds * 1e3) }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// A server whose statements run at rates from one call in five minutes to some hundred a second, with a daily rhythm.
struct SimulatedYear {
  private struct Statement {
    var rate: Double
    var mean: Double
    var blocks: Double
    var writes: Bool
    var spills: Bool
    var counters = StatementCounters()
    var squares = 0.0
    var exec = DurationExtremes()
  }

  private var random = SplitMix(state: 7)
  private var statements: [Statement] = []
  private var at: Int64 = 1_735_689_600_000_000
  private let known: CounterSet

  init(statements count: Int) {
    var known = CounterSet()
    for counter in StatementCounter.allCases.prefix(33) { known.insert(counter) }
    self.known = known
    for _ in 0..<count {
      statements.append(
        Statement(
          rate: exp(random.uniform() * 10.3), mean: exp(random.uniform() * 8 - 4), blocks: exp(random.uniform() * 6),
          writes: random.uniform() < 0.3, spills: random.uniform() < 0.03))
    }
  }

  mutating func snapshot() -> StatementsSnapshot {
    let hour = Double(at / 3_600_000_000 % 24)
    let load = 0.4 + 0.6 * max(0, sin((hour - 4) / 24 * 2 * .pi))
    at += 300_000_000 + Int64(random.next() % 200_000)
    for index in statements.indices { run(index, load) }
    let since = Timestamp(microseconds: 1_735_689_000_000_000)
    let rows = statements.enumerated().map { index, statement in
      StatementRow(
        key: StatementKey(databaseID: 16_384, userID: 10, queryID: QueryID(Int64(index + 1) &* 0x9E37_79B9_7F4A_7C1)),
        counters: statement.counters, exec: statement.exec, since: since, extremesSince: since)
    }
    return StatementsSnapshot(
      server: ServerIdentity(systemIdentifier: "7", node: "primary"), at: Timestamp(microseconds: at),
      context: StatementsContext(
        serverStart: since, statementsReset: since, deallocations: 0, capacity: 5_000, extensionVersion: "1.11",
        known: known, activeTime: [16_384: at / 7]), rows: rows, databases: [16_384: "app"], users: [10: "app"])
  }

  func texts() -> [StatementKey: StatementText] {
    var texts: [StatementKey: StatementText] = [:]
    for index in statements.indices {
      let key = StatementKey(databaseID: 16_384, userID: 10, queryID: QueryID(Int64(index + 1) &* 0x9E37_79B9_7F4A_7C1))
      texts[key] = StatementText(
        fingerprint: Fingerprint(UInt64(index) + 0x1000),
        normalized:
          "SELECT a.column_\(index), b.name FROM table_\(index % 80) a JOIN other b USING (id) WHERE a.x = $1",
        kind: .select, relations: [RelationName(schema: "", name: "table_\(index % 80)")], grammar: .parsed)
    }
    return texts
  }

  private mutating func run(_ index: Int, _ load: Double) {
    var statement = statements[index]
    defer { statements[index] = statement }
    let calls = max(1, Int64((statement.rate * load * (0.8 + 0.4 * random.uniform())).rounded()))
    let mean = statement.mean * (0.9 + 0.2 * random.uniform())
    let time = Double(calls) * mean
    statement.counters[.calls] += calls
    statement.counters[.execTime] += Int64(time * 1e6) + Int64(random.next() % 1_000)
    statement.counters[.rows] += calls * Int64(1 + statement.blocks / 20)
    statement.counters[.sharedHit] += Int64(Double(calls) * statement.blocks * (0.95 + 0.1 * random.uniform()))
    let reads = Int64(Double(calls) * statement.blocks * 0.01 * random.uniform())
    statement.counters[.sharedRead] += reads
    statement.counters[.sharedReadTime] += reads * 90_000 + (reads > 0 ? Int64(random.next() % 50_000) : 0)
    if statement.writes {
      statement.counters[.sharedDirtied] += calls / 3
      statement.counters[.walRecords] += calls * 2
      statement.counters[.walBytes] += calls * 180 + Int64(random.next() % 4_000)
      statement.counters[.walFullPageImages] += calls / 50
    }
    if statement.spills {
      statement.counters[.tempRead] += calls * 40
      statement.counters[.tempWritten] += calls * 40
    }
    statement.squares += time * mean * 1.5 * 1e8
    statement.counters.execSquares = Int128(statement.squares)
    let longest = Int64(mean * 1e6 * (1 - log(random.uniform() + 1e-12)))
    if longest > statement.exec.longest { statement.exec.longest = longest }
    if statement.exec.shortest == 0 { statement.exec.shortest = Int64(mean * 2e5) }
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

  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}

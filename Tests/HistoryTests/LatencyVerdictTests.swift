import Foundation
import Model
import Sketch
import Statements
import Testing

@testable import History

/// Verdicts on p95 against a target, from logs with every threshold, samples and snapshots alone, against the truth.
struct LatencyVerdictTests {
  let scratch: Scratch
  private static let target = Microseconds(100_000)
  private static let start: Int64 = 1_767_225_600

  init() throws { scratch = try Scratch() }

  /// Executions of one statement, in microseconds: exponential around a mean, some of them much slower.
  private static func durations(_ seed: UInt64, count: Int) -> [Int64] {
    var random = SplitMix(state: seed)
    func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }
    let mean = exp(uniform() * 6) * 1_000
    let tail = uniform() * 0.12
    return (0..<count).map { _ in
      let base = -mean * Foundation.log(1 - uniform())
      return Int64(uniform() < tail ? base + 150_000 : base) + 1
    }
  }

  private static func truth(_ durations: [Int64]) -> Bool {
    durations.count { $0 > target.value } <= durations.count - Int(LatencySketch.rank(0.95, of: Int64(durations.count)))
  }

  private static let statement = StatementText(
    fingerprint: Fingerprint(7), normalized: "SELECT 7", kind: .select, relations: [], grammar: .parsed)

  private func log(_ durations: [Int64], weight: Int64 = 1, fingerprint: UInt64 = 7) -> LogBatch {
    var batch = LogBatch()
    batch.statements = [Self.statement]
    var sketch = LatencySketch()
    for value in durations { sketch.record(value, count: weight) }
    batch.cells = [
      MinuteCell(
        fingerprint: Fingerprint(fingerprint), dimensions: WorkloadDimensions(database: "shop"),
        minute: Self.start / 60 + 5, calls: Int64(durations.count) * weight, errors: 0, untimed: 0,
        total: Microseconds(durations.reduce(0, +) * weight), longest: Microseconds(durations.max() ?? 0), parse: .zero,
        bind: .zero, sketch: sketch.encoded)
    ]
    var progress = SourceProgress(
      identity: "log \(fingerprint)", path: "log", format: "stderr", consumed: 1, state: [], entries: 1, skipped: [:],
      first: Timestamp(seconds: Self.start - 60), last: Timestamp(seconds: Self.start + 3_700))
    progress.weight = weight
    batch.progress = [progress]
    return batch
  }

  /// Two snapshots around the executions, with the extension's moments.
  private func count(_ durations: [Int64], in history: HistoryStore) throws {
    for (index, part) in [[], durations].enumerated() {
      var counters = StatementCounters()
      counters[.calls] = Int64(part.count) + 10
      counters[.execTime] = part.reduce(0) { $0 + $1 * 1_000 } + 10_000
      counters.execSquares = part.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) * 100 } + 10 * 10 * 10
      var known = CounterSet()
      for counter in [StatementCounter.calls, .execTime] { known.insert(counter) }
      let since = Timestamp(seconds: Self.start - 1_000)
      let key = StatementKey(databaseID: 5, userID: 10, queryID: QueryID(7))
      try history.apply(
        StatementsSnapshot(
          server: ServerIdentity(systemIdentifier: "77"), at: Timestamp(seconds: Self.start + Int64(index) * 3_600),
          context: StatementsContext(deallocations: 0, extensionVersion: "1.11", known: known),
          rows: [
            StatementRow(
              key: key, counters: counters,
              exec: DurationExtremes(shortest: 1, longest: max(1, (part.max() ?? 0) * 1_000)), since: since,
              extremesSince: since)
          ], databases: [5: "shop"], users: [10: "app"]), texts: [key: Self.statement])
    }
  }

  private func summary(_ history: HistoryStore) throws -> StatementSummary {
    try #require(try history.workload().statements.first { $0.fingerprint == Fingerprint(7) })
  }

  @Test func `a full log decides every statement rightly`() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      let durations = Self.durations(seed, count: 400)
      let history = try HistoryStore(path: scratch.path("\(seed)"), mode: .write)
      // Something else ran fast: the log has no threshold.
      try history.apply(log(durations))
      try history.apply(log([200, 300], fingerprint: 8))
      let verdict = LatencyVerdict(try summary(history), target: Self.target)
      switch verdict {
      case .meets(.fullLog): #expect(Self.truth(durations))
      case .misses(.fullLog): #expect(!Self.truth(durations))
      case .cannotTell(.tooClose): break
      default: Issue.record("\(seed): \(verdict)")
      }
    }
  }

  @Test(arguments: [20, 100, 101, 250] as [Int64])
  func `a log with a threshold decides where calls are counted, and never wrongly`(threshold: Int64) throws {
    var decided = 0
    for seed in 1...30 as ClosedRange<UInt64> {
      let durations = Self.durations(seed, count: 600)
      let slow = durations.filter { $0 >= threshold * 1_000 }
      guard slow.count >= 20 else { continue }
      let history = try HistoryStore(path: scratch.path("\(threshold)-\(seed)"), mode: .write)
      try history.apply(log(slow))
      // The log alone does not know how many there were.
      var verdict = LatencyVerdict(try summary(history), target: Self.target)
      #expect(verdict == .cannotTell(.callsNotCounted))
      #expect(verdict.advice(target: Self.target)?.contains("log_min_duration_statement") == true)
      #expect(try !summary(history).isExact)
      if case .known = try summary(history).quantile(0.95) { Issue.record("a p95 of the slow ones only") }
      #expect(try history.workload().verdict(target: Self.target) == .cannotTell(.callsNotCounted))

      try count(durations, in: history)
      verdict = LatencyVerdict(try summary(history), target: Self.target)
      switch verdict {
      case .meets: #expect(Self.truth(durations), "\(seed)")
      case .misses: #expect(!Self.truth(durations), "\(seed)")
      case .cannotTell(let obstacle):
        #expect(obstacle != .callsNotCounted && obstacle != .noCalls, "\(seed)")
        #expect(obstacle == .tooClose || verdict.advice(target: Self.target) != nil)
      }
      if verdict.isKnown { decided += 1 }
      switch try history.workload().verdict(target: Self.target) {
      case .meets: #expect(Self.truth(durations), "\(seed)")
      case .misses: #expect(!Self.truth(durations), "\(seed)")
      case .cannotTell: break
      }
    }
    // Thresholds at or below the target tell; above it only some misses can be proven.
    #expect(threshold <= 100 ? decided >= 15 : decided > 0)
  }

  @Test func `a log of a part of the time is no list of the slowest`() throws {
    let durations = (0..<1_000).map { Int64($0 < 960 ? 60_000 : 140_000) }
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    var batch = log(Array(durations.filter { $0 > 100_000 }.prefix(5)))
    batch.progress[0].last = Timestamp(seconds: Self.start + 600)
    try history.apply(batch)
    try count(durations, in: history)
    let verdict = LatencyVerdict(try summary(history), target: Self.target)
    #expect(!verdict.isKnown)
    #expect(try summary(history).quantile(0.95) == nil)
  }

  @Test(arguments: [10, 100] as [Int64]) func `a sampled log decides with few errors`(weight: Int64) throws {
    var wrong = 0
    var decided = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      let durations = Self.durations(seed, count: 60_000)
      var random = SplitMix(state: seed &* 31)
      let drawn = durations.filter { _ in random.next() % UInt64(weight) == 0 } + [500]
      let history = try HistoryStore(path: scratch.path("\(weight)-\(seed)"), mode: .write)
      try history.apply(log(drawn, weight: weight))
      let summary = try summary(history)
      #expect(summary.isSampled && !summary.isExact)
      let verdict = LatencyVerdict(summary, target: Self.target)
      switch verdict {
      case .meets(.sampledLog), .misses(.sampledLog):
        decided += 1
        if (verdict == .meets(.sampledLog)) != Self.truth(durations) { wrong += 1 }
      case .cannotTell(.sampleTooSmall): break
      default: Issue.record("\(verdict)")
      }
    }
    // Each test errs in at most one of forty.
    #expect(decided >= 30)
    #expect(wrong <= 3)
  }

  @Test func `a sample of a handful decides nothing`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    try history.apply(log([500, 1_000, 2_000], weight: 1_000))
    #expect(LatencyVerdict(try summary(history), target: Self.target) == .cannotTell(.sampleTooSmall))
    #expect(try history.workload().verdict(target: Self.target) == .cannotTell(.sampleTooSmall))
  }

  /// By sums of exact terms, computed with Python's `math.lgamma`.
  @Test func `binomial probabilities are those of the exact sums`() {
    for (k, n, value) in [
      (0, 10, 0.5987369392), (5, 100, 0.6159991280), (40, 1_000, 0.0806365733), (980, 20_000, 0.2644314780),
    ] as [(Int64, Int64, Double)] {
      #expect(abs(BinomialShare.cumulative(k, of: n) - value) < 1e-7, "\(k) of \(n)")
    }
    // Beyond that the normal distribution stands in.
    #expect(abs(BinomialShare.cumulative(1_950, of: 40_000) - 0.1278453815) < 2e-3)
    #expect(BinomialShare.cumulative(-1, of: 10) == 0 && BinomialShare.cumulative(10, of: 10) == 1)
  }

  @Test func `snapshots alone prove what mean, deviation and extremes prove, and nothing else`() throws {
    var known = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      let durations = Self.durations(seed, count: 500)
      let history = try HistoryStore(path: scratch.path("\(seed)"), mode: .write)
      try count(durations, in: history)
      let verdict = LatencyVerdict(try summary(history), target: Self.target)
      switch verdict {
      case .meets: #expect(Self.truth(durations), "\(seed)")
      case .misses: #expect(!Self.truth(durations), "\(seed)")
      case .cannotTell(let obstacle):
        #expect(obstacle == .noLog)
        #expect(verdict.advice(target: Self.target) == "log_min_duration_statement = '100ms' (or lower) would tell")
      }
      if verdict.isKnown { known += 1 }
      #expect(try summary(history).quantile(0.95) == nil)
    }
    #expect(known >= 10)
    #expect(LatencyVerdict.setting(Microseconds(300)) == "log_min_duration_statement = 0")
  }
}

import Foundation
import GRDB
import Model
import Sketch
import Statements
import Testing

@testable import History

/// What a history keeps of old times, when it rolls up by itself, and that nothing is lost or counted twice by it.
struct RollUpTests {
  let scratch: Scratch
  private static let start: Int64 = 1_767_225_600

  init() throws { scratch = try Scratch() }

  private func day(_ n: Int64, _ seconds: Int64 = 0) -> Timestamp {
    Timestamp(seconds: Self.start + n * 86_400 + seconds)
  }

  /// Snapshots every half hour, never on the stroke, over some days.
  private func fill(_ history: HistoryStore, days: Int64, seed: UInt64 = 5) throws -> [StatementsSnapshot] {
    var maker = SnapshotMaker(seed: seed, queries: 5)
    var snapshots: [StatementsSnapshot] = []
    while (snapshots.last?.at ?? day(0)) < day(days) { snapshots.append(maker.next(after: 1_807)) }
    for snapshot in snapshots {
      let texts = snapshot.rows.map { row in
        (
          row.key,
          StatementText(
            fingerprint: Fingerprint(UInt64(row.key.queryID.value)), normalized: row.query ?? "", kind: .select,
            relations: [], grammar: .parsed)
        )
      }
      try history.apply(snapshot, texts: Dictionary(uniqueKeysWithValues: texts))
    }
    return snapshots
  }

  private func calls(_ history: HistoryStore, _ window: TimeWindow) throws -> Int64 {
    try history.workload(in: window).calls
  }

  @Test func `percentiles and sums of whole days are the same before and after`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    var random = SplitMix(state: 9)
    var batch = LogBatch()
    for minute in stride(from: 0, to: 40 * 1_440 as Int64, by: 97) {
      var sketch = LatencySketch()
      var total: Int64 = 0
      for _ in 0..<20 {
        let value = Int64(random.next() % 400_000)
        sketch.record(value)
        total += value
      }
      batch.cells.append(
        MinuteCell(
          fingerprint: Fingerprint(UInt64(minute % 3)), dimensions: WorkloadDimensions(database: "shop"),
          minute: Self.start / 60 + minute, calls: 20, errors: 1, untimed: 0, total: Microseconds(total),
          longest: Microseconds(399_999), parse: .zero, bind: .zero, sketch: sketch.encoded))
    }
    try history.apply(batch)
    _ = try fill(history, days: 40)
    let windows = [
      TimeWindow.everything, TimeWindow(from: day(0), to: day(7)), TimeWindow(from: day(10), to: day(11)),
      TimeWindow(from: day(25), to: day(39)),
    ]
    func logs(_ window: TimeWindow) throws -> [LogTotals?] { try history.workload(in: window).statements.map(\.log) }
    let before = try windows.map(logs)
    let quantiles = before.map { $0.map { $0?.sketch.quantile(0.95) } }
    let all = try calls(history, .everything)
    _ = try #require(try history.prune(RetentionPolicy(fineDays: 2, hourDays: 5)))
    #expect(try windows.map(logs) == before)
    #expect(try windows.map(logs).map { $0.map { $0?.sketch.quantile(0.95) } } == quantiles)
    #expect(try calls(history, .everything) == all)
    #expect(try history.health().contradictions.isEmpty)
  }

  /// Where only days are left a window of days has its whole days, though their first intervals began before midnight;
  /// neighbouring windows share nothing and lose nothing.
  @Test func `windows of rolled-up days lose no day`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    let snapshots = try fill(history, days: 30)
    _ = try history.prune(RetentionPolicy(fineDays: 1, hourDays: 3))
    let first = try #require(snapshots.first?.at)
    let edges = [first] + (1...24 as ClosedRange<Int64>).map { day($0) }
    var sum: Int64 = 0
    for (from, to) in zip(edges, edges.dropFirst()) {
      let part = try calls(history, TimeWindow(from: from, to: to))
      #expect(part > 0, "\(from)")
      sum += part
    }
    #expect(try calls(history, TimeWindow(from: first, to: day(24))) == sum)
    // An edge inside a rolled-up day moves to its end, for both neighbours.
    let inside = day(9, 40_000)
    #expect(
      try calls(history, TimeWindow(from: first, to: inside)) + calls(history, TimeWindow(from: inside, to: day(24)))
        == sum)
    let line = try #require(
      try history.timeline(in: TimeWindow(from: day(0), to: day(24)), stepMinutes: 1_440))
    #expect(line.all.reduce(0) { $0 + ($1?.calls ?? 0) } == sum)
  }

  /// Windows that begin and end anywhere say of which time they are, and their sums are those of that time.
  @Test func `no window of rolled-up time is wrong without a word`() throws {
    let full = try HistoryStore(path: scratch.path("full"), mode: .write)
    let rolled = try HistoryStore(path: scratch.path("rolled"), mode: .write)
    let snapshots = try fill(full, days: 12)
    _ = try fill(rolled, days: 12)
    _ = try rolled.prune(RetentionPolicy(fineDays: 3, hourDays: 7))
    var random = SplitMix(state: 21)
    var seen: [String: Int] = [:]
    for number in 0..<240 {
      let first = Int(random.next() % UInt64(snapshots.count - 2))
      let length = [3, 20, 150, 400][number % 4]
      let last = min(snapshots.count - 1, first + 1 + Int(random.next() % UInt64(length)))
      // Every third window begins between two snapshots, every sixth on the stroke.
      var from = snapshots[first].at
      if number % 3 == 0 { from = Timestamp(seconds: from.microseconds / 1_000_000 + Int64(random.next() % 1_800)) }
      if number % 6 == 0 { from = Timestamp(seconds: from.microseconds / 3_600_000_000 * 3_600) }
      let asked = TimeWindow(from: from, to: snapshots[last].at)
      guard from < snapshots[last].at else { continue }
      let resolved = try rolled.resolved(asked)
      guard let window = resolved.window else {
        #expect(resolved.unit != nil)
        seen["nothing whole", default: 0] += 1
        continue
      }
      let found = try rolled.workload(in: window)
      // What is told to be covered is what is summed.
      let interval = found.intervals.values.first
      if let interval {
        #expect(try calls(full, TimeWindow(from: interval.from, to: interval.to)) == found.calls, "\(asked)")
      }
      let truth = try calls(full, window)
      #expect(found.crossesEdges || found.calls == truth, "\(asked)")
      if resolved.unit != nil {
        #expect(window != asked && window.from ?? from >= from && window.to ?? from <= snapshots[last].at)
        seen["moved", default: 0] += 1
      } else {
        seen[found.crossesEdges ? "crosses" : "exact", default: 0] += 1
      }
    }
    for kind in ["nothing whole", "moved", "crosses", "exact"] { #expect(seen[kind] ?? 0 > 0, "\(seen)") }
  }

  @Test func `a history rolls up by itself once a day, by its own policy`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    _ = try fill(history, days: 20)
    let now = day(400)
    let result = try #require(try history.rollUp(now: now))
    #expect(result.intervals > 0 && result.fineFrom == day(20 - 13))
    #expect(try history.rollUp(now: now) == nil)

    let told = try HistoryStore(path: scratch.path("told"), mode: .write)
    _ = try fill(told, days: 20)
    try told.setRetentionPolicy(nil)
    #expect(try told.retentionPolicy() == nil)
    #expect(try told.rollUp(now: now) == nil)
    try told.setRetentionPolicy(RetentionPolicy(fineDays: 3, hourDays: 4, totalDays: 10))
    #expect(try told.retentionPolicy() == RetentionPolicy(fineDays: 3, hourDays: 4, totalDays: 10))
    let shorter = try #require(try told.rollUp(now: now))
    #expect(shorter.fineFrom == day(18) && shorter.daysFrom == day(11))
    try told.close()
    #expect(try HistoryStore(path: told.path, mode: .read).retentionPolicy()?.fineDays == 3)
  }

  /// One line with a wrong year must not age everything else.
  @Test func `an observation from the future ages nothing`() throws {
    let history = try HistoryStore(path: scratch.path(), mode: .write)
    _ = try fill(history, days: 3)
    var batch = LogBatch()
    var sketch = LatencySketch()
    sketch.record(5)
    batch.cells = [
      MinuteCell(
        fingerprint: Fingerprint(1), dimensions: WorkloadDimensions(), minute: Self.start / 60 + 70 * 525_600, calls: 1,
        errors: 0, untimed: 0, total: Microseconds(5), longest: Microseconds(5), parse: .zero, bind: .zero,
        sketch: sketch.encoded)
    ]
    try history.apply(batch)
    #expect(try history.rollUp(now: day(3)) == nil)
    let intervals = try history.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM statements_interval WHERE level = 0")
    }
    #expect(intervals ?? 0 > 100)
  }

  @Test func `a packed block says what a plain one says, and damage is an error`() throws {
    var maker = SnapshotMaker(seed: 3, queries: 200)
    let (a, b) = (maker.next(after: 60), maker.next(after: 60))
    let items = try StatementsDifference(from: a, to: b).deltas.enumerated().map { index, delta in
      DeltaBlock.Item(entry: Int64(index + 1), delta: delta)
    }
    let (plain, packed) = (DeltaBlock.encode(items), try DeltaBlock.pack(items))
    #expect(packed.count < plain.count)
    func text(_ bytes: [UInt8]) throws -> [String] {
      try bytes.withUnsafeBytes { try DeltaBlock.decode($0) }.map {
        "\($0.entry) \($0.delta.counters) \($0.delta.longest)"
      }
    }
    #expect(try text(packed) == text(plain))
    var times: [Int64: (Int64, Int64)] = [:]
    try packed.withUnsafeBytes { try DeltaBlock.times($0) { times[$0] = ($1, $2) } }
    for (entry, delta) in items {
      #expect(times[entry]?.0 == delta.counters[.calls] && times[entry]?.1 == delta.counters[.execTime])
    }
    var random = SplitMix(state: 1)
    for _ in 0..<400 {
      var broken = packed
      broken[Int(random.next() % UInt64(broken.count))] ^= UInt8(1 << (random.next() % 8))
      if random.next() % 3 == 0 { broken.removeLast(Int(random.next() % UInt64(broken.count))) }
      _ = try? text(broken)
    }
  }

  /// The sum of blocks is what adding their values one after the other gives.
  @Test(arguments: 1...5 as ClosedRange<UInt64>) func `summing blocks is joining deltas`(seed: UInt64) throws {
    var maker = SnapshotMaker(seed: seed, queries: 12)
    var snapshots = (0..<40).map { _ in maker.next(after: 60) }
    snapshots.sort { $0.at < $1.at }
    var sum = DeltaSum()
    var joined: [StatementKey: StatementDelta] = [:]
    for (before, after) in zip(snapshots, snapshots.dropFirst()) {
      let deltas = try StatementsDifference(from: before, to: after).deltas
      for delta in deltas { joined[delta.key] = joined[delta.key]?.followed(by: delta) ?? delta }
      let block = DeltaBlock.encode(deltas.map { ($0.key.queryID.value, $0) }.sorted { $0.0 < $1.0 })
      try block.withUnsafeBytes { try sum.add($0) }
    }
    let items = sum.items
    #expect(items.count == joined.count)
    for (entry, delta) in items {
      var expected = try #require(joined.values.first { $0.key.queryID.value == entry })
      expected.key = delta.key
      #expect(delta == expected)
    }
  }
}

import Foundation
import History
import Model
import Sketch
import Testing

/// Timelines, events, repetitions, origins and plans, against sums made by hand.
struct ReadingTests {
  private let scratch: Scratch
  private let history: HistoryStore
  private let day: Int64 = 20_514 * 1_440

  private let web = WorkloadDimensions(database: "shop", user: "app", application: "web", tags: "route='%2Fa'")
  private let worker = WorkloadDimensions(database: "shop", user: "app", application: "worker")

  init() throws {
    scratch = try Scratch()
    history = try HistoryStore(path: scratch.path(), mode: .write)
  }

  private func cell(_ fingerprint: UInt64, _ who: WorkloadDimensions, minute: Int64, ms: [Int64]) -> MinuteCell {
    var sketch = LatencySketch()
    for value in ms { sketch.record(Microseconds(value * 1_000)) }
    return MinuteCell(
      fingerprint: Fingerprint(fingerprint), dimensions: who, minute: day + minute, calls: Int64(ms.count),
      errors: fingerprint == 2 ? 1 : 0, untimed: 0, total: Microseconds(ms.reduce(0, +) * 1_000),
      longest: Microseconds((ms.max() ?? 0) * 1_000), parse: .zero, bind: .zero, sketch: sketch.encoded)
  }

  private func window(_ from: Int64, _ to: Int64) -> TimeWindow {
    TimeWindow(
      from: Timestamp(seconds: (day + from) * 60), to: Timestamp(seconds: (day + to) * 60))
  }

  @Test(arguments: [30, 60, 90] as [Int64]) func aTimelineHoldsEveryExecutionOnce(step: Int64) throws {
    var batch = LogBatch()
    for minute in stride(from: 0, to: 360 as Int64, by: 7) where !(120..<180).contains(minute) {
      batch.cells.append(cell(1, web, minute: minute, ms: [10, 20]))
      batch.cells.append(cell(2, worker, minute: minute, ms: [5]))
    }
    batch.cells.append(cell(2, worker, minute: 360, ms: [1_000]))
    try history.apply(batch)
    let timeline = try #require(try history.timeline(in: window(0, 360), stepMinutes: step))
    #expect(timeline.all.count == Int(360 / step))
    for (index, totals) in timeline.all.enumerated() {
      let minutes = Int64(index) * step..<Int64(index + 1) * step
      let cells = batch.cells.filter { minutes.contains($0.minute - day) }
      #expect((totals == nil) == cells.isEmpty)
      #expect((totals?.calls ?? 0) == cells.reduce(0) { $0 + $1.calls })
      #expect((totals?.total.value ?? 0) == cells.reduce(0) { $0 + $1.total.value })
      #expect(timeline.sketches[index].count == totals?.calls ?? 0)
      let second = timeline.statements[Fingerprint(2)]?[index]
      #expect((second?.errors ?? 0) == cells.reduce(0) { $0 + $1.errors })
    }
    let filtered = try history.timeline(in: window(0, 360), stepMinutes: step, WorkloadFilter(application: "worker"))
    #expect(filtered?.statements.keys.map(\.value) == [2])
    #expect(try history.timeline(in: .everything, stepMinutes: step) == nil)
  }

  @Test func eventsAreSummedByShape() throws {
    func event(_ shape: String, minute: Int64, count: Int64, fingerprint: UInt64?, amount: Double = 0) -> EventCell {
      EventCell(
        category: shape.hasPrefix("temporary") ? .temporaryFile : .error, minute: day + minute, sqlState: "23505",
        shape: shape, database: "shop", user: "app", application: "web", fingerprint: fingerprint.map(Fingerprint.init),
        count: count, amount: amount, sample: "sample of \(shape)")
    }
    var batch = LogBatch()
    batch.events = [
      event("duplicate key", minute: 1, count: 2, fingerprint: 1),
      event("duplicate key", minute: 9, count: 5, fingerprint: 2),
      event("temporary file", minute: 3, count: 1, fingerprint: nil, amount: 1_024),
      event("duplicate key", minute: 100, count: 50, fingerprint: 1),
    ]
    try history.apply(batch)
    let events = try history.events(in: window(0, 60))
    #expect(events.map(\.shape) == ["duplicate key", "temporary file"])
    #expect(events.map(\.count) == [7, 1])
    #expect(events[0].fingerprint == Fingerprint(2))
    #expect(events[1].amount == 1_024)
    #expect(try history.events().first?.count == 57)
  }

  @Test func originsAndRepetitionsAreSummed() throws {
    var batch = LogBatch()
    for minute in stride(from: 0, to: 3_000 as Int64, by: 50) {
      batch.cells.append(cell(1, web, minute: minute, ms: [10, 20]))
      batch.cells.append(cell(1, worker, minute: minute, ms: [1, 1, 1]))
    }
    batch.repetitions = (0..<4).map {
      RepetitionCell(
        fingerprint: Fingerprint(1), dimensions: web, minute: day + $0, transactions: 2, executions: 40, most: 20 + $0,
        total: Microseconds(7))
    }
    try history.apply(batch)
    let origins = try history.origins(in: window(25, 2_975))
    #expect(origins.map(\.dimensions) == [worker, web])
    #expect(origins.map(\.calls) == [59 * 3, 59 * 2])
    #expect(origins[1].total.value == 59 * 30_000)
    let repetitions = try history.repetitions(in: window(0, 3))
    #expect(repetitions.map(\.executions) == [120])
    #expect(repetitions.map(\.most) == [22])
    #expect(repetitions.map(\.transactions) == [6])
  }

  @Test func plansAreReadBackOnce() throws {
    var batch = LogBatch()
    batch.plans = (0..<3).map { index in
      PlanSample(
        fingerprint: Fingerprint(9), dimensions: web, at: Timestamp(seconds: day * 60 + index),
        duration: Microseconds(1_000 * (index + 1)), format: .json, document: "{\"Plan\": \(index)}", isNested: false,
        shape: index == 2 ? 7 : nil)
    }
    try history.apply(batch)
    let plans = try history.plans(of: Fingerprint(9))
    #expect(plans == batch.plans)
    #expect(try history.plans(of: Fingerprint(1)).isEmpty)
    #expect(try history.plans(in: window(1, 2)).isEmpty)
  }
}

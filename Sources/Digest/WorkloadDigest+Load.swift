import History
import Model
import Report
import Sketch

extension WorkloadDigest {
  func load(_ timeline: WorkloadTimeline?) throws(HistoryError) -> LoadReport {
    var load = LoadReport(
      numbers: total(now), previousNumbers: before.map(total), stepSeconds: stepMinutes * 60,
      steps: try steps(timeline))
    load.observedSeconds = observedSeconds(window)
    if let previous {
      load.previousObservedSeconds = observedSeconds(previous)
      load.previousSteps = try steps(try history.timeline(in: range(previous), stepMinutes: stepMinutes))
    }
    return load
  }

  /// A step is a gap only where no source was recording; else what it lacks is zero.
  private func steps(_ timeline: WorkloadTimeline?) throws(HistoryError) -> [LoadReport.Step?] {
    guard let timeline else { return [] }
    let covered = try recordedStretches()
    return timeline.all.indices.map { index in
      let at = Timestamp(
        microseconds: timeline.from.microseconds + Int64(index) * timeline.stepMinutes * 60_000_000)
      let end = Timestamp(microseconds: at.microseconds + timeline.stepMinutes * 60_000_000)
      guard let totals = timeline.all[index] else {
        let isCovered = covered.contains { $0.lowerBound <= at && end <= $0.upperBound }
        return isCovered ? LoadReport.Step(at: at, calls: 0, totalMs: 0) : nil
      }
      return LoadReport.Step(
        at: at, calls: totals.calls, totalMs: totals.total.milliseconds, errors: totals.errors,
        p95Ms: timeline.sketches[index].quantile(0.95)?.milliseconds)
    }
  }

  /// From each source's first entry to its last, and from each server's first snapshot to its last.
  func recordedStretches() throws(HistoryError) -> [Range<Timestamp>] {
    var stretches = try history.sources().compactMap { source -> Range<Timestamp>? in
      guard let first = source.first, let last = source.last, first < last else { return nil }
      return first..<last
    }
    stretches += now.intervals.values.map { $0.from..<max($0.from, $0.to) }
    return stretches
  }

  /// The whole window's numbers; percentiles of all calls only where every call was logged.
  private func total(_ summary: WorkloadSummary) -> CallNumbers {
    var sketch = LatencySketch()
    var longest: Double?
    for statement in summary.statements {
      let numbers = Self.numbers(statement)
      if let log = statement.log { sketch.merge(log.sketch) }
      if let max = numbers.maxMs { longest = Swift.max(longest ?? 0, max) }
    }
    let isComplete = summary.statements.allSatisfy { $0.source == .log || $0.calls == 0 } && !sketch.isEmpty
    func quantile(_ q: Double) -> Double? { isComplete ? sketch.quantile(q)?.milliseconds : nil }
    return CallNumbers(
      calls: summary.calls, errors: summary.statements.reduce(0) { $0 + ($1.errors ?? 0) },
      totalMs: summary.totalMilliseconds, p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99),
      maxMs: longest, isExact: summary.statements.allSatisfy(\.isExact))
  }
}

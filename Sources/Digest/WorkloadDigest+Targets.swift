import History
import Model
import Report
import Sketch

extension WorkloadDigest {
  func targets(_ ranked: [StatementSummary]) -> [Verdict] {
    [workloadTarget(), queryTarget(ranked)]
  }

  private var target: Microseconds { Microseconds(Int64((options.targetMs * 1_000).rounded())) }

  /// 95 % of all calls, counted over all statements together.
  private func workloadTarget() -> Verdict {
    let name = "95 % of all calls below \(Quantity.milliseconds(options.targetMs))"
    let verdict = now.verdict(target: target)
    var (state, reason): (Verdict.State, Prose) =
      switch verdict {
      case .meets(let evidence): (.met, Self.words(evidence))
      case .misses(let evidence): (.missed, Self.words(evidence))
      case .cannotTell(let obstacle): (.unknown, words(obstacle))
      }
    let p95 = p95(now)
    if p95 != nil {
      let sketch = merged(now)
      let above = sketch.countAbove(target)
      reason =
        reason + " \(Quantity.fraction(Double(above.upperBound) / Double(max(1, sketch.count)))) of them took longer."
    }
    if now.calls == 0 { (state, reason) = (.unknown, "No call was recorded in this window.") }
    return Verdict(target: name, state: state, value: p95, previous: before.flatMap(p95(_:)), reason: reason)
  }

  private func merged(_ summary: WorkloadSummary) -> LatencySketch {
    var sketch = LatencySketch()
    for statement in summary.statements { if let log = statement.log { sketch.merge(log.sketch) } }
    return sketch
  }

  /// The 95th percentile of all calls, where all of them were logged.
  private func p95(_ summary: WorkloadSummary) -> Quantity? {
    guard summary.statements.allSatisfy({ $0.source == .log || $0.calls == 0 }) else { return nil }
    return merged(summary).quantile(0.95).map { .milliseconds($0.milliseconds) }
  }

  private static func words(_ evidence: LatencyVerdict.Evidence) -> Prose {
    switch evidence {
    case .fullLog: "The logs hold every call."
    case .slowLog: "The logs hold the slow calls, and \(code: "pg_stat_statements") counts all."
    case .sampledLog: "The logs hold a random sample of the calls, and it is large enough (binomial test at 2.5 %)."
    case .longest: "The longest duration that \(code: "pg_stat_statements") knows proves it."
    case .deviation: "Mean and standard deviation prove it (Cantelli's inequality)."
    case .mean: "The mean proves it."
    }
  }

  private func words(_ obstacle: LatencyVerdict.Obstacle) -> Prose {
    let milliseconds = Int64(options.targetMs.rounded(.down))
    let setting = "log_min_duration_statement = " + (milliseconds == 0 ? "0" : "'\(milliseconds)ms'")
    return switch obstacle {
    case .tooClose: "The share of slower calls is too close to 5 % for the histogram to tell."
    case .noLog: "Not every call was logged; \(code: setting) or lower would tell."
    case .thresholdTooHigh: "Only calls above the target were logged; \(code: setting) or lower would tell."
    case .callsNotCounted:
      "The logs hold only slower calls, and nothing counted the others; \(code: "pgassay capture") beside \(code: setting) would tell, or \(code: "log_min_duration_statement = 0")."
    case .sampleTooSmall:
      "Too few calls were drawn for the sample to tell; a higher \(code: "log_statement_sample_rate") or a longer window would."
    case .logTooShort: "The logs are of a part of the window only; those of all of it would tell."
    case .incomplete: "Executions were lost between snapshots; more frequent ones would tell."
    case .noCalls: "No call was recorded in this window."
    }
  }

  private func queryTarget(_ ranked: [StatementSummary]) -> Verdict {
    let name = "95 % of each query's calls below \(Quantity.milliseconds(options.targetMs))"
    guard !ranked.isEmpty else {
      return Verdict(target: name, state: .unknown, value: nil, reason: "No call was recorded in this window.")
    }
    func misses(_ statement: StatementSummary) -> Bool {
      if case .misses = LatencyVerdict(statement, target: target) { true } else { false }
    }
    let missed = ranked.filter(misses)
    let unknown = ranked.count { !LatencyVerdict($0, target: target).isKnown }
    let earlier = before.map { before in
      Quantity.count(before.statements.count { $0.calls > 0 && $0.fingerprint != nil && misses($0) })
    }
    guard !missed.isEmpty else {
      return Verdict(
        target: name, state: unknown == 0 ? .met : .unknown, value: unknown == 0 ? .count(0) : nil, previous: earlier,
        reason: unknown == 0
          ? "None of the \(ranked.count) queries misses it."
          : "None is known to miss it, but \(unknown) of \(ranked.count) cannot be told: their calls are not all in the logs."
      )
    }
    var reason: Prose = "\(missed.count) of \(ranked.count) queries miss it"
    let worst = missed.max { a, b in
      (a.quantile(0.95)?.milliseconds ?? 0, b.fingerprint ?? Fingerprint(0))
        < (b.quantile(0.95)?.milliseconds ?? 0, a.fingerprint ?? Fingerprint(0))
    }
    if let worst, let fingerprint = worst.fingerprint, let p95 = worst.quantile(0.95)?.known {
      reason =
        reason + "; the worst is \(code: fingerprint.description) with \(Quantity.milliseconds(p95.milliseconds))"
    }
    if unknown > 0 { reason = reason + "; \(unknown) cannot be told" }
    return Verdict(
      target: name, state: .missed, value: .count(missed.count), previous: earlier, reason: reason + ".")
  }
}

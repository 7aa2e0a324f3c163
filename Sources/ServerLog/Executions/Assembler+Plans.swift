internal import Bytes
internal import Model

/// Plans of auto_explain: a sample of each shape is kept, and each is joined to the execution beside it.
extension Assembler {
  mutating func plan(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    guard entry.shape != 0 else {
      event(entry, session, block)
      return
    }
    let statement = statement(entry, block)
    let workload = workload(entry, session, block)
    tally.plans += 1
    let isNested = !entry.context.isEmpty
    if plans.wants(statement, shapes.statements[statement].fingerprint, entry.time, entry.duration) {
      let document = decoded(block.slice(entry.text))
      let content = document.drop { $0 == 0x0A || $0 == 0x0D }
      let format = document.withUnsafeBytes { PlanDocument.format($0) }
      plans.keep(
        PlanSample(
          fingerprint: shapes.statements[statement].fingerprint, dimensions: workloads.values[workload],
          at: Timestamp(microseconds: entry.time), duration: Microseconds(entry.duration),
          format: format, document: values.plan(String(readable: Array(content)), format),
          isNested: isNested), statement)
    }
    guard !isNested else { return }
    if sessions.values[session].lastShape == entry.shape, sessions.values[session].lastDuration >= entry.duration {
      // The extended protocol writes the plan when the portal is closed: after its execution's duration.
      sessions.values[session].lastShape = 0
      return
    }
    if sessions.values[session].plans.count >= 8 { countPlan(sessions.values[session].plans.removeFirst(), session) }
    sessions.values[session].plans.append(
      Session.WaitingPlan(
        shape: entry.shape, statement: statement, workload: workload, time: entry.time, duration: entry.duration))
  }

  /// A timed execution explains the plans that were written before it and ran inside it.
  mutating func explain(_ session: Int, _ end: Int64, _ duration: Int64) {
    // Times are written to the millisecond, by %t to the second.
    let slack: Int64 = end % 1_000_000 == 0 ? 1_000_000 : 2_000
    let rest = sessions.values[session].plans.filter { plan in
      plan.duration > duration || plan.time - plan.duration < end - duration - slack
    }
    sessions.values[session].plans = []
    for plan in rest { countPlan(plan, session) }
  }

  /// A plan without a duration entry of its execution is the execution's only trace, unless the session logs the
  /// durations of shorter executions too (then the plan was of a cursor, or of a statement inside another).
  mutating func countPlan(_ plan: Session.WaitingPlan, _ session: Int) {
    guard sessions.values[session].shortest > plan.duration else { return }
    let cell = cells.index(Timestamp(microseconds: plan.time).minute, plan.statement, plan.workload)
    let weight = weights.weight(plan.duration)
    cells.addExecution(cell, plan.duration, weight: weight)
    tally.executions += weight
    if weight > 1 { tally.estimated += weight }
  }
}

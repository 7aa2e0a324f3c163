internal import Model

/// What becomes of what waits for a further entry, once none will come.
extension Assembler {
  /// Nothing more is to come from the session.
  mutating func end(_ session: Int) {
    settle(session)
    ledger.keep(&sessions.values[session])
    sessions.remove(session)
  }

  /// Decides what was waiting for an entry that will not come.
  mutating func settle(_ session: Int) {
    untimed(session)
    unexplained(session)
    let plans = sessions.values[session].plans
    sessions.values[session].plans = []
    for plan in plans { countPlan(plan, session) }
    closeTransaction(session)
  }

  /// At the end of a file that may go on: what waits is counted as far as it can be, and remembered, so that what
  /// comes later corrects it.
  mutating func pause() {
    let timed = timedOwners
    for session in sessions.values.indices where sessions.values[session].isLive {
      if var start = sessions.values[session].start, !start.countedUntimed {
        cells.addUntimed(cells.index(Timestamp(microseconds: start.time).minute, start.statement, start.workload), 1)
        tally.untimed += 1
        start.countedUntimed = true
        sessions.values[session].start = start
      }
      // Where durations are logged, that of the plan's execution is still to come, or the plan is not counted.
      guard let first = sessions.values[session].plans.first,
        !timed.contains(SettingsOwner(workloads.values[first.workload]))
      else { continue }
      let plans = sessions.values[session].plans
      sessions.values[session].plans = []
      for plan in plans { countPlan(plan, session) }
    }
  }

  /// Whose executions are logged with durations, so that a plan's execution is expected to come with its own.
  var timedOwners: Set<SettingsOwner> {
    var result = timedBefore
    for (value, isTimed) in zip(workloads.values, workloads.isTimed) where isTimed {
      result.insert(SettingsOwner(value))
    }
    return result
  }
}

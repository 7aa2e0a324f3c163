import Model

extension StatementsDifference {
  /// What lies between two snapshots, as their contexts and their rows tell it.
  struct Between {
    var interruptions: [Interruption] = []
    /// The later snapshot is of another server's statistics.
    var isOther = false
    /// Nothing tells that what it did is what the earlier one would have done: it may be a clone.
    var isForeign = false
    /// Every entry of the later snapshot began after the earlier one.
    var beganInside = false
    /// Something may have ended lives.
    var isInterrupted = false
  }

  static func between(
    _ from: StatementsSnapshot, _ to: StatementsSnapshot, _ pairs: [Pair], _ resetStatements: Set<StatementKey>
  ) -> Between {
    var result = Between()
    let (a, b) = (from.context, to.context)
    let earlierReset = a.earlyStatementsReset ?? a.statementsReset
    if let after = b.statementsReset {
      // A reset, and a start that found nothing to read back, set it to the current time (`pgss_shmem_startup`).
      result.beganInside = after != earlierReset && after > from.at
      // Statistics that are older than the earlier snapshot and not the ones seen there are another server's.
      result.isOther = after <= from.at && earlierReset.map { $0 != after } ?? false
    }
    if let before = a.serverStart, let after = b.serverStart, before != after, after <= from.at {
      result.isOther = true
    }
    // Counters that were read back are the same ones wherever they are; others may be a clone's.
    if let before = a.place, let after = b.place, before != after, a.serverStart != b.serverStart,
      b.statementsReset == nil || b.statementsReset != earlierReset
    {
      result.isOther = true
      // After a fail-over the new primary has a timeline of its own, and does what the old one did.
      result.isForeign = a.timeline == b.timeline
    }
    // A replica follows its primary to a new timeline and keeps its own statistics.
    if !from.server.node.hasPrefix("replica"), let before = a.timeline, let after = b.timeline, before != after {
      result.isOther = true
    }
    // What ends every life also renews the reset; as it did not, restarts were clean and read everything back.
    if result.isForeign { result.beganInside = false }
    let isKept = !result.beganInside && b.statementsReset != nil

    var list: [Interruption] = []
    if result.isOther { list.append(.otherServer) }
    if result.beganInside { list.append(.reset) }
    let hidden = Set(a.hiddenUsers ?? []).union(b.hiddenUsers ?? [])
    if isResetCalled(pairs, resetStatements, from) {
      list.append(.resetCalled)
    } else if !hidden.isEmpty {
      list.append(.resetPossible)
    }
    if let before = a.earlyDeallocations ?? a.deallocations, let after = b.deallocations {
      if before != after { list.append(.evictions(times: after > before ? after - before : nil)) }
    } else if b.capacity == nil {
      list.append(.notTold)
    } else if !isTooSmallForEvictions(to) {
      list.append(.evictions(times: nil))
    }
    result.isInterrupted = !list.isEmpty
    var started = false
    if let before = a.serverStart, let after = b.serverStart, before != after, !result.isOther { started = true }
    if isKept {
      if started { list.append(.cleanRestart) }
    } else {
      if started { list.append(.restart) }
      if let before = a.serverStatisticsReset, let after = b.serverStatisticsReset, before != after {
        list.append(.serverStatisticsReset)
      }
      result.isInterrupted = result.isInterrupted || !list.isEmpty
    }
    if let before = a.serverVersion, let after = b.serverVersion, before.major != after.major {
      list.append(.serverVersion(from: before, to: after))
      result.isInterrupted = true
    }
    if a.known != b.known || a.tellsLevels != b.tellsLevels { list.append(.columns) }
    let unseen = Set(b.hiddenUsers ?? [])
    let lost = pairs.count { before, after in
      guard let before else { return false }
      guard let after else { return !unseen.contains(before.key.userID) }
      if let old = before.since, let new = after.since { return old != new }
      return !after.counters.isAtLeast(before.counters, of: a.knownCounters.intersection(b.knownCounters))
    }
    if lost > 0, !result.isInterrupted {
      list.append(.lostEntries(count: lost))
      result.isInterrupted = true
    }
    result.interruptions = list
    return result
  }

  /// Whether a statement may call pg_stat_statements_reset: it names it, and does not merely define or grant it.
  public static func callsReset(_ text: String) -> Bool {
    guard text.contains("pg_stat_statements_reset") else { return false }
    let first = text.drop { !$0.isLetter }.prefix { $0.isLetter }.lowercased()
    return !["create", "drop", "alter", "grant", "revoke", "comment"].contains(first)
  }

  private static func isResetCalled(
    _ pairs: [Pair], _ resetStatements: Set<StatementKey>, _ from: StatementsSnapshot
  ) -> Bool {
    let hidden = Set(from.context.hiddenUsers ?? [])
    return pairs.contains { before, after in
      // An entry that is gone was thrown out or reset itself, which shows elsewhere: it tells of no call.
      guard let after, before?.counters != after.counters else { return false }
      // One that only the later role sees may be old.
      if before == nil, hidden.contains(after.key.userID), after.since.map({ $0 <= from.at }) ?? true { return false }
      return resetStatements.contains(after.key)
        || [before?.query, after.query].contains { $0.map(callsReset) == true }
    }
  }

  /// Extension 1.8 does not count evictions. One leaves 95 % of `pg_stat_statements.max` entries (`entry_dealloc`
  /// throws out 5 %), of which those that were never executed are not shown: a table whose rows are less than half of
  /// that has not seen one. A reset in between would show by itself.
  private static func isTooSmallForEvictions(_ snapshot: StatementsSnapshot) -> Bool {
    guard let capacity = snapshot.context.capacity else { return false }
    return Int64(snapshot.rows.count + snapshot.hiddenRows) < capacity / 2
  }
}

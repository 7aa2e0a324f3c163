public import Model

/// What happened between two snapshots of one server's pg_stat_statements.
///
/// The counters of an entry grow from the entry's beginning, and entries begin anew without notice: after a reset (of
/// everything, of a database's, a role's or one query's entries), after an eviction when the table is full, after a
/// crash. The rule, in order:
///
/// 1. Both rows carry `stats_since` (extension 1.11): equal instants are one life, and the counters are subtracted.
///    Different ones are two lives: the later row counts in full, and as nobody saw the end of the earlier life the
///    result is a lower bound.
/// 2. Otherwise the counters are subtracted if none of them fell. The result is exact if it is possible at all (its mean
///    lies between the extremes, its sum of squares suffices for its sum) and, where something between the snapshots
///    may have ended lives (`Interruption`), if both extremes of the entry's life, two durations in nanoseconds, are
///    still the same, which a new life does not reproduce; else it is a lower bound.
/// 3. Where they fell, the later row counts in full, as a lower bound.
/// 4. A row only in the later snapshot counts in full: exact if nothing interrupted, else a lower bound. One that says
///    it is older than the earlier snapshot was merely not shown there, and nothing of it is counted.
/// 5. A row only in the earlier snapshot counts nothing, as a lower bound.
///
/// What cannot be seen in the data at all: a query that first appears after the earlier snapshot and is singly reset
/// before the later one, when the reset was called inside a function that pg_stat_statements does not track.
public struct StatementsDifference: Sendable {
  /// What may have ended the lives of entries between the snapshots.
  public enum Interruption: Hashable, Sendable, Codable {
    /// `pg_stat_statements_reset()` of everything.
    case reset
    /// A call of pg_stat_statements_reset was itself recorded.
    case resetCalled
    /// Least used entries were thrown out, so many times where known.
    case evictions(times: Int64?)
    /// The source tells neither of resets nor of evictions, so either may have happened.
    case notTold
    /// The server was started again (cleanly, or after a crash).
    case restart
    /// The server's own statistics began anew: a crash, or a reset by hand.
    case serverStatisticsReset
    /// Another server release.
    case serverVersion(from: ServerVersion, to: ServerVersion)
    /// The extension's columns changed.
    case columns
    /// Entries vanished, or their counters fell, with nothing that explains it: resets of single entries, or a crash.
    case lostEntries(count: Int)
  }

  public let server: ServerIdentity
  public let from: Timestamp
  public let to: Timestamp
  /// Entries that changed, appeared or vanished, ascending by key. An entry that is not here did nothing.
  public let deltas: [StatementDelta]
  public let interruptions: [Interruption]
  /// The counters that both snapshots have.
  public let known: CounterSet
  /// Time spent executing in all databases by pg_stat_database, in nanoseconds; nil where it does not tell.
  public let activeTime: Int64?

  /// Why two snapshots cannot be compared.
  public enum Problem: UserError, Equatable {
    case differentServers(ServerIdentity, ServerIdentity)
    case wrongOrder(Timestamp, Timestamp)

    public var sentence: String {
      switch self {
      case .differentServers(let a, let b): "the snapshots are of different servers (\(a) and \(b))"
      case .wrongOrder(let a, let b): "the first snapshot (\(a)) must be older than the second (\(b))"
      }
    }
  }

  /// - Parameter resetStatements: entries known from elsewhere to call pg_stat_statements_reset, beside those whose
  ///   text in the snapshots says so.
  public init(
    from: StatementsSnapshot, to: StatementsSnapshot, resetStatements: Set<StatementKey> = []
  ) throws(Problem) {
    guard from.server == to.server else { throw .differentServers(from.server, to.server) }
    guard from.at < to.at else { throw .wrongOrder(from.at, to.at) }
    server = from.server
    self.from = from.at
    self.to = to.at
    known = from.context.knownCounters.intersection(to.context.knownCounters)

    let pairs = StatementsDifference.pairs(from.rows, to.rows)
    interruptions = StatementsDifference.interruptions(from, to, pairs, resetStatements)
    let rule = DifferenceRule(
      from: from.at, wasReset: interruptions.contains(.reset),
      isInterrupted: interruptions.contains { $0 != .columns }, known: known)
    deltas = pairs.compactMap { rule.delta(before: $0.before, after: $0.after) }
    activeTime = StatementsDifference.activeTime(from.context.activeTime, to.context.activeTime)
  }

  /// The share of the server's executing time that the differences account for; nil where pg_stat_database does not
  /// tell. Above one where statements run outside what it counts (background workers).
  public var coverage: Double? {
    guard let activeTime, activeTime > 0 else { return nil }
    let explained = deltas.filter(\.key.isTopLevel).reduce(0) { $0 + $1.counters[.execTime] }
    return Double(explained) / Double(activeTime)
  }

  typealias Pair = (before: StatementRow?, after: StatementRow?)

  /// Both snapshots' rows by key.
  private static func pairs(_ before: [StatementRow], _ after: [StatementRow]) -> [Pair] {
    var pairs: [Pair] = []
    pairs.reserveCapacity(max(before.count, after.count))
    var i = 0
    var j = 0
    while i < before.count || j < after.count {
      if j == after.count || i < before.count && before[i].key < after[j].key {
        pairs.append((before[i], nil))
        i += 1
      } else if i == before.count || after[j].key < before[i].key {
        pairs.append((nil, after[j]))
        j += 1
      } else {
        pairs.append((before[i], after[j]))
        i += 1
        j += 1
      }
    }
    return pairs
  }

  private static func interruptions(
    _ from: StatementsSnapshot, _ to: StatementsSnapshot, _ pairs: [Pair], _ resetStatements: Set<StatementKey>
  ) -> [Interruption] {
    var result: [Interruption] = []
    let (a, b) = (from.context, to.context)
    if let before = a.statementsReset, let after = b.statementsReset, before != after { result.append(.reset) }
    let resetCalled = pairs.contains { before, after in
      let isReset =
        (after ?? before).map { resetStatements.contains($0.key) } == true
        || [before?.query, after?.query].contains { $0?.contains("pg_stat_statements_reset") == true }
      return isReset && before?.counters != after?.counters
    }
    if resetCalled { result.append(.resetCalled) }
    if let before = a.deallocations, let after = b.deallocations {
      if before != after { result.append(.evictions(times: after > before ? after - before : nil)) }
    } else if to.context.capacity == nil {
      result.append(.notTold)
    } else if !isTooSmallForEvictions(to) {
      result.append(.evictions(times: nil))
    }
    if let before = a.serverStart, let after = b.serverStart, before != after { result.append(.restart) }
    if let before = a.serverStatisticsReset, let after = b.serverStatisticsReset, before != after {
      result.append(.serverStatisticsReset)
    }
    if let before = a.serverVersion, let after = b.serverVersion, before.major != after.major {
      result.append(.serverVersion(from: before, to: after))
    }
    if a.known != b.known { result.append(.columns) }
    let lost = pairs.count { before, after in
      guard let before else { return false }
      guard let after else { return true }
      if let old = before.since, let new = after.since { return old != new }
      return !after.counters.isAtLeast(before.counters)
    }
    if lost > 0, result.allSatisfy({ $0 == .columns }) { result.append(.lostEntries(count: lost)) }
    return result
  }

  /// Extension 1.8 does not count evictions. One leaves 95 % of `pg_stat_statements.max` entries (`entry_dealloc`
  /// throws out 5 %), so a table below that has not seen one; a reset in between would show by itself.
  private static func isTooSmallForEvictions(_ snapshot: StatementsSnapshot) -> Bool {
    guard let capacity = snapshot.context.capacity else { return false }
    return Int64(snapshot.rows.count + snapshot.hiddenRows) < capacity * 95 / 100 - 10
  }

  private static func activeTime(_ before: [UInt32: Int64], _ after: [UInt32: Int64]) -> Int64? {
    guard !before.isEmpty, !after.isEmpty else { return nil }
    var sum: Int64 = 0
    for (database, time) in after {
      let delta = time - (before[database] ?? 0)
      // The database's statistics were reset: what it did before is unknown.
      guard delta >= 0 else { return nil }
      sum += delta
    }
    return sum
  }
}

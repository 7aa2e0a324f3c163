public import Model

/// What happened between two snapshots of one server's pg_stat_statements.
///
/// The counters of an entry grow from the entry's beginning, and entries begin anew without notice: after a reset (of
/// everything, of a database's, a role's or one query's entries), after an eviction when the table is full, after a
/// crash. The rule, in order:
///
/// 1. Statistics that are older than the earlier snapshot and not those it shows are another server's (after a
///    fail-over): nothing of them is counted, except entries that tell they began in between.
/// 2. Both rows carry `stats_since` (extension 1.11): equal instants are one life, and the counters are subtracted.
///    Different ones are two lives: the later row counts in full, and as nobody saw the end of the earlier life the
///    result is a lower bound.
/// 3. Otherwise the counters are subtracted if none of them fell. The result is exact if it is possible at all (its mean
///    lies between the extremes, its sum of squares suffices for its sum) and, where something between the snapshots
///    may have ended lives (`Interruption`), if both extremes of the entry's life, two durations in nanoseconds, are
///    still the same, which a new life does not reproduce; else it is a lower bound. Where a row may stand for a
///    nested entry beside the outer one (extension 1.8 with `pg_stat_statements.track = all`), they prove nothing: the
///    other one may have come and gone.
/// 4. Where they fell, the later row counts in full, as a lower bound.
/// 5. A row only in the later snapshot counts in full: exact if nothing interrupted, else a lower bound. Where the
///    earlier one may have had it without showing it (an export of some rows, a role that may not see it), nothing of
///    it is counted.
/// 6. A row only in the earlier snapshot counts nothing, as a lower bound.
///
/// A restart that leaves `pg_stat_statements_info.stats_reset` as it was (extension 1.9) read all counters back and
/// interrupts nothing: a crash renews it.
///
/// What was executed while the server ran without the extension's library is in no counter; where a capture found it so,
/// everything across that time is a lower bound.
///
/// What cannot be seen in the data at all: such a time between two clean restarts that no capture fell into; a reset of single entries that was called where pg_stat_statements does not
/// track it (inside a function, or by a role with `pg_stat_statements.track = none`), if the query first appears
/// between the snapshots or, before extension 1.11, if its new life exceeds its old one in every counter and extreme.
public struct StatementsDifference: Sendable {
  /// What may have ended the lives of entries between the snapshots.
  public enum Interruption: Hashable, Sendable, Codable {
    /// `pg_stat_statements_reset()` of everything.
    case reset
    /// A call of pg_stat_statements_reset was itself recorded.
    case resetCalled
    /// Whether pg_stat_statements_reset was called is not known: some roles' entries are hidden from one of the captures.
    case resetPossible
    /// The server ran without the extension's library for a while, and counted nothing.
    case notLoaded
    /// Least used entries were thrown out, so many times where known.
    case evictions(times: Int64?)
    /// The source tells neither of resets nor of evictions, so either may have happened.
    case notTold
    /// The server was started again (cleanly, or after a crash).
    case restart
    /// The server was started again and read all counters back: nothing was lost.
    case cleanRestart
    /// The server's own statistics began anew: a crash, or a reset by hand.
    case serverStatisticsReset
    /// Another server release.
    case serverVersion(from: ServerVersion, to: ServerVersion)
    /// Another server of the cluster answers, with statistics of its own: a fail-over.
    case otherServer
    /// The extension's columns changed.
    case columns
    /// Entries vanished, or their counters fell, with nothing that explains it: resets of single entries, or a crash.
    case lostEntries(count: Int)

    /// Whether an entry may have come and gone unseen.
    public var hidesEntries: Bool { self != .cleanRestart && self != .columns }
  }

  /// Whether an entry that neither snapshot shows may have come and gone in between.
  public var mayHideEntries: Bool { interruptions.contains(where: \.hidesEntries) }

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

  /// - Parameters:
  ///   - resetStatements: entries known from elsewhere to call pg_stat_statements_reset, beside those whose text in the
  ///     snapshots says so.
  ///   - wasUnloaded: whether the server is known to have run without the extension's library in between.
  public init(
    from: StatementsSnapshot, to: StatementsSnapshot, resetStatements: Set<StatementKey> = [],
    wasUnloaded: Bool = false
  ) throws(Problem) {
    guard from.server == to.server else { throw .differentServers(from.server, to.server) }
    guard from.at < to.at else { throw .wrongOrder(from.at, to.at) }
    server = from.server
    self.from = from.at
    self.to = to.at
    known = from.context.knownCounters.intersection(to.context.knownCounters)

    // Before extension 1.9 nothing tells nested calls from others: then both snapshots are read that way.
    let isMixed = from.context.tellsLevels != to.context.tellsLevels
    let pairs =
      isMixed
      ? StatementsDifference.pairs(
        StatementsSnapshot.withoutLevels(from.rows), StatementsSnapshot.withoutLevels(to.rows))
      : StatementsDifference.pairs(from.rows, to.rows)
    let between = StatementsDifference.between(from, to, pairs, resetStatements)
    interruptions = between.interruptions + (wasUnloaded ? [.notLoaded] : [])
    let rule = DifferenceRule(
      from: from.at, isOther: between.isOther, isForeign: between.isForeign, beganInside: between.beganInside,
      isInterrupted: between.isInterrupted,
      known: known, isComplete: from.context.isComplete ?? true, hiddenUsers: Set(from.context.hiddenUsers ?? []),
      mayHideNested: !(from.context.tellsLevels && to.context.tellsLevels)
        && !(from.context.track == "top" && to.context.track == "top"))
    let counted = pairs.compactMap { rule.delta(before: $0.before, after: $0.after) }
    deltas = wasUnloaded ? counted.map(\.partlyUncounted) : counted
    activeTime =
      between.isOther ? nil : StatementsDifference.activeTime(from.context, to.context)
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

  /// Nil where a part of it is lost: a database's statistics or the database itself are gone, or all of them after a
  /// crash.
  private static func activeTime(_ before: StatementsContext, _ after: StatementsContext) -> Int64? {
    guard !before.activeTime.isEmpty, !after.activeTime.isEmpty,
      before.serverStatisticsReset == after.serverStatisticsReset
    else { return nil }
    var sum: Int64 = 0
    for (database, time) in before.activeTime {
      guard let now = after.activeTime[database], now >= time,
        before.databaseResets?[database] == after.databaseResets?[database]
      else { return nil }
      sum += now - time
    }
    for (database, time) in after.activeTime where before.activeTime[database] == nil { sum += time }
    return sum
  }
}

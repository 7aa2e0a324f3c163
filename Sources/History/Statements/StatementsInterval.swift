public import Model
public import Statements

/// The time between two snapshots, or several such times taken together.
public struct StatementsInterval: Hashable, Sendable {
  public var from: Timestamp
  public var to: Timestamp
  /// What may have hidden executions, each kind once with its counts added up.
  public var interruptions: [StatementsDifference.Interruption]
  /// The counters that every snapshot had.
  public var known: CounterSet
  /// Time spent executing by pg_stat_database, in nanoseconds; nil where any part does not tell.
  public var activeTime: Int64?
  /// Time that is covered by snapshots; less than `to - from` where parts are missing in between.
  public var seconds: Double

  public init(
    from: Timestamp, to: Timestamp, interruptions: [StatementsDifference.Interruption], known: CounterSet,
    activeTime: Int64?, seconds: Double
  ) {
    self.from = from
    self.to = to
    self.interruptions = interruptions
    self.known = known
    self.activeTime = activeTime
    self.seconds = seconds
  }

  /// Whether entries may have come and gone unseen.
  var mayHideEntries: Bool { interruptions.contains(where: \.hidesEntries) }

  /// This interval and a later one.
  func joined(_ next: StatementsInterval) -> StatementsInterval {
    var activeSum: Int64?
    if let a = activeTime, let b = next.activeTime { activeSum = a + b }
    return StatementsInterval(
      from: min(from, next.from), to: max(to, next.to),
      interruptions: next.interruptions.reduce(into: interruptions) { sum, item in
        switch item {
        case .evictions(let times):
          guard
            let index = sum.firstIndex(where: { if case .evictions = $0 { true } else { false } }),
            case .evictions(let before) = sum[index]
          else { break }
          sum[index] = .evictions(times: before.flatMap { a in times.map { a + $0 } })
          return
        case .lostEntries(let count):
          guard
            let index = sum.firstIndex(where: { if case .lostEntries = $0 { true } else { false } }),
            case .lostEntries(let before) = sum[index]
          else { break }
          sum[index] = .lostEntries(count: before + count)
          return
        default: if sum.contains(item) { return }
        }
        sum.append(item)
      }, known: known.intersection(next.known), activeTime: activeSum, seconds: seconds + next.seconds)
  }
}

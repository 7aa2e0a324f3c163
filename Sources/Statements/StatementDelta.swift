/// What one entry of pg_stat_statements did between two snapshots.
public struct StatementDelta: Hashable, Sendable {
  /// How the entry's life lies to the interval.
  public enum Life: UInt8, Hashable, Sendable {
    /// In both snapshots, the same life.
    case continued
    /// Only in the later one.
    case began
    /// In both, but its counters began anew in between.
    case restarted
    /// Only in the earlier one.
    case ended

    /// This interval and the next one taken together.
    public func followed(by next: Life) -> Life {
      switch (self, next) {
      case (.began, .ended): .ended
      case (.began, _): .began
      case (.ended, .began),
        (.restarted, _) where next != .ended:
        .restarted
      case (_, let after) where after != .continued: after
      default: self
      }
    }
  }

  public var key: StatementKey
  public var life: Life
  /// What was added. Where `isExact` is false the truth is this or more.
  public var counters: StatementCounters
  /// False where executions may be missing: before a reset, an eviction or a crash nobody read the counters.
  public var isExact: Bool
  /// False where subtraction has left too few digits of the sums of squares for a standard deviation.
  public var hasReliableSquares: Bool
  public var shortest: WindowExtremum
  public var longest: WindowExtremum

  public init(
    key: StatementKey, life: Life, counters: StatementCounters, isExact: Bool, hasReliableSquares: Bool = true,
    shortest: WindowExtremum = .withinEarlier, longest: WindowExtremum = .withinEarlier
  ) {
    self.key = key
    self.life = life
    self.counters = counters
    self.isExact = isExact
    self.hasReliableSquares = hasReliableSquares
    self.shortest = shortest
    self.longest = longest
  }

  /// The same where executions happened that were not counted.
  public var partlyUncounted: StatementDelta {
    var delta = self
    delta.isExact = false
    delta.shortest = shortest.value.map { .partly($0) } ?? .withinEarlier
    delta.longest = longest.value.map { .partly($0) } ?? .withinEarlier
    return delta
  }

  /// This interval and the next one of the same entry taken together.
  public func followed(by next: StatementDelta) -> StatementDelta {
    var sum = self
    sum.counters += next.counters
    sum.isExact = isExact && next.isExact
    sum.hasReliableSquares = hasReliableSquares && next.hasReliableSquares
    sum.shortest = shortest.followed(by: next.shortest, min)
    sum.longest = longest.followed(by: next.longest, max)
    sum.life = life.followed(by: next.life)
    return sum
  }

  /// Mean and standard deviation of the interval's executions, in milliseconds.
  public var execMoments: DurationMoments? {
    DurationMoments(
      count: counters[.calls], total: counters[.execTime], squares: counters.execSquares,
      isReliable: hasReliableSquares && isExact)
  }
}

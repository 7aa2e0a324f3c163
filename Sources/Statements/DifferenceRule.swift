import Model

/// The rule of `StatementsDifference`, applied to one entry.
struct DifferenceRule {
  let from: Timestamp
  let wasReset: Bool
  /// Something may have ended lives between the snapshots.
  let isInterrupted: Bool
  let known: CounterSet

  /// Nil for an entry that did nothing.
  func delta(before: StatementRow?, after: StatementRow?) -> StatementDelta? {
    switch (before, after) {
    case (let before?, let after?): both(before, after)
    case (nil, let after?): appeared(after)
    case (let before?, nil): StatementDelta(key: before.key, life: .ended, counters: .init(), isExact: false)
    case (nil, nil): nil
    }
  }

  private func appeared(_ row: StatementRow) -> StatementDelta {
    if let since = row.since, since <= from {
      // It was there before and merely not shown: what it did in the interval is not known.
      return StatementDelta(key: row.key, life: .began, counters: .init(), isExact: false)
    }
    let isExact = !isInterrupted
    return StatementDelta(
      key: row.key, life: .began, counters: row.counters, isExact: isExact,
      shortest: isExact ? .began(row.exec.shortest) : .partly(row.exec.shortest),
      longest: isExact ? .began(row.exec.longest) : .partly(row.exec.longest))
  }

  private func both(_ before: StatementRow, _ after: StatementRow) -> StatementDelta? {
    let isMonotone = after.counters.isAtLeast(before.counters, of: known)
    if let old = before.since, let new = after.since {
      return old == new && isMonotone ? continued(before, after, isExact: true) : restarted(after)
    }
    if wasReset || !isMonotone { return restarted(after) }
    if after.counters == before.counters, after.exec == before.exec { return nil }
    // Two durations in nanoseconds that a new life would have to meet again.
    let isSameLife = after.exec == before.exec && before.exec.longest > 0
    // What is subtracted in error is too little, never too much: a new life's counters hold all that it did.
    return continued(before, after, isExact: isPossible(before, after) && (!isInterrupted || isSameLife))
  }

  private func restarted(_ row: StatementRow) -> StatementDelta {
    StatementDelta(
      key: row.key, life: .restarted, counters: row.counters, isExact: false,
      shortest: .partly(row.exec.shortest), longest: .partly(row.exec.longest))
  }

  private func continued(_ before: StatementRow, _ after: StatementRow, isExact: Bool) -> StatementDelta? {
    var counters = after.counters - before.counters
    for counter in StatementCounter.allCases where !known.contains(counter) { counters[counter] = 0 }
    var shortest = WindowExtremum.withinEarlier
    var longest = WindowExtremum.withinEarlier
    if before.extremesSince != after.extremesSince {
      // Minima and maxima alone were reset: they speak of the time since then, and are zero until the next execution.
      if after.exec.longest > 0 {
        shortest = .partly(after.exec.shortest)
        longest = .partly(after.exec.longest)
      }
    } else {
      if after.exec.shortest < before.exec.shortest || before.exec.longest == 0 && after.exec.longest > 0 {
        shortest = isExact ? .moved(after.exec.shortest) : .partly(after.exec.shortest)
      }
      if after.exec.longest > before.exec.longest {
        longest = isExact ? .moved(after.exec.longest) : .partly(after.exec.longest)
      }
    }
    if counters.values.allSatisfy({ $0 == 0 }), shortest == .withinEarlier, longest == .withinEarlier { return nil }
    return StatementDelta(
      key: after.key, life: .continued, counters: counters, isExact: isExact,
      hasReliableSquares: hasReliableSquares(counters, after.counters), shortest: shortest, longest: longest)
  }

  /// Whether the differences can be those of one life at all: the added executions' mean lies between the life's
  /// extremes, and their sum of squares is at least what that sum needs (Cauchy–Schwarz).
  private func isPossible(_ before: StatementRow, _ after: StatementRow) -> Bool {
    let calls = after.counters[.calls] - before.counters[.calls]
    let time = after.counters[.execTime] - before.counters[.execTime]
    guard after.exec.longest > 0 else { return true }
    guard after.exec.longest >= before.exec.longest,
      before.exec.longest == 0 || after.exec.shortest <= before.exec.shortest
    else { return false }
    guard calls > 0 else { return time == 0 }
    // Printed values are rounded to a nanosecond each; sums of doubles lose a little more.
    let slack = Double(calls) + Double(after.counters[.execTime]) * 1e-12 + 2
    let mean = Double(time)
    guard mean >= Double(after.exec.shortest) * Double(calls) - slack,
      mean <= Double(after.exec.longest) * Double(calls) + slack
    else { return false }
    guard after.counters.execSquares > 0 else { return true }
    let squares = Double(after.counters.execSquares - before.counters.execSquares)
    let needed = mean / 100 * (mean / 100) / Double(calls)
    return squares >= needed * (1 - 1e-9) - noise(after.counters.execSquares) - Double(calls) * Double(time) / 100
  }

  /// How far a sum of squares made of printed doubles may be off: some units in the last of their 53 bits.
  private func noise(_ squares: Int128) -> Double { Double(squares) * 0x1p-50 + 1 }

  private func hasReliableSquares(_ window: StatementCounters, _ whole: StatementCounters) -> Bool {
    let calls = window[.calls]
    guard calls > 1 else { return calls == 1 || window.execSquares == 0 }
    let mean = Double(window[.execTime]) / 100 / Double(calls)
    let spread = Double(window.execSquares) - mean * mean * Double(calls)
    return spread > noise(whole.execSquares) * 1e3
  }
}

extension StatementCounters {
  /// Whether none of these counters is smaller than before.
  func isAtLeast(_ before: StatementCounters, of known: CounterSet) -> Bool {
    StatementCounter.allCases.allSatisfy { !known.contains($0) || self[$0] >= before[$0] }
  }
}

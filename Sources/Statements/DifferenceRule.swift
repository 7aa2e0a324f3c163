import Model

/// The rule of `StatementsDifference`, applied to one entry.
struct DifferenceRule {
  let from: Timestamp
  /// The later snapshot is of another server's statistics.
  let isOther: Bool
  /// Nothing of the later snapshot counts.
  let isForeign: Bool
  /// Every entry of the later snapshot began after the earlier one.
  let beganInside: Bool
  /// Something may have ended lives between the snapshots.
  let isInterrupted: Bool
  let known: CounterSet
  /// Whether the earlier snapshot shows every entry that had been executed.
  let isComplete: Bool
  /// Roles whose entries the earlier snapshot could not tell apart.
  let hiddenUsers: Set<UInt32>
  /// Whether a row may be the sum of an outer and a nested entry, of which one can come and go.
  let mayHideNested: Bool

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
    if isForeign { return uncounted(row, .began) }
    let mayBeOlder = isOther || !isComplete || hiddenUsers.contains(row.key.userID)
    if let since = row.since, since <= from {
      // Parsed before the earlier snapshot and first executed after it: entries without an execution are not shown.
      return mayBeOlder ? uncounted(row, .began) : whole(row, isExact: true)
    }
    if row.since == nil, mayBeOlder, !beganInside { return uncounted(row, .began) }
    return whole(row, isExact: !isInterrupted && !mayBeOlder)
  }

  private func whole(_ row: StatementRow, isExact: Bool) -> StatementDelta {
    let isKnown = row.exec.longest > 0
    return StatementDelta(
      key: row.key, life: .began, counters: row.counters, isExact: isExact,
      shortest: !isKnown ? .withinEarlier : isExact ? .began(row.exec.shortest) : .partly(row.exec.shortest),
      longest: !isKnown ? .withinEarlier : isExact ? .began(row.exec.longest) : .partly(row.exec.longest))
  }

  /// The entry has counted something, but nobody knows how much of it in the interval.
  private func uncounted(_ row: StatementRow, _ life: StatementDelta.Life) -> StatementDelta {
    StatementDelta(key: row.key, life: life, counters: .init(), isExact: false)
  }

  private func both(_ before: StatementRow, _ after: StatementRow) -> StatementDelta? {
    let isMonotone = after.counters.isAtLeast(before.counters, of: known)
    if isForeign { return uncounted(after, .restarted) }
    if isOther {
      return beganInside || after.since.map { $0 > from } ?? false ? restarted(after) : uncounted(after, .restarted)
    }
    if let new = after.since {
      // Before the extension's update to 1.11 nothing told when a life began; one that is older than the earlier
      // snapshot is the one that this shows.
      let isSameLife = before.since.map { $0 == new } ?? (new <= from)
      if isSameLife {
        return isMonotone
          ? continued(before, after, isExact: !(isInterrupted && mayHideNested)) : uncounted(after, .restarted)
      }
      return new > from ? restarted(after) : uncounted(after, .restarted)
    }
    if beganInside || !isMonotone { return restarted(after) }
    if after.counters == before.counters, after.exec == before.exec { return nil }
    // Two durations in nanoseconds that a new life would have to meet again.
    let isSameLife = after.exec == before.exec && before.exec.longest > 0 && !mayHideNested
    // What is subtracted in error is too little, never too much: a new life's counters hold all that it did.
    return continued(before, after, isExact: isPossible(before, after) && (!isInterrupted || isSameLife))
  }

  private func restarted(_ row: StatementRow) -> StatementDelta {
    let isKnown = row.exec.longest > 0
    return StatementDelta(
      key: row.key, life: .restarted, counters: row.counters, isExact: false,
      shortest: isKnown ? .partly(row.exec.shortest) : .withinEarlier,
      longest: isKnown ? .partly(row.exec.longest) : .withinEarlier)
  }

  private func continued(_ before: StatementRow, _ after: StatementRow, isExact: Bool) -> StatementDelta? {
    var counters = after.counters - before.counters
    for counter in StatementCounter.allCases where !known.contains(counter) { counters[counter] = 0 }
    var shortest = WindowExtremum.withinEarlier
    var longest = WindowExtremum.withinEarlier
    // They are zero where nobody knows them: after a reset of minima and maxima until the next execution.
    if after.exec.longest > 0 {
      if !haveSameExtremes(before, after) {
        shortest = .partly(after.exec.shortest)
        longest = .partly(after.exec.longest)
      } else {
        if after.exec.shortest < before.exec.shortest || before.exec.longest == 0 {
          shortest = isExact ? .moved(after.exec.shortest) : .partly(after.exec.shortest)
        }
        if after.exec.longest > before.exec.longest {
          longest = isExact ? .moved(after.exec.longest) : .partly(after.exec.longest)
        }
      }
    }
    if counters.values.allSatisfy({ $0 == 0 }), shortest == .withinEarlier, longest == .withinEarlier { return nil }
    return StatementDelta(
      key: after.key, life: .continued, counters: counters, isExact: isExact,
      hasReliableSquares: hasReliableSquares(counters, after.counters), shortest: shortest, longest: longest)
  }

  /// Whether minima and maxima count from the same instant.
  private func haveSameExtremes(_ before: StatementRow, _ after: StatementRow) -> Bool {
    guard let new = after.extremesSince else { return before.extremesSince == nil }
    return before.extremesSince.map { $0 == new } ?? (new <= from)
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

import Model
import Statements
import Testing

struct StatementsDifferenceTests {
  /// Every (query, window) pair of a history full of interruptions: what is called exact equals the truth, what is
  /// called a lower bound is not above it.
  @Test(arguments: [SimulatedServer.Info.none, .dealloc, .since], [1, 2, 3, 4] as [UInt64])
  func `no difference is wrong without a flag`(info: SimulatedServer.Info, seed: UInt64) throws {
    var server = SimulatedServer(seed: seed, info: info, capacity: 100)
    var random = SplitMix(state: seed &* 77)
    var before = try server.snapshot()
    var truthBefore = server.truth
    var pairs = 0
    var exact = 0
    for _ in 0..<120 {
      let kinds = random.next() % 10
      for _ in 0..<(20 + random.next() % 200) {
        // Zipf-like choice, now and then from a crowd of rare queries that fill the table.
        let crowd = kinds < 3 && random.next() % 3 == 0
        let query = crowd ? Int64(1_000 + random.next() % 300) : Int64(random.next() % (1 + random.next() % 60)) + 1
        server.execute(query, duration: 1_000 * query + Int64(random.next() % (10_000 * UInt64(query))))
        switch random.next() % 4_000 {
        case 0: server.resetAll()
        case 1...8: server.resetOne(Int64(random.next() % 20) + 1)
        case 9...12 where info == .since: server.resetExtremes(Int64(random.next() % 20) + 1)
        case 13: server.crash(postmaster: true)
        case 14: server.crash(postmaster: false)
        case 15...17: server.restart()
        default: break
        }
      }
      let window = server.window
      let after = try server.snapshot()
      let difference = try StatementsDifference(from: before, to: after)
      let deltas = Dictionary(uniqueKeysWithValues: difference.deltas.map { ($0.key.queryID.value, $0) })
      for (query, truth) in server.truth {
        let calls = truth.calls - (truthBefore[query]?.calls ?? 0)
        let total = truth.total - (truthBefore[query]?.total ?? 0)
        guard let delta = deltas[query] else {
          // Nothing is reported for a query that did nothing, or whose entry came and went unseen: then the
          // interruption is reported with the interval.
          #expect(calls == 0 || !difference.interruptions.isEmpty, "query \(query): \(calls) calls unseen")
          continue
        }
        pairs += 1
        if delta.isExact {
          exact += 1
          #expect(delta.counters[.calls] == calls && delta.counters[.rows] == calls * 3)
          // Totals pass through a printed double.
          #expect(abs(delta.counters[.execTime] - total) <= 2)
        } else {
          #expect(delta.counters[.calls] <= calls)
          #expect(delta.counters[.execTime] <= total + 2)
        }
        try check(delta, window[query] ?? [])
      }
      before = after
      truthBefore = server.truth
    }
    #expect(pairs > 3_000)
    // Flags must not be the easy way out. Without pg_stat_statements_info any half-full table may have dropped entries.
    let share =
      switch info {
      case .since: 0.55
      case .dealloc: 0.4
      case .none: 0.3
      }
    #expect(Double(exact) / Double(pairs) > share, "\(exact) of \(pairs) exact")
  }

  private func check(_ delta: StatementDelta, _ durations: [Int64]) throws {
    if let longest = delta.longest.known { #expect(longest == durations.max()) }
    if let shortest = delta.shortest.known { #expect(shortest == durations.min()) }
    guard let moments = delta.execMoments, delta.isExact, !durations.isEmpty else { return }
    let values = durations.map { Double($0) / 1e6 }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(moments.mean - mean) <= 1e-9 * max(1, mean))
    if let deviation = moments.deviation, durations.count > 1 {
      #expect(abs(deviation - variance.squareRoot()) <= 2e-3 * variance.squareRoot() + 2e-4, "\(durations.count)")
    }
  }

  @Test func `joined windows know their extremes whatever the grouping`() {
    var random = SplitMix(state: 3)
    for _ in 0..<2_000 {
      let parts = (0..<6).map { _ -> WindowExtremum in
        let value = Int64(random.next() % 50)
        return [.withinEarlier, .moved(value), .began(value), .partly(value)][Int(random.next() % 4)]
      }
      let left = parts.dropFirst().reduce(parts[0]) { $0.followed(by: $1, max) }
      let right = parts.dropLast().reversed().reduce(parts[5]) { $1.followed(by: $0, max) }
      #expect(left == right)
    }
  }

  @Test func `snapshots of different servers or in the wrong order are refused`() throws {
    var server = SimulatedServer(seed: 1, info: .since, capacity: 100)
    let first = try server.snapshot()
    let second = try server.snapshot()
    #expect(throws: StatementsDifference.Problem.wrongOrder(second.at, first.at)) {
      try StatementsDifference(from: second, to: first)
    }
    var other = second
    other.server = ServerIdentity(systemIdentifier: "2")
    #expect(throws: StatementsDifference.Problem.differentServers(first.server, other.server)) {
      try StatementsDifference(from: first, to: other)
    }
  }
}

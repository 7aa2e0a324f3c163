import Foundation
import Model
import Testing

@testable import Comparison

@Suite struct ComparisonTests {
  /// Reference values: scipy.stats.t.sf(t, df) * 2.
  @Test(arguments: [
    (0, 5, 1.0), (0.5, 3, 0.651447964848151), (2.5, 4.7, 0.05759215934686732), (-1.96, 1000, 0.050273184955748736),
    (12, 6, 2.0307406195373192e-05), (1, 0.9, 0.5142471844730545), (40, 9.5, 6.533362638221758e-12),
  ]) func studentT(t: Double, degrees: Double, probability: Double) {
    #expect(abs(StudentT.twoSided(t, degrees: degrees) - probability) < 1e-10 + 1e-9 * probability)
  }

  /// Reference: scipy.stats.ttest_ind(equal_var=False) and false_discovery_control.
  @Test func welchAndAdjustment() {
    let a = [1.1, 1.3, 0.9, 1.2, 1.05]
    let b = [1.6, 1.4, 1.9, 1.55, 1.7, 1.2]
    #expect(abs(Statistics.welch(a, b) - 0.005111440708048186) < 1e-12)
    #expect(Statistics.welch([1, 1], [2, 2]) == 1)
    let adjusted = Statistics.adjusted([0.01, 0.04, 0.03, 0.005, 0.5])
    for (value, reference) in zip(adjusted, [0.025, 0.05, 0.05, 0.025, 0.5]) { #expect(abs(value - reference) < 1e-12) }
  }

  @Test func quantiles() {
    #expect(Statistics.quantile([3, 1, 2], 0.5) == 2)
    #expect(Statistics.quantile([1, 2, 3, 4], 0.9) == 3.7)
    #expect(Statistics.quantile([5], 0.9) == 5)
    #expect(Statistics.median([]).isNaN)
  }

  /// A workload of queries whose blocks share the machine's slow drift, with noise of their own.
  private struct Workload {
    var random: SystemSeeded
    var queries: [WindowComparison.Query] = []

    init(
      seed: UInt64, queries count: Int, blocks: Int, common: Double = 1, noise: Double = 0.12,
      changed: [Int: Double] = [:]
    ) {
      random = SystemSeeded(state: seed)
      var drift = 0.0
      var machine: [Double] = []
      for _ in 0..<(2 * blocks) {
        drift = 0.7 * drift + 0.1 * random.normal()
        machine.append(drift)
      }
      for index in 0..<count {
        let level = exp(random.normal() * 2)
        let calls = Int64(20 + random.next() % 5_000)
        var all: [WindowComparison.Block?] = []
        for block in 0..<(2 * blocks) {
          var mean = level * exp(machine[block] + noise * random.normal())
          if block >= blocks { mean *= common * (changed[index] ?? 1) }
          all.append(.init(calls: calls, totalMs: mean * Double(calls)))
        }
        queries.append(
          .init(fingerprint: Fingerprint(UInt64(index)), before: Array(all[..<blocks]), now: Array(all[blocks...])))
      }
    }
  }

  /// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every run.
  private struct SystemSeeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }

    mutating func normal() -> Double {
      let u = (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992
      let v = Double(next() >> 11) / 9_007_199_254_740_992
      return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }
  }

  /// Also what hardly matters for the whole workload.
  private var everything: WindowComparison.Options {
    var options = WindowComparison.Options()
    options.leastShare = 0
    return options
  }

  @Test(arguments: [6, 10, 14]) func anUnchangedWorkloadIsSeldomCalledChanged(blocks: Int) {
    var alarms = 0
    for seed in 0..<100 {
      let workload = Workload(seed: UInt64(seed), queries: 40, blocks: blocks)
      let comparison = WindowComparison(workload.queries, options: everything)
      if comparison.results.contains(where: { $0.verdict == .slower || $0.verdict == .faster }) { alarms += 1 }
    }
    // 5 % of workloads may have one.
    #expect(alarms <= 8)
  }

  @Test func aSlowerQueryIsFoundAndNoOther() {
    var found = 0
    var wrong = 0
    for seed in 0..<100 {
      let workload = Workload(seed: UInt64(seed) + 1_000, queries: 40, blocks: 8, changed: [7: 2.0, 8: 0.5])
      for result in WindowComparison(workload.queries, options: everything).results {
        switch (result.fingerprint.value, result.verdict) {
        case (7, .slower), (8, .faster): found += 1
        case (_, .slower), (_, .faster): wrong += 1
        default: break
        }
      }
    }
    #expect(found >= 185)
    #expect(wrong <= 15)
  }

  @Test func aSlowerMachineIsNoSlowerQuery() throws {
    let workload = Workload(seed: 5, queries: 40, blocks: 10, common: 1.5, changed: [3: 1.6])
    let comparison = WindowComparison(workload.queries, options: everything)
    #expect(abs(try #require(comparison.commonRatio) / 1.5 - 1) < 0.2)
    #expect(comparison.results.filter { $0.verdict == .slower }.map(\.fingerprint.value) == [3])
    let changed = try #require(comparison.results.first { $0.fingerprint.value == 3 })
    #expect(abs(try #require(changed.ownRatio) / 1.6 - 1) < 0.15)
    #expect(changed.ratio > 2)
  }

  @Test func tooLittleIsUndecided() {
    let block = WindowComparison.Block(calls: 10, totalMs: 50)
    let query = WindowComparison.Query(
      fingerprint: Fingerprint(1), before: [block, nil, block], now: [block, nil, nil])
    let comparison = WindowComparison([query])
    #expect(comparison.results.map(\.verdict) == [.undecided])
    #expect(comparison.results[0].ratio == 1)
    #expect(WindowComparison([]).results.isEmpty)
  }

  @Test func whatDoesNotMatterIsNotReported() {
    var workload = Workload(seed: 9, queries: 20, blocks: 10, changed: [2: 3])
    for side in [\WindowComparison.Query.before, \.now] {
      workload.queries[2][keyPath: side] = workload.queries[2][keyPath: side].map {
        $0.map { .init(calls: 5, totalMs: $0.totalMs / Double($0.calls) * 0.000_005) }
      }
    }
    let result = WindowComparison(workload.queries).results[2]
    #expect(result.verdict == .same)
    #expect(result.ratio > 2)
  }
}

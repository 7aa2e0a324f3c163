import Foundation
import TestSupport
import Testing

/// No difference may be wrong without a flag, and a flag on everything is no answer.
///
/// `Benchmarks/differences` runs these with more windows and prints the counts.
@Suite(.serialized) struct DifferenceTruthTests {
  private static let windows =
    ProcessInfo.processInfo.environment["PGASSAY_TRUTH_WINDOWS"].flatMap { Int($0) } ?? 18

  private func run(_ truth: DifferenceTruth) async throws {
    guard TestServers.hasContrib(truth.major) else {
      try Test.cancel("PostgreSQL \(truth.major) with pg_stat_statements is missing; .ci/servers installs it")
    }
    let result = try await truth.run()
    for (version, tally) in result.byVersion {
      print("PostgreSQL \(truth.major), pg_stat_statements \(version), as \(truth.role): \(tally)")
    }
    let tally = result.tally
    for counts in [tally.entries, tally.statements] {
      #expect(counts.wrong == 0)
      #expect(counts.pairs > truth.windows * 15)
      // Of thirteen kinds of events six end every life, and a flood of rare statements may end any: then a statement
      // that is new may have been there before, and nobody can tell.
      #expect(Double(counts.exact) > 0.15 * Double(counts.pairs), "\(tally)")
    }
  }

  /// The views of servers 13, 14 and 15, and the updates between them.
  @Test func `every difference on 15 is right or flagged`() async throws {
    try await run(
      DifferenceTruth(major: 15, versions: ["1.8", "1.9", "1.10"], windows: Self.windows, role: "monitor", seed: 15))
  }

  /// The views that an extension of PostgreSQL 11 or 12 has which nobody updated since. They tell of no eviction, so
  /// nothing would be exact in a table that is full.
  @Test func `every difference of views that were never updated is right or flagged`() async throws {
    try await run(
      DifferenceTruth(
        major: 15, versions: ["1.6", "1.7", "1.8"], windows: Self.windows / 2, role: "monitor", seed: 11,
        capacity: 1_000))
  }

  /// The update that brings `stats_since`, on the version that it came with.
  @Test func `every difference on 17 is right or flagged`() async throws {
    try await run(
      DifferenceTruth(major: 17, versions: ["1.10", "1.11"], windows: Self.windows / 2, role: "monitor", seed: 17))
  }

  /// The views of servers 15 to 18, and the updates between them.
  @Test func `every difference on 18 is right or flagged`() async throws {
    try await run(
      DifferenceTruth(
        major: 18, versions: ["1.10", "1.11", "1.12"], windows: Self.windows, role: "postgres", seed: 18))
  }
}

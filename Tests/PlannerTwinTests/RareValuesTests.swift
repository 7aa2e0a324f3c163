import IndexSize
import PostgresClient
import TestSupport
import Testing

@testable import PlannerTwin

/// The number of distinct values behind ANALYZE's estimate, against counts of real columns.
@Suite struct RareValuesTests {
  /// Columns whose values are chosen evenly, by powers of the rank, mostly once, around a few that stand out; and how far
  /// the number may be off, whatever sample ANALYZE draws.
  private static let columns = [
    ("even", "floor(random() * 80000)::int", 0.08), ("power", "floor(random() ^ 3 * 200000)::int", 0.25),
    ("steep", "floor(exp(random() * 12))::int", 0.3),
    ("mostly_once", "CASE WHEN random() < 0.2 THEN floor(random() * 9000)::int ELSE 1000000 + i END", 0.25),
    (
      "standing_out",
      "CASE WHEN random() < 0.3 THEN floor(random() * 3)::int ELSE 100 + floor(random() * 60000)::int END", 0.2
    ),
    ("half_null", "CASE WHEN random() < 0.5 THEN floor(random() * 50000)::int END", 0.15),
  ]

  @Test func `the number of values is nearer to the truth than ANALYZE's estimate`() async throws {
    let rows = 250_000.0
    let schema = """
      SELECT setseed(0.3);
      CREATE TABLE t AS SELECT \(Self.columns.map { "\($0.1) AS \($0.0)" }.joined(separator: ", "))
        FROM generate_series(1, \(Int(rows))) i
      """
    try await Production.with(schema) { _, production in
      for (name, _, tolerance) in Self.columns {
        let row = try await production.query(
          """
          SELECT null_frac, n_distinct, array_to_string(most_common_freqs, ' ') AS common,
            (SELECT count(DISTINCT \(name)) FROM t) AS truth
          FROM pg_stats WHERE tablename = 't' AND attname = '\(name)'
          """
        ).only()
        let distinct = try row.double("n_distinct")
        let estimate = distinct < 0 ? -distinct * rows : distinct
        let truth = try row.double("truth")
        let found = RareValues(
          common: (try row.optionalString("common") ?? "").split(separator: " ").compactMap { Double($0) }, limit: 100,
          nullFraction: try row.double("null_frac"), estimate: estimate, rows: rows, sample: 30_000)
        let better = found?.distinct ?? estimate
        #expect(abs(better - truth) <= tolerance * truth, "\(name): \(better) for \(truth), ANALYZE says \(estimate)")
        #expect(abs(better - truth) <= abs(estimate - truth) + 0.05 * truth, "\(name): \(better) for \(truth)")
        if let found {
          let share = found.classes.reduce(0) { $0 + $1.share * $1.values }
          #expect(share <= 1.000_1)
        }
      }
    }
  }

  @Test(arguments: [
    // All rows read; every value listed; every value seen many times; nothing but null.
    ([0.5, 0.3], 0.0, 2.0, 1_000.0, 30_000.0), ([0.5, 0.5], 0, 2, 1e6, 30_000), ([], 0, 100, 1e6, 30_000),
    ([], 1, 0, 1e6, 30_000),
  ])
  func `an estimate that needs no correction is left alone`(
    common: [Double], nulls: Double, estimate: Double, rows: Double, sample: Double
  ) {
    #expect(
      RareValues(
        common: common, limit: 100, nullFraction: nulls, estimate: estimate, rows: rows, sample: sample) == nil)
  }

  /// Damaged statistics must not stop the twin: anything finite or nothing.
  @Test func `statistics that make no sense do no harm`() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let common = (0..<Int.random(in: 0...120, using: &generator)).map { _ in
        Double.random(in: 0...0.05, using: &generator)
      }
      let found = RareValues(
        common: common.sorted(by: >), limit: Double.random(in: 1...200), nullFraction: Double.random(in: 0...1),
        estimate: Double.random(in: 0...1e7), rows: Double.random(in: 1...1e9), sample: Double.random(in: 1...1e5))
      if let found { #expect(found.distinct.isFinite && found.distinct > 0) }
    }
  }
}

import Foundation
import PostgresClient

/// Whether production's statistics show that a unique index could not be built there. A twin has no rows that could
/// refuse it, and its planner then takes the key for unique.
struct DuplicateKeys {
  var connection: PostgresConnection

  /// How many rows a value must stand for on average before an estimate counts as duplicates.
  private static let tolerance = 1.5

  /// - Parameters:
  ///   - index: its object id.
  ///   - rows: rows of its table, as the planner reckons them.
  ///   - covered: of them, those that a partial index's condition leaves; all of another's.
  /// - Returns: a sentence without a full stop; nil where the index is not unique, or nothing speaks against it. What a
  ///   condition leaves out is taken to be whatever speaks most against duplicates.
  func note(index: String, rows: Double, covered: Double) async throws -> String? {
    let keys = try await connection.query(
      """
      SELECT s.stadistinct AS distinct_, s.stanullfrac AS null_fraction,
        (CASE 1 WHEN s.stakind1 THEN s.stanumbers1 WHEN s.stakind2 THEN s.stanumbers2 WHEN s.stakind3 THEN s.stanumbers3
          WHEN s.stakind4 THEN s.stanumbers4 WHEN s.stakind5 THEN s.stanumbers5 END)[1] AS commonest,
        COALESCE(pg_catalog.pg_get_expr(x.indpred, x.indrelid)
          = '(' || pg_catalog.pg_get_indexdef(x.indexrelid, k, false) || ' IS NOT NULL)', false) AS leaves_nulls_out
      FROM pg_catalog.pg_index x CROSS JOIN LATERAL pg_catalog.generate_series(1, x.indnkeyatts) k
      LEFT JOIN pg_catalog.pg_statistic s
        ON s.starelid = CASE x.indkey[k - 1] WHEN 0 THEN x.indexrelid ELSE x.indrelid END
        AND s.staattnum = CASE x.indkey[k - 1] WHEN 0 THEN k ELSE x.indkey[k - 1] END AND NOT s.stainherit
      WHERE x.indexrelid = $1::pg_catalog.oid AND x.indisunique ORDER BY k
      """, [index])
    guard !keys.isEmpty, rows >= 2 else { return nil }
    var combinations = 1.0
    var withKey = min(covered, rows)
    for key in keys {
      guard let distinct = try key.optionalDouble("distinct_"), distinct != 0 else { return nil }
      let present = rows * (1 - (try key.optionalDouble("null_fraction") ?? 0))
      // As in `pg_statistic`: negative is a share of the rows.
      combinations *= distinct > 0 ? distinct : -distinct * rows
      // Nulls are no duplicates. Of several columns, at least so many rows have all.
      if try !key.bool("leaves_nulls_out") { withKey -= rows - present }
    }
    if combinations * Self.tolerance < withKey {
      return Self.sentence("at most \(Self.figure(combinations)) keys in \(Self.figure(withKey)) rows")
    }
    if keys.count == 1, let share = try keys.first?.optionalDouble("commonest") {
      let least = share * rows - (rows - min(covered, rows))
      if least > Self.tolerance { return Self.sentence("one value in about \(Self.figure(least)) rows") }
    }
    return nil
  }

  private static func sentence(_ evidence: String) -> String {
    "WARNING: production's statistics show duplicates (\(evidence)): as a unique index it cannot be built there, and the "
      + "plans here take its key for unique"
  }

  private static func figure(_ value: Double) -> String { String(format: "%.0f", value) }
}

import Glibc
import IndexSize
import PostgresClient

/// Values of a column that stand for all its rows, from the statistics: the common values with their shares, and others
/// from the histogram.
///
/// Between two bounds of a histogram lie equally many rows. Where values are numbers or times, values between the bounds
/// are thought up, evenly spread over those that the bounds' own steps allow (whole numbers, whole days).
struct ColumnSample {
  struct Point {
    /// As the type's output function writes it; nil for null.
    var value: String?
    /// Share of the rows.
    var weight: Double
    /// One of the column's common values.
    var isCommon: Bool
  }

  /// Values close together in a small part of the column's range, to count how many results lie there.
  struct Window {
    /// 0 for a whole interval of the histogram, each further level is `zoom` times as small.
    var level: Int
    var number: Int
    var values: [String]
  }

  /// In the order of the values, but for the common ones and null, which come first.
  var points: [Point]
  var windows: [Window] = []
  /// Of the histogram.
  var intervals = 0.0
  static let zoom = 40.0
  /// Whether the points between the common values stand close enough to count distinct results among them.
  var isDense = false
  /// Whether the points are all values that there are.
  var isComplete = false
  /// Distinct values that are not null, among the table's rows.
  var distinct: Double
  var correlation: Double?

  /// Points that a histogram is filled up to.
  private static let wanted = 4_000

  /// The statistics of a column; nil where there are none, or none with values.
  ///
  /// - Parameter connection: a superuser's; it runs input and output functions of the server's own types only.
  init?(relation: String, column: Int, rows: Double, _ connection: PostgresConnection) async throws {
    func slot(_ kind: Int, _ field: String) -> String {
      "CASE \(kind) " + (1...5).map { "WHEN s.stakind\($0) THEN s.sta\(field)\($0)" }.joined(separator: " ") + " END"
    }
    let found = try await connection.query(
      """
      SELECT s.stanullfrac AS null_fraction, s.stadistinct AS distinct_, (\(slot(3, "numbers")))[1] AS correlation,
        CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN t.typname ELSE '' END AS type, v.kind,
        v.value, v.share
      FROM pg_catalog.pg_statistic s
      JOIN pg_catalog.pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
      JOIN pg_catalog.pg_type o ON o.oid = a.atttypid
      JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN o.typtype = 'd' THEN o.typbasetype ELSE o.oid END
      LEFT JOIN LATERAL (
        SELECT 1 AS kind, c.n, c.v AS value, f.f AS share
          FROM pg_catalog.unnest((\(slot(1, "values")))::text::text[]) WITH ORDINALITY c (v, n)
          JOIN pg_catalog.unnest(\(slot(1, "numbers"))) WITH ORDINALITY f (f, n) USING (n)
        UNION ALL
        SELECT 2, h.n, h.v, NULL FROM pg_catalog.unnest((\(slot(2, "values")))::text::text[]) WITH ORDINALITY h (v, n)
      ) v ON true
      WHERE s.starelid = $1::pg_catalog.oid AND s.staattnum = $2::int2 AND NOT s.stainherit ORDER BY v.kind, v.n
      """, [relation, String(column)])
    guard let first = found.first else { return nil }
    let nullFraction = min(1, max(0, try first.double("null_fraction")))
    let raw = try first.double("distinct_")
    let notNull = rows * (1 - nullFraction)
    distinct = max(1, min(max(1, notNull), raw > 0 ? raw : raw == 0 ? 200 : -raw * rows))
    correlation = try first.optionalDouble("correlation")
    points = nullFraction > 0 ? [Point(value: nil, weight: nullFraction, isCommon: true)] : []
    var bounds: [String] = []
    var commonShare = 0.0
    var commonCount = 0.0
    for row in found {
      guard let kind = try row.optionalInt("kind"), let value = try row.optionalString("value") else { continue }
      if kind == 1 {
        let share = try row.double("share")
        points.append(Point(value: value, weight: share, isCommon: true))
        commonShare += share
        commonCount += 1
      } else {
        bounds.append(value)
      }
    }
    let rest = max(0, 1 - nullFraction - commonShare)
    if bounds.count >= 2, rest > 0 {
      let steps = try await StepScale(type: try first.string("type"), bounds, connection)
      let filled = try await steps?.fill(bounds, wanted: Self.wanted, connection)
      let values = filled?.values ?? bounds
      isDense = filled != nil
      intervals = Double(bounds.count - 1)
      windows = try await steps?.windows(zoom: Self.zoom, connection) ?? []
      // What lies between has been counted where every step was taken.
      isComplete = filled?.isEveryStep == true
      points += values.map { Point(value: $0, weight: rest / Double(values.count), isCommon: false) }
    } else {
      isComplete = commonCount >= distinct - 0.5 || rest < 1e-4
    }
    guard points.contains(where: { $0.value != nil }) else { return nil }
  }

  /// As many values as wanted, drawn by their shares at even steps, in an order that has nothing to do with theirs.
  func drawn(_ count: Int, seed: UInt64) -> [String?] {
    let total = points.reduce(0) { $0 + $1.weight }
    var values: [String?] = []
    values.reserveCapacity(count)
    var place = 0
    var sum = points[0].weight
    for number in 0..<count {
      let wanted = (Double(number) + 0.5) / Double(count) * total
      while sum < wanted, place + 1 < points.count {
        place += 1
        sum += points[place].weight
      }
      values.append(points[place].value)
    }
    var generator = SeededGenerator(seed: seed)
    values.shuffle(using: &generator)
    return values
  }
}

/// Values of a type as whole numbers of steps.
private struct StepScale {
  /// Positions of the bounds.
  private var positions: [Int64]
  /// SQL that makes a value of a position `p.n`.
  private var valueSQL: String

  /// nil for types between whose values nothing can be thought up.
  init?(type: String, _ bounds: [String], _ connection: PostgresConnection) async throws {
    switch type {
    case "int2", "int4", "int8", "oid":
      positions = bounds.compactMap { Int64($0) }
      valueSQL = "p.n::text"
    case "numeric", "float4", "float8":
      let parts = bounds.map { $0.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false) }
      let scale = parts.map { $0.count > 1 ? $0[1].count : 0 }.max() ?? 0
      guard scale <= 17, !bounds.contains(where: { $0.contains("e") || $0.contains("N") || $0.contains("I") }) else {
        return nil
      }
      // Of a fraction's many digits, as computed numbers have them, six are enough.
      let digits = min(scale, 6)
      positions = parts.compactMap { part in
        let fraction = (part.count > 1 ? String(part[1]) : "").prefix(digits)
        return Int64(part[0] + fraction + String(repeating: "0", count: digits - fraction.count))
      }
      valueSQL = "(p.n::numeric / 1\(String(repeating: "0", count: digits)))::text"
    case "date":
      (positions, valueSQL) = (
        try await Self.positions(
          "CASE WHEN pg_catalog.isfinite(v::date) THEN v::date - '2000-01-01'::date END", bounds, connection),
        "('2000-01-01'::date + p.n::int4)::text"
      )
    case "timestamp", "timestamptz":
      (positions, valueSQL) = (
        try await Self.positions(
          """
          CASE WHEN pg_catalog.isfinite(v::\(type)) THEN
          (EXTRACT(epoch FROM v::\(type) - '2000-01-01'::\(type)) * 1000000)::int8 END
          """, bounds, connection),
        "('2000-01-01'::\(type) + p.n * '1 microsecond'::interval)::text"
      )
    default: return nil
    }
    guard positions.count == bounds.count, zip(positions, positions.dropFirst()).allSatisfy({ $0 <= $1 }),
      positions.allSatisfy({ abs($0) < 1 << 61 })
    else { return nil }
  }

  private static func positions(
    _ sql: String, _ bounds: [String], _ connection: PostgresConnection
  ) async throws -> [Int64] {
    try await connection.query(
      "SELECT (\(sql))::text FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY u (v, n) ORDER BY u.n",
      [ArrayText.text(bounds)]
    ).compactMap { $0[0].flatMap { Int64($0) } }
  }

  /// The bounds and values between them.
  func fill(
    _ bounds: [String], wanted: Int, _ connection: PostgresConnection
  ) async throws -> (values: [String], isEveryStep: Bool)? {
    var step: Int64 = 0
    for (low, high) in zip(positions, positions.dropFirst()) { step = Self.divisor(step, high - low) }
    guard step > 0, let first = positions.first, let last = positions.last else { return nil }
    let perInterval = max(1, wanted / max(1, positions.count - 1))
    var generator = SeededGenerator(seed: 0x7374_6570)
    var found: [Int64] = []
    var isEveryStep = true
    for (low, high) in zip(positions, positions.dropFirst()) {
      let steps = (high - low) / step
      if steps == 0 {
        found.append(contentsOf: repeatElement(low, count: perInterval))
      } else {
        // Each interval has the same share of the rows, so the same number of points.
        if steps > perInterval { isEveryStep = false }
        for number in 0..<perInterval {
          let place = (Double(number) + (steps > perInterval ? generator.unit() : 0.5)) / Double(perInterval)
          found.append(low + step * min(steps - 1, Int64(place * Double(steps))))
        }
      }
    }
    found.append(last)
    guard first <= last else { return nil }
    let values = try await texts(found, connection)
    return values.count == found.count ? (values, isEveryStep) : nil
  }

  private func texts(_ positions: [Int64], _ connection: PostgresConnection) async throws -> [String] {
    try await connection.query(
      "SELECT \(valueSQL) FROM pg_catalog.unnest($1::int8[]) WITH ORDINALITY p (n, o) ORDER BY p.o",
      ["{" + positions.map(String.init).joined(separator: ",") + "}"]
    ).compactMap { $0[0] }
  }

  /// Points side by side in some of the intervals, in ever smaller parts of them.
  func windows(zoom: Double, _ connection: PostgresConnection) async throws -> [ColumnSample.Window] {
    let (count, levels, pointsEach) = (8, 3, 120)
    let intervals = zip(positions, positions.dropFirst()).filter { $0 < $1 }
    guard intervals.count >= 2 else { return [] }
    let step = max(1, positions.reduce(into: (0 as Int64, positions[0])) { $0 = (Self.divisor($0.0, $1 - $0.1), $1) }.0)
    var windows: [(level: Int, number: Int, positions: [Int64])] = []
    for level in 0..<levels {
      for number in 0..<count {
        let (low, high) = intervals[(2 * number + 1) * intervals.count / (2 * count)]
        let steps = Double((high - low) / step) / pow(zoom, Double(level))
        guard steps >= 2 else { continue }
        let points = min(pointsEach, Int(steps))
        windows.append(
          (level, number, (0..<points).map { low + step * Int64(Double($0) * steps / Double(points)) }))
      }
    }
    let values = try await texts(windows.flatMap(\.positions), connection)
    guard values.count == windows.reduce(0, { $0 + $1.positions.count }) else { return [] }
    var from = 0
    return windows.map { window in
      defer { from += window.positions.count }
      return .init(
        level: window.level, number: window.number, values: Array(values[from..<from + window.positions.count]))
    }
  }

  private static func divisor(_ a: Int64, _ b: Int64) -> Int64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

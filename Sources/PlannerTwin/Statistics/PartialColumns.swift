import PostgresClient

/// What the predicate of a partial index leaves of the columns that it reads itself: `WHERE deleted_at IS NULL` leaves no
/// other value, `WHERE amount > 100` no common value below.
struct PartialColumns {
  /// A superuser's connection.
  var administration: PostgresConnection
  /// A connection of the schema's owner, outside a transaction.
  var owner: PostgresConnection

  /// A column among the rows that an index covers.
  struct Column: Sendable {
    var nullFraction: Double
    /// Shares of the covered rows that the column's common values have, in the order of the statistics.
    var common: [Double]
    /// The share of its other values that the predicate lets through at all, and of their rows.
    var otherValues: Double
    var otherRows: Double
  }

  private static let drawnRows = 8_000

  /// The columns that are keys of the index and stand in its predicate, by their numbers.
  func columns(of index: String, rows: Double) async throws -> [Int: Column] {
    let found = try await administration.query(
      """
      SELECT pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate, x.indrelid::text AS relation_oid,
        pg_catalog.format('%I.%I', n.nspname, t.relname) AS relation,
        pg_catalog.array_to_string(x.indkey::int2[], ' ') AS keys
      FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
      WHERE x.indexrelid = $1::pg_catalog.oid AND x.indpred IS NOT NULL
      """, [index]
    ).first
    guard let row = found, rows >= 1 else { return [:] }
    let predicate = try row.string("predicate")
    let relation = try row.string("relation_oid")
    let keys = Set(try row.string("keys").split(separator: " ").compactMap { Int($0) })
    let reader = ExpressionReader(owner: owner, relation: try row.string("relation"), relationOID: relation)
    return try await reader.attempt { reader in
      let columns = try await reader.columns(of: predicate).columns
      guard columns.count <= 8, columns.contains(where: { keys.contains($0.number) }) else { return nil }
      var samples: [ColumnSample] = []
      for column in columns {
        guard
          let sample = try await ColumnSample(relation: relation, column: column.number, rows: rows, administration)
        else { return nil }
        samples.append(sample)
      }
      var result: [Int: Column] = [:]
      for place in columns.indices where keys.contains(columns[place].number) {
        result[columns[place].number] = try await column(place, of: columns, samples, where: predicate, reader)
      }
      return result
    } ?? [:]
  }

  /// Each value of one column meets some values of the others, as if these had nothing to do with it.
  private func column(
    _ place: Int, of columns: [ExpressionReader.Column], _ samples: [ColumnSample], where predicate: String,
    _ reader: ExpressionReader
  ) async throws -> Column? {
    let points = samples[place].points
    let times = columns.count == 1 ? 1 : max(4, Self.drawnRows / points.count)
    let values: [[String?]] = samples.indices.map { other in
      other == place
        ? (0..<times).flatMap { _ in points.map(\.value) }
        : samples[other].drawn(points.count * times, seed: 0x7061_7274 + UInt64(other))
    }
    let numbers = (0..<times).flatMap { _ in points.indices.map(String.init) }
    let rows = try await reader.owner.query(
      """
      SELECT pg_catalog.avg(CASE WHEN \(predicate) THEN 1.0 ELSE 0.0 END) AS passed
      FROM (\(ExpressionReader.rows(of: columns, with: ["n int4"]))) pgassay_r GROUP BY pgassay_n ORDER BY pgassay_n
      """, values.map { ArrayText.text($0) } + [ArrayText.text(numbers)])
    let passed = try rows.map { try $0.double("passed") }
    guard passed.count == points.count else { return nil }
    let whole = zip(points, passed).reduce(0) { $0 + $1.0.weight * $1.1 }
    guard whole > 0 else { return nil }
    var column = Column(nullFraction: 0, common: [], otherValues: 1, otherRows: 1)
    var others = (all: 0.0, some: 0.0, rows: 0.0)
    for (point, passed) in zip(points, passed) {
      if point.value == nil {
        column.nullFraction = point.weight * passed / whole
      } else if point.isCommon {
        column.common.append(point.weight * passed / whole)
      } else {
        others.all += 1
        others.rows += passed
        if passed > 0 { others.some += 1 }
      }
    }
    if others.all > 0 {
      column.otherValues = others.some / others.all
      column.otherRows = others.some > 0 ? others.rows / others.some : 0
    }
    return column
  }
}

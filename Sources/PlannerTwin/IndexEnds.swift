import Model
import PostgresClient

/// The least and the greatest value of a B-tree's first column, as tuples of its only leaf.
///
/// Where a comparison falls on the first or last part of a histogram, the planner looks up the column's real ends through
/// an index (`get_actual_variable_range`, selfuncs.c). It reads them from the index alone where the heap page is marked
/// all-visible, so two index tuples and one bit in the visibility map stand for all rows.
///
/// Sources of the layouts: `itup.h`, `postgres.h` (varlena), `numeric.c` (`NumericChoice`), `visibilitymap.c`.
struct IndexEnds {
  var connection: PostgresConnection

  struct Tuples: Sendable {
    /// Of the leaf, in the index's order.
    var leaf: [[UInt8]]
    var tablePath: String
  }

  /// Values by index; nil for those of the column's histogram.
  struct Request {
    var index: String
    var values: (minimum: String, maximum: String)?
  }

  private static let batch = 1_000

  /// The tuples of those indexes that the planner would look into and whose type is known, by their object id.
  func tuples(_ requests: [Request]) async throws -> [String: Tuples] {
    var found: [String: Tuples] = [:]
    var start = 0
    while start < requests.count {
      let part = requests[start..<min(start + Self.batch, requests.count)]
      start += Self.batch
      let documents = part.map { request in
        "{\"i\":\(request.index)"
          + (request.values.map {
            ",\"a\":\(JSONText.string($0.minimum)),\"b\":\(JSONText.string($0.maximum))"
          } ?? "")
          + "}"
      }
      for row in try await rows(documents) {
        guard let low = Self.datum(try row.string("low"), type: try row.string("type")),
          let high = Self.datum(try row.string("high"), type: try row.string("type"))
        else { continue }
        let hasOthers = try row.bool("has_others")
        let ordered = try row.bool("is_descending") ? [high, low] : [low, high]
        found[try row.string("oid")] = Tuples(
          leaf: ordered.enumerated().map { Self.tuple($1, row: $0 + 1, hasOtherColumns: hasOthers) },
          tablePath: try row.string("table_path"))
      }
    }
    return found
  }

  /// One bad value must not cost the others.
  private func rows(_ documents: [String]) async throws -> [Row] {
    do {
      return Array(try await connection.query(Self.sql, ["[" + documents.joined(separator: ",") + "]"]))
    } catch let error as PostgresError where error.isConnectionUsable {
      guard documents.count > 1 else { return [] }
      let half = documents.count / 2
      return try await rows(Array(documents[..<half])) + rows(Array(documents[half...]))
    }
  }

  /// Types of the server itself only, whose input functions are the server's own. The binary form comes from the type's
  /// send function.
  private static let sql: String = {
    func sent(_ value: String) -> String {
      """
      CASE t.typname WHEN 'int2' THEN pg_catalog.int2send(\(value)::int2)
        WHEN 'int4' THEN pg_catalog.int4send(\(value)::int4) WHEN 'int8' THEN pg_catalog.int8send(\(value)::int8)
        WHEN 'date' THEN pg_catalog.date_send(\(value)::date)
        WHEN 'timestamp' THEN pg_catalog.timestamp_send(\(value)::timestamp)
        WHEN 'timestamptz' THEN pg_catalog.timestamptz_send(\(value)::timestamptz)
        WHEN 'float4' THEN pg_catalog.float4send(\(value)::float4)
        WHEN 'float8' THEN pg_catalog.float8send(\(value)::float8)
        WHEN 'uuid' THEN pg_catalog.uuid_send(\(value)::uuid)
        WHEN 'numeric' THEN pg_catalog.numeric_send(\(value)::numeric)
        WHEN 'bpchar' THEN pg_catalog.convert_to(pg_catalog.rpad(\(value), GREATEST(b.atttypmod - 4, 0)),
          pg_catalog.getdatabaseencoding())
        ELSE pg_catalog.convert_to(\(value), pg_catalog.getdatabaseencoding()) END
      """
    }
    return """
      SELECT x.indexrelid::text AS oid, t.typname AS type, x.indnatts > 1 AS has_others,
        (x.indoption[0] & 1) <> 0 AS is_descending, pg_catalog.pg_relation_filepath(x.indrelid) AS table_path,
        pg_catalog.encode(\(sent("v.low")), 'hex') AS low, pg_catalog.encode(\(sent("v.high")), 'hex') AS high
      FROM pg_catalog.json_to_recordset($1::json) AS q (i oid, a text, b text)
      JOIN pg_catalog.pg_index x ON x.indexrelid = q.i AND x.indpred IS NULL
      JOIN pg_catalog.pg_attribute b ON b.attrelid = x.indrelid AND b.attnum = x.indkey[0]
        AND (x.indcollation[0] = 0 OR x.indcollation[0] = b.attcollation)
      JOIN pg_catalog.pg_opclass o ON o.oid = x.indclass[0] AND o.opcdefault
      JOIN pg_catalog.pg_type t ON t.oid = b.atttypid AND t.typnamespace = 'pg_catalog'::regnamespace
        AND t.typname IN ('int2', 'int4', 'int8', 'date', 'timestamp', 'timestamptz', 'float4', 'float8', 'uuid',
          'numeric', 'bpchar', 'text', 'varchar')
      LEFT JOIN pg_catalog.pg_statistic s ON s.starelid = x.indrelid AND s.staattnum = b.attnum AND NOT s.stainherit
      CROSS JOIN LATERAL (SELECT (CASE 2 WHEN s.stakind1 THEN s.stavalues1 WHEN s.stakind2 THEN s.stavalues2
        WHEN s.stakind3 THEN s.stavalues3 WHEN s.stakind4 THEN s.stavalues4 WHEN s.stakind5 THEN s.stavalues5
        END)::text::text[] AS h) h
      CROSS JOIN LATERAL (SELECT COALESCE(q.a, h.h[1]) AS low,
        COALESCE(q.b, h.h[pg_catalog.array_upper(h.h, 1)]) AS high) v
      WHERE v.low IS NOT NULL AND v.high IS NOT NULL
      """
  }()

  // MARK: Layouts

  /// A value as it stands in a tuple, from the hexadecimal digits of its send function's result.
  static func datum(_ hex: String, type: String) -> [UInt8]? {
    let digits = Array(hex.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    switch type {
    case "int2", "int4", "int8", "date", "timestamp", "timestamptz", "float4", "float8":
      // Sent with the most significant byte first, stored in the machine's order.
      return 1.littleEndian == 1 ? bytes.reversed() : bytes
    case "uuid": return bytes
    case "numeric": return numeric(bytes).flatMap(variable)
    default: return variable(bytes)
    }
  }

  /// Behind a length word of one byte; longer values are not looked up.
  private static func variable(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count <= 126, 1.littleEndian == 1 else { return nil }
    return [UInt8((bytes.count + 1) << 1 | 1)] + bytes
  }

  /// The stored short form of a number from its sent form; nil where it has none.
  private static func numeric(_ sent: [UInt8]) -> [UInt8]? {
    func field(_ place: Int) -> UInt16 { UInt16(sent[2 * place]) << 8 | UInt16(sent[2 * place + 1]) }
    guard sent.count >= 8 else { return nil }
    let count = Int(field(0))
    let weight = Int16(bitPattern: field(1))
    let sign = field(2)
    let scale = field(3)
    guard sent.count == 8 + 2 * count, sign == 0 || sign == 0x4000, scale <= 0x3f, (-64...63).contains(weight) else {
      return nil
    }
    let header =
      0x8000 | (sign == 0 ? 0 : 0x2000) | scale << 7 | (weight < 0 ? 0x40 : 0) | (UInt16(bitPattern: weight) & 0x3f)
    return ([header] + (0..<count).map { field(4 + $0) }).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
  }

  /// An index tuple that points to a row of the table's first page; its other columns are null.
  private static func tuple(_ value: [UInt8], row: Int, hasOtherColumns: Bool) -> [UInt8] {
    // The null bitmap has a bit for each of INDEX_MAX_KEYS columns: set where there is a value.
    let header = hasOtherColumns ? 16 : 8
    var tuple = [UInt8](repeating: 0, count: (header + value.count + 7) & ~7)
    tuple[4] = UInt8(row)
    // Fixed or not, the flag for values of variable width does no harm: it only keeps offsets from being cached.
    let info = UInt16(tuple.count) | 0x4000 | (hasOtherColumns ? 0x8000 : 0)
    tuple[6] = UInt8(info & 0xff)
    tuple[7] = UInt8(info >> 8)
    if hasOtherColumns { tuple[8] = 1 }
    tuple.replaceSubrange(header..<header + value.count, with: value)
    return tuple
  }

  /// A visibility map that says of the first page that all its rows are visible to all.
  static let visibilityMap: [UInt8] = {
    var page = [UInt8](repeating: 0, count: BTreePages.pageBytes)
    // pd_lower, pd_upper, pd_special, page size and layout version.
    for (offset, value) in [(12, 24), (14, 8192), (16, 8192), (18, 8192 | 4)] {
      page[offset] = UInt8(value & 0xff)
      page[offset + 1] = UInt8(value >> 8)
    }
    page[24] = 1
    return page
  }()
}

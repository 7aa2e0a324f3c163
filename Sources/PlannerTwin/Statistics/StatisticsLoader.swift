import Catalog
import Model
import PostgresClient

/// Writes captured statistics into a twin's `pg_statistic`, names in place of numbers: object ids differ between servers.
struct StatisticsLoader {
  /// A superuser's connection with `allow_system_table_mods`.
  var connection: PostgresConnection
  /// Relations and indexes by their object id in production.
  var names: [Int64: RelationName]
  /// Default operators and collations by type, for snapshots whose role could not read `pg_statistic`.
  var operators: [String: TypeOperators] = [:]

  struct TypeOperators {
    var equal: String
    var less: String
    var collation: String?
  }

  /// Rows of one statement: few enough for its text to stay small.
  private static let batch = 400

  /// Kinds of slots, `pg_statistic.h`.
  private enum Kind {
    static let commonValues: Int64 = 1
    static let histogram: Int64 = 2
    static let correlation: Int64 = 3
  }

  func load(_ rows: [SnapshotRow]) async throws -> [LeftOut] {
    var leftOut: [LeftOut] = []
    var start = 0
    while start < rows.count {
      let part = rows[start..<min(start + Self.batch, rows.count)]
      start += Self.batch
      let documents = try part.compactMap { row in try document(row).map { (row, $0) } }
      do {
        try await insert(documents.map(\.1))
      } catch let error as PostgresError where error.isConnectionUsable {
        // One bad row must not cost the others.
        for (row, document) in documents {
          do {
            try await insert([document])
          } catch let error as PostgresError where error.isConnectionUsable {
            let table = names[try row.integer("relation")]?.description ?? "?"
            leftOut.append(
              LeftOut(
                object: "statistics of column \(try row.integer("column_number")) of \(table)", reason: error.message))
          }
        }
      }
    }
    return leftOut
  }

  private func insert(_ documents: [String]) async throws {
    guard !documents.isEmpty else { return }
    try await connection.execute(Self.insertSQL, ["[" + documents.joined(separator: ",") + "]"])
  }

  private static let insertSQL: String = {
    let slots = 1...5
    func list(_ item: (Int) -> String) -> String { slots.map(item).joined(separator: ", ") }
    return """
      INSERT INTO pg_catalog.pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
        \(list { "stakind\($0)" }), \(list { "staop\($0)" }), \(list { "stacoll\($0)" }),
        \(list { "stanumbers\($0)" }), \(list { "stavalues\($0)" }))
      SELECT c.oid, x.n, x.i, x.f, x.w, x.d,
        \(list { "COALESCE(x.k\($0), 0)" }),
        \(list { "COALESCE(pg_catalog.to_regoperator(x.o\($0))::pg_catalog.oid, 0)" }),
        \(list { "COALESCE(x.c\($0)::pg_catalog.regcollation::pg_catalog.oid, 0)" }),
        \(list { "x.m\($0)::real[]" }),
        \(list {
          """
          CASE WHEN x.v\($0) IS NOT NULL THEN pg_catalog.array_in(x.v\($0)::cstring,
          (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
          FROM pg_catalog.pg_type t WHERE t.oid = x.t\($0)::pg_catalog.regtype), -1) END
          """
        })
      FROM pg_catalog.json_to_recordset($1::json) AS x (r text, n smallint, i boolean, f real, w integer, d real,
        \(list { "k\($0) smallint, o\($0) text, c\($0) text, m\($0) text, v\($0) text, t\($0) text" }))
      JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(x.r)
      """
  }()

  /// One row as a JSON object; nil where the relation is not in the snapshot.
  private func document(_ row: SnapshotRow) throws -> String? {
    let relation = try row.integer("relation")
    let number = try row.integer("column_number")
    guard let name = names[relation] else { return nil }
    let isInherited = try row.bool("is_inherited")
    var fields = [
      "\"r\":\(Self.json(name.sql))", "\"n\":\(number)", "\"i\":\(isInherited)",
      "\"f\":\(Self.number(try row.double("null_fraction")))", "\"w\":\(try row.integer("width_bytes"))",
      "\"d\":\(Self.number(try row.double("distinct_values")))",
    ]
    for (position, slot) in try row.rows("slots").prefix(5).enumerated() {
      fields += try self.fields(of: slot, at: position + 1)
    }
    return "{" + fields.joined(separator: ",") + "}"
  }

  private func fields(of slot: SnapshotRow, at position: Int) throws -> [String] {
    let kind = try slot.integer("kind")
    var fields = ["\"k\(position)\":\(kind)"]
    let type = try slot.optionalString("type")
    let defaults = type.flatMap { operators[$0] }
    let standard: String? =
      switch kind {
      case Kind.commonValues: defaults?.equal
      case Kind.histogram, Kind.correlation: defaults?.less
      default: nil
      }
    if let name = try slot.optionalString("operator") ?? standard {
      fields.append("\"o\(position)\":\(Self.json(name))")
    }
    if let collation = try slot.optionalString("collation") ?? defaults?.collation {
      fields.append("\"c\(position)\":\(Self.json(collation))")
    }
    if slot["numbers"] != nil {
      let numbers = try slot.doubles("numbers").map(Self.real)
      fields.append("\"m\(position)\":\"{\(numbers.joined(separator: ","))}\"")
    }
    if let values = try slot.optionalString("values"), let type {
      fields.append("\"v\(position)\":\(Self.json(values))")
      fields.append("\"t\(position)\":\(Self.json(type))")
    }
    return fields
  }

  /// A float as JSON; infinities do not occur in what ANALYZE writes.
  private static func number(_ value: Double) -> String { value.isFinite ? "\(Float(value))" : "0" }

  private static func real(_ value: Double) -> String {
    value.isFinite ? "\(Float(value))" : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }

  /// A JSON string (RFC 8259, section 7).
  static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case let control where control.value < 0x20:
        let digits = String(control.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

import Bytes
import Catalog

/// One slot of a `pg_statistic` row: what kind of statistics it is and its values. Shared by columns and by the
/// expressions of extended statistics.
///
/// The planner takes a slot's values for what its kind and the column's type say, without looking: a slot that does not
/// fit would be read as something else. So its shape is checked here, and its type and operator by `SQL.fits`, where the
/// twin's catalog knows them. Kinds and shapes: `pg_statistic.h`, `array_typanalyze.c`, `rangetypes_typanalyze.c`.
struct StatisticsSlot {
  enum Kind {
    static let commonValues: Int64 = 1
    static let histogram: Int64 = 2
    static let correlation: Int64 = 3
    static let commonElements: Int64 = 4
    static let elementCounts: Int64 = 5
    static let rangeLengths: Int64 = 6
    static let rangeBounds: Int64 = 7
  }

  struct Misshapen: Error {}

  /// Default operators and collations of a type, for snapshots whose role could not read `pg_statistic`.
  struct TypeOperators {
    var equal: String
    var less: String
    var collation: String?
  }

  /// Members of a JSON object, for the columns that `SQL.columns` names.
  ///
  /// - Returns: nil for a slot whose values were not captured.
  /// - Throws: `Misshapen`, `SnapshotError`.
  static func fields(of slot: SnapshotRow, at position: Int, _ operators: [String: TypeOperators]) throws -> [String]? {
    let kind = try slot.integer("kind")
    let numbers = try slot.doubles("numbers")
    let values = try slot.optionalString("values")
    let type = try slot.optionalString("type")
    let count = try values.map { text throws(Misshapen) in
      guard let count = ArrayText.count(text) else { throw Misshapen() }
      return count
    }
    switch kind {
    case Kind.commonValues, Kind.histogram, Kind.commonElements, Kind.rangeLengths, Kind.rangeBounds:
      guard let count else { return nil }
      let isSound =
        switch kind {
        case Kind.commonValues: count >= 1 && numbers.count == count
        case Kind.commonElements: count >= 1 && numbers.count > count
        case Kind.rangeLengths: count >= 2 && numbers.count == 1
        default: count >= 2
        }
      guard isSound else { throw Misshapen() }
    case Kind.correlation:
      guard numbers.count == 1, count == nil else { throw Misshapen() }
    case Kind.elementCounts:
      guard numbers.count >= 2, count == nil else { throw Misshapen() }
    default:
      guard count == nil, (1...32_767).contains(kind) else { throw Misshapen() }
    }

    var fields = ["\"k\(position)\":\(kind)"]
    let defaults = type.flatMap { operators[$0] }
    let standard: String? =
      switch kind {
      case Kind.commonValues: defaults?.equal
      case Kind.histogram, Kind.correlation: defaults?.less
      default: nil
      }
    if let name = try slot.optionalString("operator") ?? standard {
      fields.append("\"o\(position)\":\(JSONText.string(name))")
    }
    if let collation = try slot.optionalString("collation") ?? defaults?.collation {
      fields.append("\"c\(position)\":\(JSONText.string(collation))")
    }
    if !numbers.isEmpty {
      fields.append("\"m\(position)\":\"{\(numbers.map(JSONText.real).joined(separator: ","))}\"")
    }
    if let values { fields.append("\"v\(position)\":\(JSONText.string(values))") }
    if let type { fields.append("\"t\(position)\":\(JSONText.string(type))") }
    return fields
  }

  // MARK: SQL

  /// Pieces of a query over a record `x` of `columns` and a row `ty` of the temporary table `value_types`, which is the
  /// type of the column or expression.
  enum SQL {
    static func list(_ item: (Int) -> String) -> String { (1...5).map(item).joined(separator: ", ") }

    static let columns = list {
      "k\($0) smallint, o\($0) text, c\($0) text, m\($0) text, v\($0) text, t\($0) text"
    }

    /// Types with what is under a domain, what an array or a text search vector holds, what a range or multirange is
    /// made of, and the polymorphic type by whose operators they are compared (pg_type.dat).
    static func makeTypes(major: Int) -> String {
      """
      CREATE TEMPORARY TABLE value_types ON COMMIT PRESERVE ROWS AS
      WITH RECURSIVE chain (oid, base) AS (
        SELECT t.oid, t.oid FROM pg_catalog.pg_type t WHERE t.typtype <> 'd'
        UNION ALL
        SELECT t.oid, c.base FROM chain c JOIN pg_catalog.pg_type t ON t.typbasetype = c.oid AND t.typtype = 'd')
      SELECT c.oid, c.base, CASE WHEN b.typname = 'tsvector' AND b.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
          THEN 25 WHEN b.typlen = -1 THEN e.base END::pg_catalog.oid AS element,
        CASE WHEN b.typtype = 'r' THEN b.oid\(major >= 14 ? " WHEN b.typtype = 'm' THEN r.rngtypid" : "") END
          AS range,
        CASE WHEN b.typtype = 'e' THEN 3500 WHEN b.typtype = 'r' THEN 3831 WHEN b.typtype = 'm' THEN 4537
          WHEN b.typtype = 'c' THEN 2249 WHEN b.typlen = -1 AND b.typelem <> 0 THEN 2277 ELSE 0 END::pg_catalog.oid
          AS polymorphic
      FROM chain c JOIN pg_catalog.pg_type b ON b.oid = c.base LEFT JOIN chain e ON e.oid = b.typelem
      \(major >= 14 ? "LEFT JOIN pg_catalog.pg_range r ON r.rngmultitypid = b.oid AND b.typtype = 'm'" : "");
      ALTER TABLE pg_temp.value_types ADD PRIMARY KEY (oid);
      ANALYZE pg_temp.value_types
      """
    }

    static let joins = (1...5).map { n in
      """
      CROSS JOIN LATERAL (
        SELECT CASE WHEN x.k\(n) <= 3 THEN ty.base WHEN x.k\(n) <= 5 THEN ty.element WHEN x.k\(n) = 6
          THEN 701::pg_catalog.oid WHEN x.k\(n) = 7 THEN ty.range END AS wanted) w\(n)
      CROSS JOIN LATERAL (SELECT w\(n).wanted, pg_catalog.to_regoperator(x.o\(n))::pg_catalog.oid AS op,
        CASE WHEN x.t\(n) IS NULL THEN w\(n).wanted ELSE (
          SELECT CASE WHEN x.k\(n) = 4 AND v.base = ty.base THEN v.element ELSE v.base END
          FROM pg_temp.value_types v WHERE v.oid = pg_catalog.to_regtype(x.t\(n))) END AS type) s\(n)
      """
    }.joined(separator: "\n")

    /// Whether the values are of the type that the kind of slot calls for, and the operator compares such values.
    static func fits(_ n: Int) -> String {
      """
      (x.v\(n) IS NULL OR COALESCE(s\(n).type = s\(n).wanted, false)) AND (s\(n).op IS NULL OR EXISTS (
        SELECT FROM pg_catalog.pg_operator o JOIN pg_temp.value_types w ON w.oid = s\(n).wanted
        WHERE o.oid = s\(n).op AND o.oprleft = o.oprright AND o.oprresult = 16 AND (o.oprleft IN (w.oid, w.polymorphic)
          OR EXISTS (SELECT FROM pg_catalog.pg_cast k WHERE k.castsource = w.oid AND k.casttarget = o.oprleft
          AND k.castmethod = 'b'))))
      """
    }

    /// For the columns of `pg_statistic` behind `stadistinct`, from a row `q` that has `fit1` to `fit5`.
    static let values = [
      list { "CASE WHEN q.fit\($0) THEN COALESCE(q.k\($0), 0) ELSE 0 END" },
      list { "CASE WHEN q.fit\($0) THEN COALESCE(q.op\($0), 0) ELSE 0 END" },
      list { "CASE WHEN q.fit\($0) THEN COALESCE(pg_catalog.to_regcollation(q.c\($0))::pg_catalog.oid, 0) ELSE 0 END" },
      list { "CASE WHEN q.fit\($0) THEN q.m\($0)::real[] END" },
      list {
        """
        CASE WHEN q.fit\($0) AND q.v\($0) IS NOT NULL
        THEN pg_catalog.array_in(q.v\($0)::cstring, q.type\($0), -1) END
        """
      },
    ].joined(separator: ", ")

    /// For `q`: the checked parts of `x`.
    static let checked = list { n in
      """
      x.k\(n), x.c\(n), x.m\(n), x.v\(n), s\(n).op AS op\(n), s\(n).type AS type\(n),
      x.k\(n) IS NOT NULL AND \(fits(n)) AS fit\(n)
      """
    }

    /// True where a slot of `q` was captured and does not fit.
    static let hasMisfit = (1...5).map { "(q.k\($0) IS NOT NULL AND NOT q.fit\($0))" }.joined(separator: " OR ")
  }
}

/// Values as JSON (RFC 8259).
enum JSONText {
  /// A string, section 7.
  static func string(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    bytes.reserveCapacity(text.utf8.count + 2)
    let digits = Array("0123456789abcdef".utf8)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The texts and nulls of an array.
  static func strings(_ text: String) -> [String?]? {
    let tree = try? Array(text.utf8).withUnsafeBytes { try JSONTree(parsing: $0, depthLimit: 4) }
    guard case .array(let elements)? = tree else { return nil }
    return elements.map(\.string)
  }

  /// A float as a JSON number; infinities do not occur in what ANALYZE writes.
  static func number(_ value: Double) -> String { value.isFinite ? "\(Float(value))".jsonFinite : "0" }

  /// A float in the text of an array of `real`.
  static func real(_ value: Double) -> String {
    let single = Float(value)
    return single.isFinite ? "\(single)" : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }
}

extension String {
  /// Finite as a double and infinite as a float: no number in JSON.
  fileprivate var jsonFinite: String { hasSuffix("inf") ? "0" : self }
}

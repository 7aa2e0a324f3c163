import Catalog
import Model
import PostgresClient

/// Writes the data of extended statistics into a twin's `pg_statistic_ext_data`.
///
/// The types of their values refuse text, so their stored bytes are written, through a cast that exists in the twin alone.
/// Sources: PostgreSQL `mvdistinct.c` (`statext_ndistinct_serialize`), `dependencies.c`
/// (`statext_dependencies_serialize`), `mcv.c` (`statext_mcv_serialize`).
struct ExtendedStatisticsLoader {
  var connection: PostgresConnection
  var major: Int

  func load(_ rows: [SnapshotRow]) async throws -> [LeftOut] {
    guard !rows.isEmpty else { return [] }
    for type in ["pg_ndistinct", "pg_dependencies", "pg_mcv_list"] {
      try await connection.execute("CREATE CAST (bytea AS \(type)) WITHOUT FUNCTION")
    }
    var leftOut: [LeftOut] = []
    for row in rows {
      let name = RelationName(schema: try row.string("schema"), name: try row.string("name"))
      // Before version 15 there is one row, for the table alone or with its children.
      for data in try row.rows("data") where try major >= 15 || !(data.optionalBool("is_inherited") ?? false) {
        do {
          try await load(data, of: name)
        } catch let error as PostgresError where error.isConnectionUsable {
          leftOut.append(LeftOut(object: "data of statistics \(name)", reason: error.message))
        }
        if !(try data.rows("expressions")).isEmpty {
          leftOut.append(
            LeftOut(object: "statistics \(name)", reason: "the part on expressions is not loaded"))
        }
      }
    }
    for type in ["pg_ndistinct", "pg_dependencies", "pg_mcv_list"] {
      try await connection.execute("DROP CAST (bytea AS \(type))")
    }
    return leftOut
  }

  private func load(_ data: SnapshotRow, of name: RelationName) async throws {
    let distinct = try data.optionalString("distinct_counts").flatMap(Self.distinctBytes)
    let dependencies = try data.optionalString("dependencies").flatMap(Self.dependencyBytes)
    let common = try data.optionalString("common_values_bytes")
    let inherited = major >= 15 ? "stxdinherit, " : ""
    let isInherited = major >= 15 ? "\(try data.optionalBool("is_inherited") ?? false), " : ""
    try await connection.execute(
      """
      INSERT INTO pg_catalog.pg_statistic_ext_data (stxoid, \(inherited)stxdndistinct, stxddependencies, stxdmcv)
      SELECT s.oid, \(isInherited)$3::bytea::pg_ndistinct, $4::bytea::pg_dependencies, $5::bytea::pg_mcv_list
      FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
      WHERE n.nspname = $1 AND s.stxname = $2
      """,
      [
        name.schema, name.name, distinct.map(Self.hexadecimal), dependencies.map(Self.hexadecimal),
        common.flatMap(Self.checkedCommonValues),
      ])
  }

  /// From `{"1, 2": 100, "1, 2, 3": 400}`.
  static func distinctBytes(_ text: String) -> [UInt8]? {
    guard let entries = entries(text) else { return nil }
    var bytes: [UInt8] = []
    // STATS_NDISTINCT_MAGIC, STATS_NDISTINCT_TYPE_BASIC.
    bytes.append(UInt32(0xa352_bfa4))
    bytes.append(UInt32(1))
    bytes.append(UInt32(entries.count))
    for (key, value) in entries {
      bytes.append(value.bitPattern)
      bytes.append(UInt32(key.count))
      for number in key { bytes.append(UInt16(bitPattern: number)) }
    }
    return bytes
  }

  /// From `{"1 => 2": 1.000000, "1, 2 => 3": 0.5}`.
  static func dependencyBytes(_ text: String) -> [UInt8]? {
    guard let entries = entries(text) else { return nil }
    var bytes: [UInt8] = []
    // STATS_DEPS_MAGIC, STATS_DEPS_TYPE_BASIC.
    bytes.append(UInt32(0xb454_9a2c))
    bytes.append(UInt32(1))
    bytes.append(UInt32(entries.count))
    for (key, value) in entries {
      bytes.append(value.bitPattern)
      bytes.append(UInt16(key.count))
      for number in key { bytes.append(UInt16(bitPattern: number)) }
    }
    return bytes
  }

  /// The stored bytes of a list of common values as the snapshot has them, if they begin as such a list does.
  static func checkedCommonValues(_ text: String) -> String? {
    // STATS_MCV_MAGIC, in the byte order of this machine's server.
    var magic: [UInt8] = []
    magic.append(UInt32(0xe1a6_51c2))
    guard text.utf8.count % 2 == 0, text.utf8.count >= 32, text.lowercased().hasPrefix(hexadecimal(magic).dropFirst(2)),
      text.allSatisfy(\.isHexDigit)
    else { return nil }
    return "\\x" + text
  }

  /// Column numbers and value of each member; expressions have negative numbers.
  private static func entries(_ text: String) -> [(key: [Int16], value: Double)]? {
    var result: [(key: [Int16], value: Double)] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "\"") {
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: "\"") else { return nil }
      let key = rest[..<close].split { !$0.isNumber && $0 != "-" }.compactMap { Int16($0) }
      rest = rest[rest.index(after: close)...].drop { $0 == ":" || $0 == " " }
      let number = rest.prefix { $0 != "," && $0 != "}" }
      guard let value = Double(number.trimmingSpace), key.count >= 2, key.count <= 8 else { return nil }
      result.append((key, value))
      rest = rest.dropFirst(number.count)
    }
    return result.isEmpty ? nil : result
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return "\\x" + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

extension Substring {
  fileprivate var trimmingSpace: Substring {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value) { append(contentsOf: $0) }
  }
}

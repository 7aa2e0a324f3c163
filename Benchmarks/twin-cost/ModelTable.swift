import Catalog
import Foundation
import PostgresClient
import PrivateServer
import Synchronization

/// A table of twenty columns as a capture saw it, to be repeated under other names.
struct ModelTable {
  private var head: String
  /// The table's name in `rows`, which occurs in them as nothing else.
  private var standIn = ""
  private var rows: [String]
  private var tail: [String]

  private static let schema = """
    CREATE TABLE t0 (id bigint PRIMARY KEY, c2 int NOT NULL, c3 int, c4 text NOT NULL, c5 timestamptz NOT NULL,
      c6 numeric(12, 2), c7 boolean, c8 text, c9 uuid, c10 date, c11 varchar(40), c12 double precision, c13 smallint,
      c14 jsonb, c15 text[], c16 inet, c17 char(3), c18 bigint, c19 text, c20 timestamp);
    INSERT INTO t0 SELECT i, i % 1000, (random() ^ 3 * 500)::int, 'name ' || i % 3000, now() - i * interval '1 minute',
      random() * 1000, i % 7 = 0, md5((i % 5000)::text), md5(i::text)::uuid, current_date - i % 900, 'value ' || i % 77,
      random(), i % 30, jsonb_build_object('a', i % 100), ARRAY['t' || i % 20, 'u' || i % 13],
      ('10.0.' || i % 250 || '.' || i % 199)::inet, (ARRAY['eur', 'usd', 'gbp'])[1 + i % 3], (random() * 1e9)::bigint,
      CASE WHEN i % 4 = 0 THEN md5(i::text) END, now()::timestamp - i * interval '3 hours'
      FROM generate_series(1, 40000) i;
    CREATE INDEX t0_a ON t0 (c2, c5);
    CREATE INDEX t0_b ON t0 (c4) WHERE c7;
    """

  static func capture(version: Int) async throws -> ModelTable {
    let server = try await PrivateServer.start(.init(version: version, acceptsOtherVersion: true))
    do {
      let main = try await PostgresConnection.connect(ConnectionOptions(connectionString: server.connectionString()))
      try await main.execute("CREATE DATABASE shop")
      await main.close()
      let connection = try await PostgresConnection.connect(
        ConnectionOptions(connectionString: server.connectionString(database: "shop")))
      try await connection.script(schema)
      try await connection.execute("VACUUM ANALYZE")
      try await connection.execute("CHECKPOINT")
      let collected = Mutex<[UInt8]>([])
      _ = try await LiveCapture().run(on: connection) { bytes in collected.withLock { $0 += bytes } }
      await connection.close()
      await server.stop()
      return try ModelTable(lines: collected.withLock { $0 })
    } catch {
      await server.stop()
      throw error
    }
  }

  /// Rows of these sections belong to the table.
  private static let sections: Set<String> = [
    "relations", "columns", "constraints", "indexes", "column_statistics", "tree_heights", "extremes",
  ]

  private init(lines: [UInt8]) throws {
    head = ""
    rows = []
    tail = []
    var oids: Set<Int> = []
    for line in lines.split(separator: 10) {
      let text = String(decoding: line, as: UTF8.self)
      guard let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else { continue }
      guard let section = object["section"] as? String else {
        if head.isEmpty { head = text }
        continue
      }
      guard Self.sections.contains(section) else {
        tail.append(text)
        continue
      }
      for key in ["oid", "relation", "index", "constraint_oid"] {
        if let oid = object[key] as? Int { oids.insert(oid) }
      }
      rows.append(text)
    }
    // Object ids and names become places to fill in.
    for (number, oid) in oids.sorted().enumerated() {
      for index in rows.indices {
        for (before, after) in [(":", ","), (":", "}")] {
          rows[index] = rows[index].replacingOccurrences(
            of: "\(before)\(oid)\(after)", with: "\(before)\u{1}\(number)\u{1}\(after)")
        }
      }
    }
    let stand = (100...999).map(String.init).first { number in !rows.contains { $0.contains("t" + number) } } ?? "100"
    standIn = "t" + stand
    for index in rows.indices {
      rows[index] = rows[index].replacingOccurrences(of: "\"t0", with: "\"\(standIn)")
        .replacingOccurrences(of: ".t0", with: ".\(standIn)").replacingOccurrences(of: " t0_", with: " \(standIn)_")
    }
  }

  /// The snapshot of a database of so many tables.
  ///
  /// - Parameter bytes: what all of them together stand for; nil for what the one table really has.
  func lines(tables: Int, bytes: Int64? = nil) -> [UInt8] {
    var text = head + "\n" + tail.joined(separator: "\n") + "\n"
    let pieces = rows.map { $0.components(separatedBy: "\u{1}") }
    for table in 1...tables {
      for row in pieces {
        var line = ""
        for (number, piece) in row.enumerated() {
          line += number % 2 == 0 ? piece : String(100_000 + table * 100 + (Int(piece) ?? 0))
        }
        line = line.replacingOccurrences(of: standIn, with: "t\(table)")
        if let bytes { line = Self.scaled(line, to: bytes / Int64(tables) / 2) }
        text += line + "\n"
      }
    }
    return Array(text.utf8)
  }

  func snapshot(tables: Int, bytes: Int64? = nil) throws -> Snapshot {
    try Snapshot(lines: lines(tables: tables, bytes: bytes), needsEnd: false)
  }

  /// A table's row with another size, an index's with a third of it.
  private static func scaled(_ line: String, to bytes: Int64) -> String {
    var line = line
    let isTable = line.contains("\"section\":\"relations\"")
    guard isTable || line.contains("\"section\":\"indexes\"") else { return line }
    let size = isTable ? bytes : bytes / 3
    for (key, value) in [("size_bytes", size / 8192 * 8192), ("pages", size / 8192), ("tuples", size / 250)] {
      guard let start = line.range(of: "\"\(key)\":")?.upperBound else { continue }
      line.replaceSubrange(start..<(line[start...].firstIndex { !$0.isNumber } ?? line.endIndex), with: String(value))
    }
    return line
  }
}

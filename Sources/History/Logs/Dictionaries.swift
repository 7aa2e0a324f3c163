import Foundation
import GRDB
import Model

/// The small ids that stand for texts, looked up or made inside one transaction.
///
/// It lives as long as its transaction: an id made in one that is rolled back must not be remembered.
struct Dictionaries {
  private let db: Database
  private var statements: [Fingerprint: Int64] = [:]
  private var dimensions: [WorkloadDimensions: Int64] = [:]
  private var eventShapes: [EventShape: Int64] = [:]

  struct EventShape: Hashable {
    var category: EventCell.Category
    var sqlState: String
    var shape: String
  }

  init(_ db: Database) { self.db = db }

  mutating func id(of fingerprint: Fingerprint) throws -> Int64 {
    if let id = statements[fingerprint] { return id }
    let value = Int64(bitPattern: fingerprint.value)
    let find = try db.cachedStatement(sql: "SELECT id FROM statement WHERE fingerprint = ?")
    var id = try Int64.fetchOne(find, arguments: [value])
    if id == nil {
      // Counted before its text is known: `store` fills it in when it comes.
      try db.cachedStatement(
        sql: "INSERT INTO statement (fingerprint, kind, grammar, text, relations) VALUES (?, 'unknown', '', '', '[]')"
      ).execute(arguments: [value])
      id = db.lastInsertedRowID
    }
    statements[fingerprint] = id
    return id ?? 0
  }

  mutating func id(of value: WorkloadDimensions) throws -> Int64 {
    if let id = dimensions[value] { return id }
    let arguments: StatementArguments = [value.database, value.user, value.application, value.tags]
    let find = try db.cachedStatement(
      sql: "SELECT id FROM dimensions WHERE database = ? AND user = ? AND application = ? AND tags = ?")
    var id = try Int64.fetchOne(find, arguments: arguments)
    if id == nil {
      try db.cachedStatement(sql: "INSERT INTO dimensions (database, user, application, tags) VALUES (?, ?, ?, ?)")
        .execute(arguments: arguments)
      id = db.lastInsertedRowID
    }
    dimensions[value] = id
    return id ?? 0
  }

  /// The id of an event's shape. Of all samples seen the smallest is kept, so that order does not matter.
  mutating func id(of value: EventShape, sample: String) throws -> Int64 {
    if let id = eventShapes[value] {
      try db.cachedStatement(sql: "UPDATE event_shape SET sample = ? WHERE id = ? AND sample > ?")
        .execute(arguments: [sample, id, sample])
      return id
    }
    let id = try Int64.fetchOne(
      try db.cachedStatement(
        sql: """
          INSERT INTO event_shape (category, sqlstate, shape, sample) VALUES (?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET sample = min(sample, excluded.sample) RETURNING id
          """),
      arguments: [value.category.rawValue, value.sqlState, value.shape, sample])
    eventShapes[value] = id
    return id ?? 0
  }

  /// Keeps the first text of a statement that a log has, a parsed one rather than a masked one.
  ///
  /// A reading offers the first of the texts that it meets, and one that goes on after an interruption meets others first:
  /// only what was taken in before tells which was the first of all.
  func storeFirst(_ statement: StatementText) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO statement (fingerprint, kind, grammar, text, relations) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (fingerprint) DO UPDATE SET kind = ?2, grammar = ?3, text = ?4, relations = ?5
        WHERE grammar = '' OR (grammar = 'masked' AND ?3 = 'parsed')
        """
    ).execute(arguments: Dictionaries.arguments(statement))
  }

  private static func arguments(_ statement: StatementText) throws -> StatementArguments {
    [
      Int64(bitPattern: statement.fingerprint.value), statement.kind.rawValue, statement.grammar.rawValue,
      statement.normalized, try JSON.text(statement.relations),
    ]
  }

  /// Keeps a statement's text. Of several texts for one fingerprint a parsed one wins over a masked one, then the
  /// shorter, then the smaller, so that the order of snapshots and of merged histories does not matter.
  func store(_ statement: StatementText) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO statement (fingerprint, kind, grammar, text, relations) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (fingerprint) DO UPDATE SET kind = ?2, grammar = ?3, text = ?4, relations = ?5
        WHERE grammar = '' OR (grammar = 'masked' AND ?3 = 'parsed') OR (grammar = ?3
          AND (length(?4) < length(text) OR (length(?4) = length(text) AND (?4 < text OR (?4 = text AND ?5 < relations)))))
        """
    ).execute(arguments: Dictionaries.arguments(statement))
  }
}

/// JSON columns: sorted keys, so that equal values are equal bytes.
enum JSON {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}

/// The rows of one statement's result, in text form.
public struct Rows: Sendable, RandomAccessCollection {
  /// Column names in the order of the result.
  public let columns: [String]
  /// The server's command tag, for example `INSERT 0 3`.
  public let commandTag: String
  /// Rows inserted, updated, deleted or returned, where the tag says so.
  public let affected: Int?
  /// The statement, for error texts.
  public let sql: String
  let cells: [String?]
  let rowCount: Int
  let places: [String: Int]

  init(columns: [String], commandTag: String, affected: Int?, sql: String, cells: [String?], rowCount: Int) {
    self.columns = columns
    self.commandTag = commandTag
    self.affected = affected
    self.sql = sql
    self.cells = cells
    self.rowCount = rowCount
    places = Dictionary(zip(columns, columns.indices), uniquingKeysWith: { first, _ in first })
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { rowCount }
  public subscript(position: Int) -> Row {
    precondition(position >= 0 && position < rowCount, "row \(position) of \(rowCount)")
    return Row(rows: self, index: position)
  }

  /// The only row. Throws when there is none or more than one.
  public func only() throws(PostgresError) -> Row {
    guard rowCount == 1 else {
      throw PostgresError(.unexpectedResult, "one row expected, \(rowCount) came", sql: sql)
    }
    return self[0]
  }
}

/// One row of a result; columns are found by name.
public struct Row: Sendable {
  let rows: Rows
  /// Counted from 0.
  public let index: Int

  public var columns: [String] { rows.columns }

  /// The value of the column at `place`, counted from 0; nil for NULL.
  public subscript(place: Int) -> String? { rows.cells[index * rows.columns.count + place] }

  /// The value as text; nil for NULL. Throws when no such column exists.
  public func optionalString(_ column: String) throws(PostgresError) -> String? {
    guard let place = rows.places[column] else {
      throw PostgresError(
        .unexpectedResult, "no column \"\(column)\" in the result; it has " + rows.columns.joined(separator: ", "),
        sql: rows.sql)
    }
    return self[place]
  }

  /// The value as text. Throws for NULL.
  public func string(_ column: String) throws(PostgresError) -> String {
    guard let value = try optionalString(column) else { throw unexpected(column, "is NULL") }
    return value
  }

  public func optionalInt(_ column: String) throws(PostgresError) -> Int? {
    guard let text = try optionalString(column) else { return nil }
    guard let value = Int(text) else { throw unexpected(column, "is no whole number: \"\(text.prefix(40))\"") }
    return value
  }

  public func int(_ column: String) throws(PostgresError) -> Int {
    guard let value = try optionalInt(column) else { throw unexpected(column, "is NULL") }
    return value
  }

  public func optionalDouble(_ column: String) throws(PostgresError) -> Double? {
    guard let text = try optionalString(column) else { return nil }
    guard let value = Double(text) else { throw unexpected(column, "is no number: \"\(text.prefix(40))\"") }
    return value
  }

  public func double(_ column: String) throws(PostgresError) -> Double {
    guard let value = try optionalDouble(column) else { throw unexpected(column, "is NULL") }
    return value
  }

  public func optionalBool(_ column: String) throws(PostgresError) -> Bool? {
    switch try optionalString(column) {
    case nil: return nil
    case "t": return true
    case "f": return false
    case let text?: throw unexpected(column, "is no boolean: \"\(text.prefix(40))\"")
    }
  }

  public func bool(_ column: String) throws(PostgresError) -> Bool {
    guard let value = try optionalBool(column) else { throw unexpected(column, "is NULL") }
    return value
  }

  private func unexpected(_ column: String, _ what: String) -> PostgresError {
    PostgresError(.unexpectedResult, "column \"\(column)\" of row \(index + 1) \(what)", sql: rows.sql)
  }
}

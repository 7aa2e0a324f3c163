public import Model

/// Why a what-if question has no answer.
public enum WhatIfError: UserError, Equatable {
  /// The server refused to plan the statement: its SQLSTATE (empty when it never reached the server) and message.
  case statementRefused(id: String, sqlState: String, message: String)
  /// The server refused an index definition.
  case indexRefused(ddl: String, sqlState: String, message: String)
  /// The server refused a statement of a migration.
  case changeRefused(statement: String, sqlState: String, message: String)
  /// `plan` was given a name that is neither a hypothetical nor an existing index.
  case unknownIndex(String)
  /// A name without schema that several schemas have.
  case ambiguousIndex(String, schemas: [String])
  /// The planner cannot do this at all.
  case unsupported(String)

  public var sentence: String {
    switch self {
    case .statementRefused(let id, _, let message): "statement \(id) cannot be planned: \(message)"
    case .indexRefused(let ddl, _, let message): "the server refuses \(ddl): \(message)"
    case .changeRefused(let statement, _, let message):
      "the server refuses the change '\(Self.shortened(statement))': \(message)"
    case .unknownIndex(let name): "there is no index named \(name), neither existing nor hypothetical"
    case .ambiguousIndex(let name, let schemas):
      "the index name \(name) exists in the schemas \(schemas.joined(separator: ", ")); write schema.name"
    case .unsupported(let what): what
    }
  }

  /// What the server said where only the question asked is to blame, a statement under a set of indexes; nil where the
  /// planner itself is of no more use or was asked wrongly.
  public var messageOfOneQuestion: String? {
    switch self {
    case .statementRefused(_, _, let message): message
    case .indexRefused, .changeRefused: sentence
    case .unknownIndex, .ambiguousIndex, .unsupported: nil
    }
  }

  /// One line of a statement.
  private static func shortened(_ statement: String) -> String {
    let line = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 100 ? line.prefix(100) + "…" : line
  }
}

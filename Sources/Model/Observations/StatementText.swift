/// What is known of a statement's shape, stored once for each fingerprint.
public struct StatementText: Hashable, Sendable, Codable {
  /// How the fingerprint was found.
  public enum Grammar: String, Hashable, Sendable, Codable {
    /// libpg_query parsed the text.
    case parsed
    /// The text is newer than libpg_query's grammar, malformed, truncated or too large: the fingerprint is a hash of
    /// the masked text.
    case masked
  }

  public var fingerprint: Fingerprint
  /// The text with `$n` for every literal, comments removed and passwords masked. Shows no value.
  public var normalized: String
  public var kind: StatementKind
  /// Relations named by the statement, in the order of their first mention; a name as written, so its schema is
  /// empty where the statement gave none.
  public var relations: [RelationName]
  public var grammar: Grammar

  public init(
    fingerprint: Fingerprint, normalized: String, kind: StatementKind, relations: [RelationName], grammar: Grammar
  ) {
    self.fingerprint = fingerprint
    self.normalized = normalized
    self.kind = kind
    self.relations = relations
    self.grammar = grammar
  }
}

/// The statement's command, as far as an adviser needs to tell.
public enum StatementKind: String, Hashable, Sendable, Codable, CaseIterable {
  case select, insert, update, delete, merge
  /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their like.
  case transaction
  /// Every other statement: DDL, SET, COPY, VACUUM, …
  case utility
  /// Neither parsed nor recognised.
  case unknown

  /// Whether EXPLAIN takes it.
  public var isPlannable: Bool {
    switch self {
    case .select, .insert, .update, .delete, .merge: true
    case .transaction, .utility, .unknown: false
    }
  }
}

internal import Model

/// A statement's kind and relations as its tokens alone suggest them, where the parser could not be asked or refused.
struct LexicalGuess {
  private(set) var kind: StatementKind = .unknown
  /// Names after FROM, JOIN, INTO, UPDATE and TABLE, without the names that WITH defines.
  private(set) var relations: [RelationName] = []

  init(_ statement: StatementPieces) {
    kind = Self.kind(statement)
    relations = Self.relations(statement)
  }

  private static func kind(_ statement: StatementPieces) -> StatementKind {
    var i = 0
    while statement.isSymbol(i, "(") { i += 1 }
    if statement.isWord(i, "with") { i = mainVerb(statement, after: i) }
    for (word, kind) in verbs where statement.isWord(i, word) { return kind }
    return .unknown
  }

  /// The first verb after the bodies of WITH, which stand in parentheses.
  private static func mainVerb(_ statement: StatementPieces, after with: Int) -> Int {
    var depth = 0
    for i in with..<statement.pieces.count {
      if statement.isSymbol(i, "(") { depth += 1 }
      if statement.isSymbol(i, ")") { depth -= 1 }
      if depth == 0, i > with, mainVerbs.contains(where: { statement.isWord(i, $0) }) { return i }
    }
    return with
  }

  private static let mainVerbs: [StaticString] = ["select", "insert", "update", "delete", "merge", "values"]
  private static let verbs: [(StaticString, StatementKind)] = [
    ("select", .select), ("values", .select), ("with", .select), ("insert", .insert), ("update", .update),
    ("delete", .delete), ("merge", .merge), ("begin", .transaction), ("start", .transaction), ("commit", .transaction),
    ("end", .transaction), ("rollback", .transaction), ("abort", .transaction), ("savepoint", .transaction),
    ("release", .transaction), ("alter", .utility), ("analyze", .utility), ("call", .utility), ("close", .utility),
    ("cluster", .utility), ("comment", .utility), ("copy", .utility), ("create", .utility), ("deallocate", .utility),
    ("declare", .utility), ("discard", .utility), ("do", .utility), ("drop", .utility), ("execute", .utility),
    ("explain", .utility), ("fetch", .utility), ("grant", .utility), ("listen", .utility), ("lock", .utility),
    ("move", .utility), ("notify", .utility), ("prepare", .utility), ("reindex", .utility), ("refresh", .utility),
    ("reset", .utility), ("revoke", .utility), ("set", .utility), ("show", .utility), ("truncate", .utility),
    ("unlisten", .utility), ("vacuum", .utility),
  ]

  private static func relations(_ statement: StatementPieces) -> [RelationName] {
    var found: [RelationName] = []
    var common: Set<String> = []
    for i in statement.pieces.indices {
      // `name AS (` inside WITH; a column's alias is never followed by a parenthesis.
      if statement.isWord(i, "as"), statement.isSymbol(i + 1, "("), let name = name(statement, i - 1) {
        common.insert(name)
      }
      guard introducers.contains(where: { statement.isWord(i, $0) }) else { continue }
      var at = i + 1
      while statement.isWord(at, "only") || statement.isWord(at, "lateral") { at += 1 }
      guard let first = name(statement, at), !notNames.contains(first) else { continue }
      if statement.isSymbol(at + 1, "."), let second = name(statement, at + 2) {
        found.append(RelationName(schema: first, name: second))
      } else if !statement.isSymbol(at + 1, "(") || statement.isWord(i, "into") {
        found.append(RelationName(schema: "", name: first))
      }
    }
    var seen: Set<RelationName> = []
    return found.filter { !($0.schema.isEmpty && common.contains($0.name)) && seen.insert($0).inserted }
  }

  private static let introducers: [StaticString] = ["from", "join", "into", "update", "table"]
  private static let notNames: Set<String> = ["select", "set", "of", "nowait", "skip", "if", "values"]

  private static func name(_ statement: StatementPieces, _ i: Int) -> String? {
    guard i >= 0, i < statement.pieces.count else { return nil }
    let token = statement.pieces[i].token
    let spelling = String(decoding: statement.spelling(token), as: UTF8.self)
    switch token.kind {
    case .identifier: return spelling
    case .quotedIdentifier where token.isTerminated && spelling.utf8.first == ascii("\""):
      return spelling.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
        .joined(separator: "\"")
    default: return nil
    }
  }
}

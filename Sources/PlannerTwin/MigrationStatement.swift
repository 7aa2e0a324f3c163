/// One statement of a migration, and what a twin does with it.
///
/// Told by its first words alone: a twin must also take syntax that is newer than any parser at hand.
enum MigrationStatement: Equatable {
  /// It changes the schema.
  case schema(String)
  /// `DO`: it may change the schema, and must write no rows, which a twin's tables have no place for.
  case block(String)
  /// `SET search_path`, for the statements behind it; as SQL for the session.
  case searchPath(String)
  /// `CREATE EXTENSION`: the twin's owner may make the trusted ones.
  case createExtension(String, sql: String)
  /// Nothing is run, and why.
  case passedOver(String)

  private static let concernsRows = "not run: it concerns rows, and a twin has none"
  private static let changesNoPlan = "not run: it changes no plan"
  private static let reachesFar = "not run: it reaches beyond the database"

  /// Of statements that begin with CREATE, ALTER or DROP: objects that the planner does not look at.
  private static let withoutPlans: Set<String> = [
    "role", "user", "group", "publication", "subscription", "event", "default",
  ]

  init(_ sql: String) {
    let words = SQLScript.leadingWords(of: sql, count: 3)
    let second = words.count > 1 ? words[1] : ""
    switch words.first ?? "" {
    case "insert", "update", "delete", "merge", "copy", "select", "with", "values", "table", "truncate", "call":
      self = .passedOver(Self.concernsRows)
    case "do": self = .block(sql)
    case "set", "reset": self = Self.setting(sql)
    case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "show", "vacuum", "analyze",
      "analyse", "checkpoint", "lock", "notify", "listen", "explain", "prepare", "execute", "deallocate", "discard",
      "grant", "revoke", "comment", "reassign", "security":
      self = .passedOver(Self.changesNoPlan)
    case "create", "alter", "drop":
      let isOwned = second == "owned"
      if second == "database" || second == "system" || second == "tablespace" {
        self = .passedOver(Self.reachesFar)
      } else if isOwned || Self.withoutPlans.contains(second) || Self.changesOwnerOrTriggers(sql) {
        self = .passedOver(Self.changesNoPlan)
      } else if words.prefix(2) == ["create", "extension"], let name = Self.extensionName(sql) {
        self =
          ExtensionPolicy.irrelevant.contains(name)
          ? .passedOver(Self.changesNoPlan) : .createExtension(name, sql: sql)
      } else {
        self = .schema(sql)
      }
    default: self = .schema(sql)
    }
  }

  /// The tokens as the server would compare them: words in lower case, everything else as it stands.
  private static func texts(_ sql: String) -> [String] {
    let bytes = Array(sql.utf8)
    return SQLScript.tokens(bytes).map {
      let text = String(decoding: bytes[$0.range], as: UTF8.self)
      return $0.kind == .word ? text.lowercased() : text
    }
  }

  /// `SET [SESSION | LOCAL] search_path …`, `SET [SESSION | LOCAL] SCHEMA …` and `RESET search_path`. A transaction's own
  /// setting is taken for the session's: each statement here is a transaction.
  private static func setting(_ sql: String) -> MigrationStatement {
    let bytes = Array(sql.utf8)
    let tokens = SQLScript.tokens(bytes)
    let words = texts(sql)
    let place = words.count > 1 && ["session", "local"].contains(words[1]) ? 2 : 1
    guard words.count > place, ["search_path", "schema"].contains(words[place]) else {
      return .passedOver(changesNoPlan)
    }
    let rest = String(decoding: bytes[tokens[place].range.lowerBound...], as: UTF8.self)
    return .searchPath(words[0] + " " + rest)
  }

  /// `ALTER … OWNER TO role` alone, and `ALTER TABLE … { ENABLE | DISABLE } … TRIGGER …`.
  private static func changesOwnerOrTriggers(_ sql: String) -> Bool {
    let words = texts(sql)
    guard words.first == "alter", !words.contains(",") else { return false }
    if words.count > 3, words[words.count - 3] == "owner", words[words.count - 2] == "to" { return true }
    guard let place = words.firstIndex(where: { $0 == "enable" || $0 == "disable" }), place > 2 else { return false }
    let behind = words[(place + 1)...].first { $0 != "always" && $0 != "replica" }
    return behind == "trigger"
  }

  private static func extensionName(_ sql: String) -> String? {
    var words = texts(sql).dropFirst(2)
    if words.starts(with: ["if", "not", "exists"]) { words = words.dropFirst(3) }
    guard let name = words.first else { return nil }
    return name.hasPrefix("\"") ? String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"") : name
  }

  /// Whether a statement makes a relation of rows that only production could read.
  static func fillsNewRelation(_ sql: String) -> Bool {
    let words = texts(sql)
    guard words.first == "create" else { return false }
    if words.dropFirst().starts(with: ["materialized", "view"]) {
      return !words.suffix(3).elementsEqual(["with", "no", "data"])
    }
    guard words.prefix(4).contains("table") else { return false }
    return words.indices.dropLast().contains { place in
      guard words[place] == "as" else { return false }
      let next = words[(place + 1)...].first { $0 != "(" } ?? ""
      return ["select", "with", "values", "table", "execute"].contains(next)
    }
  }
}

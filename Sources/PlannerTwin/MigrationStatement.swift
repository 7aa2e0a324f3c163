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
  /// `SET` and `RESET` of a setting that the planner goes by, for the plans behind it; as SQL for the session.
  case setting(String)
  /// `ROLLBACK` in any form: a twin cannot take back what came before it.
  case rollback
  /// `CREATE EXTENSION`: the twin's owner may make the trusted ones.
  case createExtension(String, sql: String)
  /// Nothing is run, and why.
  case passedOver(String)

  private static let concernsRows = "not run: it concerns rows, and a twin has none"
  private static let changesNoPlan = "not run: it changes no plan"
  private static let keepsStatistics =
    "not run: a twin has no rows; production's recorded statistics and sizes are kept"
  private static let mayChangePlans = "not run: it may change plans, and those below are made without it"
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
    case "set", "reset": self = Self.settingChange(sql)
    case "rollback", "abort": self = .rollback
    case "vacuum", "analyze", "analyse": self = .passedOver(Self.keepsStatistics)
    case "begin", "start", "commit", "end", "savepoint", "release", "show", "checkpoint",
      "lock", "notify", "listen", "explain", "prepare", "execute", "deallocate", "discard",
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

  /// `SET` and `RESET`. Of `search_path` a transaction's own setting is taken for the session's: each statement here is a
  /// transaction, and the next ones need it.
  private static func settingChange(_ sql: String) -> MigrationStatement {
    let bytes = Array(sql.utf8)
    let tokens = SQLScript.tokens(bytes)
    let words = texts(sql)
    let place = words.count > 1 && ["session", "local"].contains(words[1]) ? 2 : 1
    guard words.count > place else { return .passedOver(mayChangePlans) }
    let rest = String(decoding: bytes[tokens[place].range.lowerBound...], as: UTF8.self)
    let name = words[place].filter { $0 != "\"" }
    if ["search_path", "schema"].contains(name) { return .searchPath(words[0] + " " + rest) }
    // It ends with the migration's transaction, before any other statement is planned.
    if place == 2, words[1] == "local" { return .passedOver(changesNoPlan) }
    if PlannerSettings.lowercasedNames.contains(name) || (name == "time" && words[0] == "set") {
      return .setting(words[0] + " " + rest)
    }
    let isPlain = withoutPlanSettings.contains(name) || name.hasSuffix("_timeout") || name.hasPrefix("log_")
    return .passedOver(isPlain ? changesNoPlan : mayChangePlans)
  }

  /// Settings that no plan depends on, as migrations set them.
  private static let withoutPlanSettings: Set<String> = [
    "application_name", "check_function_bodies", "client_encoding", "client_min_messages", "constraints",
    "default_table_access_method", "default_tablespace", "default_toast_compression", "default_with_oids",
    "escape_string_warning", "names", "session_replication_role", "synchronous_commit", "transaction",
  ]

  /// Whether a statement makes extended statistics.
  static func makesStatistics(_ sql: String) -> Bool {
    SQLScript.leadingWords(of: sql, count: 2) == ["create", "statistics"]
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

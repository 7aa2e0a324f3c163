import Catalog
import Model
import PrivateServer

/// As whom statements are planned: row-level security and settings hang on it.
struct PlanningRole: Sendable {
  var name: String
  /// The role's own settings of those that the planner looks at.
  var settings: [(name: String, value: String)]
  /// Row-level security does not concern it.
  var bypassesRowSecurity: Bool
  /// Roles that it is a member of, directly or not, sorted.
  var memberOf: [String]

  /// - Throws: `TwinError.unknownRole` where the snapshot lists roles and this is none of them.
  init(_ name: String, in source: Snapshot) throws {
    self.name = name
    settings = try PlannerSettings.settings(of: source, role: name)
    var parents: [String: [String]] = [:]
    var bypassing: Set<String> = []
    for row in source["roles"] {
      let role = try row.string("name")
      parents[role] = try row.strings("member_of")
      if try row.optionalBool("is_superuser") == true || row.optionalBool("bypasses_row_security") == true {
        bypassing.insert(role)
      }
    }
    // Captures of before 0.2 do not list them.
    guard parents.isEmpty || parents[name] != nil else {
      throw TwinError.unknownRole(name, known: parents.keys.sorted())
    }
    bypassesRowSecurity = bypassing.contains(name)
    var found: Set<String> = []
    var waiting = parents[name] ?? []
    while let next = waiting.popLast() {
      if found.insert(next).inserted { waiting += parents[next] ?? [] }
    }
    memberOf = found.sorted()
  }

  /// What a connection of the owner says at its start to be this role: `RESET` comes back to it.
  var startupOptions: String {
    ([("role", name)]
      + settings.map { setting in
        setting.name == "search_path"
          ? (setting.name, SearchPath.names(setting.value).map(SQLSpelling.identifier).joined(separator: ","))
          : (setting.name, setting.value)
      }).map { "-c \($0.0)=" + Self.escaped($0.1) }.joined(separator: " ")
  }

  /// Words are divided by white space, unless a backslash stands before it (`pg_split_opts`, postinit.c).
  private static func escaped(_ value: String) -> String {
    value.map { $0 == "\\" || $0.isWhitespace ? "\\\($0)" : String($0) }.joined()
  }
}

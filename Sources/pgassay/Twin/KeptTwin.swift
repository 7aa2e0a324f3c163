import PrivateServer

/// A twin that a `pgassay twin start` of this user keeps.
struct KeptTwin: Hashable {
  /// Of its directory: no other server of this user has it.
  var fullName: String
  /// The production database that it stands for.
  var database: String
  /// The process that keeps it.
  var owner: Int32
  var directory: String

  /// Enough of the name to tell it apart, and to be typed.
  var name: String { Self.shortName(fullName) }
  /// For a list.
  var line: String { "\(name)  \(database)  process \(owner)" }

  private static let word = "kept"

  /// What the server's lock says of it.
  static func label(database: String) -> String { word + " " + database }

  static func shortName(_ name: String) -> String { String(name.prefix(8)) }

  /// Sorted by name.
  static func running() throws -> [KeptTwin] {
    try PrivateServer.running().compactMap { server in
      let words = server.label.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.first == word[...] else { return nil }
      return KeptTwin(
        fullName: server.name, database: words.count > 1 ? printable(words[1]) : "", owner: server.owner,
        directory: server.directory)
    }
  }

  /// A name from a snapshot may hold anything; a list has one line for each.
  private static func printable(_ text: Substring) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}

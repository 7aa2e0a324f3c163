import Model
import Testing

@testable import ServerLog

/// The words of each language, compared with the catalogues that the server itself prints them from.
struct MessageCatalogTests {
  static let languages = ["de", "es", "fr", "it", "ja", "ka", "ko", "ru", "sv", "uk", "zh_CN"]
  /// Messages that the reader has to know, by the beginning of their text in the source, with arguments to print.
  private static let events: [(source: String, arguments: [String])] = [
    ("checkpoint complete: wrote", ["3", "0.1", "0", "0", "1", "1", "203", "0", "050", "2", "345"]),
    ("restartpoint complete: wrote", ["3", "0.1", "0", "0", "1", "1", "203", "0", "050", "2", "345"]),
    ("temporary file: path", ["base/pgsql_tmp/pgsql_tmp1.0", "360448"]),
    ("process %d still waiting for", ["17", "ShareLock", "transaction 5", "1000", "123"]),
    ("process %d acquired", ["17", "ShareLock", "transaction 5", "1000", "123"]),
    ("process %d detected deadlock", ["17", "ShareLock", "transaction 5", "1000", "123"]),
    ("process %d avoided deadlock", ["17", "ShareLock", "transaction 5", "1000", "123"]),
    ("deadlock detected", []),
    ("canceling statement due to user request", []), ("canceling statement due to statement timeout", []),
    ("canceling statement due to lock timeout", []), ("canceling statement due to conflict with recovery", []),
    ("terminating connection due to conflict with recovery", []),
    ("terminating connection due to idle-in-transaction timeout", []),
    ("terminating connection due to idle-session timeout", []),
    ("terminating connection due to administrator command", []), ("canceling autovacuum task", []),
    ("connection received: host=%s", ["[local]", "5432"]), ("connection authorized: user=%s", ["alice"]),
    ("disconnection: session time:", ["1", "02", "03", "004", "alice", "shop", "[local]", "", ""]),
    ("automatic vacuum of table \"%s.%s.%s\": index", ["shop", "public", "orders", "1"]),
    ("automatic aggressive vacuum of table", ["shop", "public", "orders", "1"]),
    ("automatic vacuum to prevent wraparound of table", ["shop", "public", "orders", "1"]),
    ("automatic aggressive vacuum to prevent wraparound of table", ["shop", "public", "orders", "1"]),
    ("automatic analyze of table \"%s.%s.%s\"\n", ["shop", "public", "orders"]),
    ("database system is ready to accept connections", []),
    ("database system was interrupted; last known up at", ["2026-11-23"]),
    ("terminating any other active server processes", []),
    ("%s (PID %d) was terminated by signal", ["server process", "17", "9", "Killed"]),
    ("database \"%s\" must be vacuumed within", ["shop", "1000000"]),
    ("database with OID %u must be vacuumed within", ["5", "1000000"]),
    ("recovery still waiting after", ["12", "345", "recovery conflict on lock"]),
    ("recovery finished waiting after", ["12", "345", "recovery conflict on lock"]),
    ("password authentication failed for user", ["alice"]), ("no pg_hba.conf entry for host", ["h", "u", "d", "e"]),
    ("role \"%s\" does not exist", ["alice"]), ("role \"%s\" is not permitted to log in", ["alice"]),
    ("database is not accepting commands to avoid wraparound", ["shop"]),
  ]

  private func catalog(_ language: String) throws -> MessageCatalog? {
    guard let path = MessageCatalog.installed(language) else {
      print("no message catalogue of PostgreSQL 15 for \(language) on this machine: not compared")
      return nil
    }
    return try MessageCatalog(path: path)
  }

  private func table(_ language: String) throws -> MessageTable {
    try #require(MessageTable.all.first { $0.language == language })
  }

  @Test(arguments: languages) func wordsAreTheServers(_ language: String) throws {
    guard let catalog = try catalog(language) else { return }
    let table = try table(language)
    let english = MessageTable.english
    for (phrase, severity) in english.severities.elements {
      let word = text(phrase).dropLast(3)
      let foreign = catalog.translated(String(word))
      let known = table.severityWords.elements.filter { text($0.phrase) == foreign }
      // Georgian has one word for two severities.
      #expect(
        known.contains { $0.severity == severity } || (known.isEmpty && foreign == word), "\(word) is \(foreign)")
    }
    for (phrase, part) in english.parts.elements {
      let foreign = catalog.translated(text(phrase))
      #expect(
        table.parts.elements.contains { text($0.phrase) == foreign && $0.part == part } || foreign == text(phrase),
        "\(text(phrase)) is \(foreign)")
    }
    #expect(table.unknown == catalog.translated("[unknown]"))
    let position = MessageCatalog.format(catalog.translated(" at character %d"), ["15"])
    #expect(text(table.atCharacter.before) + "15" + text(table.atCharacter.behind) == position)
    let list = MessageCatalog.format(catalog.translated("parameters: %s"), ["$1 = 'a''b', $2 = NULL"])
    let parameters = Array(list.utf8).withUnsafeBytes { ParameterList.read($0, [table, english]) }
    #expect(parameters == [.text("a'b"), .null])
  }

  @Test(arguments: languages) func durationsAreTheServers(_ language: String) throws {
    guard let catalog = try catalog(language) else { return }
    let reader = MessageReader(tables: MessageTable.tables(language))
    let execute = catalog.translated("execute")
    let fetch = catalog.translated("execute fetch from")
    let samples: [(String, [String], LogEntry.Kind)] = [
      ("duration: %s ms  statement: %s", ["12.345", "SELECT 1"], .statement),
      ("duration: %s ms  parse %s: %s", ["12.345", "<unnamed>", "SELECT 1"], .parse),
      ("duration: %s ms  bind %s%s%s: %s", ["12.345", "s_1", "/", "c_2", "SELECT 1"], .bind),
      ("duration: %s ms  %s %s%s%s: %s", ["12.345", execute, "<unnamed>", "", "", "SELECT 1"], .execute),
      ("duration: %s ms  %s %s%s%s: %s", ["12.345", fetch, "s_1", "/", "c_2", "SELECT 1"], .fetch),
      ("duration: %s ms", ["12.345"], .bareDuration),
      ("statement: %s", ["SELECT 1"], .statementStart),
      ("%s %s%s%s: %s", [execute, "s_1", "/", "c_2", "SELECT 1"], .executeStart),
      ("%s %s%s%s: %s", [fetch, "<unnamed>", "", "", "SELECT 1"], .fetchStart),
    ]
    for (source, arguments, kind) in samples {
      let message = MessageCatalog.format(catalog.translated(source), arguments)
      let bytes = Array(message.utf8)
      bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else { return }
        var entry = LogEntry.blank
        entry.message = ByteSlice(0, buffer.count)
        reader.read(base, &entry)
        #expect(entry.kind == kind, "\(message)")
        if source.contains("duration") { #expect(entry.duration == 12_345, "\(message)") }
        let statement = String(decoding: buffer[Int(entry.text.start)..<entry.text.end], as: UTF8.self)
        #expect(statement == (kind == .bareDuration ? "" : "SELECT 1"), "\(message)")
      }
    }
  }

  @Test(arguments: languages) func eventsAreTheServers(_ language: String) throws {
    // Some catalogues hold messages that the server no longer has; the German one is kept up to date.
    guard let catalog = try catalog(language), let current = try self.catalog("de") else { return }
    let own = EventClassifier(tables: MessageTable.tables(language))
    let english = EventClassifier(tables: [.english])
    for (prefix, arguments) in Self.events {
      let sources = current.sources(prefix).filter { !$0.hasSuffix(", skipping") }
      #expect(!sources.isEmpty, "the server has no message that begins with \(prefix)")
      for source in sources {
        let severities: [Severity] = prefix.contains("must be vacuumed") ? [.warning] : [.log, .error, .fatal]
        for severity in severities {
          let expected = english.judge(MessageCatalog.format(source, arguments), severity: severity, sqlState: "")
          let message = MessageCatalog.format(catalog.translated(source), arguments)
          let judged = own.judge(message, severity: severity, sqlState: "")
          #expect(judged.category == expected.category, "\(message)")
          #expect(judged.count == expected.count && judged.amount == expected.amount, "\(message)")
        }
      }
    }
  }

  @Test(arguments: languages) func connectionsAreTheServers(_ language: String) throws {
    guard let catalog = try catalog(language) else { return }
    let parts = [
      ("connection authorized: user=%s", ["größe app"]), (" database=%s", ["my shop"]),
      (" application_name=%s", ["jobs, nightly"]),
      (" SSL enabled (protocol=%s, cipher=%s, bits=%d)", ["TLSv1.3", "TLS_AES_256_GCM_SHA384", "256"]),
      (" GSS (authenticated=%s, encrypted=%s, principal=%s)", ["yes", "no", "p"]),
    ].map { MessageCatalog.format(catalog.translated($0.0), $0.1) }
    func read(_ message: String) -> ConnectionNames? {
      Array(message.utf8).withUnsafeBytes { ConnectionNames.read($0, MessageTable.tables(language)) }
    }
    for count in [2, 3, 4, 5] {
      let names = ConnectionNames(
        user: "größe app", database: "my shop", application: count > 2 ? "jobs, nightly" : "")
      #expect(read(parts.prefix(count).joined()) == names, "\(parts.prefix(count).joined())")
    }
    #expect(read(parts[0] + parts[1] + parts[3])?.database == "my shop")
    #expect(read(MessageCatalog.format(catalog.translated("connection received: host=%s"), ["h"])) == nil)
  }

  @Test(arguments: languages) func changesOfThePrefixAreTheServers(_ language: String) throws {
    guard let catalog = try catalog(language) else { return }
    func read(_ source: String, _ arguments: [String]) -> String? {
      let message = MessageCatalog.format(catalog.translated(source), arguments)
      return Array(message.utf8).withUnsafeBytes { PrefixDeclaration.read($0, MessageTable.tables(language)) }
    }
    let prefix = #"%m [%p] user="%u" db=»%d« "#
    #expect(read("parameter \"%s\" changed to \"%s\"", ["log_line_prefix", prefix]) == prefix)
    #expect(read("parameter \"%s\" changed to \"%s\"", ["log_statement", prefix]) == nil)
    let reset = "parameter \"%s\" removed from configuration file, reset to default"
    #expect(read(reset, ["log_line_prefix"]) == "%m [%p] ")
  }

  private func text(_ phrase: Phrase) -> String {
    String(decoding: UnsafeRawBufferPointer(start: phrase.base, count: phrase.count), as: UTF8.self)
  }
}

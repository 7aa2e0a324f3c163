import Model
import Testing

@testable import ServerLog

/// One scenario, run on a server in each language that PostgreSQL 15 has, recorded in three formats at once.
struct LanguageTests {
  static let languages = ["de", "en", "es", "fr", "it", "ja", "ka", "ko", "ru", "sv", "uk", "zh_CN"]

  @Test(arguments: languages)
  func everyLanguageSaysTheSame(_ language: String) throws {
    let english = try Fixtures.once("languages/en.json")
    for format in Fixtures.formats {
      let reading = try Fixtures.once("languages/\(language).\(format)")
      #expect(executions(reading) == executions(english), "\(format)")
      #expect(categories(reading) == categories(english), "\(format)")
      #expect(parameters(reading) == parameters(english), "\(format)")
      // jsonlog's first entries may be LOG in English; the language shows in the messages.
      #expect(reading.language == language, "\(format)")
    }
  }

  @Test(arguments: languages)
  func theFormatsOfALanguageAreOne(_ language: String) throws {
    let json = try Fixtures.once("languages/\(language).json")
    for format in ["csv", "log"] {
      let other = try Fixtures.once("languages/\(language).\(format)")
      #expect(times(other) == times(json), "\(format)")
      #expect(messages(other) == messages(json), "\(format)")
    }
  }

  @Test func theEnglishOneHasWhatWasRun() throws {
    let reading = try Fixtures.once("languages/en.log")
    // Two runs of pgbench with five executions each, one EXECUTE, one by hand.
    let single = reading.cells.filter { $0.dimensions.application == "pgbench" && $0.bind.value > 0 }
    #expect(single.reduce(0) { $0 + $1.calls } == 10)
    let count = categories(reading)
    #expect(count[.deadlock] == 1)
    // Of a statement, of a lock, of a transaction's and of a session's idleness.
    #expect(count[.timeout] == 4)
    // By the statement itself, and a backend ended by an administrator.
    #expect(count[.cancel] == 2)
    #expect(count[.error] == 2)
    // A role that does not exist, and a wrong password.
    #expect(count[.authenticationFailure] == 2)
    #expect((count[.checkpoint] ?? 0) >= 1)
    #expect((count[.temporaryFile] ?? 0) >= 1)
    #expect(count[.autovacuum] == 1)
    #expect(count[.autoanalyze] == 1)
    // The backend that was killed, and what the server says of it.
    #expect((count[.crash] ?? 0) >= 2)
    // The start, and the one after the crash.
    #expect(count[.restart] == 2)
    // RESET log_duration and the statement behind it have no duration.
    #expect(reading.cells.reduce(0) { $0 + $1.untimed } == 2)
    #expect(parameters(reading).contains { $0.hasPrefix("pgbench") })
    // Names that were not known yet are no names.
    #expect(reading.events.allSatisfy { !$0.user.hasPrefix("[") && !$0.database.hasPrefix("[") })
  }

  /// Calls, errors and untimed executions by fingerprint: the same for each run of the scenario.
  private func executions(_ reading: Reading) -> [String] {
    var sums: [Fingerprint: [Int64]] = [:]
    for cell in reading.cells {
      let old = sums[cell.fingerprint] ?? [0, 0, 0, 0]
      sums[cell.fingerprint] = [
        old[0] + cell.calls, old[1] + cell.errors, old[2] + cell.untimed, max(old[3], cell.bind.value > 0 ? 1 : 0),
      ]
    }
    return sums.map { "\($0.key) \($0.value)" }.filter { !$0.hasSuffix("[0, 0, 0, 0]") }.sorted()
  }

  private func categories(_ reading: Reading) -> [EventCell.Category: Int64] {
    var sums: [EventCell.Category: Int64] = [:]
    for event in reading.events where event.category != .other {
      sums[event.category, default: 0] += event.count
    }
    // How often a wait outlasts deadlock_timeout and the daemons look after the tables depends on the moment.
    for category in [EventCell.Category.lockWait, .autovacuum, .autoanalyze, .checkpoint, .temporaryFile]
    where sums[category] != nil { sums[category] = 1 }
    return sums
  }

  private func parameters(_ reading: Reading) -> Set<String> {
    Set(reading.samples.filter { !$0.parameters.isEmpty }.map { "\($0.dimensions.application) \($0.parameters.count)" })
  }

  private func times(_ reading: Reading) -> [String] {
    reading.cells.map { "\($0.minute) \($0.fingerprint) \($0.total.value) \($0.parse.value) \($0.bind.value)" }.sorted()
  }

  private func messages(_ reading: Reading) -> [String] {
    reading.events
      .map { "\($0.category) \($0.shape) \($0.user)@\($0.database) \($0.count) \($0.amount) \($0.sample)" }.sorted()
  }
}

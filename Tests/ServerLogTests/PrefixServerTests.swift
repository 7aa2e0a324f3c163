import Bytes
import Foundation
import Model
import PrivateServer
import TestSupport
import Testing

@testable import ServerLog

/// Prefixes as real servers write them: the same entries, written at once as stderr, csvlog and jsonlog, read as one.
struct PrefixServerTests {
  /// Every escape, alone behind time and process, padded, and in the ways in which people put them together.
  static let prefixes = [
    "%m [%p] ", "%t [%p] ", "%n [%p] ", "%m [%p] %a ", "%m [%p] user=%u,db=%d,app=%a,client=%h ", "%m [%p] %u@%d ",
    "%m [%p] %q%u@%d/%a ", "%m [%p] %r ", "%m [%p] %h ", "%m [%p] %b ", "%m [%p] %P ", "%m [%p] %i ", "%m [%p] %e ",
    "%m [%p] %c ", "%m [%c] [%l] ", "%m [%p] %s ", "%m [%p] %v ", "%m [%p] %x ", "%m [%p] %Q ", "%m [%p] %% ",
    "%m [%-8p] ", "%m [%8p] ", "%m [%p] %-20u|%20d| ", "%m [%p] |%12a|%-30b| ", "%m [%5p-%5l] %5P %-12e ",
    "%t:%r:%u@%d:[%p]:", "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%p|%m|%c|%l|%s|%v|%x|%e|%i|%Q|%b|%P|%r|%h|%a|%u|%d|", "<%m %p %u@%d> ", "%m|%p|%u|%d|%a|%c|%l|",
    "{%m} {%p} {%u}{%d} ",
    "%n %p ", "%m;%p;%u;%d;%a;", "%m\t%p\t%u\t%d\t", "%m %p %x ", "%m %p-%l ",
    "%m [%p:%l] (user=%u,db=%d,app=%a,client=%h) ",
    "%p %m %u@%d ", "%m [%p] %20u %d/%a ", "%m [%p] %12u@%12d %a: ", "%m %-10p %20u %-12d %e ",
    "%m %8p %u@%d ", "%m [%p] %5l %a ", "%u%%%d %m %p ", "[%l] %p %t ",
    "%m|%p|%u|%d|%a|%h|%c|%l|%e|", "%m [%p] %l %u@%d/%a ", "%b %m %P %Q %i ", "%m [%p] %e %q%u@%d ",
    "%h %m %u@%d [%p] ",
    "%x %v %m %p ", "%m [%P] [%p] %u ", "%m [%p] %b %q%u@%d/%a ", "%s %m %p ", "%m [%p] %i %l ", "%t %d/%u %p ",
    "%m [%p] %b %u@%d ", "%b %m [%p] ", "%m [%p] %i %u@%d ", "%m [%p] %-30b %-20i %u@%d ",
  ]

  /// These have nothing that tells a number from another: the user is asked for them, with the lines.
  static let refused: Set = [
    "%m [%5p-%5l] %5P %-12e ", "%p|%m|%c|%l|%s|%v|%x|%e|%i|%Q|%b|%P|%r|%h|%a|%u|%d|",
  ]

  /// In these a blank alone stands between names: they can be told apart where names have none.
  static let blankPrefixes = [
    "%d %u %m ", "%m [%p] %q%u %d %h ", "%m [%p] %e %q%a %u ", "%u %d %m [%p] ", "%r %u %d %m ",
    "%m %r %a %u@%d %p ", "%m %u %d %p %l ", "%m [%p]: %l %u %d: ", "%n %u %d %p ", "%m [%p] %l %e %u %d %a ",
  ]

  struct Variant: Sendable, CustomTestStringConvertible {
    var prefix: String
    var verbosity = "default"
    var testDescription: String { "\(prefix) \(verbosity)" }
  }

  @Test func everyEscapeOf15() async throws {
    try await check(15, nil, Self.prefixes.map { Variant(prefix: $0) } + Self.verbosities)
  }

  @Test(.enabled(if: TestServers.has(18), "PostgreSQL 18 is missing; .ci/servers installs it"))
  func everyEscapeOf18() async throws {
    let own = ["%m [%p] %L ", "%m [%p] %-12L|%u@%d ", "%m [%p] %L %b %P %Q %q%u@%d/%a "]
    try await check(
      18, TestServers.binaries(18), (own + Self.prefixes).map { Variant(prefix: $0) } + Self.verbosities)
  }

  @Test func namesWithOnlyBlanksBetween() async throws {
    try await check(15, nil, Self.blankPrefixes.map { Variant(prefix: $0) }, hasBlanks: false)
  }

  private static let verbosities = [
    Variant(prefix: "%m [%p] %q%u@%d ", verbosity: "verbose"), Variant(prefix: "%m [%p] %u@%d ", verbosity: "terse"),
    Variant(prefix: "%m [%p] %e %u@%d ", verbosity: "verbose"),
  ]

  private func check(_ version: Int, _ binaries: String?, _ variants: [Variant], hasBlanks: Bool = true) async throws {
    let psql = "/usr/lib/postgresql/15/bin/psql"
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
      "log_min_duration_statement": "0", "log_connections": version >= 18 ? "all" : "on", "log_disconnections": "on",
      "log_timezone": "UTC", "compute_query_id": "on", "log_rotation_size": "0", "lc_messages": "C",
    ]
    try await withServer(version: version, settings: settings, binaryDirectory: binaries) { server in
      func run(_ user: String, _ database: String, _ application: String, _ statements: [String]) async throws {
        func quoted(_ text: String) -> String { "'" + text + "'" }
        let connection =
          "user=\(quoted(user)) dbname=\(quoted(database)) application_name=\(quoted(application)) port=5432"
        _ = try await server.run([psql, "-X", "-q", "-d", connection] + statements.flatMap { ["-c", $0] })
      }
      try await run(
        "postgres", "postgres", "setup",
        [
          "CREATE ROLE \"größe app\" LOGIN", "CREATE ROLE \"a@b\" LOGIN", "CREATE ROLE a_b LOGIN",
          "CREATE ROLE \"x-y.z\" LOGIN",
          "CREATE DATABASE \"my shop\"", "CREATE TABLE probe (a int)", "GRANT ALL ON probe TO PUBLIC",
        ])
      try await run("postgres", "my shop", "setup", ["CREATE TABLE probe (a int)", "GRANT ALL ON probe TO PUBLIC"])
      for (number, variant) in variants.enumerated() {
        let name = "run\(number)"
        try await run(
          "postgres", "postgres", "setup",
          [
            "ALTER SYSTEM SET log_filename = '\(name).log'",
            "ALTER SYSTEM SET log_line_prefix = '\(variant.prefix)'",
            "ALTER SYSTEM SET log_error_verbosity = '\(variant.verbosity)'", "SELECT pg_reload_conf()",
          ])
        let directory = server.dataDirectory + "/log/"
        try await appears(directory + name + ".json", "")
        try await Task.sleep(nanoseconds: 100_000_000)
        let clients =
          hasBlanks
          ? [
            ("postgres", "postgres", "psql"), ("größe app", "my shop", "jobs [nightly] x"), ("a@b", "postgres", "web"),
            ("x-y.z", "my shop", "a, b"),
          ] : [("postgres", "postgres", "psql"), ("x-y.z", "postgres", "jobs [nightly] x"), ("a_b", "postgres", "web")]
        for (user, database, application) in clients {
          try await run(
            user, database, application,
            [
              "SELECT a FROM probe WHERE a = 1", "SELECT a\nFROM probe\nWHERE a\t= 2",
              "SELECT missing FROM probe", "SELECT 1/count(*) FROM probe WHERE false",
              "DO $$ BEGIN RAISE LOG 'probe % :  LOG:  x', 7; END $$", "SELECT a, a FROM probe WHERE a = 3",
            ])
        }
        try await run("postgres", "postgres", "end", ["SELECT 'probe is over'"])
        for format in Fixtures.formats { try await appears(directory + name + "." + format, "probe is over") }
        try compare(variant, directory + name)
      }
    }
  }

  /// Waits until a file is there and holds a text: the collector writes on its own time.
  private func appears(_ path: String, _ text: String) async throws {
    for _ in 0..<500 {
      if let data = FileManager.default.contents(atPath: path),
        text.isEmpty || String(decoding: data, as: UTF8.self).contains(text)
      {
        return
      }
      try await Task.sleep(nanoseconds: 10_000_000)
    }
    throw FixtureError(text: "\(path) does not get \(text)")
  }

  private func compare(_ variant: Variant, _ path: String) throws {
    func content(_ format: String) throws -> [UInt8] {
      [UInt8](try #require(FileManager.default.contents(atPath: path + "." + format)))
    }
    let json = try Fixtures.read(content("json"), format: .json)
    let csv = try Fixtures.read(content("csv"), format: .csv)
    let prefix = LinePrefix(variant.prefix)
    let says = Says(prefix, verbosity: variant.verbosity)
    let stderr = try content("log")
    let given = try Fixtures.read(stderr, format: .stderr(prefix))
    let expected = try summary(json, says)
    #expect(expected.count >= 6, "\(variant)")
    #expect(try summary(csv, says) == expected, "csvlog, \(variant)")
    #expect(try summary(given, says) == expected, "stderr, given \(variant)")
    // The first lines may still have the prefix before.
    #expect(given.tally.skippedExamples.allSatisfy { !$0.text.contains("probe") && $0.offset < 4_000 }, "\(variant)")
    // Without the prefix: right, or a refusal.
    let verdict = stderr.withUnsafeBytes { LogSniffer().judge($0) }
    if case .log(let format) = verdict {
      let inferred = try Fixtures.read(stderr, format: format)
      // Names are right, or doubted in words.
      let isDoubted = stderr.withUnsafeBytes { LogSniffer().doubt(about: format, $0) } != nil
      let sure = Says(isDoubted ? LinePrefix("%m [%p] ") : prefix, verbosity: variant.verbosity)
      #expect(
        try summary(inferred, sure, hidesState: true) == summary(json, sure, hidesState: true),
        "\(format.name) for \(variant)")
    } else if !Self.refused.contains(variant.prefix) {
      Issue.record("\(variant) is not found out: \(verdict)")
    }
  }

  /// Which of an entry's particulars a prefix lets the log say.
  private struct Says {
    var user: Bool
    var database: Bool
    var application: Bool
    var state: Bool

    init(_ prefix: LinePrefix, verbosity: String) {
      user = prefix.contains(.user)
      database = prefix.contains(.database)
      application = prefix.contains(.application)
      state = prefix.contains(.sqlState) || verbosity == "verbose"
    }
  }

  /// What the probe's statements and messages came to. Times to the second are `%t`'s.
  private func summary(_ reading: Reading, _ says: Says, hidesState: Bool = false) throws -> [String] {
    var texts: [Fingerprint: String] = [:]
    for statement in reading.batches.flatMap(\.statements) { texts[statement.fingerprint] = statement.normalized }
    var sums: [String: [Int64]] = [:]
    for cell in reading.cells {
      guard let text = texts[cell.fingerprint], text.contains("probe") else { continue }
      let dimensions = names(cell.dimensions.user, cell.dimensions.database, cell.dimensions.application, says)
      let old = sums["\(text) \(dimensions)"] ?? [0, 0, 0, 0]
      sums["\(text) \(dimensions)"] = [
        old[0] + cell.calls, old[1] + cell.errors, old[2] + cell.total.value, old[3] + cell.untimed,
      ]
    }
    for event in reading.events where event.category == .error || event.sample.contains("probe") {
      let state = says.state && !hidesState ? event.sqlState : ""
      let names = names(event.user, event.database, event.application, says)
      sums["\(event.category) \(state) \(event.shape) \(names) \(event.fingerprint?.description ?? "")", default: [0]][
        0] +=
        event.count
      // No format may invent a state that its prefix does not say.
      if !says.state, !hidesState, case .stderr = reading.format { #expect(event.sqlState.isEmpty) }
    }
    return sums.map { "\($0.key) \($0.value)" }.sorted()
  }

  private func names(_ user: String, _ database: String, _ application: String, _ says: Says) -> String {
    "\(says.user ? user : "")@\(says.database ? database : "")/\(says.application ? application : "")"
  }
}

import Foundation
import Model
import PrivateServer
import TestSupport
import Testing

@testable import ServerLog

/// csvlog as older servers write it, and names of every kind in the logs of a real one.
struct CSVColumnTests {
  /// `write_csvlog`: PostgreSQL 13 wrote the backend's type as the 24th column, 14 added the leader's process and the
  /// query id; 10 to 12 end with the application name.
  @Test(arguments: [23, 24]) func olderServersHaveFewerColumns(_ columns: Int) throws {
    let bytes = try Fixtures.content("postgresql-15.csv")
    let cut = Self.columns(bytes, columns)
    // What the missing columns hold where there is neither a leader nor a query id.
    let whole = try Fixtures.read(Self.columns(bytes, columns, more: columns == 23 ? ",,,0" : ",,0"), format: .csv)
    #expect(cut.count < bytes.count)
    guard case .log(.csv) = cut.withUnsafeBytes({ LogSniffer().judge($0) }) else {
      Issue.record("csvlog with \(columns) columns is not recognised")
      return
    }
    let reading = try Fixtures.read(cut, format: .csv)
    #expect(reading.tally.skippedByReason == whole.tally.skippedByReason)
    #expect(reading.tally.entries == whole.tally.entries && reading.tally.executions == whole.tally.executions)
    #expect(summary(reading) == summary(whole))
    #expect(reading.events.map(\.count).reduce(0, +) == whole.events.map(\.count).reduce(0, +))
    #expect(reading.plans.count == whole.plans.count)
    let own = try Fixtures.read(bytes, format: .csv)
    #expect(reading.tally.entries == own.tally.entries && reading.tally.errors == own.tally.errors)
    #expect(reading.batches.allSatisfy { $0.queryIDs.isEmpty } && !own.batches.allSatisfy { $0.queryIDs.isEmpty })
  }

  private func summary(_ reading: Reading) -> [String] {
    reading.cells.map {
      "\($0.fingerprint) \($0.dimensions) \($0.minute) \($0.calls) \($0.errors) \($0.total.value) \($0.parse.value)"
    }.sorted()
  }

  /// The first columns of every record, by the rules of RFC 4180.
  private static func columns(_ bytes: [UInt8], _ limit: Int, more: String = "") -> [UInt8] {
    var result: [UInt8] = []
    var column = 1
    var isQuoted = false
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: ","), !isQuoted { column += 1 }
      if byte == 0x0A, !isQuoted {
        column = 1
        result += more.utf8
      }
      if column <= limit { result.append(byte) }
    }
    return result
  }

  /// Names that contain what formats and prefixes separate with.
  @Test func namesOfEveryKindAgreeInAllFormats() async throws {
    let names = [
      "a/b", "line\nbreak", "two words", "größe–ü", "a@b", "quo\"te", "com,ma", "tab\there", "x LOG:  y", "back\\slash",
    ]
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
      "log_filename": "a.log", "log_rotation_age": "0", "log_min_duration_statement": "0", "log_timezone": "UTC",
      "log_line_prefix": "%m [%p] %q[user=%u][db=%d][app=%a] ",
    ]
    try await withServer(version: 15, settings: settings) { server in
      func psql(_ user: String, _ database: String, _ application: String, _ statements: [String]) async throws {
        func quoted(_ text: String) -> String {
          "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
        }
        let connection =
          "user=\(quoted(user)) dbname=\(quoted(database)) application_name=\(quoted(application))"
        _ = try await server.run(
          ["/usr/lib/postgresql/15/bin/psql", "-X", "-q", "-d", connection] + statements.flatMap { ["-c", $0] })
      }
      for name in names {
        let identifier = "\"" + name.replacing("\"", with: "\"\"") + "\""
        try await psql(
          "postgres", "postgres", "setup", ["CREATE ROLE \(identifier) LOGIN", "CREATE DATABASE \(identifier)"])
      }
      for (index, name) in names.enumerated() {
        let other = names[(index + 3) % names.count]
        try await psql(name, other, names[(index + 5) % names.count], (0...index).map { "SELECT \($0) AS named" })
      }
      try await server.finishLogs()
      var expected: [String: Int64] = [:]
      for (index, name) in names.enumerated() {
        // The server itself replaces what is not printable ASCII in an application's name (`pg_clean_ascii`).
        let application = names[(index + 5) % names.count].utf8.map { byte in
          byte >= 0x20 && byte < 0x7F ? String(Unicode.Scalar(byte)) : "?"
        }.joined()
        expected["\(name)|\(names[(index + 3) % names.count])|\(application)"] = Int64(index + 1)
      }
      for format in Fixtures.formats {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: server.dataDirectory + "/log/a." + format)))
        let kind: LogFormat =
          switch format {
          case "csv": .csv
          case "json": .json
          default: .stderr(LinePrefix(settings["log_line_prefix"] ?? ""))
          }
        let reading = try Fixtures.read(bytes, format: kind)
        var counted: [String: Int64] = [:]
        for cell in reading.cells where cell.dimensions.user != "postgres" {
          counted["\(cell.dimensions.user)|\(cell.dimensions.database)|\(cell.dimensions.application)", default: 0] +=
            cell.calls
        }
        #expect(counted == expected, "\(format)")
        #expect(reading.tally.skippedByReason.isEmpty, "\(format): \(reading.tally.skippedByReason)")
      }
    }
  }
}

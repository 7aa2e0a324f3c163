import Bytes
import Foundation
import Model
import PrivateServer
import SQLText
import TestSupport
import Testing

@testable import ServerLog

/// Databases whose encoding is not UTF-8 log their names and statements in their own.
struct EncodingTests {
  @Test func whatIsNotUTF8IsReadAsWindows1252() {
    #expect(String(readable: Array("größe".utf8)) == "größe")
    #expect(String(readable: [0x67, 0x72, 0xF6, 0xDF, 0x65]) == "größe")
    // Both in one text, as a cluster's log has them.
    #expect(String(readable: Array("ü".utf8) + [0x2F, 0xFC, 0x2F, 0x80]) == "ü/ü/€")
    // The rest of a cut sequence, and what Windows-1252 leaves open.
    #expect(String(readable: [0xE2, 0x82]) == "â‚")
    #expect(String(readable: [0x9D, 0x41]) == "\u{FFFD}A")
    #expect(String(readable: []) == "")
  }

  @Test func namesAndStatementsOfALatin1DatabaseStayApart() async throws {
    let settings = [
      "logging_collector": "on", "log_destination": "stderr,csvlog,jsonlog", "log_directory": "log",
      "log_filename": "a.log", "log_rotation_age": "0", "log_min_duration_statement": "0", "log_timezone": "UTC",
      "log_line_prefix": "%m [%p] %q%u@%d/%a ",
    ]
    try await withServer(version: 15, settings: settings) { server in
      func psql(_ database: String, _ statements: [String], user: String = "postgres") async throws {
        // The names go to the server in the database's encoding, as in a client that uses it.
        let text = statements.joined(separator: "\n") + "\n"
        let file = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).sql"
        try Data(text.utf8).write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        chmod(file, 0o644)
        let script =
          "PGCLIENTENCODING=UTF8 PGUSER=$(printf %s '\(user)' | iconv -f UTF-8 -t LATIN1) "
          + "/usr/lib/postgresql/15/bin/psql -X -q -d '\(database)' -f '\(file)'"
        _ = try await server.run(["/bin/sh", "-c", script])
      }
      try await psql(
        "postgres", ["CREATE DATABASE west ENCODING LATIN1 TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C';"])
      try await psql(
        "west",
        [
          "CREATE TABLE \"größe\" (a int, \"é\" text);", "CREATE TABLE \"grüße\" (a int, \"é\" text);",
          "CREATE ROLE \"müller\" LOGIN SUPERUSER;", "CREATE ROLE \"möller\" LOGIN SUPERUSER;",
        ])
      for (user, count) in [("müller", 3), ("möller", 2)] {
        let statements = (0..<count).flatMap { n in
          ["SELECT a FROM \"größe\" WHERE \"é\" = 'ß\(n)';"]
            + Array(repeating: "SELECT a FROM \"grüße\" WHERE \"é\" = 'ß\(n)' /*route='/\(user)'*/;", count: 2)
        }
        try await psql("west", statements, user: user)
      }
      try await server.finishLogs()
      let known = Fingerprinter()
      let (first, second) = (
        known.describe("SELECT a FROM \"größe\" WHERE \"é\" = $1").fingerprint,
        known.describe("SELECT a FROM \"grüße\" WHERE \"é\" = $1").fingerprint
      )
      for format in Fixtures.formats {
        let log = [UInt8](try Data(contentsOf: URL(filePath: server.dataDirectory + "/log/a." + format)))
        #expect(String(validating: log, as: UTF8.self) == nil)
        let reading = try Fixtures.read(log)
        #expect(reading.tally.skippedByReason.isEmpty)
        var counts: [String: Int64] = [:]
        for cell in reading.cells where cell.dimensions.database == "west" && cell.dimensions.user != "postgres" {
          let name = cell.fingerprint == first ? "größe" : cell.fingerprint == second ? "grüße" : "other"
          counts["\(cell.dimensions.user) \(cell.dimensions.tags) \(name)", default: 0] += cell.calls
        }
        #expect(
          counts == [
            "müller  größe": 3, "müller route='/müller' grüße": 6, "möller  größe": 2,
            "möller route='/möller' grüße": 4,
          ], "\(format)")
        #expect(reading.samples.contains { $0.text == "SELECT a FROM \"größe\" WHERE \"é\" = 'ß0';" }, "\(format)")
      }
    }
  }
}

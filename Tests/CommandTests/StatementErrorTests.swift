import Foundation
import Testing

/// `show` tells how a statement failed, also of one that never succeeded.
@Suite struct StatementErrorTests {
  private static let log = """
    2026-03-10 02:00:00.000 UTC [7] app@shop LOG:  00000: duration: 1.500 ms  statement: SELECT 1 FROM orders
    2026-03-10 02:00:01.000 UTC [7] app@shop ERROR:  42P01: relation "basket" does not exist at character 15
    2026-03-10 02:00:01.000 UTC [7] app@shop STATEMENT:  SELECT * FROM basket WHERE id = 3
    2026-03-10 02:00:02.000 UTC [7] app@shop ERROR:  42P01: relation "basket" does not exist at character 15
    2026-03-10 02:00:02.000 UTC [7] app@shop STATEMENT:  SELECT * FROM basket WHERE id = 4
    2026-03-10 02:00:03.000 UTC [7] app@shop ERROR:  57014: canceling statement due to statement timeout
    2026-03-10 02:00:03.000 UTC [7] app@shop STATEMENT:  SELECT * FROM basket WHERE id = 5
    2026-03-10 02:00:04.000 UTC [7] app@shop LOG:  00000: temporary file: path "base/pgsql_tmp/pgsql_tmp7.0", size 8192
    2026-03-10 02:00:04.000 UTC [7] app@shop STATEMENT:  SELECT * FROM basket WHERE id = 6
    2026-03-11 02:00:01.000 UTC [7] app@shop ERROR:  42501: permission denied for table basket
    2026-03-11 02:00:01.000 UTC [7] app@shop STATEMENT:  SELECT * FROM basket WHERE id = 7

    """

  private struct Life: Decodable {
    struct Failure: Decodable, Equatable {
      var sqlstate: String?
      var message: String
      var count: Int
      var sample: String?
    }
    var calls: Int?
    var errors: Int?
    var errorsBySqlstate: [Failure]
  }

  @Test func showTellsErrorsBySQLState() throws {
    let directory = try TemporaryDirectory()
    try Data(Self.log.utf8).write(to: URL(filePath: directory.path + "/server.log"))
    func run(_ arguments: [String]) throws -> String {
      let outcome = try PgAssayBinary.run(arguments + ["--history", "h.sqlite"], in: directory.path)
      try #require(outcome.exitCode == 0, "\(outcome.stderr)")
      return outcome.stdout
    }
    _ = try run(["ingest", "server.log"])
    let window = ["--from", "2026-03-10", "--to", "2026-03-11"]
    let lines = try run(["top", "--format", "csv"] + window).split(separator: "\n")
    let failing = String(try #require(lines.first { $0.contains("basket") }).prefix(16))
    let sound = String(try #require(lines.first { $0.contains("orders") }).prefix(16))

    let text = try run(["show", failing] + window)
    let rows = text.split(separator: "\n").map(String.init)
    #expect(rows.contains { $0.contains(" 2 ") && $0.contains("42P01") && $0.contains("relation \"basket\"") })
    #expect(rows.contains { $0.contains(" 1 ") && $0.contains("57014") && $0.contains("statement timeout") })
    // What travels holds no values, and the temporary file was no failure, nor was the next day in the window.
    let markdown = try run(["show", failing, "--format", "markdown"] + window)
    #expect(markdown.contains("42P01") && !markdown.contains("\"basket\""))
    #expect(!text.contains("temporary file") && !text.contains("42501"))

    func life(_ fingerprint: String, _ more: [String]) throws -> Life {
      let json = try run(["show", fingerprint, "--format", "json"] + more)
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Life.self, from: Data(json.utf8))
    }
    let found = try life(failing, window)
    #expect(found.errors == 3)
    #expect(
      found.errorsBySqlstate == [
        .init(sqlstate: "42P01", message: "relation \"?\" does not exist", count: 2, sample: nil),
        .init(sqlstate: "57014", message: "canceling statement due to statement timeout", count: 1, sample: nil),
      ])
    let shown = try life(failing, ["--show-values"])
    #expect(shown.errorsBySqlstate.map(\.sqlstate) == ["42P01", "42501", "57014"])
    #expect(shown.errorsBySqlstate.first?.sample?.contains("\"basket\"") == true)
    #expect(try life(sound, window).errorsBySqlstate.isEmpty)
  }
}

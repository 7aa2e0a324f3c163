import Foundation
import Testing

/// A statement that is newer than the grammar at hand is counted like any other, and `show` says that it was not parsed.
@Suite struct NewerGrammarTests {
  private static let log = """
    2026-03-10 02:00:00.000 UTC [7] app@shop/web LOG:  duration: 1.500 ms  statement: SELECT jt.id FROM orders, \
    JSON_TABLE(orders.doc, '$.items[*]' COLUMNS (id int PATH '$.id')) AS jt WHERE orders.id = 5
    2026-03-10 02:00:01.000 UTC [7] app@shop/web LOG:  duration: 2.500 ms  statement: SELECT jt.id FROM orders, \
    JSON_TABLE(orders.doc, '$.items[*]' COLUMNS (id int PATH '$.id')) AS jt WHERE orders.id = 6
    2026-03-10 02:00:02.000 UTC [7] app@shop/web LOG:  duration: 0.500 ms  statement: SELECT 1 FROM orders

    """

  @Test func showSaysThatAStatementWasNotParsed() throws {
    let directory = try TemporaryDirectory()
    try Data(Self.log.utf8).write(to: URL(filePath: directory.path + "/server.log"))
    func run(_ arguments: [String]) throws -> String {
      let outcome = try PgAssayBinary.run(arguments + ["--history", "h.sqlite"], in: directory.path)
      try #require(outcome.exitCode == 0, "\(outcome.stderr)")
      return outcome.stdout
    }
    _ = try run(["ingest", "server.log"])
    let window = ["--from", "2026-03-10", "--to", "2026-03-11"]
    let lines = try run(["top", "--format", "csv"] + window).split(separator: "\n").dropFirst()
    #expect(lines.count == 2)
    let marked = "The grammar at hand (PostgreSQL 15's) does not parse it"
    for line in lines {
      let fingerprint = String(line.prefix(16))
      let isNewer = line.contains("JSON_TABLE")
      #expect(try run(["show", fingerprint] + window).contains(marked) == isNewer)
      let json = try run(["show", fingerprint, "--format", "json"] + window)
      #expect(json.contains("\"grammar\": \"\(isNewer ? "masked" : "parsed")\""))
      if isNewer { #expect(line.contains(",2,4,")) }
    }
  }
}

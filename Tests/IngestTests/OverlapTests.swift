import Foundation
import History
import Model
import ServerLog
import Testing

@testable import Ingest

/// Pieces of one log that overlap: cut by tail, downloaded twice, the same stretch twice in one file. The logs are those
/// of a real server, in every format with session ids and line numbers.
struct OverlapTests {
  private let folder = Folder()

  private func fixture(_ name: String) throws -> [[UInt8]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ServerLogTests/Fixtures/\(name).gz")
    let content = try SourceContent(path: file.path, prefix: nil)
    let bytes = try SourceContent.take(64 << 20, from: content.open())
    return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) + [0x0A] }.dropLast()
  }

  private func take(_ paths: [String], into name: String) throws -> (IngestReport, [String]) {
    let store = try HistoryStore(path: folder.path + "/" + name, mode: .write)
    var sources: [IngestReport.Source] = []
    for path in paths {
      var options = IngestRun.Options()
      options.end = .rest
      let report = try IngestRun(options).run(IngestRun(options).plan([path]), into: store)
      #expect(report.failures.isEmpty)
      sources += report.sources
    }
    try store.close()
    return (IngestReport(sources: sources), try HistoryContent(folder.path + "/" + name).sums())
  }

  /// Where records begin, so that pieces can be cut there.
  private func starts(_ lines: [[UInt8]], _ name: String) -> [Int] {
    lines.indices.filter { i in
      name.hasSuffix("csv") ? lines[i].starts(with: "2026-".utf8) && lines[i].count > 30 : lines[i].first != 0x09
    }
  }

  private static let names = ["postgresql-15.csv", "postgresql-15.json", "postgresql-18.csv", "postgresql-18.json"]

  @Test(arguments: names, ["in order", "older last", "inside", "same file"])
  func anEntryCountsOnceInWhicheverPiecesItStands(_ name: String, _ order: String) throws {
    let lines = try fixture(name)
    let starts = starts(lines, name)
    let whole = folder.write("whole", lines.flatMap { $0 })
    let (report, expected) = try take([whole], into: "whole.history")
    #expect(report.sources[0].known == 0)
    func piece(_ file: String, _ from: Int, _ to: Int) -> String {
      let end = to == 10 ? lines.count : starts[starts.count * to / 10]
      return folder.write(file, lines[starts[starts.count * from / 10]..<end].flatMap { $0 })
    }
    let pieces: [String] =
      switch order {
      case "in order": [piece("a", 0, 6), piece("b", 4, 10)]
      case "older last": [piece("c", 5, 10), piece("a", 0, 4), piece("b", 3, 7)]
      case "inside": [whole, piece("a", 3, 6)]
      default: [folder.write("twice", lines.flatMap { $0 } + lines[starts[starts.count / 3]...].flatMap { $0 })]
      }
    let (pieceReport, found) = try take(pieces, into: "pieces.history")
    #expect(Set(found).symmetricDifference(expected).sorted() == [])
    #expect(pieceReport.sources.map(\.known).reduce(0, +) > 20)
    let entries = pieceReport.sources.map(\.entries).reduce(0, +)
    #expect(entries == report.sources[0].entries)
    if order == "inside" { #expect(pieceReport.sources[1].outcome == .alreadyRead) }
  }

  /// A reading that was interrupted between the pieces, or read in many parts, remembers the same lines.
  @Test func whatIsRememberedDoesNotDependOnHowALogWasRead() throws {
    let lines = try fixture("postgresql-18.csv")
    let starts = starts(lines, "postgresql-18.csv")
    var contents: [[String]] = []
    for steps in [1, 7] {
      let name = "h\(steps)"
      for step in 1...steps {
        let end = step == steps ? lines.count : starts[starts.count * step / steps]
        let path = folder.write("log-\(steps)", lines[..<end].flatMap { $0 })
        _ = try take([path], into: name)
      }
      contents.append(
        try HistoryContent(folder.path + "/" + name).rows(withSources: false).filter { $0.hasPrefix("log_lines: ") })
    }
    #expect(contents[0] == contents[1])
    #expect(!contents[0].isEmpty)
  }

  /// Two servers that start a process of the same number in the same second: their entries have other times.
  @Test func sessionsOfAnotherServerAreNotMistakenForKnownOnes() throws {
    let count = 700
    let first = Lines.csv(0..<count)
    // Seven milliseconds later.
    let text = String(decoding: first, as: UTF8.self).replacing(#/\.(\d)([05])0 UTC,"alice"/#) {
      ".\($0.1)\($0.2)7 UTC,\"alice\""
    }
    let (report, _) = try take(
      [folder.write("one.csv", first), folder.write("two.csv", Array(text.utf8))], into: "servers.history")
    #expect(report.sources.map(\.known) == [0, 0])
    #expect(report.sources.map(\.entries) == [Int64(count), Int64(count)])
  }
}

extension HistoryContent {
  /// What is counted, whatever sources it is counted from.
  func sums() throws -> [String] {
    let queries = [
      """
      SELECT 'cell ' || hex(s.fingerprint) || ' ' || bucket || ' ' || d.database || d.user || d.application || d.tags || ' '
        || sum(calls) || ' ' || sum(errors) || ' ' || sum(untimed) || ' ' || sum(total_us) || ' ' || sum(parse_us) || ' '
        || sum(bind_us)
      FROM cell_minute c JOIN statement s ON s.id = statement_id JOIN dimensions d ON d.id = dimensions_id
      GROUP BY statement_id, bucket, dimensions_id
      """,
      """
      SELECT 'event ' || category || sqlstate || shape || ' ' || minute || ' ' || d.database || d.user || ' ' || sum(count)
        || ' ' || sum(amount_milli)
      FROM event e JOIN event_shape h ON h.id = shape_id JOIN dimensions d ON d.id = dimensions_id
      GROUP BY shape_id, minute, dimensions_id, statement_id
      """,
      """
      SELECT 'repetition ' || hex(s.fingerprint) || ' ' || sum(transactions) || ' ' || sum(executions)
      FROM repetition JOIN statement s ON s.id = statement_id GROUP BY statement_id
      """,
      "SELECT 'plan ' || hex(s.fingerprint) || rank || content FROM plan p JOIN statement s ON s.id = statement_id",
    ]
    return try queries.flatMap { try strings($0) }.sorted()
  }
}

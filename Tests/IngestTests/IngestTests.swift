import Bytes
import Foundation
import History
import Model
import Testing

@testable import Ingest

/// Whole ingests from files into a history: what counts once, and what bad input leaves behind.
struct IngestTests {
  private let folder = Folder()

  @Test func aSecondRunChangesNothing() throws {
    let log = folder.write("a.log", Lines.stderr(0..<200))
    let first = try ingest([log])
    #expect(first.sources[0].outcome == .read)
    #expect(first.sources[0].executions == 200)
    let before = try content()
    let second = try ingest([log])
    #expect(second.sources[0].outcome == .alreadyRead)
    #expect(try content() == before)
    #expect(try calls() == 200)
  }

  @Test func aGrownLogGoesOnWhereItStopped() throws {
    let all = Lines.stderr(0..<300)
    let log = folder.write("a.log", Array(all.prefix(all.count / 2)))
    let first = try ingest([log])
    #expect(first.sources[0].executions < 300)
    _ = folder.write("a.log", all)
    let second = try ingest([log])
    #expect(first.sources[0].executions + second.sources[0].executions == 300)
    #expect(try calls() == 300)
  }

  /// Of the many ways of writing one statement the history has the first, and of its executions the same samples, wherever
  /// a reading stopped and went on, and also where many executions took equally long.
  @Test(arguments: [400, 7]) func aStatementHasTheFirstOfItsTexts(durations: Int) throws {
    let ways = [
      "SELECT a FROM t WHERE id IN (1, 2, 3)", "select a from t where id in (1)", "SELECT a FROM t WHERE id IN (7)",
      "SAVEPOINT s_5", "SAVEPOINT s_2", "savepoint s", "SELECT b, a FROM t", "SELECT a, b FROM t",
    ]
    let lines = (0..<ways.count * 40).map { n in
      Array(
        ("2026-11-23 18:10:\(10 + n % 50).100 UTC [7] bob@shop LOG:  duration: \(n % durations + 1).500 ms  statement: "
          + ways[(n / 10 + n) % ways.count] + "\n").utf8)
    }
    func rows(_ counts: [Int], _ name: String) throws -> [String] {
      let path = folder.path + "/" + name
      for count in counts {
        let log = folder.write(name + ".log", Array(lines.prefix(count).joined()))
        let store = try HistoryStore(path: path, mode: .write)
        _ = try IngestRun(IngestRun.Options()).run(IngestRun(IngestRun.Options()).plan([log]), into: store)
        try store.close()
      }
      return try HistoryContent(path).rows(withSources: false)
    }
    let whole = try rows([lines.count], "whole")
    #expect(whole.contains { $0.contains("IN ($1 /*, ... */)") } && whole.contains { $0.contains("SAVEPOINT s_5") })
    for stop in [11, 17, 23, 42, 160, 319] { #expect(try rows([stop, lines.count], "\(stop)") == whole, "\(stop)") }
  }

  @Test func aVeryShortLogThatGrowsIsTheSameLog() throws {
    let all = Lines.stderr(0..<100)
    let log = folder.write("a.log", Array(Lines.stderr(0..<1)))
    _ = try ingest([log])
    _ = folder.write("a.log", all)
    _ = try ingest([log])
    #expect(try calls() == 100)
  }

  @Test func aRenamedAndACompressedLogAreTheSameLog() throws {
    let lines = Lines.stderr(0..<150)
    _ = try ingest([folder.write("a.log", lines)])
    let renamed = folder.write("a.log.1", lines)
    #expect(try ingest([renamed]).sources[0].outcome == .alreadyRead)
    let packed = folder.gzip("a.log.2.gz", lines + Lines.stderr(150..<160))
    #expect(try ingest([packed]).sources[0].executions == 10)
    #expect(try calls() == 160)
  }

  @Test func siblingsInOtherFormatsCountOnce() throws {
    _ = folder.write("d/s.log", Lines.stderr(0..<500))
    _ = folder.write("d/s.csv", Lines.csv(0..<500))
    let report = try ingest([folder.path + "/d"])
    #expect(try calls() == 500)
    let stderr = report.sources.first { $0.path.hasSuffix(".log") }
    #expect(stderr?.outcome == .sameAs(path: folder.path + "/d/s.csv"))
    // Also in a later run, and when the sibling holds more.
    _ = folder.write("s2.log", Lines.stderr(0..<520))
    _ = try ingest([folder.path + "/s2.log"])
    #expect(try calls() == 520)
  }

  @Test func aLogWhoseBeginningWasRewrittenIsRefused() throws {
    var lines = Lines.stderr(0..<400)
    let log = folder.write("a.log", lines)
    _ = try ingest([log])
    let before = try content()
    let middle = lines.count - 500
    lines[middle] = lines[middle] == 0x61 ? 0x62 : 0x61
    _ = folder.write("a.log", lines + Lines.stderr(400..<410))
    let report = try ingest([log])
    #expect(report.failures.count == 1)
    #expect(report.failures.first?.contains("changed since") == true)
    #expect(try content() == before)
  }

  @Test(arguments: ["missing", "empty", "directory", "binary", "text", "truncated", "damaged", "pattern"])
  func badInputIsOneSentence(_ kind: String) throws {
    let path: String
    switch kind {
    case "missing": path = folder.path + "/nothing.log"
    case "empty": path = folder.write("empty.log", [])
    case "directory":
      _ = folder.write("plain/readme.txt", Array("hello\nworld\n".utf8))
      path = folder.path + "/plain"
    case "binary": path = folder.write("binary.log", (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 37) })
    case "text": path = folder.write("text.log", Array(String(repeating: "not a log line\n", count: 50).utf8))
    case "truncated":
      let whole = folder.gzip("whole.gz", Lines.stderr(0..<3_000))
      let bytes = try Data(contentsOf: URL(filePath: whole))
      path = folder.write("cut.log.gz", Array(bytes.prefix(bytes.count / 2)))
    case "damaged":
      let whole = folder.gzip("whole.gz", Lines.stderr(0..<3_000))
      var bytes = Array(try Data(contentsOf: URL(filePath: whole)))
      for i in bytes.count / 2..<bytes.count / 2 + 64 { bytes[i] ^= 0xA5 }
      path = folder.write("broken.log.gz", bytes)
    default: path = folder.path + "/*.nothing"
    }
    _ = try ingest([folder.write("good.log", Lines.stderr(0..<10))])
    let before = try content()
    var sentences: [String] = []
    do {
      sentences = try ingest([path]).failures
    } catch let error as IngestError {
      sentences = [error.sentence]
    }
    #expect(sentences.count == 1)
    #expect(sentences.first?.contains(kind == "pattern" ? "*.nothing" : folder.path) == true)
    #expect(sentences.first?.contains("\n") == false)
    #expect(try content() == before)
  }

  @Test func aPrefixThatDoesNotFitNamesTheLines() throws {
    let log = folder.write("a.log", Lines.stderr(0..<20))
    var options = IngestRun.Options()
    options.prefix = "%t:%r:%u@%d:[%p]:"
    #expect {
      _ = try IngestRun(options).plan([log])
    } throws: { error in
      let sentence = (error as? IngestError)?.sentence ?? ""
      return sentence.contains("0 of 20 lines") && sentence.contains("line 1: 2026-11-23")
        && sentence.contains("'%m [%p] %q%u@%d ' fits better")
    }
  }

  @Test func otherFilesInADirectoryAreNamedAndPassedOver() throws {
    _ = folder.write("d/notes.txt", Array("hello\nworld\n".utf8))
    _ = folder.write("d/server.log", Lines.stderr(0..<30))
    let report = try ingest([folder.path + "/d"])
    #expect(report.failures.isEmpty)
    #expect(report.sources.map(\.outcome) == [.skipped(reason: "not recognised"), .read])
  }

  // MARK: Helpers

  private var history: String { folder.path + "/test.history" }

  private func ingest(_ paths: [String]) throws -> IngestReport {
    let run = IngestRun(IngestRun.Options())
    let plan = try run.plan(paths)
    let store = try HistoryStore(path: history, mode: .write)
    defer { try? store.close() }
    return try run.run(plan, into: store)
  }

  /// Everything that the history counts, as text.
  private func content() throws -> [String] {
    let store = try HistoryStore(path: history, mode: .read)
    return try store.sources().map { "\($0.identity) \($0.consumed) \($0.entries) \($0.state)" }
      + store.workload().statements.map { "\($0)" }.sorted()
  }

  private func calls() throws -> Int64 {
    let store = try HistoryStore(path: history, mode: .read)
    return try store.workload().statements.reduce(0) { $0 + ($1.log?.calls ?? 0) }
  }
}

/// Logs in what carried them, from files into a history.
struct WrappedIngestTests {
  private let folder = Folder()

  private func syslog(_ range: Range<Int>, year: String = "2026-") -> [UInt8] {
    let lines = String(decoding: Lines.stderr(range), as: UTF8.self).split(separator: "\n")
    return Array(
      lines.enumerated().map {
        "\(year)11-23T18:00:00Z db1 postgres[77]: [\(range.lowerBound + $0.offset)-1] \($0.element)\n"
      }
      .joined().utf8)
  }

  private func ingest(_ paths: [String], _ name: String = "h", prefix: String? = nil) throws -> IngestReport {
    var options = IngestRun.Options()
    options.prefix = prefix
    let run = IngestRun(options)
    let plan = try run.plan(paths)
    let store = try HistoryStore(path: folder.path + "/" + name, mode: .write)
    defer { try? store.close() }
    return try run.run(plan, into: store)
  }

  private func calls(_ name: String = "h") throws -> Int64 {
    let store = try HistoryStore(path: folder.path + "/" + name, mode: .read)
    return try store.workload().statements.reduce(0) { $0 + ($1.log?.calls ?? 0) }
  }

  @Test func aGrownSyslogGoesOnWhereItStopped() throws {
    let all = syslog(0..<300)
    let log = folder.write("syslog", Array(all.prefix(all.count / 2)))
    let first = try ingest([log])
    #expect(first.sources[0].format == "stderr/syslog \"%m [%p] %q%u@%d \"")
    _ = folder.write("syslog", all)
    // A file that is being written may end in the middle of a message: the last one waits until the file is quiet.
    _ = try ingest([log])
    let quiet = Date(timeIntervalSinceNow: -3_600)
    try FileManager.default.setAttributes([.modificationDate: quiet], ofItemAtPath: log)
    _ = try ingest([log])
    #expect(try calls() == 300)
    #expect(try ingest([log]).sources[0].outcome == .alreadyRead)
  }

  @Test func compressedAndWrappedIsOneWithPlain() throws {
    let packed = folder.gzip("syslog.1.gz", syslog(0..<300))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -3_600)], ofItemAtPath: packed)
    let report = try ingest([folder.write("postgresql.log", Lines.stderr(0..<300)), packed])
    #expect(report.failures.isEmpty)
    // Taken out of its wrapper it is the same content, byte for byte.
    #expect(report.sources[1].outcome == .alreadyRead)
    #expect(try calls() == 300)
  }

  @Test func aWrapperAroundSomethingElseSaysSo() throws {
    let lines = (0..<50).map { "{\"log\":\"GET /\($0)\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T18:00:00Z\"}\n" }
    let log = folder.write("web.log", Array(lines.joined().utf8))
    #expect {
      _ = try ingest([log])
    } throws: { ($0 as? IngestError)?.sentence.contains("is written by Docker, but what it carries") == true }
  }

  @Test func aPrefixWithoutATimeIsRefused() throws {
    let log = folder.write("a.log", Array("[1] LOG:  duration: 1.0 ms  statement: SELECT 1\n".utf8))
    #expect {
      _ = try ingest([log], prefix: "[%p] ")
    } throws: { ($0 as? IngestError)?.sentence.contains("has no time (%m, %t or %n)") == true }
  }

  @Test func theFirstLinesThatCouldNotBeReadAreNamed() throws {
    var lines = Lines.stderr(0..<200)
    lines += Array("a library complains\n".utf8)
    lines += Lines.stderr(200..<210)
    let report = try ingest([folder.write("a.log", lines)])
    #expect(report.sources[0].skipped == ["line without the prefix": 1])
    #expect(report.sources[0].examples == ["line 201, line without the prefix: a library complains"])
  }

  @Test(arguments: ["json", "text"])
  func allPlansOfAFileAreTakenIn(_ format: String) throws {
    let documents = ["a", "b", "c"].map { column in
      format == "json"
        ? #"{"Query Text": "SELECT \#(column) FROM t", "Plan": {"Node Type": "Seq Scan", "Relation Name": "t", "Startup Cost": 0.00, "Total Cost": 1.00, "Plan Rows": 1, "Plan Width": 4}}"#
        : "Query Text: SELECT \(column) FROM t\nSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n"
    }
    let text = format == "json" ? "[" + documents.joined(separator: ",\n") + "]" : documents.joined(separator: "\n")
    let report = try ingest([folder.write("plans", Array(text.utf8))])
    #expect(report.failures.isEmpty)
    #expect(report.sources[0].plans == 3)
    let store = try HistoryStore(path: folder.path + "/h", mode: .read)
    #expect(try store.plans().count == 3)
  }
}

import Foundation
import History
import Model
import SQLText
import ServerLog
import Testing

@testable import Ingest

/// Executions as a history has them, against what the server's own pg_stat_statements counted.
struct ExecutionTests {
  private let folder = Folder()

  @Test(arguments: ["log", "csv", "json"], ServerWorkload.Way.allCases)
  func callsAreThoseOfTheServer(_ format: String, _ way: ServerWorkload.Way) async throws {
    for workload in try await ServerWorkload.all() {
      // A duration without a text is found by the query ids of a snapshot.
      let history = try ingest(workload, format, snapshot: way == .bare)
      let database = way.rawValue.lowercased()
      let counted = try calls(history, database)
      for truth in workload.truths where truth.database == database && truth.isTopLevel {
        // auto_explain shows no utility statement, and no statement that failed.
        if way == .onlyPlans, !PreparedText.executed(truth.text).hasPrefix("SELECT") { continue }
        #expect(counted[truth.fingerprint] == truth.calls, "\(workload.version): \(truth.text)")
      }
      // Nested statements are in no total.
      let top = Set(workload.truths.filter { $0.database == database && $0.isTopLevel }.map(\.fingerprint))
      for truth in workload.truths where truth.database == database && !truth.isTopLevel {
        if !top.contains(truth.fingerprint) {
          #expect(counted[truth.fingerprint, default: 0] == 0, "\(workload.version): \(truth.text)")
        }
      }
      let errors = try errors(history, database)
      #expect(errors == 10)
    }
  }

  /// Without command tags a duration without a text may be of a parse or bind as well as of an execution, and in the
  /// simple protocol is always of one: nothing tells, so nothing is guessed.
  @Test func durationsWithNeitherTextNorTagAreNoExecutions() async throws {
    for workload in try await ServerWorkload.all() {
      // As with `update_process_title = off`.
      let log = String(decoding: workload.logs["csv"] ?? [], as: UTF8.self)
        .replacing(/(\.[0-9a-f]+,[0-9]+,)"[A-Z ]+"(,2[0-9]{3}-)/) { "\($0.1)\"\"\($0.2)" }
      #expect(!log.contains("\"BIND\"") && !log.contains("\"PARSE\""))
      let history = try ingest(workload, "csv", snapshot: true, log: Array(log.utf8))
      let bare = try calls(history, "bare")
      #expect(bare.values.allSatisfy { $0 == 0 })
      let source = try #require(try HistoryStore(path: history, mode: .read).sources().last)
      #expect(source.skipped["duration without a statement", default: 0] > 100)
      // Where log_statement says what is executed, the durations before it are of its parse and bind.
      let counted = try calls(history, "statementsandbare")
      for truth in workload.truths where truth.database == "statementsandbare" && truth.isTopLevel {
        #expect(counted[truth.fingerprint] == truth.calls, "\(workload.version): \(truth.text)")
      }
    }
  }

  @Test(arguments: ["csv", "json"])
  func theFormatsHoldTheSame(_ format: String) async throws {
    for workload in try await ServerWorkload.all() {
      let other = try HistoryContent(ingest(workload, "log")).rows(withSources: false)
      let rows = try HistoryContent(ingest(workload, format)).rows(withSources: false)
      // SQLSTATE has no place in this prefix, query ids are in all three.
      let isComparable = { (row: String) in
        // Each format numbers its lines by itself.
        !row.hasPrefix("event") && !row.hasPrefix("log_lines")
      }
      #expect(rows.filter(isComparable) == other.filter(isComparable))
    }
  }

  @Test(arguments: ["log", "csv", "json"])
  func parseAndBindTimeIsKeptApart(_ format: String) async throws {
    for workload in try await ServerWorkload.all() {
      let history = try HistoryStore(path: ingest(workload, format), mode: .read)
      for way in [ServerWorkload.Way.durations, .statementsAndDurations, .statementsAndBare] {
        let name = Fingerprinter().describe("SELECT oid FROM pg_type WHERE typlen = $1::int AND typname::text <> $2")
          .fingerprint
        let rows = try history.workload(.init(database: way.rawValue.lowercased())).statements
          .filter { $0.fingerprint == name }
        let log = try #require(rows.first?.log)
        #expect(log.calls == 20)
        #expect(log.parse.value > 0 && log.bind.value > 0)
      }
    }
  }

  @Test(arguments: ["log", "csv", "json"])
  func parametersAreThoseOfTheClient(_ format: String) async throws {
    for workload in try await ServerWorkload.all() {
      let store = try HistoryStore(path: ingest(workload, format), mode: .read)
      let samples = try store.samples()
      let bound = samples.filter { $0.text.hasPrefix("SELECT oid FROM pg_type") }
      #expect(!bound.isEmpty)
      for sample in bound {
        guard case .text(let number)? = sample.parameters.first, let n = Int(number) else {
          Issue.record("\(sample.parameters)")
          continue
        }
        #expect(
          sample.parameters.last
            == (n % 2 == 0 ? .text("it's") : .truncated(String(repeating: "x", count: 100))))
      }
      // What EXECUTE was given belongs to the statement that it ran.
      let called = samples.filter { $0.text.contains("FROM pg_attribute") && !$0.text.hasPrefix("PREPARE") }
      #expect(!called.isEmpty && called.allSatisfy { $0.parameters.count == 1 && $0.text.hasPrefix("SELECT") })
      let tagged = samples.filter { $0.text.contains("pg_database") }
      #expect(!tagged.isEmpty && tagged.allSatisfy { $0.dimensions.tags == "function='list',route='%2Forders'" })
      // Errors say theirs in CONTEXT; of all samples of one message the history keeps the smallest.
      let shapes = try store.events().filter { $0.category == .error }
      #expect(shapes.contains { $0.sample.contains("parameters: $1 = '1', $2 = 'pg_class'") })
    }
  }

  @Test(arguments: ["log", "csv", "json"])
  func timesAreExactInAZoneThatItsNameDoesNotTell(_ format: String) async throws {
    for workload in try await ServerWorkload.all() {
      let store = try HistoryStore(path: ingest(workload, format), mode: .read)
      let first = try #require(try store.sources().first?.first)
      let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
      // IST is India, Israel and Ireland; the log was written within the last hour.
      #expect(now.microseconds - first.microseconds < 3_600_000_000 && first <= now)
    }
  }

  @Test func repetitionsSayWhoIssuedThem() async throws {
    for workload in try await ServerWorkload.all() {
      let store = try HistoryStore(path: ingest(workload, "csv"), mode: .read)
      let found = try store.repetitions().filter { $0.dimensions.database == "durations" }
      #expect(found.map(\.executions) == [12])
      #expect(found.first?.transactions == 1)
      #expect(found.first?.most == 12)
      #expect(found.first?.dimensions.tags == "function='list',route='%2Forders'")
    }
  }

  @Test(arguments: ["log", "csv", "json"])
  func linesThatAreMissingAreCounted(_ format: String) async throws {
    for workload in try await ServerWorkload.all() {
      let text = String(decoding: workload.logs[format] ?? [], as: UTF8.self)
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let whole = try #require(try report(Array(text.utf8), format).sources.first)
      #expect(whole.lostLines == 0)
      // Single-line entries of the middle of a session, in no format with a part on another line.
      var lost = 0
      for index in lines.indices.reversed() where lost < 5 {
        let line = lines[index]
        guard line.contains("WHERE relpages = 1"), line.contains("duration: "), line.contains("-- é"),
          !line.contains("plan:"), lines.indices.contains(index + 1), !lines[index + 1].hasPrefix("\t")
        else { continue }
        lines.remove(at: index)
        lost += 1
      }
      #expect(lost == 5)
      let cut = try #require(
        try report(Array(lines.joined(separator: "\n").utf8), format).sources.first)
      #expect(cut.lostLines == 5)
      #expect(cut.warnings.contains { $0.contains("5 lines are missing") })
    }
  }

  // MARK: Helpers

  private func ingest(_ workload: ServerWorkload, _ format: String, snapshot: Bool = false, log bytes: [UInt8]? = nil)
    throws -> String
  {
    let path = folder.path + "/\(UUID().uuidString).history"
    if snapshot { try Data(workload.snapshotHistory).write(to: URL(filePath: path)) }
    let log = folder.write(UUID().uuidString + ".log", bytes ?? workload.logs[format] ?? [])
    let store = try HistoryStore(path: path, mode: .write)
    let report = try IngestRun(options(format)).run(IngestRun(options(format)).plan([log]), into: store)
    #expect(report.failures.isEmpty)
    try store.close()
    return path
  }

  private func report(_ bytes: [UInt8], _ format: String) throws -> IngestReport {
    let log = folder.write(UUID().uuidString + ".log", bytes)
    let store = try HistoryStore(path: folder.path + "/\(UUID().uuidString).history", mode: .write)
    return try IngestRun(options(format)).run(IngestRun(options(format)).plan([log]), into: store)
  }

  private func options(_ format: String) -> IngestRun.Options {
    var options = IngestRun.Options()
    if format == "log" { options.prefix = ServerWorkload.prefix }
    options.end = .rest
    return options
  }

  private func calls(_ path: String, _ database: String) throws -> [Fingerprint: Int64] {
    var result: [Fingerprint: Int64] = [:]
    let store = try HistoryStore(path: path, mode: .read)
    for row in try store.workload(.init(database: database)).statements {
      if let fingerprint = row.fingerprint { result[fingerprint, default: 0] += row.log?.calls ?? 0 }
    }
    return result
  }

  private func errors(_ path: String, _ database: String) throws -> Int64 {
    try HistoryStore(path: path, mode: .read).workload(.init(database: database)).statements
      .reduce(0) { $0 + ($1.log?.errors ?? 0) }
  }
}

import Foundation
import History
import Model
import ServerLog
import Testing

@testable import Ingest

/// Logs that PostgreSQL writes beside each other in several formats, read while one is ahead of the other.
struct LogSiblingTests {
  private let folder = Folder()

  /// One execution, as each format has it.
  private struct Entry {
    /// Milliseconds since the first.
    var time: Int
    var number: Int

    private var clock: String {
      func pad(_ value: Int, _ width: Int) -> String {
        String(repeating: "0", count: width - String(value).count) + String(value)
      }
      return "2026-11-23 18:\(pad(time / 60_000, 2)):\(pad(time / 1_000 % 60, 2)).\(pad(time % 1_000, 3))"
    }

    private var pid: Int { 4_000 + number % 5 }
    /// Different for each, so that a sum tells which entries are in it.
    private var message: String {
      "duration: \(number).\(100 + number % 900) ms  statement: SELECT a FROM t WHERE id = \(number)"
    }
    var microseconds: Int64 { Int64(number * 1_000 + 100 + number % 900) }

    func stderr(isCoarse: Bool) -> String {
      (isCoarse ? String(clock.dropLast(4)) : clock) + " UTC [\(pid)] alice@shop LOG:  \(message)\n"
    }

    var csv: String {
      "\(clock) UTC,\"alice\",\"shop\",\(pid),\"[local]\",6b0489f2.\(String(pid, radix: 16)),\(number / 5 + 1),"
        + "\"SELECT\",2026-11-23 18:46:10 UTC,3/0,0,LOG,00000,\"\(message)\",,,,,,,,,\"app\",\"client backend\",,0\n"
    }

    var json: String {
      "{\"timestamp\":\"\(clock) UTC\",\"user\":\"alice\",\"dbname\":\"shop\",\"pid\":\(pid),"
        + "\"session_id\":\"6b0489f2.\(String(pid, radix: 16))\",\"line_num\":\(number / 5 + 1),\"ps\":\"SELECT\","
        + "\"error_severity\":\"LOG\",\"message\":\"\(message)\",\"application_name\":\"app\",\"query_id\":0}\n"
    }
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return z ^ z >> 31
    }
  }

  /// Each file grows by itself between the runs, and what is written at one moment stands in another order in each.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64], ["csv", "json", "csv and json", "coarse"])
  func everyEntryCountsOnceHoweverFarEachIs(_ seed: UInt64, _ kind: String) throws {
    var random = Generator(state: seed)
    let count = 1_500
    var time = 0
    let entries = (0..<count).map { number -> Entry in
      time += Int.random(in: 0...60, using: &random)
      return Entry(time: time, number: number)
    }
    let isCoarse = kind == "coarse"
    var contents = ["a.log": swapped(entries, &random).map { $0.stderr(isCoarse: isCoarse) }]
    if kind != "json" { contents["a.csv"] = swapped(entries, &random).map(\.csv) }
    if kind.hasSuffix("json") { contents["a.json"] = swapped(entries, &random).map(\.json) }
    let names = contents.keys.sorted()
    var written = Dictionary(uniqueKeysWithValues: names.map { ($0, 0) })
    let store = try HistoryStore(path: folder.path + "/h.history", mode: .write)
    var options = IngestRun.Options()
    options.end = .rest
    for round in 0..<7 {
      // Enough in the first round to prove that they hold the same; a few entries at a time afterwards.
      for name in names {
        let step = round == 0 ? 400 + Int.random(in: 0...30, using: &random) : Int.random(in: 0...90, using: &random)
        written[name] = round == 6 ? count : min((written[name] ?? 0) + step, count)
        _ = folder.write(name, Array((contents[name] ?? []).prefix(written[name] ?? 0).joined().utf8))
      }
      let paths = names.filter { _ in round == 0 || round == 6 || Bool.random(using: &random) }
      guard !paths.isEmpty else { continue }
      let report = try IngestRun(options).run(
        IngestRun(options).plan(paths.map { folder.path + "/" + $0 }), into: store)
      #expect(report.failures.isEmpty)
    }
    let log = try #require(try store.workload().statements.first?.log)
    #expect(log.calls == Int64(count))
    #expect(log.total.value == entries.reduce(0) { $0 + $1.microseconds })
  }

  /// The same entries, with neighbours of a few milliseconds exchanged.
  private func swapped(_ entries: [Entry], _ random: inout Generator) -> [Entry] {
    var result = entries
    for i in result.indices.dropLast() where result[i + 1].time - result[i].time < 15 && Bool.random(using: &random) {
      result.swapAt(i, i + 1)
    }
    return result
  }
}

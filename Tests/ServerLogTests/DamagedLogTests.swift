import Bytes
import Model
import SQLText
import Testing

@testable import ServerLog

/// Logs that a crash, a full disk or a huge statement left their marks on: what is whole in them counts.
struct DamagedLogTests {
  /// A record that ends inside its statement, as a server leaves it that was killed: the quotes behind it pair wrongly.
  @Test(arguments: [1_000, 20_000, 36_000])
  func aRecordCutOffCostsOneRecord(_ number: Int) throws {
    var bytes = try Fixtures.content("slice-pg15.csv")
    let quote = UInt8(ascii: "\""), newline = UInt8(ascii: "\n")
    // Records are told apart by their quotes, which are in order in the recording.
    var starts = [0]
    var quotes = 0
    for (i, byte) in bytes.enumerated() {
      if byte == quote { quotes += 1 }
      if byte == newline, quotes % 2 == 0 { starts.append(i + 1) }
    }
    let text = Array("statement: ".utf8)
    let damaged = try #require(
      (number..<starts.count - 1).first { record in
        let content = bytes[starts[record]..<starts[record + 1]]
        return content.firstRange(of: text) != nil && content.count > 300
      })
    let record = starts[damaged]..<starts[damaged + 1]
    let inside = try #require(bytes[record].firstRange(of: text)).upperBound + 20
    bytes.replaceSubrange(inside..<record.upperBound - 1, with: [])
    let reading = try Fixtures.read(bytes, format: .csv, workers: 2)
    #expect(reading.tally.entries == 36_643)
    #expect(reading.tally.skippedByReason == ["CSV record with wrong columns": 1])
    #expect(reading.incomplete == 0)
  }

  /// An entry over the limit is counted as such, and its neighbours are read, whatever else the blocks hold.
  @Test(arguments: ["log", "csv", "json"])
  func anEntryOverTheLimitLeavesItsNeighbours(_ format: String) throws {
    func entry(_ text: String, _ second: Int) -> String {
      let time = "2026-03-10 02:00:0\(second).000 UTC"
      let message = "duration: \(second).500 ms  statement: \(text)"
      switch format {
      case "log": return "\(time) [7] LOG:  \(message)\n"
      case "csv":
        return
          "\(time),\"app\",\"shop\",7,\"[local]\",65ed0000.7,\(second),\"SELECT\",\(time),3/4,0,LOG,00000,\"\(message)\","
          + ",,,,,,,,\"web\",\"client backend\",,0\n"
      default:
        return "{\"timestamp\":\"\(time)\",\"pid\":7,\"session_id\":\"65ed0000.7\",\"line_num\":\(second),"
          + "\"error_severity\":\"LOG\",\"message\":\"\(message)\"}\n"
      }
    }
    let huge = "SELECT '" + String(repeating: "x", count: 5_000) + "'"
    let log =
      entry("SELECT 1", 1) + entry("SELECT a FROM t", 2) + entry(huge, 3) + entry("SELECT 2", 4) + entry("SELECT 3", 5)
    let formats: [String: LogFormat] = ["log": .stderr(LinePrefix("%m [%p] ")), "csv": .csv, "json": .json]
    for block in [256, 700, 4_096, 100_000] {
      let limit = 2_048
      let reading = LogReading(
        format: try #require(formats[format]), options: ReadingOptions(), fingerprinter: Fingerprinter(),
        blockSize: block, entryLimit: limit)
      let (tally, incomplete) = try reading.run(
        MemoryByteSource(Array(log.utf8)), from: .init(), workers: 1, end: { _ in .rest }
      ) { _, _ in }
      let isHuge = block < huge.utf8.count
      #expect(tally.executions == (isHuge ? 4 : 5), "blocks of \(block) bytes")
      #expect(tally.skippedByReason == (isHuge ? ["entry too large": 1] : [:]), "blocks of \(block) bytes")
      #expect(incomplete == 0)
    }
  }

  /// Three names with nothing between them could be split in millions of ways: each line is given up after some.
  @Test func namesThatNothingSeparatesEndSoon() throws {
    let line = String(repeating: "x ", count: 20_000)
    for prefix in ["%u%d%a%m%p", "%a %u %d %h %m ", "%a%m%-10l"] {
      let log = Array((line + "\n" + line + "\n").utf8)
      let reading = try Fixtures.read(log, format: .stderr(LinePrefix(prefix)))
      #expect(reading.tally.entries == 0)
      #expect(reading.tally.skippedByReason == ["line without the prefix": 2])
    }
  }
}

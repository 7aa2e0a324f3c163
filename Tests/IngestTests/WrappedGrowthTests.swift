import Bytes
import Foundation
import History
import Model
import ServerLog
import Testing

@testable import Ingest

/// Logs in something else's lines that grow while they are followed: only what is new is unwrapped, and what comes out is
/// what a single reading gives.
struct WrappedGrowthTests {
  private let folder = Folder()

  /// Messages of several lines by several processes, as transports take them apart.
  private static func content(_ kind: String) -> [UInt8] {
    var records: [String] = []
    for n in 0..<4_000 {
      let process = 4_000 + n % 5
      let time = "2026-11-23T18:\(10 + n / 60 % 50):\(10 + n % 50).\(100 + n % 900)000Z"
      let lines =
        [
          "2026-11-23 18:\(10 + n / 60 % 50):\(10 + n % 50).\(100 + n % 900) UTC [\(process)] me@shop LOG:  duration: \(n % 7).250 ms  statement: SELECT \(n)"
        ]
        + (n % 3 == 0 ? ["\tFROM t"] : [])
      switch kind {
      case "syslog":
        for (i, line) in lines.enumerated() {
          records.append(
            "Nov 23 18:\(10 + n / 60 % 50):\(10 + n % 50) db1 postgres[\(process)]: [\(n / 5 + 1)-\(i + 1)] "
              + line.replacing("\t", with: "#011"))
          // Another process's line, and another program's, between the pieces.
          if n % 6 == 0 { records.append("Nov 23 18:\(10 + n / 60 % 50):\(10 + n % 50) db1 cron[7]: tick \(n)") }
        }
      case "docker":
        for line in lines {
          records.append(
            "{\"log\":\"\(line.replacing("\t", with: "\\t"))\\n\",\"stream\":\"stderr\",\"time\":\"\(time)\"}")
        }
      case "CRI":
        for line in lines {
          let half = line.index(line.startIndex, offsetBy: min(40, line.count))
          if line.count > 40, n % 4 == 0 {
            records += ["\(time) stderr P \(line[..<half])", "\(time) stderr F \(line[half...])"]
          } else {
            records.append("\(time) stderr F \(line)")
          }
        }
      default:
        let text = lines.joined(separator: "\\n").replacing("\t", with: "\\t")
        records.append(
          "{\"textPayload\":\"\(text)\",\"timestamp\":\"\(time)\",\"logName\":\"projects/p/logs/postgres.log\"}")
      }
    }
    return Array((records.joined(separator: "\n") + "\n").utf8)
  }

  @Test(arguments: ["syslog", "docker", "CRI", "cloud"]) func whatIsNewIsUnwrappedAlone(_ kind: String) throws {
    let bytes = Self.content(kind)
    let path = folder.write("log", bytes)
    var (whole, _) = Unwrapping.detect(
      bytes, isWhole: true, labels: false, reference: Timestamp(seconds: 1_795_500_000), end: .final)
    try #require(whole.layers.count == 1)
    let expected = try rest(whole.open(try FileByteSource(path: path)))
    var growing = whole
    var output: [UInt8] = []
    var step = 1
    var size = 0
    var resumed = 0
    while size < bytes.count {
      step = step &* 1_103_515_245 &+ 12_345
      size = min(size + 20_000 + abs(step >> 8) % 60_000, bytes.count)
      _ = folder.write("log", Array(bytes[..<size]))
      growing.end = size == bytes.count ? .final : .growing
      if let (source, written) = growing.resume(try FileByteSource(path: path), before: Int64(output.count)) {
        _ = try source.skip(Int64(output.count) - written)
        output += try rest(source)
        // All but the messages of the last records was behind it.
        if Int64(output.count) - written < 200_000 { resumed += 1 }
      } else {
        let source = growing.open(try FileByteSource(path: path))
        _ = try source.skip(Int64(output.count))
        output += try rest(source)
      }
      _ = growing.counts(before: Int64(output.count))
    }
    #expect(output == expected)
    #expect(resumed > 3, "\(resumed)")
    whole.end = .final
    _ = try rest(whole.open(try FileByteSource(path: path)))
    #expect(growing.counts(before: nil) == whole.counts(before: nil))
  }

  /// The last entry of a log that rests is not held back for ever.
  @Test(arguments: ["syslog", "docker"]) func allOfItIsCountedInTheEnd(_ kind: String) throws {
    let bytes = Self.content(kind)
    let log = folder.write("logs/a.log", Array(bytes.prefix(bytes.count / 2)))
    let store = try HistoryStore(path: folder.path + "/h.history", mode: .write)
    let follower = LogFollower([log], IngestRun.Options(), into: store, note: { _ in }, warn: { Issue.record("\($0)") })
    for part in 1...5 {
      _ = folder.write("logs/a.log", Array(bytes.prefix(bytes.count / 2 + bytes.count / 2 * part / 5)))
      try follower.pass()
    }
    // As if nothing had been written for a minute.
    _ = folder.write("logs/a.log", bytes)
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: log)
    for _ in 0..<3 { try follower.pass() }
    let calls = try store.workload().statements.reduce(0) { $0 + ($1.log?.calls ?? 0) }
    #expect(calls == 4_000)
    #expect(follower.report.sources.map(\.executions) == [4_000])
  }

  private func rest(_ source: any ByteSource) throws -> [UInt8] {
    var result: [UInt8] = []
    while true {
      let more = try SourceContent.take(1 << 16, from: source)
      if more.isEmpty { return result }
      result += more
    }
  }
}

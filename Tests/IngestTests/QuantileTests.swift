import Bytes
import Foundation
import History
import Model
import SQLText
import ServerLog
import Sketch
import Testing

@testable import Ingest

/// A real log in the history: quantiles against the durations that stand in it, and the same content however it is read.
struct QuantileTests {
  private let folder = Folder()

  private static func content(_ format: String) throws -> [UInt8] {
    let path = (#filePath as NSString).deletingLastPathComponent + "/../ServerLogTests/Fixtures/slice-pg15.\(format).gz"
    let source = try GzipByteSource(FileByteSource(path: path), path: path)
    return try SourceContent.take(1 << 26, from: source)
  }

  /// The durations of executions in microseconds by fingerprint, taken out of the jsonlog by Foundation's parser.
  private static func durations() throws -> [Fingerprint: [Int64]] {
    var result: [Fingerprint: [Int64]] = [:]
    var known: [String: Fingerprint] = [:]
    let fingerprinter = Fingerprinter()
    for line in try content("json").split(separator: 0x0A) {
      let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      guard let message = object?["message"] as? String, message.hasPrefix("duration: "), object?["context"] == nil
      else {
        continue
      }
      let rest = message.dropFirst("duration: ".count)
      let digits = rest.prefix { $0 != " " }
      var text = rest.dropFirst(digits.count)
      if text.hasPrefix(" ms  statement: ") {
        text = text.dropFirst(" ms  statement: ".count)
      } else if text.hasPrefix(" ms  execute "), let colon = text.firstRange(of: ": ") {
        text = text[colon.upperBound...]
      } else {
        continue
      }
      var isPrepared = false
      // What an EXECUTE runs stands in its DETAIL.
      if Array(text.utf8).withUnsafeBytes({ PreparedText.isExecute($0) }), let detail = object?["detail"] as? String,
        detail.hasPrefix("prepare: ")
      {
        text = detail.dropFirst("prepare: ".count)
        isPrepared = true
      }
      let parts = digits.split(separator: ".")
      let microseconds = try #require(Int64(parts[0] + parts[1]))
      let statement = isPrepared ? PreparedText.executed(String(text)) : String(text)
      let fingerprint = known[statement] ?? fingerprinter.describe(statement).fingerprint
      known[statement] = fingerprint
      result[fingerprint, default: []].append(microseconds)
    }
    return result
  }

  @Test func quantilesAreWithinThePromise() throws {
    let truth = try Self.durations()
    let store = try HistoryStore(path: ingest("json", workers: 2), mode: .read)
    var compared = 0
    var all = LatencySketch()
    for row in try store.workload().statements {
      guard let fingerprint = row.fingerprint, let log = row.log, let values = truth[fingerprint]?.sorted() else {
        continue
      }
      all.merge(log.sketch)
      #expect(log.calls == Int64(values.count), "\(row.statement?.normalized ?? "")")
      compare(log.sketch, values)
      compared += 1
    }
    #expect(compared > 80, "\(compared)")
    compare(all, truth.values.flatMap { $0 }.sorted())
  }

  private func compare(_ sketch: LatencySketch, _ sorted: [Int64]) {
    for quantile in [0.5, 0.95, 0.99] {
      // The nearest-rank definition.
      let exact = sorted[max(Int((quantile * Double(sorted.count)).rounded(.up)), 1) - 1]
      let found = sketch.quantile(quantile)?.value ?? -1
      #expect(Double(abs(found - exact)) <= 0.032 * Double(exact), "p\(quantile) is \(found), exactly \(exact)")
    }
  }

  @Test(arguments: ["log", "csv", "json"]) func theNumberOfWorkersDoesNotMatter(_ format: String) throws {
    let one = try HistoryContent(ingest(format, workers: 1)).rows()
    #expect(one.count > 1_000)
    for workers in [2, 5] { #expect(try HistoryContent(ingest(format, workers: workers)).rows() == one) }
  }

  @Test(arguments: ["log", "csv", "json"]) func theSizeOfBlocksDoesNotMatter(_ format: String) throws {
    let bytes = try Self.content(format)
    let logFormat: LogFormat =
      switch format {
      case "csv": .csv
      case "json": .json
      default: .stderr(LinePrefix("%m [%p] %q%u@%d/%a "))
      }
    var expected: [String]?
    for (size, workers) in [(512 << 10, 1), (512 << 10, 2), (100_003, 2), (4_096, 3)] {
      let path = folder.path + "/\(format)-\(size)-\(workers).history"
      let store = try HistoryStore(path: path, mode: .write)
      let reading = LogReading(
        format: logFormat, options: ReadingOptions(), fingerprinter: Fingerprinter(), blockSize: size,
        entryLimit: 16 << 20)
      _ = try reading.run(MemoryByteSource(bytes), from: .init(), workers: workers, end: { _ in .rest }) { batch, _ in
        try store.apply(batch)
      }
      try store.close()
      let rows = try HistoryContent(path).rows(withSources: false)
      if let expected { #expect(rows == expected, "\(size) bytes, \(workers) workers") }
      expected = rows
    }
  }

  private func ingest(_ format: String, workers: Int) throws -> String {
    var options = IngestRun.Options()
    options.end = .rest
    options.workers = workers
    let path = folder.path + "/\(format)-\(workers).history"
    let log = folder.write("a." + format, try Self.content(format))
    let store = try HistoryStore(path: path, mode: .write)
    let report = try IngestRun(options).run(IngestRun(options).plan([log]), into: store)
    #expect(report.failures.isEmpty)
    try store.close()
    return path
  }
}

import Bytes
import Foundation
import Model
import SQLText
import Synchronization

@testable import ServerLog

/// The recorded logs beside the tests; each comes in three formats that hold the same entries.
enum Fixtures {
  static let formats = ["log", "csv", "json"]

  /// The content of a recorded log, such as `slice-pg15.log`.
  static func content(_ name: String) throws -> [UInt8] {
    let path = Bundle.module.bundlePath + "/Fixtures/" + name + ".gz"
    let source = try GzipByteSource(FileByteSource(path: path), path: path)
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(into: buffer)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Everything that a log says, in one batch.
  static func read(
    _ bytes: [UInt8], format: LogFormat? = nil, options: ReadingOptions = ReadingOptions(), workers: Int = 1
  ) throws -> Reading {
    var chosen = format
    if chosen == nil {
      let verdict = bytes.withUnsafeBytes {
        LogSniffer().judge(UnsafeRawBufferPointer(rebasing: $0.prefix(LogSniffer.sampleSize)))
      }
      guard case .log(let found) = verdict else { throw FixtureError(text: "not recognised: \(verdict)") }
      chosen = found
    }
    var options = options
    options.language = bytes.withUnsafeBytes { LogSniffer().language(of: $0) }
    let reading = LogReading(format: chosen ?? .json, options: options, fingerprinter: Fingerprinter())
    let result = Reading()
    (result.tally, result.incomplete) = try reading.run(
      MemoryByteSource(bytes), from: .init(), workers: workers, end: { _ in .rest }
    ) { batch, checkpoint in
      result.batches.append(batch)
      result.checkpoint = checkpoint
    }
    result.format = chosen ?? .json
    result.language = options.language
    return result
  }

  static func read(_ name: String, workers: Int = 1) throws -> Reading { try read(content(name), workers: workers) }

  /// The reading of a recorded log, made once for all tests that only look at it.
  static func once(_ name: String) throws -> Reading {
    try readings.withLock { known in
      if let reading = known[name] { return reading }
      let reading = try read(name)
      known[name] = reading
      return reading
    }
  }

  private static let readings = Mutex<[String: Reading]>([:])
}

struct FixtureError: Error { var text: String }

final class Reading: @unchecked Sendable {
  var batches: [LogBatch] = []
  var tally = ReadingTally()
  var incomplete = 0
  var checkpoint = LogReading.Checkpoint()
  var format = LogFormat.json
  var language = ""

  var cells: [MinuteCell] { batches.flatMap(\.cells) }
  var events: [EventCell] { batches.flatMap(\.events) }
  var plans: [PlanSample] { batches.flatMap(\.plans) }
  var samples: [ExecutionSample] { batches.flatMap(\.samples) }

  var calls: Int64 { cells.reduce(0) { $0 + $1.calls } }
  var errors: Int64 { cells.reduce(0) { $0 + $1.errors } }
  func total(_ field: (MinuteCell) -> Microseconds) -> Int64 { cells.reduce(0) { $0 + field($1).value } }
}

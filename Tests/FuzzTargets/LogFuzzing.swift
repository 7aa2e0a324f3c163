import Bytes
import Model
import SQLText
import ServerLog

/// Server logs of any content.
enum LogFuzzing {
  /// The prefixes that a first byte chooses from: every escape, padding, `%q`, names without anything between them.
  private static let prefixes = [
    "%m [%p] %q%u@%d/%a ", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ", "%n %c %l %e %i %v %x %Q ",
    "%t:%r:%u@%d:[%p]:", "%m|%s|%b|%P|%L|%-20u|%10d|", "%u%d%a%m%p", "%c %s %m ", "", "%a %m [%p] ",
  ]

  static func readWithKnownPrefix(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    read(Array(bytes.dropFirst()), .stderr(LinePrefix(prefixes[Int(first) % prefixes.count])))
  }

  /// The first line is the prefix.
  static func readWithOwnPrefix(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    let prefix = LinePrefix(String(decoding: parts[0].prefix(200), as: UTF8.self))
    read(parts.count > 1 ? Array(parts[1]) : [], .stderr(prefix))
  }

  /// Whatever the log is told to be is read to its end.
  static func sniff(_ bytes: [UInt8]) {
    let verdict = bytes.withUnsafeBytes { LogSniffer().judge($0) }
    if case .log(let format) = verdict { read(bytes, format) }
  }

  static func restore(_ bytes: [UInt8]) {
    var start = LogReading.Checkpoint()
    start.sessions = bytes
    start.entries = EntrySketch(encoded: bytes)
    let log =
      "{\"timestamp\":\"2026-01-01 00:00:00.000 UTC\",\"pid\":1,\"session_id\":\"1.1\",\"error_severity\":\"LOG\","
      + "\"message\":\"duration: 1.000 ms\"}\n"
    _ = collect(Array(log.utf8), .json, from: start, piece: .max)
  }

  /// A log is taken out of its wrapper alike in one piece and in small ones, and what comes out is a log or none.
  static func unwrap(_ bytes: [UInt8]) {
    guard let wrapper = LogWrapper.detect(bytes) ?? LogWrapper.detectLabels(bytes) else { return }
    let reference = Timestamp(microseconds: 1_800_000_000_000_000)
    for stamps in [false, true] {
      func content(_ piece: Int, _ room: Int) -> [UInt8] {
        let source = UnwrappedByteSource(
          PiecewiseSource(bytes, piece), wrapper, stamps: stamps, reference: reference, end: .final,
          tally: WrapperTally())
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
        defer { buffer.deallocate() }
        var result: [UInt8] = []
        while let count = try? source.read(into: buffer), count > 0 { result += buffer[..<count] }
        return result
      }
      let whole = content(.max, 1 << 16)
      require(whole == content(5, 3), "a wrapper taken off in small pieces leaves something else")
      if !stamps { sniff(whole) }
    }
  }

  /// Reads a log in one block and in small ones: both say the same, and count no more entries than there are lines. An
  /// entry over the limit leaves the others alone.
  static func read(_ bytes: [UInt8], _ format: LogFormat) {
    let whole = collect(bytes, format, from: .init(), piece: .max)
    let blocks = collect(bytes, format, from: .init(), piece: 7, block: 100)
    // Where records of csvlog are damaged, blocks may end inside one.
    require(
      whole == blocks || format == .csv && (!whole.skipped.isEmpty || whole.incomplete > 0),
      "a log read in small blocks says something else")
    _ = collect(bytes, format, from: .init(), piece: .max, block: 64, limit: 256)
    let lines = bytes.count { $0 == 0x0A } + 1
    require(whole.entries <= lines || format == .json, "\(whole.entries) entries in \(lines) lines")
    let marks = bytes.withUnsafeBytes { EntryProbe(format: format).marks(in: $0).count }
    require(marks <= lines || format == .json, "\(marks) entries were seen in \(lines) lines")
  }

  private struct Result: Equatable {
    var entries: Int64
    var executions: Int64
    var errors: Int64
    var incomplete: Int
    var skipped: [String: Int64]
    var cells: [MinuteCell]
    var statements: [StatementText]
    var samples: [ExecutionSample]
    var plans: [PlanSample]
    var events: [EventCell]
    var repetitions: [RepetitionCell]
    var queryIDs: [QueryIDEdge]
  }

  private static func collect(
    _ bytes: [UInt8], _ format: LogFormat, from start: LogReading.Checkpoint, piece: Int, block: Int = 512 << 10,
    limit: Int = 16 << 20
  ) -> Result {
    let reading = LogReading(
      format: format, options: ReadingOptions(), fingerprinter: Fingerprinter(), blockSize: block, entryLimit: limit)
    let found = Collected()
    do {
      let (tally, incomplete) = try reading.run(
        PiecewiseSource(bytes, piece), from: start, workers: 1, end: { _ in .rest },
        commit: { batch, _ in found.batches.append(batch) })
      return Result(
        entries: tally.entries, executions: tally.executions, errors: tally.errors, incomplete: incomplete,
        skipped: tally.skippedByReason, cells: found.batches.flatMap(\.cells),
        statements: found.batches.flatMap(\.statements), samples: found.batches.flatMap(\.samples),
        plans: found.batches.flatMap(\.plans), events: found.batches.flatMap(\.events),
        repetitions: found.batches.flatMap(\.repetitions), queryIDs: found.batches.flatMap(\.queryIDs))
    } catch {
      fatalError("reading bytes in memory failed: \(error)")
    }
  }

  private final class Collected { var batches: [LogBatch] = [] }
}

/// Bytes in memory that come a few at a time.
private final class PiecewiseSource: ByteSource {
  private let bytes: [UInt8]
  private let piece: Int
  private var position = 0

  init(_ bytes: [UInt8], _ piece: Int) {
    self.bytes = bytes
    self.piece = piece
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    let count = min(buffer.count, piece, bytes.count - position)
    if count > 0 { buffer.copyBytes(from: bytes[position..<position + count]) }
    position += count
    return count
  }
}

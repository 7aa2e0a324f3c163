import Bytes
import Model
import ServerLog

/// `SourceProgress.state` of a log: what a later run needs beside the offset.
struct ReaderState {
  var checkpoint = LogReading.Checkpoint()
  /// Stretches of time that were left out because another source holds them.
  var excluded: [ClosedRange<Timestamp>] = []
  /// Whether the log's times are whole seconds.
  var isCoarse = false
  /// The identities of the sources that were found to hold the same entries.
  var siblings: [String] = []
  /// Entries left out so far, and lines that were missing.
  var excludedEntries: Int64 = 0
  var lostLines: Int64 = 0
  /// Executions, plans and errors counted so far, for the table that `ingest` prints.
  var executions: Int64 = 0
  var plans: Int64 = 0

  private static let version: UInt64 = 2

  init() {}

  /// Reads what `encoded` gave; a state of another release gives only the offset, so that nothing is counted twice.
  init(_ progress: SourceProgress) {
    var input = StateReader(progress.state)
    checkpoint.offset = progress.consumed
    guard input.next() == ReaderState.version else { return }
    checkpoint.tailHash = input.next()
    checkpoint.tailCount = Int(truncatingIfNeeded: input.next())
    for _ in 0..<input.count() {
      let from = Timestamp(microseconds: input.signed())
      let to = Timestamp(microseconds: input.signed())
      if from <= to { excluded.append(from...to) }
    }
    excludedEntries = input.signed()
    lostLines = input.signed()
    executions = input.signed()
    plans = input.signed()
    checkpoint.entries = EntrySketch(encoded: input.bytes())
    checkpoint.sessions = input.bytes()
    checkpoint.prefixes = input.bytes()
    isCoarse = input.next() == 1
    for _ in 0..<input.count() { siblings.append(input.text()) }
  }

  var encoded: [UInt8] {
    var out = StateWriter()
    out.add(ReaderState.version)
    out.add(checkpoint.tailHash)
    out.add(UInt64(checkpoint.tailCount))
    out.add(UInt64(excluded.count))
    for range in excluded {
      out.add(signed: range.lowerBound.microseconds)
      out.add(signed: range.upperBound.microseconds)
    }
    out.add(signed: excludedEntries)
    out.add(signed: lostLines)
    out.add(signed: executions)
    out.add(signed: plans)
    out.add(bytes: checkpoint.entries.encoded)
    out.add(bytes: checkpoint.sessions)
    out.add(bytes: checkpoint.prefixes)
    out.add(isCoarse ? 1 : 0)
    out.add(UInt64(siblings.count))
    for sibling in siblings { out.add(bytes: Array(sibling.utf8)) }
    return out.bytes
  }
}

/// A stretch of a log that holds whole entries, and what a format reader found in it.
///
/// One thread at a time: the reader fills `bytes`, a worker fills `entries`, the assembler reads both.
final class EntryBlock: @unchecked Sendable {
  /// Place in the order of the source, from zero.
  var index = 0
  private(set) var bytes: UnsafeMutableRawPointer
  private(set) var capacity: Int
  /// Bytes in use.
  var count = 0
  /// Where in the content the bytes begin.
  var offset: Int64 = 0
  var entries: ContiguousArray<LogEntry> = []
  var skipped = SkipTally()
  /// How many changes of the prefix were known when the block was read.
  var generation = 0
  /// Lines that look like entries and have none of the known prefixes (stderr).
  var misfits: [Int] = []
  /// Entries in which the server says that it changed its prefix, and to what.
  var declaredPrefixes: [(position: Int, prefix: String)] = []

  init(capacity: Int) {
    self.capacity = capacity
    bytes = .allocate(byteCount: capacity + EntryBlock.padding, alignment: 64)
  }

  deinit { bytes.deallocate() }

  /// Bytes after the end that may be read (never used), so that eight can be loaded at any place.
  static let padding = 64

  func grow(to newCapacity: Int) {
    guard newCapacity > capacity else { return }
    let larger = UnsafeMutableRawPointer.allocate(byteCount: newCapacity + EntryBlock.padding, alignment: 64)
    larger.copyMemory(from: bytes, byteCount: count)
    bytes.deallocate()
    bytes = larger
    capacity = newCapacity
  }

  func reset() {
    count = 0
    forgetEntries()
  }

  /// Before the same bytes are read once more.
  func forgetEntries() {
    entries.removeAll(keepingCapacity: true)
    skipped = SkipTally()
    if !misfits.isEmpty { misfits = [] }
    if !declaredPrefixes.isEmpty { declaredPrefixes = [] }
  }

  /// Adds the bytes of the block that follows.
  func append(_ next: EntryBlock) {
    grow(to: count + next.count)
    (bytes + count).copyMemory(from: next.bytes, byteCount: next.count)
    count += next.count
    index = next.index
  }

  /// Counts a line or record at `position` that could not be read.
  func skip(_ reason: SkipTally.Reason, at position: Int) {
    skipped.count(reason)
    guard skipped.examples.count < SkipTally.exampleLimit, position < count else { return }
    let end = memory(bytes + position, 0x0A, count - position).map { $0 - UnsafeRawPointer(bytes) } ?? count
    let shown = UnsafeRawBufferPointer(start: bytes + position, count: min(end - position, 100))
    skipped.examples.append(
      SkipTally.Example(reason: reason, offset: offset + Int64(position), text: String(decoding: shown, as: UTF8.self)))
  }

  func slice(_ slice: ByteSlice) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes + Int(slice.start), count: Int(slice.count))
  }
}

/// Entries and lines that could not be read, by reason.
struct SkipTally: Equatable {
  /// A line that could not be read, for people.
  struct Example: Equatable {
    var reason: Reason
    /// Where in the content it begins.
    var offset: Int64
    /// Its beginning.
    var text: String
  }

  static let exampleLimit = 3

  enum Reason: Int, CaseIterable {
    /// A line that does not begin with the prefix and continues nothing.
    case noPrefix
    /// The prefix is there, a severity is not.
    case noSeverity
    /// A CSV record with too few columns or a wrong value in one.
    case badColumns
    /// A line that is no JSON object, or one without the keys of an entry.
    case badJSON
    case badTime
    /// Larger than the reader takes.
    case tooLarge
    /// A duration that no statement, tag or query id explains.
    case unexplainedDuration

    var text: String {
      switch self {
      case .noPrefix: "line without the prefix"
      case .noSeverity: "line without a severity"
      case .badColumns: "CSV record with wrong columns"
      case .badJSON: "line that is no JSON entry"
      case .badTime: "time not understood"
      case .tooLarge: "entry too large"
      case .unexplainedDuration: "duration without a statement"
      }
    }
  }

  /// The first ones.
  var examples: [Example] = []
  private var counts = [Int64](repeating: 0, count: Reason.allCases.count)

  mutating func count(_ reason: Reason, _ n: Int64 = 1) { counts[reason.rawValue] += n }
  subscript(_ reason: Reason) -> Int64 { counts[reason.rawValue] }
  var total: Int64 { counts.reduce(0, +) }

  mutating func add(_ other: SkipTally) {
    for i in counts.indices { counts[i] += other.counts[i] }
    if examples.count < SkipTally.exampleLimit {
      examples += other.examples.prefix(SkipTally.exampleLimit - examples.count)
    }
  }

  /// By the reason's text, without zeros.
  var byText: [String: Int64] {
    var result: [String: Int64] = [:]
    for reason in Reason.allCases where self[reason] > 0 { result[reason.text] = self[reason] }
    return result
  }
}

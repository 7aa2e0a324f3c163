internal import SQLText

/// Finds the entries of blocks in one format. One reader serves one worker.
protocol EntryReader: AnyObject {
  func read(_ block: EntryBlock)
}

/// A format's scanner: a struct, so that its state is accessed without the checks that class properties need.
protocol EntryScanner: ~Copyable {
  mutating func scan(_ block: EntryBlock)
}

final class BlockReader<Scanner: EntryScanner & ~Copyable>: EntryReader {
  private var scanner: Scanner

  init(_ scanner: consuming Scanner) { self.scanner = scanner }

  func read(_ block: EntryBlock) { scanner.scan(block) }
}

/// What the readers of all formats share: keys of statements, dimensions, plans.
struct EntryFinisher: ~Copyable {
  let escaping: Escaping
  private let messages: MessageReader
  private var keys = StatementKeys()
  private var plan = ScratchBytes()
  private var query = ScratchBytes()

  init(escaping: Escaping, messages: MessageReader) {
    self.escaping = escaping
    self.messages = messages
  }

  /// Reads the message of an entry whose `message` is set.
  @inline(__always)
  mutating func readMessage(_ p: UnsafeRawPointer, _ entry: inout LogEntry) { messages.read(p, &entry) }

  /// Gives an entry the key of its statement, once all of its parts are there.
  @inline(__always)
  mutating func finish(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    if entry.kind == .plan {
      finishPlan(p, &entry)
    } else if !entry.text.isEmpty, entry.kind != .fastpath {
      if !entry.detail.isEmpty, entry.kind == .statement || entry.kind == .statementStart { findPrepared(p, &entry) }
      let key = keys.key(p, entry.text, escaping)
      entry.shape = key.shape
      entry.tags = key.tags
    }
  }

  /// An `EXECUTE name` is an execution of what `name` was prepared from, which the DETAIL shows:
  /// `prepare: PREPARE name AS …` (`errdetail_execute` in src/backend/tcop/postgres.c).
  private func findPrepared(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    let text = UnsafeRawBufferPointer(start: p + Int(entry.text.start), count: Int(entry.text.count))
    guard PreparedText.isExecute(text) else { return }
    let start = Int(entry.detail.start)
    for i in start..<min(entry.detail.end, start + 64) where p.load(fromByteOffset: i, as: UInt8.self) | 0x20 == 0x70 {
      let candidate = UnsafeRawBufferPointer(start: p + i, count: entry.detail.end - i)
      guard let body = PreparedText.body(of: candidate) else { continue }
      entry.call = entry.text
      entry.text = ByteSlice(i + body, entry.detail.end)
      return
    }
  }

  private mutating func finishPlan(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    plan.removeAll()
    query.removeAll()
    escaping.decode(UnsafeRawBufferPointer(start: p + Int(entry.text.start), count: Int(entry.text.count)), into: &plan)
    guard PlanDocument.queryText(plan.bytes, into: &query) else { return }
    let key = keys.masked(PlanDocument.executed(query.bytes))
    entry.shape = key.shape
    entry.tags = key.tags
  }
}

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
      let key = keys.key(p, entry.text, escaping)
      entry.shape = key.shape
      entry.tags = key.tags
    }
  }

  private mutating func finishPlan(_ p: UnsafeRawPointer, _ entry: inout LogEntry) {
    plan.removeAll()
    query.removeAll()
    escaping.decode(UnsafeRawBufferPointer(start: p + Int(entry.text.start), count: Int(entry.text.count)), into: &plan)
    guard PlanDocument.queryText(plan.bytes, into: &query) else { return }
    let key = keys.masked(query.bytes)
    entry.shape = key.shape
    entry.tags = key.tags
  }
}

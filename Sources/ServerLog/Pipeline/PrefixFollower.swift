internal import Bytes

/// Follows `log_line_prefix` through a stderr log: where lines stop fitting, or the server says that it was changed,
/// what follows is read with the new one.
///
/// Blocks come in the order of the source. Where the prefix changes depends on the content alone, not on how it is cut
/// into blocks, by whom these were read, or where an earlier reading stopped.
struct PrefixFollower {
  private(set) var trail: PrefixTrail
  /// Counts the changes: a block that was read with fewer prefixes is read again.
  private(set) var generation = 0
  private let format: LogFormat
  private let tables: [MessageTable]
  private let zones: ZoneOffsets
  private var reader: (any EntryReader)?
  /// A block whose first line fits no prefix, until enough of what follows is there.
  private(set) var held: EntryBlock?

  /// Bytes from a line that does not fit in which a new prefix is looked for.
  static let sampleBytes: Int64 = 64 << 10

  init(_ trail: PrefixTrail, _ format: LogFormat, tables: [MessageTable], zones: ZoneOffsets) {
    self.trail = trail
    self.format = format
    self.tables = tables
    self.zones = zones
  }

  /// What of the blocks so far can be taken in, in order.
  mutating func take(_ block: EntryBlock) -> [EntryBlock] {
    guard let waiting = held else {
      if block.generation == generation, news(in: block) == nil { return [block] }
      if block.generation != generation { read(block) }
      return settle(block, isEnd: false)
    }
    held = nil
    waiting.append(block)
    read(waiting)
    return settle(waiting, isEnd: false)
  }

  /// What waits, once nothing follows.
  mutating func takeRest() -> [EntryBlock] {
    guard let waiting = held else { return [] }
    held = nil
    read(waiting)
    return settle(waiting, isEnd: true)
  }

  private enum News {
    /// The server said what the prefix is now.
    case declared(Int, LinePrefix)
    /// A line looks like an entry and fits no prefix.
    case misfit(Int)
  }

  private func news(in block: EntryBlock) -> News? {
    let declared = block.declaredPrefixes.first { $0.prefix != trail.newest?.text && $0.prefix != "" }
    let misfit = block.misfits.first { block.offset + Int64($0) >= trail.silentUntil }
    guard let declared else { return misfit.map { .misfit($0) } }
    if let misfit, misfit < declared.position { return .misfit(misfit) }
    return .declared(declared.position, LinePrefix(declared.prefix))
  }

  private mutating func settle(_ block: EntryBlock, isEnd: Bool) -> [EntryBlock] {
    var result: [EntryBlock] = []
    var rest = block
    while let news = news(in: rest) {
      switch news {
      case .declared(let position, let prefix):
        if position > 0 { result.append(split(&rest, at: position)) }
        adopt(PrefixChange(prefix: prefix, isPassing: false, isAnnounced: true), at: rest)
      case .misfit(let position):
        if !isEnd, Int64(rest.count - position) < PrefixFollower.sampleBytes {
          if position > 0 { result.append(split(&rest, at: position)) }
          held = rest
          return result
        }
        let sample = UnsafeRawBufferPointer(
          start: rest.bytes + position, count: min(rest.count - position, Int(PrefixFollower.sampleBytes)))
        guard let change = PrefixInference(tables: tables).change(sample, known: trail.prefixes) else {
          trail.fail(at: rest.offset + Int64(position))
          continue
        }
        if position > 0 { result.append(split(&rest, at: position)) }
        adopt(change, at: rest)
      }
    }
    result.append(rest)
    return result
  }

  private mutating func adopt(_ change: PrefixChange, at block: EntryBlock) {
    trail.add(
      change.prefix, at: block.offset, isPassing: change.isPassing, isAnnounced: change.isAnnounced)
    generation += 1
    reader = nil
    read(block)
  }

  /// Takes the bytes before `position` out of a block, as one of their own.
  private mutating func split(_ block: inout EntryBlock, at position: Int) -> EntryBlock {
    let tail = EntryBlock(capacity: max(block.count - position, 1))
    tail.bytes.copyMemory(from: block.bytes + position, byteCount: block.count - position)
    tail.count = block.count - position
    tail.offset = block.offset + Int64(position)
    tail.index = block.index
    let head = block
    head.count = position
    read(head)
    read(tail)
    block = tail
    return head
  }

  private mutating func read(_ block: EntryBlock) {
    let reader = reader ?? format.reader(tables: tables, zones: zones, prefixes: trail.prefixes)
    self.reader = reader
    block.forgetEntries()
    block.generation = generation
    reader.read(block)
  }
}

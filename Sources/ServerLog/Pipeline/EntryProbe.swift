public import Model

/// Looks at a stretch of a log without counting anything: which entries it holds, by the hashes of `EntrySketch`.
public struct EntryProbe {
  /// One entry: its time and its hash.
  public struct Mark: Sendable, Hashable {
    public var time: Timestamp
    public var hash: UInt64
  }

  private let format: LogFormat
  private let options: ReadingOptions

  public init(format: LogFormat, options: ReadingOptions = ReadingOptions()) {
    self.format = format
    self.options = options
  }

  /// The entries in `bytes`, which begin with one; a last one that is not whole is left out.
  public func marks(in bytes: UnsafeRawBufferPointer) -> [Mark] {
    let zones = ZoneOffsets(given: options.zones)
    let tables = MessageTable.tables(options.language)
    var cutter = BlockCutter(format, tables: tables, zones: zones)
    guard let base = bytes.baseAddress else { return [] }
    let whole = cutter.wholeEntries(base, bytes.count, isEnd: true)
    guard whole > 0 else { return [] }
    let block = EntryBlock(capacity: whole)
    block.bytes.copyMemory(from: base, byteCount: whole)
    block.count = whole
    format.reader(tables: tables, zones: zones).read(block)
    return block.entries.compactMap { entry in
      entry.kind == .detached
        ? nil : Mark(time: Timestamp(microseconds: entry.time), hash: EntrySketch.hash(entry))
    }
  }
}

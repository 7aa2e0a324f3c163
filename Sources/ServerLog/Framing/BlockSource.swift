internal import Bytes

/// Fills blocks with whole entries of a source, in order. One thread at a time.
///
/// A block's length depends on its place and the content alone, so a reading that goes on where another stopped cuts
/// the rest as the other would have.
struct BlockSource: ~Copyable {
  /// How much is read at a time.
  struct Sizes {
    /// Bytes of a block. Larger blocks are not faster; smaller ones cost more cuts.
    var block = 512 << 10
    /// The largest entry that is read; PostgreSQL writes up to 1 GB.
    var entryLimit = 16 << 20
  }

  private let sizes: Sizes
  private let source: any ByteSource
  private var cutter: BlockCutter
  private var rest: ScratchBytes
  private var offset: Int64
  private var atEnd = false
  /// Asked once, when the bytes come to their end, with the bytes of content up to there.
  private let judgeEnd: (Int64) -> SourceEnd
  /// What the end was judged to be; nil before it was reached.
  private(set) var end: SourceEnd?
  /// Bytes at the end that are no whole entry.
  private(set) var incomplete = 0
  private var index = 0

  init(
    _ source: any ByteSource, cutter: BlockCutter, offset: Int64, end: @escaping (Int64) -> SourceEnd, sizes: Sizes
  ) {
    self.source = source
    self.sizes = sizes
    rest = ScratchBytes(capacity: sizes.block)
    self.cutter = cutter
    self.offset = offset
    judgeEnd = end
  }

  /// Cuts between entries that have these prefixes.
  mutating func use(_ prefixes: [LinePrefix]) { cutter.use(prefixes) }

  /// Fills the next block. False at the end.
  mutating func next(_ block: EntryBlock) throws(ByteSourceError) -> Bool {
    block.reset()
    block.index = index
    block.offset = offset
    while true {
      if rest.count > block.count {
        block.grow(to: rest.count)
      }
      if rest.count > 0 {
        block.bytes.copyMemory(from: rest.base, byteCount: rest.count)
        block.count = rest.count
        rest.removeAll()
      }
      if !atEnd, block.count < block.capacity {
        let room = UnsafeMutableRawBufferPointer(start: block.bytes + block.count, count: block.capacity - block.count)
        let got = try source.fill(room)
        atEnd = got < room.count
        block.count += got
      }
      if atEnd, end == nil { end = judgeEnd(offset + Int64(block.count)) }
      if block.count == 0 { return false }
      var whole = cutter.wholeEntries(
        block.bytes, block.count, isEnd: atEnd && end != .open, isDesperate: block.capacity >= sizes.entryLimit)
      if end == .closed, whole < block.count {
        // What ends without a newline gets one, so that it is read as the others are.
        if block.count == block.capacity { block.grow(to: block.capacity + 1) }
        block.bytes.storeBytes(of: 0x0A, toByteOffset: block.count, as: UInt8.self)
        block.count += 1
        whole = block.count
      }
      if whole > 0 {
        rest.append(block.bytes + whole, block.count - whole)
        block.count = whole
        offset += Int64(whole)
        index += 1
        return true
      }
      if atEnd {
        incomplete = block.count
        block.count = 0
        return false
      }
      if block.capacity >= sizes.entryLimit {
        try skipEntry(block)
      } else {
        block.grow(to: block.capacity * 2)
      }
    }
  }

  /// Drops an entry that is too large: reads on to the next place where one begins.
  private mutating func skipEntry(_ block: EntryBlock) throws(ByteSourceError) {
    block.skipped.count(.tooLarge)
    var quotes = countBytes(block.bytes, 0x22, block.count)
    var dropped = Int64(block.count)
    var last = block.bytes.load(fromByteOffset: block.count - 1, as: UInt8.self)
    let window = UnsafeMutableRawBufferPointer.allocate(byteCount: sizes.block, alignment: 16)
    defer { window.deallocate() }
    search: while true {
      let got = try source.read(into: window)
      if got == 0 {
        atEnd = true
        break
      }
      for i in 0..<got {
        let byte = window[i]
        if cutter.begins(after: last, byte, quotes: quotes) {
          rest.append(UnsafeRawPointer(window.baseAddress ?? UnsafeMutableRawPointer(block.bytes)) + i, got - i)
          dropped += Int64(i)
          break search
        }
        if byte == 0x22 { quotes += 1 }
        last = byte
      }
      dropped += Int64(got)
    }
    offset += dropped
    block.offset = offset
    block.count = 0
  }
}

extension BlockCutter {
  /// Whether an entry may begin with `byte` when `last` stands before it and `quotes` quotes before that.
  func begins(after last: UInt8, _ byte: UInt8, quotes: Int) -> Bool {
    guard last == 0x0A else { return false }
    switch format {
    case .json: return true
    case .csv: return quotes & 1 == 0
    case .stderr: return byte != 0x09
    }
  }
}

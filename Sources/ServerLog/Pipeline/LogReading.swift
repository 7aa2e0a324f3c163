public import Bytes
public import Model
public import SQLText

/// Reads one source from an offset to its end: blocks are framed, read and masked by several workers at once, and
/// assembled in their order by whichever worker comes first.
///
///     let reading = LogReading(format: .csv, options: options, fingerprinter: fingerprinter)
///     let tally = try reading.run(source, from: start, workers: 2) { batch, checkpoint in
///       …commit both in one transaction…
///     }
///
/// The result is the same for every number of workers. Memory does not grow with the source: at most
/// `3 + 2 · workers` blocks of 512 KiB are under way.
public final class LogReading: @unchecked Sendable {
  /// Bytes of content after which a batch ends. Ends lie on a grid of the content, so that a reading that was
  /// interrupted and went on makes the same batches.
  public static let batchBytes: Int64 = 64 << 20

  private let format: LogFormat
  private let options: ReadingOptions
  private let tables: [MessageTable]
  private let zones: ZoneOffsets
  private var assembler: Assembler
  /// Nil for the formats that have no prefix.
  private var follower: PrefixFollower?
  private let sizes: BlockSource.Sizes

  /// Zone abbreviations whose offset nothing in the log proved, once it has been read.
  public var assumedZones: [String] { zones.assumptions }
  /// Where the log's prefix changed, once it has been read.
  public var prefixChanges: [PrefixTrail.Change] { follower?.trail.changes ?? [] }

  public convenience init(format: LogFormat, options: ReadingOptions, fingerprinter: Fingerprinter) {
    self.init(format: format, options: options, fingerprinter: fingerprinter, sizes: BlockSource.Sizes())
  }

  /// For tests of what happens at the ends of blocks: reads so many bytes at a time, and no entry larger than `limit`.
  package convenience init(
    format: LogFormat, options: ReadingOptions, fingerprinter: Fingerprinter, blockSize: Int, entryLimit: Int
  ) {
    let sizes = BlockSource.Sizes(block: blockSize, entryLimit: entryLimit)
    self.init(format: format, options: options, fingerprinter: fingerprinter, sizes: sizes)
  }

  private init(format: LogFormat, options: ReadingOptions, fingerprinter: Fingerprinter, sizes: BlockSource.Sizes) {
    self.sizes = sizes
    self.format = format
    self.options = options
    tables = MessageTable.tables(options.language)
    zones = ZoneOffsets(given: options.zones)
    assembler = Assembler(format, tables: tables, fingerprinter: fingerprinter, options: options)
  }

  /// Where a reading stands, and what it needs to go on from there.
  public struct Checkpoint: Sendable {
    /// Bytes of content accounted for.
    public var offset: Int64 = 0
    /// A hash of the last bytes before the offset, and how many they are.
    public var tailHash: UInt64 = 0
    public var tailCount = 0
    /// What the assembler remembers of the sessions, opaque.
    public var sessions: [UInt8] = []
    /// `PrefixTrail.encoded` up to here.
    public var prefixes: [UInt8] = []
    /// The format up to here: of a stderr log the newest prefix. Nil before anything was read.
    public var format: LogFormat?
    /// The entries up to here, for telling whether another source holds the same.
    public var entries = EntrySketch()
    /// Since the reading began.
    public var tally = ReadingTally()

    public init() {}
  }

  private struct State {
    /// The prefixes so far, and how often they changed.
    var prefixes: [LinePrefix] = []
    var generation = 0
    var isReading = false
    var isConsuming = false
    var atEnd = false
    var next = 0
    var outstanding = 0
    var ready: [Int: EntryBlock] = [:]
    var pool: [EntryBlock] = []
    /// A batch that is to be committed: meanwhile reading goes on, up to the next batch.
    var pending: PendingCommit?
    var isCommitting = false
    var failure: (any Error)?
  }

  private struct PendingCommit {
    var batch: LogBatch
    var checkpoint: Checkpoint
  }

  private enum Task {
    case commit(PendingCommit)
    case consume(EntryBlock)
    /// With the prefixes so far, and how often they changed.
    case read(EntryBlock, [LinePrefix], Int)
    case stop
  }

  /// Reads `source`, which stands at `start.offset` of its content, to its end.
  ///
  /// - Parameters:
  ///   - end: asked once at the end of the source, with the bytes of content up to there, what that end means.
  ///   - progress: called now and then with the bytes of content read since the last call.
  ///   - commit: called with each batch; the last one comes at the end.
  /// - Returns: what was found since `start`, and the bytes at the end that are no whole entry.
  public func run(
    _ source: any ByteSource, from start: Checkpoint, workers: Int,
    end: @escaping @Sendable (_ bytes: Int64) -> SourceEnd,
    progress: @escaping @Sendable (Int) -> Void = { _ in },
    commit: @escaping (LogBatch, Checkpoint) throws -> Void
  ) throws -> (tally: ReadingTally, incomplete: Int) {
    assembler.restore(start.sessions)
    assembler.sketch = start.entries
    if case .stderr(let prefix) = format {
      let trail = PrefixTrail(encoded: start.prefixes, beginning: prefix)
      follower = PrefixFollower(trail, format, tables: tables, zones: zones)
      assembler.use(trail.newest)
    }
    let run = Run(
      BlockSource(
        source, cutter: BlockCutter(format, tables: tables, zones: zones), offset: start.offset, end: end,
        sizes: sizes),
      start, commit, progress)
    let prefixes = follower?.trail.prefixes ?? []
    run.blocks.use(prefixes)
    let monitor = Monitor(State(prefixes: prefixes))
    let limit = 3 + 2 * workers
    WorkerThreads.run(workers) { [self] _ in
      var reader = format.reader(tables: tables, zones: zones, prefixes: prefixes)
      var generation = 0
      while true {
        let task: Task = monitor.wait { state in
          if state.failure != nil { return .stop }
          if !state.isCommitting, let pending = state.pending {
            state.isCommitting = true
            state.pending = nil
            return .commit(pending)
          }
          if !state.isConsuming, state.pending == nil, let block = state.ready.removeValue(forKey: state.next) {
            state.isConsuming = true
            return .consume(block)
          }
          if !state.isReading, !state.atEnd, state.outstanding < limit {
            state.isReading = true
            state.outstanding += 1
            return .read(
              state.pool.popLast() ?? EntryBlock(capacity: sizes.block), state.prefixes, state.generation)
          }
          return state.atEnd && state.outstanding == 0 && state.pending == nil ? .stop : nil
        }
        switch task {
        case .stop: return
        case .commit(let pending):
          do {
            try run.commit(pending.batch, pending.checkpoint)
            monitor.change { $0.isCommitting = false }
          } catch {
            monitor.change { $0.failure = $0.failure ?? error }
          }
        case .consume(let block):
          let pending = consume(block, run)
          let current = (follower?.trail.prefixes ?? [], follower?.generation ?? 0)
          let isHeld = follower?.held != nil
          monitor.change { state in
            (state.prefixes, state.generation) = current
            state.isConsuming = false
            state.pending = pending
            state.next += 1
            state.outstanding -= 1
            // What waits for more is not filled anew; and what it was split off may still be in use.
            if block.capacity <= sizes.block, !isHeld { state.pool.append(block) }
          }
        case .read(let block, let prefixes, let newest):
          do {
            if newest != run.generation {
              run.blocks.use(prefixes)
              run.generation = newest
            }
            let filled = try run.blocks.next(block)
            monitor.change { state in
              state.isReading = false
              if !filled {
                state.atEnd = true
                state.outstanding -= 1
              }
            }
            guard filled else { continue }
            if newest != generation {
              reader = format.reader(tables: tables, zones: zones, prefixes: prefixes)
              generation = newest
            }
            block.generation = generation
            reader.read(block)
            monitor.change { $0.ready[block.index] = block }
          } catch {
            monitor.change { $0.failure = $0.failure ?? error }
          }
        }
      }
    }
    if let failure = monitor.change({ $0.failure }) { throw failure }
    // A line at the end that fits no prefix is left to the next reading while the log is written.
    let waiting = run.blocks.end == .open ? follower?.held?.count ?? 0 : 0
    if run.blocks.end != .open {
      for part in follower?.takeRest() ?? [] { take(part, run) }
      assembler.pause()
    }
    let last = takeBatch(run)
    try run.commit(last.batch, last.checkpoint)
    return (assembler.tally, run.blocks.incomplete + waiting)
  }

  /// What one run needs beside the assembler. Its parts are used by one thread at a time: the blocks by the one that
  /// reads, `commit` by the one that commits, the rest by the one that consumes.
  private final class Run: @unchecked Sendable {
    var blocks: BlockSource
    var checkpoint: Checkpoint
    let commit: (LogBatch, Checkpoint) throws -> Void
    let progress: @Sendable (Int) -> Void
    /// How many changes of the prefix the blocks are cut by.
    var generation = 0

    init(
      _ blocks: consuming BlockSource, _ checkpoint: Checkpoint,
      _ commit: @escaping (LogBatch, Checkpoint) throws -> Void,
      _ progress: @escaping @Sendable (Int) -> Void
    ) {
      self.blocks = blocks
      self.checkpoint = checkpoint
      self.commit = commit
      self.progress = progress
    }
  }

  /// Takes in a block; returns the batch that it completes.
  private func consume(_ block: EntryBlock, _ run: Run) -> PendingCommit? {
    run.progress(block.count)
    let before = run.checkpoint.offset
    if follower == nil {
      take(block, run)
    } else {
      for part in follower?.take(block) ?? [] { take(part, run) }
    }
    // A batch ends with a block: where a prefix changed inside of it must not matter.
    guard follower?.held == nil else { return nil }
    let isDue = run.checkpoint.offset / LogReading.batchBytes > before / LogReading.batchBytes
    return isDue || assembler.isFull ? takeBatch(run) : nil
  }

  private func take(_ block: EntryBlock, _ run: Run) {
    if let newest = follower?.trail.newest { assembler.use(newest) }
    assembler.consume(block)
    let tail = min(block.count, 4096)
    run.checkpoint.tailHash = ByteHash.hash(block.bytes + (block.count - tail), count: tail)
    run.checkpoint.tailCount = tail
    run.checkpoint.offset = block.offset + Int64(block.count)
  }

  private func takeBatch(_ run: Run) -> PendingCommit {
    assembler.forgetSilent()
    let batch = assembler.takeBatch()
    run.checkpoint.sessions = assembler.savedSessions()
    run.checkpoint.prefixes = follower?.trail.encoded ?? []
    run.checkpoint.format = follower?.trail.newest.map { .stderr($0) } ?? format
    run.checkpoint.entries = assembler.sketch
    run.checkpoint.tally = assembler.tally
    return PendingCommit(batch: batch, checkpoint: run.checkpoint)
  }
}

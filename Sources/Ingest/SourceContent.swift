import Bytes
import Catalog
import Foundation
import Model
import ServerLog
import Statements

/// A source that was opened and looked at: what it holds, told by its first bytes.
struct SourceContent {
  enum Kind {
    case log(LogFormat)
    case plan
    case snapshot
    /// Rows of pg_stat_statements that somebody exported.
    case statements
  }

  /// Its name, for people.
  let path: String
  /// What is opened to read it: the path, or a descriptor's name under /proc, which outlives a renaming.
  let location: String
  let kind: Kind
  let compression: Compression
  /// The first bytes of the content, decompressed and unwrapped.
  let head: [UInt8]
  /// What carried a log.
  let unwrapping: Unwrapping
  /// The first bytes as they were decompressed.
  private let packed: [UInt8]
  /// Bytes of the file itself; nil for a pipe.
  let size: Int64?
  /// When the file was written last; 1970 for a pipe.
  let modified: Timestamp
  /// Standard input, or what else cannot be opened twice (a pipe with a name, a shell's `<(…)`): the rest of it.
  let rest: (any ByteSource)?

  /// A file that was not written for so long is complete.
  private static let quiet = Microseconds(10_000_000)

  /// Opens `path` and tells what it is.
  init(
    path: String, location: String? = nil, prefix: String?, now: Date = Date()
  ) throws(IngestError) {
    self.path = path
    let location = location ?? path
    self.location = location
    let now = Timestamp(microseconds: Int64(now.timeIntervalSince1970 * 1e6))
    do throws(ByteSourceError) {
      let file =
        path == "-" ? FileByteSource(descriptor: 0, name: "standard input") : try FileByteSource(path: location)
      size = path == "-" ? nil : file.size
      let isStream = size == nil
      modified = Timestamp(seconds: file.modified)
      let magic = try SourceContent.take(Compression.magicLength, from: file)
      compression = Compression(magic: magic)
      let content = try compression.opened(PrefixedByteSource(magic, then: file), path: path)
      packed = try SourceContent.take(LogSniffer.sampleSize, from: content)
      rest = isStream ? content : nil
    } catch {
      throw .unreadable(error, path)
    }
    if packed.isEmpty { throw .empty(path: path) }
    let isFinal = rest != nil || modified + SourceContent.quiet < now
    let end = isFinal ? UnwrappingEnd.final : .resting
    let found = try SourceContent.recognise(packed, path, prefix, reference: rest != nil ? now : modified, end: end)
    (kind, head, unwrapping) = found
  }

  /// The same source under another name.
  /// - Parameter end: what its end means now, where something carried it.
  init(_ known: SourceContent, path: String, location: String, end: UnwrappingEnd) {
    self.path = path
    self.location = location
    head = known.head
    packed = known.packed
    var unwrapping = known.unwrapping
    unwrapping.end = end
    self.unwrapping = unwrapping
    kind = known.kind
    compression = known.compression
    size = known.size
    modified = known.modified
    rest = nil
  }

  /// What the end of the content means to a run that reads it once. A log written to within the last moments may have
  /// half an entry at its end: it is given the time that PostgreSQL takes to write the other half.
  var end: @Sendable (Int64) -> SourceEnd {
    if rest != nil { return { _ in .closed } }
    if !isPlain { return { _ in .rest } }
    return { [location] bytes in
      guard let look = FileLook(path: location) else { return .rest }
      guard look.size == bytes else { return .open }
      let wait = SourceContent.settlingTime - look.age
      if wait > 0 { usleep(UInt32(min(wait, SourceContent.settlingTime) / 1_000)) }
      return FileLook(path: location) == look ? .rest : .open
    }
  }

  /// Whether the content is the file's bytes as they are.
  var isPlain: Bool { compression == .none && unwrapping.isEmpty }

  /// Why a reading that goes on begins at the beginning of the file all the same; nil where it does not.
  var rereading: String? {
    if compression != .none { return "it is compressed" }
    if unwrapping.layers.count > 1 { return "it is in two wrappers" }
    return unwrapping.layers.allSatisfy(\.goesOn) ? nil : "it is one JSON document"
  }

  /// Whether the file still begins with the bytes that tell its identity.
  var isBegunAsBefore: Bool {
    guard isPlain, rest == nil else { return true }
    let count = min(head.count, SourceIdentity.length)
    guard let file = try? FileByteSource(path: location), let now = try? SourceContent.take(count, from: file) else {
      return false
    }
    return now.elementsEqual(head.prefix(count))
  }

  /// Nanoseconds without a write after which the last entry of a log is taken as whole.
  private static let settlingTime: Int64 = 300_000_000

  /// The time of the first entry; nil where the content is no log.
  var firstTime: Timestamp? {
    guard case .log(let format) = kind else { return nil }
    return head.withUnsafeBytes { head in
      var reading = ReadingOptions()
      reading.language = LogSniffer().language(of: head)
      return EntryProbe(format: format, options: reading).marks(
        in: UnsafeRawBufferPointer(rebasing: head.prefix(1 << 16))
      ).first?.time
    }
  }

  /// Whether nearly every entry is older than the one before it, as in exports of logging services.
  var isNewestFirst: Bool {
    guard case .log(let format) = kind, !unwrapping.isEmpty else { return false }
    return head.withUnsafeBytes { head in
      var reading = ReadingOptions()
      reading.language = LogSniffer().language(of: head)
      let times = EntryProbe(format: format, options: reading).marks(
        in: UnsafeRawBufferPointer(rebasing: head.prefix(1 << 18))
      ).map(\.time)
      let steps = zip(times, times.dropFirst())
      let (down, up) = (steps.count { $0 > $1 }, steps.count { $0 < $1 })
      return down >= 3 && down > 9 * up
    }
  }

  /// The content from its first byte.
  func open() throws(ByteSourceError) -> any ByteSource {
    if let rest { return unwrapping.open(PrefixedByteSource(packed, then: rest)) }
    return unwrapping.open(try compression.opened(FileByteSource(path: location), path: path))
  }

  /// The format's name, for people.
  func name(of format: LogFormat) -> String { unwrapping.name(format) }

  /// The content from `offset` on, after a check that the bytes before it are those that were read earlier. Nil where
  /// the content is shorter than the offset.
  func open(at checkpoint: LogReading.Checkpoint) throws -> (any ByteSource)? {
    let tailStart = checkpoint.offset - Int64(checkpoint.tailCount)
    guard tailStart >= 0 else { throw IngestError.rewritten(path: path, offset: checkpoint.offset) }
    let source: any ByteSource
    if compression == .none, unwrapping.isEmpty, rest == nil {
      let file = try FileByteSource(path: location)
      if let size = file.size, size < checkpoint.offset { return nil }
      guard file.seek(to: tailStart) else { throw IngestError.unreadable(path: path, reason: "it cannot be searched") }
      source = file
    } else if compression == .none, rest == nil,
      let resumed = unwrapping.resume(try FileByteSource(path: location), before: tailStart)
    {
      source = resumed.source
      let more = tailStart - resumed.written
      guard try source.skip(more) == more else { return nil }
    } else {
      source = try open()
      guard try source.skip(tailStart) == tailStart else { return nil }
    }
    let tail = try SourceContent.take(checkpoint.tailCount, from: source)
    guard tail.count == checkpoint.tailCount else { return nil }
    guard tail.withUnsafeBytes({ ByteHash.hash($0) }) == checkpoint.tailHash else {
      throw IngestError.rewritten(path: path, offset: checkpoint.offset)
    }
    return source
  }

  /// The numbers of the lines that begin at these bytes of the content (unwrapped lines, where something carried them).
  /// - Parameter offsets: in ascending order.
  func lineNumbers(of offsets: [Int64]) throws(ByteSourceError) -> [Int64] {
    let source = try open()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var numbers: [Int64] = []
    var line: Int64 = 1
    var position: Int64 = 0
    for offset in offsets.sorted() {
      while position < offset {
        let want = Int(min(offset - position, Int64(buffer.count)))
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<want]))
        if count == 0 { break }
        line += Int64(buffer[..<count].count { $0 == 0x0A })
        position += Int64(count)
      }
      numbers.append(line)
    }
    return numbers
  }

  static func take(_ count: Int, from source: any ByteSource) throws(ByteSourceError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
    defer { buffer.deallocate() }
    let got = try source.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    return Array(buffer[..<got])
  }

  /// Tells what content is, by its first bytes, and what it came in.
  private static func recognise(
    _ packed: [UInt8], _ path: String, _ prefix: String?, reference: Timestamp, end: UnwrappingEnd
  ) throws(IngestError) -> (Kind, head: [UInt8], Unwrapping) {
    let plain = Unwrapping(reference: reference, end: end)
    if let kind = Archive(packed) { throw .archive(path: path, kind) }
    if SnapshotReader.isLikely(packed) { return (.snapshot, packed, plain) }
    if StatementsExport.isLikely(packed) { return (.statements, packed, plain) }
    let isWhole = packed.count < LogSniffer.sampleSize
    func detect(labels: Bool) -> (Unwrapping, content: [UInt8]) {
      Unwrapping.detect(packed, isWhole: isWhole, labels: labels, reference: reference, end: end)
    }
    var (unwrapping, content) = detect(labels: false)
    if unwrapping.isEmpty {
      let verdict = judge(packed, prefix)
      if case .log(let format) = verdict {
        if case .stderr(let given) = format, !given.hasTime { throw .timeless(path: path, prefix: given.text) }
        return (.log(format), packed, plain)
      }
      (unwrapping, content) = detect(labels: true)
      if unwrapping.isEmpty {
        if isPlan(packed) { return (.plan, packed, plain) }
        throw fault(verdict, path, prefix, isBinary: isBinary(packed))
      }
    }
    let verdict = judge(content, prefix)
    if case .log(let format) = verdict, prefix.map({ LinePrefix($0).hasTime }) ?? true {
      return (.log(format), content, unwrapping)
    }
    // The server left the time to the transport.
    unwrapping.stamps = true
    let stamped = unwrapping.unwrapped(packed, isWhole: isWhole)
    if case .log(let format) = judge(stamped, prefix.map { Unwrapping.stamp + $0 }) {
      return (.log(format), stamped, unwrapping)
    }
    let wrapper = unwrapping.layers.map(\.name).joined(separator: " in ")
    if content.isEmpty {
      var whole = unwrapping
      whole.end = .final
      let waits = end != .final && isWhole && !whole.unwrapped(packed, isWhole: true).isEmpty
      throw waits ? .waiting(path: path, wrapper: wrapper) : .wrapped(path: path, wrapper: wrapper)
    }
    let error = fault(verdict, path, prefix, isBinary: false)
    if case .unknownContent = error { throw .wrapped(path: path, wrapper: wrapper) }
    throw error
  }

  private static func judge(_ content: [UInt8], _ prefix: String?) -> LogSniffer.Verdict {
    content.withUnsafeBytes { LogSniffer().judge($0, prefix: prefix) }
  }

  private static func fault(
    _ verdict: LogSniffer.Verdict, _ path: String, _ prefix: String?, isBinary: Bool
  ) -> IngestError {
    guard case .unclearPrefix(let mismatch) = verdict else { return .unknownContent(path: path, isBinary: isBinary) }
    return .prefix(
      path: path, prefix: mismatch.prefix, given: prefix != nil, matched: mismatch.matched,
      implausible: mismatch.implausible, lines: mismatch.lines,
      examples: mismatch.examples.map { "line \($0.line): \($0.text)" }, guess: mismatch.guess)
  }

  /// EXPLAIN's output in one of its forms, as its first lines show it.
  private static func isPlan(_ head: [UInt8]) -> Bool {
    let start = String(decoding: head.prefix(4_000), as: UTF8.self)
    return ["\"Plan\"", "(cost=", "<explain", "Node Type", "QUERY PLAN"].contains { start.contains($0) }
  }

  /// Text in the encodings of databases has no zero bytes and few other control characters.
  private static func isBinary(_ head: [UInt8]) -> Bool {
    let sample = head.prefix(4_096)
    if sample.contains(0) { return true }
    let controls = sample.count { $0 < 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 && $0 != 0x0C && $0 != 0x1B }
    return controls * 10 > sample.count
  }
}

extension IngestError {
  static func unreadable(_ error: ByteSourceError, _ path: String) -> IngestError {
    switch error {
    case .system(_, _, _, let text): .unreadable(path: path, reason: text)
    default: .source(path: path, detail: error.sentence)
    }
  }
}

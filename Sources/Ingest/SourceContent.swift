import Bytes
import Catalog
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

  let path: String
  let kind: Kind
  let compression: Compression
  /// The first bytes of the content, decompressed.
  let head: [UInt8]
  /// Bytes of the file itself; nil for a pipe.
  let size: Int64?
  /// When the file was written last; 1970 for a pipe.
  let modified: Timestamp
  /// Standard input cannot be opened twice: the rest of it.
  let rest: (any ByteSource)?

  /// Opens `path` and tells what it is.
  init(path: String, prefix: String?) throws(IngestError) {
    self.path = path
    do throws(ByteSourceError) {
      let file = path == "-" ? FileByteSource(descriptor: 0, name: "standard input") : try FileByteSource(path: path)
      size = path == "-" ? nil : file.size
      modified = Timestamp(seconds: file.modified)
      let magic = try SourceContent.take(Compression.magicLength, from: file)
      compression = Compression(magic: magic)
      let content = try compression.opened(PrefixedByteSource(magic, then: file), path: path)
      head = try SourceContent.take(LogSniffer.sampleSize, from: content)
      rest = path == "-" ? content : nil
    } catch {
      throw .unreadable(error, path)
    }
    if head.isEmpty { throw .empty(path: path) }
    kind = try SourceContent.kind(head, path, prefix)
  }

  /// The content from its first byte.
  func open() throws(ByteSourceError) -> any ByteSource {
    if let rest { return PrefixedByteSource(head, then: rest) }
    return try compression.opened(FileByteSource(path: path), path: path)
  }

  /// The content from `offset` on, after a check that the bytes before it are those that were read earlier. Nil where
  /// the content is shorter than the offset.
  func open(at checkpoint: LogReading.Checkpoint) throws -> (any ByteSource)? {
    let tailStart = checkpoint.offset - Int64(checkpoint.tailCount)
    guard tailStart >= 0 else { throw IngestError.rewritten(path: path, offset: checkpoint.offset) }
    let source: any ByteSource
    if compression == .none, rest == nil {
      let file = try FileByteSource(path: path)
      if let size = file.size, size < checkpoint.offset { return nil }
      guard file.seek(to: tailStart) else { throw IngestError.unreadable(path: path, reason: "it cannot be searched") }
      source = file
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

  static func take(_ count: Int, from source: any ByteSource) throws(ByteSourceError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
    defer { buffer.deallocate() }
    let got = try source.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    return Array(buffer[..<got])
  }

  private static func kind(_ head: [UInt8], _ path: String, _ prefix: String?) throws(IngestError) -> Kind {
    if SnapshotReader.isLikely(head) { return .snapshot }
    if StatementsExport.isLikely(head) { return .statements }
    let verdict = head.withUnsafeBytes { LogSniffer().judge($0, prefix: prefix) }
    switch verdict {
    case .log(let format): return .log(format)
    case .unclearPrefix(let mismatch):
      if isPlan(head) { return .plan }
      throw .prefix(
        path: path, prefix: mismatch.prefix, given: prefix != nil, matched: mismatch.matched, lines: mismatch.lines,
        examples: mismatch.examples.map { "line \($0.line): \($0.text)" }, guess: mismatch.guess)
    case .notALog:
      if isPlan(head) { return .plan }
      throw .unknownContent(path: path, isBinary: isBinary(head))
    }
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

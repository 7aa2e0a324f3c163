internal import CLZMA

/// An .xz stream, decompressed; several streams one after another are one content.
public final class XZByteSource: ByteSource {
  private let path: String
  private var input: PackedInput
  private var stream = lzma_stream()
  private var produced: Int64 = 0
  private var atEnd = false

  public init(_ source: any ByteSource, path: String) throws(ByteSourceError) {
    self.path = path
    input = PackedInput(source)
    // LZMA_CONCATENATED (lzma/container.h) is a macro that Swift does not see.
    guard lzma_stream_decoder(&stream, UInt64.max, 0x08) == LZMA_OK else { throw damaged("the library does not start") }
  }

  deinit { lzma_end(&stream) }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    guard !atEnd, !buffer.isEmpty else { return 0 }
    stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = buffer.count
    while stream.avail_out == buffer.count {
      let packed = try input.available()
      stream.next_in = UnsafePointer(packed.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = packed.count
      let result = lzma_code(&stream, packed.isEmpty ? LZMA_FINISH : LZMA_RUN)
      input.use(packed.count - stream.avail_in)
      if result == LZMA_STREAM_END {
        atEnd = true
        break
      }
      if result == LZMA_BUF_ERROR || result == LZMA_OK && packed.isEmpty {
        throw .truncated(path: path, compression: "xz", produced: produced)
      }
      if result != LZMA_OK { throw damaged("xz error \(result.rawValue)") }
    }
    let count = buffer.count - stream.avail_out
    produced += Int64(count)
    return count
  }

  private func damaged(_ reason: String) -> ByteSourceError {
    .damaged(path: path, compression: "xz", produced: produced, reason: reason)
  }
}

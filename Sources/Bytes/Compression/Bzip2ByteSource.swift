internal import CBZip2

/// A bzip2 stream, decompressed; several streams one after another are one content.
public final class Bzip2ByteSource: ByteSource {
  private let path: String
  private var input: PackedInput
  private var stream = bz_stream()
  private var isOpen = false
  private var streams = 0
  private var produced: Int64 = 0

  public init(_ source: any ByteSource, path: String) {
    self.path = path
    input = PackedInput(source)
  }

  deinit { if isOpen { BZ2_bzDecompressEnd(&stream) } }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    guard !buffer.isEmpty else { return 0 }
    let room = UInt32(min(buffer.count, 1 << 30))
    stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
    stream.avail_out = room
    while stream.avail_out == room {
      let packed = try input.available()
      if packed.isEmpty {
        guard !isOpen, streams > 0 else { throw .truncated(path: path, compression: "bzip2", produced: produced) }
        return 0
      }
      if !isOpen {
        guard BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK else { throw damaged("the library does not start") }
        isOpen = true
      }
      stream.next_in = packed.baseAddress?.assumingMemoryBound(to: CChar.self)
      stream.avail_in = UInt32(packed.count)
      let result = BZ2_bzDecompress(&stream)
      input.use(packed.count - Int(stream.avail_in))
      if result == BZ_STREAM_END {
        streams += 1
        BZ2_bzDecompressEnd(&stream)
        isOpen = false
      } else if result != BZ_OK {
        throw damaged("bzip2 error \(result)")
      }
    }
    let count = Int(room - stream.avail_out)
    produced += Int64(count)
    return count
  }

  private func damaged(_ reason: String) -> ByteSourceError {
    .damaged(path: path, compression: "bzip2", produced: produced, reason: reason)
  }
}

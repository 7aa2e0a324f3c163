internal import CZlib

/// A gzip or zlib stream, decompressed; several gzip members one after another are one content.
public final class GzipByteSource: ByteSource {
  private let source: any ByteSource
  private let path: String
  private var stream = z_stream()
  private let input: UnsafeMutableRawBufferPointer
  private var produced: Int64 = 0
  private var isOpen = false
  private var betweenMembers = true
  private var members = 0
  private var atEnd = false

  public init(_ source: any ByteSource, path: String) throws(ByteSourceError) {
    self.source = source
    self.path = path
    input = .allocate(byteCount: 1 << 17, alignment: 16)
    // 15 bits of window, plus 32: gzip or zlib by its header (zlib.h, inflateInit2).
    guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw .damaged(path: path, compression: "gzip", produced: 0, reason: "zlib does not start")
    }
    isOpen = true
  }

  deinit {
    if isOpen { inflateEnd(&stream) }
    input.deallocate()
  }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    guard !atEnd, !buffer.isEmpty else { return 0 }
    stream.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(min(buffer.count, 1 << 30))
    let room = stream.avail_out
    while stream.avail_out == room {
      if stream.avail_in == 0 {
        let count = try source.read(into: input)
        if count == 0 {
          guard betweenMembers, members > 0 else {
            throw .truncated(path: path, compression: "gzip", produced: produced)
          }
          atEnd = true
          break
        }
        stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_in = UInt32(count)
      }
      if betweenMembers, members > 0, let byte = stream.next_in?.pointee, byte == 0 {
        // Zero padding after the last member (tapes, block devices) is no content.
        stream.next_in += 1
        stream.avail_in -= 1
        continue
      }
      betweenMembers = false
      let result = inflate(&stream, Z_NO_FLUSH)
      switch result {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END:
        betweenMembers = true
        members += 1
        inflateReset(&stream)
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(result)"
        throw .damaged(
          path: path, compression: "gzip", produced: produced + Int64(room - stream.avail_out), reason: reason)
      }
    }
    let count = Int(room - stream.avail_out)
    produced += Int64(count)
    return count
  }
}

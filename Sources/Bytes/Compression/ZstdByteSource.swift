internal import CZstd

/// A Zstandard stream, decompressed; several frames one after another are one content.
public final class ZstdByteSource: ByteSource {
  private let path: String
  private var input: PackedInput
  private let context: OpaquePointer
  private var produced: Int64 = 0
  private var insideFrame = true

  public init(_ source: any ByteSource, path: String) throws(ByteSourceError) {
    self.path = path
    input = PackedInput(source)
    guard let context = ZSTD_createDCtx() else {
      throw .damaged(path: path, compression: "zstd", produced: 0, reason: "the library does not start")
    }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    guard !buffer.isEmpty else { return 0 }
    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
    while output.pos == 0 {
      let packed = try input.available()
      // At the end of the input there may be output left inside.
      var part = ZSTD_inBuffer(src: packed.baseAddress, size: packed.count, pos: 0)
      let result = ZSTD_decompressStream(context, &output, &part)
      guard ZSTD_isError(result) == 0 else {
        throw .damaged(
          path: path, compression: "zstd", produced: produced, reason: String(cString: ZSTD_getErrorName(result)))
      }
      input.use(part.pos)
      if packed.isEmpty, output.pos == 0 {
        guard !insideFrame else { throw .truncated(path: path, compression: "zstd", produced: produced) }
        return 0
      }
      if !packed.isEmpty || output.pos > 0 { insideFrame = result != 0 }
    }
    produced += Int64(output.pos)
    return output.pos
  }
}

internal import CLZ4

/// LZ4 frames, decompressed; several frames one after another are one content.
public final class LZ4ByteSource: ByteSource {
  private let path: String
  private var input: PackedInput
  private let context: OpaquePointer
  private var produced: Int64 = 0
  private var insideFrame = true

  public init(_ source: any ByteSource, path: String) throws(ByteSourceError) {
    self.path = path
    input = PackedInput(source)
    var context: OpaquePointer?
    guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0, let context else {
      throw .damaged(path: path, compression: "lz4", produced: 0, reason: "the library does not start")
    }
    self.context = context
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    guard !buffer.isEmpty else { return 0 }
    while true {
      let packed = try input.available()
      var got = buffer.count
      var used = packed.count
      let hint = LZ4F_decompress(context, buffer.baseAddress, &got, packed.baseAddress, &used, nil)
      guard LZ4F_isError(hint) == 0 else {
        throw .damaged(
          path: path, compression: "lz4", produced: produced, reason: String(cString: LZ4F_getErrorName(hint)))
      }
      input.use(used)
      if !packed.isEmpty || got > 0 { insideFrame = hint != 0 }
      if got > 0 {
        produced += Int64(got)
        return got
      }
      if packed.isEmpty {
        guard !insideFrame else { throw .truncated(path: path, compression: "lz4", produced: produced) }
        return 0
      }
    }
  }
}

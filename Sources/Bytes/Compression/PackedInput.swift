/// The packed bytes that a decompressor works on: a buffer, refilled from the source when it is used up.
struct PackedInput: ~Copyable {
  private let source: any ByteSource
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private(set) var atEnd = false

  init(_ source: any ByteSource) {
    self.source = source
    buffer = .allocate(byteCount: 1 << 17, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// What is there, after reading more where nothing is; empty only at the end.
  mutating func available() throws(ByteSourceError) -> UnsafeMutableRawBufferPointer {
    if start == end, !atEnd {
      start = 0
      end = try source.read(into: buffer)
      atEnd = end == 0
    }
    return UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end])
  }

  mutating func use(_ count: Int) { start += count }
}

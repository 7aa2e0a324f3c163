/// Where bytes come from, in order, once: a file, a pipe, a decompressor or another filter on top of one.
public protocol ByteSource: AnyObject {
  /// Puts the next bytes at the start of `buffer` and returns how many, zero only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int
}

extension ByteSource {
  /// Fills `buffer` as far as the source goes; fewer bytes than asked for mean the end.
  public func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Reads over `count` bytes and returns how many there were.
  public func skip(_ count: Int64) throws(ByteSourceError) -> Int64 {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { scratch.deallocate() }
    var left = count
    while left > 0 {
      let want = Int(min(left, Int64(scratch.count)))
      let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: scratch[..<want]))
      if got == 0 { break }
      left -= Int64(got)
    }
    return count - left
  }
}

/// Bytes in memory as a source.
public final class MemoryByteSource: ByteSource {
  private let bytes: [UInt8]
  private var position = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    let count = min(buffer.count, bytes.count - position)
    if count > 0 {
      bytes.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
      }
    }
    position += count
    return count
  }
}

/// Bytes already read, then the rest of the source they were read from.
public final class PrefixedByteSource: ByteSource {
  private let head: MemoryByteSource
  private let rest: any ByteSource

  public init(_ head: [UInt8], then rest: any ByteSource) {
    self.head = MemoryByteSource(head)
    self.rest = rest
  }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    let count = try head.read(into: buffer)
    return count > 0 ? count : try rest.read(into: buffer)
  }
}

import CZlib
import Foundation

/// Bytes packed by zlib (RFC 1950), with their length before them so that unpacking knows what it needs.
enum Deflate {
  struct Damage: Error {}

  /// The most that one document may unpack to: a damaged length must not ask for all memory.
  private static let limit: UInt64 = 4 << 30

  /// - Parameter level: zlib's, 1 (fast) to 9 (small).
  static func pack(_ bytes: [UInt8], level: Int32 = 6) throws -> Data {
    var header = ByteWriter()
    header.write(UInt64(bytes.count))
    var size = compressBound(uLong(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(size))
    guard compress2(&packed, &size, bytes, uLong(bytes.count), level) == Z_OK else { throw Damage() }
    return Data(header.bytes) + packed.prefix(Int(size))
  }

  static func unpack(_ data: Data) throws -> [UInt8] { try data.withUnsafeBytes { try unpack($0) } }

  static func unpack(_ packed: UnsafeRawBufferPointer) throws -> [UInt8] {
    var reader = ByteReader(packed)
    let length = try reader.number()
    // deflate cannot shrink below 1:1032.
    guard length <= limit, length <= UInt64(packed.count) * 1_040 + 64 else { throw Damage() }
    let body = packed[reader.offset...]
    var bytes = [UInt8](repeating: 0, count: max(1, Int(length)))
    var size = uLong(bytes.count)
    let start = UnsafeRawBufferPointer(rebasing: body).bindMemory(to: UInt8.self)
    guard uncompress(&bytes, &size, start.baseAddress, uLong(start.count)) == Z_OK, UInt64(size) == length else {
      throw Damage()
    }
    return Array(bytes.prefix(Int(length)))
  }
}

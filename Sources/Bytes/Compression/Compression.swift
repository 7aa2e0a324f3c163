/// How content is packed, told by its first bytes, never by a name.
public enum Compression: String, Sendable, CaseIterable {
  case none, gzip, bzip2, xz, zstd, lz4

  /// Bytes at the start of a source that tell.
  public static let magicLength = 6

  /// Tells by the magic number at the start of `bytes`.
  public init(magic bytes: some Collection<UInt8>) {
    let head = Array(bytes.prefix(Compression.magicLength))
    self = Compression.magics.first { head.starts(with: $0.bytes) }?.compression ?? .none
  }

  private static let magics: [(bytes: [UInt8], compression: Compression)] = [
    ([0x1F, 0x8B], .gzip),  // RFC 1952
    ([0x42, 0x5A, 0x68], .bzip2),  // "BZh"
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .xz),  // the .xz file format, 2.1.1.1
    ([0x28, 0xB5, 0x2F, 0xFD], .zstd),  // RFC 8878
    ([0x04, 0x22, 0x4D, 0x18], .lz4),  // LZ4 frame format
  ]

  /// The content of a source packed this way. `path` is for messages.
  public func opened(_ source: any ByteSource, path: String) throws(ByteSourceError) -> any ByteSource {
    switch self {
    case .none: source
    case .gzip: try GzipByteSource(source, path: path)
    case .bzip2: Bzip2ByteSource(source, path: path)
    case .xz: try XZByteSource(source, path: path)
    case .zstd: try ZstdByteSource(source, path: path)
    case .lz4: try LZ4ByteSource(source, path: path)
    }
  }
}

/// How content is packed, told by its first bytes, never by a name.
public enum Compression: String, Sendable, CaseIterable {
  case none, gzip

  /// Tells by the magic number at the start of `bytes`.
  public init(magic bytes: some Collection<UInt8>) {
    let head = Array(bytes.prefix(6))
    self = head.starts(with: [0x1F, 0x8B]) ? .gzip : .none
  }

  /// The content of a source packed this way. `path` is for messages.
  public func opened(_ source: any ByteSource, path: String) throws(ByteSourceError) -> any ByteSource {
    switch self {
    case .none: source
    case .gzip: try GzipByteSource(source, path: path)
    }
  }
}

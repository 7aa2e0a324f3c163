public import Model

/// Why bytes could not be had.
public enum ByteSourceError: UserError, Equatable {
  /// A system call on the file failed.
  case system(path: String, action: String, code: Int32, text: String)
  /// The compressed stream stops before its end: the copy is incomplete. `produced` bytes came out before that.
  case truncated(path: String, compression: String, produced: Int64)
  /// The compressed stream is damaged.
  case damaged(path: String, compression: String, produced: Int64, reason: String)
  /// The path is a directory.
  case directory(path: String)

  public var sentence: String {
    switch self {
    case .system(let path, let action, _, let text): "cannot \(action) \(path): \(text)"
    case .truncated(let path, let compression, let produced):
      "\(path): the \(compression) stream ends too early (after \(produced) bytes of content); copy the file again and rerun"
    case .damaged(let path, let compression, let produced, let reason):
      "\(path): the \(compression) stream is damaged after \(produced) bytes of content (\(reason)); copy the file again"
    case .directory(let path): "\(path) is a directory"
    }
  }
}

import Glibc

/// What the file system says of a file at one moment: enough to tell whether it is the same file, and whether it was
/// written to since.
struct FileLook: Equatable, Sendable {
  /// The file behind the name, whatever it is renamed to.
  struct Number: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
  }

  var number: Number
  /// Bytes.
  var size: Int64
  /// Last write, nanoseconds since 1970.
  var modified: Int64

  /// Nil where there is no such file, or it is no regular one.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Nil for what is no regular file.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init?(_ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    number = Number(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  /// Nanoseconds since the last write; negative where the file's clock is ahead of ours.
  var age: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - modified
  }
}

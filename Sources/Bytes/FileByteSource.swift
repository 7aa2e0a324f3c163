import Glibc

/// A file or a pipe, read with read(2): memory stays flat whatever the file's size, and a file cut while it is read
/// ends instead of faulting as a mapping would.
public final class FileByteSource: ByteSource {
  public let path: String
  private let descriptor: Int32
  private let closes: Bool

  /// Opens a file for reading.
  public init(path: String) throws(ByteSourceError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileByteSource.error(path, "open") }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw ByteSourceError.directory(path: path)
    }
    self.path = path
    self.descriptor = descriptor
    closes = true
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  /// Reads a descriptor that stays open, such as standard input.
  public init(descriptor: Int32, name: String) {
    path = name
    self.descriptor = descriptor
    closes = false
  }

  deinit { if closes { close(descriptor) } }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw FileByteSource.error(path, "read") }
    }
  }

  /// The file's length in bytes now; nil for a pipe.
  public var size: Int64? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int64(status.st_size)
  }

  /// When the file was written last, in seconds since 1970; zero for a pipe.
  public var modified: Int64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
    return Int64(status.st_mtim.tv_sec)
  }

  /// Goes to an offset from the file's start. False where the file cannot (a pipe).
  public func seek(to offset: Int64) -> Bool { lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) }

  /// Device and inode: the file behind the name, whatever it is renamed to.
  public var fileNumber: (device: UInt64, inode: UInt64)? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    return (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  static func error(_ path: String, _ action: String) -> ByteSourceError {
    let code = errno
    return .system(path: path, action: action, code: code, text: String(cString: strerror(code)))
  }
}

internal import Glibc

/// What a path that a user names for output stands for.
public enum OutputPlace: Equatable, Sendable {
  /// `-`, or one of the paths that lead to it.
  case standardOutput
  case directory
  /// A device, pipe or socket: it is written to, never replaced.
  case direct
  /// A file at this place, links followed, that exists or is to be made.
  case file(String)

  public init(_ path: String) {
    var status = stat()
    if ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path) {
      self = .standardOutput
    } else if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFDIR: self = .directory
      case S_IFREG: self = Self.isDescriptor(path) ? .direct : .file(Self.resolved(path))
      default: self = .direct
      }
    } else {
      self = .file(Self.target(path))
    }
  }

  /// A name beside a file's place, under which it is written first.
  public static func temporaryName(for path: String) -> String {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    return path[..<slash] + "." + path[slash...] + ".pgassay-\(getpid())"
  }

  /// Whether the path leads to an open descriptor (`/dev/fd/3`): what it is open on is added to, as others may write
  /// there too.
  private static func isDescriptor(_ path: String) -> Bool {
    path == "/dev/stderr" || path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/")
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Where a link to nothing points: the file is made there. As many links as the kernel follows (`MAXSYMLINKS`).
  private static func target(_ path: String) -> String {
    var path = path
    for _ in 0..<40 {
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let length = readlink(path, &buffer, buffer.count)
      guard length > 0 else { return path }
      let link = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if link.hasPrefix("/") {
        path = link
      } else {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        path = path[..<slash] + link
      }
    }
    return path
  }
}

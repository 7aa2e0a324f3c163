import Glibc

/// A file below a private server's data directory: the directory that it is in, reached without following a link, and its
/// name there.
///
/// What is above the server's own directory is ours; the data directory and all below it belong to the server's user. The
/// one link that is followed is that of a tablespace, which must lead to a directory beside the data directory, as ours do.
struct PlaceInside: ~Copyable {
  let parent: Int32
  let name: String

  /// Nil with `errno` where a directory is not there or is a link.
  init?(_ path: String, of dataDirectory: String) {
    guard let slash = dataDirectory.lastIndex(of: "/") else {
      errno = EINVAL
      return nil
    }
    let own = String(dataDirectory[..<slash])
    var steps = [String(dataDirectory[dataDirectory.index(after: slash)...])]
    var parts = path.split(separator: "/").map(String.init)
    guard let name = parts.popLast(), !parts.contains("..") else {
      errno = EINVAL
      return nil
    }
    if parts.first == "pg_tblspc", parts.count >= 2 {
      guard let target = Self.link(parts[1], in: Self.directory(steps + ["pg_tblspc"], below: own)),
        target.hasPrefix(own + "/tablespace-")
      else {
        errno = errno == 0 ? ELOOP : errno
        return nil
      }
      steps = [String(decoding: target.utf8.dropFirst(own.utf8.count + 1), as: UTF8.self)]
      guard steps.allSatisfy({ !$0.contains("/") }) else {
        errno = ELOOP
        return nil
      }
      parts.removeFirst(2)
    }
    let parent = Self.directory(steps + parts, below: own)
    guard parent >= 0 else { return nil }
    self.parent = parent
    self.name = name
  }

  deinit { close(parent) }

  /// The last of directories within each other; -1 with `errno` where one of them is a link or missing.
  private static func directory(_ steps: [String], below start: String) -> Int32 {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    var descriptor = Glibc.open(start, flags)
    for step in steps where descriptor >= 0 {
      let next = openat(descriptor, step, flags)
      let reason = errno
      close(descriptor)
      errno = reason
      descriptor = next
    }
    return descriptor
  }

  /// Where a link leads; takes the directory.
  private static func link(_ name: String, in directory: Int32) -> String? {
    guard directory >= 0 else { return nil }
    defer { close(directory) }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlinkat(directory, name, &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

import Glibc

/// Small file-system work that follows no symbolic link: a server's directory belongs to a user of less rights.
enum FileTree {
  /// Removes a directory and everything below it. True when it is gone.
  static func remove(_ path: String) -> Bool {
    removeEntry(at: AT_FDCWD, path)
    var info = stat()
    return lstat(path, &info) != 0 && errno == ENOENT
  }

  private static func removeEntry(at parent: Int32, _ name: String) {
    let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor >= 0 {
      if let handle = fdopendir(descriptor) {
        for name in names(in: handle) { removeEntry(at: dirfd(handle), name) }
        closedir(handle)
      } else {
        close(descriptor)
      }
      unlinkat(parent, name, AT_REMOVEDIR)
    } else {
      unlinkat(parent, name, 0)
    }
  }

  /// Gives a directory and everything below it to a user. False where something could not be given.
  static func give(_ path: String, to uid: uid_t, _ gid: gid_t) -> Bool { giveEntry(at: AT_FDCWD, path, uid, gid) }

  private static func giveEntry(at parent: Int32, _ name: String, _ uid: uid_t, _ gid: gid_t) -> Bool {
    let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0 }
    guard let handle = fdopendir(descriptor) else {
      close(descriptor)
      return false
    }
    defer { closedir(handle) }
    return names(in: handle).allSatisfy { giveEntry(at: dirfd(handle), $0, uid, gid) }
      && fchown(dirfd(handle), uid, gid) == 0
  }

  private static func names(in handle: OpaquePointer) -> [String] {
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// A small text file's contents, nil when it cannot be read.
  static func contents(of path: String, limit: Int = 1 << 20) -> String? {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < limit {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether the file system that holds a path has next to nothing left for us.
  static func isFull(_ path: String) -> Bool {
    var info = statvfs()
    return statvfs(path, &info) == 0 && UInt64(info.f_bavail) * UInt64(info.f_frsize) < 512 << 10
  }

  /// Files and bytes below a directory: enough to see that a cached template is whole.
  static func measure(_ path: String) -> (files: Int, bytes: Int64) {
    var total = (files: 0, bytes: Int64(0))
    for name in ServerBinaries.entries(of: path) {
      let child = path + "/" + name
      var info = stat()
      guard lstat(child, &info) == 0 else { continue }
      if info.st_mode & S_IFMT == S_IFDIR {
        let below = measure(child)
        total.files += below.files
        total.bytes += below.bytes
      } else {
        total.files += 1
        total.bytes += Int64(info.st_size)
      }
    }
    return total
  }
}

import Glibc

/// The directory of one private server, and the lock that says whether its owner lives.
///
/// Below the temporary directory everything is `pgassay-UID/`: one directory `NAME/` and one file `NAME.lock` for each
/// server, a `NAME.exited` for one that has ended by itself, and the cached templates. The owner holds an exclusive
/// `flock` on the lock from before the directory exists until after it is gone; the kernel drops the lock with the
/// process, however it ends.
struct ServerDirectory: Sendable {
  var path: String
  var lockPath: String
  /// Holds the lock; close-on-exec.
  var lockDescriptor: Int32

  var dataDirectory: String { path + "/data" }
  var logPath: String { path + "/log" }
  /// Holds the server's exit code when it has ended by itself. In the common directory, where only we write.
  var exitPath: String { Self.exitPath(of: path) }

  /// The last part of a path.
  static func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  private static func exitPath(of path: String) -> String { path + ".exited" }

  /// The longest path of a Unix socket, `sizeof(sockaddr_un.sun_path)` less the final zero.
  private static let longestSocketPath = 107

  /// The common directory, made if need be: ours, and writable by nobody else.
  static func base(in temporary: String?, user: ServerUser) throws(PrivateServerError) -> String {
    var candidates = [temporary].compactMap { $0 }
    if candidates.isEmpty {
      candidates = [getenv("TMPDIR").map { String(cString: $0) }, "/tmp", "/var/tmp"].compactMap { $0 }
    }
    var reason = "it does not exist"
    for candidate in candidates {
      let parent = candidate.count > 1 && candidate.last == "/" ? String(candidate.dropLast()) : candidate
      let base = parent + "/pgassay-\(geteuid())"
      guard base.utf8.count + "/0123456789abcdef/.s.PGSQL.5432".utf8.count <= longestSocketPath else {
        reason = "its name is too long for a Unix socket below it"
        continue
      }
      guard access(parent, F_OK) == 0 else { continue }
      guard !user.isOther || user.canRead(directory: parent) else {
        reason = "the user \(user.name), as whom the server runs, cannot enter it"
        continue
      }
      if mkdir(base, user.isOther ? 0o711 : 0o700) != 0, errno != EEXIST {
        reason = String(cString: strerror(errno))
        continue
      }
      var info = stat()
      guard lstat(base, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == geteuid(),
        info.st_mode & 0o022 == 0
      else {
        reason = "\(base) is not a directory of ours alone"
        continue
      }
      // A strict umask must not keep the unprivileged user out.
      if user.isOther { chmod(base, 0o711) }
      return base
    }
    throw .unusableDirectory(candidates.last ?? "/tmp", reason: reason)
  }

  /// Makes a new, empty, locked directory.
  ///
  /// - Parameter label: what the server is for; stands in the lock file behind the owner's process id.
  static func make(
    in base: String, user: ServerUser, label: String
  ) throws(PrivateServerError) -> ServerDirectory {
    while true {
      let name = String(UInt64.random(in: .min ... .max), radix: 16)
      let padded = String(repeating: "0", count: 16 - name.count) + name
      let lockPath = base + "/" + padded + ".lock"
      let descriptor = open(lockPath, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        if errno == EEXIST { continue }
        if errno == ENOSPC { throw .noSpace(base, needed: ServerTemplate.neededBytes) }
        throw .unusableDirectory(base, reason: String(cString: strerror(errno)))
      }
      // Someone who cleans up may have locked and removed the file between our two steps: then begin again.
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isSame(descriptor, lockPath) else {
        close(descriptor)
        continue
      }
      let path = base + "/" + padded
      guard mkdir(path, 0o700) == 0, !user.isOther || chown(path, user.uid, user.gid) == 0 else {
        let reason = String(cString: strerror(errno))
        unlink(lockPath)
        close(descriptor)
        throw .unusableDirectory(base, reason: reason)
      }
      let owner = Array("\(getpid()) \(label)".utf8)
      guard owner.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == owner.count else {
        let reason = String(cString: strerror(errno))
        _ = FileTree.remove(path)
        unlink(lockPath)
        close(descriptor)
        throw .unusableDirectory(base, reason: reason)
      }
      return ServerDirectory(path: path, lockPath: lockPath, lockDescriptor: descriptor)
    }
  }

  /// Removes the servers whose owners are dead: ends what still runs in their directories, then removes these.
  ///
  /// - Returns: how many there were.
  @discardableResult
  static func removeLeftovers(in base: String) -> Int {
    var removed = 0
    for name in ServerBinaries.entries(of: base) where name.hasSuffix(".lock") {
      let lockPath = base + "/" + name
      let descriptor = open(lockPath, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, isSame(descriptor, lockPath) else { continue }
      if name.hasPrefix("template-") {
        unlink(lockPath)
        continue
      }
      let path = base + "/" + name.dropLast(".lock".count)
      endServer(dataDirectory: path + "/data")
      guard FileTree.remove(path) else { continue }
      unlink(exitPath(of: path))
      unlink(lockPath)
      removed += 1
    }
    return removed
  }

  /// The servers whose owners live: directory, owner's process id and label, sorted by directory.
  static func running(in base: String) -> [(path: String, owner: pid_t, label: String)] {
    ServerBinaries.entries(of: base).compactMap { name in
      guard name.hasSuffix(".lock"), !name.hasPrefix("template-") else { return nil }
      let lockPath = base + "/" + name
      let descriptor = open(lockPath, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      // Shared, so that two who look do not take each other for an owner.
      guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, let text = FileTree.contents(of: lockPath) else { return nil }
      let words = text.split(separator: " ", maxSplits: 1)
      guard let first = words.first, let owner = pid_t(first), owner > 1 else { return nil }
      return (base + "/" + name.dropLast(".lock".count), owner, words.count > 1 ? String(words[1]) : "")
    }
  }

  /// Ends the postmaster that runs in a data directory, if one does: at once, as nothing in it is worth keeping.
  private static func endServer(dataDirectory: String) {
    guard let pid = postmaster(of: dataDirectory) else { return }
    kill(pid, SIGQUIT)
    for _ in 0..<1_000 {
      guard postmaster(of: dataDirectory) == pid else { return }
      usleep(10_000)
    }
    kill(pid, SIGKILL)
  }

  /// The postmaster of a data directory, by its pid file, if that process really works in this directory: pids are used
  /// again.
  private static func postmaster(of dataDirectory: String) -> pid_t? {
    guard let text = FileTree.contents(of: dataDirectory + "/postmaster.pid"),
      let pid = pid_t(text.prefix { $0 != "\n" }), pid > 1
    else { return nil }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/\(pid)/cwd", &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == dataDirectory ? pid : nil
  }

  /// Whether a path still names the file that is open.
  static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
    var held = stat()
    var named = stat()
    return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino
      && held.st_dev == named.st_dev
  }
}

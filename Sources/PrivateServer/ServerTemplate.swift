import Glibc
import Model

/// A cluster made once by `initdb` and copied for every server after it.
struct ServerTemplate {
  var binaries: ServerBinaries
  var options: PrivateServer.Options
  /// Runs `initdb`, which wants a user with a name.
  var user: ServerUser
  /// Is given the copies.
  var serverUser: ServerUser
  var base: String

  /// The version of what is done to the cluster after `initdb`; part of the name, so that an older pgassay's template
  /// is not taken.
  private static let recipe = 2

  /// Puts a fresh cluster into `destination`, which must not exist, from the cached template; makes the template first
  /// where there is none or where it is no longer whole.
  func copy(to destination: String) async throws {
    let path = base + "/template-" + key
    let lock = try await Self.lock(path + ".lock", in: base)
    defer {
      unlink(path + ".lock")
      close(lock)
    }
    if !isWhole(path) {
      guard FileTree.remove(path) else {
        throw PrivateServerError.unusableDirectory(path, reason: "an old template in it cannot be removed")
      }
      try await make(path)
    }
    let copied = try await run(["cp", "-a", "--reflink=auto", "--sparse=auto", path + "/data", destination])
    try check(copied, of: "cp")
    if serverUser.isOther { try give(destination, to: serverUser.uid, serverUser.gid) }
  }

  /// Two commands that start at the same time: the second waits for the first's initdb. Whoever has the lock takes its file
  /// away, so that a file that was waited for may be no lock any more.
  private static func lock(_ path: String, in base: String) async throws -> Int32 {
    while true {
      let lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard lock >= 0 else { throw ServerTemplate.unusable(base) }
      try await ChildProcess.offPool { while flock(lock, LOCK_EX) != 0 && errno == EINTR {} }
      if ServerDirectory.isSame(lock, path) { return lock }
      close(lock)
    }
  }

  private static func unusable(_ path: String) -> PrivateServerError {
    errno == ENOSPC
      ? .noSpace(path, needed: neededBytes) : .unusableDirectory(path, reason: String(cString: strerror(errno)))
  }

  /// Of a template, a server and its log, with room for a schema: what `initdb` makes takes 20 to 40 MB.
  static let neededBytes: Int64 = 128 << 20

  /// Programs of one version, locale and layout share a template.
  private var key: String {
    // FNV-1a, 64 bits: a name for the file system, no secret.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte
      in ([binaries.directory, binaries.description, user.name, "\(Self.recipe)", "\(options.singleDatabase)"]
      + options.locale.initdbArguments(for: binaries.version)).joined(separator: "\u{1F}").utf8
    {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return "\(binaries.version.number)-" + String(hash, radix: 16)
  }

  /// Cleaners of temporary directories remove single old files: a template counts only with all its files and bytes.
  private func isWhole(_ path: String) -> Bool {
    guard let said = FileTree.contents(of: path + "/complete") else { return false }
    let measured = FileTree.measure(path + "/data")
    return said == "\(measured.files) \(measured.bytes)"
  }

  private func make(_ path: String) async throws {
    guard mkdir(path, 0o700) == 0, !user.isOther || chown(path, user.uid, user.gid) == 0 else {
      throw Self.unusable(path)
    }
    do {
      try await initialize(path + "/data")
      // What every later server is made of belongs to nobody whom others may be.
      if user.isOther { try give(path, to: geteuid(), getegid()) }
      let measured = FileTree.measure(path + "/data")
      let marker = open(path + "/complete", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
      let text = Array("\(measured.files) \(measured.bytes)".utf8)
      let written = marker >= 0 ? text.withUnsafeBytes { write(marker, $0.baseAddress, $0.count) } : -1
      if marker >= 0 { close(marker) }
      guard written == text.count else {
        throw Self.unusable(path)
      }
    } catch {
      _ = FileTree.remove(path)
      throw error
    }
  }

  private func initialize(_ data: String) async throws {
    var arguments =
      user.prefix + [
        binaries.directory + "/initdb", "--pgdata=" + data, "--username=postgres", "--auth=trust", "--no-sync",
        // WAL segments of 1 MiB: a private server has no use for more.
        "--wal-segsize=1",
      ]
    // From 18 on checksums are the default; a page written by hand must be taken as it is.
    if binaries.version.major >= 18 { arguments.append("--no-data-checksums") }
    arguments += options.locale.initdbArguments(for: binaries.version)
    let made = try await run(arguments)
    try check(made, of: "initdb")
    guard options.singleDatabase else { return }
    // One database only, template1 under another name: each is 7 MB of catalog, and a twin needs but one.
    let script = """
      UPDATE pg_database SET datistemplate = false, datallowconn = true
      DROP DATABASE postgres
      DROP DATABASE template0
      UPDATE pg_database SET datname = '\(PrivateServer.singleDatabaseName)'
      CHECKPOINT
      """
    let trimmed = try await ChildProcess.run(
      user.prefix + [
        binaries.directory + "/postgres", "--single", "-D", data, "-c", "fsync=off", "-c",
        "allow_system_table_mods=on", "-c", "exit_on_error=on", "template1",
      ], environment: ChildProcess.environment(), input: script + "\n")
    try check(trimmed, of: "postgres --single")
  }

  private func give(_ path: String, to uid: uid_t, _ gid: gid_t) throws(PrivateServerError) {
    guard FileTree.give(path, to: uid, gid) else {
      throw .unusableDirectory(path, reason: String(cString: strerror(errno)))
    }
  }

  private func run(_ arguments: [String]) async throws -> ChildProcess.Outcome {
    do {
      return try await ChildProcess.run(arguments, environment: ChildProcess.environment())
    } catch let failure as ChildProcess.SpawnFailure {
      throw PrivateServerError.failed(program: failure.program, said: failure.reason)
    }
  }

  /// A program that was ended by a signal of ours has nothing to say; the reason of one that failed is often not its last word.
  private func check(_ outcome: ChildProcess.Outcome, of program: String) throws {
    guard outcome.status != 0 else { return }
    try Task.checkCancellation()
    if outcome.text.contains(String(cString: strerror(ENOSPC))) {
      throw PrivateServerError.noSpace(base, needed: Self.neededBytes)
    }
    throw PrivateServerError.failed(program: program, said: outcome.said)
  }
}

/// The last few lines that are not empty, on one line: what a program said before it gave up.
func lastLines(of text: String, count: Int = 4) -> String {
  text.split(separator: "\n").suffix(count).joined(separator: "; ")
}

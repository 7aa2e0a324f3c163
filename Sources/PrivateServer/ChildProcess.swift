import Dispatch
import Glibc

/// Child processes by `posix_spawn`, waited for on a thread of their own so that no task is held up.
enum ChildProcess {
  struct Outcome: Sendable {
    /// The exit code, or 128 + the signal's number.
    var status: Int32
    /// Standard output and standard error as they came.
    var output: [UInt8]
    var text: String { String(decoding: output, as: UTF8.self) }
    /// What it said last; where it said nothing, how it ended.
    var said: String {
      let said = lastLines(of: text)
      guard said.isEmpty else { return said }
      return status > 128
        ? "it was ended by signal \(status - 128) (\(String(cString: strsignal(status - 128))))"
        : "it ended with exit code \(status)"
    }
  }

  struct SpawnFailure: Error {
    var program: String
    var reason: String
  }

  // From spawn.h, where the GNU guard hides it from Swift: the child leads a session of its own, so that a Ctrl-C in
  // the terminal reaches the command and not the server.
  private static let newSessionFlag: Int16 = 0x80

  /// Starts a program. The descriptors become its 0, 1 and 2; every other descriptor that is close-on-exec stays here.
  static func spawn(
    _ arguments: [String], environment: [String], input: Int32, output: Int32, error: Int32, newSession: Bool = false
  ) throws(SpawnFailure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (from, to) in [(input, 0), (output, 1), (error, 2)] as [(Int32, Int32)] {
      posix_spawn_file_actions_adddup2(&actions, from, to)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals blocked or ignored by whoever started us must not be so in the server.
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | (newSession ? newSessionFlag : 0))

    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    guard code == 0 else { throw SpawnFailure(program: arguments[0], reason: String(cString: strerror(code))) }
    return pid
  }

  /// Runs a program to its end and collects what it prints.
  ///
  /// - Parameter input: written to its standard input; at most 64 KiB, which a pipe takes without a reader.
  static func run(_ arguments: [String], environment: [String], input: String = "") async throws -> Outcome {
    try await offPool { try runBlocking(arguments, environment: environment, input: input) }
  }

  private static func runBlocking(
    _ arguments: [String], environment: [String], input: String
  ) throws(SpawnFailure) -> Outcome {
    let bytes = Array(input.utf8)
    precondition(bytes.count <= 65_536, "a script for a program's standard input is short")
    let (inRead, inWrite) = try pipe(for: arguments[0])
    let (outRead, outWrite): (Int32, Int32)
    do {
      (outRead, outWrite) = try pipe(for: arguments[0])
    } catch {
      close(inRead)
      close(inWrite)
      throw error
    }
    defer { close(outRead) }
    let pid: pid_t
    do {
      pid = try spawn(arguments, environment: environment, input: inRead, output: outWrite, error: outWrite)
    } catch {
      for descriptor in [inRead, inWrite, outWrite] { close(descriptor) }
      throw error
    }
    close(inRead)
    close(outWrite)
    _ = bytes.withUnsafeBytes { write(inWrite, $0.baseAddress, $0.count) }
    close(inWrite)
    var collected: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(outRead, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      collected.append(contentsOf: buffer[..<count])
    }
    return Outcome(status: wait(for: pid), output: collected)
  }

  /// Waits for a child's end: its exit code, or 128 + the signal's number.
  static func wait(for pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      if errno != EINTR { return 127 }
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  /// A pipe whose ends no other child inherits.
  static func pipe(for program: String) throws(SpawnFailure) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw SpawnFailure(program: program, reason: String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Runs blocking work on a thread that is not the tasks' own.
  static func offPool<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
    }
  }

  /// A clean environment: nothing of the caller's `PG…` variables reaches the server or its programs.
  static func environment(adding extra: [String: String] = [:]) -> [String] {
    var values = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"]
    for name in ["TMPDIR", "LD_LIBRARY_PATH"] {
      if let value = getenv(name) { values[name] = String(cString: value) }
    }
    values.merge(extra) { _, new in new }
    return values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}

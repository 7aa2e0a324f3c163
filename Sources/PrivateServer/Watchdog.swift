import Glibc
import Synchronization

/// The shell that is a server's parent and outlives us by a moment: it ends the server and removes its directory when
/// the pipe that we hold closes.
final class Watchdog: Sendable {
  private struct State {
    /// Our end of the pipe; -1 when closed.
    var descriptor: Int32
    var pid: pid_t
  }

  private let state: Mutex<State>

  // `read` ends when the pipe does. A server that ends by itself leaves its exit code in a file, so that a number
  // which another process may have by now is not sent a signal, and its directory stays until we let go. That file is
  // not in the directory, which belongs to the server's user: what we, perhaps root, write there he could lead elsewhere.
  private static let script = """
    dir=$1 lock=$2 exited=$3; shift 3
    exec 3<&0 </dev/null
    "$@" 3<&- &
    server=$!
    ( read -r _ <&3; [ -e "$exited" ] || kill -QUIT "$server" 2>/dev/null ) &
    owner=$!
    wait "$server"
    echo "$?" >"$exited"
    wait "$owner"
    rm -rf -- "$dir" "$exited" "$lock"
    """

  /// Runs as the server's user, who opens the log himself.
  private static let logging = #"log=$1; shift; exec "$@" >>"$log" 2>&1"#

  init(directory: ServerDirectory, user: ServerUser, command: [String]) throws(PrivateServerError) {
    do throws(ChildProcess.SpawnFailure) {
      let (readEnd, writeEnd) = try ChildProcess.pipe(for: "sh")
      defer { close(readEnd) }
      let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
      defer { close(null) }
      let pid: pid_t
      do throws(ChildProcess.SpawnFailure) {
        pid = try ChildProcess.spawn(
          ["sh", "-c", Self.script, "pgassay-server", directory.path, directory.lockPath, directory.exitPath]
            + user.prefix + ["sh", "-c", Self.logging, "pgassay-server", directory.logPath] + command,
          environment: ChildProcess.environment(), input: readEnd, output: null, error: null, newSession: true)
      } catch {
        close(writeEnd)
        throw error
      }
      state = Mutex(State(descriptor: writeEnd, pid: pid))
    } catch {
      throw .failed(program: error.program, said: error.reason)
    }
  }

  /// Closes the pipe and waits until the server is gone. False when that was done before.
  func end() async -> Bool {
    let pid: pid_t? = state.withLock {
      guard $0.descriptor >= 0 else { return nil }
      close($0.descriptor)
      $0.descriptor = -1
      return $0.pid
    }
    guard let pid else { return false }
    _ = try? await ChildProcess.offPool { ChildProcess.wait(for: pid) }
    return true
  }

  deinit {
    state.withLock {
      if $0.descriptor >= 0 { close($0.descriptor) }
    }
  }
}

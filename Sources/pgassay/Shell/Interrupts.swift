import Foundation
import Synchronization

/// Ctrl-C and SIGTERM: what is half done is taken away, and the process ends as one killed by that signal.
///
/// A command that has something to finish first wraps its work in `untilInterrupted`.
enum Interrupts {
  /// Something to undo if the process is interrupted, until it is ended.
  final class Cleanup: Sendable {
    fileprivate let action: @Sendable () -> Void
    fileprivate init(_ action: @escaping @Sendable () -> Void) { self.action = action }
    /// Forgets the action without running it.
    func end() { Interrupts.registered.withLock { $0.removeAll { $0 === self } } }
  }

  private static let registered = Mutex<[Cleanup]>([])
  private static let cancellation = Mutex<(@Sendable () -> Void)?>(nil)
  /// The pipe by which the signal handler wakes the thread that may do more than a handler may.
  private static let wakeUp = Atomic<Int32>(-1)

  /// Runs `action` if the process is interrupted before `end()` is called on the result.
  static func cleanUpOnInterrupt(_ action: @escaping @Sendable () -> Void) -> Cleanup {
    let cleanup = Cleanup(action)
    registered.withLock { $0.append(cleanup) }
    return cleanup
  }

  /// Runs `body`; the first interrupt cancels its task, so that it can end in order, a second one ends the process.
  static func untilInterrupted<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await body() }
    cancellation.withLock { $0 = { task.cancel() } }
    defer { cancellation.withLock { $0 = nil } }
    return try await task.value
  }

  /// Runs the actions that are still registered, the latest first.
  static func cleanUp() {
    let actions = registered.withLock { actions in
      defer { actions.removeAll() }
      return actions
    }
    for cleanup in actions.reversed() { cleanup.action() }
  }

  /// Catches SIGINT, SIGTERM and SIGHUP, and lets writing to a closed pipe fail with an error instead of a signal.
  ///
  /// Handlers, not SIG_IGN or a signal mask: those two would be inherited by the programs that pgassay starts.
  static func install() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    wakeUp.store(ends[1], ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // A signal that the parent had ignored (nohup) stays ignored.
      let previous = signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interrupts.wakeUp.load(ordering: .relaxed), &byte, 1)
      }
      if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
    }
    signal(SIGPIPE) { _ in }
    let readEnd = ends[0]
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        guard read(readEnd, &byte, 1) == 1 else {
          if errno == EINTR { continue }
          return
        }
        interrupted(by: Int32(byte))
      }
    }
  }

  private static func interrupted(by number: Int32) {
    let cancel = cancellation.withLock { cancel in
      defer { cancel = nil }
      return cancel
    }
    if let cancel { return cancel() }
    cleanUp()
    signal(number, SIG_DFL)
    kill(getpid(), number)
  }
}

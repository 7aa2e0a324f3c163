import Synchronization

/// A fixed number of things of which each is used by one task at a time.
final class WorkerPool<Worker: Sendable>: Sendable {
  private struct State {
    var free: [Worker]
    var waiting: [CheckedContinuation<Worker, Never>] = []
  }

  private let state: Mutex<State>

  init(_ workers: [Worker]) { state = Mutex(State(free: workers)) }

  /// Runs `body` with a worker that no one else has; waits until one is free, first come first served.
  func use<T: Sendable>(_ body: (Worker) async throws -> T) async rethrows -> T {
    let worker = await take()
    defer { giveBack(worker) }
    return try await body(worker)
  }

  private func take() async -> Worker {
    await withCheckedContinuation { continuation in
      let worker: Worker? = state.withLock {
        // The last one given back has the warmest caches.
        if let worker = $0.free.popLast() { return worker }
        $0.waiting.append(continuation)
        return nil
      }
      if let worker { continuation.resume(returning: worker) }
    }
  }

  private func giveBack(_ worker: Worker) {
    let next: CheckedContinuation<Worker, Never>? = state.withLock {
      if $0.waiting.isEmpty {
        $0.free.append(worker)
        return nil
      }
      return $0.waiting.removeFirst()
    }
    next?.resume(returning: worker)
  }
}

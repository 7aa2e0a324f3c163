import Catalog
import Foundation
import Model
import PostgresClient
import Recorder

/// `capture --every`: each server in a task of its own, a round on every beat of the interval.
///
/// A round is bounded: statement timeouts, an answer timeout, and what was missed while one took too long is left out,
/// not caught up. Whatever fails (the server restarts, fails over, is away; the history is locked, the disk full) costs
/// its round only: it is said once, tried again with growing pauses, and said again when it is over.
struct CaptureService: Sendable {
  var servers: [ConnectionOptions]
  var store: CaptureStore
  var options: LiveCapture.Options
  var every: Duration
  var fullEvery: Duration
  var rounds: Int?

  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for server in servers { group.addTask { await watch(server) } }
    }
  }

  private func watch(_ server: ConnectionOptions) async {
    let clock = ContinuousClock()
    var state = State()
    var next = clock.now
    var done = 0
    while !Task.isCancelled {
      await round(server, &state, now: clock.now)
      done += 1
      if let rounds, done >= rounds { break }
      next += every
      if state.failures > 0 { next = max(next, clock.now + Self.pause(after: state.failures, every: every)) }
      if next < clock.now {
        // Keep the beat: whole intervals are skipped.
        let missed = Int((clock.now - next) / every) + 1
        next += every * missed
        if state.leftOut == 0 {
          Diagnostics.warning("\(state.name): a round took longer than the interval; \(missed) left out")
        }
        state.leftOut += missed
      } else if state.leftOut > 0, state.failures == 0 {
        Diagnostics.note("\(state.name): rounds keep up with the interval again; \(state.leftOut) were left out")
        state.leftOut = 0
      }
      do { try await Task.sleep(until: next, clock: clock) } catch { break }
    }
    await state.connection?.close()
  }

  /// What a server's task remembers from round to round.
  private struct State {
    var connection: PostgresConnection?
    var failures = 0
    /// Rounds left out since the first one that took too long.
    var leftOut = 0
    var lastFault = ""
    /// Which of the store's histories was written to last.
    var history = 0
    var lastFull: ContinuousClock.Instant?
    /// The server's start and role in its cluster: when they change, everything is taken anew.
    var life: Life?
    var name = "server"
    var wasTold = false
  }

  private struct Life: Equatable {
    var server: ServerIdentity
    var start: Timestamp
  }

  private func round(_ server: ConnectionOptions, _ state: inout State, now: ContinuousClock.Instant) async {
    do {
      var connection: PostgresConnection
      if let open = state.connection, await open.isUsable {
        connection = open
      } else {
        connection = try await PostgresConnection.connect(server)
        state.connection = connection
        state.name = connection.server
      }
      store.noticesLoss()
      if state.history != store.number {
        // The new history has nothing yet.
        state.history = store.number
        state.lastFull = nil
      }
      let isFull = state.lastFull.map { now - $0 >= fullEvery } ?? true
      var options = options
      options.scope = isFull ? .everything : .statements
      var taken = try await store.take(connection, options)
      let header = taken.recorded.snapshot.header
      let life = Life(server: header.server, start: header.serverStart)
      if !isFull, state.life != life {
        // Another server, or another life of it, behind the same name.
        options.scope = .everything
        taken = try await store.take(connection, options)
      }
      if options.scope == .everything { state.lastFull = now }
      if let before = state.life, before != life {
        Diagnostics.note("\(state.name): " + Self.change(from: before, to: life))
      }
      state.life = life
      if !state.wasTold {
        CaptureReport(snapshot: taken.recorded.snapshot, capture: taken.capture, destination: "history")
          .printDiagnostics()
        state.wasTold = true
      }
      if state.failures > 0 { Diagnostics.note("\(state.name): captured again after \(state.failures) failed rounds") }
      state.failures = 0
      state.lastFault = ""
    } catch {
      if Task.isCancelled { return }
      state.failures += 1
      let fault = (error as? any UserError)?.sentence ?? "\(error)"
      if fault != state.lastFault { Diagnostics.warning(fault + "; trying again") }
      state.lastFault = fault
      await state.connection?.close()
      state.connection = nil
    }
  }

  private static func change(from before: Life, to now: Life) -> String {
    if before.server.systemIdentifier != now.server.systemIdentifier { return "another cluster answers" }
    if before.server.node != now.server.node { return "it was \(before.server.node) and is now \(now.server.node)" }
    return "the server was restarted at \(now.start)"
  }

  /// Twice as long after each failed round, to ten minutes or the interval, whichever is longer.
  static func pause(after failures: Int, every: Duration) -> Duration {
    let longest = max(.seconds(600), every)
    return min(longest, .seconds(1 << min(failures - 1, 10)))
  }
}

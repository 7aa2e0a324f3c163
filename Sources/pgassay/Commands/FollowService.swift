import Foundation
import History
import Ingest
import Model
import Synchronization

/// `ingest --follow`: one pass over the logs every second until the process is interrupted.
///
/// A history that cannot be written (locked, disk full) costs passes, not entries: it is said once and tried again with
/// growing pauses; what was written meanwhile is still in the logs.
struct FollowService: Sendable {
  var paths: [String]
  var options: IngestRun.Options

  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  func run(into store: HistoryStore) async throws -> IngestReport {
    let stop = Flag()
    return try await Interrupts.untilInterrupted {
      try await withTaskCancellationHandler {
        try await follow(store, stop)
      } onCancel: {
        stop.isSet.store(true, ordering: .relaxed)
      }
    }
  }

  private func follow(_ store: HistoryStore, _ stop: Flag) async throws -> IngestReport {
    var options = options
    options.isStopped = { stop.isSet.load(ordering: .relaxed) }
    let follower = LogFollower(
      paths, options, into: store, note: Diagnostics.note, warn: Diagnostics.warning)
    var failures = 0
    var rolledUpAt = ContinuousClock.now
    while !stop.isSet.load(ordering: .relaxed) {
      do {
        try follower.pass()
        if failures > 0 { Diagnostics.note("the history can be written again") }
        failures = 0
        if ContinuousClock.now - rolledUpAt > .seconds(3_600) {
          HistoryUpkeep.rollUp(store)
          rolledUpAt = .now
        }
      } catch let error as HistoryError {
        if failures == 0 { Diagnostics.warning(error.sentence + "; trying again") }
        failures += 1
      }
      let pause = Duration.seconds(min(60, 1 << min(failures, 6)))
      do { try await Task.sleep(for: failures == 0 ? .seconds(1) : pause) } catch { break }
    }
    HistoryUpkeep.rollUp(store)
    return follower.report
  }
}

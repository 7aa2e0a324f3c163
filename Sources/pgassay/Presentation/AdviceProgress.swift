import IndexAdvisor
import Report
import Synchronization

/// The adviser's progress, a bar for each of its phases.
final class AdviceProgress: Sendable {
  private struct State {
    var phase: AdvisorProgress.Phase?
    var done = 0
    var bar: ProgressBar?
  }
  private let state = Mutex(State())

  func show(_ progress: AdvisorProgress) {
    state.withLock { state in
      if state.phase != progress.phase {
        state.bar?.finish()
        state = State(
          phase: progress.phase, done: 0,
          bar: ProgressBar(Self.title(progress.phase), total: progress.total > 0 ? Double(progress.total) : nil))
      }
      state.bar?.advance(by: Double(max(0, progress.done - state.done)))
      state.done = max(state.done, progress.done)
    }
  }

  func finish() {
    state.withLock { state in
      state.bar?.finish()
      state.bar = nil
    }
  }

  private static func title(_ phase: AdvisorProgress.Phase) -> String {
    switch phase {
    case .readingStatements: "reading statements"
    case .planningNow: "planning as it is"
    case .exploring: "exploring indexes"
    case .combining: "combining indexes"
    case .selecting: "selecting"
    case .verifying: "verifying"
    case .checkingDrops: "checking drops"
    }
  }
}

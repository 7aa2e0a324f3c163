import Synchronization

/// What a wrapper held beside the server's log, counted by where in the unwrapped content it stood, so that a reading
/// that stopped half way and one that did not come to the same counts.
public final class WrapperTally: Sendable {
  /// What is counted.
  enum Reason: Int, CaseIterable {
    /// A record of another program.
    case foreign
    /// A record that is none of the wrapper's.
    case unreadable
    /// A piece of a message whose beginning is missing.
    case orphan

    var text: String {
      switch self {
      case .foreign: "line of another program"
      case .unreadable: "line that the wrapper did not write"
      case .orphan: "piece of a message whose beginning is missing"
      }
    }
  }

  private struct State {
    /// Counts of what stood before the first mark.
    var base = [Int64](repeating: 0, count: Reason.allCases.count)
    var marks: [(offset: Int64, counts: [Int64])] = []
    /// Before this place all is in the base.
    var settled: Int64 = 0
    var examples: [(line: Int64, text: String)] = []
    var isWaiting = false
  }

  private let state = Mutex(State())

  public init() {}

  func count(_ reason: Reason, offset: Int64) {
    state.withLock { state in
      guard offset >= state.settled else { return }
      if state.marks.last?.offset != offset {
        state.marks.append((offset, [Int64](repeating: 0, count: Reason.allCases.count)))
      }
      state.marks[state.marks.count - 1].counts[reason.rawValue] += 1
    }
  }

  func example(line: Int64, _ text: @autoclosure () -> String) {
    state.withLock { if $0.examples.count < 3 { $0.examples.append((line, text())) } }
  }

  /// Forgets what was counted: the content is read from its beginning again.
  public func reset() { state.withLock { $0 = State() } }

  /// Forgets what was counted behind the last place that was asked for: it is read once more.
  public func rewind() {
    state.withLock { state in
      state.marks = []
      state.isWaiting = false
    }
  }

  /// Whether something at the end was held back, as a next record may belong to it.
  public internal(set) var isWaiting: Bool {
    get { state.withLock { $0.isWaiting } }
    set { state.withLock { $0.isWaiting = newValue } }
  }

  /// What stood before `offset` of the unwrapped content, by reason; all of it with nil.
  public func counts(before offset: Int64?) -> [String: Int64] {
    state.withLock { state in
      var sums = state.base
      var passed = 0
      for mark in state.marks {
        if let offset, mark.offset >= offset { break }
        for i in mark.counts.indices { sums[i] += mark.counts[i] }
        passed += 1
      }
      if let offset {
        state.marks.removeFirst(passed)
        state.base = sums
        state.settled = max(state.settled, offset)
      }
      var result: [String: Int64] = [:]
      for reason in Reason.allCases where sums[reason.rawValue] > 0 { result[reason.text] = sums[reason.rawValue] }
      return result
    }
  }

  /// The first lines that no wrapper wrote, by their number in the file, for people.
  public var examples: [String] { state.withLock { $0.examples.map { "line \($0.line): \($0.text)" } } }
}

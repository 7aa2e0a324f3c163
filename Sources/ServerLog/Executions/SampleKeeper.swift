internal import Model

/// Keeps of each statement's executions the slowest and an even draw, as many as the history keeps
/// (`ExecutionSample.limit`), so the choice is the same however the log is cut into batches.
struct SampleKeeper: ~Copyable {
  private struct Kept {
    var slow: [ExecutionSample] = []
    var ordinary: [ExecutionSample] = []
    /// An execution must be slower, or drawn lower, to be kept; none is kept by chance while the set is not full.
    var slowFloor: (duration: Int64, draw: UInt64) = (-1, 0)
    var drawCeiling = UInt64.max
  }

  private var kept: ContiguousArray<Kept> = []
  /// Bytes of text taken in since the last `take`, kept or displaced meanwhile.
  private(set) var bytes = 0

  init() {}

  /// Whether an execution would be kept, and why.
  @inline(__always)
  mutating func wants(_ statement: Int, _ fingerprint: Fingerprint, _ at: Int64, _ duration: Int64) -> (Bool, Bool) {
    while kept.count <= statement { kept.append(Kept()) }
    let draw = ExecutionSample.draw(fingerprint, at: Timestamp(microseconds: at), duration: Microseconds(duration))
    return (
      ExecutionSample.isSlower((duration, draw), than: kept[statement].slowFloor), draw < kept[statement].drawCeiling
    )
  }

  mutating func keep(_ sample: ExecutionSample, _ statement: Int, slow: Bool, ordinary: Bool) {
    bytes += sample.text.utf8.count
    for case .text(let value) in sample.parameters { bytes += value.utf8.count }
    if slow {
      var slowest = sample
      slowest.reason = .slow
      kept[statement].slow.append(slowest)
      if kept[statement].slow.count > ExecutionSample.limit(.slow) {
        kept[statement].slow.sort { ExecutionSample.isSlower(SampleKeeper.rank($0), than: SampleKeeper.rank($1)) }
        kept[statement].slow.removeLast()
      }
      if kept[statement].slow.count == ExecutionSample.limit(.slow) {
        kept[statement].slowFloor =
          kept[statement].slow.map(SampleKeeper.rank).max { ExecutionSample.isSlower($0, than: $1) } ?? (-1, 0)
      }
    }
    if ordinary {
      var drawn = sample
      drawn.reason = .ordinary
      kept[statement].ordinary.append(drawn)
      if kept[statement].ordinary.count > ExecutionSample.limit(.ordinary) {
        kept[statement].ordinary.sort { $0.draw < $1.draw }
        kept[statement].ordinary.removeLast()
      }
      if kept[statement].ordinary.count == ExecutionSample.limit(.ordinary) {
        kept[statement].drawCeiling = kept[statement].ordinary.map(\.draw).max() ?? .max
      }
    }
  }

  private static func rank(_ sample: ExecutionSample) -> (duration: Int64, draw: UInt64) {
    (sample.duration.value, sample.draw)
  }

  /// The samples kept since the last call. Nothing is remembered beyond it, so that a run that was interrupted between
  /// two batches and one that was not offer the same.
  mutating func take() -> [ExecutionSample] {
    var result: [ExecutionSample] = []
    for i in kept.indices { result += kept[i].slow + kept[i].ordinary }
    kept.removeAll(keepingCapacity: true)
    bytes = 0
    return result
  }
}

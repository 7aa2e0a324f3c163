internal import Model

/// Keeps of each statement's plans in a batch the slowest and an even draw. The history then keeps a few for each
/// shape of plan, which is why more are offered than it keeps of samples.
struct PlanKeeper: ~Copyable {
  private struct Kept {
    var slow: [PlanSample] = []
    var drawn: [PlanSample] = []
  }

  private var kept: ContiguousArray<Kept> = []
  /// Bytes of documents taken in since the last `take`, kept or displaced meanwhile.
  private(set) var bytes = 0
  static let limit = 12

  init() {}

  mutating func wants(_ statement: Int, _ fingerprint: Fingerprint, _ at: Int64, _ duration: Int64) -> Bool {
    while kept.count <= statement { kept.append(Kept()) }
    if kept[statement].drawn.count < PlanKeeper.limit { return true }
    if duration > kept[statement].slow.map(\.duration.value).min() ?? -1 { return true }
    let draw = ExecutionSample.draw(fingerprint, at: Timestamp(microseconds: at), duration: Microseconds(duration))
    return draw < kept[statement].drawn.map(PlanKeeper.draw).max() ?? .max
  }

  mutating func keep(_ plan: PlanSample, _ statement: Int) {
    bytes += plan.document.utf8.count
    kept[statement].slow.append(plan)
    kept[statement].drawn.append(plan)
    guard kept[statement].slow.count > PlanKeeper.limit else { return }
    kept[statement].slow.sort { $0.duration > $1.duration }
    kept[statement].slow.removeLast()
    kept[statement].drawn.sort { PlanKeeper.draw($0) < PlanKeeper.draw($1) }
    kept[statement].drawn.removeLast()
  }

  private static func draw(_ plan: PlanSample) -> UInt64 {
    ExecutionSample.draw(plan.fingerprint, at: plan.at, duration: plan.duration)
  }

  mutating func take() -> [PlanSample] {
    var result: [PlanSample] = []
    for item in kept {
      result += item.slow
      for plan in item.drawn where !item.slow.contains(plan) { result.append(plan) }
    }
    kept.removeAll(keepingCapacity: true)
    bytes = 0
    return result
  }
}

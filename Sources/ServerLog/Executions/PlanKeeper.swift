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
    let draw = ExecutionSample.draw(fingerprint, at: Timestamp(microseconds: at), duration: Microseconds(duration))
    // Both are full, and sorted.
    if let last = kept[statement].slow.last, ExecutionSample.isSlower((duration, draw), than: PlanKeeper.rank(last)) {
      return true
    }
    return draw < kept[statement].drawn.last?.draw ?? .max
  }

  mutating func keep(_ plan: PlanSample, _ statement: Int) {
    bytes += plan.document.utf8.count
    kept[statement].slow.append(plan)
    kept[statement].drawn.append(plan)
    guard kept[statement].slow.count >= PlanKeeper.limit else { return }
    kept[statement].slow.sort { ExecutionSample.isSlower(PlanKeeper.rank($0), than: PlanKeeper.rank($1)) }
    kept[statement].drawn.sort { $0.draw < $1.draw }
    guard kept[statement].slow.count > PlanKeeper.limit else { return }
    kept[statement].slow.removeLast()
    kept[statement].drawn.removeLast()
  }

  private static func rank(_ plan: PlanSample) -> (duration: Int64, draw: UInt64) { (plan.duration.value, plan.draw) }

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

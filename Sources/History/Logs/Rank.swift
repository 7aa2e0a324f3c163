import Model

/// A candidate's place in a bounded set. Smaller stays; `content` breaks ties and makes the same candidate offered twice
/// one: above the draw, in whose order readers of logs leave out ties themselves, below a hash of all that is stored.
struct Rank: Hashable, Comparable {
  let value: Int64
  let content: Int64

  init(value: Int64, content: Int64) {
    self.value = value
    self.content = content
  }

  init(_ sample: ExecutionSample) {
    var hash = StableHash()
    hash.add(sample.at.microseconds)
    hash.add(sample.duration.value)
    hash.add(sample.dimensions)
    hash.add(sample.text)
    for parameter in sample.parameters {
      switch parameter {
      case .null: hash.add(0)
      case .text(let text):
        hash.add(1)
        hash.add(text)
      case .truncated(let text):
        hash.add(2)
        hash.add(text)
      case .hashed(let text):
        hash.add(3)
        hash.add(text)
      }
    }
    content = Rank.content(hash, draw: sample.draw)
    value = Rank.order(sample.reason, sample.duration, draw: sample.draw)
  }

  init(_ plan: PlanSample, _ reason: ExecutionSample.Reason) {
    var hash = StableHash()
    hash.add(plan.at.microseconds)
    hash.add(plan.duration.value)
    hash.add(plan.dimensions)
    hash.add(plan.document)
    content = Rank.content(hash, draw: plan.draw)
    value = Rank.order(reason, plan.duration, draw: plan.draw)
  }

  private static func content(_ hash: StableHash, draw: UInt64) -> Int64 {
    let low = UInt64(UInt32(truncatingIfNeeded: hash.value ^ hash.value >> 32))
    return Int64(bitPattern: (draw & ~0xFFFF_FFFF | low) ^ 1 << 63)
  }

  private static func order(_ reason: ExecutionSample.Reason, _ duration: Microseconds, draw: UInt64) -> Int64 {
    switch reason {
    case .slow: -duration.value
    // Flipping the top bit makes the signed order that of the unsigned draw.
    case .ordinary: Int64(bitPattern: draw ^ 1 << 63)
    }
  }

  static func < (a: Rank, b: Rank) -> Bool { (a.value, a.content) < (b.value, b.content) }

  /// What to remove and what to add so that the set holds the smallest of both.
  static func change(present: [Rank], offered: [Rank], limit: Int) -> (removed: [Rank], added: [Rank]) {
    let before = Set(present)
    let after = Set(before.union(offered).sorted().prefix(limit))
    return (before.subtracting(after).sorted(), after.subtracting(before).sorted())
  }
}

/// Finds keys and node types by a hash of their bytes, so that the parser need not make a string of every key.
struct PlanKeyTable: Sendable {
  /// FNV-1a, 64 bits.
  static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
  @inline(__always)
  static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

  private struct Slot {
    var hash: UInt64 = 0
    var length = 0
    /// Index into the keys or the types; -1 for an empty slot.
    var index = -1
  }
  private let keySlots: [Slot]
  private let typeSlots: [Slot]
  private let keys = PlanKey.allCases
  private let types = NodeType.known
  private static let size = 1024

  static let shared = PlanKeyTable()

  private init() {
    keySlots = Self.fill(PlanKey.allCases.map(\.name))
    typeSlots = Self.fill(NodeType.known.map(\.name))
  }

  private static func fill(_ names: [String]) -> [Slot] {
    var slots = [Slot](repeating: Slot(), count: size)
    for (index, name) in names.enumerated() {
      let hash = name.utf8.reduce(seed, step)
      var place = Int(truncatingIfNeeded: hash) & (size - 1)
      while slots[place].index >= 0 { place = (place + 1) & (size - 1) }
      slots[place] = Slot(hash: hash, length: name.utf8.count, index: index)
    }
    return slots
  }

  private static func find(_ hash: UInt64, _ length: Int, in slots: [Slot]) -> Int? {
    var place = Int(truncatingIfNeeded: hash) & (size - 1)
    while slots[place].index >= 0 {
      if slots[place].hash == hash, slots[place].length == length { return slots[place].index }
      place = (place + 1) & (size - 1)
    }
    return nil
  }

  func key(hash: UInt64, length: Int) -> PlanKey? { Self.find(hash, length, in: keySlots).map { keys[$0] } }
  func nodeType(hash: UInt64, length: Int) -> NodeType? { Self.find(hash, length, in: typeSlots).map { types[$0] } }
  func key(_ name: some StringProtocol) -> PlanKey? {
    key(hash: name.utf8.reduce(Self.seed, Self.step), length: name.utf8.count)
  }
}

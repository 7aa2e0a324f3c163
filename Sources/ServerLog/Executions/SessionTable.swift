internal import Bytes

/// The sessions whose entries are being read, found by their key.
struct SessionTable: ~Copyable {
  private var byKey = HashTable(capacity: 1024)
  private(set) var live = 0
  private var free: [Int] = []
  private var clock: Int64 = 0
  var values: ContiguousArray<Session> = []
  private var lastKey: UInt64 = 0
  private var lastIndex = -1

  init() {}

  /// The place of a session; made when it is new.
  @inline(__always)
  mutating func index(of key: UInt64) -> Int {
    clock &+= 1
    if key == lastKey, lastIndex >= 0 { return lastIndex }
    let found = find(key) ?? add(key)
    lastKey = key
    lastIndex = found
    values[found].seen = clock
    return found
  }

  @inline(__always)
  private func find(_ key: UInt64) -> Int? {
    guard let index = byKey.find(ByteHash.combine(key, 7)), index >= 0 else { return nil }
    return Int(index)
  }

  private mutating func add(_ key: UInt64) -> Int {
    live += 1
    let index: Int
    if let place = free.popLast() {
      index = place
      values[place] = Session(key: key)
    } else {
      index = values.count
      values.append(Session(key: key))
    }
    if byKey.count > 4 * values.count + 4096 { rebuild() }
    byKey.set(ByteHash.combine(key, 7), Int32(index))
    return index
  }

  mutating func remove(_ index: Int) {
    guard values[index].isLive else { return }
    byKey.set(ByteHash.combine(values[index].key, 7), -1)
    values[index] = Session(key: values[index].key)
    values[index].isLive = false
    free.append(index)
    live -= 1
    lastIndex = -1
  }

  /// Sessions that ended leave their keys behind; a log of many short ones is cleaned from time to time.
  private mutating func rebuild() {
    byKey.removeAll()
    for i in values.indices where values[i].isLive { byKey.set(ByteHash.combine(values[i].key, 7), Int32(i)) }
  }

  /// The live sessions that were silent longest, beyond a number that is kept.
  func silent(keeping limit: Int) -> [Int] {
    guard live > limit else { return [] }
    let order = values.indices.filter { values[$0].isLive }.sorted { values[$0].seen < values[$1].seen }
    return Array(order.prefix(live - limit * 3 / 4))
  }
}

internal import Model

/// Shapes repeated inside transactions in the current batch, summed by statement, dimensions and minute.
struct RepetitionTable: ~Copyable {
  struct Key: Hashable {
    var statement: Int
    var workload: Int
    var minute: Int64
  }

  struct Sums {
    var transactions: Int64 = 0
    var executions: Int64 = 0
    var most: Int64 = 0
    var total: Int64 = 0
  }

  private(set) var sums: [Key: Sums] = [:]
  private(set) var order: [Key] = []

  init() {}

  mutating func add(_ item: TransactionRun.Item) {
    let key = Key(statement: item.statement, workload: item.workload, minute: item.minute)
    if sums[key] == nil { order.append(key) }
    sums[key, default: Sums()].transactions += 1
    sums[key, default: Sums()].executions += item.count
    sums[key, default: Sums()].total += item.total
    sums[key, default: Sums()].most = max(sums[key, default: Sums()].most, item.count)
  }

  mutating func removeAll() {
    sums.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
  }
}

internal import Bytes
internal import Model

/// The entries of the current batch that are no executions, counted by minute, category, shape and dimensions.
struct EventTable: ~Copyable {
  struct Cell {
    var category: EventCell.Category
    var minute: Int64
    var sqlState: String
    var shape: String
    var workload: Int
    var statement: Int?
    var count: Int64
    var amount: Double
    var sample: String
  }

  private var byKey = HashTable(capacity: 1024)
  private(set) var cells: ContiguousArray<Cell> = []

  init() {}

  mutating func add(_ cell: Cell) {
    var key = ByteHash.combine(
      UInt64(bitPattern: cell.minute),
      UInt64(cell.workload) << 32 | UInt64(UInt32(truncatingIfNeeded: cell.statement ?? -1)))
    key = ByteHash.combine(key, EventTable.hash(cell.shape))
    key = ByteHash.combine(key, EventTable.hash(cell.sqlState + cell.category.rawValue))
    if let known = byKey.find(key) {
      cells[Int(known)].count += cell.count
      cells[Int(known)].amount += cell.amount
    } else {
      byKey.insert(key, Int32(cells.count))
      cells.append(cell)
    }
  }

  mutating func removeAll() {
    byKey.removeAll()
    cells.removeAll(keepingCapacity: true)
  }

  private static func hash(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { ByteHash.hash(UnsafeRawBufferPointer($0)) }
  }
}

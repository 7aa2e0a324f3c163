internal import Bytes
internal import Model
internal import Sketch

/// The executions of the current batch, summed by minute, statement and dimensions.
struct CellTable: ~Copyable {
  struct Cell {
    var minute: Int64
    var statement: Int
    var workload: Int
    var calls: Int64 = 0
    var errors: Int64 = 0
    var untimed: Int64 = 0
    var total: Int64 = 0
    var longest: Int64 = 0
    var parse: Int64 = 0
    var bind: Int64 = 0
    var sketch = LatencySketch()
  }

  private var byKey = HashTable(capacity: 8192)
  private(set) var cells: ContiguousArray<Cell> = []

  init() {}

  var count: Int { cells.count }

  /// The cell of a minute, statement and dimensions; made when it is new.
  @inline(__always)
  mutating func index(_ minute: Int64, _ statement: Int, _ workload: Int) -> Int {
    let key = ByteHash.combine(
      UInt64(bitPattern: minute) << 32 | UInt64(UInt32(truncatingIfNeeded: workload)), UInt64(statement))
    if let known = byKey.find(key) { return Int(known) }
    byKey.insert(key, Int32(cells.count))
    cells.append(Cell(minute: minute, statement: statement, workload: workload))
    return cells.count - 1
  }

  @inline(__always)
  mutating func addExecution(_ index: Int, _ duration: Int64, weight: Int64) {
    cells[index].calls &+= weight
    cells[index].total &+= duration &* weight
    if duration > cells[index].longest { cells[index].longest = duration }
    cells[index].sketch.record(duration, count: weight)
  }

  /// Adds the time of a further part of an execution that was counted when it began.
  mutating func addFetch(_ index: Int, _ duration: Int64) { cells[index].total &+= duration }
  mutating func addError(_ index: Int) { cells[index].errors += 1 }
  mutating func addUntimed(_ index: Int, _ count: Int64) { cells[index].untimed += count }
  mutating func addParse(_ index: Int, _ duration: Int64) { cells[index].parse &+= duration }
  mutating func addBind(_ index: Int, _ duration: Int64) { cells[index].bind &+= duration }

  mutating func removeAll() {
    byKey.removeAll()
    cells.removeAll(keepingCapacity: true)
  }
}

import Foundation
import GRDB
import Model
import Sketch

/// The counts of a cell, at any level of time.
struct CellSums {
  var calls: Int64
  var errors: Int64
  var untimed: Int64
  var total: Int64
  var longest: Int64
  var parse: Int64
  var bind: Int64
  /// Encoded; decoded only where two must be added.
  var sketch: [UInt8]

  init(_ cell: MinuteCell) {
    calls = cell.calls
    errors = cell.errors
    untimed = cell.untimed
    total = cell.total.value
    longest = cell.longest.value
    parse = cell.parse.value
    bind = cell.bind.value
    sketch = cell.sketch
  }

  mutating func add(_ other: CellSums) throws {
    calls += other.calls
    errors += other.errors
    untimed += other.untimed
    total += other.total
    longest = max(longest, other.longest)
    parse += other.parse
    bind += other.bind
    if sketch.isEmpty {
      sketch = other.sketch
    } else if !other.sketch.isEmpty {
      var sum = try LatencySketch(decoding: sketch)
      try sum.merge(decoding: other.sketch)
      sketch = sum.encoded
    }
  }

  func arguments(statement: Int64, bucket: Int64, dimensions: Int64, source: Int64) -> StatementArguments {
    [
      statement, bucket, dimensions, source, calls, errors, untimed, total, longest, parse, bind, Data(sketch),
    ]
  }
}

extension CellSums: Equatable {
  /// The counts of a row of any level's table.
  init(_ row: Row) throws {
    calls = row["calls"]
    errors = row["errors"]
    untimed = row["untimed"]
    total = row["total_us"]
    longest = row["longest_us"]
    parse = row["parse_us"]
    bind = row["bind_us"]
    sketch = [UInt8](row["sketch"] as Data)
  }
}

import Model
import Testing

@testable import Statements

/// The columns of the view in every version of the extension, as its scripts make it
/// (`contrib/pg_stat_statements/pg_stat_statements--*.sql`), and what is read from them.
@Suite struct StatementColumnsTests {
  private static let blocks = [
    "shared_blks_hit", "shared_blks_read", "shared_blks_dirtied", "shared_blks_written", "local_blks_hit",
    "local_blks_read", "local_blks_dirtied", "local_blks_written", "temp_blks_read", "temp_blks_written",
  ]
  private static let jit = [
    "jit_functions", "jit_generation_time", "jit_inlining_count", "jit_inlining_time", "jit_optimization_count",
    "jit_optimization_time", "jit_emission_count", "jit_emission_time",
  ]

  static func columns(_ version: Int) -> [String] {
    var list = ["userid", "dbid"]
    if version >= 9 { list.append("toplevel") }
    list += ["queryid", "query"]
    if version >= 8 {
      list += ["plans", "total_plan_time", "min_plan_time", "max_plan_time", "mean_plan_time", "stddev_plan_time"]
      list += ["calls", "total_exec_time", "min_exec_time", "max_exec_time", "mean_exec_time", "stddev_exec_time"]
    } else {
      list += ["calls", "total_time", "min_time", "max_time", "mean_time", "stddev_time"]
    }
    list += ["rows"] + blocks
    if version >= 11 {
      list += ["shared_blk_read_time", "shared_blk_write_time", "local_blk_read_time", "local_blk_write_time"]
    } else {
      list += ["blk_read_time", "blk_write_time"]
    }
    if version >= 10 { list += ["temp_blk_read_time", "temp_blk_write_time"] }
    if version >= 8 { list += ["wal_records", "wal_fpi", "wal_bytes"] }
    if version >= 12 { list.append("wal_buffers_full") }
    if version >= 10 { list += jit }
    if version >= 11 { list += ["jit_deform_count", "jit_deform_time"] }
    if version >= 12 { list += ["parallel_workers_to_launch", "parallel_workers_launched"] }
    if version >= 13 { list += ["generic_plan_calls", "custom_plan_calls"] }
    if version >= 11 { list += ["stats_since", "minmax_stats_since"] }
    return list
  }

  /// Columns that are no counters: who and what, extremes, means and deviations, beginnings.
  private static func isCounter(_ column: String) -> Bool {
    !["userid", "dbid", "toplevel", "queryid", "query"].contains(column)
      && !["min_", "max_", "mean_", "stddev_"].contains { column.hasPrefix($0) } && !column.hasSuffix("_since")
  }

  @Test(arguments: 6...13) func `every counter of a version is read, in any order`(version: Int) throws {
    let names = Self.columns(version)
    // The number of columns by the extension's own function (`PG_STAT_STATEMENTS_COLS_V1_…`, pg_stat_statements.c).
    let counts = [6: 23, 7: 23, 8: 32, 9: 33, 10: 43, 11: 49, 12: 52, 13: 54]
    #expect(names.count == counts[version])
    for order in [names, names.reversed(), names.map { $0.uppercased() }] {
      let reader = try StatementColumns(order)
      let values = order.map { name -> String? in
        switch name.lowercased() {
        case "userid": "10"
        case "dbid": "5"
        case "toplevel": "f"
        case "queryid": "-77"
        case "query": "SELECT $1"
        case "stats_since", "minmax_stats_since": "2026-01-02 03:04:05+00"
        case let column: String((names.firstIndex(of: column) ?? 0) + 100)
        }
      }
      let row = try reader.row(values)
      #expect(row.key.queryID.value == -77 && row.key.isTopLevel == (version < 9))
      #expect(reader.hasLevel == (version >= 9) && reader.hasExtremes && reader.hasDeviation)
      #expect((row.since != nil) == (version >= 11))
      var seen = 0
      for counter in StatementCounter.allCases {
        guard let column = counter.columns.first(where: names.contains) else {
          #expect(!reader.known.contains(counter) && row.counters[counter] == 0)
          continue
        }
        seen += 1
        #expect(reader.known.contains(counter))
        let value = Int64((names.firstIndex(of: column) ?? 0) + 100)
        #expect(row.counters[counter] == (counter.isTime ? value * 1_000_000 : value), "\(column)")
      }
      #expect(seen == names.filter(Self.isCounter).count)
      let longest = try #require(names.firstIndex { $0 == "max_exec_time" || $0 == "max_time" })
      #expect(row.exec.longest == Int64(longest + 100) * 1_000_000)
    }
  }
}

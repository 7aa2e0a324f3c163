import Statements

/// The counters of pg_stat_statements as columns of an export: times in milliseconds.
struct ExportCounter: CaseIterable {
  let counter: StatementCounter

  static let allCases = StatementCounter.allCases.map { ExportCounter(counter: $0) }

  /// The server's own name, its unit made plain: `total_exec_time` is `total_exec_ms`.
  var column: String {
    let name = counter.columns[0]
    return counter.isTime ? String(name.dropLast("time".count)) + "ms" : name
  }

  func value(_ counters: StatementCounters) -> ExportValue {
    counter.isTime ? .real(Double(counters[counter]) / 1e6) : .integer(counters[counter])
  }
}

/// One value for each `StatementCounter`, and the two sums of squares that a variance needs.
public struct StatementCounters: Hashable, Sendable {
  /// Indexed by `StatementCounter.rawValue`; zero where the source has no such column.
  public var values: [Int64]
  /// Σ x² of the executions' and the plannings' durations in squared units of 100 ns. The server prints their mean and
  /// standard deviation; unlike those, sums of squares can be added and subtracted.
  public var execSquares: Int128
  public var planSquares: Int128

  public init() {
    values = Array(repeating: 0, count: StatementCounter.count)
    execSquares = 0
    planSquares = 0
  }

  public subscript(counter: StatementCounter) -> Int64 {
    get { values[counter.rawValue] }
    set { values[counter.rawValue] = newValue }
  }

  public static func += (a: inout StatementCounters, b: StatementCounters) {
    for index in a.values.indices { a.values[index] &+= b.values[index] }
    a.execSquares &+= b.execSquares
    a.planSquares &+= b.planSquares
  }

  public static func - (a: StatementCounters, b: StatementCounters) -> StatementCounters {
    var difference = a
    for index in a.values.indices { difference.values[index] &-= b.values[index] }
    difference.execSquares &-= b.execSquares
    difference.planSquares &-= b.planSquares
    return difference
  }

  /// Whether no counter is smaller than before.
  public func isAtLeast(_ before: StatementCounters) -> Bool {
    zip(values, before.values).allSatisfy { $0 >= $1 }
  }

  /// Σ x² from a count, its sum and its standard deviation (population, as pg_stat_statements defines it).
  /// - Parameters:
  ///   - total: nanoseconds; it carries more digits than the printed mean.
  ///   - deviation: milliseconds.
  public static func squares(count: Int64, total: Int64, deviation: Double) -> Int128 {
    guard count > 0 else { return 0 }
    // In units of 100 ns: a millisecond is 10,000 of them.
    let sum = Double(total) / 100
    let sd = deviation * 10_000
    let value = Double(count) * sd * sd + sum * sum / Double(count)
    return value.isFinite && value < 1e37 ? Int128(value.rounded()) : 0
  }
}

/// The mean and standard deviation of a window's durations, in milliseconds.
public struct DurationMoments: Hashable, Sendable {
  public var mean: Double
  /// Nil where subtraction has left no reliable digits.
  public var deviation: Double?

  public init(mean: Double, deviation: Double?) {
    self.mean = mean
    self.deviation = deviation
  }

  /// - Parameters:
  ///   - count: executions in the window; nil results for none.
  ///   - total: nanoseconds.
  ///   - squares: Σ x² in (100 ns)².
  ///   - isReliable: false where the sum of squares is known to have lost its digits.
  public init?(count: Int64, total: Int64, squares: Int128, isReliable: Bool = true) {
    guard count > 0 else { return nil }
    mean = Double(total) / Double(count) / 1e6
    guard count > 1 else {
      deviation = 0
      return
    }
    guard isReliable else { return }
    // n·Σx² - (Σx)² over n² in nanoseconds, whole until the division, so that nothing cancels in floating point.
    let (scaled, overflow) = squares.multipliedReportingOverflow(by: Int128(count) * 10_000)
    let (square, squareOverflow) = Int128(total).multipliedReportingOverflow(by: Int128(total))
    let spread: Double
    if overflow || squareOverflow {
      let mean = Double(total) / Double(count)
      spread = Double(squares) * 1e4 / Double(count) - mean * mean
    } else {
      spread = Double(scaled - square) / Double(count) / Double(count)
    }
    deviation = max(0, spread).squareRoot() / 1e6
  }
}

/// How much of each query's recorded time a cheaper plan could save.
///
/// Costs and times go together over the queries of a workload, but some queries take far longer than their plans' costs
/// suggest: they wait for locks, run triggers and foreign-key checks that the plan does not show, or were planned on
/// wrong row estimates. Scaling all their time by a plan's cost would credit an index with time that has nothing to do
/// with it, so a query's rate is cut at `limit` times the median rate.
struct TimeCredit: Sendable {
  static let limit = 30.0

  /// Milliseconds for one unit of cost, the median over the queries whose calls take a millisecond or more.
  private(set) var medianRate: Double?
  /// Milliseconds in the window by number of the query.
  private var credited: [Int: Double] = [:]

  init() {}

  /// - Parameter costs: the mean plan cost of each query that was planned.
  init(_ workload: Workload, _ costs: [Int: Double]) {
    var rates: [Double] = []
    for (number, cost) in costs where cost > 0 {
      let query = workload.queries[number]
      guard query.calls > 0, query.totalMilliseconds / query.calls >= 1 else { continue }
      rates.append(query.totalMilliseconds / query.calls / cost)
    }
    rates.sort()
    medianRate = rates.isEmpty ? nil : rates[rates.count / 2]
    for (number, cost) in costs {
      let query = workload.queries[number]
      // Very cheap plans are all floor: below a tenth of a millisecond a call the rate says nothing.
      let most = medianRate.map { max($0 * Self.limit * cost, 0.1) * query.calls } ?? .infinity
      credited[number] = min(query.totalMilliseconds, most)
    }
  }

  func milliseconds(_ number: Int) -> Double { credited[number] ?? 0 }

  /// Whether the query takes longer than its cost can account for.
  func isSurprising(_ number: Int, _ workload: Workload) -> Bool {
    milliseconds(number) < workload.queries[number].totalMilliseconds
  }
}

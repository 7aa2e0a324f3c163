/// Lines of one session that stand in a log without a gap, by the numbers that the server gave them.
public struct LineRange: Hashable, Sendable {
  public var first: Int64
  public var last: Int64
  /// Of the first and of the last entry, in milliseconds since 1970.
  public var firstTime: Int64
  public var lastTime: Int64

  public init(first: Int64, last: Int64, firstTime: Int64, lastTime: Int64) {
    self.first = first
    self.last = last
    self.firstTime = firstTime
    self.lastTime = lastTime
  }
}

extension LineRange {
  /// Ranges kept of one session at most. A log out of which lines were picked has a gap at each; of more ranges those
  /// with the smallest numbers are forgotten, and what they hold would count again.
  public static let limit = 1_000

  /// Adds a range to sorted ones that do not touch.
  public static func insert(_ range: LineRange, into ranges: inout [LineRange]) {
    if let last = ranges.last, last.last < range.first {
      if last.last + 1 == range.first {
        ranges[ranges.count - 1].last = range.last
        ranges[ranges.count - 1].lastTime = range.lastTime
      } else {
        ranges.append(range)
      }
    } else if ranges.isEmpty {
      ranges = [range]
    } else {
      ranges = union(ranges, [range])
    }
    if ranges.count >= 2 * limit { ranges.removeFirst(ranges.count - limit) }
  }

  /// All lines of both, sorted. Neither order nor repetition matters.
  public static func union(_ a: [LineRange], _ b: [LineRange]) -> [LineRange] {
    if a.isEmpty { return b }
    if b.isEmpty { return a }
    var result: [LineRange] = []
    for range in (a + b).sorted(by: { ($0.first, $0.firstTime, $0.last) < ($1.first, $1.firstTime, $1.last) }) {
      if let last = result.last, range.first <= last.last + 1 {
        let i = result.count - 1
        if range.last > last.last {
          (result[i].last, result[i].lastTime) = (range.last, range.lastTime)
        } else if range.last == last.last {
          result[i].lastTime = max(last.lastTime, range.lastTime)
        }
      } else {
        result.append(range)
      }
    }
    if result.count > limit { result.removeFirst(result.count - limit) }
    return result
  }

  /// The range that holds a line.
  public static func find(_ line: Int64, in ranges: [LineRange]) -> LineRange? {
    let next = firstAbove(line, in: ranges)
    guard next > 0, ranges[next - 1].last >= line else { return nil }
    return ranges[next - 1]
  }

  /// The place of the first range that begins behind a line.
  public static func firstAbove(_ line: Int64, in ranges: [LineRange]) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].first > line { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Lines of a session that were counted. Their numbers are those of one format: the server counts for each by itself.
public struct SessionLines: Hashable, Sendable {
  /// `stderr`, `csvlog` or `jsonlog`.
  public var format: String
  /// The session's start in seconds since 1970 and its process id: `start << 32 | pid`.
  public var session: UInt64
  public var ranges: [LineRange]

  public init(format: String, session: UInt64, ranges: [LineRange]) {
    self.format = format
    self.session = session
    self.ranges = ranges
  }
}

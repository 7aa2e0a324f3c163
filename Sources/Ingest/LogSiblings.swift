import Bytes
import History
import Model
import ServerLog

/// Sources in other formats that hold the same entries as a log: PostgreSQL writes `.log`, `.csv` and `.json` beside each
/// other, and each entry counts in one of them.
///
/// Which one is settled by time, once for every moment. Of two live siblings one is always ahead of the other when they
/// are read, and entries of one moment stand in another order in each; so what belongs to a source is all from its first
/// to its last entry but what belonged to the other before, whether it has been read yet or not.
struct LogSiblings {
  struct Twin {
    var path: String
    var identity: String
    /// The stretches of time that are its own.
    var owned: [ClosedRange<Timestamp>]
  }

  /// The other sources, with the state that each was left in.
  private let others: [(source: SourceProgress, state: ReaderState)]
  private let identity: String

  /// Bytes of content that are looked at in search of siblings.
  private static let searchLimit = 64 << 20

  init(_ sources: [SourceProgress], identity: String, format: String) {
    self.identity = identity
    others = sources.filter { other in
      other.identity.hasPrefix("log:") && other.identity != identity && Self.kind(other.format) != Self.kind(format)
        && other.first != nil
    }.map { ($0, ReaderState($0)) }
  }

  /// The siblings of what `source` goes on with, and the identities of sources that surely hold other entries. What was
  /// read to find out is put back in front.
  func find(
    of source: any ByteSource, _ state: ReaderState, _ known: SourceProgress?, _ probe: EntryProbe
  ) throws -> (any ByteSource, [Twin], strangers: Set<String>) {
    var twins: [Twin] = []
    var strangers: Set<String> = []
    var candidates: [(source: SourceProgress, state: ReaderState)] = []
    // What ended before this one goes on holds nothing of what is to be read; entries of the same moment may stand on
    // either side.
    let from = known?.last.map { $0.microseconds - 60_000_000 } ?? .min
    for other in others {
      if state.siblings.contains(other.source.identity) || other.state.siblings.contains(identity) {
        twins.append(Self.twin(other))
      } else if other.source.last?.microseconds ?? 0 >= from {
        candidates.append(other)
      }
    }
    guard !candidates.isEmpty else { return (source, twins, strangers) }
    var read: [UInt8] = []
    var found: [Twin] = []
    var size = 1 << 20
    search: while true {
      let more = try SourceContent.take(size - read.count, from: source)
      read += more
      let marks = read.withUnsafeBytes { probe.marks(in: $0) }
      var isUndecided = false
      found = []
      strangers = []
      for other in candidates {
        let owned = Self.twin(other).owned
        let inRange = marks.filter { mark in owned.contains { $0.contains(mark.time) } }
        guard !inRange.isEmpty else { continue }
        let sketch = other.state.checkpoint.entries
        let (eligible, held) = sketch.overlap(with: inRange.map(\.hash))
        if eligible < 8, sketch.threshold != .max || inRange.count > 8 { isUndecided = true }
        if eligible > 0, held * 10 >= eligible * 8 {
          found.append(Self.twin(other))
        } else if eligible >= 8 {
          strangers.insert(other.source.identity)
        }
      }
      if !isUndecided || more.isEmpty || size >= LogSiblings.searchLimit { break search }
      size *= 4
    }
    return (PrefixedByteSource(read, then: source), twins + found, strangers)
  }

  private static func twin(_ other: (source: SourceProgress, state: ReaderState)) -> Twin {
    var owned: [ClosedRange<Timestamp>] = []
    if let first = other.source.first, let last = other.source.last {
      // A time without milliseconds stands for its whole second.
      let all = other.state.isCoarse ? TimeRanges.wholeSeconds([first...last]) : [first...last]
      owned = TimeRanges.subtract(other.state.excluded, from: all)
    }
    return Twin(path: other.source.path, identity: other.source.identity, owned: owned)
  }

  private static func kind(_ format: String) -> Substring { format.prefix { $0 != " " } }
}

/// Stretches of time as sorted ranges that do not touch; microseconds are the smallest step.
enum TimeRanges {
  typealias Range = ClosedRange<Timestamp>

  static func union(_ a: [Range], _ b: [Range]) -> [Range] {
    var result: [Range] = []
    for range in (a + b).sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
      if let last = result.last, range.lowerBound.microseconds <= last.upperBound.microseconds &+ 1 {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  static func subtract(_ ranges: [Range], from whole: [Range]) -> [Range] {
    var result = whole
    for taken in ranges {
      result = result.flatMap { range -> [Range] in
        guard taken.overlaps(range) else { return [range] }
        var rest: [Range] = []
        if range.lowerBound < taken.lowerBound {
          rest.append(range.lowerBound...Timestamp(microseconds: taken.lowerBound.microseconds - 1))
        }
        if range.upperBound > taken.upperBound {
          rest.append(Timestamp(microseconds: taken.upperBound.microseconds + 1)...range.upperBound)
        }
        return rest
      }
    }
    return result
  }

  /// Widened to the seconds that they begin and end in.
  static func wholeSeconds(_ ranges: [Range]) -> [Range] {
    func second(_ time: Timestamp) -> Int64 {
      let rest = time.microseconds % 1_000_000
      return time.microseconds - (rest < 0 ? rest + 1_000_000 : rest)
    }
    return union(
      ranges.map {
        Timestamp(microseconds: second($0.lowerBound))...Timestamp(microseconds: second($0.upperBound) + 999_999)
      }, [])
  }
}

import Foundation
import GRDB
import Model
import Statements

/// The table of intervals: each pair of neighbouring snapshots, and their sums by hour and by day.
///
/// Level 0 rows are the intervals themselves. Where two chains of one server overlap in time, `chosen` marks those that
/// windows read: a set without overlap that covers the most time. The rows of an hour and a day are the sums of the
/// chosen intervals that end in it.
struct IntervalTables {
  let db: Database
  let server: Int64

  init(_ db: Database, server: Int64) {
    self.db = db
    self.server = server
  }

  struct Stored {
    var interval: StatementsInterval
    var items: [DeltaBlock.Item]
  }

  func insert(_ interval: StatementsInterval, _ items: [DeltaBlock.Item], chain: Int64) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO statements_interval (server_id, level, bucket, chain_at, from_at, to_at, chosen, interruptions,
          known, active_ns, covered_us, block)
        VALUES (?1, 0, ?2, ?3, ?4, ?2, 1, ?5, ?6, ?7, ?8, ?9)
        """
    ).execute(
      arguments: [server, interval.to.microseconds, chain, interval.from.microseconds]
        + columns(interval) + [Data(try DeltaBlock.pack(items))])
    // A single interval's bucket is its end: these two are answered by the key.
    let overlaps =
      try Int.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT count(*) FROM statements_interval
            WHERE server_id = ? AND level = 0 AND bucket > ? AND from_at < ? AND chosen
            """), arguments: [server, interval.from.microseconds, interval.to.microseconds]) ?? 0
    let latest =
      try Int64.fetchOne(
        db.cachedStatement(sql: "SELECT max(bucket) FROM statements_interval WHERE server_id = ? AND level = 0"),
        arguments: [server]) ?? .min
    if overlaps > 1 {
      try chooseAgain(around: interval)
    } else if latest > interval.to.microseconds {
      for level in IntervalLevel.sums { try rebuild(level, bucket: level.bucket(interval.to)) }
    } else {
      // The usual case, the newest interval: it is added to its hour and its day.
      for level in IntervalLevel.sums {
        let bucket = level.bucket(interval.to)
        if let present = try fetch(level, bucket: bucket).first {
          var sum = DeltaSum()
          sum.add(present.items)
          sum.add(items)
          try store(
            Stored(interval: present.interval.joined(interval), items: sum.items), level, bucket: bucket)
        } else {
          try store(Stored(interval: interval, items: items), level, bucket: bucket)
        }
      }
    }
  }

  /// Changes the single intervals that an instant lies inside, and the sums that they are part of.
  func change(around time: Timestamp, _ body: (inout Stored) -> Void) throws {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM statements_interval WHERE server_id = ? AND level = 0 AND bucket > ? AND from_at < ?
        """, arguments: [server, time.microseconds, time.microseconds])
    for row in rows {
      var stored = Stored(interval: try IntervalTables.interval(row), items: try IntervalTables.items(row))
      body(&stored)
      try db.cachedStatement(
        sql: """
          UPDATE statements_interval SET interruptions = ?, block = ?
          WHERE server_id = ? AND level = 0 AND bucket = ? AND chain_at = ? AND from_at = ?
          """
      ).execute(
        arguments: [
          try JSON.text(stored.interval.interruptions), Data(try DeltaBlock.pack(stored.items)), server,
          row["bucket"] as Int64, row["chain_at"] as Int64, row["from_at"] as Int64,
        ])
      for level in IntervalLevel.sums { try rebuild(level, bucket: level.bucket(stored.interval.to)) }
    }
  }

  // MARK: Rows

  private func columns(_ interval: StatementsInterval) throws -> StatementArguments {
    [
      try JSON.text(interval.interruptions), Int64(bitPattern: interval.known.bits), interval.activeTime,
      Int64((interval.seconds * 1e6).rounded()),
    ]
  }

  static func interval(_ row: Row) throws -> StatementsInterval {
    let interruptions: String = row["interruptions"]
    return StatementsInterval(
      from: Timestamp(microseconds: row["from_at"]), to: Timestamp(microseconds: row["to_at"]),
      interruptions: interruptions == "[]"
        ? [] : try JSON.value([StatementsDifference.Interruption].self, interruptions),
      known: CounterSet(bits: UInt64(bitPattern: row["known"] as Int64)), activeTime: row["active_ns"],
      seconds: Double(row["covered_us"] as Int64) / 1e6)
  }

  static func items(_ row: Row) throws -> [DeltaBlock.Item] {
    let items: [DeltaBlock.Item]? = try row.withUnsafeData(named: "block") { data in
      try data?.withUnsafeBytes { try DeltaBlock.decode($0) }
    }
    return items ?? []
  }

  /// Adds a row's block.
  static func add(_ row: Row, to sum: inout DeltaSum) throws {
    try row.withUnsafeData(named: "block") { data in try data?.withUnsafeBytes { try sum.add($0) } }
  }

  private func fetch(_ level: IntervalLevel, bucket: Int64) throws -> [Stored] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT from_at, to_at, interruptions, known, active_ns, covered_us, block FROM statements_interval
          WHERE server_id = ? AND level = ? AND bucket = ?
          """), arguments: [server, level.rawValue, bucket]
    ).map { Stored(interval: try IntervalTables.interval($0), items: try IntervalTables.items($0)) }
  }

  func store(_ stored: Stored, _ level: IntervalLevel, bucket: Int64) throws {
    try db.cachedStatement(sql: "DELETE FROM statements_interval WHERE server_id = ? AND level = ? AND bucket = ?")
      .execute(arguments: [server, level.rawValue, bucket])
    try db.cachedStatement(
      sql: """
        INSERT INTO statements_interval (server_id, level, bucket, chain_at, from_at, to_at, chosen,
          interruptions, known, active_ns, covered_us, block)
        VALUES (?, ?, ?, 0, ?, ?, 1, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        server, level.rawValue, bucket, stored.interval.from.microseconds, stored.interval.to.microseconds,
      ] + columns(stored.interval) + [Data(DeltaBlock.encode(stored.items))])
  }

  /// Makes the sum of a bucket anew from its chosen intervals.
  func rebuild(_ level: IntervalLevel, bucket: Int64) throws {
    let range = level.range(bucket)
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT from_at, to_at, interruptions, known, active_ns, covered_us, block FROM statements_interval
        WHERE server_id = ? AND level = 0 AND bucket > ? AND bucket <= ? AND chosen ORDER BY bucket
        """, arguments: [server, range.lowerBound, range.upperBound])
    var interval: StatementsInterval?
    var sum = DeltaSum()
    while let row = try rows.next() {
      let next = try IntervalTables.interval(row)
      interval = interval?.joined(next) ?? next
      try IntervalTables.add(row, to: &sum)
    }
    if let interval {
      try store(Stored(interval: interval, items: sum.items), level, bucket: bucket)
    } else {
      try db.execute(
        sql: "DELETE FROM statements_interval WHERE server_id = ? AND level = ? AND bucket = ?",
        arguments: [server, level.rawValue, bucket])
    }
  }

  // MARK: Overlapping chains

  /// Chooses again among all intervals that overlap this one, directly or through others: weighted interval scheduling
  /// (Kleinberg, Tardos: "Algorithm Design", 6.1), the weight being the time covered; of equal covers the one with
  /// more, finer intervals, then the one whose parts end, begin and were chained earlier.
  private func chooseAgain(around interval: StatementsInterval) throws {
    var low = interval.from.microseconds
    var high = interval.to.microseconds
    var candidates: [Candidate] = []
    while true {
      candidates = try self.candidates(endingAfter: low, beginningBefore: high)
      let (newLow, newHigh) = (candidates.map(\.from).min() ?? low, candidates.map(\.to).max() ?? high)
      if newLow == low, newHigh == high { break }
      (low, high) = (newLow, newHigh)
    }
    try choose(candidates)
    for level in IntervalLevel.sums {
      for bucket in Set(candidates.map { level.bucket(Timestamp(microseconds: $0.to)) }).sorted() {
        try rebuild(level, bucket: bucket)
      }
    }
  }

  /// Chooses again among all intervals, without making sums anew.
  func chooseEverywhere() throws {
    try choose(try candidates(endingAfter: .min, beginningBefore: .max))
  }

  private struct Candidate {
    var chain: Int64
    var from: Int64
    var to: Int64
  }

  private func candidates(endingAfter low: Int64, beginningBefore high: Int64) throws -> [Candidate] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT chain_at, from_at, to_at FROM statements_interval
        WHERE server_id = ? AND level = 0 AND bucket > ? AND from_at < ? ORDER BY to_at, from_at, chain_at
        """, arguments: [server, low, high]
    ).map { Candidate(chain: $0[0], from: $0[1], to: $0[2]) }
  }

  private func choose(_ candidates: [Candidate]) throws {
    // best[k]: the best cover among the first k candidates, which are in the order of their ends.
    typealias Cover = (time: Int64, count: Int, previous: Int, taken: Bool)
    var best: [Cover] = [(0, 0, 0, false)]
    for (index, item) in candidates.enumerated() {
      var low = 0
      var high = index
      while low < high {
        let middle = (low + high) / 2
        if candidates[middle].to <= item.from { low = middle + 1 } else { high = middle }
      }
      let with: Cover = (best[low].time + item.to - item.from, best[low].count + 1, low, true)
      let without = best[index]
      best.append(
        (with.time, with.count) > (without.time, without.count)
          ? with : (without.time, without.count, index, false))
    }
    var chosen: Set<Int> = []
    var position = candidates.count
    while position > 0 {
      if best[position].taken { chosen.insert(position - 1) }
      position = best[position].previous
    }
    for (index, item) in candidates.enumerated() {
      try db.cachedStatement(
        sql: """
          UPDATE statements_interval SET chosen = ?1
          WHERE server_id = ?2 AND level = 0 AND bucket = ?3 AND chain_at = ?4 AND from_at = ?5 AND chosen <> ?1
          """
      ).execute(arguments: [chosen.contains(index), server, item.to, item.chain, item.from])
    }
  }

  // MARK: Merging

  /// Takes an interval of another history. Returns whether it was new.
  func insertIfNew(_ stored: Stored, chain: Int64) throws -> Bool {
    let interval = stored.interval
    try db.cachedStatement(
      sql: """
        INSERT OR IGNORE INTO main.statements_interval (server_id, level, bucket, chain_at, from_at, to_at, chosen,
          interruptions, known, active_ns, covered_us, block)
        VALUES (?1, 0, ?2, ?3, ?4, ?2, 1, ?5, ?6, ?7, ?8, ?9)
        """
    ).execute(
      arguments: [server, interval.to.microseconds, chain, interval.from.microseconds]
        + columns(interval) + [Data(try DeltaBlock.pack(stored.items))])
    return db.changesCount > 0
  }

  /// Decides on the sum of a bucket that may differ between two histories: made anew where intervals came in, but never
  /// for less time than a sum covers whose intervals have been pruned.
  func settle(_ level: IntervalLevel, bucket: Int64, theirs: Stored?, isTouched: Bool) throws {
    let ours = try fetch(level, bucket: bucket).first
    func rank(_ stored: Stored) -> (Int64, Int64) {
      var hash = StableHash()
      // Entries' ids differ between histories; what they count does not.
      for value in stored.items.map({ $0.delta.counters[.execTime] }).sorted() { hash.add(value) }
      return (Int64((stored.interval.seconds * 1e6).rounded()), hash.value)
    }
    if !isTouched, let ours, let theirs, rank(ours) == rank(theirs) { return }
    try rebuild(level, bucket: bucket)
    let made = try fetch(level, bucket: bucket).first
    var best = made
    for candidate in [ours, theirs].compactMap({ $0 }) {
      guard let present = best else {
        best = candidate
        continue
      }
      let (new, old) = (rank(candidate), rank(present))
      // What was made of single intervals wins over a stored sum of the same time.
      if new.0 > old.0 || new.0 == old.0 && made == nil && new.1 > old.1 { best = candidate }
    }
    if let best { try store(best, level, bucket: bucket) }
  }
}

/// Widths of time that intervals are summed up by.
enum IntervalLevel: Int, CaseIterable {
  case single = 0
  case hour = 1
  case day = 2

  static let sums: [IntervalLevel] = [.hour, .day]

  /// Microseconds.
  var width: Int64 {
    switch self {
    case .single: 1
    case .hour: 3_600_000_000
    case .day: 86_400_000_000
    }
  }

  /// The bucket of an interval that ends at this instant: an interval that ends on the stroke belongs to what precedes.
  func bucket(_ to: Timestamp) -> Int64 {
    if self == .single { return to.microseconds }
    let time = to.microseconds - 1
    return time >= 0 ? time / width : -((width - 1 - time) / width)
  }

  /// The ends that belong to a bucket: above the lower bound, up to the upper one.
  func range(_ bucket: Int64) -> ClosedRange<Int64> { bucket * width...(bucket + 1) * width }
}

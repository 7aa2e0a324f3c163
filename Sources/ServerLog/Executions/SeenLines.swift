internal import Model

/// Which lines of a session have been counted: a session's id and a line's number prove which entry it is, in whatever
/// piece or copy of a log it stands.
struct SeenLines {
  /// The number that the next entry has if it goes on where the last one ended; -1 before one was counted.
  private(set) var next: Int64 = -1
  /// The next line that was counted before, behind those that are being followed.
  private var limit = Int64.max
  /// The lines that are being followed, up to `next`.
  private var first: Int64 = 0
  private var firstTime: Int64 = 0
  private var lastTime: Int64 = 0
  /// Whether `known` holds what the history knows.
  private(set) var isAsked = false
  /// Whether the id is also that of a session that the history knows from another server: nothing is proven by it.
  private var isForeign = false
  private var known: [LineRange] = []
  /// Since the last batch.
  private var fresh: [LineRange] = []

  /// Whether an entry simply goes on; it is noted then.
  @inline(__always)
  mutating func goesOn(_ entry: borrowing LogEntry) -> Bool {
    guard entry.line == next, entry.lastLine < limit else { return false }
    next = max(entry.lastLine, entry.line) &+ 1
    lastTime = entry.time
    return true
  }

  mutating func answer(_ ranges: [LineRange]) {
    isAsked = true
    known = ranges
  }

  /// Whether an entry was counted before; it is noted if not.
  mutating func isKnown(_ entry: borrowing LogEntry) -> Bool {
    guard !isForeign else { return false }
    close()
    let line = entry.line
    if let range = LineRange.find(line, in: known) ?? LineRange.find(line, in: fresh) {
      if range.mayHold(line, entry.time / 1_000) { return true }
      isForeign = true
      fresh = []
      return false
    }
    // A DETAIL or STATEMENT that stands elsewhere says nothing of its entry.
    guard entry.kind != .detached else { return false }
    limit = Int64.max
    for ranges in [known, fresh] {
      let place = LineRange.firstAbove(line, in: ranges)
      if place < ranges.count { limit = min(limit, ranges[place].first) }
    }
    (first, firstTime, lastTime) = (line, entry.time, entry.time)
    next = min(max(entry.lastLine, line) &+ 1, limit)
    return false
  }

  private mutating func close() {
    guard next > first else { return }
    LineRange.insert(
      LineRange(first: first, last: next - 1, firstTime: firstTime / 1_000, lastTime: lastTime / 1_000), into: &fresh)
    next = -1
  }

  /// What was noted since the last call.
  mutating func take() -> [LineRange] {
    close()
    let taken = fresh
    if !taken.isEmpty { known = LineRange.union(known, taken) }
    fresh = []
    return taken
  }
}

extension LineRange {
  /// Whether an entry of this number and time may be one of the range's. Process ids are few, and two servers may start
  /// one of the same number in the same second; their entries have other times.
  fileprivate func mayHold(_ line: Int64, _ time: Int64) -> Bool {
    if line == first { return time == firstTime }
    // A clock that is set may run backwards for a moment.
    return time >= firstTime - LineRange.slack && time <= lastTime + LineRange.slack
  }

  private static let slack: Int64 = 10_000
}

/// The lines that a reading has counted and that may not be in the history yet.
struct LineLedger: ~Copyable {
  /// Of sessions that were let go of since the last batch.
  private var departed: [UInt64: [LineRange]] = [:]
  /// Of the last batches: one may be waiting to be committed while another one is.
  private var recent: [[UInt64: [LineRange]]] = []

  /// Whether a batch should end, so that memory is bounded.
  var isFull: Bool { departed.count > 40_000 }

  /// Keeps the lines of a session that is let go of.
  mutating func keep(_ session: inout Session) {
    let lines = session.lines.take()
    if !lines.isEmpty { departed[session.key] = LineRange.union(departed[session.key] ?? [], lines) }
  }

  /// All that is known of a session beside what `history` says of it.
  func known(_ key: UInt64, and history: [LineRange]) -> [LineRange] {
    var result = LineRange.union(history, departed[key] ?? [])
    for batch in recent { if let lines = batch[key] { result = LineRange.union(result, lines) } }
    return result
  }

  /// The lines that were counted since the last call, by session.
  mutating func take(_ sessions: inout SessionTable, format: String) -> [SessionLines] {
    for i in sessions.values.indices where sessions.values[i].isLive { keep(&sessions.values[i]) }
    let taken = departed
    departed = [:]
    recent.append(taken)
    if recent.count > 2 { recent.removeFirst() }
    return taken.map { SessionLines(format: format, session: $0.key, ranges: $0.value) }.sorted {
      $0.session < $1.session
    }
  }
}

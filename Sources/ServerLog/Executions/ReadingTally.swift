public import Model

/// What reading a source came to, for people: counts of what was found and of what could not be read.
public struct ReadingTally: Sendable {
  /// Entries understood; a DETAIL or STATEMENT line of stderr belongs to its entry.
  public var entries: Int64 = 0
  /// Executions with a duration.
  public var executions: Int64 = 0
  /// Executions that stand for others which were not logged (`Sampling`); then `executions` is an estimate.
  public var estimated: Int64 = 0
  /// Executions without one.
  public var untimed: Int64 = 0
  public var errors: Int64 = 0
  public var plans: Int64 = 0
  /// Entries that are neither executions, errors nor plans.
  public var events: Int64 = 0
  /// Entries left out because another source of the same server holds them.
  public var excluded: Int64 = 0
  /// Entries, and parts of entries that stand in another place, that were counted before: in another piece of the log, or
  /// further up.
  public var known: Int64 = 0
  /// Lines that the sessions' line numbers say were written and that are not there.
  public var lostLines: Int64 = 0
  public var first: Timestamp?
  public var last: Timestamp?
  var skipped = SkipTally()

  /// The first lines or records that could not be read: where in the content they begin, why, and what they say.
  public var skippedExamples: [(offset: Int64, reason: String, text: String)] {
    skipped.examples.map { ($0.offset, $0.reason.text, $0.text) }
  }

  /// Entries or lines that could not be read, by reason.
  public var skippedByReason: [String: Int64] { skipped.byText }

  @inline(__always)
  mutating func entry(_ time: Int64) {
    entries &+= 1
    if let last, time <= last.microseconds {
      if let first, time < first.microseconds { self.first = Timestamp(microseconds: time) }
      return
    }
    last = Timestamp(microseconds: time)
    if first == nil { first = last }
  }

  /// Follows the numbers of a session's lines.
  @inline(__always)
  mutating func sessionLine(_ session: inout Session, _ entry: borrowing LogEntry) {
    guard entry.line >= 0 else { return }
    if session.line >= 0, entry.line > session.line + 1 { lostLines += entry.line - session.line - 1 }
    session.line = max(entry.lastLine, entry.line)
  }

  mutating func add(_ other: ReadingTally) {
    entries += other.entries
    executions += other.executions
    estimated += other.estimated
    untimed += other.untimed
    errors += other.errors
    plans += other.plans
    events += other.events
    excluded += other.excluded
    known += other.known
    lostLines += other.lostLines
    skipped.add(other.skipped)
    if let value = other.first { first = min(first ?? value, value) }
    if let value = other.last { last = max(last ?? value, value) }
  }
}

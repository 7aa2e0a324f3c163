internal import Model

/// Entries that were counted before, in another piece or copy of the log.
extension Assembler {
  /// Whether an entry was counted before, as its session's start and its line's number prove. Without them nothing does.
  @inline(__always)
  mutating func isKnown(_ entry: borrowing LogEntry, _ session: Int) -> Bool {
    guard entry.line > 0 else { return false }
    if sessions.values[session].lines.goesOn(entry) { return false }
    return looksUp(entry, session)
  }

  @inline(never)
  private mutating func looksUp(_ entry: borrowing LogEntry, _ session: Int) -> Bool {
    let key = entry.session
    guard key >> 32 != 0 else { return false }
    if !sessions.values[session].lines.isAsked {
      sessions.values[session].lines.answer(ledger.known(key, and: options.countedLines(family, key)))
    }
    return sessions.values[session].lines.isKnown(entry)
  }

  /// An entry that was counted before still says how its session stands: what waits in it for the next entry.
  mutating func pass(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    tally.known += 1
    sessions.values[session].line = max(entry.lastLine, entry.line)
    let (kind, tag) = (entry.kind, entry.tag)
    if kind != .message, !entry.context.isEmpty { return }
    switch kind {
    case .statement, .execute:
      sessions.values[session].start = nil
      sessions.values[session].bare.removeAll()
      isPassing = true
      follow(statement(entry, block), workload(entry, session, block), entry, session, minute(of: entry.time), 1)
      isPassing = false
      sessions.values[session].plans.removeAll()
      sessions.values[session].lastShape = entry.shape
      sessions.values[session].lastDuration = entry.duration
    case .statementStart, .executeStart, .fetchStart:
      // The reading that counted it may have ended here, and then counted it without a duration.
      wait(entry, session, block, isCounted: true)
    case .bareDuration:
      if tag == .parse || tag == .bind {
        sessions.values[session].bare.append(entry.duration)
        if sessions.values[session].bare.count > 2 { sessions.values[session].bare.removeAll() }
      } else {
        sessions.values[session].start = nil
        sessions.values[session].bare.removeAll()
      }
    case .message:
      if entry.severity >= .error {
        sessions.values[session].start = nil
        sessions.values[session].bare.removeAll()
        if entry.shape == 0 { sessions.values[session].openError = entry.time }
      } else if missing != .nothing, entry.severity == .log {
        learnNames(escaping.string(block.slice(entry.message)), entry, session, block)
      }
    default: break
    }
  }
}

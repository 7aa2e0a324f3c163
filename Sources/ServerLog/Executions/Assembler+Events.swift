internal import Model

/// Entries that are neither executions nor plans.
extension Assembler {
  mutating func event(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    var statement: Int?
    // What a RAISE LOG imitates is no statement's text.
    let kind = entry.kind
    let isImitation = kind != .message && kind != .fastpath
    if entry.shape != 0, !isImitation {
      statement = self.statement(entry, block)
    }
    if entry.severity >= .error {
      if let statement {
        cells.addError(cells.index(minute(of: entry.time), statement, workload(entry, session, block)))
        // The failed statement's own entry of log_statement is the same execution.
        if let start = sessions.values[session].start, start.statement == statement {
          if start.countedUntimed, !start.isFetch { takeBackUntimed(start) }
          sessions.values[session].start = nil
        }
      } else {
        sessions.values[session].openError = entry.time
      }
      tally.errors += 1
      sessions.values[session].bare.removeAll()
    } else {
      tally.events += 1
    }
    let message = escaping.string(block.slice(entry.message))
    if missing != .nothing, entry.severity == .log { learnNames(message, entry, session, block) }
    let sqlState = sqlStateText(entry.sqlState)
    var judgement = classifier.judge(message, severity: entry.severity, sqlState: sqlState)
    // Only of errors do all formats tell where they were raised, or by which SQLSTATE.
    let raised =
      entry.severity >= .error
      ? RaisedMessage.shape(context: escaping.string(block.slice(entry.context)), sqlState: sqlState) : nil
    if let raised {
      judgement = EventClassifier.Judgement(category: judgement.category, shape: raised)
    }
    var detail = escaping.string(block.slice(entry.detail))
    if entry.severity >= .error, values.mode == .keep, !entry.context.isEmpty,
      let parameters = decoded(block.slice(entry.context)).withUnsafeBytes({ ParameterList.inContext($0) })
    {
      detail += (detail.isEmpty ? "" : "\n") + "parameters: " + ParameterList.text(parameters)
    }
    let isSecret = decoded(block.slice(entry.text)).withUnsafeBytes { values.isSecret($0) }
    if judgement.shape == nil, entry.severity < .error {
      judgement.shape = KnownMessage.shape(message, english: judgement.english, entry.severity)
    }
    let shape = judgement.shape ?? values.shape(message, isSecret: isSecret)
    // The server's DETAIL of a deadlock says who waited for whom; a raised one says anything.
    let sample = values.event(message, detail, shape, raised == nil ? judgement.category : .other, isSecret: isSecret)
    events.add(
      EventTable.Cell(
        category: judgement.category, minute: minute(of: entry.time), sqlState: sqlState,
        shape: shape,
        workload: plainWorkload(copy entry, session, block),
        statement: statement, count: judgement.count, amount: judgement.amount,
        sample: String(sample.prefix(4_000))))
    if judgement.category == .disconnection { end(session) }
  }

  /// The number of an entry's dimensions without tags.
  private mutating func plainWorkload(_ entry: LogEntry, _ session: Int, _ block: EntryBlock) -> Int {
    var plain = entry
    plain.tags = 0
    return workload(plain, session, block)
  }

  /// Who connected, where the prefix does not say it on every line; a process id comes again in another session.
  mutating func learnNames(_ message: String, _ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    var text = message
    let names = text.withUTF8 { ConnectionNames.read(UnsafeRawBufferPointer($0), tables) }
    if let names {
      sessions.values[session].names = SessionNames(names, missing)
    } else if sessions.values[session].names != nil, classifier.isConnectionReceived(message) {
      sessions.values[session].names = nil
    }
  }

  /// A part of an entry that other sessions' lines have torn off: what it says is added to what is known.
  mutating func attach(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    guard entry.part == .statement, entry.shape != 0, sessions.values[session].openError == entry.time else { return }
    sessions.values[session].openError = -1
    let statement = statement(entry, block)
    cells.addError(cells.index(minute(of: entry.time), statement, workload(entry, session, block)))
  }
}

internal import Bytes
internal import Model
internal import SQLText

/// Makes executions and events of the entries of one source, in their order, and sums them up.
///
/// A call is one execution, however many entries it took: `statement` and `execute` count, parse and bind time is kept
/// apart, a bare duration belongs to the statement that `log_statement` wrote before it, a plan of auto_explain belongs
/// to the execution beside it. What must be remembered from one entry to the next is in `Session`.
struct Assembler: ~Copyable {
  let escaping: Escaping
  let options: ReadingOptions
  let tables: [MessageTable]
  let values: ValuePolicy
  private let classifier: EventClassifier
  var shapes: ShapeTable
  var workloads: WorkloadTable
  var cells = CellTable()
  var events = EventTable()
  var samples = SampleKeeper()
  var plans = PlanKeeper()
  var repetitions = RepetitionTable()
  var edges = QueryIDTable()
  var sessions = SessionTable()
  var tally = ReadingTally()
  var sketch = EntrySketch()
  var weights: SampleWeights
  /// Whose executions an earlier reading of the log saw with durations.
  var timedBefore: Set<SettingsOwner> = []
  private var scratch = ScratchBytes()
  private var minuteStart: Int64 = 0
  private var minute: Int64 = Int64.min

  init(escaping: Escaping, tables: [MessageTable], fingerprinter: Fingerprinter, options: ReadingOptions) {
    self.escaping = escaping
    self.tables = tables
    classifier = EventClassifier(tables: tables)
    workloads = WorkloadTable(unknown: tables.map(\.unknown))
    self.options = options
    values = ValuePolicy(mode: options.parameters, salt: options.salt)
    weights = SampleWeights(options.sampling)
    shapes = ShapeTable(fingerprinter)
  }

  /// Takes in the entries of a block. Blocks come in the order of the source.
  mutating func consume(_ block: EntryBlock) {
    tally.skipped.add(block.skipped)
    block.entries.withUnsafeBufferPointer { entries in
      for i in entries.indices { handle(entries[i], block) }
    }
  }

  @inline(__always)
  private mutating func handle(_ entry: borrowing LogEntry, _ block: EntryBlock) {
    if !options.excluded.isEmpty, options.excludes(entry.time) {
      tally.excluded += 1
      return
    }
    let session = sessions.index(of: entry.session)
    tally.sessionLine(&sessions.values[session], entry)
    if entry.kind == .detached {
      attach(entry, session, block)
      return
    }
    tally.entry(entry.time)
    sketch.insert(EntrySketch.hash(entry))
    if entry.kind == .plan {
      plan(entry, session, block)
      return
    }
    // A function may RAISE LOG anything, also what looks like a duration; but then the entry has a CONTEXT.
    guard entry.context.isEmpty else {
      event(entry, session, block)
      return
    }
    switch entry.kind {
    case .statement, .execute: execution(entry, session, block)
    case .parse, .bind:
      let cell = cells.index(minute(of: entry.time), statement(entry, block), workloads.number(block, entry, escaping))
      if entry.kind == .parse {
        cells.addParse(cell, entry.duration &* weights.weight(entry.duration))
      } else {
        cells.addBind(cell, entry.duration &* weights.weight(entry.duration))
      }
    case .fetch: fetch(entry, session, block)
    case .bareDuration: bareDuration(entry, session, block)
    case .statementStart, .executeStart, .fetchStart: start(entry, session, block)
    default: event(entry, session, block)
    }
  }

  @inline(__always)
  private mutating func minute(of time: Int64) -> Int64 {
    let offset = time &- minuteStart
    if offset >= 0, offset < 60_000_000, minute != Int64.min { return minute }
    minute = Timestamp(microseconds: time).minute
    minuteStart = minute * 60_000_000
    return minute
  }

  @inline(__always)
  private mutating func statement(_ entry: borrowing LogEntry, _ block: EntryBlock) -> Int {
    if let known = shapes.find(entry.shape) { return known }
    return addStatement(entry.shape, block, entry.text, isPlan: entry.kind == .plan, entry.isTruncated)
  }

  private mutating func addStatement(
    _ shape: UInt64, _ block: EntryBlock, _ text: ByteSlice, isPlan: Bool, _ isTruncated: Bool
  ) -> Int {
    scratch.removeAll()
    if isPlan {
      var plan = ScratchBytes()
      escaping.decode(block.slice(text), into: &plan)
      _ = PlanDocument.queryText(plan.bytes, into: &scratch)
      return shapes.add(shape, PlanDocument.executed(scratch.bytes), isTruncated: isTruncated)
    } else {
      escaping.decode(block.slice(text), into: &scratch)
    }
    return shapes.add(shape, scratch.bytes, isTruncated: isTruncated)
  }

  // MARK: Executions

  @inline(__always)
  private mutating func execution(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    let statement = statement(entry, block)
    let workload = workloads.number(block, entry, escaping)
    if sessions.values[session].start != nil { untimed(session) }
    if !sessions.values[session].bare.isEmpty { unexplained(session) }
    count(statement, workload, entry, session)
    let wants = samples.wants(statement, shapes.statements[statement].fingerprint, entry.time, entry.duration)
    if wants.0 || wants.1, entry.text.count <= Assembler.escapedLimit, entry.detail.count <= Assembler.escapedLimit {
      keepSample(
        statement, workload, entry, text: decoded(block.slice(entry.text)),
        detail: decoded(block.slice(entry.call.isEmpty ? entry.detail : entry.call)), wants)
    }
  }

  /// A further part of an execution that has been counted: its time belongs to it, a call it is not.
  private mutating func fetch(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    let cell = cells.index(minute(of: entry.time), statement(entry, block), workloads.number(block, entry, escaping))
    cells.addFetch(cell, entry.duration &* weights.weight(entry.duration))
  }

  /// Counts a timed execution and what follows from it.
  @inline(__always)
  private mutating func count(_ statement: Int, _ workload: Int, _ entry: borrowing LogEntry, _ session: Int) {
    let minute = minute(of: entry.time)
    let weight = weights.weight(entry.duration)
    cells.addExecution(cells.index(minute, statement, workload), entry.duration, weight: weight)
    tally.executions += weight
    if weight > 1 { tally.estimated += weight }
    workloads.setTimed(workload)
    if entry.queryID != 0, shapes.statements[statement].control != .prepares {
      edges.add(
        QueryID(entry.queryID), workload, workloads.values[workload].database, statement,
        shapes.statements[statement].fingerprint)
    }
    follow(statement, workload, entry, session, minute, weight)
    if !sessions.values[session].plans.isEmpty { explain(session, entry.time, entry.duration) }
    sessions.values[session].lastShape = entry.shape
    sessions.values[session].lastDuration = entry.duration
    if entry.duration < sessions.values[session].shortest { sessions.values[session].shortest = entry.duration }
  }

  /// Keeps account of what repeats inside the session's transaction.
  @inline(__always)
  private mutating func follow(
    _ statement: Int, _ workload: Int, _ entry: borrowing LogEntry, _ session: Int, _ minute: Int64,
    _ weight: Int64
  ) {
    switch shapes.statements[statement].control {
    case .begins:
      closeTransaction(session)
      sessions.values[session].transaction.isOpen = true
    case .ends: closeTransaction(session)
    case .none, .prepares:
      // A transaction that is over already has the local number zero.
      let id = entry.transaction & 0xFFFF_FFFF == 0 ? 0 : entry.transaction
      if id != 0, sessions.values[session].transaction.id != id {
        if sessions.values[session].transaction.id != 0 || !sessions.values[session].transaction.isOpen {
          closeTransaction(session)
        }
        sessions.values[session].transaction.id = id
      }
      guard id != 0 || sessions.values[session].transaction.isOpen, shapes.statements[statement].kind.isPlannable
      else { return }
      sessions.values[session].transaction.add(statement, workload, minute, entry.duration, weight)
    }
  }

  mutating func closeTransaction(_ session: Int) {
    for item in sessions.values[session].transaction.items where item.count >= TransactionRun.threshold {
      repetitions.add(item)
    }
    sessions.values[session].transaction.items.removeAll(keepingCapacity: true)
    sessions.values[session].transaction.id = 0
    sessions.values[session].transaction.isOpen = false
  }

  /// Bytes beyond which a text is not even decoded for a sample: the longest escape writes six bytes for one.
  private static let escapedLimit = UInt32(6 * ReadingOptions.sampleLimit)

  private mutating func keepSample(
    _ statement: Int, _ workload: Int, _ entry: borrowing LogEntry, text: [UInt8], detail: [UInt8],
    _ wants: (Bool, Bool)
  ) {
    guard text.count <= ReadingOptions.sampleLimit else { return }
    let content = text.withUnsafeBytes { values.sample($0, parameters(detail)) }
    keepSample(statement, workload, entry, content, wants)
  }

  private mutating func keepSample(
    _ statement: Int, _ workload: Int, _ entry: borrowing LogEntry,
    _ content: (text: String, parameters: [ExecutionSample.Parameter]), _ wants: (Bool, Bool)
  ) {
    samples.keep(
      ExecutionSample(
        fingerprint: shapes.statements[statement].fingerprint, dimensions: workloads.values[workload],
        at: Timestamp(microseconds: entry.time), duration: Microseconds(entry.duration), text: content.text,
        parameters: content.parameters, reason: .slow), statement, slow: wants.0, ordinary: wants.1)
  }

  /// The parameters in a DETAIL, or the arguments of an EXECUTE.
  func parameters(_ detail: [UInt8]) -> [ExecutionSample.Parameter] {
    detail.withUnsafeBytes { ParameterList.read($0, tables) ?? ParameterList.ofCall($0) } ?? []
  }

  private func decoded(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    var buffer = ScratchBytes(capacity: bytes.count + 16)
    escaping.decode(bytes, into: &buffer)
    return Array(buffer.bytes)
  }

  // MARK: Pairing

  private mutating func start(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    let statement = statement(entry, block)
    let workload = workloads.number(block, entry, escaping)
    if sessions.values[session].start != nil { untimed(session) }
    let bare = sessions.values[session].bare
    if entry.kind == .executeStart, !bare.isEmpty, bare.count <= 2 {
      // log_duration writes parse and bind before the execute that they belong to.
      let cell = cells.index(minute(of: entry.time), statement, workload)
      if bare.count == 2 { cells.addParse(cell, bare[0]) }
      cells.addBind(cell, bare[bare.count - 1])
      sessions.values[session].bare = []
    } else if !bare.isEmpty {
      unexplained(session)
    }
    sessions.values[session].start = Session.Start(
      statement: statement, workload: workload, time: entry.time, line: entry.lastLine,
      text: decoded(block.slice(entry.text)),
      detail: decoded(block.slice(entry.call.isEmpty ? entry.detail : entry.call)), stored: nil,
      // A part of an execution is none of its own.
      isFetch: entry.kind == .fetchStart, countedUntimed: entry.kind == .fetchStart)
  }

  private mutating func bareDuration(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    let tag = entry.tag
    if tag == .parse || tag == .bind {
      if let statement = self.statement(ofQueryID: entry, block) {
        let cell = cells.index(
          minute(of: entry.time), statement, workloads.number(block, entry, escaping))
        if entry.tag == .parse { cells.addParse(cell, entry.duration) } else { cells.addBind(cell, entry.duration) }
      } else {
        sessions.values[session].bare.append(entry.duration)
        if sessions.values[session].bare.count > 2 { unexplained(session) }
      }
      return
    }
    if let start = sessions.values[session].start {
      if start.countedUntimed, !start.isFetch { takeBackUntimed(start) }
      sessions.values[session].start = nil
      guard !start.isFetch else {
        cells.addFetch(
          cells.index(minute(of: entry.time), start.statement, start.workload),
          entry.duration &* weights.weight(entry.duration))
        return
      }
      count(start.statement, start.workload, entry, session)
      let fingerprint = shapes.statements[start.statement].fingerprint
      let wants = samples.wants(start.statement, fingerprint, entry.time, entry.duration)
      if wants.0 || wants.1 {
        if let stored = start.stored {
          let content = (String(decoding: start.text, as: UTF8.self), stored)
          keepSample(start.statement, start.workload, entry, content, wants)
        } else {
          keepSample(start.statement, start.workload, entry, text: start.text, detail: start.detail, wants)
        }
      }
      return
    }
    // Without a tag (stderr without `%i`, or `update_process_title` is off) it may as well be a parse or a bind; PREPARE
    // has the query id of what it prepares.
    if tag == .other, let statement = self.statement(ofQueryID: entry, block) {
      count(statement, workloads.number(block, entry, escaping), entry, session)
      return
    }
    if tag == .unknown {
      sessions.values[session].bare.append(entry.duration)
      if sessions.values[session].bare.count > 2 { unexplained(session) }
    } else {
      tally.skipped.count(.unexplainedDuration)
    }
  }

  /// The statement of an entry that shows nothing but its query id: as the log has named it before, or the history.
  private mutating func statement(ofQueryID entry: borrowing LogEntry, _ block: EntryBlock) -> Int? {
    guard entry.queryID != 0 else { return nil }
    let id = QueryID(entry.queryID)
    let database = escaping.string(block.slice(entry.database))
    if edges.asks(id, database), let text = options.statementOfQueryID(database, id) {
      let number = shapes.number(of: text.fingerprint, kind: text.kind, control: ShapeTable.control(text))
      edges.learn(id, database, number, text.fingerprint)
    }
    return edges.statement(id, database)
  }

  /// The waiting statement got no duration: its setting writes none, or it was below a threshold.
  private mutating func untimed(_ session: Int) {
    guard let start = sessions.values[session].start else { return }
    sessions.values[session].start = nil
    guard !start.countedUntimed else { return }
    cells.addUntimed(cells.index(Timestamp(microseconds: start.time).minute, start.statement, start.workload), 1)
    tally.untimed += 1
  }

  /// What was counted without a duration, because a file ended, got one after all.
  private mutating func takeBackUntimed(_ start: Session.Start) {
    cells.addUntimed(cells.index(Timestamp(microseconds: start.time).minute, start.statement, start.workload), -1)
    tally.untimed -= 1
  }

  private mutating func unexplained(_ session: Int) {
    tally.skipped.count(.unexplainedDuration, Int64(sessions.values[session].bare.count))
    sessions.values[session].bare.removeAll()
  }

  // MARK: Plans

  private mutating func plan(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    guard entry.shape != 0 else {
      event(entry, session, block)
      return
    }
    let statement = statement(entry, block)
    let workload = workloads.number(block, entry, escaping)
    tally.plans += 1
    let isNested = !entry.context.isEmpty
    if plans.wants(statement, shapes.statements[statement].fingerprint, entry.time, entry.duration) {
      let document = decoded(block.slice(entry.text))
      let content = document.drop { $0 == 0x0A || $0 == 0x0D }
      let format = document.withUnsafeBytes { PlanDocument.format($0) }
      plans.keep(
        PlanSample(
          fingerprint: shapes.statements[statement].fingerprint, dimensions: workloads.values[workload],
          at: Timestamp(microseconds: entry.time), duration: Microseconds(entry.duration),
          format: format, document: values.plan(String(decoding: content, as: UTF8.self), format),
          isNested: isNested), statement)
    }
    guard !isNested else { return }
    if sessions.values[session].lastShape == entry.shape, sessions.values[session].lastDuration >= entry.duration {
      // The extended protocol writes the plan when the portal is closed: after its execution's duration.
      sessions.values[session].lastShape = 0
      return
    }
    if sessions.values[session].plans.count >= 8 { countPlan(sessions.values[session].plans.removeFirst(), session) }
    sessions.values[session].plans.append(
      Session.WaitingPlan(
        shape: entry.shape, statement: statement, workload: workload, time: entry.time, duration: entry.duration))
  }

  /// A timed execution explains the plans that were written before it and ran inside it.
  private mutating func explain(_ session: Int, _ end: Int64, _ duration: Int64) {
    // Times are written to the millisecond, by %t to the second.
    let slack: Int64 = end % 1_000_000 == 0 ? 1_000_000 : 2_000
    let rest = sessions.values[session].plans.filter { plan in
      plan.duration > duration || plan.time - plan.duration < end - duration - slack
    }
    sessions.values[session].plans = []
    for plan in rest { countPlan(plan, session) }
  }

  /// A plan without a duration entry of its execution is the execution's only trace, unless the session logs the
  /// durations of shorter executions too (then the plan was of a cursor, or of a statement inside another).
  private mutating func countPlan(_ plan: Session.WaitingPlan, _ session: Int) {
    guard sessions.values[session].shortest > plan.duration else { return }
    let cell = cells.index(Timestamp(microseconds: plan.time).minute, plan.statement, plan.workload)
    let weight = weights.weight(plan.duration)
    cells.addExecution(cell, plan.duration, weight: weight)
    tally.executions += weight
    if weight > 1 { tally.estimated += weight }
  }

  // MARK: Other entries

  private mutating func event(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    var statement: Int?
    // What a RAISE LOG imitates is no statement's text.
    let kind = entry.kind
    let isImitation = kind != .message && kind != .fastpath
    if entry.shape != 0, !isImitation {
      statement = self.statement(entry, block)
    }
    if entry.severity >= .error {
      if let statement {
        cells.addError(cells.index(minute(of: entry.time), statement, workloads.number(block, entry, escaping)))
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
    let sqlState = sqlStateText(entry.sqlState)
    let judgement = classifier.judge(message, severity: entry.severity, sqlState: sqlState)
    var detail = escaping.string(block.slice(entry.detail))
    if entry.severity >= .error, values.mode == .keep, !entry.context.isEmpty,
      let parameters = decoded(block.slice(entry.context)).withUnsafeBytes({ ParameterList.inContext($0) })
    {
      detail += (detail.isEmpty ? "" : "\n") + "parameters: " + ParameterList.text(parameters)
    }
    let shape = judgement.shape ?? MessageShape.mask(message)
    let sample = decoded(block.slice(entry.text)).withUnsafeBytes {
      values.event(message, detail, shape, judgement.category, statement: $0)
    }
    events.add(
      EventTable.Cell(
        category: judgement.category, minute: minute(of: entry.time), sqlState: sqlState,
        shape: shape,
        workload: workloads.plainNumber(block, copy entry, escaping),
        statement: statement, count: judgement.count, amount: judgement.amount,
        sample: String(sample.prefix(4_000))))
    if judgement.category == .disconnection { end(session) }
  }

  /// A part of an entry that other sessions' lines have torn off: what it says is added to what is known.
  private mutating func attach(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    guard entry.part == .statement, entry.shape != 0, sessions.values[session].openError == entry.time else { return }
    sessions.values[session].openError = -1
    let statement = statement(entry, block)
    cells.addError(cells.index(minute(of: entry.time), statement, workloads.number(block, entry, escaping)))
  }

  /// Nothing more is to come from the session.
  private mutating func end(_ session: Int) {
    settle(session)
    sessions.remove(session)
  }

  /// Decides what was waiting for an entry that will not come.
  mutating func settle(_ session: Int) {
    untimed(session)
    unexplained(session)
    let plans = sessions.values[session].plans
    sessions.values[session].plans = []
    for plan in plans { countPlan(plan, session) }
    closeTransaction(session)
  }

  /// At the end of a file that may go on: what waits is counted as far as it can be, and remembered, so that what
  /// comes later corrects it.
  mutating func pause() {
    let timed = timedOwners
    for session in sessions.values.indices where sessions.values[session].isLive {
      if var start = sessions.values[session].start, !start.countedUntimed {
        cells.addUntimed(cells.index(Timestamp(microseconds: start.time).minute, start.statement, start.workload), 1)
        tally.untimed += 1
        start.countedUntimed = true
        sessions.values[session].start = start
      }
      // Where durations are logged, that of the plan's execution is still to come, or the plan is not counted.
      guard let first = sessions.values[session].plans.first,
        !timed.contains(SettingsOwner(workloads.values[first.workload]))
      else { continue }
      let plans = sessions.values[session].plans
      sessions.values[session].plans = []
      for plan in plans { countPlan(plan, session) }
    }
  }

  /// Whose executions are logged with durations, so that a plan's execution is expected to come with its own.
  var timedOwners: Set<SettingsOwner> {
    var result = timedBefore
    for (value, isTimed) in zip(workloads.values, workloads.isTimed) where isTimed {
      result.insert(SettingsOwner(value))
    }
    return result
  }
}

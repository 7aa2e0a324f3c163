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
  /// `LogFormat.family`.
  let family: String
  let options: ReadingOptions
  let tables: [MessageTable]
  let values: ValuePolicy
  let classifier: EventClassifier
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
  var ledger = LineLedger()
  /// Whether what is being followed was counted before.
  var isPassing = false
  var weights: SampleWeights
  /// Names that the prefix does not show.
  var missing = SessionNames.Missing.nothing
  private var namesComeFromConnections = false
  /// Whose executions an earlier reading of the log saw with durations.
  var timedBefore: Set<SettingsOwner> = []
  private var scratch = ScratchBytes()
  private var minuteStart: Int64 = 0
  private var minute: Int64 = Int64.min

  init(_ format: LogFormat, tables: [MessageTable], fingerprinter: Fingerprinter, options: ReadingOptions) {
    escaping = format.escaping
    family = format.family
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
    if isKnown(entry, session) {
      pass(entry, session, block)
      return
    }
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
      let cell = cells.index(minute(of: entry.time), statement(entry, block), workload(entry, session, block))
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

  /// The dimensions of an entry. What its prefix does not show, the session's connection said.
  @inline(__always)
  mutating func workload(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) -> Int {
    if namesComeFromConnections, let names = sessions.values[session].names {
      return workloads.number(block, entry, escaping, names)
    }
    return workloads.number(block, entry, escaping)
  }

  /// What the log's prefix is from here on.
  mutating func use(_ prefix: LinePrefix?) {
    missing = SessionNames.Missing(prefix)
    namesComeFromConnections = missing != .nothing
  }

  @inline(__always)
  mutating func minute(of time: Int64) -> Int64 {
    let offset = time &- minuteStart
    if offset >= 0, offset < 60_000_000, minute != Int64.min { return minute }
    minute = Timestamp(microseconds: time).minute
    minuteStart = minute * 60_000_000
    return minute
  }

  @inline(__always)
  mutating func statement(_ entry: borrowing LogEntry, _ block: EntryBlock) -> Int {
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
    let workload = workload(entry, session, block)
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
    let cell = cells.index(minute(of: entry.time), statement(entry, block), workload(entry, session, block))
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
  mutating func follow(
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
    if !isPassing {
      for item in sessions.values[session].transaction.items where item.count >= TransactionRun.threshold {
        repetitions.add(item)
      }
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

  func decoded(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    var buffer = ScratchBytes(capacity: bytes.count + 16)
    escaping.decode(bytes, into: &buffer)
    return Array(buffer.bytes)
  }

  // MARK: Pairing

  private mutating func start(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    let statement = statement(entry, block)
    let workload = workload(entry, session, block)
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
    // A part of an execution is none of its own.
    wait(entry, session, block, isCounted: entry.kind == .fetchStart)
  }

  /// What `log_statement` wrote waits for its duration.
  mutating func wait(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock, isCounted: Bool) {
    sessions.values[session].start = Session.Start(
      statement: statement(entry, block), workload: workload(entry, session, block), time: entry.time,
      line: entry.lastLine, text: decoded(block.slice(entry.text)),
      detail: decoded(block.slice(entry.call.isEmpty ? entry.detail : entry.call)), stored: nil,
      isFetch: entry.kind == .fetchStart, countedUntimed: isCounted)
  }

  private mutating func bareDuration(_ entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) {
    let tag = entry.tag
    if tag == .parse || tag == .bind {
      if let statement = self.statement(ofQueryID: entry, session, block) {
        let cell = cells.index(
          minute(of: entry.time), statement, workload(entry, session, block))
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
          let content = (String(readable: start.text), stored)
          keepSample(start.statement, start.workload, entry, content, wants)
        } else {
          keepSample(start.statement, start.workload, entry, text: start.text, detail: start.detail, wants)
        }
      }
      return
    }
    // Without a tag (stderr without `%i`, or `update_process_title` is off) it may as well be a parse or a bind; PREPARE
    // has the query id of what it prepares.
    if tag == .other, let statement = self.statement(ofQueryID: entry, session, block) {
      count(statement, workload(entry, session, block), entry, session)
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
  private mutating func statement(ofQueryID entry: borrowing LogEntry, _ session: Int, _ block: EntryBlock) -> Int? {
    guard entry.queryID != 0 else { return nil }
    let id = QueryID(entry.queryID)
    let shown = escaping.string(block.slice(entry.database))
    let database = shown.isEmpty ? sessions.values[session].names?.database ?? "" : shown
    if edges.asks(id, database), let text = options.statementOfQueryID(database, id) {
      let number = shapes.number(of: text.fingerprint, kind: text.kind, control: ShapeTable.control(text))
      edges.learn(id, database, number, text.fingerprint)
    }
    return edges.statement(id, database)
  }

  /// The waiting statement got no duration: its setting writes none, or it was below a threshold.
  mutating func untimed(_ session: Int) {
    guard let start = sessions.values[session].start else { return }
    sessions.values[session].start = nil
    guard !start.countedUntimed else { return }
    cells.addUntimed(cells.index(Timestamp(microseconds: start.time).minute, start.statement, start.workload), 1)
    tally.untimed += 1
  }

  /// What was counted without a duration, because a file ended, got one after all.
  mutating func takeBackUntimed(_ start: Session.Start) {
    cells.addUntimed(cells.index(Timestamp(microseconds: start.time).minute, start.statement, start.workload), -1)
    tally.untimed -= 1
  }

  mutating func unexplained(_ session: Int) {
    tally.skipped.count(.unexplainedDuration, Int64(sessions.values[session].bare.count))
    sessions.values[session].bare.removeAll()
  }
}

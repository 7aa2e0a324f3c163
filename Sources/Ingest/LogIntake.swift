import Bytes
import History
import Model
import Plans
import SQLText
import ServerLog

/// Takes one server log into a history: from where an earlier run stopped, and without what another source holds.
struct LogIntake {
  private let history: HistoryStore
  private let options: IngestRun.Options
  private let fingerprinter: Fingerprinter

  init(_ history: HistoryStore, _ options: IngestRun.Options, _ fingerprinter: Fingerprinter) {
    self.history = history
    self.options = options
    self.fingerprinter = fingerprinter
  }

  /// - Parameter end: what the end of the content means.
  func take(
    _ content: SourceContent, _ given: LogFormat, end: @escaping @Sendable (Int64) -> SourceEnd
  ) throws -> IngestReport.Source {
    var sum: IngestReport.Source?
    while true {
      let (row, isContested) = try read(content, given, end: end)
      if row.bytes > 0 || sum == nil {
        if sum?.bytes ?? 0 > 0 { sum?.add(row) } else { sum = row }
      }
      // Each time another process has taken something in: what is to count is decided with that in view.
      if !isContested { return sum ?? row }
    }
  }

  /// Reads a log to its end, or to where another process takes in what may be the same entries.
  private func read(
    _ content: SourceContent, _ given: LogFormat, end: @escaping @Sendable (Int64) -> SourceEnd
  ) throws -> (IngestReport.Source, isContested: Bool) {
    // All that the history has read, for finding the log among them and siblings beside it.
    let sources = try history.sources()
    let (identity, known) = SourceIdentity.find(content.head, among: sources)
    let format = LogLineage.format(of: content, given, isGiven: options.prefix != nil, among: sources)
    var state = known.map(ReaderState.init) ?? ReaderState()
    var row = IngestReport.Source(path: content.path, format: content.name(of: format), outcome: .alreadyRead)
    row.identity = identity.text
    let file = FileLook(path: content.location)?.number
    let opened = known == nil ? try content.open() : try content.open(at: state.checkpoint)
    guard let opened else {
      // A copy that was made before the one that was read.
      fill(&row, known, state)
      return (row, false)
    }
    // Since it was looked at, another log may have taken its place.
    guard content.isBegunAsBefore else { throw IngestError.rewritten(path: content.path, offset: 0) }
    if known == nil, content.isNewestFirst {
      throw IngestError.newestFirst(
        path: content.path, wrapper: content.unwrapping.layers.map(\.name).joined(separator: " in "))
    }
    if known == nil, let predecessor = LogLineage.predecessor(of: content, format, among: sources) {
      state.checkpoint.sessions = ReaderState(predecessor).checkpoint.sessions
    }
    // What an earlier run has said of the wrapper is not said again.
    let wrapped = known == nil ? [:] : content.unwrapping.counts(before: state.checkpoint.offset)
    var reading = options.reading
    reading.language = content.head.withUnsafeBytes { LogSniffer().language(of: $0) }
    let siblings = LogSiblings(sources, identity: identity.text, format: content.name(of: format))
    let (source, twins, strangers) = try siblings.find(
      of: opened, state, known, EntryProbe(format: format, options: reading))
    state.isCoarse = !format.hasMilliseconds
    for twin in twins {
      if !state.siblings.contains(twin.identity) { state.siblings.append(twin.identity) }
      let owned = state.isCoarse ? TimeRanges.wholeSeconds(twin.owned) : twin.owned
      state.excluded = TimeRanges.union(state.excluded, owned)
    }
    reading.excluded = state.excluded
    let counted = CountedLines(history)
    reading.countedLines = { format, session in counted.lines(format, session) }
    let reader = LogReading(format: format, options: reading, fingerprinter: fingerprinter)
    let before = (known, state)
    let basis = LogBasis(
      consumed: Dictionary(sources.map { ($0.identity, $0.consumed) }, uniquingKeysWith: { $1 }), strangers: strangers)
    let commit = { (batch: LogBatch, checkpoint: LogReading.Checkpoint) in
      // Nothing new: not even the progress changes.
      guard checkpoint.offset > before.1.checkpoint.offset else { return }
      // Emptied and written anew meanwhile: what was read belongs to another log. One that has another name now is read
      // to its end.
      guard FileLook(path: content.location)?.number != file || content.isBegunAsBefore else {
        throw IngestError.rewritten(path: content.path, offset: checkpoint.offset)
      }
      var batch = batch
      for i in batch.plans.indices where batch.plans[i].shape == nil {
        batch.plans[i].shape = (try? PlanReader.plan(of: batch.plans[i]))?.shape
      }
      let from = state.checkpoint.offset
      var next = state
      next.checkpoint = checkpoint
      let tally = checkpoint.tally
      next.excludedEntries = before.1.excludedEntries + tally.excluded
      next.lostLines = before.1.lostLines + tally.lostLines
      next.executions = before.1.executions + tally.executions
      next.plans = before.1.plans + tally.plans
      batch.progress = [progress(identity, content, format, next, before.0, tally, from: from)]
      var known = basis
      if let first = tally.first, let last = tally.last { known.counted = first...last }
      try counted.check()
      try history.apply(batch, on: known)
      counted.forget(batch.lines)
      state = next
      if options.isStopped() { throw IngestStopped() }
    }
    let start = state.checkpoint
    let result: (tally: ReadingTally, incomplete: Int)
    var isContested = false
    do {
      result = try reader.run(
        source, from: start, workers: options.workers, end: end, progress: options.progress, commit: commit)
    } catch is IngestStopped {
      result = (state.checkpoint.tally, 0)
    } catch HistoryError.contested where content.rest == nil {
      isContested = true
      result = (state.checkpoint.tally, 0)
    }
    let tally = result.tally
    row.bytes = state.checkpoint.offset - start.offset
    row.heldBytes = Int64(result.incomplete)
    row.isWaiting = content.unwrapping.isWaiting
    if row.bytes == 0, known != nil || isContested {
      fill(&row, known, state)
      return (row, isContested)
    }
    row.outcome = .read
    (row.entries, row.executions, row.plans, row.errors) = (tally.entries, tally.executions, tally.plans, tally.errors)
    row.events = tally.events
    row.known = tally.known
    row.skipped = tally.skippedByReason
    for (reason, count) in content.unwrapping.counts(before: nil) where count > wrapped[reason, default: 0] {
      row.skipped[reason] = count - wrapped[reason, default: 0]
    }
    if tally.untimed > 0 { row.skipped["statement without a duration (counted, untimed)"] = tally.untimed }
    if result.incomplete > 0 { row.skipped["bytes of an entry that is not finished"] = Int64(result.incomplete) }
    if tally.estimated > 0 {
      row.skipped[Self.estimated] = tally.estimated
      row.warnings.append("the log holds a sample: executions and times are estimates by the rates given")
    }
    row.lostLines = tally.lostLines
    (row.first, row.last) = (tally.first, tally.last)
    if tally.excluded > 0, let twin = twins.first {
      row.skipped["entry that \(twin.path) holds too"] = tally.excluded
      if tally.entries == 0 { row.outcome = .sameAs(path: twin.path) }
    }
    if tally.known > 0 {
      row.skipped[Self.knownEntry] = tally.known
      if tally.entries == 0, row.outcome == .read { row.outcome = .alreadyRead }
    }
    if !isContested, tally.entries == 0, tally.excluded == 0, tally.known == 0,
      row.bytes > 0 || result.incomplete == 0 && !row.isWaiting
    {
      throw IngestError.noEntries(
        path: content.path,
        skipped: row.skipped.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", "))
    }
    warn(&row, reader, content)
    if known == nil, options.prefix == nil, format == given,
      let doubt = content.head.withUnsafeBytes({ LogSniffer().doubt(about: format, $0) })
    {
      row.warnings.append(doubt)
    }
    row.prefixChanges = describe(reader.prefixChanges, in: content)
    name(tally.skippedExamples, in: content, &row)
    return (row, isContested)
  }

  private func fill(_ row: inout IngestReport.Source, _ known: SourceProgress?, _ state: ReaderState) {
    guard let known else { return }
    row.entries = known.entries
    row.executions = state.executions
    row.plans = state.plans
    row.skipped = known.skipped
    row.lostLines = state.lostLines
    (row.first, row.last) = (known.first, known.last)
  }

  private static let knownEntry = "entry that was counted before (by its session and line number)"
  private static let estimated = "execution counted by estimate (the log holds a sample)"

  private func warn(_ row: inout IngestReport.Source, _ reader: LogReading, _ content: SourceContent) {
    var zones = reader.assumedZones
    if let local = zones.firstIndex(of: LogWrapper.localZone) {
      zones.remove(at: local)
      let last = row.last.map { " (the last entry is of \($0.description.prefix(10)))" } ?? ""
      row.warnings.append(
        "the prefix has no time, and syslog's (RFC 3164) has neither year nor zone: the year is the one before the "
          + "file's own time\(last), the zone is taken as UTC; say otherwise with --zone "
          + "\(LogWrapper.localZone)=+HH:MM, or log %m")
    }
    if !zones.isEmpty {
      row.warnings.append(
        "the log does not prove what the zone \(zones.joined(separator: ", ")) is; PostgreSQL's default reading is "
          + "used; say otherwise with --zone \(zones[0])=+HH:MM, or log %c and %s")
    }
    if row.lostLines > 0 { row.warnings.append("\(row.lostLines) lines are missing by the sessions' line numbers") }
  }

  /// Says from which lines on the log has another prefix.
  private func describe(_ changes: [PrefixTrail.Change], in content: SourceContent) -> [String] {
    guard !changes.isEmpty else { return [] }
    let lines = content.rest != nil ? nil : try? content.lineNumbers(of: changes.map(\.offset))
    return changes.enumerated().map { i, change in
      let place = lines.map { "line \($0[i])" } ?? "byte \(change.offset)"
      return change.isPassing
        ? "\(place): lines with log_line_prefix \"\(change.after)\" stand between those with \"\(change.before)\""
        : "\(place): log_line_prefix is \"\(change.after)\" from here on, before it was \"\(change.before)\""
    }
  }

  /// Names the first lines that could not be read, by their numbers.
  private func name(
    _ examples: [(offset: Int64, reason: String, text: String)], in content: SourceContent,
    _ row: inout IngestReport.Source
  ) {
    row.examples = content.unwrapping.examples
    guard !examples.isEmpty else { return }
    let examples = examples.sorted { $0.offset < $1.offset }
    let lines = content.rest != nil ? nil : try? content.lineNumbers(of: examples.map(\.offset))
    // Where something carried the log, its own lines are not the file's.
    let whose = content.unwrapping.isEmpty ? "" : " of the server's"
    for (i, example) in examples.enumerated() {
      let place = lines.map { "line \($0[i])\(whose)" } ?? "byte \(example.offset)"
      row.examples.append("\(place), \(example.reason): \(example.text)")
    }
  }

  private func progress(
    _ identity: SourceIdentity, _ content: SourceContent, _ format: LogFormat, _ state: ReaderState,
    _ before: SourceProgress?, _ tally: ReadingTally, from: Int64
  ) -> SourceProgress {
    var skipped = before?.skipped ?? [:]
    for (reason, count) in tally.skippedByReason { skipped[reason, default: 0] += count }
    // These are counted from the content's beginning, whatever run read it.
    for (reason, count) in content.unwrapping.counts(before: state.checkpoint.offset) { skipped[reason] = count }
    if tally.estimated > 0 { skipped[Self.estimated, default: 0] += tally.estimated }
    if tally.known > 0 { skipped[Self.knownEntry, default: 0] += tally.known }
    var progress = SourceProgress(
      identity: identity.text, path: content.path, format: content.name(of: state.checkpoint.format ?? format),
      consumed: state.checkpoint.offset,
      state: state.encoded, entries: (before?.entries ?? 0) + tally.entries, skipped: skipped,
      first: [before?.first, tally.first].compactMap { $0 }.min(),
      last: [before?.last, tally.last].compactMap { $0 }.max(), resumedFrom: from)
    progress.weight = max(before?.weight ?? 1, options.reading.sampling.largestWeight)
    return progress
  }
}

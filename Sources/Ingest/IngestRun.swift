public import History
public import Model
import Plans
import SQLText
public import ServerLog

/// Thrown inside a reading to end it after a commit.
struct IngestStopped: Error {}

/// Takes sources into a history: finds them, tells what they are, reads what is new in each and commits it in batches,
/// each with how far it takes its source. Interrupted at any moment and run again, the history is as if it had not been
/// interrupted.
public struct IngestRun: Sendable {
  public struct Options: Sendable {
    /// `log_line_prefix` of stderr logs; nil finds it out.
    public var prefix: String?
    public var reading = ReadingOptions()
    /// Threads that read.
    public var workers = 2
    /// The name of the server that exports of pg_stat_statements are of.
    public var server: String?
    /// When the rows of exports were read, where no column of theirs says.
    public var capturedAt: Timestamp?
    /// Called with each stretch that was read: the bytes of content.
    public var progress: @Sendable (Int) -> Void = { _ in }
    /// Asked after each commit: whether to read no further.
    public var isStopped: @Sendable () -> Bool = { false }
    /// What the end of every log means; nil finds it out.
    var end: SourceEnd?

    public init() {}

    /// With what the history knows: its salt, and the statements of query ids.
    func completed(by history: HistoryStore) throws(HistoryError) -> Options {
      var options = self
      if reading.parameters == .hash { options.reading.salt = try history.salt() }
      options.reading.statementOfQueryID = { database, id in
        // Without an answer the duration is counted as one that nothing explains.
        try? history.statement(ofQueryID: id, database: database)
      }
      return options
    }
  }

  private let options: Options
  private let fingerprinter = Fingerprinter()

  public init(_ options: Options) { self.options = options }

  /// Sources that were found, opened and recognised; nothing is written yet.
  public struct Plan {
    var sources: [(path: String, isNamed: Bool, content: Result<SourceContent, IngestError>)] = []
    /// Bytes of the files, as far as it is known.
    public var bytes: Int64 { sources.reduce(0) { $0 + ((try? $1.content.get().size) ?? 0) } }
    private var kinds: [SourceContent.Kind] { sources.compactMap { try? $0.content.get().kind } }
    /// Whether there are logs or plans, which hold statements with their values.
    public var holdsSamples: Bool {
      kinds.contains { if case .log = $0 { true } else if case .plan = $0 { true } else { false } }
    }
    public var holdsSnapshots: Bool { kinds.contains { if case .snapshot = $0 { true } else { false } } }
  }

  /// Looks at the paths.
  /// - Throws: `IngestError` when there is nothing at all to take in.
  public func plan(_ paths: [String]) throws(IngestError) -> Plan {
    var plan = Plan()
    for found in try SourceFinder().find(paths) {
      do throws(IngestError) {
        plan.sources.append(
          (found.path, found.isNamed, .success(try SourceContent(path: found.path, prefix: options.prefix))))
      } catch {
        plan.sources.append((found.path, found.isNamed, .failure(error)))
      }
    }
    let failures = plan.sources.compactMap { source -> IngestError? in
      if case .failure(let error) = source.content { error } else { nil }
    }
    if failures.count == plan.sources.count {
      if plan.sources.allSatisfy(\.isNamed) {
        throw failures.count == 1 ? failures[0] : .several(failures.map(\.sentence))
      }
      if let prefix = failures.first(where: { if case .prefix = $0 { true } else { false } }) { throw prefix }
      throw .nothingIn(directory: paths.joined(separator: ", "), files: failures.count)
    }
    return plan
  }

  /// Takes the sources in.
  public func run(_ plan: Plan, into history: HistoryStore) throws -> IngestReport {
    try IngestRun(options.completed(by: history)).runCompleted(plan, into: history)
  }

  private func runCompleted(_ plan: Plan, into history: HistoryStore) throws -> IngestReport {
    var rows: [Int: IngestReport.Source] = [:]
    var logs: [(index: Int, content: SourceContent, format: LogFormat)] = []
    var snapshots: [(index: Int, content: SourceContent)] = []
    var exports: [(index: Int, content: SourceContent)] = []
    for (index, source) in plan.sources.enumerated() {
      switch source.content {
      case .failure(let error): rows[index] = failed(source.path, isNamed: source.isNamed, error)
      case .success(let content):
        switch content.kind {
        case .log(let format): logs.append((index, content, format))
        case .snapshot: snapshots.append((index, content))
        case .statements: exports.append((index, content))
        case .plan:
          rows[index] = try attempt(content, "plan") {
            try PlanIntake(history, fingerprinter, options.reading).take(content)
          }
        }
      }
    }
    // Each is stored as what happened since the one before it.
    let times = snapshots.map { SnapshotIntake.time($0.content)?.microseconds ?? .max }
    for (snapshot, _) in zip(snapshots, times).sorted(by: { ($0.1, $0.0.index) < ($1.1, $1.0.index) }) {
      rows[snapshot.index] = try attempt(snapshot.content, "snapshot") {
        try SnapshotIntake(history, fingerprinter, progress: options.progress).take(snapshot.content)
      }
    }
    try take(exports, &rows, into: history)
    // Formats that say more come first: what a sibling in another format repeats is then known. Among equals the older
    // log: its sessions go on in the next.
    let starts = logs.map { $0.content.firstTime?.microseconds ?? .max }
    let order = logs.indices.sorted {
      (logs[$0].format.rank, starts[$0], logs[$0].index) < (logs[$1].format.rank, starts[$1], logs[$1].index)
    }
    for log in order.map({ logs[$0] }) {
      rows[log.index] = try attempt(log.content, log.format.name) {
        try LogIntake(history, options, fingerprinter).take(log.content, log.format, end: end(of: log.content))
      }
    }
    return IngestReport(sources: plan.sources.indices.compactMap { rows[$0] })
  }

  /// Exports one after another in the order of their times, each compared with the one before it.
  private func take(
    _ exports: [(index: Int, content: SourceContent)], _ rows: inout [Int: IngestReport.Source],
    into history: HistoryStore
  ) throws {
    let intake = StatementsIntake(options)
    var order: [(at: Timestamp, index: Int, content: SourceContent, document: StatementsIntake.Document?)] = []
    for export in exports {
      do throws(IngestError) {
        let document = try intake.read(export.content)
        // Many are not kept in memory at once; standard input cannot be read twice.
        let isKept = exports.count == 1 || export.content.size == nil
        order.append((document.first, export.index, export.content, isKept ? document : nil))
      } catch {
        rows[export.index] = IngestReport.Source(
          path: export.content.path, format: "pg_stat_statements", outcome: .failed(sentence: error.sentence))
      }
    }
    order.sort { ($0.at, $0.index) < ($1.at, $1.index) }
    for export in order {
      rows[export.index] = try attempt(export.content, "pg_stat_statements") {
        try intake.take(
          try export.document ?? intake.read(export.content), export.content, into: history, fingerprinter)
      }
    }
  }

  private func end(of content: SourceContent) -> @Sendable (Int64) -> SourceEnd {
    guard let end = options.end else { return content.end }
    return { _ in end }
  }

  /// A source's fault is its own; the history's ends the run.
  private func attempt(
    _ content: SourceContent, _ format: String, _ body: () throws -> IngestReport.Source
  ) throws -> IngestReport.Source {
    do {
      return try body()
    } catch let error as HistoryError {
      throw error
    } catch {
      return IngestReport.Source(
        path: content.path, format: format,
        outcome: .failed(sentence: (error as? any UserError)?.sentence ?? "\(content.path): \(error)"))
    }
  }

  private func failed(_ path: String, isNamed: Bool, _ error: IngestError) -> IngestReport.Source {
    // In a directory anything may lie about; what the user named must be readable.
    if isNamed { return IngestReport.Source(path: path, outcome: .failed(sentence: error.sentence)) }
    switch error {
    case .empty: return IngestReport.Source(path: path, outcome: .skipped(reason: "empty"))
    case .unknownContent: return IngestReport.Source(path: path, outcome: .skipped(reason: "not recognised"))
    default: return IngestReport.Source(path: path, outcome: .failed(sentence: error.sentence))
    }
  }
}

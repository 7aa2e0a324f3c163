public import Model

/// What an ingest read, source by source in the order in which they were named.
public struct IngestReport: Sendable {
  /// One source.
  public struct Source: Sendable {
    public enum Outcome: Sendable, Equatable {
      /// Something new was taken in.
      case read
      /// Nothing was new.
      case alreadyRead
      /// Another source holds the same entries in another format.
      case sameAs(path: String)
      /// Not a server log, a snapshot or a plan; why, in words.
      case skipped(reason: String)
      case failed(sentence: String)
    }

    public var path: String
    /// The format's name, for people.
    public var format = ""
    public var outcome: Outcome
    public var entries: Int64 = 0
    public var executions: Int64 = 0
    public var plans: Int64 = 0
    public var errors: Int64 = 0
    /// Entries passed over because they were counted before, in another piece of the log or further up in it.
    public var known: Int64 = 0
    public var events: Int64 = 0
    /// Entries or lines that were not counted, by reason.
    public var skipped: [String: Int64] = [:]
    /// The first of them: where they are, why they were not counted, and how they begin.
    public var examples: [String] = []
    public var lostLines: Int64 = 0
    public var first: Timestamp?
    public var last: Timestamp?
    /// Bytes of content read now.
    public var bytes: Int64 = 0
    /// Bytes at the end that were left for the next reading.
    var heldBytes: Int64 = 0
    /// Whether what carries the log holds its last entry back: a next line may belong to it.
    public var isWaiting = false
    /// `SourceProgress.identity`.
    var identity = ""
    /// Where in a stderr log its prefix changed, and to what.
    public var prefixChanges: [String] = []
    /// What makes the figures worth less than they look.
    public var warnings: [String] = []
  }

  public var sources: [Source] = []

  /// Whether anything was taken in.
  public var isChanged: Bool { sources.contains { $0.outcome == .read } }
  /// The sentences of the sources that failed.
  public var failures: [String] {
    sources.compactMap { if case .failed(let sentence) = $0.outcome { sentence } else { nil } }
  }
}

extension IngestReport.Source {
  /// Adds what a later reading of the same source found.
  mutating func add(_ later: IngestReport.Source) {
    path = later.path
    format = later.format
    outcome = .read
    entries += later.entries
    executions += later.executions
    plans += later.plans
    errors += later.errors
    known += later.known
    events += later.events
    bytes += later.bytes
    lostLines += later.lostLines
    heldBytes = later.heldBytes
    isWaiting = later.isWaiting
    skipped["bytes of an entry that is not finished"] = nil
    skipped.merge(later.skipped) { $0 + $1 }
    first = [first, later.first].compactMap { $0 }.min()
    last = [last, later.last].compactMap { $0 }.max()
    prefixChanges += later.prefixChanges
    for warning in later.warnings where !warnings.contains(warning) { warnings.append(warning) }
  }
}

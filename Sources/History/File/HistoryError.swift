public import Model

/// Why a history file could not be opened, read or written. The file is as it was before, in every case.
public enum HistoryError: UserError, Equatable {
  /// There is no such file, and the command does not make one.
  case missing(path: String)
  case isDirectory(path: String)
  /// The file begins with something other than SQLite's header.
  case notSQLite(path: String)
  /// SQLite, but made by another program.
  case otherApplication(path: String)
  /// The schema is newer than this program.
  case newerVersion(path: String, found: Int, known: Int)
  /// The schema is older and the file may not be changed to bring it forward.
  case olderVersion(path: String, found: Int, known: Int)
  /// The operating system refuses to read or to write the file or its directory.
  case permission(path: String, detail: String)
  case diskFull(path: String)
  /// Another process kept the file locked for longer than we wait.
  case locked(path: String)
  case damaged(path: String, detail: String)
  /// Anything else that SQLite reports.
  case failed(path: String, detail: String)
  /// What was asked for is not in the history.
  case notFound(path: String, what: String)
  /// What was meant for one fingerprint is the beginning of several, or of none.
  case noSuchStatement(path: String, prefix: String)
  case ambiguous(prefix: String, candidates: [String], count: Int)
  /// A snapshot from a time of which only sums are kept.
  case tooOld(path: String, at: Timestamp, keptFrom: Timestamp)
  /// Another process took the same source further meanwhile.
  case overtaken(path: String, source: String)
  /// Another process took in meanwhile what may be the same entries from another source: what is to count has to be
  /// decided anew.
  case contested(path: String, source: String)
  /// Two histories that cannot be merged without counting something twice.
  case notMergeable(path: String, reason: String)

  public var sentence: String {
    switch self {
    case .missing(let path):
      "there is no history at \(path); make one with `pgassay ingest --history \(path) LOG…` or name another file"
    case .isDirectory(let path): "\(path) is a directory; a history is one file, so name one inside it"
    case .notSQLite(let path): "\(path) is not a history: it is no SQLite file; it was left as it is"
    case .otherApplication(let path):
      "\(path) is an SQLite file of another program, not a history; it was left as it is"
    case .newerVersion(let path, let found, let known):
      "\(path) was written by a newer pgassay (schema \(found), this one knows \(known)); use that version; the file was left as it is"
    case .olderVersion(let path, let found, let known):
      "\(path) has the older schema \(found) (this pgassay uses \(known)) and cannot be brought forward while it is read-only"
    case .permission(let path, let detail): "the history \(path) cannot be used: \(detail)"
    case .diskFull(let path):
      "the disk that holds \(path) is full; what was committed before is safe; make room and run the command again"
    case .locked(let path):
      "another process is writing to \(path) and did not finish in time; nothing was changed; try again when it is done"
    case .damaged(let path, let detail):
      "the history \(path) is damaged (\(detail)); run `pgassay doctor --history \(path)` and restore it from a copy"
    case .failed(let path, let detail): "the history \(path) could not be used: \(detail)"
    case .notFound(let path, let what): "the history \(path) has no \(what)"
    case .noSuchStatement(let path, let prefix):
      prefix.allSatisfy(\.isHexDigit) && !prefix.isEmpty
        ? "the history \(path) has no statement whose fingerprint begins with \(prefix); `pgassay top` prints fingerprints"
        : "'\(prefix)' is no fingerprint: those are hexadecimal digits, as `pgassay top` prints them; `pgassay top --text '\(prefix)'` finds statements by their text"
    case .ambiguous(let prefix, let candidates, let count):
      "\(count) fingerprints begin with \(prefix), give more digits: " + candidates.joined(separator: "; ")
        + (count > candidates.count ? "; …" : "")
    case .tooOld(let path, let at, let keptFrom):
      "the snapshot of \(at) is older than what \(path) keeps in detail (from \(keptFrom)); what happened then is already summed up"
    case .overtaken(let path, let source):
      "another process is taking \(source) into \(path); nothing was counted twice; run again when it is done"
    case .contested(let path, let source):
      "another process is taking a log that may hold the entries of \(source) into \(path); nothing was counted twice; run again when it is done"
    case .notMergeable(let path, let reason): "\(path) cannot be merged: \(reason)"
    }
  }
}

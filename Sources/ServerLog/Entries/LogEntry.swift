/// One entry of a server log, as far as a format reader can tell without knowing its neighbours: plain data of fixed
/// size, so that a block's entries are one allocation.
struct LogEntry {
  /// What the entry's message says.
  enum Kind: UInt8 {
    /// `duration: … ms  statement: …`, `… parse …`, `… bind …`, `… execute …`, and a fast-path function call.
    case statement, parse, bind, execute, fastpath
    /// `duration: … ms  execute fetch from …`: a further part of an execution that was begun before.
    case fetch
    /// `duration: … ms` and nothing else.
    case bareDuration
    /// `duration: … ms  plan:` from auto_explain.
    case plan
    /// `statement: …` and `execute …: …` of `log_statement`, without a duration.
    case statementStart, executeStart, fetchStart
    /// Anything else.
    case message
    /// DETAIL, CONTEXT, STATEMENT, … of an entry that stands in another place (stderr only).
    case detached
  }

  var kind: Kind
  var severity: Severity
  /// What the backend was doing as far as `%i` or `command_tag` says.
  var tag: CommandTag
  /// For `detached`: which part.
  var part: EntryPart
  /// Whether the message was cut by what transported it.
  var isTruncated: Bool
  /// Five characters, the first in the lowest byte; zero where not said.
  var sqlState: UInt64
  /// Microseconds since 1970 UTC.
  var time: Int64
  /// Session id as `start << 32 | pid`, or the process id alone.
  var session: UInt64
  /// Number of the line in its session, and of the entry's last line (stderr numbers each part); -1 where not said.
  var line: Int64
  var lastLine: Int64
  var queryID: Int64
  /// Virtual transaction id as `backend << 32 | local`; zero where not said.
  var transaction: UInt64
  /// Microseconds; -1 where the message says none.
  var duration: Int64
  /// Hash of database, user and application.
  var dimensions: UInt64
  /// Masked key of the statement: in the message, of the STATEMENT part, or of the plan's query text.
  var shape: UInt64
  /// Hash of the sqlcommenter tags of the statement as they stand there; zero for none.
  var tags: UInt64

  var database: ByteSlice
  var user: ByteSlice
  var application: ByteSlice
  var backend: ByteSlice
  /// The message after its severity.
  var message: ByteSlice
  /// The statement inside the message, or the STATEMENT part.
  var text: ByteSlice
  /// `EXECUTE name (…)`, where `text` is the statement that it runs.
  var call: ByteSlice
  var detail: ByteSlice
  var context: ByteSlice

  static let blank = LogEntry(
    kind: .message, severity: .log, tag: .unknown, part: .detail, isTruncated: false, sqlState: 0, time: 0, session: 0,
    line: -1, lastLine: -1, queryID: 0, transaction: 0, duration: -1, dimensions: 0, shape: 0, tags: 0, database: .none,
    user: .none,
    application: .none, backend: .none, message: .none, text: .none, call: .none, detail: .none, context: .none)
}

/// `elog.h` severities as logged.
enum Severity: UInt8, Comparable {
  case debug, info, log, notice, warning, error, fatal, panic

  static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
}

/// The parts that follow an entry's message.
enum EntryPart: UInt8 {
  case detail, hint, query, context, statement, location, backtrace
}

/// The command tag of a backend (`%i`), as far as pairing needs it.
enum CommandTag: UInt8 {
  case unknown, parse, bind, prepare, other
}

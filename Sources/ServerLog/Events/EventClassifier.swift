internal import Model

/// Sorts entries that are no executions into the history's categories, by SQLSTATE where the log has it and by the
/// beginning of the message.
///
/// Messages: `ProcSleep` in src/backend/storage/lmgr/proc.c, `ReportTemporaryFileUsage` in storage/file/fd.c,
/// `LogCheckpointEnd` in access/transam/xlog.c, `heap_vacuum_rel` in access/heap/vacuumlazy.c, `do_analyze_rel` in
/// commands/analyze.c, `LogChildExit` in postmaster/postmaster.c, `ProcessInterrupts` in tcop/postgres.c.
struct EventClassifier {
  typealias Category = EventCell.Category

  /// What an entry counts as.
  struct Judgement {
    var category: Category
    /// How often it counts: the second line about one wait does not.
    var count: Int64 = 1
    /// Bytes of a temporary file; milliseconds of a wait, a checkpoint, a vacuum, a session.
    var amount: Double = 0
    /// Overrides the shape made of the message.
    var shape: String?
    /// The message in English, where the log has it in another language.
    var english: String?
  }

  /// Templates of the log's language; none for English.
  let translations: [MessageTemplate]

  init(tables: [MessageTable]) { translations = tables.flatMap(\.translations) }

  /// What an entry counts as, by its message in the log's language.
  func judge(_ message: String, severity: Severity, sqlState: String) -> Judgement {
    for template in translations {
      guard let english = template.translate(message) else { continue }
      var judgement = judge(english: english, severity: severity, sqlState: sqlState)
      judgement.english = english
      return judgement
    }
    return judge(english: message, severity: severity, sqlState: sqlState)
  }

  /// Whether a process begins to serve a connection.
  func isConnectionReceived(_ message: String) -> Bool {
    judge(message, severity: .log, sqlState: "").shape == Self.received
  }

  private static let received = "connection received"

  private func judge(english message: String, severity: Severity, sqlState: String) -> Judgement {
    if severity >= .error { return Judgement(category: error(message, severity, sqlState)) }
    if message.hasPrefix("process "), let wait = lockWait(message) { return wait }
    if message.hasPrefix("temporary file: path ") {
      return Judgement(category: .temporaryFile, amount: Self.number(after: ", size ", in: message) ?? 0)
    }
    if message.hasPrefix("connection authorized: ") {
      return Judgement(category: .connection, shape: "connection authorized")
    }
    if message.hasPrefix("connection received: ") { return Judgement(category: .other, shape: Self.received) }
    if message.hasPrefix("connection authenticated: ") {
      return Judgement(category: .other, shape: "connection authenticated")
    }
    if message.hasPrefix("disconnection: session time: ") {
      return Judgement(category: .disconnection, amount: Self.sessionTime(message), shape: "disconnection")
    }
    if message.hasPrefix("checkpoint complete:") || message.hasPrefix("restartpoint complete:") {
      let seconds = Self.number(after: "total=", in: message) ?? 0
      return Judgement(
        category: .checkpoint, amount: seconds * 1_000,
        shape: message.hasPrefix("c") ? "checkpoint complete" : "restartpoint complete")
    }
    if message.hasPrefix("automatic ") {
      let isAnalyze = message.hasPrefix("automatic analyze ")
      if isAnalyze || message.hasPrefix("automatic vacuum ") || message.hasPrefix("automatic aggressive vacuum ") {
        return Judgement(
          category: isAnalyze ? .autoanalyze : .autovacuum,
          amount: (Self.number(after: "elapsed: ", in: message) ?? 0) * 1_000,
          shape: Self.firstLine(message, keepingNames: true))
      }
    }
    if message.holds("was terminated by signal") || message.hasPrefix("database system was interrupted")
      || message.hasPrefix("terminating any other active server processes")
    {
      return Judgement(category: .crash)
    }
    if message.hasPrefix("database system is ready to accept") { return Judgement(category: .restart) }
    if message.holds("must be vacuumed within") { return Judgement(category: .wraparound) }
    if message.hasPrefix("recovery still waiting after") || message.hasPrefix("recovery finished waiting after") {
      return Judgement(
        category: .replicationConflict, count: message.hasPrefix("recovery s") ? 1 : 0,
        amount: message.hasPrefix("recovery f") ? Self.number(after: "waiting after ", in: message) ?? 0 : 0,
        shape: "recovery waits")
    }
    if message.hasPrefix("statement: ") { return Judgement(category: .other) }
    return Judgement(category: .other)
  }

  private func error(_ message: String, _ severity: Severity, _ state: String) -> Category {
    if severity == .panic { return .crash }
    if message.holds("conflict with recovery") { return .replicationConflict }
    switch state {
    case "40P01": return .deadlock
    case "25P03", "25P04", "57P05": return .timeout
    case "55P03" where message.holds("timeout"): return .timeout
    case "57P01", "57P02", "57P03": return state == "57P01" ? .cancel : .error
    default: break
    }
    if message == "deadlock detected" { return .deadlock }
    if message.hasPrefix("canceling statement due to ") || message.hasPrefix("terminating connection due to ")
      || message.hasPrefix("canceling autovacuum task")
    {
      return message.holds("timeout") ? .timeout : .cancel
    }
    if state == "57014" { return .cancel }
    if state.hasPrefix("28") || message.holds("authentication failed for user")
      || message.hasPrefix("no pg_hba.conf entry")
      // As an error it is a name in a statement; only a connection ends with it.
      || severity == .fatal && message.hasPrefix("role \"")
        && (message.hasSuffix("does not exist") || message.hasSuffix("is not permitted to log in"))
    {
      return .authenticationFailure
    }
    if message.holds("is not accepting commands") && message.holds("wraparound") { return .wraparound }
    return .error
  }

  /// A wait has one line when it outlasts `deadlock_timeout` and one when it ends; the first counts, the second says
  /// how long it was.
  private func lockWait(_ message: String) -> Judgement? {
    let words = message.split(separator: " ", maxSplits: 12, omittingEmptySubsequences: true)
    guard words.count > 4 else { return nil }
    let rest = words[2...].joined(separator: " ")
    let isEnd = rest.hasPrefix("acquired ")
    let isDeadlock = rest.hasPrefix("detected deadlock while waiting for ")
    guard isEnd || isDeadlock || rest.hasPrefix("still waiting for ") || rest.hasPrefix("avoided deadlock for ") else {
      return nil
    }
    let lock =
      words.firstIndex { $0.hasSuffix("Lock") }.map { words[$0...].prefix(3).joined(separator: " ") } ?? "a lock"
    let milliseconds = Self.number(after: " after ", in: message) ?? 0
    return Judgement(
      category: .lockWait, count: isEnd ? 0 : 1, amount: isEnd || isDeadlock ? milliseconds : 0,
      shape: "waits for " + MessageShape.mask(lock))
  }

  /// The decimal number that follows a text.
  static func number(after text: StaticString, in message: String) -> Double? {
    guard let start = message.offset(behind: text) else { return nil }
    let digits = message.utf8.dropFirst(start).prefix { $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }
    return Double(Substring(digits))
  }

  /// `disconnection: session time: 0:00:01.830 user=…` in milliseconds.
  private static func sessionTime(_ message: String) -> Double {
    let text = message.dropFirst("disconnection: session time: ".count).prefix { $0 != " " }
    let parts = text.split(separator: ":").compactMap { Double($0) }
    guard parts.count == 3 else { return 0 }
    return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1_000
  }

  private static func firstLine(_ message: String, keepingNames: Bool) -> String {
    String(message.prefix { $0 != "\n" && $0 != ":" })
  }
}

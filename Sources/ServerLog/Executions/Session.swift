internal import Bytes
internal import Model

/// What must be remembered of a session between two of its entries.
struct Session {
  /// A statement that `log_statement` wrote, waiting for its duration.
  struct Start {
    var statement: Int
    var workload: Int
    var time: Int64
    var line: Int64
    /// As logged, or, when read back from the history, as its choice of values lets it be stored.
    var text: [UInt8]
    /// DETAIL, or the EXECUTE that ran the text.
    var detail: [UInt8]
    /// The values, where the text was read back.
    var stored: [ExecutionSample.Parameter]?
    /// A further part of an execution that was begun before.
    var isFetch: Bool
    /// Whether it was counted without a duration when the file ended, and in which minute.
    var countedUntimed: Bool
  }

  /// A top-level plan that no duration has explained yet.
  struct WaitingPlan {
    var shape: UInt64
    var statement: Int
    var workload: Int
    var time: Int64
    var duration: Int64
  }

  var key: UInt64
  /// False for a free place in the table.
  var isLive = true
  /// The last line's number; -1 when none was seen.
  var line: Int64 = -1
  /// Which lines were counted, where their numbers prove what they are.
  var lines = SeenLines()
  /// Number of the last entry, for forgetting the sessions that are silent longest.
  var seen: Int64 = 0
  var start: Start?
  /// Durations without a text, tag or query id: parse and bind of an execute that is still to come.
  var bare: [Int64] = []
  /// The last timed execution: its key and its duration, for the plan that may follow it.
  var lastShape: UInt64 = 0
  var lastDuration: Int64 = -1
  /// The shortest execution that the session logged with its duration: what was longer and logged only as a plan would
  /// have been logged too.
  var shortest = Int64.max
  var plans: [WaitingPlan] = []
  var transaction = TransactionRun()
  /// When the last error entry without a STATEMENT was written, for one that follows elsewhere.
  var openError: Int64 = -1

  /// Who connected, as far as the prefix does not show it.
  var names: SessionNames?

  init(key: UInt64) { self.key = key }
}

/// User, database and application of a session by its `connection authorized` entry: those of them that the prefix does
/// not show on every line.
struct SessionNames {
  /// Which of the names a log's lines do not have.
  struct Missing: OptionSet {
    let rawValue: UInt8

    static let user = Missing(rawValue: 1)
    static let database = Missing(rawValue: 2)
    static let application = Missing(rawValue: 4)
    static let nothing: Missing = []

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// - Parameter prefix: nil for the formats that have columns for all of them.
    init(_ prefix: LinePrefix?) {
      self = []
      guard let prefix, prefix.hasSession else { return }
      if !prefix.contains(.user) { insert(.user) }
      if !prefix.contains(.database) { insert(.database) }
      if !prefix.contains(.application) { insert(.application) }
    }
  }

  let user: String
  let database: String
  let application: String
  /// Of all three.
  let hash: UInt64

  init(user: String, database: String, application: String) {
    self.user = user
    self.database = database
    self.application = application
    hash = [user, database, application].reduce(1) { hash, text in
      ByteHash.combine(hash, Array(text.utf8).withUnsafeBytes { ByteHash.hash($0) })
    }
  }

  init(_ names: ConnectionNames, _ missing: Missing) {
    self.init(
      user: missing.contains(.user) ? names.user : "", database: missing.contains(.database) ? names.database : "",
      application: missing.contains(.application) ? names.application : "")
  }
}

/// The shapes that one session ran in its current transaction.
struct TransactionRun {
  struct Item {
    var statement: Int
    var workload: Int
    var minute: Int64
    var count: Int64
    var total: Int64
  }

  /// Virtual transaction id; zero where the log does not say.
  var id: UInt64 = 0
  /// Whether a BEGIN was seen.
  var isOpen = false
  var items: [Item] = []

  /// Different shapes followed in one transaction at most.
  static let limit = 64
  /// A shape that runs this often in one transaction is a repetition. Sentry's N+1 detector begins at five as well.
  static let threshold: Int64 = 5

  @inline(__always)
  mutating func add(_ statement: Int, _ workload: Int, _ minute: Int64, _ duration: Int64, _ weight: Int64) {
    for i in items.indices where items[i].statement == statement && items[i].workload == workload {
      items[i].count += weight
      items[i].total += duration * weight
      return
    }
    guard items.count < TransactionRun.limit else { return }
    items.append(
      Item(statement: statement, workload: workload, minute: minute, count: weight, total: duration * weight))
  }
}

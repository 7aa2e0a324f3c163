/// Who ran a statement: the dimensions by which executions are counted beside their fingerprint and minute.
public struct WorkloadDimensions: Hashable, Sendable, Codable {
  /// Empty where the source does not say.
  public var database: String
  public var user: String
  public var application: String
  /// sqlcommenter tags, sorted by key, as `key='value',key='value'` with the values still URL-encoded; empty for none.
  public var tags: String

  public init(database: String = "", user: String = "", application: String = "", tags: String = "") {
    self.database = database
    self.user = user
    self.application = application
    self.tags = tags
  }
}

/// The executions of one statement shape by one set of dimensions in one minute.
public struct MinuteCell: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var dimensions: WorkloadDimensions
  /// Minutes since 1970-01-01 UTC.
  public var minute: Int64
  /// Executions whose duration is known; the histogram counts just these.
  public var calls: Int64
  /// Executions that ended in an error.
  public var errors: Int64
  /// Executions that the source shows without a duration (`log_statement` alone).
  public var untimed: Int64
  /// Time of the executions, parse and bind not included.
  public var total: Microseconds
  public var longest: Microseconds
  /// Time of the extended protocol's parse and bind messages.
  public var parse: Microseconds
  public var bind: Microseconds
  /// The durations, as `LatencySketch.encoded` of the `Sketch` room.
  public var sketch: [UInt8]

  public init(
    fingerprint: Fingerprint, dimensions: WorkloadDimensions, minute: Int64, calls: Int64, errors: Int64,
    untimed: Int64, total: Microseconds, longest: Microseconds, parse: Microseconds, bind: Microseconds, sketch: [UInt8]
  ) {
    self.fingerprint = fingerprint
    self.dimensions = dimensions
    self.minute = minute
    self.calls = calls
    self.errors = errors
    self.untimed = untimed
    self.total = total
    self.longest = longest
    self.parse = parse
    self.bind = bind
    self.sketch = sketch
  }
}

/// One execution kept with its text and parameters: one of the slowest, or one drawn at random.
public struct ExecutionSample: Hashable, Sendable {
  public enum Reason: String, Sendable, Codable { case slow, ordinary }
  /// A bind parameter's value as the server printed it.
  public enum Parameter: Hashable, Sendable, Codable {
    case null
    case text(String)
    /// Cut by `log_parameter_max_length`: the value begins like this.
    case truncated(String)
    /// Only a hash of the value was kept, salted by the history: equal values have equal hashes.
    case hashed(String)
  }

  public var fingerprint: Fingerprint
  public var dimensions: WorkloadDimensions
  public var at: Timestamp
  public var duration: Microseconds
  /// The statement as logged, literals included.
  public var text: String
  /// `$1`, `$2`, … in order; empty when the statement has none or the source does not say.
  public var parameters: [Parameter]
  public var reason: Reason

  public init(
    fingerprint: Fingerprint, dimensions: WorkloadDimensions, at: Timestamp, duration: Microseconds, text: String,
    parameters: [Parameter], reason: Reason
  ) {
    self.fingerprint = fingerprint
    self.dimensions = dimensions
    self.at = at
    self.duration = duration
    self.text = text
    self.parameters = parameters
    self.reason = reason
  }
}

extension ExecutionSample {
  /// How many samples of a fingerprint are kept for each reason. An importer that keeps as many of its own stretch of
  /// log loses nothing that the history would have kept.
  public static func limit(_ reason: Reason) -> Int {
    switch reason {
    case .slow: 8
    case .ordinary: 16
    }
  }

  /// The number by which ordinary samples are drawn: those with the smallest are kept. It looks random but depends on
  /// nothing but the execution, so the draw is the same whatever the order, the batches or the number of runs.
  @inlinable
  public static func draw(_ fingerprint: Fingerprint, at: Timestamp, duration: Microseconds) -> UInt64 {
    // SplitMix64's finalizer (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
    var z = fingerprint.value ^ UInt64(bitPattern: at.microseconds) &* 0x9E37_79B9_7F4A_7C15
    z = z &+ UInt64(bitPattern: duration.value) &* 0xD1B5_4A32_D192_ED03
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  public var draw: UInt64 { ExecutionSample.draw(fingerprint, at: at, duration: duration) }

  /// Whether an execution stays among the slowest rather than another; of equally slow ones the draw decides.
  @inlinable
  public static func isSlower(
    _ a: (duration: Int64, draw: UInt64), than b: (duration: Int64, draw: UInt64)
  ) -> Bool {
    a.duration != b.duration ? a.duration > b.duration : a.draw < b.draw
  }
}

/// A plan that the server logged (auto_explain) or that the user handed in.
public struct PlanSample: Hashable, Sendable {
  public enum Format: String, Sendable, Codable { case text, json, xml, yaml }

  public var fingerprint: Fingerprint
  public var dimensions: WorkloadDimensions
  public var at: Timestamp
  /// Execution time as the plan's own line says.
  public var duration: Microseconds
  public var format: Format
  /// The document as the server wrote it, `Query Text` included.
  public var document: String
  /// A nested plan (of a statement inside a function): its time belongs to the surrounding statement.
  public var isNested: Bool
  /// A hash of the plan's shape (its nodes, relations and indexes without numbers); nil where nobody has read it.
  public var shape: UInt64?

  public init(
    fingerprint: Fingerprint, dimensions: WorkloadDimensions, at: Timestamp, duration: Microseconds, format: Format,
    document: String, isNested: Bool, shape: UInt64? = nil
  ) {
    self.fingerprint = fingerprint
    self.dimensions = dimensions
    self.at = at
    self.duration = duration
    self.format = format
    self.document = document
    self.isNested = isNested
    self.shape = shape
  }
}

extension PlanSample {
  /// As that of the execution which the plan is of.
  public var draw: UInt64 { ExecutionSample.draw(fingerprint, at: at, duration: duration) }
}

/// Log entries that are no executions, counted by minute, category and shape.
public struct EventCell: Hashable, Sendable {
  public enum Category: String, Sendable, Codable, CaseIterable {
    case error, deadlock, lockWait, cancel, timeout, temporaryFile, checkpoint, autovacuum, autoanalyze, connection
    case disconnection, authenticationFailure, crash, restart, replicationConflict, wraparound, other
  }

  public var category: Category
  public var minute: Int64
  /// Five characters, or empty where the source does not say.
  public var sqlState: String
  /// The message with its numbers, names and values masked.
  public var shape: String
  public var database: String
  public var user: String
  public var application: String
  /// The statement that it happened in.
  public var fingerprint: Fingerprint?
  public var count: Int64
  /// The category's own quantity, summed: bytes of temporary files, milliseconds of lock waits; zero where none.
  public var amount: Double
  /// One message as logged, its detail after a newline.
  public var sample: String

  public init(
    category: Category, minute: Int64, sqlState: String, shape: String, database: String, user: String,
    application: String, fingerprint: Fingerprint?, count: Int64, amount: Double, sample: String
  ) {
    self.category = category
    self.minute = minute
    self.sqlState = sqlState
    self.shape = shape
    self.database = database
    self.user = user
    self.application = application
    self.fingerprint = fingerprint
    self.count = count
    self.amount = amount
    self.sample = sample
  }
}

/// A shape that one session ran again and again inside one transaction: the N+1 pattern.
public struct RepetitionCell: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var dimensions: WorkloadDimensions
  public var minute: Int64
  /// Transactions in which the shape was repeated.
  public var transactions: Int64
  /// Executions in those transactions, and the most in one of them.
  public var executions: Int64
  public var most: Int64
  public var total: Microseconds

  public init(
    fingerprint: Fingerprint, dimensions: WorkloadDimensions, minute: Int64, transactions: Int64, executions: Int64,
    most: Int64, total: Microseconds
  ) {
    self.fingerprint = fingerprint
    self.dimensions = dimensions
    self.minute = minute
    self.transactions = transactions
    self.executions = executions
    self.most = most
    self.total = total
  }
}

/// The edge between a server's own query id and the fingerprint.
public struct QueryIDEdge: Hashable, Sendable {
  public var database: String
  public var queryID: QueryID
  public var fingerprint: Fingerprint

  public init(database: String, queryID: QueryID, fingerprint: Fingerprint) {
    self.database = database
    self.queryID = queryID
    self.fingerprint = fingerprint
  }
}

/// How far one source has been read. What a batch holds and how far it takes the source are committed together, so a
/// killed ingest resumes without losing or repeating an entry.
public struct SourceProgress: Hashable, Sendable {
  /// Identity by content, never by name.
  public var identity: String
  /// The path it was last read under, for people.
  public var path: String
  /// The format's name, for people (`csvlog`, `stderr "%m [%p] "`).
  public var format: String
  /// Bytes of uncompressed content accounted for.
  public var consumed: Int64
  /// What the reader needs to go on from there: opaque to the history.
  public var state: [UInt8]
  public var entries: Int64
  /// Entries or lines that could not be read, by reason.
  public var skipped: [String: Int64]
  /// First and last entry.
  public var first: Timestamp?
  public var last: Timestamp?
  /// What each logged execution stands for: 1, or the inverse of `log_statement_sample_rate`.
  public var weight: Int64 = 1
  /// `consumed` as it stood when the batch was begun. The history takes the batch in only while that is true, so two
  /// processes that read one source at once cannot count it twice. Nil asks for no such check.
  public var resumedFrom: Int64?

  public init(
    identity: String, path: String, format: String, consumed: Int64, state: [UInt8], entries: Int64,
    skipped: [String: Int64], first: Timestamp?, last: Timestamp?, resumedFrom: Int64? = nil
  ) {
    self.identity = identity
    self.path = path
    self.format = format
    self.consumed = consumed
    self.state = state
    self.entries = entries
    self.skipped = skipped
    self.first = first
    self.last = last
    self.resumedFrom = resumedFrom
  }
}

/// What a stretch of a server log says: the unit in which the history takes logs in, whole or not at all.
///
/// Everything counted in a batch belongs to the source of its first `progress`; a batch of several sources would make
/// it impossible to tell, when two histories are merged, what both have counted.
public struct LogBatch: Sendable {
  public var cells: [MinuteCell] = []
  public var statements: [StatementText] = []
  public var samples: [ExecutionSample] = []
  public var plans: [PlanSample] = []
  public var events: [EventCell] = []
  public var repetitions: [RepetitionCell] = []
  public var queryIDs: [QueryIDEdge] = []
  /// The lines that are counted here, where the log numbers them: none of them may have been counted before.
  public var lines: [SessionLines] = []
  public var progress: [SourceProgress] = []

  public init() {}
}

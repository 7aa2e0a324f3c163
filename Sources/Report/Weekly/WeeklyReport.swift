public import Findings
public import Model

/// A stretch of time that a report is about: from `from` on, up to and without `to`.
public struct ReportWindow: Hashable, Sendable {
  public var from: Timestamp
  public var to: Timestamp

  public init(from: Timestamp, to: Timestamp) {
    self.from = from
    self.to = to
  }

  public var seconds: Double { to.seconds - from.seconds }
  public var days: Double { seconds / 86_400 }
}

/// Everything that the weekly report says, as numbers and findings. `document` turns it into prose and tables, `json`
/// into the machine-readable report.
///
/// Nothing here shows a literal value unless whoever fills it was asked to: texts are normalized, and findings that may
/// show values were taken through `withoutValues()`.
public struct WeeklyReport: Hashable, Sendable {
  public var title: String
  /// What the report is about: a server's or a history's name.
  public var subject: String
  /// The version of the program that made it.
  public var generator: String
  public var serverVersion: ServerVersion?
  public var window: ReportWindow
  /// The window that it is compared with; nil where the history has none.
  public var previous: ReportWindow?
  /// The latency that 95 % of the calls must stay below, in milliseconds.
  public var targetMs: Double
  public var targets: [Verdict]
  public var quality: DataQuality
  public var load: LoadReport
  /// The queries of the window that cost most, by total time.
  public var queries: [QueryReport]
  /// Shapes in the window, also those that `queries` leaves out.
  public var queryCount: Int
  public var changes: QueryChanges
  public var advice: [IndexAdviceReport]
  /// Why there is no index advice, or what it leaves out.
  public var adviceNotes: [String]
  /// Queries with a cost that no index lowers, and why.
  public var helpless: [HelplessReport]
  public var indexFindings: [Finding]
  public var tables: [TableReport]
  public var planFindings: [Finding]
  /// What the weekly review judges: targets, regressions, repetitions, flips, statistics, events.
  public var reviewFindings: [Finding] = []
  public var repetitions: [RepetitionReport]
  public var events: [EventReport]
  public var safetyFindings: [Finding]
  /// Objects and growth, where snapshots tell.
  public var capacity: [Figure]

  public init(
    title: String, subject: String, generator: String, serverVersion: ServerVersion? = nil, window: ReportWindow,
    previous: ReportWindow? = nil, targetMs: Double, targets: [Verdict] = [], quality: DataQuality = DataQuality(),
    load: LoadReport = LoadReport(), queries: [QueryReport] = [], queryCount: Int = 0,
    changes: QueryChanges = QueryChanges(), advice: [IndexAdviceReport] = [], adviceNotes: [String] = [],
    helpless: [HelplessReport] = [], indexFindings: [Finding] = [], tables: [TableReport] = [],
    planFindings: [Finding] = [],
    repetitions: [RepetitionReport] = [], events: [EventReport] = [], safetyFindings: [Finding] = [],
    capacity: [Figure] = []
  ) {
    self.title = title
    self.subject = subject
    self.generator = generator
    self.serverVersion = serverVersion
    self.window = window
    self.previous = previous
    self.targetMs = targetMs
    self.targets = targets
    self.quality = quality
    self.load = load
    self.queries = queries
    self.queryCount = queryCount
    self.changes = changes
    self.advice = advice
    self.adviceNotes = adviceNotes
    self.helpless = helpless
    self.indexFindings = indexFindings
    self.tables = tables
    self.planFindings = planFindings
    self.repetitions = repetitions
    self.events = events
    self.safetyFindings = safetyFindings
    self.capacity = capacity
  }
}

/// The numbers of some calls in one window. Times in milliseconds.
public struct CallNumbers: Hashable, Sendable {
  public var calls: Int64
  public var errors: Int64
  public var totalMs: Double
  /// Nil where no histogram was recorded.
  public var p50Ms: Double?
  public var p95Ms: Double?
  public var p99Ms: Double?
  public var maxMs: Double?
  /// Rows returned or changed, where a snapshot tells.
  public var rows: Int64?
  /// False where a difference of snapshots is only a lower bound.
  public var isExact: Bool

  public init(
    calls: Int64, errors: Int64 = 0, totalMs: Double, p50Ms: Double? = nil, p95Ms: Double? = nil, p99Ms: Double? = nil,
    maxMs: Double? = nil, rows: Int64? = nil, isExact: Bool = true
  ) {
    self.calls = calls
    self.errors = errors
    self.totalMs = totalMs
    self.p50Ms = p50Ms
    self.p95Ms = p95Ms
    self.p99Ms = p99Ms
    self.maxMs = maxMs
    self.rows = rows
    self.isExact = isExact
  }

  public var meanMs: Double { calls > 0 ? totalMs / Double(calls) : 0 }
}

/// The load of the whole window.
public struct LoadReport: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    public var at: Timestamp
    public var calls: Int64
    public var totalMs: Double
    public var errors: Int64
    public var p95Ms: Double?

    public init(at: Timestamp, calls: Int64, totalMs: Double, errors: Int64 = 0, p95Ms: Double? = nil) {
      self.at = at
      self.calls = calls
      self.totalMs = totalMs
      self.errors = errors
      self.p95Ms = p95Ms
    }
  }

  public var numbers: CallNumbers
  public var previousNumbers: CallNumbers?
  /// The part of each window in which anything was recorded, in seconds: what rates are over. Nil for all of it.
  public var observedSeconds: Double?
  public var previousObservedSeconds: Double?
  public var stepSeconds: Int64
  /// Steps of equal length over the window, oldest first; nil where nothing was recorded.
  public var steps: [Step?]
  /// The same steps of the window before.
  public var previousSteps: [Step?]
  /// Counters that only snapshots of the server give: commits, cache hits, temporary files, WAL, checkpoints.
  public var server: [Figure]

  public init(
    numbers: CallNumbers = CallNumbers(calls: 0, totalMs: 0), previousNumbers: CallNumbers? = nil,
    stepSeconds: Int64 = 3_600, steps: [Step?] = [], previousSteps: [Step?] = [], server: [Figure] = []
  ) {
    self.numbers = numbers
    self.previousNumbers = previousNumbers
    self.stepSeconds = stepSeconds
    self.steps = steps
    self.previousSteps = previousSteps
    self.server = server
  }
}

/// One query's life in the window.
public struct QueryReport: Hashable, Sendable {
  public struct Origin: Hashable, Sendable {
    /// `application`, `user`, `database`, or a tag's key.
    public var dimension: String
    public var name: String
    public var calls: Int64

    public init(dimension: String, name: String, calls: Int64) {
      self.dimension = dimension
      self.name = name
      self.calls = calls
    }
  }

  public struct Plan: Hashable, Sendable {
    /// The plan's shape hash as sixteen digits.
    public var shape: String
    public var count: Int64
    public var meanMs: Double
    public var last: Timestamp
    /// The tree in a few lines, without values.
    public var outline: [String]

    public init(shape: String, count: Int64, meanMs: Double, last: Timestamp, outline: [String]) {
      self.shape = shape
      self.count = count
      self.meanMs = meanMs
      self.last = last
      self.outline = outline
    }
  }

  public var fingerprint: Fingerprint
  /// Normalized: shows no value.
  public var text: String
  public var kind: StatementKind
  public var relations: [RelationName]
  public var numbers: CallNumbers
  public var previous: CallNumbers?
  /// Share of the workload's total time.
  public var share: Double
  /// Total time of each of the load's steps, in milliseconds.
  public var trend: [Double?]
  public var distribution: [Chart.Distribution.Bucket]
  public var origins: [Origin]
  public var plans: [Plan]
  public var findings: [Finding]

  public init(
    fingerprint: Fingerprint, text: String, kind: StatementKind, relations: [RelationName] = [], numbers: CallNumbers,
    previous: CallNumbers? = nil, share: Double, trend: [Double?] = [],
    distribution: [Chart.Distribution.Bucket] = [], origins: [Origin] = [], plans: [Plan] = [],
    findings: [Finding] = []
  ) {
    self.fingerprint = fingerprint
    self.text = text
    self.kind = kind
    self.relations = relations
    self.numbers = numbers
    self.previous = previous
    self.share = share
    self.trend = trend
    self.distribution = distribution
    self.origins = origins
    self.plans = plans
    self.findings = findings
  }
}

/// What differs from the window before.
public struct QueryChanges: Hashable, Sendable {
  public struct Change: Hashable, Sendable {
    public var fingerprint: Fingerprint
    public var text: String
    public var now: CallNumbers?
    public var before: CallNumbers?
    /// What is known about the change: `plan changed`, `all queries 12 % slower, this one a further 40 %`.
    public var note: String

    public init(
      fingerprint: Fingerprint, text: String, now: CallNumbers?, before: CallNumbers?, note: String = ""
    ) {
      self.fingerprint = fingerprint
      self.text = text
      self.now = now
      self.before = before
      self.note = note
    }
  }

  public var new: [Change]
  public var gone: [Change]
  public var regressed: [Change]
  public var improved: [Change]
  /// How regressed and improved were told from noise.
  public var rule: String

  public init(
    new: [Change] = [], gone: [Change] = [], regressed: [Change] = [], improved: [Change] = [], rule: String = ""
  ) {
    self.new = new
    self.gone = gone
    self.regressed = regressed
    self.improved = improved
    self.rule = rule
  }
}

/// One piece of index advice.
public struct IndexAdviceReport: Hashable, Sendable {
  public struct Beneficiary: Hashable, Sendable {
    public var fingerprint: Fingerprint
    public var text: String
    /// Executions in the window.
    public var calls: Int64
    /// Planner cost of one execution.
    public var costBefore: Double
    public var costAfter: Double
    /// Database time saved in the window, in milliseconds; nil where the query's time is not known.
    public var savedMs: Double?

    public init(
      fingerprint: Fingerprint, text: String, calls: Int64, costBefore: Double, costAfter: Double, savedMs: Double?
    ) {
      self.fingerprint = fingerprint
      self.text = text
      self.calls = calls
      self.costBefore = costBefore
      self.costAfter = costAfter
      self.savedMs = savedMs
    }
  }

  /// `orders (customer_id, created_at DESC)`.
  public var summary: String
  public var ddl: [String]
  public var rollback: [String]
  /// Bytes on disk, an estimate; with the range where one is known.
  public var size: Quantity?
  /// Time saved a day.
  public var gain: RecoverableTime?
  /// What keeping it up to date costs a day, in milliseconds; nil where not known.
  public var upkeepMsPerDay: Double?
  public var beneficiaries: [Beneficiary]
  public var reasons: [String]
  public var confidence: Confidence

  public init(
    summary: String, ddl: [String], rollback: [String], size: Quantity?, gain: RecoverableTime?,
    upkeepMsPerDay: Double? = nil, beneficiaries: [Beneficiary], reasons: [String] = [], confidence: Confidence
  ) {
    self.summary = summary
    self.ddl = ddl
    self.rollback = rollback
    self.size = size
    self.gain = gain
    self.upkeepMsPerDay = upkeepMsPerDay
    self.beneficiaries = beneficiaries
    self.reasons = reasons
    self.confidence = confidence
  }
}

/// A query that no index helps.
public struct HelplessReport: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var text: String
  public var msPerDay: Double
  public var reasons: [String]

  public init(fingerprint: Fingerprint, text: String, msPerDay: Double, reasons: [String]) {
    self.fingerprint = fingerprint
    self.text = text
    self.msPerDay = msPerDay
    self.reasons = reasons
  }
}

/// One table's size and use.
public struct TableReport: Hashable, Sendable {
  public var name: RelationName
  public var rows: Double?
  public var bytes: Int64?
  public var indexBytes: Int64?
  public var sequentialScans: Int64?
  public var sequentialRows: Int64?
  public var indexScans: Int64?
  public var deadFraction: Double?
  public var hotFraction: Double?
  public var lastVacuum: Timestamp?
  public var lastAnalyze: Timestamp?

  public init(
    name: RelationName, rows: Double? = nil, bytes: Int64? = nil, indexBytes: Int64? = nil,
    sequentialScans: Int64? = nil, sequentialRows: Int64? = nil, indexScans: Int64? = nil, deadFraction: Double? = nil,
    hotFraction: Double? = nil, lastVacuum: Timestamp? = nil, lastAnalyze: Timestamp? = nil
  ) {
    self.name = name
    self.rows = rows
    self.bytes = bytes
    self.indexBytes = indexBytes
    self.sequentialScans = sequentialScans
    self.sequentialRows = sequentialRows
    self.indexScans = indexScans
    self.deadFraction = deadFraction
    self.hotFraction = hotFraction
    self.lastVacuum = lastVacuum
    self.lastAnalyze = lastAnalyze
  }
}

/// A statement that was repeated inside transactions (N+1).
public struct RepetitionReport: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var text: String
  public var origin: String
  public var transactions: Int64
  public var executions: Int64
  public var most: Int64
  public var totalMs: Double

  public init(
    fingerprint: Fingerprint, text: String, origin: String, transactions: Int64, executions: Int64, most: Int64,
    totalMs: Double
  ) {
    self.fingerprint = fingerprint
    self.text = text
    self.origin = origin
    self.transactions = transactions
    self.executions = executions
    self.most = most
    self.totalMs = totalMs
  }
}

/// Log entries of one kind and shape.
public struct EventReport: Hashable, Sendable {
  public var category: EventCell.Category
  public var sqlState: String
  /// The message without its values.
  public var shape: String
  public var count: Int64
  public var previousCount: Int64?
  /// The category's own quantity, summed: bytes of temporary files, milliseconds of waiting.
  public var amount: Double
  public var fingerprint: Fingerprint?

  public init(
    category: EventCell.Category, sqlState: String, shape: String, count: Int64, previousCount: Int64? = nil,
    amount: Double = 0, fingerprint: Fingerprint? = nil
  ) {
    self.category = category
    self.sqlState = sqlState
    self.shape = shape
    self.count = count
    self.previousCount = previousCount
    self.amount = amount
    self.fingerprint = fingerprint
  }
}

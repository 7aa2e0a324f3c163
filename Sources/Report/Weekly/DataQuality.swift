public import Model

/// What the report rests on, and what it lacks.
public struct DataQuality: Hashable, Sendable {
  public struct Skipped: Hashable, Sendable {
    public var reason: String
    public var count: Int64

    public init(reason: String, count: Int64) {
      self.reason = reason
      self.count = count
    }
  }

  public struct Source: Hashable, Sendable {
    public var name: String
    public var format: String
    public var entries: Int64
    /// Entries or lines that could not be read, by reason, the most first.
    public var skipped: [Skipped]
    public var first: Timestamp?
    public var last: Timestamp?

    public init(
      name: String, format: String, entries: Int64, skipped: [String: Int64], first: Timestamp?, last: Timestamp?
    ) {
      self.name = name
      self.format = format
      self.entries = entries
      self.skipped = skipped.map { Skipped(reason: $0.key, count: $0.value) }
        .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
      self.first = first
      self.last = last
    }
  }

  /// Something that makes the numbers worth less, or a kind of data that is missing, with what would give it.
  public struct Note: Hashable, Sendable {
    public var tone: Tone
    public var text: Prose

    public init(_ tone: Tone, _ text: Prose) {
      self.tone = tone
      self.text = text
    }
  }

  /// How much of a server's active time, by pg_stat_database, its statements account for. Times in milliseconds.
  public struct Coverage: Hashable, Sendable {
    public var systemIdentifier: String
    public var node: String
    /// Nil where it is not known, which `unknownBecause` tells.
    public var fraction: Double?
    public var statementsMs: Double
    public var activeMs: Double?
    public var isExact: Bool
    public var unknownBecause: String?

    public init(
      systemIdentifier: String, node: String, fraction: Double?, statementsMs: Double, activeMs: Double?,
      isExact: Bool, unknownBecause: String?
    ) {
      self.systemIdentifier = systemIdentifier
      self.node = node
      self.fraction = fraction
      self.statementsMs = statementsMs
      self.activeMs = activeMs
      self.isExact = isExact
      self.unknownBecause = unknownBecause
    }
  }

  public var sources: [Source]
  public var coverage: [Coverage] = []
  public var notes: [Note]

  public init(sources: [Source] = [], notes: [Note] = []) {
    self.sources = sources
    self.notes = notes
  }
}

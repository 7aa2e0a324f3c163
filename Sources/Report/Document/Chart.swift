/// A picture of numbers, with the words that say the same.
public struct Chart: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Values at equal steps of time.
    case time(TimeSeries)
    /// How often values fell into ranges.
    case distribution(Distribution)
  }

  public struct TimeSeries: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
      public var name: String
      /// One value for each step; nil is a gap.
      public var values: [Double?]
      /// The line that the others are compared with is drawn behind them, fainter.
      public var isComparison: Bool

      public init(_ name: String, _ values: [Double?], isComparison: Bool = false) {
        self.name = name
        self.values = values
        self.isComparison = isComparison
      }
    }

    public var lines: [Line]
    public var unit: Quantity.Unit
    /// The name of each step (`Mon 2 March 14:00`), as many as the longest line has values.
    public var steps: [String]
    /// Labels at equal distances under the chart, the first at its left end and the last at its right end.
    public var labels: [String]
    /// A target, drawn across.
    public var limit: Double?

    public init(
      lines: [Line], unit: Quantity.Unit, steps: [String], labels: [String], limit: Double? = nil
    ) {
      self.lines = lines
      self.unit = unit
      self.steps = steps
      self.labels = labels
      self.limit = limit
    }
  }

  public struct Distribution: Hashable, Sendable {
    public struct Bucket: Hashable, Sendable {
      public var lower: Double
      public var upper: Double
      public var count: Double

      public init(lower: Double, upper: Double, count: Double) {
        self.lower = lower
        self.upper = upper
        self.count = count
      }
    }

    /// Adjoining ranges, lowest first.
    public var buckets: [Bucket]
    public var unit: Quantity.Unit
    /// A target: buckets at or above it are drawn as over it.
    public var limit: Double?

    public init(buckets: [Bucket], unit: Quantity.Unit, limit: Double? = nil) {
      self.buckets = buckets
      self.unit = unit
      self.limit = limit
    }
  }

  /// What is drawn: `Database time per hour`.
  public var title: String
  /// What a reader who cannot see it, or who has only the text, should know.
  public var summary: String
  public var kind: Kind

  public init(title: String, summary: String, kind: Kind) {
    self.title = title
    self.summary = summary
    self.kind = kind
  }
}

/// What a rule looks for and why, for the manual and for reports that explain themselves. It stands in the rule's own
/// file; the page of all rules is made from it.
public struct RuleDescription: Hashable, Sendable, Codable {
  /// A number that a rule compares with.
  public struct Threshold: Hashable, Sendable, Codable {
    public var name: String
    public var value: Double
    public var unit: Evidence.Unit

    public init(_ name: String, _ value: Double, _ unit: Evidence.Unit) {
      self.name = name
      self.value = value
      self.unit = unit
    }
  }

  public var id: RuleID
  /// In the form of a heading: `Sort on disk`.
  public var title: String
  /// What the rule finds, exactly.
  public var finds: String
  /// Why that costs, and what to do in general.
  public var explanation: String
  public var thresholds: [Threshold]
  /// Where a formula or limit comes from; empty where it is ours.
  public var source: String

  public init(
    _ id: RuleID, title: String, finds: String, explanation: String, thresholds: [Threshold] = [], source: String = ""
  ) {
    self.id = id
    self.title = title
    self.finds = finds
    self.explanation = explanation
    self.thresholds = thresholds
    self.source = source
  }
}

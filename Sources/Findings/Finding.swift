import Model

/// One judgement: what is wrong with what, how that is known, what it costs, and what to do.
///
/// Every rule of every room ends in values of this type, and every report and gate starts from them. Title, evidence
/// labels and the remedy's sentence never show the user's data; parts that may are marked (`Evidence.showsValues`,
/// `Remedy.showsValues`), and `withoutValues()` takes them out.
public struct Finding: Hashable, Sendable {
  public var rule: RuleID
  public var subject: Subject
  /// Tells several findings of one rule on one subject apart (a node's path, a second index); empty where there is but
  /// one. Part of the id, so it must be the same in the next run.
  public var discriminator: String
  /// One line without a full stop: `Sort of 1,000,000 rows spills 14 MB to disk`.
  public var title: String
  public var severity: Severity
  /// Nil where the finding is not about time (a duplicate index's space, a safety matter).
  public var recoverable: RecoverableTime?
  /// In the order in which they are to be read.
  public var evidence: [Evidence]
  public var remedy: Remedy
  public var confidence: Confidence
  /// A place in the user's files, for gates on migrations and plan files.
  public var location: SourceLocation?

  public init(
    rule: RuleID, subject: Subject, discriminator: String = "", title: String, severity: Severity,
    recoverable: RecoverableTime? = nil, evidence: [Evidence], remedy: Remedy, confidence: Confidence,
    location: SourceLocation? = nil
  ) {
    self.rule = rule
    self.subject = subject
    self.discriminator = discriminator
    self.title = title
    self.severity = severity
    self.recoverable = recoverable
    self.evidence = evidence
    self.remedy = remedy
    self.confidence = confidence
    self.location = location
  }

  /// Sixteen hexadecimal digits over rule, subject and discriminator: the same in every run that finds the same thing,
  /// and so the key by which a finding is suppressed, followed from week to week, or de-duplicated by a gate.
  public var id: String {
    Fingerprint(StableHash.of(rule.name, subject.key, discriminator)).description
  }

  /// Whether any part may show the user's data.
  public var showsValues: Bool { remedy.showsValues || evidence.contains(where: \.showsValues) }

  /// The finding without the parts that may show the user's data.
  public func withoutValues() -> Finding {
    var copy = self
    copy.evidence.removeAll(where: \.showsValues)
    if remedy.showsValues {
      copy.remedy.sql = []
      copy.remedy.rollback = []
      copy.remedy.showsValues = false
    }
    return copy
  }
}

extension Finding: Comparable {
  /// Report order: most recoverable time first, then the severest, then by rule, subject and discriminator.
  /// Findings without a time come after all that have one, unless they are critical.
  public static func < (a: Finding, b: Finding) -> Bool {
    let (criticalA, criticalB) = (a.severity == .critical, b.severity == .critical)
    if criticalA != criticalB { return criticalA }
    let (timeA, timeB) = (a.recoverable?.estimate ?? -1, b.recoverable?.estimate ?? -1)
    if timeA != timeB { return timeA > timeB }
    if a.severity != b.severity { return a.severity > b.severity }
    return (a.rule, a.subject, a.discriminator) < (b.rule, b.subject, b.discriminator)
  }
}

extension Finding: Codable {
  private enum CodingKeys: String, CodingKey {
    case id, rule, title, severity, subject, discriminator, recoverable, evidence, remedy, confidence, location
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    rule = try values.decode(RuleID.self, forKey: .rule)
    title = try values.decode(String.self, forKey: .title)
    severity = try values.decode(Severity.self, forKey: .severity)
    subject = try values.decode(Subject.self, forKey: .subject)
    discriminator = try values.decodeIfPresent(String.self, forKey: .discriminator) ?? ""
    recoverable = try values.decodeIfPresent(RecoverableTime.self, forKey: .recoverable)
    evidence = try values.decode([Evidence].self, forKey: .evidence)
    remedy = try values.decode(Remedy.self, forKey: .remedy)
    confidence = try values.decode(Confidence.self, forKey: .confidence)
    location = try values.decodeIfPresent(SourceLocation.self, forKey: .location)
  }

  /// `id` is written for readers of the JSON; reading computes it anew.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(id, forKey: .id)
    try values.encode(rule, forKey: .rule)
    try values.encode(title, forKey: .title)
    try values.encode(severity, forKey: .severity)
    try values.encode(subject, forKey: .subject)
    if !discriminator.isEmpty { try values.encode(discriminator, forKey: .discriminator) }
    try values.encodeIfPresent(recoverable, forKey: .recoverable)
    try values.encode(evidence, forKey: .evidence)
    try values.encode(remedy, forKey: .remedy)
    try values.encode(confidence, forKey: .confidence)
    try values.encodeIfPresent(location, forKey: .location)
  }
}

import Findings

/// A finding's parts in words, the same in every format.
struct FindingWords {
  let finding: Finding

  init(_ finding: Finding) { self.finding = finding }

  var anchor: String { "finding-" + finding.id }

  /// The card of the query that the finding is about.
  var subjectAnchor: String? {
    if case .query(let fingerprint) = finding.subject.kind { return "query-\(fingerprint)" }
    return nil
  }

  var tone: Tone {
    switch finding.severity {
    case .info: .faint
    case .notice: .plain
    case .warning: .warning
    case .critical: .critical
    }
  }

  var severity: String {
    switch finding.severity {
    case .info: "Info"
    case .notice: "Notice"
    case .warning: "Warning"
    case .critical: "Critical"
    }
  }

  var confidence: String {
    switch finding.confidence.level {
    case .measured: "Measured"
    case .estimated: "Estimated"
    case .guess: "Guess"
    }
  }

  /// `≈ 12.3 min a day`.
  var gain: String? {
    guard let time = finding.recoverable, time.estimate > 0 else { return nil }
    return "≈ " + Quantity.milliseconds(time.estimate).description + basis(time)
  }

  /// `between 8 min and 14 min`; nil where the range is a point.
  var gainRange: String? {
    guard let time = finding.recoverable, time.high > time.low else { return nil }
    let (low, high) = (Quantity.milliseconds(time.low).description, Quantity.milliseconds(time.high).description)
    return low == high ? nil : "between \(low) and \(high)"
  }

  private func basis(_ time: RecoverableTime) -> String {
    switch time.basis {
    case .day: " a day"
    case .execution: " per execution"
    }
  }

  static func isExcerpt(_ evidence: Evidence) -> Bool {
    if case .excerpt = evidence.value { return true }
    return false
  }

  static func text(_ value: Evidence.Value) -> String {
    switch value {
    case .quantity(let number, let unit): quantity(number, unit)
    case .interval(let low, let high, let unit): quantity(low, unit) + " – " + quantity(high, unit)
    case .text(let text): text
    case .excerpt(let lines): lines.joined(separator: "\n")
    }
  }

  private static func quantity(_ number: Double, _ unit: Evidence.Unit) -> String {
    switch unit {
    case .milliseconds: Quantity.milliseconds(number).description
    case .bytes: Quantity(number, .bytes).description
    case .blocks: Quantity(number, .count).description + (number == 1 ? " block" : " blocks")
    case .rows: Quantity(number, .count).description + (number == 1 ? " row" : " rows")
    case .cost: "cost " + Quantity.cost(number).description
    case .fraction: Quantity.fraction(number).description
    case .ratio: Quantity.factor(number).description
    case .count: Quantity(number, .count).description
    case .perSecond: Quantity.perSecond(number).description
    case .perDay: Quantity(number, .count).description + " a day"
    case .days: Quantity(number, .number).description + (number == 1 ? " day" : " days")
    }
  }
}

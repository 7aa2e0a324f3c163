import Findings
import History
import Model

extension ReviewInput {
  /// What every finding about log entries says of them.
  func evidence(_ event: Event) -> [Evidence] {
    var evidence: [Evidence] = [.quantity("count", "Times", Double(event.totals.count), .count)]
    if let before = event.before {
      evidence.append(.quantity("count_before", "Times in the window before", Double(before), .count))
    }
    if !event.totals.sqlState.isEmpty { evidence.append(.text("sqlstate", "SQLSTATE", event.totals.sqlState)) }
    evidence.append(.text("message", "Message", event.totals.shape))
    evidence.append(.text("sample", "One of them", event.totals.sample, showsValues: true))
    if let fingerprint = event.totals.fingerprint { evidence += text(fingerprint) }
    return evidence
  }

  func subject(_ event: Event) -> Subject { event.totals.fingerprint.map { subject($0) } ?? .server }

  func events(_ categories: Set<EventCell.Category>) -> [Event] {
    events.filter { categories.contains($0.totals.category) }
  }

  /// What tells findings of one rule on one subject apart.
  static func discriminator(_ event: Event) -> String { event.totals.sqlState + " " + event.totals.shape }
}

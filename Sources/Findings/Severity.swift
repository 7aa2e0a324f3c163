/// How much a finding matters, lowest first.
///
/// Time decides the order of a report; severity says what kind of attention a finding needs and is what a gate compares
/// with its limit.
public enum Severity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
  /// Worth knowing; nothing needs to be done.
  case info
  /// An improvement that somebody should look at.
  case notice
  /// Costs noticeable time, space or safety now.
  case warning
  /// Breaks something, or will soon.
  case critical

  private var rank: Int {
    switch self {
    case .info: 0
    case .notice: 1
    case .warning: 2
    case .critical: 3
    }
  }

  public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
}

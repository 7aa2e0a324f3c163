public import Findings
import Model

/// One thing that a week can show. A rule looks at the input and nothing else.
public protocol ReviewRule: Sendable {
  static var description: RuleDescription { get }
  static func findings(in input: ReviewInput) -> [Finding]
}

/// The rules, and how a window is judged by all of them.
public enum ReviewRules {
  /// Every rule, in the order of the manual.
  public static let all: [any ReviewRule.Type] = [
    LatencyTarget.self, QueryRegression.self, RepeatedQuery.self, PlanFlip.self, TableMisestimate.self, LockWaits.self,
    Deadlocks.self, TemporaryFileVolume.self, CancelledStatements.self, FrequentErrors.self, ServerTrouble.self,
    DuplicateIndex.self, RedundantIndex.self, UnusedIndex.self, CostlyIndex.self, InvalidIndex.self,
    ForeignKeyWithoutIndex.self,
  ]

  public static let descriptions: [RuleDescription] = all.map { $0.description }

  /// What all rules find, ranked.
  public static func findings(in input: ReviewInput) -> [Finding] { all.flatMap { $0.findings(in: input) }.sorted() }
}

extension ReviewInput {
  func subject(_ fingerprint: Fingerprint) -> Subject {
    .query(fingerprint, database: statements[fingerprint]?.database ?? "")
  }

  /// The statement's text as evidence.
  func text(_ fingerprint: Fingerprint) -> [Evidence] {
    guard let text = statements[fingerprint]?.text, !text.isEmpty else { return [] }
    return [.excerpt("statement", "Statement", [text])]
  }

  /// Milliseconds of the window as milliseconds for each day.
  func perDay(_ milliseconds: Double, low: Double? = nil, high: Double? = nil) -> RecoverableTime {
    RecoverableTime(milliseconds / days, low: low.map { $0 / days }, high: high.map { $0 / days }, per: .day)
  }

  func share(_ milliseconds: Double) -> Double { totalMilliseconds > 0 ? milliseconds / totalMilliseconds : 0 }

  static let warningShare = 0.05
  static let noticeShare = 0.005

  /// By the share of the window's database time.
  func severity(_ milliseconds: Double) -> Severity {
    let share = share(milliseconds)
    return share >= Self.warningShare ? .warning : share >= Self.noticeShare ? .notice : .info
  }
}

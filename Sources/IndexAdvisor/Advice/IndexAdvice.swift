public import Model
public import WhatIf

/// What to build, what to drop, and what that does to every query.
///
/// Times are estimates: a query's recorded time scaled by its plan's cost after and before (`TimeEstimate`).
public struct IndexAdvice: Sendable {
  /// In the order of what they save.
  public var additions: [IndexAddition]
  public var drops: [IndexDrop]
  /// Every query that was planned, most time first.
  public var queries: [QueryOutcome]
  /// Candidates that were not chosen and why, the most promising first.
  public var rejected: [RejectedCandidate]
  /// Queries that no B-tree index helps, and why.
  public var helpless: [HelplessQuery]
  /// Queries that could not be planned, and why.
  public var unplanned: [UnplannedQuery]
  /// Queries that could be planned, but not under every set of indexes that was tried.
  public var failures: [PlanFailure]
  public var totals: AdviceTotals

  public init(
    additions: [IndexAddition], drops: [IndexDrop], queries: [QueryOutcome], rejected: [RejectedCandidate],
    helpless: [HelplessQuery], unplanned: [UnplannedQuery], failures: [PlanFailure] = [], totals: AdviceTotals
  ) {
    self.additions = additions
    self.drops = drops
    self.queries = queries
    self.rejected = rejected
    self.helpless = helpless
    self.unplanned = unplanned
    self.failures = failures
    self.totals = totals
  }
}

/// The whole advice in numbers.
public struct AdviceTotals: Hashable, Sendable {
  /// Plan costs, each query's weighted by its calls in the window.
  public var costBefore: Double
  public var costAfter: Double
  /// Recorded milliseconds a day of the queries that were planned.
  public var millisecondsPerDayBefore: Double
  public var millisecondsPerDayAfter: TimeEstimate
  public var bytes: Int64
  public var writeBill: WriteBill
  /// No set of these candidates within the budget can be better than the chosen one by more than this share of the
  /// objective; nil where that was not proven.
  public var provenGap: Double?
  public var candidates: Int
  /// Plans that the planner made for this advice.
  public var plans: Int

  public init(
    costBefore: Double, costAfter: Double, millisecondsPerDayBefore: Double, millisecondsPerDayAfter: TimeEstimate,
    bytes: Int64, writeBill: WriteBill, provenGap: Double?, candidates: Int, plans: Int
  ) {
    self.costBefore = costBefore
    self.costAfter = costAfter
    self.millisecondsPerDayBefore = millisecondsPerDayBefore
    self.millisecondsPerDayAfter = millisecondsPerDayAfter
    self.bytes = bytes
    self.writeBill = writeBill
    self.provenGap = provenGap
    self.candidates = candidates
    self.plans = plans
  }
}

/// A time that was computed, not measured, in milliseconds a day.
public struct TimeEstimate: Hashable, Sendable {
  public var low: Double
  public var estimate: Double
  public var high: Double

  public init(low: Double, estimate: Double, high: Double) {
    self.low = low
    self.estimate = estimate
    self.high = high
  }

  /// Scales the part of a recorded time that the plan's cost accounts for by the costs of the plans before and after.
  ///
  /// Costs are proportional to times only roughly: the range is a factor of three either way, a rule of thumb, and no
  /// call gets faster than `floor`.
  static func scaled(
    _ credited: Double, of total: Double, calls: Double, costBefore: Double, costAfter: Double
  ) -> TimeEstimate {
    let fixed = max(0, total - credited)
    guard costBefore > 0 else { return TimeEstimate(low: total, estimate: total, high: total) }
    let ratio = costAfter / costBefore
    guard abs(ratio - 1) > 1e-9 else { return TimeEstimate(low: total, estimate: total, high: total) }
    let least = min(credited, calls * floor)
    let estimate = max(least, credited * ratio)
    return TimeEstimate(
      low: fixed + max(least, min(estimate, credited * ratio / 3)), estimate: fixed + estimate,
      high: fixed + max(estimate, min(credited, credited * ratio * 3)))
  }

  /// Milliseconds that any execution takes: parsing, planning, sending.
  static let floor = 0.02
}

/// An index to build.
public struct IndexAddition: Hashable, Sendable {
  public var name: String
  public var definition: IndexDefinition
  /// Predicted, on disk after building.
  public var sizeBytes: Int64
  public var isRoughSize: Bool
  /// Levels above the leaves.
  public var height: Int
  /// What the workload would lose without this one index and with all the others, in milliseconds a day.
  public var savedPerDay: TimeEstimate
  /// Its share of what the load costs before.
  public var savedShare: Double
  public var writeBill: WriteBill
  /// Queries whose plans use it.
  public var queries: [QueryBenefit]
  /// Sentences.
  public var reasons: [String]
  /// Statements that build it, complete with semicolons; not to be run inside a transaction block.
  public var build: [String]
  /// Statements that undo it.
  public var rollback: [String]
}

/// What an index does for one query.
public struct QueryBenefit: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var costBefore: Double
  /// With all the advice.
  public var costAfter: Double
}

/// A query before and after all the advice.
public struct QueryOutcome: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var text: String
  public var callsPerDay: Double
  /// Recorded.
  public var millisecondsPerDayBefore: Double
  public var millisecondsPerDayAfter: TimeEstimate
  /// Mean plan cost of its instances, weighted by their shares.
  public var costBefore: Double
  public var costAfter: Double
  /// Names of new indexes in its plans, sorted.
  public var newIndexes: [String]
  /// What its instances were planned for.
  public var parameters: [ParameterOrigin]
}

public struct RejectedCandidate: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// The server's message.
    case refused(String)
    /// In no plan, alone or with others.
    case neverUsed
    /// What it would save is less than its upkeep.
    case writeBillExceedsGain
    case belowMinimum
    /// Worth its upkeep, but not within the budget beside better ones.
    case overBudget
    /// With the chosen indexes it adds nothing.
    case outdone
  }

  public var definition: IndexDefinition
  public var sizeBytes: Int64
  /// Milliseconds a day (or cost) that it would save alone.
  public var gainAlone: Double
  public var reason: Reason
}

public struct HelplessQuery: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var text: String
  public var millisecondsPerDay: Double
  /// Sentences.
  public var reasons: [String]
}

public struct UnplannedQuery: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var text: String
  public var millisecondsPerDay: Double
  public var reason: String
}

/// A query that the planner failed to plan under some of the sets of indexes that were tried: these count as if they did
/// not exist.
public struct PlanFailure: Hashable, Sendable {
  public var fingerprint: Fingerprint
  public var text: String
  public var millisecondsPerDay: Double
  /// The server's, of the first.
  public var message: String
  /// Questions that failed.
  public var count: Int
  /// Whether the advised set was among them; the query is then counted by its best plan with a part of that.
  public var isOfChoice: Bool
}

/// An index that could go.
public struct IndexDrop: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// Another index is the same.
    case duplicate(of: String)
    /// Another index, existing or advised, begins with the same keys.
    case redundant(coveredBy: String)
    /// No scan since the counters were reset, and no plan of the workload uses it.
    case unused
    /// What it saves is less than what it costs to keep up.
    case upkeepExceedsUse
    /// A failed build left it invalid.
    case invalid
  }

  public var table: RelationName
  public var index: IndexFacts
  public var reason: Reason
  /// Sentences.
  public var reasons: [String]
  /// The dearest a plan of the workload becomes without it: a ratio, 1 for no change.
  public var worstRatio: Double
  /// The query that `worstRatio` is of, where it is above one.
  public var worstQuery: Fingerprint?
  public var writeBill: WriteBill
  /// Days that the usage counters speak for.
  public var statisticsAgeDays: Double?
  public var drop: [String]
  public var rollback: [String]
}

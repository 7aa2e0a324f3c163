public import Model
import Synchronization

/// Asks another planner only what does not follow from what it said before.
///
/// A plan made with the indexes R that used U of them is the plan under every set between U and R: the planner would
/// have had no more to choose from, and what it chose is still there (Frank, Omiecinski, Navathe, "Adaptive and Automated
/// Index Selection in RDBMS", EDBT 1992). Some indexes tell the planner something without being read: a unique one that
/// rows are distinct, one on an expression how its values are spread. Hypothetical indexes of these kinds must be the same
/// in both questions, and so must the existing indexes that are taken away.
public final class CachingPlanner: Planner {
  /// Questions by how they were answered.
  public struct Tally: Hashable, Sendable {
    /// Answered from memory.
    public var hits = 0
    /// Passed on.
    public var misses = 0

    public init(hits: Int = 0, misses: Int = 0) {
      self.hits = hits
      self.misses = misses
    }
  }

  private struct Entry {
    var offered: Set<String>
    var dropped: Set<String>
    /// Hypothetical indexes in the plan.
    var used: Set<String>
    var plan: PlannedStatement
  }

  private struct State {
    var entries: [PlannableStatement: [Entry]] = [:]
    /// Unique ones and those on expressions.
    var telling: Set<String> = []
    var tally = Tally()
  }

  private let planner: any Planner
  private let keepsDocuments: Bool
  private let state = Mutex(State())

  /// - Parameter keepsDocuments: false to answer without EXPLAIN's documents, which are most of what there is to keep.
  public init(_ planner: any Planner, keepsDocuments: Bool = true) {
    self.planner = planner
    self.keepsDocuments = keepsDocuments
  }

  public var tally: Tally { state.withLock { $0.tally } }

  public func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
    let index = try await planner.add(definition)
    if definition.tellsUnread { state.withLock { _ = $0.telling.insert(index.name) } }
    return index
  }

  public func plan(
    _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
  ) async throws -> PlannedStatement {
    let known: PlannedStatement? = state.withLock { state in
      let telling = added.intersection(state.telling)
      let found = state.entries[statement]?.first {
        $0.used.isSubset(of: added) && added.isSubset(of: $0.offered)
          && $0.offered.intersection(state.telling) == telling && $0.dropped == dropped
      }
      if found == nil { state.tally.misses += 1 } else { state.tally.hits += 1 }
      return found?.plan
    }
    if let known { return known }
    var plan = try await planner.plan(statement, with: added, without: dropped)
    if !keepsDocuments { plan.document = "" }
    let entry = Entry(
      offered: added, dropped: dropped, used: added.intersection(plan.usedIndexes), plan: plan)
    state.withLock { $0.entries[statement, default: []].append(entry) }
    return plan
  }
}

extension IndexDefinition {
  /// Whether the planner learns something from the index though no plan reads it.
  public var tellsUnread: Bool {
    isUnique || keys.contains { if case .expression = $0.subject { true } else { false } }
  }
}

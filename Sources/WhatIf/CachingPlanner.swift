public import Model
import Synchronization

/// Asks another planner only what does not follow from what it said before.
///
/// A plan made with the indexes R that used U of them is the plan under every set between U and R: the planner would
/// have had no more to choose from, and what it chose is still there (Frank, Omiecinski, Navathe, "Adaptive and Automated
/// Index Selection in RDBMS", EDBT 1992). Two things besides plans depend on indexes: a unique index also proves that
/// rows are distinct, without being read, so unique hypothetical indexes must be the same in both questions; and so must
/// the existing indexes that are taken away.
public final class CachingPlanner: Planner {
  /// Questions by how they were answered.
  public struct Tally: Hashable, Sendable {
    /// Answered from memory.
    public var hits = 0
    /// Passed on.
    public var misses = 0
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
    var unique: Set<String> = []
    var tally = Tally()
  }

  private let planner: any Planner
  private let state = Mutex(State())

  public init(_ planner: any Planner) { self.planner = planner }

  public var tally: Tally { state.withLock { $0.tally } }

  public func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
    let index = try await planner.add(definition)
    if definition.isUnique { state.withLock { _ = $0.unique.insert(index.name) } }
    return index
  }

  public func plan(
    _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
  ) async throws -> PlannedStatement {
    let known: PlannedStatement? = state.withLock { state in
      let unique = added.intersection(state.unique)
      let found = state.entries[statement]?.first {
        $0.dropped == dropped && $0.used.isSubset(of: added) && added.isSubset(of: $0.offered)
          && $0.offered.intersection(state.unique) == unique
      }
      if found == nil { state.tally.misses += 1 } else { state.tally.hits += 1 }
      return found?.plan
    }
    if let known { return known }
    let plan = try await planner.plan(statement, with: added, without: dropped)
    let entry = Entry(
      offered: added, dropped: dropped, used: added.intersection(plan.usedIndexes), plan: plan)
    state.withLock { $0.entries[statement, default: []].append(entry) }
    return plan
  }
}

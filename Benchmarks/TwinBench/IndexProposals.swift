import Advice
import Catalog
import IndexAdvisor
import Model
import Synchronization
import WhatIf

/// Sets of indexes worth comparing for each statement: those that the adviser itself asks the planner about.
struct IndexProposals {
  /// A statement under a set of indexes.
  struct Question: Hashable {
    var statement: PlannableStatement
    var added: Set<IndexDefinition>
    /// Existing indexes that are gone.
    var dropped: Set<String>
    /// Where the set comes from.
    var origin: String
  }

  /// Plans that the adviser asks for while it explores a statement.
  private static let plansPerStatement = 60

  /// Runs the adviser and returns, for each statement, some of the sets of which the planner uses every index: of one
  /// index, then of several, each with a use of its own.
  static func ofAdviser(
    _ statements: [PlannableStatement], planner: TwinPlanner, snapshot: Snapshot, perStatement: Int
  ) async throws -> [Question] {
    let recorder = RecordingPlanner(planner)
    var options = AdvisorOptions()
    options.objective = .cost
    options.plansPerStatement = plansPerStatement
    options.improvementRounds = 1
    options.solverSeconds = 5
    options.parallelism = 1
    let advisor = IndexAdvisor(planner: recorder, database: try DatabaseFacts(snapshot), options: options)
    let queries = statements.enumerated().map { number, statement in
      Workload.Query(
        fingerprint: Fingerprint(UInt64(number)), text: statement.sql, kind: Self.kind(statement.sql), calls: 1,
        totalMilliseconds: 1, instances: [.init(statement)])
    }
    _ = try await advisor.advise(Workload(queries: queries, windowSeconds: 86_400))
    var questions: [Question] = []
    for statement in statements {
      var taken: Set<Set<IndexDefinition>> = []
      let used = recorder.used(statement.id).sorted { ($0.count, Self.text($0)) < ($1.count, Self.text($1)) }
      // Single indexes and combinations in turns.
      let single = used.filter { $0.count == 1 }
      let several = used.filter { $0.count > 1 }
      for place in 0..<max(single.count, several.count) {
        for list in [several, single] where place < list.count && taken.count < perStatement {
          if taken.insert(list[place]).inserted {
            questions.append(
              Question(statement: statement, added: list[place], dropped: [], origin: "adviser"))
          }
        }
      }
    }
    return questions
  }

  private static func text(_ set: Set<IndexDefinition>) -> String { set.map(\.summary).sorted().joined(separator: ";") }

  private static func kind(_ sql: String) -> StatementKind {
    let word = sql.drop { $0.isWhitespace || $0 == "(" }.prefix { $0.isLetter }.lowercased()
    return StatementKind(rawValue: word) ?? .select
  }
}

/// Asks another planner, and keeps which indexes of a set each plan used.
private final class RecordingPlanner: Planner {
  private struct State {
    var definitions: [String: IndexDefinition] = [:]
    var used: [String: Set<Set<IndexDefinition>>] = [:]
  }

  private let planner: TwinPlanner
  private let state = Mutex(State())

  init(_ planner: TwinPlanner) { self.planner = planner }

  func used(_ statement: String) -> Set<Set<IndexDefinition>> { state.withLock { $0.used[statement] ?? [] } }

  func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
    let index = try await planner.add(definition)
    state.withLock { $0.definitions[index.name] = definition }
    return index
  }

  func plan(
    _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
  ) async throws -> PlannedStatement {
    let plan = try await planner.plan(statement, with: added, without: dropped)
    state.withLock { state in
      let used = Set(plan.usedIndexes.compactMap { added.contains($0) ? state.definitions[$0] : nil })
      if dropped.isEmpty, !used.isEmpty { state.used[statement.id, default: []].insert(used) }
    }
    return plan
  }
}

internal import Model
internal import SQLText

/// Queries that no candidate makes noticeably cheaper, and what stands in the way.
struct HelplessReasons {
  private let run: AdvisorRun
  /// A query is helpless when the best of all plans still costs this share of the present one.
  private static let share = 0.95
  /// … and it matters when it takes this share of the load.
  private static let loadShare = 0.001

  init(_ run: AdvisorRun) { self.run = run }

  func queries() -> [HelplessQuery] {
    var result: [HelplessQuery] = []
    let load = run.workload.queries.reduce(0) { $0 + $1.totalMilliseconds }
    for number in Set(run.statements.map(\.query)).sorted() {
      let members = run.members(of: number)
      let before = members.reduce(0) { $0 + $1.share * run.statements[$1.statement].baseCost }
      let best = members.reduce(0) { $0 + $1.share * run.statements[$1.statement].bestCost }
      guard before > 0, best >= before * Self.share else { continue }
      let query = run.workload.queries[number]
      guard query.totalMilliseconds >= load * Self.loadShare else { continue }
      var sentences = reasons(number, before)
      if run.credit.isSurprising(number, run.workload) {
        sentences.insert(
          "It takes far longer than its plan's cost suggests: its row estimates are wrong (run ANALYZE), it waits for locks, or a trigger or foreign-key check takes the time.",
          at: 0)
      }
      result.append(
        HelplessQuery(
          fingerprint: query.fingerprint, text: query.text,
          millisecondsPerDay: query.totalMilliseconds * run.perDay, reasons: sentences))
    }
    return result.sorted { ($0.millisecondsPerDay, $1.fingerprint) > ($1.millisecondsPerDay, $0.fingerprint) }
  }

  private func reasons(_ number: Int, _ cost: Double) -> [String] {
    guard let profile = run.profiles[number] else {
      return ["The statement could not be taken apart, so no candidate was made for it."]
    }
    var reasons: [String] = []
    for use in profile.uses {
      let name = use.table.name.description
      for condition in use.use.conditions {
        switch condition.comparison {
        case .ilike:
          reasons.append("ILIKE on \(name) cannot use a B-tree; a trigram GIN index (pg_trgm) could serve it.")
        case .like where Self.beginsWithWildcard(condition.operand):
          reasons.append(
            "LIKE with a leading wildcard on \(name) cannot use a B-tree; a trigram GIN index (pg_trgm) could serve it."
          )
        case .other(let symbol):
          reasons.append("The operator \(symbol) on \(name) is none of a B-tree's; GIN or GiST may serve it.")
        case .notEqual:
          reasons.append("<> on \(name) keeps nearly every row.")
        default: continue
        }
      }
      if use.table.rows < run.options.minimumRows {
        reasons.append("\(name) has only \(Int(use.table.rows)) rows; reading all of it is the fastest way.")
      } else if use.use.conditions.isEmpty, use.use.disjunctions.isEmpty, use.use.joins.isEmpty {
        reasons.append("Nothing restricts \(name): the statement needs all of its rows.")
      }
    }
    for relation in profile.unknown { reasons.append("\(relation) is no table of the captured catalog.") }
    let existing = Set(run.members(of: number).flatMap { run.statements[$0.statement].entries.first?.existing ?? [] })
    if !existing.isEmpty {
      reasons.append("Its plan uses \(existing.sorted().joined(separator: ", ")) already.")
    }
    if reasons.isEmpty {
      reasons.append("Its conditions keep so many rows that every index plan the planner could think of costs as much.")
    }
    return KeyLists.distinct(reasons)
  }

  private static func beginsWithWildcard(_ operand: Condition.Operand) -> Bool {
    if case .constant(let sql) = operand { return sql.hasPrefix("'%") || sql.hasPrefix("'_") }
    return false
  }
}

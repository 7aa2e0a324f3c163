internal import Model
internal import SQLText

/// Why an index is advised, in sentences.
struct AdditionReasons {
  private let run: AdvisorRun
  private let number: Int
  private let queries: [Int]

  init(_ run: AdvisorRun, _ number: Int, _ queries: [Int]) {
    self.run = run
    self.number = number
    self.queries = queries
  }

  func sentences() -> [String] {
    let candidate = run.pool[number]
    var sentences: [String] = []
    for query in queries.prefix(5) { if let sentence = role(in: query) { sentences.append(sentence) } }
    if queries.count > 5 { sentences.append("It serves \(queries.count - 5) more queries.") }
    if let predicate = candidate.definition.predicate {
      sentences.append(
        "It holds only rows with \(predicate), which its queries always ask for, so it stays small and is written less."
      )
    }
    if !candidate.definition.included.isEmpty {
      sentences.append(
        "\(candidate.definition.included.joined(separator: ", ")) ride along in the leaves, so the table itself need not be read."
      )
    }
    if candidate.definition.keys.contains(where: { $0.columnName == nil }) {
      sentences.append("Run ANALYZE after building it: the planner knows the expression's values only then.")
    }
    if candidate.writeBill.lostHotUpdatesPerDay >= 1 {
      sentences.append(
        "Updates that assign one of its columns are no longer heap-only: about \(Int(candidate.writeBill.lostHotUpdatesPerDay.rounded())) a day."
      )
    }
    return sentences
  }

  /// What the keys do for one query.
  private func role(in query: Int) -> String? {
    let definition = run.pool[number].definition
    guard let uses = run.profiles[query]?.uses.filter({ $0.table.name == definition.table }) else { return nil }
    var best: [String] = []
    for use in uses {
      let parts = roles(definition, use.use)
      if parts.count > best.count { best = parts }
    }
    let fingerprint = run.workload.queries[query].fingerprint
    guard !best.isEmpty else { return "Query \(fingerprint) reads it instead of the wider table." }
    return "Query \(fingerprint): " + best.joined(separator: ", ") + "."
  }

  private func roles(_ definition: IndexDefinition, _ use: RelationUse) -> [String] {
    var parts: [String] = []
    var remaining = definition.keys[...]
    while let key = remaining.first, let part = single(key, use) {
      parts.append(part)
      remaining = remaining.dropFirst()
      if part.hasPrefix("range") { return parts }
    }
    for order in use.orders where !remaining.isEmpty {
      let matched = zip(order.keys, remaining).prefix { $0.subject.keySubject == $1.subject }
      if !matched.isEmpty {
        let names = matched.map(\.0.subject.columns).flatMap { $0 }.joined(separator: ", ")
        parts.append("rows come in the order of \(names)" + (order.hasLimit ? ", so the first ones need no sort" : ""))
        break
      }
    }
    return parts
  }

  private func single(_ key: IndexDefinition.Key, _ use: RelationUse) -> String? {
    let name = key.columnName ?? key.sql
    func isKey(_ subjects: [IndexSubject]) -> Bool { subjects.contains { $0.keySubject == key.subject } }
    for condition in use.conditions where isKey(condition.subjects) {
      switch condition.comparison {
      case .equal: return "equality on \(name)"
      case .isNull, .isNotNull: return "null test on \(name)"
      case .isTrue, .isFalse: return "truth of \(name)"
      case .oneOf: return "list on \(name)"
      case .like: return "range on \(name) from the fixed beginning of LIKE"
      case .less, .lessOrEqual, .greater, .greaterOrEqual, .between: return "range on \(name)"
      default: continue
      }
    }
    for join in use.joins where join.subject.keySubject == key.subject { return "join on \(name)" }
    for disjunction in use.disjunctions {
      for branch in disjunction.branches where branch.contains(where: { isKey($0.subjects) }) {
        return "one side of an OR on \(name)"
      }
    }
    return nil
  }
}

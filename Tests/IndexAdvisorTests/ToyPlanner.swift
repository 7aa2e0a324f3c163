import IndexAdvisor
import Model
import SQLText
import Synchronization
import WhatIf

/// A planner of a few lines with a textbook's cost model: it reads a table whole, or through the one index that makes
/// it cheapest, or through one index for each branch of an OR. Enough to see what the adviser makes of plans.
final class ToyPlanner: Planner {
  private struct State {
    var hypothetical: [String: HypotheticalIndex] = [:]
    var plans = 0
  }

  let database: DatabaseFacts
  private let state = Mutex(State())
  private let analyzer: StatementAnalyzer

  init(_ database: DatabaseFacts) {
    self.database = database
    let tables = database.tables
    analyzer = StatementAnalyzer(columns: { name in
      tables.first { $0.name.name == name.name }?.columns.map(\.name)
    })
  }

  var plans: Int { state.withLock { $0.plans } }

  func add(_ definition: IndexDefinition) async throws -> HypotheticalIndex {
    let ddl = definition.createStatement(name: "x")
    if ddl.contains("volatile(") {
      throw WhatIfError.indexRefused(
        ddl: ddl, sqlState: "42P17", message: "functions in index expression must be IMMUTABLE")
    }
    let table = table(definition.table)
    let width =
      definition.keys.map { bytes($0.columnName, table) }.reduce(0, +)
      + definition.included.map { bytes($0, table) }.reduce(0, +)
    let share = definition.predicate == nil ? 1 : 0.05
    let index = HypotheticalIndex(
      name: "hypothetical_" + definition.summary, definition: definition,
      sizeBytes: Int64(table.rows * share * Double(width + 12)), height: 2, isRoughSize: false)
    state.withLock { $0.hypothetical[index.name] = index }
    return index
  }

  private func bytes(_ name: String?, _ table: TableFacts) -> Int {
    name.flatMap { table.column($0)?.averageWidth } ?? 8
  }
  private func table(_ name: RelationName) -> TableFacts {
    database.tables.first { $0.name.name == name.name } ?? TableFacts(name: name, rows: 1, heapBytes: 0, columns: [])
  }

  func plan(
    _ statement: PlannableStatement, with added: Set<String>, without dropped: Set<String>
  ) async throws -> PlannedStatement {
    if statement.sql.contains("refused") {
      throw WhatIfError.statementRefused(id: statement.id, sqlState: "42703", message: "column does not exist")
    }
    let hypothetical = state.withLock { state in
      state.plans += 1
      return added.sorted().compactMap { state.hypothetical[$0] }
    }
    var cost = 0.0
    var used: Set<String> = []
    for use in try analyzer.analyze(statement.sql).uses where use.write != .insert {
      let table = table(use.relation)
      var indexes = hypothetical.filter { $0.definition.table.name == table.name.name }.map { ($0.name, $0.definition) }
      indexes += table.indexes.filter { !dropped.contains($0.name) && !dropped.contains("public." + $0.name) }
        .map { ($0.name, $0.definition) }
      let best = access(use, table, indexes)
      cost += best.cost
      used.formUnion(best.used)
    }
    return PlannedStatement(totalCost: cost, usedIndexes: used.sorted(), document: "")
  }

  private func access(
    _ use: RelationUse, _ table: TableFacts, _ indexes: [(String, IndexDefinition)]
  ) -> (cost: Double, used: [String]) {
    let selectivity = use.conditions.map { self.selectivity($0, table) }.reduce(1, *)
    let result = table.rows * selectivity
    let sort = use.orders.isEmpty ? 0 : result * 0.5
    var best = (cost: table.rows + sort, used: [String]())
    for (name, definition) in indexes {
      guard let cost = scan(use, table, definition, sort), cost < best.cost else { continue }
      best = (cost, [name])
    }
    for disjunction in use.disjunctions {
      var cost = 0.0
      var names: [String] = []
      for branch in disjunction.branches {
        var arm = use
        arm.conditions = branch
        arm.orders = []
        let options = indexes.compactMap { name, definition in scan(arm, table, definition, 0).map { ($0, name) } }
        guard let cheapest = options.min(by: { $0 < $1 }) else { break }
        cost += cheapest.0
        names.append(cheapest.1)
      }
      if names.count == disjunction.branches.count, cost < best.cost { best = (cost, names) }
    }
    return best
  }

  private func scan(_ use: RelationUse, _ table: TableFacts, _ definition: IndexDefinition, _ sort: Double) -> Double? {
    if let predicate = definition.predicate {
      let texts = use.conditions.map { text($0) }
      guard predicate.split(separator: " AND ").allSatisfy({ texts.contains(String($0)) }) else { return nil }
    }
    var fraction = definition.predicate == nil ? 1.0 : 0.05
    var keys = definition.keys[...]
    var matched = false
    while let key = keys.first {
      let condition = use.conditions.first { $0.subjects.count == 1 && $0.subjects[0].key == key.subject }
      let isJoin = use.joins.contains { $0.subject.key == key.subject }
      guard condition != nil || isJoin else { break }
      let part = condition.map { selectivity($0, table) } ?? 0.001
      fraction *= part
      matched = true
      keys = keys.dropFirst()
      if case .between? = condition?.comparison { break }
      if case .greater? = condition?.comparison { break }
      if case .oneOf? = condition?.comparison { break }
    }
    let columns = Set(definition.keys.compactMap(\.columnName) + definition.included)
    let covers = !use.referencesWholeRow && Set(use.referenced).isSubset(of: columns)
    let perRow = covers ? 0.5 : 2.0
    if let order = use.orders.first, zip(order.keys, keys).allSatisfy({ $0.subject.key == $1.subject }),
      order.keys.count <= keys.count
    {
      let directions = zip(order.keys, keys).map { $0.descending == $1.descending }
      if Set(directions).count == 1 {
        // Rows that fail the conditions the index does not test are read, too.
        let passing = use.conditions.map { selectivity($0, table) }.reduce(1, *) / fraction
        let rows = order.hasLimit ? min(20 / passing, table.rows * fraction) : table.rows * fraction
        return 5 + rows * perRow
      }
    }
    guard matched || definition.predicate != nil || covers else { return nil }
    return 5 + table.rows * fraction * perRow + sort
  }

  private func text(_ condition: Condition) -> String {
    guard let column = condition.column else { return "" }
    switch (condition.comparison, condition.operand) {
    case (.equal, .constant(let sql)): return column + " = " + sql
    case (.isNull, _): return column + " IS NULL"
    case (.isFalse, _): return "NOT " + column
    case (.isTrue, _): return column
    default: return ""
    }
  }

  private func selectivity(_ condition: Condition, _ table: TableFacts) -> Double {
    let distinct = condition.column.flatMap { table.column($0)?.distinct } ?? 100
    switch condition.comparison {
    case .equal: return 1 / distinct
    case .oneOf(let count): return Double(max(count, 1)) / distinct
    case .isNull, .isFalse, .isTrue: return 0.05
    case .less, .greater, .lessOrEqual, .greaterOrEqual, .between, .like: return 0.1
    default: return 1
    }
  }
}

extension IndexSubject {
  fileprivate var key: IndexDefinition.Key.Subject {
    switch self {
    case .column(let name): .column(name)
    case .expression(let sql, _): .expression(sql)
    }
  }
}

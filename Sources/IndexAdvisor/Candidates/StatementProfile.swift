internal import Model
internal import SQLText
internal import WhatIf

/// One query of the workload taken apart: what its instances have in common, and which of its constants never change.
struct StatementProfile: Sendable {
  /// One mention of a known table.
  struct Use: Sendable {
    var table: TableFacts
    var use: RelationUse
    /// Conditions that are the same in every instance and may be a partial index's predicate.
    var stable: [Condition]
  }

  var uses: [Use]
  /// Tables and the columns of each that the statement mentions: an index without any of them cannot matter.
  var columns: [RelationName: Set<String>]
  /// Relations that are no known table.
  var unknown: [RelationName]

  /// - Throws: `AnalysisError` of the first instance where none can be analysed.
  init(_ query: Workload.Query, _ schema: Schema) throws(AnalysisError) {
    var analyses: [StatementAnalysis] = []
    var failure: AnalysisError?
    let path = query.instances.first?.statement.searchPath ?? []
    let analyzer = StatementAnalyzer(
      columns: { schema.table($0, searchPath: path)?.columns.map(\.name) },
      view: { schema.view($0, searchPath: path) })
    for instance in query.instances {
      do throws(AnalysisError) {
        analyses.append(try analyzer.analyze(instance.statement.sql))
      } catch { failure = failure ?? error }
    }
    guard let first = analyses.first else { throw failure ?? .notOneQuery }
    // Instances of one fingerprint can differ in list lengths only, so the mentions agree in number and order.
    let comparable = analyses.filter { $0.uses.map(\.relation) == first.uses.map(\.relation) }
    uses = []
    columns = [:]
    unknown = []
    for (i, use) in first.uses.enumerated() {
      guard let table = schema.table(use.relation, searchPath: path) else {
        unknown.append(use.relation)
        continue
      }
      let others = comparable.dropFirst().map { $0.uses[i] }
      let stable = use.conditions.filter { condition in
        Self.isStable(condition, others: others.map(\.conditions), query: query, instances: comparable.count)
      }
      uses.append(Use(table: table, use: use, stable: stable))
      var mentioned = Set(use.referenced)
      if use.referencesWholeRow { mentioned.formUnion(table.columns.map(\.name)) }
      columns[table.name, default: []].formUnion(mentioned)
    }
  }

  /// A condition without a value is part of the statement's text. One with a constant is, too, where other values of
  /// the statement come as parameters: the application wrote it there. Otherwise it takes three instances that agree
  /// in it and differ elsewhere.
  private static func isStable(
    _ condition: Condition, others: [[Condition]], query: Workload.Query, instances: Int
  ) -> Bool {
    guard condition.column != nil else { return false }
    switch condition.comparison {
    case .isNull, .isNotNull, .isTrue, .isFalse: return true
    case .equal, .oneOf, .notEqual: break
    default: return false
    }
    guard isConstant(condition.operand), others.allSatisfy({ $0.contains(condition) }) else { return false }
    if query.instances.contains(where: { hasParameters($0.statement.sql) }) { return true }
    return instances >= 3 && Set(query.instances.map(\.statement.sql)).count >= 3
  }

  private static func isConstant(_ operand: Condition.Operand) -> Bool {
    switch operand {
    case .constant(let sql): sql != "NULL"
    case .list(let list): !list.isEmpty && list.count < Condition.listLimit && list.allSatisfy(isConstant)
    default: false
    }
  }

  private static func hasParameters(_ sql: String) -> Bool {
    var previous: UInt8 = 0
    for byte in sql.utf8 {
      if previous == UInt8(ascii: "$"), (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(byte) { return true }
      previous = byte
    }
    return false
  }
}

public import Catalog
import Model
import PlannerTwin
import SQLText

/// Draws values for the placeholders of statements of which no execution was recorded, from what the planner's
/// statistics say of the columns that they are compared with.
///
/// - Equality: a common value as often as it occurs, else a bound of the histogram, each of which stands for as many rows.
/// - Comparisons: a part of the table between all of it and a thousandth, drawn on a logarithmic scale, since how narrow a
///   search is no statistics tell: the newest part for `>`, the oldest for `<`, some part for both.
/// - Lists: `listLength` values.
/// - Anything else (patterns, expressions, other operators) keeps its placeholder and is planned by averages.
///
/// The same statement gets the same values in every run.
public struct ParameterDraw: Sendable {
  private struct Values {
    var common: [(value: String, share: Double)] = []
    /// Bounds of parts of the table with equally many rows, ascending.
    var bounds: [String] = []
  }

  /// Elements of a list of which the text shows only the first.
  public static let listLength = 5

  private var values: [RelationName: [String: Values]] = [:]
  private var columns: [RelationName: [String]] = [:]
  private var views: [RelationName: String] = [:]
  private let searchPath: [String]

  /// - Throws: `SnapshotError` where a row lacks what its section must have.
  public init(_ snapshot: Snapshot) throws(SnapshotError) {
    var names: [Int64: RelationName] = [:]
    var numbers: [Int64: [Int64: String]] = [:]
    for row in snapshot["relations"] {
      names[try row.integer("oid")] = RelationName(schema: try row.string("schema"), name: try row.string("name"))
    }
    for row in snapshot["columns"] {
      let relation = try row.integer("relation")
      let name = try row.string("name")
      numbers[relation, default: [:]][try row.integer("number")] = name
      if let table = names[relation] { columns[table, default: []].append(name) }
    }
    var path = ["public"]
    for row in snapshot["settings"] where try row.string("name") == "search_path" {
      if let setting = try row.optionalString("setting") {
        let found = SearchPath.names(setting).filter { $0 != "$user" }
        if !found.isEmpty { path = found }
      }
    }
    searchPath = path
    for row in snapshot["views"] {
      guard let definition = try row.optionalString("definition"), let name = names[try row.integer("relation")] else {
        continue
      }
      views[name] = definition
    }
    for row in snapshot["column_statistics"] {
      let relation = try row.integer("relation")
      guard let table = names[relation], let column = numbers[relation]?[try row.integer("column_number")] else {
        continue
      }
      // Of a parent's two rows the one that speaks for the children too.
      if values[table]?[column] != nil, try !row.bool("is_inherited") { continue }
      values[table, default: [:]][column] = try Self.values(row)
    }
  }

  private static func values(_ row: SnapshotRow) throws(SnapshotError) -> Values {
    var found = Values()
    for slot in try row.rows("slots") {
      guard let text = try slot.optionalString("values"), let list = ArrayLiteral.elements(text) else { continue }
      switch try slot.integer("kind") {
      case 1:
        let shares = try slot.doubles("numbers")
        for (value, share) in zip(list, shares) {
          if let value { found.common.append((value, share)) }
        }
      case 2: found.bounds = list.compactMap { $0 }
      default: break
      }
    }
    return found
  }

  // MARK: Instances

  /// The statement with `count` sets of values, equal ones together, each with its share; only itself where nothing can be
  /// drawn, or where every value is as good as another.
  public func instances(
    of statement: PlannableStatement, count: Int = 5
  ) -> [(statement: PlannableStatement, share: Double)] {
    var statement = statement
    statement.sql = Placeholders.expandingLists(statement.sql, to: Self.listLength)
    guard statement.parameters == nil, Placeholders(statement.sql).count > 0, let uses = uses(statement) else {
      return [(statement, 1)]
    }
    let comparisons = uses.flatMap(comparisons)
    guard comparisons.contains(where: \.matters) else { return [(statement, 1)] }
    var places: [PlannableStatement: Int] = [:]
    var instances: [(statement: PlannableStatement, share: Double)] = []
    for number in 0..<max(1, count) {
      var random = SplitMix(seed: Self.seed(statement.id, number))
      var instance = statement
      for comparison in comparisons {
        draw(comparison, into: &instance.drawn, &random, number: number, of: max(1, count))
      }
      if let place = places[instance] {
        instances[place].share += 1 / Double(max(1, count))
      } else {
        places[instance] = instances.count
        instances.append((instance, 1 / Double(max(1, count))))
      }
    }
    return instances
  }

  private func uses(_ statement: PlannableStatement) -> [RelationUse]? {
    let path = statement.searchPath.isEmpty ? searchPath : statement.searchPath
    let (columns, views) = (columns, views)
    let analyzer = StatementAnalyzer(
      columns: { name in Self.find(name, path, columns) }, view: { name in Self.find(name, path, views) })
    return try? analyzer.analyze(statement.sql).uses
  }

  private static func find<T>(_ name: RelationName, _ path: [String], _ all: [RelationName: T]) -> T? {
    if !name.schema.isEmpty, let found = all[name] { return found }
    for schema in path {
      if let found = all[RelationName(schema: schema, name: name.name)] { return found }
    }
    return nil
  }

  private enum Comparison {
    case equal(Int, Values)
    case list([Int], Values)
    case array(Int, Values)
    /// Placeholders of the lower and the upper end.
    case range(lower: Int?, upper: Int?, Values)

    /// Whether one value is planned otherwise than another.
    var matters: Bool {
      switch self {
      case .equal(_, let values), .list(_, let values), .array(_, let values): !values.common.isEmpty
      case .range(_, _, let values): values.bounds.count >= 2
      }
    }
  }

  private func comparisons(_ use: RelationUse) -> [Comparison] {
    guard let known = Self.find(use.relation, searchPath, values) else { return [] }
    var found: [Comparison] = []
    var lower: [String: Int] = [:]
    var upper: [String: Int] = [:]
    for condition in use.conditions + use.disjunctions.flatMap({ $0.branches.flatMap { $0 } }) {
      guard let column = condition.column, let values = known[column] else { continue }
      switch (condition.comparison, condition.operand) {
      case (.equal, .parameter(let number)), (.notEqual, .parameter(let number)): found.append(.equal(number, values))
      case (.oneOf, .parameter(let number)): found.append(.array(number, values))
      case (.oneOf, .list(let operands)):
        let numbers = operands.compactMap { if case .parameter(let number) = $0 { number } else { nil } }
        found.append(.list(numbers, values))
      case (.greater, .parameter(let number)), (.greaterOrEqual, .parameter(let number)): lower[column] = number
      case (.less, .parameter(let number)), (.lessOrEqual, .parameter(let number)): upper[column] = number
      case (.between, .list(let operands)) where operands.count == 2:
        if case .parameter(let low) = operands[0], case .parameter(let high) = operands[1] {
          lower[column] = low
          upper[column] = high
        }
      default: break
      }
    }
    for column in Set(lower.keys).union(upper.keys).sorted() {
      if let values = known[column] { found.append(.range(lower: lower[column], upper: upper[column], values)) }
    }
    return found
  }

  private func draw(
    _ comparison: Comparison, into drawn: inout [Int: String], _ random: inout SplitMix, number: Int, of count: Int
  ) {
    switch comparison {
    case .equal(let place, let values): drawn[place] = Self.value(values, &random)
    case .list(let places, let values):
      for place in places { drawn[place] = Self.value(values, &random) }
    case .array(let place, let values):
      let list = (0..<Self.listLength).compactMap { _ in Self.value(values, &random) }
      if list.count == Self.listLength { drawn[place] = ArrayLiteral.text(list) }
    case .range(let lower, let upper, let values):
      let parts = values.bounds.count - 1
      guard parts >= 1 else { return }
      // From all of the table to a thousandth, evenly over the instances.
      let share = Self.power(0.001, (Double(number) + random.unit()) / Double(count))
      let width = min(parts, max(1, Int((share * Double(parts)).rounded())))
      switch (lower, upper) {
      case (let lower?, nil): drawn[lower] = values.bounds[parts - width]
      case (nil, let upper?): drawn[upper] = values.bounds[width]
      case (let lower?, let upper?):
        let start = Int(random.unit() * Double(parts - width + 1))
        drawn[lower] = values.bounds[start]
        drawn[upper] = values.bounds[start + width]
      case (nil, nil): break
      }
    }
  }

  private static func value(_ values: Values, _ random: inout SplitMix) -> String? {
    var left = random.unit()
    for (value, share) in values.common {
      left -= share
      if left < 0 { return value }
    }
    if !values.bounds.isEmpty { return values.bounds[Int(random.unit() * Double(values.bounds.count))] }
    return values.common.first?.value
  }

  /// `base` to the power of `exponent` between 0 and 1, in 64 binary steps: no two machines round it differently.
  private static func power(_ base: Double, _ exponent: Double) -> Double {
    var (result, root, rest) = (1.0, base, exponent)
    for _ in 0..<64 {
      root = root.squareRoot()
      rest *= 2
      if rest >= 1 {
        result *= root
        rest -= 1
      }
    }
    return result
  }

  /// FNV-1a of the statement's name and the number of the instance.
  private static func seed(_ id: String, _ number: Int) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var rest = number
    var bytes = Array(id.utf8)
    repeat {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    } while rest > 0
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return hash
  }
}

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
private struct SplitMix {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func unit() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }
}

internal import Model
internal import SQLText

/// The key lists that could serve one mention of a table.
struct KeyLists {
  private(set) var lists: [[IndexDefinition.Key]] = []
  /// Keys for LIKE with a fixed beginning, where the column's collation does not sort by bytes.
  private(set) var byteWise: [[IndexDefinition.Key]] = []
  /// Columns that are compared, joined, sorted or grouped.
  private(set) var usefulColumns: Set<String> = []
  /// Single columns with an equality, in the order of the statement.
  let equalities: [IndexSubject]
  /// What may follow the equalities: one of these.
  private(set) var tails: [[IndexDefinition.Key]] = []
  let joins: [[IndexSubject]]

  private let options: AdvisorOptions
  private var seen: Set<[IndexDefinition.Key]> = []

  init(_ profile: StatementProfile.Use, options: AdvisorOptions) {
    self.options = options
    let use = profile.use
    equalities = Self.distinct(
      use.conditions.flatMap { condition -> [IndexSubject] in
        switch condition.comparison {
        case .equal, .isNull, .isTrue, .isFalse: condition.subjects
        default: []
        }
      })
    // A key of several columns to one other table comes as a group; each column comes alone, too.
    var groups: [[IndexSubject]] = []
    for other in Self.distinct(use.joins.map(\.other)) {
      let subjects = Self.distinct(use.joins.filter { $0.other == other }.map(\.subject))
      if subjects.count > 1 { groups.append(Array(subjects.prefix(3))) }
      groups += subjects.map { [$0] }
    }
    joins = Self.distinct(groups)
    tails = Self.tails(use)
    byteWise = []
    for condition in use.conditions + use.disjunctions.flatMap({ $0.branches.flatMap { $0 } }) {
      usefulColumns.formUnion(condition.subjects.flatMap(\.columns))
    }
    usefulColumns.formUnion(joins.flatMap { $0 }.flatMap(\.columns))
    usefulColumns.formUnion(tails.flatMap { $0 }.compactMap(\.columnName))
    combine()
    for disjunction in use.disjunctions { addBranches(disjunction) }
    addByteWise(profile)
  }

  // MARK: Parts

  private static func tails(_ use: RelationUse) -> [[IndexDefinition.Key]] {
    var tails: [[IndexDefinition.Key]] = []
    for order in use.orders { tails.append(order.keys.map(key)) }
    for condition in use.conditions {
      switch condition.comparison {
      case .oneOf, .less, .lessOrEqual, .greater, .greaterOrEqual, .between:
        tails.append(condition.subjects.map { IndexDefinition.Key($0.keySubject) })
      case .like, .isNotNull:
        tails.append(condition.subjects.map { IndexDefinition.Key($0.keySubject) })
      default: break
      }
    }
    // A list is as good as an equality before the order that follows it, when the planner may merge or sort little.
    for order in use.orders {
      for condition in use.conditions {
        guard case .oneOf = condition.comparison, condition.subjects.count == 1 else { continue }
        tails.append([IndexDefinition.Key(condition.subjects[0].keySubject)] + order.keys.map(key))
      }
    }
    let ranges = use.conditions.filter {
      switch $0.comparison {
      case .less, .lessOrEqual, .greater, .greaterOrEqual, .between: true
      default: false
      }
    }
    let lists = use.conditions.filter { if case .oneOf = $0.comparison { true } else { false } }
    for list in lists {
      for range in ranges {
        tails.append((list.subjects + range.subjects).map { IndexDefinition.Key($0.keySubject) })
      }
    }
    for grouping in use.groupings { tails.append(grouping.map { IndexDefinition.Key($0.keySubject) }) }
    return distinct(tails)
  }

  private static func key(_ key: SortOrder.Key) -> IndexDefinition.Key {
    IndexDefinition.Key(key.subject.keySubject, descending: key.descending, nullsFirst: key.nullsFirst)
  }

  // MARK: Combining

  private mutating func combine() {
    let bases = Self.orders(of: equalities)
    for base in bases {
      for tail in tails { add(keys(base) + tail) }
      for join in joins {
        add(keys(base) + keys(join))
        add(keys(join) + keys(base))
        for tail in tails {
          add(keys(join) + keys(base) + tail)
          add(keys(base) + keys(join) + tail)
        }
      }
      add(keys(base))
    }
    for subject in equalities { for tail in tails { add(keys([subject]) + tail) } }
    for join in joins {
      add(keys(join))
      for other in joins where other != join { add(keys(join) + keys(other)) }
    }
    for tail in tails {
      add(tail)
      for join in joins { add(tail + keys(join)) }
    }
    addBackward()
  }

  /// An order can be read backwards; where it is all descending the ascending twin serves as well and other queries,
  /// too. The planner knows; so only the ascending form is kept when no key before it says otherwise.
  private mutating func addBackward() {
    for list in lists {
      let tail = list.drop { !$0.descending }
      guard !tail.isEmpty, tail.allSatisfy({ $0.descending && $0.nullsFirst == nil }) else { continue }
      add(list.map { IndexDefinition.Key($0.subject, operatorClass: $0.operatorClass) })
    }
  }

  private mutating func addBranches(_ disjunction: Disjunction) {
    for branch in disjunction.branches {
      var equal: [IndexSubject] = []
      var rest: [IndexSubject] = []
      for condition in branch {
        switch condition.comparison {
        case .equal, .isNull, .isTrue, .isFalse: equal += condition.subjects
        case .oneOf, .less, .lessOrEqual, .greater, .greaterOrEqual, .between, .like: rest += condition.subjects
        default: break
        }
      }
      for base in Self.orders(of: Self.distinct(equal)) {
        for tail in Self.distinct(rest) { add(keys(base) + keys([tail])) }
        add(keys(base))
        for common in Self.orders(of: equalities) where !common.isEmpty { add(keys(common) + keys(base)) }
      }
      for join in joins { add(keys(join) + keys(Self.distinct(equal + rest))) }
    }
  }

  private mutating func addByteWise(_ profile: StatementProfile.Use) {
    for condition in profile.use.conditions where condition.comparison == .like {
      guard let name = condition.column, let column = profile.table.column(name), column.isText, !column.sortsByBytes,
        Self.mayHaveFixedBeginning(condition.operand)
      else { continue }
      let operatorClass = column.type.hasPrefix("character(") ? "bpchar_pattern_ops" : "text_pattern_ops"
      let key = IndexDefinition.Key(.column(name), operatorClass: operatorClass)
      byteWise.append([key])
      for base in Self.orders(of: equalities) where !base.isEmpty { byteWise.append(keys(base) + [key]) }
    }
    byteWise = Self.distinct(byteWise)
  }

  private static func mayHaveFixedBeginning(_ operand: Condition.Operand) -> Bool {
    switch operand {
    case .constant(let sql): !sql.hasPrefix("'%") && !sql.hasPrefix("'_")
    case .parameter: true
    default: false
    }
  }

  /// Adds the list and each prefix of it, cut to the width allowed, every subject once.
  private mutating func add(_ list: [IndexDefinition.Key]) {
    var unique: [IndexDefinition.Key] = []
    for key in list where !unique.contains(where: { $0.subject == key.subject }) { unique.append(key) }
    unique = Array(unique.prefix(options.maximumKeyColumns))
    while !unique.isEmpty {
      guard seen.insert(unique).inserted else { return }
      lists.append(unique)
      unique.removeLast()
    }
  }

  private func keys(_ subjects: [IndexSubject]) -> [IndexDefinition.Key] {
    subjects.map { IndexDefinition.Key($0.keySubject) }
  }

  /// All orders of up to three subjects; of more, each one first once.
  static func orders(of subjects: [IndexSubject]) -> [[IndexSubject]] {
    switch subjects.count {
    case 0: return [[]]
    case 1: return [subjects]
    case 2, 3:
      return subjects.indices.flatMap { i -> [[IndexSubject]] in
        var rest = subjects
        let first = rest.remove(at: i)
        return orders(of: rest).map { [first] + $0 }
      }
    default:
      return subjects.indices.map { i in
        var rest = subjects
        let first = rest.remove(at: i)
        return [first] + rest
      }
    }
  }

  static func distinct<Element: Hashable>(_ elements: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return elements.filter { seen.insert($0).inserted }
  }
}

extension IndexSubject {
  var keySubject: IndexDefinition.Key.Subject {
    switch self {
    case .column(let name): .column(name)
    case .expression(let sql, _): .expression(sql)
    }
  }
}

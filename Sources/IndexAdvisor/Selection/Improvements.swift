internal import Model

/// New candidates from chosen ones: what one query's candidates cannot suggest.
enum Improvements {
  /// Merges of two indexes of one table into one that serves both, wider and narrower forms, keys exchanged.
  ///
  /// - Parameter runnersUp: candidates that came near, most gain first: what they have more is worth a merge, too.
  static func of(
    _ chosen: [IndexDefinition], runnersUp: [IndexDefinition], options: AdvisorOptions, version: ServerVersion
  ) -> [IndexDefinition] {
    var result: [IndexDefinition] = []
    for a in chosen {
      let near = runnersUp.filter { $0.table == a.table && $0.keys.first == a.keys.first }.prefix(12)
      for b in chosen + near where a != b && a.table == b.table && a.predicate == b.predicate && a.method == b.method {
        result += merges(a, b, options, version)
        result += merges(b, a, options, version)
      }
      result += variants(a)
    }
    var seen = Set(chosen)
    return result.filter { seen.insert($0).inserted }
  }

  /// `a`'s keys first, then what `b` has beyond them, as keys and as included columns.
  private static func merges(
    _ a: IndexDefinition, _ b: IndexDefinition, _ options: AdvisorOptions, _ version: ServerVersion
  ) -> [IndexDefinition] {
    let subjects = Set(a.keys.map(\.subject))
    let rest = b.keys.filter { !subjects.contains($0.subject) }
    let included = Array(Set(a.included + b.included)).sorted()
    var result: [IndexDefinition] = []
    if a.keys.count + rest.count <= options.maximumKeyColumns + 1 {
      var merged = a
      merged.keys += rest
      let columns = Set(merged.keys.compactMap(\.columnName))
      merged.included = included.filter { !columns.contains($0) }
      result.append(merged)
    }
    if version.major >= 11, options.includesCovering {
      var merged = a
      let columns = Set(a.keys.compactMap(\.columnName))
      let carried = Set(included + rest.compactMap(\.columnName)).subtracting(columns)
      merged.included = carried.sorted()
      if merged.included.count <= options.maximumIncludedColumns, rest.allSatisfy({ $0.columnName != nil }) {
        result.append(merged)
      }
    }
    return result
  }

  private static func variants(_ definition: IndexDefinition) -> [IndexDefinition] {
    var result: [IndexDefinition] = []
    if definition.keys.count > 1 {
      var shorter = definition
      shorter.keys.removeLast()
      result.append(shorter)
      for i in 1..<definition.keys.count {
        var exchanged = definition
        exchanged.keys.swapAt(i - 1, i)
        result.append(exchanged)
      }
    }
    if !definition.included.isEmpty {
      var bare = definition
      bare.included = []
      result.append(bare)
      for column in definition.included {
        // As a key it can restrict and order, and without INCLUDE duplicates are stored once.
        var keyed = definition
        keyed.keys.append(.column(column))
        keyed.included.removeAll { $0 == column }
        result.append(keyed)
      }
    }
    if definition.predicate != nil {
      var whole = definition
      whole.predicate = nil
      result.append(whole)
    }
    return result
  }
}

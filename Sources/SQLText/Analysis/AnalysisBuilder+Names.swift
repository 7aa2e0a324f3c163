internal import Bytes

/// Finding the column that a name means.
extension AnalysisBuilder {
  /// The base column behind a `ColumnRef`, recorded as referenced; nil where it is computed, unknown or a whole row.
  mutating func resolve(_ reference: JSONTree) -> Origin? {
    let fields = reference["fields"]?.elements ?? []
    let names = fields.compactMap { $0["String"]?["sval"]?.string }
    if names.count < fields.count {
      wholeRow(qualifier: names.last)
      return nil
    }
    guard let column = names.last else { return nil }
    let origin: Origin?
    if names.count >= 2 {
      origin = resolve(column, qualifier: names[names.count - 2])
    } else {
      origin = resolve(unqualified: column)
      if origin == nil, let source = source(alias: column) { referenceWholeRow(source) }
    }
    if let origin { self.reference(origin) }
    return origin
  }

  /// `*` or `alias.*`.
  private mutating func wholeRow(qualifier: String?) {
    if let qualifier {
      if let source = source(alias: qualifier) { referenceWholeRow(source) }
    } else {
      for item in scopes.last?.items ?? [] { referenceWholeRow(item.source) }
    }
  }

  private func source(alias: String) -> Scope.Source? {
    for scope in scopes.reversed() {
      if let item = scope.items.first(where: { $0.alias == alias }) { return item.source }
    }
    return nil
  }

  private func resolve(_ column: String, qualifier: String) -> Origin? {
    guard let source = source(alias: qualifier) else { return nil }
    return resolve(column, in: source, isOnly: true)
  }

  private func resolve(unqualified column: String) -> Origin? {
    for scope in scopes.reversed() {
      if let origin = resolve(column, in: scope.items[...]) { return origin }
      // A computed column of this level hides the names of outer ones.
      let isComputed = scope.items.contains { columnNames($0.source).contains(column) }
      if isComputed { return nil }
    }
    return nil
  }

  func resolve(_ column: String, in items: ArraySlice<Scope.Item>) -> Origin? {
    for item in items { if let origin = resolve(column, in: item.source, isOnly: items.count == 1) { return origin } }
    return nil
  }

  /// A relation whose columns are not known is taken to have the column only where no other could.
  private func resolve(_ column: String, in source: Scope.Source, isOnly: Bool) -> Origin? {
    switch source {
    case .base(let use):
      if let known = columns(uses[use].relation) {
        return known.contains(column) ? Origin(use: use, column: column) : nil
      }
      return isOnly ? Origin(use: use, column: column) : nil
    case .derived(let columns): return columns.first { $0.name == column }?.origin
    case .opaque: return nil
    }
  }
}

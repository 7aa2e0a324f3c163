import Glibc
import IndexSize

/// How frequent the values of a column, or the combinations of several, are: classes of values that are about equally
/// frequent.
struct KeyClasses {
  struct Class {
    /// Share of the rows that have one of these values.
    var share: Double
    /// Values in the class.
    var values: Double
    var isNull = false
    /// Stored width of the values, where it is known.
    var width: Int?
  }

  private(set) var classes: [Class]

  /// Classes that are kept apart; more would not change a size.
  private static let limit = 48

  /// A column: each common value, null, and all others alike.
  init(_ column: IndexedColumn) {
    let widths = column.commonWidths.count == column.commonFrequencies.count ? column.commonWidths : []
    classes = column.commonFrequencies.enumerated().filter { $0.element > 0 }.map { place, share in
      Class(share: share, values: 1, width: widths.isEmpty ? nil : widths[place])
    }
    if column.nullFraction > 0 { classes.append(Class(share: column.nullFraction, values: 1, isNull: true)) }
    if !column.others.isEmpty {
      classes += column.others.map { Class(share: $0.share, values: $0.values) }
      return
    }
    let others = column.distinct - Double(column.commonFrequencies.count)
    let rest = 1 - classes.reduce(0) { $0 + $1.share }
    if rest > 1e-9 || classes.isEmpty {
      let values = max(1, others)
      classes.append(Class(share: max(rest, 1e-9) / values, values: values))
    }
  }

  /// Values that are all alike.
  init(distinct: Double) { classes = [Class(share: 1 / max(1, distinct), values: max(1, distinct))] }

  private init(classes: [Class]) { self.classes = classes }

  /// The combinations with another column, as if the two had nothing to do with each other.
  func combined(with other: KeyClasses) -> KeyClasses {
    let (a, b) = (compressed(), other.compressed())
    return KeyClasses(
      classes: a.classes.flatMap { a in
        b.classes.map { b in
          Class(share: a.share * b.share, values: a.values * b.values, isNull: a.isNull && b.isNull)
        }
      })
  }

  /// Fewer classes: neighbours in frequency are taken together.
  private func compressed() -> KeyClasses {
    guard classes.count > Self.limit else { return self }
    let sorted = classes.sorted { $0.share > $1.share }
    var merged: [Class] = []
    let step = (sorted.count + Self.limit - 1) / Self.limit
    for start in stride(from: 0, to: sorted.count, by: step) {
      let part = sorted[start..<min(start + step, sorted.count)]
      let values = part.reduce(0) { $0 + $1.values }
      merged.append(
        Class(
          share: part.reduce(0) { $0 + $1.share * $1.values } / values, values: values,
          isNull: part.contains(where: \.isNull)))
    }
    return KeyClasses(classes: merged)
  }

  /// The keys of a single column that occur among so many rows: all of them.
  func groups(rows: Double) -> [KeyGroup] {
    classes.map { KeyGroup(rows: max(1, $0.share * rows), values: $0.values, isNull: $0.isNull, width: $0.width) }
  }

  /// The combinations that occur with those of another column, among so many rows. Each of our values has its rows, and
  /// of the r rows of one value at least one has another column's value of share q with a chance of 1 - (1 - q)^r.
  func groups(rows: Double, with other: KeyClasses) -> [KeyGroup] {
    compressed().classes.flatMap { own in
      let each = max(1, own.share * rows)
      return other.compressed().classes.compactMap { item -> KeyGroup? in
        let occurring = item.share < 1 ? -expm1(each * log1p(-item.share)) : 1
        guard occurring > 1e-12 else { return nil }
        return KeyGroup(
          rows: max(1, each * item.share / occurring), values: own.values * item.values * occurring,
          isNull: own.isNull && item.isNull)
      }
    }
  }
}

internal import Bytes

/// What of an earlier capture (`CatalogBase`) is still true, and what must be asked again.
///
/// Rows of a relation are kept while its version (`VersionQueries`) is the same; sizes, tree heights and extremes
/// besides only while the server counted no row written to it and nobody may be writing. Everything is asked again when
/// an object changed whose name other relations' definitions show.
struct CatalogRenewal: Sendable {
  private let base: CatalogBase
  /// Relations as they are now.
  private var current: Set<Int64> = []
  /// Relations whose definition or planner statistics changed, and new ones.
  private(set) var changed: Set<Int64> = []
  /// Those, and relations whose contents may have changed.
  private(set) var touched: Set<Int64> = []
  /// Indexes and the relations that they are on, as they were and as they are.
  private var oldIndexes: [Int64: Int64] = [:]
  private var indexes: [Int64: Int64] = [:]
  private let flags: Set<Flag>

  /// - Parameters:
  ///   - versions: rows of `relation_versions`, now.
  ///   - counters: rows of `stat_tables`, now; nil where they cannot be trusted to tell what is written.
  ///   - indexCounters: rows of `stat_indexes`, now.
  ///   - written: relations that somebody may be writing to.
  /// - Returns: nil where nothing can be kept.
  init?(
    base: CatalogBase, flags: Set<Flag>, versions: [CatalogBase.Line], counters: [CatalogBase.Line]?,
    indexCounters: [CatalogBase.Line], written: Set<Int64>
  ) {
    guard let old = base[VersionQueries.versions.name], let oldRelations = base["relations"],
      let oldIndexRows = base["indexes"]
    else { return nil }
    self.base = base
    self.flags = flags
    func texts(_ lines: [CatalogBase.Line]) -> [Int64: String] {
      var texts: [Int64: String] = [:]
      for line in lines { texts[line.first] = line.tree()?["version"]?.string }
      return texts
    }
    let (before, after) = (texts(old), texts(versions))
    guard let names = after[0], before[0] == names else { return nil }
    current = Set(versions.map(\.first)).subtracting([0])
    changed = current.filter { before[$0] == nil || before[$0] != after[$0] }
    for line in oldRelations + (base["views"] ?? []) where line.tree()?["is_locked"]?.bool == true {
      changed.insert(line.first)
    }
    changed.formIntersection(current)
    for line in oldIndexRows { if let relation = line.second { oldIndexes[line.first] = relation } }

    let stored = Set(
      oldRelations.filter { ["table", "materialized_view"].contains($0.tree()?["kind"]?.string) }.map(\.first))
    touched = changed.union(written.intersection(current))
    if let counters, let oldCounters = base["stat_tables"] {
      let (then, now) = (Self.written(oldCounters), Self.written(counters))
      touched.formUnion(stored.intersection(current).filter { then[$0] == nil || then[$0] != now[$0] })
      touched.formUnion(Self.usedFirst(base["stat_indexes"] ?? [], indexCounters, oldIndexes).intersection(current))
    } else {
      touched.formUnion(stored.intersection(current))
    }
  }

  /// Rows written to each table since the statistics were last reset.
  private static func written(_ lines: [CatalogBase.Line]) -> [Int64: [Int64?]] {
    var counts: [Int64: [Int64?]] = [:]
    for line in lines {
      let tree = line.tree()
      counts[line.first] = ["n_tup_ins", "n_tup_upd", "n_tup_del"].map { tree?[$0]?.integer }
    }
    return counts
  }

  /// Relations with an index that was used for the first time: now its ends may be looked at (`extremes`).
  private static func usedFirst(
    _ before: [CatalogBase.Line], _ after: [CatalogBase.Line], _ relations: [Int64: Int64]
  ) -> Set<Int64> {
    func unused(_ lines: [CatalogBase.Line]) -> Set<Int64> {
      // relid and indexrelid lead these rows.
      Set(lines.filter { $0.tree()?["idx_scan"]?.integer == 0 }.compactMap(\.second))
    }
    return Set(unused(before).symmetricDifference(unused(after)).compactMap { relations[$0] })
  }

  /// What to do for a section.
  enum Plan: Sendable {
    /// Ask for everything.
    case all
    /// Ask for the rows of these relations and indexes; none at all if there are none.
    case some([Int64])
  }

  func plan(_ section: Section, canChoose: Bool) -> Plan {
    guard let reuse = section.reuse, base[section.name] != nil, reuse.needs.map(flags.contains) ?? true else {
      return .all
    }
    let relations = reuse.followsContents ? touched : changed
    if reuse.owner == .all {
      return changed.isEmpty && gone.isEmpty ? .some([]) : .all
    }
    // Half of everything one by one costs more than everything at once.
    guard relations.isEmpty || canChoose && relations.count * 2 < current.count else { return .all }
    guard reuse.owner == .firstOrIndex else { return .some(relations.sorted()) }
    return .some((relations.sorted() + indexes.filter { relations.contains($0.value) }.map(\.key)).sorted())
  }

  private var gone: Set<Int64> {
    Set((base[VersionQueries.versions.name] ?? []).map(\.first)).subtracting(current).subtracting([0])
  }

  /// Puts the rows of the base that stay among the new ones, in the section's order.
  func merge(_ section: Section, into part: inout (outcome: LiveCapture.Outcome.SectionOutcome, lines: [UInt8])) {
    guard let reuse = section.reuse, let old = base[section.name] else { return }
    let new = part.lines
    let renewed = reuse.followsContents ? touched : changed
    let kept = old.filter { line in
      let relation: Int64? =
        switch reuse.owner {
        case .first: line.first
        case .second: line.second
        case .firstOrIndex: oldIndexes[line.first] ?? line.first
        case .all: nil
        }
      guard let relation else { return reuse.owner == .all }
      return current.contains(relation) && !renewed.contains(relation)
    }
    let added = CatalogBase.lines(new)
    func order(_ line: CatalogBase.Line) -> Int64 {
      reuse.isOrderedByRelation ? line.second ?? line.first : line.first
    }
    var lines: [UInt8] = []
    lines.reserveCapacity(new.count + kept.reduce(0) { $0 + $1.bytes.count + 1 })
    var (i, j) = (0, 0)
    while i < kept.count || j < added.count {
      let takesOld = j == added.count || i < kept.count && order(kept[i]) <= order(added[j])
      lines += takesOld ? kept[i].bytes : added[j].bytes
      lines.append(UInt8(ascii: "\n"))
      if takesOld { i += 1 } else { j += 1 }
    }
    part.outcome.rows = kept.count + added.count
    part.outcome.reusedRows = kept.count
    part.lines = lines
  }

  /// Takes note of the indexes as they are.
  mutating func note(indexes lines: [UInt8]) {
    for line in CatalogBase.lines(lines) { if let relation = line.second { indexes[line.first] = relation } }
  }

  /// Whether a relation, a column or a sequence that was there before has another name now: others' definitions show
  /// names.
  func isRenamed(_ section: Section, now lines: [UInt8]) -> Bool {
    let named = [SchemaQueries.sequences.name, RelationQueries.relations.name, RelationQueries.columns.name]
    guard named.contains(section.name) else { return false }
    guard let old = base[section.name] else { return true }
    let isAmong: Set<Int64>? = section.name == SchemaQueries.sequences.name ? nil : changed
    func names(_ lines: [CatalogBase.Line]) -> [Int64: [JSONTree?]] {
      var names: [Int64: [JSONTree?]] = [:]
      for line in lines where isAmong?.contains(line.first) ?? true {
        let tree = line.tree()
        // A column's number is below 2048; the other sections have no numbers.
        let number = tree?["number"]?.integer ?? 0
        names[line.first * 2_048 + number] = [tree?["schema"], tree?["name"]]
      }
      return names
    }
    let (before, after) = (names(old), names(CatalogBase.lines(lines)))
    return before.contains { id, name in after[id].map { $0 != name } ?? false }
  }
}
